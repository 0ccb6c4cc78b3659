"""Payouts: out of the pot, over the bank, rejected by it, sent back by it."""

import pytest

from campaigns.models import Campaign, State
from ledger import queries as books
from ledger.chart import Code
from payments import payment_files, payouts
from payments.models import BankLine, Payout
from tests import cast
from tests.books.stories.table import tells
from tests.books.stories.telling import balances, booked, give, newest, street
from tests.campaigns.giving import grant
from tests.cast import NOW, TODAY
from tests.payments.paying import approved, leaving, paid_out, take_in


def reached(here: cast.World) -> tuple[Campaign, int, int]:
    """A bench of € 30,00: € 20,00 from De Klinker's cheques, € 10,00 from the municipality. And their two funds."""
    programme, stack = street(here, 4)
    sponsor = grant(here, amount_cents=50_000, percent=50)
    bench = cast.campaign(here, programme, target_cents=3_000)
    for purse in stack:
        give(purse, bench, 500)
    return bench, programme.fund_id, sponsor.fund_id


def sent(here: cast.World, bench: Campaign) -> Payout:
    """Approved, and in the file of today."""
    payout = approved(here, bench)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    payout.refresh_from_db()
    return payout


def sent_back(payout: Payout) -> BankLine:
    """The bank of the payee knows no such account (AC04)."""
    line = cast.line(payout.amount_cents, end_to_end_id=payout.end_to_end_id, return_reason="AC04")
    (row,) = take_in(line)
    payout.refresh_from_db()
    return row


OUT = [
    (Code.POTS, Code.PAYOUTS, 2_000),
    (Code.UNACCOUNTED, Code.UNACCOUNTED_CONTRA, 2_000),
    (Code.POTS, Code.PAYOUTS, 1_000),
    (Code.UNACCOUNTED, Code.UNACCOUNTED_CONTRA, 1_000),
]
BACK = [(credit, debit, cents) for debit, credit, cents in OUT]


@tells("payout approved")
def test_fatmas_bench_is_paid_from_two_funds(here: cast.World) -> None:
    """Karin proposes € 30,00 to Fatma, Youssef approves. Each fund pays its part, and from now on has it to be accounted for."""
    bench, klinkers, municipality = reached(here)
    approved(here, bench)
    assert newest("payout approved") == OUT
    assert balances(klinkers) == {
        Code.BANK: 100_000,
        Code.BUDGET: 97_000,
        Code.PURSES: 1_000,
        Code.PAYOUTS: 2_000,
        Code.UNACCOUNTED: 2_000,
        Code.UNACCOUNTED_CONTRA: 2_000,
    }
    assert balances(municipality) == {
        Code.BANK: 50_000,
        Code.BUDGET: 49_000,
        Code.PAYOUTS: 1_000,
        Code.UNACCOUNTED: 1_000,
        Code.UNACCOUNTED_CONTRA: 1_000,
    }


@tells("bank statement shows it leaving")
def test_the_money_leaves_the_account(here: cast.World) -> None:
    """The file went to the bank; that moved nothing. The statement of the next day shows the € 30,00 leaving."""
    bench, klinkers, municipality = reached(here)
    payout = sent(here, bench)
    assert books.total(code=Code.PAYOUTS) == 3_000
    (line,) = take_in(leaving(payout))
    assert booked(line.entry_id) == [(Code.PAYOUTS, Code.BANK, 2_000), (Code.PAYOUTS, Code.BANK, 1_000)]
    both = balances(klinkers, municipality)
    assert (both[Code.BANK], Code.PAYOUTS in both) == (147_000, False)
    bench.refresh_from_db()
    assert bench.state == State.PAID


@tells("bank rejects it before it left: reversal")
def test_a_payout_is_taken_back_before_it_went_to_the_bank(here: cast.World) -> None:
    """Fatma rings: she changed banks. Karin takes the payout back; one person may, since it only undoes."""
    bench, *funds = reached(here)
    before = balances(*funds)
    payout = approved(here, bench)
    payouts.withdraw(payout_id=payout.pk, by=here.karin, reason="Andere rekening.", now=NOW)
    assert newest("reversal") == BACK
    assert balances(*funds) == before


@tells("bank rejects it before it left: reversal")
def test_a_payout_that_the_bank_rejects_is_in_the_pot_again(here: cast.World) -> None:
    """The file is at the bank, which rejects the payment: the account does not exist (AC01). No statement will ever show it.

    The site cannot be told of that yet: a payout in a file waits for its line. So the first step is made by hand here.
    """
    bench, *funds = reached(here)
    before = balances(*funds)
    payout = sent(here, bench)
    with pytest.raises(payouts.NotApproved):
        payouts.withdraw(payout_id=payout.pk, by=here.karin, reason="AC01", now=NOW)
    Payout.objects.filter(pk=payout.pk).update(state=Payout.State.APPROVED)
    payouts.withdraw(payout_id=payout.pk, by=here.karin, reason="AC01", now=NOW)
    assert newest("reversal") == BACK
    assert balances(*funds) == before
    bench.refresh_from_db()
    assert (bench.state, bench.pot_is_open) == (State.REACHED, True)


@tells("bank returns it afterwards: sent anew")
def test_a_payout_that_came_back_is_sent_anew(here: cast.World) -> None:
    """The € 30,00 left, and two days later it is back: Fatma's bank was in trouble. It is on its way again, and goes out anew."""
    bench, *funds = reached(here)
    payout = paid_out(here, bench)
    away = balances(*funds)
    row = sent_back(payout)
    assert booked(row.entry_id) == [(Code.BANK, Code.PAYOUTS, 2_000), (Code.BANK, Code.PAYOUTS, 1_000)]
    both = balances(*funds)
    assert (both[Code.BANK], both[Code.PAYOUTS], both[Code.UNACCOUNTED]) == (150_000, 3_000, 3_000)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    take_in(leaving(payout))
    assert balances(*funds) == away


@tells("bank returns it afterwards: back to the pot")
def test_a_payout_that_came_back_returns_to_the_pot(here: cast.World) -> None:
    """Fatma's account was closed. The € 30,00 goes back into the pot, and there is nothing to account for any more."""
    bench, *funds = reached(here)
    before = balances(*funds)
    payout = paid_out(here, bench)
    sent_back(payout)
    payouts.withdraw(payout_id=payout.pk, by=here.karin, reason="Rekening gesloten.", now=NOW)
    assert newest("reversal") == BACK
    assert balances(*funds) == before
