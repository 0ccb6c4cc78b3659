"""Settling and closing: Stripe and the bank, the end of a programme, and a mistake in a period that is closed."""

from datetime import date

import pytest

from books import closing
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.models import Period
from payments import refunds
from payments.models import BankLine
from tests import cast
from tests.books.stories.table import tells
from tests.books.stories.telling import balances, bank_shows, booked, post
from tests.cast import NOW
from tests.payments.paying import take_in
from tests.standin import Stripe


def paid_by_stripe(stripe: Stripe) -> BankLine:
    """What Stripe had for us, or wanted from us, stands on the statement."""
    paid = stripe.control("payouts")
    cents = paid["amount"]
    (line,) = take_in(cast.line(abs(cents), credit=cents > 0, remittance=f"STRIPE {paid['id']}"))
    return line


@tells("Stripe pays out to the bank")
def test_stripe_pays_out_what_donors_gave(stripe: Stripe, here: cast.World) -> None:
    """Henk gave € 20,00 and Sofie € 10,00. Two days later Stripe transfers € 29,30 in one sum; now it can be paid out."""
    bench = cast.campaign(here, cast.programme(here))
    stripe.given(bench, 2_000)
    stripe.given(bench, 1_000, name="Sofie")
    line = paid_by_stripe(stripe)
    assert booked(line.entry_id) == [(Code.BANK, Code.STRIPE_CLEARING, 2_930)]
    assert balances(cast.donations_fund(here)) == {
        Code.BANK: 2_930,
        Code.POTS: 3_000,
        Code.PAYMENT_COSTS: 70,
    }


@tells("Stripe takes back from the bank", "campaign fails: donor")
def test_stripe_takes_a_refund_from_the_bank(stripe: Stripe, here: cast.World) -> None:
    """Henk's € 20,00 was at the bank already when the bench failed. Stripe gave it back to him and takes it from the account."""
    bench = cast.campaign(here, cast.programme(here))
    donation = stripe.given(bench, 2_000)
    paid_by_stripe(stripe)
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    donation.refresh_from_db()
    refunds.refund(donation=donation, now=NOW)
    line = paid_by_stripe(stripe)
    assert booked(line.entry_id) == [(Code.STRIPE_CLEARING, Code.BANK, 2_000)]
    assert balances(cast.donations_fund(here)) == {}


@tells("programme closes", "money goes back to the funder")
def test_a_programme_closes_and_its_money_goes_back(here: cast.World) -> None:
    """The year is over; De Klinker issued € 15,00 of its € 1.000,00. The rest is set apart for it, and goes back when
    two people say so, over the bank. The budget takes nothing any more. Over the ledger: the site does not close programmes yet.
    """
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    cast.issued(here, programme)
    budget, apart, way, bank = (
        ledger.account(fund_id=programme.fund_id, code=code, key=key)
        for code, key in (
            (Code.BUDGET, ""),
            (Code.TO_RETURN, ""),
            (Code.PAYOUTS, "return:1"),
            (Code.BANK, ""),
        )
    )
    closed = post("programme closed", (budget, apart, 98_500))
    assert booked(closed) == [(Code.BUDGET, Code.TO_RETURN, 98_500)]
    ledger.close_account(account_id=budget, now=NOW)
    with pytest.raises(ledger.AccountClosed):
        post("too late", (bank, budget, 98_500))
    with pytest.raises(ledger.TwoPeopleNeeded):
        post("return approved", (apart, way, 98_500))
    approved = post("return approved", (apart, way, 98_500), here=here)
    assert booked(approved) == [(Code.TO_RETURN, Code.PAYOUTS, 98_500)]
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.CHEQUES: 1_500, Code.PAYOUTS: 98_500}
    left = post("return left", (way, bank, 98_500))
    bank_shows(left, -98_500)
    assert booked(left) == [(Code.PAYOUTS, Code.BANK, 98_500)]
    assert balances(programme.fund_id) == {Code.BANK: 1_500, Code.CHEQUES: 1_500}


@tells("programme closes")
def test_a_mistake_in_a_closed_period_is_corrected_in_the_open_one(here: cast.World) -> None:
    """In October Karin set € 250,00 apart for the funder where it had to be € 25,00. October is closed, by two people, when it is
    found. The mistake stays where it is; its reversal and the right entry stand in November, and say what they correct.
    """
    programme = cast.funded(here)
    budget, apart = (
        ledger.account(fund_id=programme.fund_id, code=code) for code in (Code.BUDGET, Code.TO_RETURN)
    )
    october = (date(2026, 10, 1), date(2026, 10, 31))

    def set_apart(key: str, cents: int, on: date) -> int:
        moves = [ledger.Move(budget, apart, cents)]
        return ledger.post(key=key, kind="set apart", moves=moves, effective_on=on, now=NOW).entry_id

    wrong = set_apart("typed wrong", 25_000, date(2026, 10, 15))
    Period.objects.create(
        starts_on=october[0], ends_on=october[1], closed_at=NOW, made_by=here.karin, approved_by=here.youssef
    )

    def of_october() -> dict[int, int]:
        lines = books.trial_balance(fund_ids=[programme.fund_id], since=october[0], until=october[1])
        return {line.code: line.closing_cents for line in lines if line.closing_cents}

    closed_as = of_october()
    with pytest.raises(ledger.PeriodClosed):
        ledger.reverse(key="in October", entry_id=wrong, effective_on=date(2026, 10, 15), now=NOW)
    undone = ledger.reverse(key="in November", entry_id=wrong, made_by=here.karin, now=NOW)
    right = set_apart("typed right", 2_500, NOW.date())

    assert booked(undone.entry_id) == [(Code.TO_RETURN, Code.BUDGET, 25_000)]
    assert booked(right) == [(Code.BUDGET, Code.TO_RETURN, 2_500)]
    assert of_october() == closed_as == {Code.BUDGET: -25_000, Code.TO_RETURN: 25_000}
    assert balances(programme.fund_id) == {
        Code.BANK: 100_000,
        Code.BUDGET: 97_500,
        Code.TO_RETURN: 2_500,
    }
