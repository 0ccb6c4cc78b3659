"""Databases for tests: one template, migrated by the owner, and clones of it on which the application's role works.

A clone replaces Django's flush, which would be a TRUNCATE and is refused by the books.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.test import override_settings
from psycopg import sql

ALIASES = ("default", "owner", "reader")
TEMPLATE = f"test_buurtpot_{os.getpid()}"
Made = TypeVar("Made")


def url(alias: str, name: str) -> str:
    """The connection URL of a role for another database on the same server."""
    base = {
        "default": settings.DATABASE_URL,
        "owner": settings.MIGRATION_DATABASE_URL,
        "reader": settings.READER_DATABASE_URL,
    }[alias]
    return urlunsplit(urlsplit(base)._replace(path=f"/{name}"))


def environment(name: str) -> dict[str, str]:
    """What a process of its own needs to work on this database, in each of the three roles."""
    return {
        "DATABASE_URL": url("default", name),
        "MIGRATION_DATABASE_URL": url("owner", name),
        "READER_DATABASE_URL": url("reader", name),
    }


def as_owner(statement: sql.Composed) -> None:
    with psycopg.connect(url("owner", "postgres"), autocommit=True) as owner:
        owner.execute(statement)


def point_at(name: str) -> None:
    """Lets all of Django's connections go to this database."""
    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        connections.settings[alias]["NAME"] = name


def drop(name: str) -> None:
    for alias in ALIASES:
        connections[alias].close()
        # Each role ends its own sessions: FORCE is refused for those of another role.
        with psycopg.connect(url(alias, "postgres"), autocommit=True) as role:
            role.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                [name],
            )
    as_owner(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def clone(name: str, *, of: str = TEMPLATE) -> None:
    as_owner(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(of)))


def make_template() -> None:
    drop(TEMPLATE)
    as_owner(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    point_at(TEMPLATE)
    call_command("migrate", database="owner", verbosity=0)
    for alias in ALIASES:
        connections[alias].close()


@contextmanager
def cloned(name: str, *, of: str = TEMPLATE) -> Iterator[str]:
    """A database of one's own, with all connections going there for as long as the block lasts."""
    before = str(connections["default"].settings_dict["NAME"])
    clone(name, of=of)
    point_at(name)
    try:
        yield name
    finally:
        drop(name)
        point_at(before)


@dataclass(frozen=True)
class Kept(Generic[Made]):
    """What many tests begin with, built and committed once, in a database that none of them changes; `files`: what was stored."""

    name: str
    made: Made
    files: Path

    def for_a_test(self, files: Path) -> Made:
        """A copy of the objects, for the test to change, and of the files."""
        shutil.copytree(self.files, files, dirs_exist_ok=True)
        return deepcopy(self.made)


@contextmanager
def kept(what: str, build: Callable[[], Made], files: Path) -> Iterator[Kept[Made]]:
    name = f"{TEMPLATE}_{what}"
    clone(name)
    try:
        with pointed_at(name), override_settings(MEDIA_ROOT=files), transaction.atomic():
            made = build()
            connections["default"].run_on_commit.clear()  # as after a test: nobody works on what it left
        yield Kept(name, made, files)
    finally:
        drop(name)


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    before = str(connections["default"].settings_dict["NAME"])
    point_at(name)
    try:
        yield
    finally:
        point_at(before)
