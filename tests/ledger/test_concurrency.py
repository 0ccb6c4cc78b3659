"""Many at the same time: nobody spends what is not there, nothing is booked twice, nobody waits for ever."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import DatabaseError, connection, connections, transaction

from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.checks import all_checks
from ledger.models import Checkpoint, Entry, Period, Transfer
from ledger.operations import (
    KeyReused,
    NotEnoughCash,
    Overdrawn,
    PeriodClosed,
    Posted,
    ReversedAlready,
)
from tests.cast import NOW, TODAY
from tests.ledger.roles import POST, take_away
from tests.ledger.small_books import SmallBooks, book, small_books, undo
from tests.ledger.together import at_once, beside, times

LOCK_OF_POOLED = "PERFORM pg_advisory_xact_lock(4711, v_row.id::int)"
LOCK_OF_KEY = "PERFORM pg_advisory_xact_lock(hashtextextended(p_key, 1))"


@pytest.fixture
def small(own_database: str) -> SmallBooks:
    return small_books()


def broken() -> list[str]:
    return [check.name for check in all_checks() if not check.ok]


def without(guard: str, function: str = POST) -> None:
    """For good: the database is thrown away after the test."""
    application = connections["default"]
    connections["default"] = connections["owner"]
    take_away(guard, function=function)
    connections["default"] = application


def posted(results: list[Posted | Exception]) -> list[Posted]:
    return [result for result in results if isinstance(result, Posted)]


def test_returns_of_payouts_to_one_bank_at_once_do_not_stand_in_each_others_way(small: SmallBooks) -> None:
    def returns(way: int, name: str) -> list[Posted | Exception]:
        return times(100, lambda n: book(f"{name} {n}", (small.bank, way, 1)))

    results = at_once(lambda: returns(small.way, "one"), lambda: returns(small.other_way, "other"))
    assert [r for side in results for r in (side if isinstance(side, list) else [side]) if not isinstance(r, Posted)] == []
