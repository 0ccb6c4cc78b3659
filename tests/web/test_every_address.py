"""Every address of the site, with every role and with the objects of a stranger."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from books import exports
from books.models import Export
from ledger import periods, seals
from ledger import queries as books
from payments.donations import intend
from payments.models import BankLine, BankStatement, PayeeAccount, PayoutRun
from people.models import Membership, Organisation, OrganisationKind, Role, User
from programmes.models import FundingRequest
from tests import cast
from tests.books.road import Road, travelled
from tests.cast import NOW, TODAY
from tests.web.signing_in import signed_in
from tests.web.staff.street import letters

# Doors without a gate: for anyone, or with a key of their own (a cheque's code, Stripe's signature).
OPEN = {
    "web.public": "for anyone",
    "web.residents": "for who holds a code",
    "web.webhooks": "for who can sign",
    "web.second_step": "allauth's own pages, about one's own account",
    "allauth": "about one's own account",
    "django.views": "language and redirects",
}


# (Name of an address, name in it) -> what stands there. "": in every address that says nothing of its own.
Objects = dict[tuple[str, str], object]


@dataclass(frozen=True)
class Address:
    route: str
    pattern: URLPattern

    @property
    def audience(self) -> Any:
        return getattr(self.pattern.callback, "audience", None)

    def for_roles(self) -> tuple[Role, ...]:
        return self.audience if isinstance(self.audience, tuple) else ()

    def filled(self, objects: "Objects") -> str:
        """The path with the ids of these objects."""
        route = self.route
        for name in self.pattern.pattern.converters:
            own = (str(self.pattern.name), name)
            value = objects[own if own in objects else ("", name)]
            start = route.index(f":{name}>")
            route = route[: route.rindex("<", 0, start)] + str(value) + route[start + len(name) + 2 :]
        return f"/{route}"


def addresses(patterns: list[Any] | None = None, before: str = "") -> Iterator[Address]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield Address(before + str(pattern.pattern), pattern)


GATED = [address for address in addresses() if address.for_roles()]
OWN = [address for address in addresses() if address.audience == "account"]


def objects_of(road: Road) -> Objects:
    """Something real for each name in an address. All of it belongs to De Klinker, its sponsor or the operator."""
    letters(road.run)
    # A bank account is looked at while its initiator may still be paid on it.
    lights = cast.campaign(road.here, road.programme, title="Winterlichtjes")
    fund_ids = [road.programme.fund_id]
    account_id = books.accounts_of(fund_ids=fund_ids).order_by("pk")[0].pk
    with_receipt = books.entries_by_source(source=f"receipt:{road.receipt.pk}").get()
    return {
        ("", "programme_id"): road.programme.pk,
        ("", "run_id"): road.run.pk,
        ("staff_payment_file", "run_id"): PayoutRun.objects.get().pk,
        ("", "number"): 1,
        ("", "cheque_id"): road.run.cheques.order_by("pk")[0].pk,
        ("", "slug"): road.campaign.slug,
        ("", "payout_id"): road.payout.pk,
        ("", "receipt_id"): road.receipt.pk,
        ("", "statement_id"): BankStatement.objects.order_by("pk")[0].pk,
        ("", "line_id"): BankLine.objects.order_by("pk")[0].pk,
        ("", "donation_id"): intend(
            campaign=lights, amount_cents=2_000, name="", message="", email="", language="nl", now=NOW
        ).pk,
        ("", "request_id"): FundingRequest.objects.order_by("pk")[0].pk,
        ("", "grant_id"): road.grant.pk,
        ("auditor_account", "account_id"): account_id,
        ("auditor_statement_pdf", "account_id"): account_id,
        ("auditor_statement_csv", "account_id"): account_id,
        ("staff_approve_account", "account_id"): PayeeAccount.objects.get().pk,
        ("", "entry_id"): books.entries_of(fund_ids=fund_ids).order_by("pk")[0].pk,
        ("auditor_document", "entry_id"): with_receipt.pk,
        ("", "thing"): "bon",
        ("", "thing_id"): road.receipt.pk,
        ("", "year"): 2026,
        ("", "export_id"): asked_for_file(road).pk,
        ("seal_file", "name"): "verify_books.py",
        ("", "key_id"): seals.add_witness(public=bytes(range(32)), holder="Huurders", now=NOW).pk,
        ("", "proposal_id"): periods.propose(
            ends_on=TODAY - timedelta(days=1), by=road.here.thea, now=NOW
        ).pk,
    }


def asked_for_file(road: Road) -> Export:
    """A file that Mees asked for, and that nobody made yet."""
    return exports.ask(
        user=road.here.mees,
        organisation=road.here.klinker,
        kind=Export.Kind.CSV,
        fund_id=None,
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
        language="nl",
        now=NOW,
    )


def people_of(road: Road) -> dict[Role, User]:
    """Who holds which role, at De Klinker, its sponsor or the operator, and no other."""
    here = road.here
    return {
        Role.STAFF: here.karin,
        Role.BROKER: here.bea,
        Role.AUDITOR: here.mees,
        Role.TREASURER: here.thea,
        Role.SPONSOR: cast.person("Sanne", road.municipality, Role.SPONSOR),
    }


def nora() -> User:
    """She has every role at Noorderwal, and none at De Klinker."""
    noorderwal = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Noorderwal", slug="noorderwal"
    )
    user = cast.person("Nora")
    for role in Role:
        Membership.objects.create(user=user, organisation=noorderwal, role=role, since=NOW)
    return user


def test_every_door_has_a_gate_or_is_known_to_be_open() -> None:
    ajar = [
        address.route
        for address in addresses()
        if address.audience is None and not address.pattern.callback.__module__.startswith(tuple(OPEN))
    ]
    assert ajar == []
    assert len(GATED) > 40


@pytest.mark.django_db
def test_who_has_not_signed_in_is_sent_to_the_door(client: Client) -> None:
    objects = objects_of(travelled())
    for address in [*GATED, *OWN]:
        for ask in (client.get, client.post):
            answer = ask(address.filled(objects))
            assert answer.status_code in (302, 405), (address.route, answer.status_code)
            assert answer.status_code == 405 or "/account/inloggen/" in answer.headers["Location"], (
                address.route
            )


@pytest.mark.django_db
def test_who_has_no_role_finds_nothing(client: Client) -> None:
    road = travelled()
    objects = objects_of(road)
    signed_in(client, road.here.fatma)
    for address in GATED:
        assert answers(client, address.filled(objects)) <= {404, 405}, address.route


@pytest.mark.django_db
def test_a_stranger_with_the_same_role_elsewhere_finds_nothing_of_ours(client: Client) -> None:
    road = travelled()
    objects = objects_of(road)
    signed_in(client, nora())
    for address in GATED:
        named = set(address.pattern.pattern.converters) - {"year"}
        if named or address.for_roles() == (Role.TREASURER,):
            assert answers(client, address.filled(objects)) <= {404, 405}, address.route


def test_each_role_gets_in_where_it_belongs_and_nowhere_else(own_database: str, client: Client) -> None:
    """On data that is committed: what an auditor downloads is read on another connection."""
    road = travelled()
    objects = objects_of(road)
    for role, user in people_of(road).items():
        signed_in(client, user)
        for address in GATED:
            path = address.filled(objects)
            if role not in address.for_roles():
                assert answers(client, path) <= {404, 405}, (role, address.route)
                continue
            looked_at = client.get(path).status_code
            assert looked_at in (200, 302, 405), (role, address.route, looked_at)
            if looked_at == 405:
                assert sent(client, path) in (200, 302, 422), (role, address.route)


def test_every_role_has_doors_of_its_own() -> None:
    assert {role for address in GATED for role in address.for_roles()} == set(Role)


@pytest.mark.django_db
def test_a_neighbour_who_also_has_an_account_finds_nothing_of_fatmas(client: Client) -> None:
    objects = objects_of(travelled())
    signed_in(client, cast.person("Henk"))
    for address in OWN:
        if "slug" in address.pattern.pattern.converters:
            assert answers(client, address.filled(objects)) <= {404, 405}, address.route


def sent(client: Client, path: str) -> int:
    """What an empty form is answered, where one can only send; what it did is undone, for the next address."""
    with transaction.atomic():
        status = client.post(path).status_code
        transaction.set_rollback(True)
    return status


def answers(client: Client, path: str) -> set[int]:
    asks: list[Callable[[str], Any]] = [client.get, client.post]
    return {ask(path).status_code for ask in asks}
