"""Mees audits De Klinker. Otto audits Noorderwal and Olga the operator: to both, other rules hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from ledger import operations as ledger
from ledger.chart import Code, FundKind
from people.models import Organisation, OrganisationKind, Role, User
from tests import cast, databases
from tests.books.road import Road, travelled
from tests.cast import NOW
from tests.databases import Kept
from tests.web.signing_in import signed_in


@dataclass
class Desk:
    """The road, with auditors of two other organisations."""

    road: Road
    mees: User
    otto: User
    olga: User
    noorderwal: Organisation


@pytest.fixture(autouse=True)
def stripe_is_away(settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def opened() -> Desk:
    road = travelled()
    noorderwal = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Noorderwal", slug="noorderwal"
    )
    fund = ledger.open_fund(kind=FundKind.PROGRAMME, name="Van Noorderwal", organisation=noorderwal, now=NOW)
    bank, budget = (ledger.account(fund_id=fund.pk, code=code) for code in (Code.BANK, Code.BUDGET))
    ledger.post(key="noorderwal", kind="bank funding", moves=[ledger.Move(bank, budget, 12_300)], now=NOW)
    return Desk(
        road,
        road.here.mees,
        cast.person("Otto", noorderwal, Role.AUDITOR),
        cast.person("Olga", road.here.operator, Role.AUDITOR),
        noorderwal,
    )


@pytest.fixture(scope="session")
def kept_desk(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept[Desk]]:
    with (
        django_db_blocker.unblock(),
        databases.kept("desk", opened, tmp_path_factory.mktemp("desk")) as kept,
        django_db_blocker.block(),
    ):
        yield kept


@pytest.fixture(scope="class")
def at_the_desk(kept_desk: Kept[Desk]) -> Iterator[Kept[Desk]]:
    """Wider than a test, so that it comes before `db`, which rolls back where this points."""
    with databases.pointed_at(kept_desk.name):
        yield kept_desk


@pytest.fixture
def desk(at_the_desk: Kept[Desk], db: None, settings: Settings) -> Desk:
    return at_the_desk.for_a_test(Path(settings.MEDIA_ROOT))


@pytest.fixture
def committed_desk(
    kept_desk: Kept[Desk], django_db_blocker: DjangoDbBlocker, settings: Settings
) -> Iterator[Desk]:
    """In a database of its own."""
    with (
        django_db_blocker.unblock(),
        databases.cloned(f"{databases.TEMPLATE}_own", of=kept_desk.name),
    ):
        yield kept_desk.for_a_test(Path(settings.MEDIA_ROOT))


@pytest.fixture
def mees(client: Client, desk: Desk) -> Client:
    return signed_in(client, desk.mees)


@pytest.fixture
def otto(desk: Desk) -> Client:
    return signed_in(Client(), desk.otto)


@pytest.fixture
def olga(desk: Desk) -> Client:
    return signed_in(Client(), desk.olga)
