"""Every address of the site, with every role and with the objects of a stranger."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from ledger import queries as books
from payments.models import BankLine, BankStatement, PayoutRun
from people.models import Membership, Organisation, OrganisationKind, Role, User
from programmes.models import FundingRequest
from tests import cast
from tests.books.road import Road, travelled
from tests.cast import NOW
from tests.web.signing_in import signed_in

# Doors without a gate: for anyone, or with a key of their own (a cheque's code, Stripe's signature).
OPEN = {
    "web.public": "for anyone",
    "web.residents": "for who holds a code",
    "web.webhooks": "for who can sign",
    "web.second_step": "allauth's own pages, about one's own account",
    "allauth": "about one's own account",
    "django.views": "language and redirects",
}


@dataclass(frozen=True)
class Address:
    route: str
    pattern: URLPattern

    @property
    def audience(self) -> Any:
        return getattr(self.pattern.callback, "audience", None)

    def for_roles(self) -> tuple[Role, ...]:
        return self.audience if isinstance(self.audience, tuple) else ()

    def filled(self, objects: dict[str, object]) -> str:
        """The path with the ids of these objects."""
        route = self.route
        for name in self.pattern.pattern.converters:
            start = route.index(f":{name}>")
            route = route[: route.rindex("<", 0, start)] + str(objects[name]) + route[start + len(name) + 2 :]
        return f"/{route}"


def addresses(patterns: list[Any] | None = None, before: str = "") -> Iterator[Address]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield Address(before + str(pattern.pattern), pattern)


GATED = [address for address in addresses() if address.for_roles()]
OWN = [address for address in addresses() if address.audience == "account"]


def objects_of(road: Road) -> dict[str, object]:
    """Something real for each name in an address. All of it belongs to De Klinker, its sponsor or the operator."""
    run = PayoutRun.objects.get()
    entry = books.entries_of(fund_ids=[road.programme.fund_id]).order_by("pk")[0]
    return {
        "programme_id": road.programme.pk,
        "run_id": road.run.pk,
        "number": 1,
        "cheque_id": road.run.cheques.order_by("pk")[0].pk,
        "slug": road.campaign.slug,
        "payout_id": road.payout.pk,
        "receipt_id": road.receipt.pk,
        "statement_id": BankStatement.objects.order_by("pk")[0].pk,
        "line_id": BankLine.objects.order_by("pk")[0].pk,
        "request_id": FundingRequest.objects.order_by("pk")[0].pk,
        "grant_id": road.grant.pk,
        "account_id": books.accounts_of(fund_ids=[road.programme.fund_id]).order_by("pk")[0].pk,
        "entry_id": entry.pk,
        "year": 2026,
        "payment_run_id": run.pk,
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


@pytest.mark.django_db
def test_each_role_gets_in_where_it_belongs_and_nowhere_else(client: Client) -> None:
    road = travelled()
    objects = objects_of(road)
    people = {Role.STAFF: road.here.karin, Role.BROKER: road.here.bea, Role.AUDITOR: road.here.mees}
    for role, user in people.items():
        signed_in(client, user)
        for address in GATED:
            if role not in address.for_roles():
                assert answers(client, address.filled(objects)) <= {404, 405}, (role, address.route)


@pytest.mark.django_db
def test_a_neighbour_who_also_has_an_account_finds_nothing_of_fatmas(client: Client) -> None:
    objects = objects_of(travelled())
    signed_in(client, cast.person("Henk"))
    for address in OWN:
        if "slug" in address.pattern.pattern.converters:
            assert answers(client, address.filled(objects)) <= {404, 405}, address.route


def answers(client: Client, path: str) -> set[int]:
    asks: list[Callable[[str], Any]] = [client.get, client.post]
    return {ask(path).status_code for ask in asks}
