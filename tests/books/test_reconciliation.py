"""The books beside the bank's statement and Stripe's balance."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import requests
from django.conf import settings as site
from django.core.cache import cache
from pytest_django.fixtures import Settings

from books.reconciliation import reconcile
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import donations
from payments.sandbox.server import serve
from payments.statements import import_statement
from tests import cast
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


@pytest.fixture
def stripe(tmp_path: Path, settings: Settings) -> Iterator[str]:
    """The stand-in Stripe, listening; no webhooks."""
    with serve(
        state=tmp_path / "stripe.jsonl",
        secret_key=site.STRIPE_SECRET_KEY,
        webhook_secret=site.STRIPE_WEBHOOK_SECRET,
        clock=lambda: NOW,
    ) as url:
        settings.STRIPE_API_BASE = url
        yield url


def donated(stripe: str, here: cast.World, amount_cents: int) -> None:
    programme = cast.funded(here)
    campaign = cast.campaign(here, programme)
    donation = donations.intend(
        campaign=campaign, amount_cents=amount_cents, name="", message="", email="", language="nl", now=NOW
    )
    donations.payment_page(donation=donation, return_url="http://x.test/", cancel_url="http://x.test/")
    donation.refresh_from_db()
    requests.post(
        f"{stripe}/pay/{donation.session_id}", {"outcome": "pay"}, allow_redirects=False, timeout=10
    )
    donations.follow_up(donation=donation, now=NOW)


def test_nothing_yet_is_equal(stripe: str) -> None:
    found = reconcile(now=NOW)
    assert (found.bank.difference_cents, found.bank.closing_on) == (0, None)
    assert found.stripe.difference_cents == 0
    assert found.unidentified.count == 0


def test_the_ledger_equals_the_statement_and_stripes_balance(stripe: str) -> None:
    donated(stripe, cast.world(), 2_000)
    found = reconcile(now=NOW)
    assert (found.bank.ledger_cents, found.bank.statement_cents, found.bank.closing_on) == (
        100_000,
        100_000,
        TODAY,
    )
    assert found.bank.statement == "2026-0001"
    assert (found.stripe.ledger_cents, found.stripe.balance_cents) == (1_965, 1_965)
    assert found.stripe.difference_cents == 0


def test_what_stripe_sent_and_the_bank_did_not_show_yet_is_no_difference(stripe: str) -> None:
    donated(stripe, cast.world(), 2_000)
    made = requests.post(
        f"{stripe}/_control/payouts",
        headers={"Authorization": f"Bearer {site.STRIPE_SECRET_KEY}"},
        timeout=10,
    ).json()
    found = reconcile(now=NOW).stripe
    assert (found.ledger_cents, found.balance_cents, found.on_its_way_cents) == (1_965, 0, 1_965)
    assert found.difference_cents == 0
    line = cast.line(1_965, remittance=f"STRIPE {made['id']}", counterparty_name="Stripe")
    import_statement(content=cast.statement(line), by=None, now=NOW)
    found = reconcile(now=NOW).stripe
    assert (found.ledger_cents, found.balance_cents, found.on_its_way_cents) == (0, 0, 0)


def test_an_entry_that_the_bank_knows_nothing_of_is_a_difference(stripe: str) -> None:
    here = cast.world()
    fund = ledger.fund_of(organisation=here.operator, kind=FundKind.OPERATOR, name="Eigen", now=NOW)
    bank, means, clearing = (
        ledger.account(fund_id=fund.pk, code=code)
        for code in (Code.BANK, Code.OPERATOR_MEANS, Code.STRIPE_CLEARING)
    )
    moves = [ledger.Move(bank, means, 700), ledger.Move(clearing, means, 300)]
    ledger.post(key="made up", kind="made up", moves=moves, now=NOW)
    found = reconcile(now=NOW)
    assert (found.bank.difference_cents, found.stripe.difference_cents) == (700, 300)


def test_receipts_that_nobody_knows_stand_open_since_the_oldest(stripe: str) -> None:
    cast.world()
    lines = [cast.line(1_500, remittance="?", on=date(2026, 11, day)) for day in (17, 19)]
    import_statement(content=cast.statement(*lines), by=None, now=NOW)
    found = reconcile(now=NOW).unidentified
    assert (found.ledger_cents, found.open_cents, found.count) == (3_000, 3_000, 2)
    assert found.oldest_on == date(2026, 11, 17)
    assert books.total(code=Code.UNIDENTIFIED) == 3_000


def test_when_stripe_does_not_answer_nothing_is_claimed(settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    found = reconcile(now=NOW).stripe
    assert (found.balance_cents, found.difference_cents) == (None, None)


def test_stripe_is_not_asked_again_within_the_minute(settings: Settings, stripe: str) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": stripe}
    }
    assert reconcile(now=NOW).stripe.balance_cents == 0
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert reconcile(now=NOW).stripe.balance_cents == 0
    cache.clear()
    assert reconcile(now=NOW).stripe.balance_cents is None
