"""Many at the same time: nobody spends what is not there, nothing is booked twice, nobody waits for ever."""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import chain

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.checks import all_checks
from ledger.models import Checkpoint, Entry, Period
from ledger.operations import (
    AccountClosed,
    KeyReused,
    NotEmpty,
    NotEnoughCash,
    Overdrawn,
    PeriodClosed,
    Posted,
    ReversedAlready,
)
from tests.cast import NOW, TODAY
from tests.crowd import at_once, gave
from tests.ledger.roles import POST, run, take_away
from tests.ledger.small_books import SmallBooks, book, lines_of, small_books, undo
from tests.ledger.together import beside, tried

LOCK_ALONE = (
    "PERFORM pg_advisory_xact_lock(4711, v_row.id::int)"  # to spend from a pooled account, or against a bank
)
HOLD = "ledger_hold(bigint[],bigint[])"
HOLD_WHO_SENDS = "IF v_look.pooled OR v_look.sends THEN"
LOCK_OF_PERIOD = "LOCK TABLE ledger_entry IN SHARE MODE"

Tries = list[Posted | Exception]


@pytest.fixture
def small(own_database: str) -> SmallBooks:
    return small_books()


def without(guard: str, function: str = POST, instead: str = "PERFORM 1") -> None:
    """For good: the database is thrown away after the test."""
    application = connections["default"]
    connections["default"] = connections["owner"]
    try:
        take_away(guard, function=function, instead=instead)
    finally:
        connections["default"] = application


def broken() -> list[str]:
    return [check.name for check in all_checks() if not check.ok]


def many(times: int, name: str, *moves: tuple[int, int, int]) -> Tries:
    """The same moves time after time, each in an entry of its own."""
    return [tried(partial(book, f"{name} {number}", *moves)) for number in range(times)]


def succeeded(tries: Tries) -> int:
    return sum(isinstance(one, Posted) for one in tries)


def refusals(tries: Tries) -> set[type]:
    return {type(one) for one in tries} - {Posted}


def close_november(small: SmallBooks) -> Period:
    return Period.objects.create(
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 11, 30),
        closed_at=NOW,
        made_by=small.karin,
        approved_by=small.youssef,
    )


# Nobody spends what is not there.


def test_of_fifty_gifts_from_one_purse_as_many_succeed_as_there_is_money_for(small: SmallBooks) -> None:
    book("filled", (small.bank, small.purse, 31 * 750))
    gift = (small.purse, small.pot, 750)
    tries = list(chain(*gave(at_once(*[partial(many, 2, f"gift {person}", gift) for person in range(25)]))))
    assert (len(tries), succeeded(tries), refusals(tries)) == (50, 31, {Overdrawn})
    assert books.balances([small.purse, small.pot]) == {small.purse: 0, small.pot: 31 * 750}
    assert broken() == []


def test_twenty_givers_and_five_spenders_at_one_pot_never_bring_it_below_zero(small: SmallBooks) -> None:
    gifts = [partial(many, 10, f"in {person}", (small.clearing, small.pot, 100)) for person in range(20)]
    takes = [partial(many, 30, f"out {person}", (small.pot, small.to_return, 150)) for person in range(5)]
    results = gave(at_once(*gifts, *takes))
    given, taken = list(chain(*results[:20])), list(chain(*results[20:]))
    taken += many(200, "the rest", (small.pot, small.to_return, 150))

    assert (succeeded(given), succeeded(taken), refusals(taken)) == (200, 20_000 // 150, {Overdrawn})
    assert books.balance(small.pot) == 20_000 % 150
    lines = lines_of(small.pot)
    assert min(line.balance_cents for line in lines) >= 0
    checkpoint = Checkpoint.objects.get(account=small.pot)
    after = {line.transfer_id: line.balance_cents for line in lines}
    assert after[checkpoint.up_to_transfer_id] == checkpoint.balance_cents
    assert broken() == []


def test_who_spends_from_a_pot_waits_for_a_gift_under_way_and_sees_it(small: SmallBooks) -> None:
    with transaction.atomic():
        book("gift", (small.clearing, small.pot, 500))
        spending = beside(partial(book, "spent", (small.pot, small.to_return, 500)))
        assert spending.waits()
    assert spending.result().created
    assert books.balance(small.pot) == 0
    assert broken() == []


def test_without_its_lock_a_spender_does_not_see_the_gift_under_way(small: SmallBooks) -> None:
    without(LOCK_ALONE, function=HOLD)
    with transaction.atomic():
        book("gift", (small.clearing, small.pot, 500))
        spending = beside(partial(book, "spent", (small.pot, small.to_return, 500)))
        assert not spending.waits()
    with pytest.raises(Overdrawn):
        spending.result()


def test_two_who_spend_the_same_pot_stand_in_line(small: SmallBooks) -> None:
    book("gift", (small.clearing, small.pot, 500))
    with transaction.atomic():
        book("first", (small.pot, small.to_return, 400))
        second = beside(partial(book, "second", (small.pot, small.purse, 400)))
        assert second.waits()
    with pytest.raises(Overdrawn):
        second.result()
    assert books.balance(small.pot) == 100


def test_without_their_lock_two_spend_the_same_pot_twice(small: SmallBooks) -> None:
    without(LOCK_ALONE, function=HOLD)
    book("gift", (small.clearing, small.pot, 500))
    with transaction.atomic():
        book("first", (small.pot, small.to_return, 400))
        second = beside(partial(book, "second", (small.pot, small.purse, 400)))
        assert second.waits()  # for the checkpoint, but it has summed by then
    assert second.result().created
    assert "no guarded account is below zero" in broken()


def test_givers_to_one_pot_do_not_wait_for_each_other(small: SmallBooks) -> None:
    with transaction.atomic():
        book("gift", (small.clearing, small.pot, 500))
        other = beside(partial(book, "other gift", (small.clearing, small.pot, 500)))
        assert not other.waits()
    assert books.balance(small.pot) == 1_000


# Payouts are covered by cash.


def not_yet_at_the_bank(small: SmallBooks, cents: int) -> int:
    """Another pot, so that two payouts meet at the bank alone; Stripe still holds what is in it."""
    pot = ledger.account(fund_id=small.fund, code=Code.POTS, key="campaign:2")
    book("gift to the other", (small.clearing, pot, cents))
    return pot


def test_of_two_payouts_from_the_same_cash_at_once_the_second_is_refused(small: SmallBooks) -> None:
    book("cash", (small.bank, small.pot, 3_000))
    other_pot = not_yet_at_the_bank(small, 1_000)
    with transaction.atomic():
        book("payout 1", (small.pot, small.way, 2_500), by=small.two)
        second = beside(partial(book, "payout 2", (other_pot, small.other_way, 1_000), by=small.two))
        assert second.waits()
    with pytest.raises(NotEnoughCash) as refused:
        second.result()
    assert refused.value.detail == {"fund": small.fund, "cash": 3_000, "on_their_way": 3_500}
    assert books.balances([small.way, small.other_way]) == {small.way: 2_500, small.other_way: 0}


def test_without_the_lock_on_the_bank_both_payouts_take_the_same_cash(small: SmallBooks) -> None:
    without(LOCK_ALONE, function=HOLD)
    book("cash", (small.bank, small.pot, 3_000))
    other_pot = not_yet_at_the_bank(small, 1_000)
    with transaction.atomic():
        book("payout 1", (small.pot, small.way, 2_500), by=small.two)
        second = beside(partial(book, "payout 2", (other_pot, small.other_way, 1_000), by=small.two))
        assert second.waits()  # for the row of the checkpoint only: it has counted the cash by then
    assert second.result().created
    assert books.total(code=Code.PAYOUTS) > books.balance(small.bank)


def test_of_two_payouts_that_no_pot_pays_the_second_is_refused_too(small: SmallBooks) -> None:
    book("cash", (small.bank, small.to_return, 3_000))
    book("at Stripe", (small.clearing, small.purse, 1_000))
    with transaction.atomic():
        book("payout 1", (small.to_return, small.way, 2_500), by=small.two)
        second = beside(partial(book, "payout 2", (small.purse, small.other_way, 1_000), by=small.two))
        assert second.waits()
    with pytest.raises(NotEnoughCash):
        second.result()


def test_without_that_lock_both_take_the_same_cash(small: SmallBooks) -> None:
    without(HOLD_WHO_SENDS, instead="IF v_look.pooled THEN")
    book("cash", (small.bank, small.to_return, 3_000))
    book("at Stripe", (small.clearing, small.purse, 1_000))
    with transaction.atomic():
        book("payout 1", (small.to_return, small.way, 2_500), by=small.two)
        second = beside(partial(book, "payout 2", (small.purse, small.other_way, 1_000), by=small.two))
        assert second.waits()  # for the row of the checkpoint only, as above
    assert second.result().created
    assert books.total(code=Code.PAYOUTS) > books.balance(small.bank)


# Nobody waits for ever.


def test_opposite_orders_do_not_end_in_a_deadlock(small: SmallBooks) -> None:
    book("filled", (small.bank, small.purse, 1_000), (small.bank, small.cheque, 1_000), by=small.two)
    there, back = (small.purse, small.cheque, 1), (small.cheque, small.purse, 1)
    tries = list(chain(*gave(at_once(partial(many, 200, "there", there), partial(many, 200, "back", back)))))
    assert (succeeded(tries), refusals(tries)) == (400, set())
    assert books.balances([small.purse, small.cheque]) == {small.purse: 1_000, small.cheque: 1_000}


def test_opposite_orders_over_two_pots_do_not_end_in_a_deadlock(small: SmallBooks) -> None:
    other = ledger.account(fund_id=small.fund, code=Code.POTS, key="campaign:2")
    book("filled", (small.bank, small.pot, 1_000), (small.bank, other, 1_000))
    there, back = (small.pot, other, 1), (other, small.pot, 1)
    tries = list(chain(*gave(at_once(partial(many, 100, "there", there), partial(many, 100, "back", back)))))
    assert (succeeded(tries), refusals(tries)) == (200, set())


def test_payouts_that_the_bank_returns_do_not_stand_in_each_others_way(small: SmallBooks) -> None:
    one, other = (small.bank, small.way, 1), (small.bank, small.other_way, 1)
    tries = list(chain(*gave(at_once(partial(many, 100, "one", one), partial(many, 100, "other", other)))))
    assert (succeeded(tries), refusals(tries)) == (200, set())


# Nothing happens twice.


def test_two_with_one_key_at_once_make_one_entry(small: SmallBooks) -> None:
    with transaction.atomic():
        first = book("the gift", (small.clearing, small.pot, 500))
        second = beside(partial(book, "the gift", (small.clearing, small.pot, 500)))
        assert second.waits()
    assert first.created
    assert second.result() == Posted(first.entry_id, created=False)
    assert books.balance(small.pot) == 500


def test_of_eight_with_one_key_at_once_one_makes_the_entry(small: SmallBooks) -> None:
    results = gave(at_once(*[partial(book, "the gift", (small.clearing, small.pot, 500))] * 8))
    assert sorted(result.created for result in results) == [False] * 7 + [True]
    assert len({result.entry_id for result in results}) == Entry.objects.count() == 1


def test_who_does_not_ask_again_meets_the_index_of_keys(small: SmallBooks) -> None:
    """The control: it is the second call that finds the entry of the first."""
    post = "SELECT ledger_post('the gift', 'test', '', %s, now(), NULL, NULL, '', NULL, %s, %s, ARRAY[500::bigint])"
    accounts = [small.clearing], [small.pot]
    with transaction.atomic():
        run(post, TODAY, *accounts)
        second = beside(partial(run, post, TODAY, *accounts))
        assert second.waits()
    with pytest.raises(IntegrityError, match="entry_key_once"):
        second.result()


@pytest.mark.parametrize("moves", [1, 2])
def test_two_with_one_key_at_once_and_money_for_one_make_one_entry(small: SmallBooks, moves: int) -> None:
    """The second finds the purse empty: because of the first, which is what it asked for."""
    book("filled", (small.bank, small.purse, 500 * moves))
    gift = partial(book, "gift", *[(small.purse, small.pot, 500)] * moves)
    with transaction.atomic():
        first = gift()
        second = beside(gift)
        assert second.waits()
    assert second.result() == Posted(first.entry_id, created=False)


def test_two_who_approve_one_payout_at_once_and_cash_for_one_make_one_entry(small: SmallBooks) -> None:
    book("filled", (small.bank, small.pot, 500))
    book("more than there is cash", (small.clearing, small.pot, 500))
    approving = partial(book, "payout", (small.pot, small.way, 500), by=small.two)
    with transaction.atomic():
        first = approving()
        second = beside(approving)
        assert second.waits()
    assert second.result() == Posted(first.entry_id, created=False)


def test_two_with_one_key_and_other_content_at_once_are_told_apart(small: SmallBooks) -> None:
    with transaction.atomic():
        first = book("the gift", (small.clearing, small.pot, 500))
        second = beside(partial(book, "the gift", (small.clearing, small.pot, 600)))
        assert second.waits()
    with pytest.raises(KeyReused) as refused:
        second.result()
    assert refused.value.detail["entry"] == first.entry_id


def test_of_one_reversal_asked_twice_at_once_both_get_the_same(small: SmallBooks) -> None:
    entry = book("wrong", (small.bank, small.clearing, 500)).entry_id
    with transaction.atomic():
        first = undo("the same", entry)
        second = beside(partial(undo, "the same", entry))
        assert second.waits()
    assert second.result() == Posted(first.entry_id, created=False)


def test_of_two_reversals_at_once_the_second_is_told_so(small: SmallBooks) -> None:
    entry = book("wrong", (small.bank, small.clearing, 500)).entry_id
    with transaction.atomic():
        undo("first", entry)
        second = beside(partial(undo, "second", entry))
        assert second.waits()
    with pytest.raises(ReversedAlready):
        second.result()


def test_two_who_open_the_same_account_at_once_get_the_same_one(small: SmallBooks) -> None:
    opening = partial(ledger.account, fund_id=small.fund, code=Code.PURSES, key="purse:new")
    with transaction.atomic():
        first = opening()
        second = beside(opening)
        assert second.waits()
    assert second.result() == first


# Closed is closed, also for who is under way.


def books_one(small: SmallBooks, key: str) -> Posted:
    return book(key, (small.bank, small.budget, 500), on=TODAY)


def books_two(small: SmallBooks, key: str) -> Posted:
    return book(key, (small.bank, small.budget, 500), (small.clearing, small.pot, 500), on=TODAY)


def issues(small: SmallBooks, key: str) -> Posted:
    return ledger.issue(
        key=key,
        kind="cheques issued",
        budget=small.budget,
        subjects=[f"{key}:1", f"{key}:2"],
        name="Voorjaar",
        amount_cents=1,
        now=NOW,
        effective_on=TODAY,
        made_by=small.karin,
        approved_by=small.youssef,
    )


each_way_of_booking = pytest.mark.parametrize("books_it", [books_one, books_two, issues])
Books = Callable[[SmallBooks, str], Posted]


@each_way_of_booking
def test_who_closes_a_period_waits_for_the_entries_under_way(small: SmallBooks, books_it: Books) -> None:
    book("filled", (small.bank, small.budget, 500))
    with transaction.atomic():
        books_it(small, "in time")
        closing = beside(partial(close_november, small))
        assert closing.waits()
    closing.result()
    with pytest.raises(PeriodClosed):
        books_it(small, "too late")


@each_way_of_booking
def test_an_entry_waits_for_a_period_that_is_being_closed_and_is_refused(
    small: SmallBooks, books_it: Books
) -> None:
    book("filled", (small.bank, small.budget, 500))
    with transaction.atomic():
        close_november(small)
        late = beside(partial(books_it, small, "too late"))
        assert late.waits()
    with pytest.raises(PeriodClosed):
        late.result()


@each_way_of_booking
def test_without_that_lock_the_entry_slips_into_the_closed_period(small: SmallBooks, books_it: Books) -> None:
    book("filled", (small.bank, small.budget, 500))
    without(LOCK_OF_PERIOD, function="ledger_wait_to_close()")
    with transaction.atomic():
        close_november(small)
        assert beside(partial(books_it, small, "too late")).result().created


each_way_to_a_purse = pytest.mark.parametrize(
    "other", ["clearing", "bank"]
)  # the short way, and the long one


def close_purse(small: SmallBooks) -> None:
    ledger.close_account(account_id=small.purse, now=NOW)


@each_way_to_a_purse
def test_who_closes_an_account_waits_for_the_entry_under_way_and_sees_it(
    small: SmallBooks, other: str
) -> None:
    with transaction.atomic():
        book("in time", (getattr(small, other), small.purse, 500))
        closing = beside(partial(close_purse, small))
        assert closing.waits()
    with pytest.raises(NotEmpty):
        closing.result()
    assert books.balance(small.purse) == 500


@each_way_to_a_purse
def test_an_entry_waits_for_an_account_that_is_being_closed_and_is_refused(
    small: SmallBooks, other: str
) -> None:
    with transaction.atomic():
        close_purse(small)
        late = beside(partial(book, "too late", (getattr(small, other), small.purse, 500)))
        assert late.waits()
    with pytest.raises(AccountClosed):
        late.result()
    assert books.balance(small.purse) == 0


def test_nor_does_what_comes_in_and_goes_on_pass_over_it(small: SmallBooks) -> None:
    through = [(small.clearing, small.purse, 500), (small.purse, small.pot, 500)]
    with transaction.atomic():
        close_purse(small)
        late = beside(partial(book, "too late", *through))
        assert late.waits()
    with pytest.raises(AccountClosed):
        late.result()


# What the locks rest upon.


def test_who_posts_under_repeatable_read_is_refused(small: SmallBooks) -> None:
    for level, wanted in (("READ COMMITTED", None), ("REPEATABLE READ", "LG000"), ("SERIALIZABLE", "LG000")):
        with transaction.atomic():
            run(f"SET TRANSACTION ISOLATION LEVEL {level}")
            result = tried(partial(book, level, (small.bank, small.budget, 500)))
        assert getattr(getattr(result, "__cause__", None), "sqlstate", None) == wanted
        assert isinstance(result, DatabaseError) == (wanted is not None)
    assert books.balance(small.budget) == 500
