"""Statements as one role or another, and what happens when the owner takes a guard away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

NO_RIGHT = "42501"
APPEND_ONLY = "LG009"
POST = "ledger_post(text,text,text,date,timestamptz,bigint,bigint,text,bigint,bigint[],bigint[],bigint[])"


def run(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def refusal(sql: str, *parameters: Any) -> psycopg.Error:
    """What the database says when it refuses this; a test fails when it does not. What came before stays."""
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        run(sql, *parameters)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause


@contextmanager
def as_owner() -> Iterator[None]:
    """All queries of the block go as the owner, and nothing of it stays."""
    application = connections["default"]
    connections["default"] = connections["owner"]
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        connections["default"] = application


def take_away_triggers(*tables: str) -> None:
    """As the owner. Constraints that wait for the commit would stand in the way, so they are checked first."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def take_away(guard: str, *, function: str = POST, instead: str = "PERFORM 1") -> None:
    """As the owner: makes the function anew without this text of its body, which must be in it."""
    [(definition,)] = run("SELECT pg_get_functiondef(%s::regprocedure)", function)
    assert guard in definition
    with connection.cursor() as cursor:
        cursor.execute(definition.replace(guard, instead))
