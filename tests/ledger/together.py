"""Somebody else's action beside one's own, on a connection of its own. They wait for each other, never for a clock."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from django.db import DatabaseError, connection

from ledger.operations import LedgerError
from tests.ledger.roles import run

T = TypeVar("T")
PATIENCE_SECONDS = 20


def tried(action: Callable[[], T]) -> T | Exception:
    """What came of it, or the refusal that it met."""
    try:
        return action()
    except (LedgerError, DatabaseError) as refused:
        return refused


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


def beside(action: Callable[[], T]) -> Beside[T]:
    """Starts the action in a thread of its own. Its connection is closed when it ends."""
    session: Future[int] = Future()

    def one() -> T:
        try:
            session.set_result(run("SELECT pg_backend_pid()")[0][0])
            return action()
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    outcome = pool.submit(one)
    pool.shutdown(wait=False)
    return Beside(session.result(PATIENCE_SECONDS), outcome)
