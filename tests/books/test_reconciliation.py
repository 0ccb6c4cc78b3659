"""The books beside the bank's statement, and funds beside what they owe."""

from datetime import date

import pytest

from books import closing, reconciliation, tasks
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import refunds
from payments.statements import import_statement
from tests import cast
from tests.cast import NOW, TODAY
from tests.standin import Stripe

pytestmark = pytest.mark.django_db


def test_nothing_yet_is_equal() -> None:
    found = reconciliation.bank()
    assert (found.difference_cents, found.closing_on) == (0, None)
    assert reconciliation.unidentified().count == 0


def test_the_ledger_equals_the_statement() -> None:
    cast.funded(cast.world())
    found = reconciliation.bank()
    assert (found.ledger_cents, found.statement_cents, found.closing_on) == (100_000, 100_000, TODAY)
    assert found.statement == "2026-0001"


def test_an_entry_that_the_bank_knows_nothing_of_is_a_difference() -> None:
    here = cast.world()
    fund = ledger.fund_of(organisation=here.operator, kind=FundKind.OPERATOR, name="Eigen", now=NOW)
    bank, means = (ledger.account(fund_id=fund.pk, code=code) for code in (Code.BANK, Code.OPERATOR_MEANS))
    ledger.post(key="made up", kind="made up", moves=[ledger.Move(bank, means, 700)], now=NOW)
    assert reconciliation.bank().difference_cents == 700


def test_receipts_that_nobody_knows_stand_open_since_the_oldest() -> None:
    cast.world()
    lines = [cast.line(1_500, remittance="?", on=date(2026, 11, day)) for day in (17, 19)]
    import_statement(content=cast.statement(*lines), by=None, now=NOW)
    found = reconciliation.unidentified()
    assert (found.ledger_cents, found.open_cents, found.count) == (3_000, 3_000, 2)
    assert found.oldest_on == date(2026, 11, 17)
    assert books.total(code=Code.UNIDENTIFIED) == 3_000


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
