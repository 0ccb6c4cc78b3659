"""Posting and reversing: worked examples, and what is refused."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.checks import all_checks
from ledger.models import Account, Entry, Note, Period, Transfer
from ledger.operations import (
    AccountClosed,
    BadEntry,
    IsReversal,
    KeyReused,
    LedgerError,
    Move,
    NotEmpty,
    NotEnoughCash,
    Overdrawn,
    PeriodClosed,
    ReversedAlready,
    TwoPeopleNeeded,
    UnknownAccount,
)
from tests.cast import NOW, TODAY
from tests.ledger.roles import as_owner, refusal, run, take_away
from tests.ledger.small_books import SmallBooks, book, small_books, undo

MOST = 10_000_000_000_000  # a hundred billion euros


def close(small: SmallBooks, since: date, until: date) -> None:
    Period.objects.create(
        starts_on=since, ends_on=until, closed_at=NOW, made_by=small.karin, approved_by=small.youssef
    )


# Worked examples.


def test_a_budget_becomes_a_cheque_a_purse_and_a_gift(small: SmallBooks) -> None:
    """€ 100,00 arrives; a cheque of € 7,50 is issued and activated; € 5,00 of it is given."""
    book("arrived", (small.bank, small.budget, 10_000))
    book("issued", (small.budget, small.cheque, 750), by=small.two)
    book("activated", (small.cheque, small.purse, 750))
    book("given", (small.purse, small.pot, 500))

    assert books.totals_by_code(fund_id=small.fund) == {
        Code.BANK: 10_000,
        Code.STRIPE_CLEARING: 0,
        Code.BUDGET: 9_250,
        Code.CHEQUES: 0,
        Code.PURSES: 250,
        Code.POTS: 500,
        Code.PAYOUTS: 0,
        Code.TO_RETURN: 0,
    }
    assert books.imbalance(fund_id=small.fund) == 0


def test_an_entry_keeps_what_was_said_about_it(small: SmallBooks) -> None:
    posted = ledger.post(
        key="statement 1, line 4",
        kind="grant arrived",
        source="bank line:4",
        moves=[Move(small.bank, small.budget, 9_000), Move(small.bank, small.to_return, 1_000)],
        made_by=small.karin,
        approved_by=small.youssef,
        effective_on=date(2026, 11, 20),
        now=NOW,
    )
    entry = Entry.objects.get(pk=posted.entry_id)
    assert posted.created
    assert (entry.key, entry.kind, entry.source) == ("statement 1, line 4", "grant arrived", "bank line:4")
    assert (entry.effective_on, entry.booked_at) == (date(2026, 11, 20), NOW)
    assert (entry.made_by, entry.approved_by, entry.reverses) == (small.karin, small.youssef, None)
    lines = entry.transfers.order_by("pk").values_list("fund_id", "debit_id", "credit_id", "amount_cents")
    assert list(lines) == [
        (small.fund, small.bank, small.budget, 9_000),
        (small.fund, small.bank, small.to_return, 1_000),
    ]


def test_a_settlement_moves_money_between_funds_through_both_banks(small: SmallBooks) -> None:
    """The municipality matches € 20,00 out of its own grant: it leaves one fund at the bank and comes into the other."""
    book("grant", (small.other_bank, small.other_budget, 5_000))
    book("match", (small.other_budget, small.other_bank, 2_000), (small.bank, small.pot, 2_000), by=small.two)

    assert books.balances([small.other_bank, small.bank]) == {small.other_bank: 3_000, small.bank: 2_000}
    assert books.balances([small.other_budget, small.pot]) == {small.other_budget: 3_000, small.pot: 2_000}
    assert books.imbalance(fund_id=small.fund) == books.imbalance(fund_id=small.other_fund) == 0


def test_what_one_fund_settles_with_another_nets_to_zero_over_the_bank(small: SmallBooks) -> None:
    book("grant", (small.other_bank, small.other_budget, 5_000))
    takes, brings = (small.other_budget, small.other_bank, 2_000), (small.bank, small.pot, 2_001)
    with pytest.raises(BadEntry) as refused:
        book("one too many", takes, brings, by=small.two)
    assert refused.value.detail == {"left": 1}
    assert books.balances([small.other_bank, small.bank]) == {small.other_bank: 5_000, small.bank: 0}


def test_what_the_bank_and_stripe_did_in_several_funds_need_not_net(small: SmallBooks) -> None:
    """Money for two funds that arrives at once; and a payout by Stripe that brings one fund money and costs another."""
    clearing = ledger.account(fund_id=small.other_fund, code=Code.STRIPE_CLEARING)
    book("arrived", (small.bank, small.budget, 5), (small.other_bank, small.other_budget, 7))
    book("paid out", (small.bank, small.clearing, 500), (clearing, small.other_bank, 200))
    assert books.balances([small.bank, small.other_bank]) == {small.bank: 505, small.other_bank: -193}


@pytest.mark.django_db(databases=["owner"])
def test_without_that_look_a_settlement_makes_money_at_the_bank_and_the_checks_say_so() -> None:
    with as_owner():
        small = small_books()
        take_away("v_settles AND v_row.cents <> 0", instead="false")
        costs = ledger.account(fund_id=small.fund, code=Code.PAYMENT_COSTS, key="campaign:1")
        book("from nowhere", (costs, small.bank, 4), (small.other_bank, small.other_budget, 5), by=small.two)
        broken = [check for check in all_checks() if not check.ok]
        assert [check.name for check in broken] == [
            "what one fund settles with another nets to zero over the bank"
        ]
        assert broken[0].found[0]["left_cents"] == 1


def test_an_unidentified_receipt_goes_back_by_two_and_to_the_fund_it_is_for_by_one(small: SmallBooks) -> None:
    unknown = ledger.account(fund_id=small.fund, code=Code.UNIDENTIFIED, key="line:1")
    sends_back, brings = (unknown, small.bank, 100), (small.other_bank, small.other_budget, 100)
    arrived = book("arrived", (small.bank, unknown, 100)).entry_id
    for alone in ((sends_back,), (sends_back, (small.bank, small.budget, 100))):
        with pytest.raises(TwoPeopleNeeded):
            book("sent back", *alone, by=(small.karin, None))
    undo("did not arrive", arrived)
    book("arrived after all", (small.bank, unknown, 200))
    book("sent back", sends_back, by=small.two)
    book("recognised", sends_back, brings, by=(small.karin, None))
    assert books.balances([small.bank, unknown, small.other_budget]) == {
        small.bank: 0,
        unknown: 0,
        small.other_budget: 100,
    }


def test_one_entry_may_use_what_it_brings_in_itself(small: SmallBooks) -> None:
    book("at once", (small.bank, small.budget, 750), (small.budget, small.cheque, 750), by=small.two)
    book("through the pot", (small.clearing, small.pot, 300), (small.pot, small.purse, 300))
    assert books.balances([small.budget, small.cheque, small.pot, small.purse]) == {
        small.budget: 0,
        small.cheque: 750,
        small.pot: 0,
        small.purse: 300,
    }


def test_an_entry_holds_for_the_day_it_is_booked_on_in_amsterdam_unless_said(small: SmallBooks) -> None:
    after_midnight = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    posted = ledger.post(
        key="late", kind="test", moves=[Move(small.bank, small.budget, 1)], now=after_midnight
    )
    entry = Entry.objects.get(pk=posted.entry_id)
    assert (entry.effective_on, entry.booked_at) == (date(2026, 7, 1), after_midnight)


# The same key.


def test_the_same_key_and_content_gives_the_first_entry(small: SmallBooks) -> None:
    first = book("arrived", (small.bank, small.budget, 10_000))
    later = ledger.post(
        key="arrived",
        kind="test",
        moves=[Move(small.bank, small.budget, 10_000)],
        effective_on=TODAY,
        now=datetime(2026, 12, 24, 12, tzinfo=UTC),
    )
    assert (first.created, later.created, later.entry_id) == (True, False, first.entry_id)
    assert books.balance(small.budget) == 10_000
    assert Entry.objects.get().booked_at == NOW


OTHER_CONTENT: dict[str, Callable[[SmallBooks], dict[str, object]]] = {
    "amount": lambda small: {"moves": [Move(small.bank, small.budget, 10_001)]},
    "account": lambda small: {"moves": [Move(small.bank, small.to_return, 10_000)]},
    "direction": lambda small: {"moves": [Move(small.budget, small.bank, 10_000)]},
    "one more": lambda small: {"moves": [Move(small.bank, small.budget, 10_000)] * 2},
    "kind": lambda small: {"kind": "other"},
    "source": lambda small: {"source": "other"},
    "day": lambda small: {"effective_on": date(2026, 1, 1)},
    "maker": lambda small: {"made_by": small.karin},
    "approver": lambda small: {"approved_by": small.karin},
}


@pytest.mark.parametrize("change", OTHER_CONTENT.values(), ids=OTHER_CONTENT.keys())
def test_the_same_key_with_other_content_is_refused(
    small: SmallBooks, change: Callable[[SmallBooks], dict[str, object]]
) -> None:
    content = {
        "key": "arrived",
        "kind": "test",
        "moves": [Move(small.bank, small.budget, 10_000)],
        "now": NOW,
    }
    ledger.post(**content)  # type: ignore[arg-type]  # as the table has it
    with pytest.raises(KeyReused):
        ledger.post(**(content | change(small)))  # type: ignore[arg-type]  # as the table has it
    assert not ledger.post(**content).created  # type: ignore[arg-type]  # as the table has it
    assert books.balance(small.budget) == 10_000


def test_who_reuses_a_key_is_told_of_both(small: SmallBooks) -> None:
    first = book("arrived", (small.bank, small.budget, 10_000))
    with pytest.raises(KeyReused) as refused:
        book("arrived", (small.bank, small.budget, 9_000))
    both = {
        "kind": "test",
        "source": "",
        "effective_on": TODAY.isoformat(),
        "made_by": None,
        "approved_by": None,
        "reverses": None,
        "transfers": 1,
        "debits": [small.bank],
        "credits": [small.budget],
    }
    assert refused.value.detail == {
        "entry": first.entry_id,
        "key": "arrived",
        "first": both | {"amounts": [10_000]},
        "offered": both | {"amounts": [9_000]},
    }


# What is no entry.


@pytest.mark.parametrize("cents", [0, -1, -750, -MOST])
def test_a_transfer_of_nothing_or_less_is_refused(small: SmallBooks, cents: int) -> None:
    with pytest.raises(BadEntry) as refused:
        book("bad", (small.bank, small.budget, cents))
    assert refused.value.detail == {"debit": small.bank, "credit": small.budget, "amount": cents}


def test_one_bad_transfer_takes_the_good_ones_with_it(small: SmallBooks) -> None:
    with pytest.raises(BadEntry):
        book("half", (small.bank, small.budget, 100), (small.bank, small.budget, 0))
    assert (Entry.objects.count(), Transfer.objects.count(), books.balance(small.budget)) == (0, 0, 0)


@pytest.mark.parametrize("too_much", [MOST + 1, 2**63, 2**64, 10**30])
def test_an_amount_beyond_what_the_books_can_hold_is_refused(small: SmallBooks, too_much: int) -> None:
    with pytest.raises(BadEntry):
        book("huge", (small.bank, small.budget, too_much))
    assert Entry.objects.count() == 0


def test_a_balance_of_many_of_the_largest_amounts_does_not_run_over(small: SmallBooks) -> None:
    book("more money than there is", *[(small.clearing, small.budget, MOST)] * 1_000)
    assert (books.balance(small.budget), books.balance(small.clearing)) == (1_000 * MOST, 1_000 * MOST)


@pytest.mark.parametrize("cents", [7.5, Decimal("7.50"), "7", True, None])
def test_an_amount_that_is_no_whole_number_is_refused(small: SmallBooks, cents: object) -> None:
    with pytest.raises(BadEntry):
        book("a fraction", (small.bank, small.budget, cents))  # type: ignore[arg-type]  # that is the point
    assert Entry.objects.count() == 0


def test_an_account_does_not_pay_itself(small: SmallBooks) -> None:
    with pytest.raises(BadEntry):
        book("round", (small.budget, small.budget, 100))


def test_a_transfer_does_not_leave_its_fund(small: SmallBooks) -> None:
    book("grant", (small.other_bank, small.other_budget, 5_000))
    with pytest.raises(BadEntry) as refused:
        book("across", (small.other_budget, small.pot, 1_000))
    assert refused.value.detail == {"debit": small.other_budget, "credit": small.pot, "amount": 1_000}


@pytest.mark.parametrize("unknown", [0, -1, 987_654_321])
def test_an_account_that_is_not_there_is_refused(small: SmallBooks, unknown: int) -> None:
    with pytest.raises(UnknownAccount):
        book("to nobody", (small.bank, unknown, 100))
    with pytest.raises(UnknownAccount):
        book("from nobody", (unknown, small.budget, 100))


def test_an_entry_without_transfers_or_without_a_key_is_refused(small: SmallBooks) -> None:
    with pytest.raises(BadEntry):
        book("empty")
    with pytest.raises(BadEntry):
        book("", (small.bank, small.budget, 100))


def test_lists_of_different_length_are_refused(small: SmallBooks) -> None:
    call = (
        "SELECT ledger_post('uneven', 'test', '', '2026-11-23', now(), NULL, NULL, '', NULL,"
        " %s::bigint[], %s::bigint[], %s::bigint[])"
    )
    for lists in (
        ([small.bank], [small.budget], [100, 200]),
        ([small.bank], [small.budget, small.pot], [100]),
        ([small.bank, small.bank], [small.budget], [100]),
        ([small.bank], [small.budget], None),
    ):
        assert refusal(call, *lists).sqlstate == "LG002"
    run(call, [small.bank], [small.budget], [100])


def test_the_transaction_around_a_refusal_goes_on(small: SmallBooks) -> None:
    with transaction.atomic():
        book("arrived", (small.bank, small.budget, 100))
        with pytest.raises(Overdrawn):
            book("too much", (small.budget, small.cheque, 101), by=small.two)
        book("issued", (small.budget, small.cheque, 100), by=small.two)
    assert books.balances([small.budget, small.cheque]) == {small.budget: 0, small.cheque: 100}


def test_a_refused_key_is_free_again(small: SmallBooks) -> None:
    with pytest.raises(Overdrawn):
        book("issued", (small.budget, small.cheque, 750), by=small.two)
    book("arrived", (small.bank, small.budget, 750))
    assert book("issued", (small.budget, small.cheque, 750), by=small.two).created


# Nobody spends what is not there.


def test_a_guarded_account_goes_to_zero_and_no_further(small: SmallBooks) -> None:
    book("gift", (small.clearing, small.pot, 500), (small.clearing, small.purse, 500))
    for name, account in (("pooled", small.pot), ("cold", small.purse)):
        with pytest.raises(Overdrawn) as refused:
            book(f"{name}, too much", (account, small.to_return, 501))
        assert account in refused.value.detail["accounts"]
        book(f"{name}, all", (account, small.to_return, 500))
        with pytest.raises(Overdrawn):
            book(f"{name}, a cent", (account, small.to_return, 1))
    assert books.balance(small.to_return) == 1_000


def test_two_transfers_of_one_entry_do_not_spend_the_same_money(small: SmallBooks) -> None:
    book("gift", (small.clearing, small.pot, 500), (small.clearing, small.purse, 500))
    for name, account in (("pooled", small.pot), ("cold", small.purse)):
        with pytest.raises(Overdrawn):
            book(name, (account, small.to_return, 300), (account, small.budget, 300))


def test_what_the_bank_did_is_booked_also_when_its_money_was_not_there(small: SmallBooks) -> None:
    book("charges", (small.clearing, small.bank, 500))
    assert books.balance(small.bank) == -500


def test_a_payout_takes_no_more_than_its_own_fund_has_at_the_bank(small: SmallBooks) -> None:
    book("cash", (small.bank, small.pot, 3_000))
    book("Stripe still has it", (small.clearing, small.pot, 3_000))
    book("another fund's cash", (small.other_bank, small.other_budget, 90_000))
    book("payout 1", (small.pot, small.way, 2_500), by=small.two)
    with pytest.raises(NotEnoughCash) as refused:
        book("payout 2", (small.pot, small.other_way, 501), by=small.two)
    assert refused.value.detail == {"fund": small.fund, "cash": 3_000, "on_their_way": 3_001}
    book("payout 2", (small.pot, small.other_way, 500), by=small.two)


def test_a_payout_that_left_no_longer_claims_cash(small: SmallBooks) -> None:
    book("cash", (small.bank, small.pot, 3_000))
    book("payout 1", (small.pot, small.way, 2_000), by=small.two)
    book("it left", (small.way, small.bank, 2_000))
    book("payout 2", (small.pot, small.other_way, 1_000), by=small.two)
    assert books.balances([small.bank, small.way, small.other_way]) == {
        small.bank: 1_000,
        small.way: 0,
        small.other_way: 1_000,
    }


def test_a_payout_that_the_bank_returns_is_booked_whatever_the_cash(small: SmallBooks) -> None:
    book("charges", (small.clearing, small.bank, 500))
    book("returned", (small.bank, small.way, 400))
    assert books.balances([small.bank, small.way]) == {small.bank: -100, small.way: 400}


# Closed means closed.


def test_a_closed_period_takes_no_entries_and_its_neighbours_do(small: SmallBooks) -> None:
    close(small, date(2026, 10, 1), date(2026, 10, 31))
    for day in (date(2026, 10, 1), date(2026, 10, 15), date(2026, 10, 31)):
        with pytest.raises(PeriodClosed) as refused:
            book(f"on {day}", (small.bank, small.budget, 100), on=day)
        assert refused.value.detail == {"on": day.isoformat(), "open_on": "2026-11-01"}
    for day in (date(2026, 9, 30), date(2026, 11, 1)):
        assert book(f"on {day}", (small.bank, small.budget, 100), on=day).created


def test_of_several_closed_periods_the_first_open_day_lies_after_all(small: SmallBooks) -> None:
    for month, last in ((10, 31), (11, 30), (12, 31)):
        close(small, date(2026, month, 1), date(2026, month, last))
    with pytest.raises(PeriodClosed) as refused:
        book("in October", (small.bank, small.budget, 100), on=date(2026, 10, 15))
    assert refused.value.detail["open_on"] == "2027-01-01"


def test_nothing_is_booked_before_the_first_period_of_a_fund(small: SmallBooks) -> None:
    """The fund was opened in November 2026: its books begin with that year."""
    for day in (date(2025, 12, 31), date(1926, 11, 23), date.min):
        with pytest.raises(PeriodClosed) as refused:
            book(f"on {day}", (small.bank, small.budget, 100), on=day)
        assert refused.value.detail == {"on": day.isoformat(), "open_on": "2026-01-01"}
    assert book("on the first day", (small.bank, small.budget, 100), on=date(2026, 1, 1)).created


def test_a_mistake_in_a_closed_period_is_corrected_in_the_open_one(small: SmallBooks) -> None:
    wrong = book("wrong", (small.bank, small.budget, 100), on=date(2026, 10, 15))
    close(small, date(2026, 10, 1), date(2026, 10, 31))
    with pytest.raises(PeriodClosed):
        undo("corrected", wrong.entry_id, on=date(2026, 10, 31))
    assert undo("corrected", wrong.entry_id).created
    assert books.balance(small.budget) == 0


@pytest.mark.parametrize("other", ["bank", "clearing"])
def test_a_closed_account_takes_no_entries(small: SmallBooks, other: str) -> None:
    """Neither by the short way of one transfer nor by the long one; the bank's side is only booked by the long one."""
    wrong = book("wrong", (small.clearing, small.purse, 750))
    undo("undone", wrong.entry_id)
    ledger.close_account(account_id=small.purse, now=NOW)
    account = Account.objects.get(pk=small.purse)
    assert account.closed_at == NOW

    ledger.close_account(account_id=small.purse, now=NOW + timedelta(days=1))
    account.refresh_from_db()
    assert account.closed_at == NOW
    with pytest.raises(AccountClosed) as refused:
        book("too late", (getattr(small, other), small.purse, 750))
    assert refused.value.detail == {"debit": getattr(small, other), "credit": small.purse, "amount": 750}
    again = ledger.account(fund_id=small.fund, code=Code.PURSES, key="purse:1")
    assert (again, books.balance(again)) == (small.purse, 0)


def test_cheques_do_not_come_out_of_a_closed_budget(small: SmallBooks) -> None:
    ledger.close_account(account_id=small.budget, now=NOW)
    with pytest.raises(AccountClosed):
        ledger.issue(
            key="too late",
            kind="cheques issued",
            budget=small.budget,
            subjects=["cheque:2"],
            name="Voorjaar",
            amount_cents=750,
            now=NOW,
            made_by=small.karin,
            approved_by=small.youssef,
        )


def test_an_account_with_something_on_it_is_not_closed(small: SmallBooks) -> None:
    book("filled", (small.bank, small.purse, 1))
    with pytest.raises(NotEmpty) as refused:
        ledger.close_account(account_id=small.purse, now=NOW)
    assert refused.value.detail == {"account": small.purse, "balance": 1}


def test_an_account_that_keeps_no_balance_is_not_closed(small: SmallBooks) -> None:
    with pytest.raises(NotEmpty):
        ledger.close_account(account_id=small.pot, now=NOW)
    with pytest.raises(UnknownAccount):
        ledger.close_account(account_id=0, now=NOW)


@pytest.mark.django_db(databases=["owner"])
def test_nothing_is_on_a_closed_account_whoever_writes() -> None:
    with as_owner():
        small = small_books()
        book("filled", (small.bank, small.purse, 1))
        for account in (small.purse, small.pot):
            with pytest.raises(IntegrityError, match="account_closed_is_empty"), transaction.atomic():
                Account.objects.filter(pk=account).update(closed_at=NOW)


def test_what_was_booked_in_time_is_found_again_by_its_key_after_the_closing(small: SmallBooks) -> None:
    first = book("in time", (small.bank, small.budget, 100), on=date(2026, 10, 15))
    close(small, date(2026, 10, 1), date(2026, 10, 31))
    again = book("in time", (small.bank, small.budget, 100), on=date(2026, 10, 15))
    assert (again.entry_id, again.created) == (first.entry_id, False)


# Reversing.


def test_a_reversal_is_the_mirror_image_and_names_what_it_reverses(small: SmallBooks) -> None:
    book("arrived", (small.bank, small.budget, 1_000))
    wrong = ledger.post(
        key="wrong",
        kind="issued",
        source="run:7",
        moves=[Move(small.budget, small.cheque, 300), Move(small.budget, small.purse, 200)],
        made_by=small.karin,
        approved_by=small.youssef,
        now=NOW,
    )
    reversal = ledger.reverse(key="undone", entry_id=wrong.entry_id, now=NOW, made_by=small.karin)

    entry = Entry.objects.get(pk=reversal.entry_id)
    assert (entry.reverses_id, entry.kind, entry.source) == (wrong.entry_id, "reversal", "run:7")
    assert entry.made_by == small.karin
    lines = entry.transfers.order_by("pk").values_list("debit_id", "credit_id", "amount_cents")
    assert list(lines) == [(small.cheque, small.budget, 300), (small.purse, small.budget, 200)]
    assert books.balances([small.budget, small.cheque, small.purse]) == {
        small.budget: 1_000,
        small.cheque: 0,
        small.purse: 0,
    }


def test_an_entry_is_reversed_once(small: SmallBooks) -> None:
    wrong = book("wrong", (small.bank, small.budget, 1_000)).entry_id
    first = undo("undone", wrong)
    assert undo("undone", wrong).entry_id == first.entry_id
    with pytest.raises(ReversedAlready) as refused:
        undo("undone again", wrong)
    assert refused.value.detail == {"entry": wrong}


def test_a_reversal_is_not_reversed_and_what_it_undid_is_booked_anew(small: SmallBooks) -> None:
    entry = book("right after all", (small.bank, small.budget, 1_000)).entry_id
    undone = undo("taken back", entry).entry_id
    with pytest.raises(IsReversal) as refused:
        undo("taken back back", undone)
    assert refused.value.detail == {"entry": undone}
    assert undo("taken back", entry).entry_id == undone  # the control: the same again is still the first
    book("booked anew", (small.bank, small.budget, 1_000))
    assert books.balance(small.budget) == 1_000


def test_what_was_spent_since_is_not_reversed(small: SmallBooks) -> None:
    gift = book("gift", (small.clearing, small.pot, 500)).entry_id
    filled = book("filled", (small.bank, small.budget, 500)).entry_id
    book("spent", (small.pot, small.to_return, 1), (small.budget, small.pot, 1))
    book("spent too", (small.pot, small.to_return, 1))
    for name, entry in (("pooled", gift), ("cold", filled)):
        with pytest.raises(Overdrawn):
            undo(name, entry)
    assert Entry.objects.filter(reverses__isnull=False).count() == 0


def test_what_is_not_there_is_not_reversed(small: SmallBooks) -> None:
    with pytest.raises(UnknownAccount):
        undo("nothing", 987_654_321)


def test_the_key_of_another_entry_does_not_reverse(small: SmallBooks) -> None:
    wrong = book("wrong", (small.bank, small.budget, 1_000))
    with pytest.raises(KeyReused):
        undo("wrong", wrong.entry_id)


def test_what_calls_itself_a_reversal_must_be_one(small: SmallBooks) -> None:
    wrong = book("wrong", (small.bank, small.budget, 1_000)).entry_id
    call = (
        "SELECT ledger_post(%s, 'reversal', '', '2026-11-23', now(), NULL, NULL, '', %s,"
        " %s::bigint[], %s::bigint[], %s::bigint[])"
    )
    budget, bank = small.budget, small.bank
    for name, lists in {
        "less": ([budget], [bank], [999]),
        "more": ([budget, bank], [bank, budget], [1_000, 5]),
        "the same way": ([bank], [budget], [1_000]),
    }.items():
        assert refusal(call, name, wrong, *lists).sqlstate == "LG002"
    assert refusal(call, "of nothing", 987_654_321, [budget], [bank], [1_000]).sqlstate == "LG002"
    run(call, "exact", wrong, [budget], [bank], [1_000])
    book("enough for a second time", (bank, budget, 1_000))
    assert (
        refusal(call, "exact again", wrong, [budget], [bank], [1_000]).sqlstate == "23505"
    )  # unique_violation


# Words of people, and two people.


def test_a_note_is_kept_beside_the_entry_and_committed_to_with_salt(small: SmallBooks) -> None:
    text = "Teruggestort op verzoek van mevrouw Yıldız"
    entry = Entry.objects.get(pk=book("noted", (small.bank, small.budget, 100), note=text).entry_id)
    note = entry.note
    assert (note.text, len(bytes(note.salt))) == (text, 32)
    assert bytes(entry.note_commitment or b"") == hashlib.sha256(bytes(note.salt) + text.encode()).digest()


def test_equal_notes_do_not_look_equal_in_the_entries(small: SmallBooks) -> None:
    for key in ("one", "other"):
        book(key, (small.bank, small.budget, 100), note="dezelfde reden")
    commitments = {bytes(entry.note_commitment or b"") for entry in Entry.objects.all()}
    assert len(commitments - {b""}) == 2


def test_an_entry_without_words_has_no_note(small: SmallBooks) -> None:
    entry = Entry.objects.get(pk=book("silent", (small.bank, small.budget, 100)).entry_id)
    assert entry.note_commitment is None
    assert not Note.objects.exists()


def test_the_application_may_erase_a_note_and_the_entry_stays_as_it_was(small: SmallBooks) -> None:
    posted = book("noted", (small.bank, small.budget, 100), note="Fatma belde")
    before = Entry.objects.values().get(pk=posted.entry_id)
    run("DELETE FROM ledger_note WHERE entry_id = %s", posted.entry_id)
    assert run("SELECT count(*) FROM ledger_note") == [(0,)]
    assert Entry.objects.values().get(pk=posted.entry_id) == before
    assert before["note_commitment"] is not None
    assert books.balance(small.budget) == 100


def test_who_makes_an_entry_does_not_approve_it(small: SmallBooks) -> None:
    moves = [Move(small.bank, small.budget, 100)]
    with pytest.raises(IntegrityError, match="entry_maker_is_not_approver"):
        ledger.post(
            key="alone", kind="test", moves=moves, made_by=small.karin, approved_by=small.karin, now=NOW
        )
    ledger.post(key="two", kind="test", moves=moves, made_by=small.karin, approved_by=small.youssef, now=NOW)


# Debit, credit: cheques out of the budget, and money on its way to a payee, wherever it comes from.
BY_TWO = {
    "cheques issued": ("budget", "cheque"),
    "a pot paid out": ("pot", "way"),
    "a budget returned": ("budget", "way"),
    "a budget into a purse": ("budget", "purse"),
    "a budget to Stripe": ("budget", "clearing"),
    "a pot to Stripe": ("pot", "clearing"),
    "money of the bank into a cheque": ("bank", "cheque"),
    "a leftover into a cheque": ("to_return", "cheque"),
    "a leftover into a purse": ("to_return", "purse"),
    "a leftover returned": ("to_return", "way"),
    "a payout to somebody else": ("other_way", "way"),
    "a pot straight to the bank": ("pot", "bank"),
    "a budget straight to the bank": ("budget", "bank"),
    "a leftover straight to the bank": ("to_return", "bank"),
}
FEWER_THAN_TWO = "v_bad IS NOT NULL AND (p_made_by IS NULL OR p_approved_by IS NULL)"


def filled(small: SmallBooks) -> None:
    places = (small.budget, small.pot, small.to_return, small.other_way)
    book("filled", *[(small.bank, place, 1_000) for place in places])


@pytest.mark.parametrize("transfers", [1, 2])
@pytest.mark.parametrize(("debit", "credit"), BY_TWO.values(), ids=BY_TWO.keys())
def test_cheques_and_payouts_take_two_people(
    small: SmallBooks, debit: str, credit: str, transfers: int
) -> None:
    """An entry of one transfer goes its own way through the function: both are held."""
    call = (
        "SELECT ledger_post(%s, 'test', '', '2026-11-23', now(), %s, %s, '', NULL,"
        " %s::bigint[], %s::bigint[], %s::bigint[])"
    )
    filled(small)
    whole = [small.bank, getattr(small, debit)], [small.budget, getattr(small, credit)], [5, 750]
    lists = [one[-transfers:] for one in whole]
    karin, youssef = small.karin.pk, small.youssef.pk
    for made_by, approved_by in ((None, None), (karin, None), (None, youssef)):
        assert refusal(call, "alone", made_by, approved_by, *lists).sqlstate == "LG010"
    assert not Entry.objects.filter(key="alone").exists()
    run(call, "alone", karin, youssef, *lists)  # the control: two may, and the refused key is free


@pytest.mark.django_db(databases=["owner"])
@pytest.mark.parametrize(("debit", "credit"), BY_TWO.values(), ids=BY_TWO.keys())
def test_without_that_look_nobody_at_all_issues_cheques_and_pays_out(debit: str, credit: str) -> None:
    with as_owner():
        small = small_books()
        filled(small)
        take_away(FEWER_THAN_TWO, instead="false")
        assert book("alone", (getattr(small, debit), getattr(small, credit), 750)).created


def test_no_account_between_makes_one_person_enough(small: SmallBooks) -> None:
    """Over costs, a leftover, the operator's means or the memorandum, in one entry, money comes nowhere by one person."""
    filled(small)
    between = {
        code: ledger.account(fund_id=small.fund, code=code, key="campaign:1")
        for code in (
            Code.PAYMENT_COSTS,
            Code.OPERATOR_MEANS,
            Code.OPERATOR_COSTS,
            Code.UNACCOUNTED_CONTRA,
            Code.DISPUTED,
        )
    }
    ways = [
        [small.budget, small.pot, small.cheque],
        [small.budget, small.to_return, small.purse],
        *[
            [small.pot, account, small.bank]
            for account in between.values()
            if account != between[Code.OPERATOR_COSTS]
        ],
        [small.pot, between[Code.PAYMENT_COSTS], small.bank, small.way],
        *[[small.pot, account, small.way] for account in (*between.values(), small.clearing)],
        [small.pot, between[Code.OPERATOR_COSTS], small.bank],
    ]
    for number, way in enumerate(ways):
        moves = [(debit, credit, 10) for debit, credit in pairwise(way)]
        with pytest.raises(TwoPeopleNeeded):
            book(f"round {number}", *moves, by=(small.karin, None))


def test_a_settlement_that_sends_money_to_a_payee_does_not_let_one_person_off(small: SmallBooks) -> None:
    unknown = ledger.account(fund_id=small.fund, code=Code.UNIDENTIFIED, key="line:1")
    other_way = ledger.account(fund_id=small.other_fund, code=Code.PAYOUTS, key="payout:1")
    book("arrived", (small.bank, unknown, 100))
    with pytest.raises(TwoPeopleNeeded):
        book(
            "sent on", (unknown, small.bank, 100), (small.other_bank, other_way, 100), by=(small.karin, None)
        )


def test_who_is_refused_for_want_of_a_second_person_is_told_which_transfer(small: SmallBooks) -> None:
    filled(small)
    with pytest.raises(TwoPeopleNeeded) as refused:
        book(
            "alone", (small.bank, small.budget, 5), (small.budget, small.cheque, 750), by=(small.karin, None)
        )
    assert refused.value.detail == {"debit": small.budget, "credit": small.cheque, "amount": 750}


def test_what_no_second_person_decides_is_booked_without_one(small: SmallBooks) -> None:
    """A reissue, a return by the bank, a payment that left, and what undoes: the books do not ask who."""
    other_cheque = ledger.account(fund_id=small.fund, code=Code.CHEQUES, key="cheque:2")
    filled(small)
    issued = book("issued", (small.budget, small.cheque, 750), by=small.two).entry_id
    paid_out = book("payout approved", (small.pot, small.way, 600), by=small.two).entry_id
    book("reissued", (small.cheque, other_cheque, 750))
    book("taken back", (other_cheque, small.cheque, 750))
    book("left", (small.way, small.bank, 600))
    book("returned", (small.bank, small.way, 600))
    undo("payout withdrawn", paid_out)
    undo("not issued", issued)
    assert books.balances([small.budget, small.cheque, small.pot, small.way]) == {
        small.budget: 1_000,
        small.cheque: 0,
        small.pot: 1_000,
        small.way: 0,
    }


def test_to_undo_what_had_undone_is_to_do_it_again_and_takes_two(small: SmallBooks) -> None:
    """Expired cheques are not issued anew, nor a withdrawn payout sent, by reversing the entry that took them back."""
    filled(small)
    book("issued", (small.budget, small.cheque, 750), by=small.two)
    expired = book("expired", (small.cheque, small.budget, 750)).entry_id
    paid_out = book("payout approved", (small.pot, small.way, 600), by=small.two).entry_id
    withdrawn = undo("payout withdrawn", paid_out).entry_id
    with pytest.raises(TwoPeopleNeeded):
        undo("not expired", expired)
    with pytest.raises(LedgerError):
        undo("not withdrawn", withdrawn)
    arrived = book("arrived", (small.bank, small.budget, 5)).entry_id
    undo("arrived by mistake", arrived)  # the control: what came in by the bank is undone by one


def test_every_refusal_of_the_books_can_be_caught_as_one() -> None:
    assert all(issubclass(refusal, LedgerError) for refusal in ledger.ERRORS.values())
