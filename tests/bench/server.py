"""The one server that all peers share: the embedded PostgreSQL, in a home of its own, with settings that are stated."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from common import embedded
from tests.bench.talk import ROOT

# Durable as in production: fsync, synchronous_commit and full_page_writes stay on. Memory enough for ten million transfers,
# and no checkpoint of its own in the middle of a measurement: that falls on whoever happens to run.
SETTINGS = {
    "shared_buffers": "2GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}


@dataclass(frozen=True)
class Host:
    """The server, and what a peer needs to work on one of its databases."""

    server: embedded.Server

    def url(self, database: str, role: str = embedded.APPLICATION) -> str:
        return self.server.url(role, database)

    def environment(self, database: str) -> dict[str, str]:
        return os.environ | {
            "PYTHONPATH": str(ROOT / "src"),
            "DATABASE_URL": self.url(database),
            "MIGRATION_DATABASE_URL": self.url(database, embedded.OWNER),
            "RUN_DIR": str(self.server.home),  # the key that seals
            "READER_DATABASE_URL": self.url(database, embedded.READER),
        }

    def create(self, database: str, *, of: str = "template1") -> None:
        self._as_owner("DROP DATABASE IF EXISTS {}", database)
        self._as_owner("CREATE DATABASE {} TEMPLATE {}", database, of)

    def drop(self, database: str) -> None:
        self._as_owner("DROP DATABASE {}", database)

    def migrate(self, database: str) -> None:
        manage = [
            sys.executable,
            str(ROOT / "src" / "manage.py"),
            "migrate",
            "--database=owner",
            "--verbosity=0",
        ]
        subprocess.run(manage, env=self.environment(database), check=True)

    def as_superuser(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.url(database, "postgres"), autocommit=True)

    def write_out(self) -> None:
        """A checkpoint now, so that none falls in what is measured next."""
        with self.as_superuser("postgres") as superuser:
            superuser.execute("CHECKPOINT")

    def _as_owner(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres", embedded.OWNER), autocommit=True) as owner:
            owner.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def host() -> Iterator[Host]:
    """On the disk of the checkout: a temporary folder may lie in memory, where fsync costs nothing."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=build))
    try:
        yield Host(embedded.run_while(os.getpid(), data_dir=home, settings=SETTINGS))
    finally:
        embedded.stop(data_dir=home)
        shutil.rmtree(home)
