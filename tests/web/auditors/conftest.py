"""Mees audits De Klinker. Otto audits Noorderwal and Olga the operator: to both, other rules hold."""

from dataclasses import dataclass

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from ledger import operations as ledger
from ledger.chart import Code, FundKind
from people.models import Organisation, OrganisationKind, Role, User
from tests import cast
from tests.books.road import Road, travelled
from tests.cast import NOW
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


@pytest.fixture
def desk(db: None) -> Desk:
    return opened()


@pytest.fixture
def mees(client: Client, desk: Desk) -> Client:
    return signed_in(client, desk.mees)


@pytest.fixture
def otto(desk: Desk) -> Client:
    return signed_in(Client(), desk.otto)


@pytest.fixture
def olga(desk: Desk) -> Client:
    return signed_in(Client(), desk.olga)
