"""The people and places that the tests are about.

De Klinker is a housing corporation in Oeverdam. Karin and Youssef work there, Bea is its broker, Mees its auditor. Fatma opens a
campaign, Henk gives. Thea is the treasurer of Stichting Buurtpot, which runs the platform. Noorderwal is another corporation:
its Nora and its auditor Otto are strangers to De Klinker.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from campaigns import operations as campaigns
from campaigns.models import Campaign, Initiator
from cheques import runs
from cheques.models import ChequeRun
from ledger import operations as ledger
from ledger.chart import FundKind
from payments.bank import camt053_writer
from payments.bank.camt053 import Line, Statement
from payments.models import BankStatement
from payments.statements import import_statement
from people.models import Membership, Organisation, OrganisationKind, Role, User
from places.models import District, Dwelling, Municipality, Neighbourhood
from programmes import operations as programmes
from programmes.models import Programme

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@dataclass
class World:
    """One host with a neighbourhood, and the foundation that runs the platform."""

    operator: Organisation
    klinker: Organisation
    bloemenbuurt: Neighbourhood
    karin: User
    youssef: User
    bea: User
    mees: User
    fatma: User
    thea: User


def elsewhere(here: World) -> World:
    """The same neighbourhood with Noorderwal as its host."""
    noorderwal = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Noorderwal Wonen", slug="noorderwal"
    )
    return replace(here, klinker=noorderwal)


def person(name: str, organisation: Organisation | None = None, role: Role | None = None) -> User:
    user = User.objects.create_user(email=f"{name.lower()}@example.nl", name=name)
    if organisation is not None and role is not None:
        Membership.objects.create(
            user=user, organisation=organisation, role=role, since=NOW - timedelta(days=400)
        )
    return user


def neighbourhood(name: str, code: str = "BU05020101") -> Neighbourhood:
    town, _ = Municipality.objects.get_or_create(code="GM0502", defaults={"name": "Oeverdam"})
    district, _ = District.objects.get_or_create(
        code=f"WK{code[2:8]}", defaults={"municipality": town, "name": f"Wijk {code[6:8]}", "year": 2024}
    )
    return Neighbourhood.objects.create(
        district=district, code=code, name=name, slug=name.lower().replace(" ", "-")
    )


def world() -> World:
    operator = Organisation.objects.create(
        kind=OrganisationKind.FOUNDATION, name="Stichting Buurtpot", slug="buurtpot", is_operator=True
    )
    klinker = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION,
        name="Woonstichting De Klinker",
        slug="de-klinker",
        helpline="0800 000 00 20",
        desk="buurthuis De Spil, Tulpstraat 2",
    )
    return World(
        operator=operator,
        klinker=klinker,
        bloemenbuurt=neighbourhood("Bloemenbuurt"),
        karin=person("Karin", klinker, Role.STAFF),
        youssef=person("Youssef", klinker, Role.STAFF),
        bea=person("Bea", klinker, Role.BROKER),
        mees=person("Mees", klinker, Role.AUDITOR),
        fatma=person("Fatma"),
        thea=person("Thea", operator, Role.TREASURER),
    )


def dwellings(here: World, count: int) -> list[Dwelling]:
    return Dwelling.objects.bulk_create(
        Dwelling(
            organisation=here.klinker,
            neighbourhood=here.bloemenbuurt,
            street="Irisplein",
            house_number=number,
            postcode="3071AB",
            town="Oeverdam",
        )
        for number in range(1, count + 1)
    )


def programme(
    here: World, *, budget_cents: int = 100_000, value_cents: int = 750, name: str = "Buurtcheques 2026"
) -> Programme:
    """Made, with its budget asked for and not yet received."""
    return programmes.make_programme(
        organisation=here.klinker,
        name=name,
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 6, 30),
        budget_cents=budget_cents,
        rules=programmes.RuleSet(cheque_value_cents=value_cents),
        made_by=here.karin,
        now=NOW,
    )


def statement(*lines: Line, on: date = TODAY) -> bytes:
    """A statement of the operator's account that connects to the one before."""
    before = BankStatement.objects.order_by("-pk").first()
    opening = before.closing_cents if before else 0
    number = before.pk + 1 if before else 1
    return camt053_writer.write(
        Statement(
            identification=f"2026-{number:04d}",
            sequence_number=number,
            iban=settings.OPERATOR_IBAN,
            opening_cents=opening,
            opening_on=on,
            closing_cents=opening + sum(line.signed_cents for line in lines),
            closing_on=on,
            created_at=NOW,
            lines=lines,
        )
    )


def line(amount_cents: int, *, credit: bool = True, on: date = TODAY, **fields: str) -> Line:
    return Line(amount_cents=amount_cents, credit=credit, booked_on=on, value_on=on, **fields)  # type: ignore[arg-type]


def receive(amount_cents: int, *, reference: str) -> None:
    """Money arrives at the bank under a payment reference, and its statement is taken in."""
    content = statement(line(amount_cents, structured_reference=reference, counterparty_name="De Klinker"))
    import_statement(content=content, by=None, now=NOW)


def funded(
    here: World, *, budget_cents: int = 100_000, value_cents: int = 750, name: str = "Buurtcheques 2026"
) -> Programme:
    made = programme(here, budget_cents=budget_cents, value_cents=value_cents, name=name)
    receive(budget_cents, reference=made.fund.funding_requests.get().reference)
    return made


def issued(here: World, made: Programme, *, name: str = "Uitgifte november") -> ChequeRun:
    """A run to every dwelling of the neighbourhood."""
    run = runs.prepare(
        rules=made.rules,
        name=name,
        neighbourhoods=[here.bloemenbuurt],
        last_day_to_activate=date(2026, 12, 31),
        made_by=here.karin,
        now=NOW,
    )
    return runs.issue(run_id=run.pk, by=here.youssef, now=NOW)


def campaign(
    here: World, made: Programme, *, target_cents: int = 10_000, title: str = "Bank op het Irisplein"
) -> Campaign:
    """Fatma's, collecting for three weeks."""
    initiator, _ = Initiator.objects.get_or_create(user=here.fatma, defaults={"name": "Fatma Yıldız"})
    opened = campaigns.open_campaign(
        initiator=initiator,
        rules=made.rules,
        neighbourhood=here.bloemenbuurt,
        title=title,
        summary="Een stevige bank onder de boom.",
        story="Op het Irisplein kun je nergens zitten.",
        theme="seat",
        lines=[campaigns.PlannedLine("Bank van hardhout", target_cents)],
        deadline=NOW + timedelta(days=21),
        now=NOW,
    )
    campaigns.submit(campaign_id=opened.pk, now=NOW)
    return campaigns.approve(campaign_id=opened.pk, by=here.bea, now=NOW)


def donations_fund(here: World) -> int:
    return ledger.fund_of(organisation=here.klinker, kind=FundKind.DONATIONS, name="Donaties", now=NOW).pk
