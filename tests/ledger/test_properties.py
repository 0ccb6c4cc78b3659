"""Any order of postings, reversals and closings keeps every invariant, and equals a model in a few lines of Python."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import queries as books
from ledger.checks import all_checks
from ledger.models import Checkpoint, Entry, Period, Transfer
from ledger.operations import (
    IsReversal,
    KeyReused,
    LedgerError,
    NotEnoughCash,
    Overdrawn,
    PeriodClosed,
    Posted,
    ReversedAlready,
    TwoPeopleNeeded,
)
from tests.cast import NOW, TODAY
from tests.ledger.small_books import SmallBooks, book, undo

Moves = tuple[tuple[int, int, int], ...]


@dataclass
class Model:
    """The books as they should be. Accounts by id, `cents` on the debit side."""

    debit_side: set[int]
    unguarded: set[int]
    bank: int
    budget: int
    clearing: int
    cheque: int
    purse: int
    pot: int
    to_return: int
    ways: set[int]
    held: set[int]
    cents: Counter[int] = field(default_factory=Counter)
    entries: dict[str, Moves] = field(default_factory=dict)
    said: dict[str, tuple[bool, date]] = field(default_factory=dict)
    reversed: dict[str, str] = field(default_factory=dict)
    closed_until: date = date.min

    def balance(self, account: int) -> int:
        return self.cents[account] if account in self.debit_side else -self.cents[account]

    def post(self, key: str, moves: Moves, *, by_two: bool, on: date) -> type[LedgerError] | None:
        """Books it, or gives the refusal and books nothing. `on`: the day for which it holds."""
        if key in self.entries:
            return None if (self.entries[key], self.said[key]) == (moves, (by_two, on)) else KeyReused
        if on <= self.closed_until:
            return PeriodClosed
        if not by_two and any(self._takes_two(debit, credit) for debit, credit, _ in moves):
            return TwoPeopleNeeded
        return self._book(key, moves, by_two=by_two, on=on)

    def _takes_two(self, debit: int, credit: int) -> bool:
        issues = credit == self.cheque and debit != self.purse
        from_budget = debit == self.budget and credit in (self.purse, self.clearing)
        pays = credit in self.ways and debit != self.bank
        return issues or from_budget or pays or self._leaves(debit, credit)

    def _leaves(self, debit: int, credit: int) -> bool:
        """To the bank or to Stripe, but for a payout that leaves; or back to residents. What undoes may do so alone."""
        if debit in self.ways:
            return credit == self.clearing
        back = debit == self.to_return and credit in (self.purse, self.pot)
        return back or (debit in self.held and credit in (self.bank, self.clearing))

    def _book(self, key: str, moves: Moves, *, by_two: bool, on: date) -> type[LedgerError] | None:
        before = self.cents.copy()
        for debit, credit, amount in moves:
            self.cents[debit] += amount
            self.cents[credit] -= amount
        refused = self._refused(moves)
        if refused:
            self.cents = before
        else:
            self.entries[key], self.said[key] = moves, (by_two, on)
        return refused

    def _refused(self, moves: Moves) -> type[LedgerError] | None:
        touched = {account for debit, credit, _ in moves for account in (debit, credit)}
        if any(self.balance(account) < 0 for account in touched - self.unguarded):
            return Overdrawn
        sends = any(credit in self.ways and debit != self.bank for debit, credit, _ in moves)
        if sends and sum(self.balance(way) for way in self.ways) > self.balance(self.bank):
            return NotEnoughCash
        return None

    def reverse(self, key: str, entry: str, *, on: date) -> type[LedgerError] | None:
        if self.reversed.get(entry, key) != key:
            return ReversedAlready
        if key in self.entries:
            return None
        if on <= self.closed_until:
            return PeriodClosed
        if entry in self.reversed.values():
            return IsReversal
        mirrored = tuple((credit, debit, amount) for debit, credit, amount in self.entries[entry])
        if any(
            self._takes_two(debit, credit) and not self._leaves(debit, credit)
            for debit, credit, _ in mirrored
        ):
            return TwoPeopleNeeded
        refused = self._book(key, mirrored, by_two=False, on=on)
        if not refused:
            self.reversed[entry] = key
        return refused


def outcome(key: str, done: dict[str, int], action: Callable[[], Posted]) -> type[LedgerError] | None:
    """What the real books say to a posting, or to the reversal of an entry."""
    try:
        done[key] = action().entry_id
    except LedgerError as refused:
        return type(refused)
    return None


PLACES = ("bank", "clearing", "budget", "cheque", "purse", "pot", "way", "other_way", "to_return")
moves = st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(1, 40)).filter(
    lambda m: m[0] != m[1]
)
days_ago = st.sampled_from([0, 0, 1, 3])
posting = st.tuples(st.integers(0, 12), days_ago, st.lists(moves, min_size=1, max_size=3), st.booleans())
reversing = st.tuples(st.integers(0, 5), days_ago, st.integers(0, 30))
closing = st.tuples(st.integers(1, 4))
# Number, days ago, transfers between places, whether two people are named; number, days ago, which entry; until days ago.
Posting = tuple[int, int, list[tuple[str, str, int]], bool]
Reversing = tuple[int, int, int]
Closing = tuple[int]


@pytest.mark.django_db
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=st.lists(st.one_of(posting, posting, posting, reversing, reversing, closing), max_size=25))
def test_any_order_of_postings_reversals_and_closings_equals_the_model(
    small: SmallBooks, story: list[Posting | Reversing | Closing]
) -> None:
    with transaction.atomic():
        play(small, story)
        transaction.set_rollback(True)


def play(small: SmallBooks, story: list[Posting | Reversing | Closing]) -> None:
    places = {name: getattr(small, name) for name in PLACES}
    model = Model(
        debit_side={small.bank, small.clearing},
        unguarded={small.bank, small.clearing},
        bank=small.bank,
        budget=small.budget,
        clearing=small.clearing,
        cheque=small.cheque,
        purse=small.purse,
        pot=small.pot,
        to_return=small.to_return,
        ways={small.way, small.other_way},
        held={small.budget, small.cheque, small.purse, small.pot, small.to_return},
    )
    done: dict[str, int] = {}
    start = ((small.bank, small.budget, 50), (small.bank, small.pot, 50))
    first = partial(book, "start", *start, on=TODAY)
    assert outcome("start", done, first) == model.post("start", start, by_two=False, on=TODAY)
    for step in story:
        if len(step) == 1:
            close(small, model, TODAY - timedelta(days=step[0]))
        elif len(step) == 4:
            number, days, wanted, by_two = step
            key, on = f"post {number}", TODAY - timedelta(days=days)
            real = tuple((places[debit], places[credit], cents) for debit, credit, cents in wanted)
            action = partial(book, key, *real, by=small.two if by_two else (small.karin, None), on=on)
            assert_same(outcome(key, done, action), model.post(key, real, by_two=by_two, on=on))
        else:
            number, days, which = step
            entry, on = sorted(model.entries)[which % len(model.entries)], TODAY - timedelta(days=days)
            key = f"undo {number} of {entry} on {on}"
            assert_same(
                outcome(key, done, partial(undo, key, done[entry], on)), model.reverse(key, entry, on=on)
            )
        assert books.balances(places.values()) == {
            account: model.balance(account) for account in places.values()
        }
    assert_whole(small, model, done)


def close(small: SmallBooks, model: Model, until: date) -> None:
    if until > model.closed_until:
        since = max(model.closed_until, date(2026, 1, 1))
        model.closed_until = until
        Period.objects.create(
            starts_on=since + timedelta(days=1),
            ends_on=until,
            closed_at=NOW,
            made_by=small.karin,
            approved_by=small.youssef,
        )


def assert_same(real: type[LedgerError] | None, wanted: type[LedgerError] | None) -> None:
    """What lies in a closed period may be refused for another reason too: which of them is said does not matter."""
    assert real == wanted or (wanted is PeriodClosed and real is not None)


def assert_whole(small: SmallBooks, model: Model, done: dict[str, int]) -> None:
    assert [check.name for check in all_checks() if not check.ok] == []
    assert set(done) == set(model.entries)
    assert Entry.objects.count() == len(set(done.values())) == len(model.entries)
    assert Transfer.objects.count() == sum(len(transfers) for transfers in model.entries.values())
    assert set(Checkpoint.objects.values_list("account_id", flat=True)) <= {small.pot, small.bank}
    trial = books.trial_balance(fund_ids=[small.fund], since=date(2026, 1, 1), until=TODAY)
    assert {line.account_id: line.closing_cents for line in trial} == {
        line.account_id: model.balance(line.account_id) for line in trial
    }
    assert sum(line.debit_cents for line in trial) == sum(line.credit_cents for line in trial)
