"""Actions at the same time, each in a thread with a connection of its own. They wait for each other, never for a clock."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Barrier
from time import monotonic
from typing import Generic, TypeVar

from django.db import DatabaseError, connection

from ledger.operations import LedgerError
from tests.ledger.roles import run

T = TypeVar("T")
PATIENCE_SECONDS = 20
REFUSALS = (LedgerError, DatabaseError)


def at_once(*actions: Callable[[], T]) -> list[T | Exception]:
    """What came of each action, or the refusal that it met. All start from the same moment."""
    start = Barrier(len(actions), timeout=PATIENCE_SECONDS)

    def one(action: Callable[[], T]) -> T | Exception:
        try:
            connection.ensure_connection()
            start.wait()
            return action()
        except REFUSALS as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(one, actions))


def times(many: int, action: Callable[[int], T]) -> list[T | Exception]:
    """What came of `action(0)`, `action(1)` and so on, one after the other on this connection."""
    results: list[T | Exception] = []
    for number in range(many):
        try:
            results.append(action(number))
        except REFUSALS as refused:
            results.append(refused)
    return results


@dataclass(frozen=True)
class Beside(Generic[T]):
    """Somebody else's action, under way. `session`: the process id of its connection in the database."""

    session: int
    outcome: Future[T]

    def waits(self) -> bool:
        """Whether it has come to stand behind somebody's lock; False when it went on to its end instead."""
        until = monotonic() + PATIENCE_SECONDS
        while monotonic() < until:
            if self.outcome.done():
                return False
            if run("SELECT cardinality(pg_blocking_pids(%s)) > 0", self.session) == [(True,)]:
                return True
        raise AssertionError("it neither ends nor waits")

    def result(self) -> T:
        """Raises what the action raised."""
        return self.outcome.result(PATIENCE_SECONDS)


@contextmanager
def beside(action: Callable[[], T]) -> Iterator[Beside[T]]:
    """Starts the action in a thread of its own. It should be able to end before the block does."""
    session: Future[int] = Future()

    def one() -> T:
        try:
            session.set_result(run("SELECT pg_backend_pid()")[0][0])
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(one)
        yield Beside(session.result(PATIENCE_SECONDS), outcome)
