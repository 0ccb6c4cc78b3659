"""Any order of legal postings and reversals keeps every invariant, and equals a model in a few lines of Python."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import queries as books
from ledger.checks import all_checks
from ledger.models import Checkpoint, Entry, Transfer
from ledger.operations import (
    KeyReused,
    LedgerError,
    NotEnoughCash,
    Overdrawn,
    Posted,
    ReversedAlready,
    TwoPeopleNeeded,
)
from tests.cast import TODAY
from tests.ledger.small_books import SmallBooks, book, undo

Moves = tuple[tuple[int, int, int], ...]


@dataclass
class Model:
    """The books as they should be. Accounts by id, `cents` on the debit side."""

    debit_side: set[int]
    unguarded: set[int]
    bank: int
    budget: int
    cheque: int
    ways: set[int]
    held: set[int]
    cents: Counter[int] = field(default_factory=Counter)
    entries: dict[str, Moves] = field(default_factory=dict)
    by_two: dict[str, bool] = field(default_factory=dict)
    reversed: dict[str, str] = field(default_factory=dict)

    def balance(self, account: int) -> int:
        return self.cents[account] if account in self.debit_side else -self.cents[account]

    def post(self, key: str, moves: Moves, *, by_two: bool) -> type[LedgerError] | None:
        """Books it, or gives the refusal and books nothing."""
        if key in self.entries:
            return None if (self.entries[key], self.by_two[key]) == (moves, by_two) else KeyReused
        if not by_two and any(self._takes_two(debit, credit) for debit, credit, _ in moves):
            return TwoPeopleNeeded
        return self._book(key, moves, by_two=by_two)

    def _takes_two(self, debit: int, credit: int) -> bool:
        issues = (debit, credit) == (self.budget, self.cheque)
        return issues or (credit in self.ways and debit != self.bank) or self._by_the_bank(debit, credit)

    def _by_the_bank(self, debit: int, credit: int) -> bool:
        return credit == self.bank and debit in self.held

    def _book(self, key: str, moves: Moves, *, by_two: bool) -> type[LedgerError] | None:
        before = self.cents.copy()
        for debit, credit, amount in moves:
            self.cents[debit] += amount
            self.cents[credit] -= amount
        refused = self._refused(moves)
        if refused:
            self.cents = before
        else:
            self.entries[key], self.by_two[key] = moves, by_two
        return refused

    def _refused(self, moves: Moves) -> type[LedgerError] | None:
        touched = {account for debit, credit, _ in moves for account in (debit, credit)}
        if any(self.balance(account) < 0 for account in touched - self.unguarded):
            return Overdrawn
        sends = any(credit in self.ways and debit != self.bank for debit, credit, _ in moves)
        if sends and sum(self.balance(way) for way in self.ways) > self.balance(self.bank):
            return NotEnoughCash
        return None

    def reverse(self, key: str, entry: str) -> type[LedgerError] | None:
        if self.reversed.get(entry, key) != key:
            return ReversedAlready
        if key in self.entries:
            return None
        mirrored = tuple((credit, debit, amount) for debit, credit, amount in self.entries[entry])
        if any(
            self._takes_two(debit, credit) and not self._by_the_bank(debit, credit)
            for debit, credit, _ in mirrored
        ):
            return TwoPeopleNeeded
        refused = self._book(key, mirrored, by_two=False)
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
posting = st.tuples(st.integers(0, 12), st.lists(moves, min_size=1, max_size=3), st.booleans())
reversing = st.tuples(st.integers(0, 5), st.integers(0, 30))
# Number, transfers between places, whether two people are named; number, which entry.
Posting = tuple[int, list[tuple[str, str, int]], bool]
Reversing = tuple[int, int]


@pytest.mark.django_db
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=st.lists(st.one_of(posting, posting, reversing), max_size=25))
def test_any_order_of_postings_and_reversals_equals_the_model(
    small: SmallBooks, story: list[Posting | Reversing]
) -> None:
    with transaction.atomic():
        play(small, story)
        transaction.set_rollback(True)


def play(small: SmallBooks, story: list[Posting | Reversing]) -> None:
    places = {name: getattr(small, name) for name in PLACES}
    model = Model(
        debit_side={small.bank, small.clearing},
        unguarded={small.bank, small.clearing},
        bank=small.bank,
        budget=small.budget,
        cheque=small.cheque,
        ways={small.way, small.other_way},
        held={small.budget, small.cheque, small.purse, small.pot, small.to_return},
    )
    done: dict[str, int] = {}
    start = ((small.bank, small.budget, 50), (small.bank, small.pot, 50))
    assert outcome("start", done, partial(book, "start", *start)) == model.post("start", start, by_two=False)
    for step in story:
        if len(step) == 3:
            number, wanted, by_two = step
            key = f"post {number}"
            real = tuple((places[debit], places[credit], cents) for debit, credit, cents in wanted)
            action = partial(book, key, *real, by=small.two if by_two else (small.karin, None))
            assert outcome(key, done, action) == model.post(key, real, by_two=by_two)
        else:
            number, which = step
            entry = sorted(model.entries)[which % len(model.entries)]
            key = f"undo {number} of {entry}"
            assert outcome(key, done, partial(undo, key, done[entry])) == model.reverse(key, entry)
        assert books.balances(places.values()) == {
            account: model.balance(account) for account in places.values()
        }
    assert_whole(small, model, done)


def assert_whole(small: SmallBooks, model: Model, done: dict[str, int]) -> None:
    assert [check.name for check in all_checks() if not check.ok] == []
    assert set(done) == set(model.entries)
    assert Entry.objects.count() == len(set(done.values())) == len(model.entries)
    assert Transfer.objects.count() == sum(len(transfers) for transfers in model.entries.values())
    assert set(Checkpoint.objects.values_list("account_id", flat=True)) <= {small.pot, small.bank}
    trial = books.trial_balance(fund_ids=[small.fund], since=TODAY, until=TODAY)
    assert {line.account_id: line.closing_cents for line in trial} == {
        line.account_id: model.balance(line.account_id) for line in trial
    }
    assert sum(line.debit_cents for line in trial) == sum(line.credit_cents for line in trial)
