"""The books beside the bank's statement and Stripe's balance."""

from datetime import date

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from books import closing, tasks
from books.reconciliation import reconcile
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import refunds
from payments.statements import import_statement
from tests import cast
from tests.cast import NOW, TODAY
from tests.standin import Stripe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def test_nothing_yet_is_equal(stripe: Stripe) -> None:
    found = reconcile(now=NOW)
    assert (found.bank.difference_cents, found.bank.closing_on) == (0, None)
    assert found.stripe.difference_cents == 0
    assert found.unidentified.count == 0


def test_the_ledger_equals_the_statement_and_stripes_balance(stripe: Stripe) -> None:
    here = cast.world()
    stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
    found = reconcile(now=NOW)
    assert (found.bank.ledger_cents, found.bank.statement_cents, found.bank.closing_on) == (
        100_000,
        100_000,
        TODAY,
    )
    assert found.bank.statement == "2026-0001"
    assert (found.stripe.ledger_cents, found.stripe.balance_cents) == (1_965, 1_965)
    assert found.stripe.difference_cents == 0


def test_what_stripe_sent_and_the_bank_did_not_show_yet_is_no_difference(stripe: Stripe) -> None:
    here = cast.world()
    stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
    made = stripe.control("payouts")
    found = reconcile(now=NOW).stripe
    assert (found.ledger_cents, found.balance_cents, found.on_its_way_cents) == (1_965, 0, 1_965)
    assert found.difference_cents == 0
    line = cast.line(1_965, remittance=f"STRIPE {made['id']}", counterparty_name="Stripe")
    import_statement(content=cast.statement(line), by=None, now=NOW)
    found = reconcile(now=NOW).stripe
    assert (found.ledger_cents, found.balance_cents, found.on_its_way_cents) == (0, 0, 0)


def test_an_entry_that_the_bank_knows_nothing_of_is_a_difference(stripe: Stripe) -> None:
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


def test_receipts_that_nobody_knows_stand_open_since_the_oldest(stripe: Stripe) -> None:
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


def test_stripe_is_not_asked_again_within_the_minute(settings: Settings, stripe: Stripe) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": stripe.url}
    }
    assert reconcile(now=NOW).stripe.balance_cents == 0
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert reconcile(now=NOW).stripe.balance_cents == 0
    cache.clear()
    assert reconcile(now=NOW).stripe.balance_cents is None


def test_a_fund_that_owes_more_than_it_has_is_short_of_cash(
    stripe: Stripe, caplog: pytest.LogCaptureFixture
) -> None:
    """The fee of a refund was borne by an operator without means of its own. What Stripe will take back the fund still has."""
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here))
    donation = stripe.given(campaign, 2_000)
    tasks.check()
    assert (books.short_of_cash(), caplog.messages) == ([], [])
    closing.close_failed(campaign_id=campaign.pk, now=NOW)
    donation.refresh_from_db()
    refunds.refund(donation=donation, now=NOW)
    fund = books.fund_id_of_kind(organisation_id=here.klinker.pk, kind=FundKind.DONATIONS)
    assert (books.total(code=Code.BANK, fund_ids=[fund]), books.total(code=Code.STRIPE_CLEARING)) == (
        35,
        -35,
    )
    (short,) = books.short_of_cash()
    assert (short.name, short.bank_cents, short.clearing_cents) == (here.operator.name, -35, 0)
    tasks.check()
    assert caplog.messages == [f"a fund is short of cash: {short}"]
    bank = ledger.account(fund_id=fund, code=Code.BANK)
    costs = ledger.account(fund_id=fund, code=Code.OPERATOR_COSTS)
    ledger.post(key="a fee", kind="test", moves=[ledger.Move(costs, bank, 1)], now=NOW)
    assert fund in {one.fund_id for one in books.short_of_cash()}
