"""Who lives and works in the demo: organisations, and people who can sign in."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings

from people.models import Membership, Organisation, OrganisationKind, Role, User

KLINKER, NOORDERWAL, OPERATOR, MUNICIPALITY = (
    "de-klinker",
    "noorderwal-wonen",
    "buurtpot",
    "gemeente-oeverdam",
)
DOMAIN = "demo.buurtpot.example"


@dataclass(frozen=True)
class Person:
    """`role` in `organisation`; initiators have neither. `see`: what to look at as this person, for who tries the demo."""

    key: str
    name: str
    organisation: str = ""
    role: Role | None = None
    see: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


PEOPLE = (
    Person(
        "marloes", "Marloes Hendriks", KLINKER, Role.STAFF,
        "a round of cheques and a bank account that wait for her decision; her own payout, which does not",
    ),
    Person(
        "idris", "Idris Benali", KLINKER, Role.STAFF,
        "a payout that waits for his decision; the round that he prepared himself",
    ),
    Person("jolanda", "Jolanda Prins", KLINKER, Role.BROKER, "a campaign to review"),
    Person("ruben", "Ruben van Dalen", KLINKER, Role.AUDITOR, "every booking of De Klinker, to export and check"),
    Person(
        "nadia", "Nadia Elmas", MUNICIPALITY, Role.SPONSOR,
        "what the grant of Gemeente Oeverdam has added, and to what",
    ),
    Person(
        "willem", "Willem Kuipers", OPERATOR, Role.TREASURER,
        "bank statements, money that came without its reference, and the next file for the bank",
    ),
    Person("ingrid", "Ingrid Vos", OPERATOR, Role.TREASURER, "his colleague: the second person when the books are closed"),
    Person(
        "soraya", "Soraya Mahabir",
        see="a campaign that collects, one that is done and one that was not approved",
    ),
    Person("gerrit", "Gerrit Postma", see="a campaign that reached its target and one that has just begun"),
    Person("aylin", "Aylin Demir", see="a draft to finish, and a payout on its way"),
    Person("tom", "Tom Verhoef", see="money that came in, and receipts still to hand in"),
    Person("wilma", "Wilma Schouten", see="a receipt that was refused and one that waits"),
    Person("hanneke", "Hanneke Wiersma", NOORDERWAL, Role.STAFF, "another corporation, with a look of its own"),
    Person("tjeerd", "Tjeerd Bos", NOORDERWAL, Role.STAFF, "her colleague: the second person there"),
    Person("pieter", "Pieter Dijkstra", NOORDERWAL, Role.AUDITOR, "the books of Noorderwal, and none of De Klinker's"),
    Person("hatice", "Hatice Kaya", see="a campaign that one more gift would fill"),
    Person("sietske", "Sietske Haan", see="a campaign at Noorderwal"),
)  # fmt: skip


@dataclass(frozen=True)
class SignIn:
    """A row of the table that says who can sign in, and what there is to see for them."""

    role: str
    name: str
    email: str
    see: str


NAMES = {
    KLINKER: "De Klinker",
    NOORDERWAL: "Noorderwal",
    MUNICIPALITY: "Gemeente Oeverdam",
    OPERATOR: "Buurtpot",
}


def _role(person: Person) -> str:
    return f"{person.role.value}, {NAMES[person.organisation]}" if person.role else "initiator"


SIGN_INS = tuple(SignIn(_role(person), person.name, person.email, person.see) for person in PEOPLE)


def make_organisations() -> dict[str, Organisation]:
    """By slug: two hosts, a sponsor, and the foundation that runs the platform."""
    made = [
        Organisation(
            kind=OrganisationKind.FOUNDATION, name=settings.OPERATOR_NAME, slug=OPERATOR, is_operator=True,
            registration_number="90000001", helpline="088 000 00 10",
            return_address="Postbus 10, 8990 AA Oeverdam",
        ),
        Organisation(
            kind=OrganisationKind.CORPORATION, name="Woonstichting De Klinker", slug=KLINKER,
            registration_number="90000002", helpline="0800 000 00 20",
            desk="buurthuis De Spil, Kamilleplein 1",
            return_address="De Klinker, Postbus 20, 8990 AB Oeverdam",
        ),
        Organisation(
            kind=OrganisationKind.CORPORATION, name="Noorderwal Wonen", slug=NOORDERWAL,
            registration_number="90000003", helpline="0800 000 00 30",
            desk="het wijkpunt, Schippersgang 2",
            return_address="Noorderwal Wonen, Postbus 30, 8996 AA Waddermond",
            brand="#0B4A5E", brand_strong="#07323F", brand_tint="#E4F1F4", page="#F4F7F7",
            corners="square", paving="water",
        ),
        Organisation(
            kind=OrganisationKind.MUNICIPALITY, name="Gemeente Oeverdam", slug=MUNICIPALITY,
            registration_number="90000004", helpline="14 0999",
        ),
    ]  # fmt: skip
    for organisation in made:
        organisation.full_clean()
        organisation.save()
    return {organisation.slug: organisation for organisation in made}


def make_people(*, organisations: dict[str, Organisation], since: datetime) -> dict[str, User]:
    """By key, each with an address that is known to be theirs."""
    made = {}
    for person in PEOPLE:
        user = User.objects.create_user(email=person.email, name=person.name, date_joined=since)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        if person.role is not None:
            Membership.objects.create(
                user=user, organisation=organisations[person.organisation], role=person.role, since=since
            )
        made[person.key] = user
    return made


def make_second_steps(people: dict[str, User]) -> None:
    """For whoever has a role, all with one secret of this database: one app shows everybody's code."""
    secret = generate_totp_secret()
    for person in PEOPLE:
        if person.role is not None:
            TOTP.activate(people[person.key], secret)


def has_second_steps() -> bool:
    found: bool = Authenticator.objects.filter(user__email=PEOPLE[0].email).exists()
    return found
