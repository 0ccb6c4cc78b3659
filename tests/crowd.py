"""Several people who do something at the same moment, each on a connection of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(*actions: Callable[[], T]) -> list[T | Exception]:
    """What came of each, in order: its result, or what it raised. All start together."""
    start = threading.Barrier(len(actions))

    def act(action: Callable[[], T]) -> T | Exception:
        try:
            connections["default"].ensure_connection()
            start.wait(timeout=30)
            return action()
        except Exception as error:  # noqa: BLE001 - the test says which are right
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(actions)) as crowd:
        return list(crowd.map(act, actions))


def gave(outcomes: list[T | Exception]) -> list[T]:
    """What each gave, where none may fail. Raises what the first that did has raised."""
    given: list[T] = []
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
        given.append(outcome)
    return given


def kinds(outcomes: list[T | Exception]) -> list[str]:
    """The names of what was raised or given, sorted."""
    return sorted(type(outcome).__name__ for outcome in outcomes)
