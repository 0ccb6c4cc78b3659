"""Workers and the whole database, killed with -9 while they post and seal: nothing acknowledged is lost, nothing is booked twice.

Clients ask workers to post gifts, each under a key of its own, and ask anew under the same key when no answer came. What they
were told is booked is looked for afterwards. Two controls show that it can go wrong: a database that does not wait for its disk
loses what it acknowledged, and clients that take a new key for every try book twice.

`python -m tests.faults.kills` prints lines of JSON.
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from common import embedded
from common.processes import signal_all, works_in
from tests.bench.server import SETTINGS, Host, host

DATABASE = "kills"
CLIENTS = 3
GIFTS = 5  # at least, between two kills: there must be something to lose
THEN = (0.0, 0.1)  # seconds
SEALS = 0.05  # of what is asked
PAUSE = 0.02  # seconds, before a gift is asked for again
MOST_TRIES = 3_000  # for one gift: more is a fault of the game


class Worker:
    """A process that works for one client, and is there again when it was killed."""

    def __init__(self, context: ForkServerContext, accounts: tuple[int, int]) -> None:
        self.context = context
        self.accounts = accounts
        self._start()

    def _start(self) -> None:
        from tests.faults.posting import work

        self.line, theirs = self.context.Pipe()
        self.process: ForkServerProcess = self.context.Process(target=work, args=(theirs, *self.accounts))
        self.process.start()
        theirs.close()

    def ask(self, wanted: tuple[str, int] | None) -> int | None:
        """Its answer; None when there was none, and then another worker stands ready."""
        try:
            self.line.send(wanted)
            answer: int | None = self.line.recv()
        except (EOFError, OSError):
            self.process.join()
            self._start()
            return None
        return answer

    def kill(self) -> None:
        pid = self.process.pid  # none in the moment before it is started; 0 would be ourselves
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@dataclass
class Client:
    """Gives one gift after the other, each asked for until it is acknowledged. `told`: gift -> entry."""

    number: int
    worker: Worker
    same_key: bool
    stop: threading.Event
    told: dict[int, int] = field(default_factory=dict)

    def give(self) -> None:
        chance, gift = random.Random(self.number), self.number
        while not self.stop.is_set():
            tries = 0
            while gift not in self.told:
                if chance.random() < SEALS:
                    self.worker.ask(None)
                key = f"gift:{gift}" if self.same_key else f"gift:{gift}:{tries}"
                tries += 1
                if tries > MOST_TRIES:
                    self.stop.set()
                    return
                entry_id = self.worker.ask((key, gift))
                if entry_id is None:
                    time.sleep(PAUSE)
                else:
                    self.told[gift] = entry_id
            gift += CLIENTS


@dataclass(frozen=True)
class Outcome:
    kills: int
    told: int
    lost: int
    doubled: int
    broken: list[str]


def play(server: Host, *, kills: int, of_database: bool, same_key: bool = True, seed: int = 1) -> Outcome:
    """On a new database. Kills until there were so many; then every gift that was begun is brought to an end."""
    accounts = prepared(server)
    server.write_out()  # also where the database does not wait for its disk, the game begins with a board
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.posting"])
    stop = threading.Event()
    clients = [Client(nr, Worker(context, accounts), same_key, stop) for nr in range(1, CLIENTS + 1)]
    threads = [threading.Thread(target=client.give) for client in clients]
    for thread in threads:
        thread.start()
    chance = random.Random(seed)
    try:
        for _turn in range(kills):
            before = sum(len(client.told) for client in clients)
            while sum(len(client.told) for client in clients) < before + GIFTS and not stop.is_set():
                time.sleep(0.001)
            time.sleep(chance.uniform(*THEN))
            if of_database:
                kill_database(server)
            else:
                chance.choice(clients).worker.kill()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for client in clients:
            client.worker.kill()
    told = {gift: entry_id for client in clients for gift, entry_id in client.told.items()}
    return looked_for(told, kills)


def kill_database(server: Host) -> None:
    """Every process of it at once, as when the power fails; then it recovers by itself."""
    home = server.server.home
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    signal_all([pid for pid in pids if works_in(pid, home / "data")], signal.SIGKILL)
    embedded.ensure_running(data_dir=home, settings=SETTINGS)


def prepared(server: Host) -> tuple[int, int]:
    """A new database with a fund; gives the ids of two of its accounts."""
    from django.db import connections

    from ledger import operations as ledger
    from ledger.chart import Code
    from tests.ledger.small_books import small_books

    connections.close_all()
    server.create(DATABASE, of=f"{DATABASE}_empty")
    small = small_books()
    other = ledger.account(fund_id=small.fund, code=Code.POTS, key="campaign:2")
    connections.close_all()
    return small.clearing, other


def looked_for(told: dict[int, int], kills: int) -> Outcome:
    """What the clients were told, beside what is booked; and every invariant, and the seals."""
    from django.db import connections
    from django.utils import timezone

    from ledger import seals
    from ledger.checks import all_checks
    from ledger.exports import sealed
    from ledger.kept import Astray
    from ledger.models import Entry
    from tests.ledger.verifier import verify_books

    connections.close_all()
    booked: dict[int, list[int]] = {}
    for source, pk in Entry.objects.filter(kind="gift").values_list("source", "pk"):
        booked.setdefault(int(source.removeprefix("gift:")), []).append(pk)
    broken = [check.name for check in all_checks() if not check.ok]
    key = seals.the_key()
    try:
        seals.seal(key=key, head_file=seals.head_file(), holder="Stichting Buurtpot", now=timezone.now())
    except Astray as astray:
        broken.append(f"seal: {astray}")
    journal = BytesIO()
    sealed.write(journal, made_at=timezone.now())
    journal.seek(0)
    public = key.public_key().public_bytes_raw().hex()
    try:
        verify_books.Books(keys=[public], expect_head=None, witnesses=[]).read(journal)
    except verify_books.Wrong as wrong:
        broken.append(f"verify_books: {wrong}")
    connections.close_all()
    return Outcome(
        kills=kills,
        told=len(told),
        lost=sum(entry_id not in booked.get(gift, []) for gift, entry_id in told.items()),
        doubled=sum(len(entries) > 1 for entries in booked.values()),
        broken=broken,
    )


def held(name: str, outcome: Outcome) -> dict[str, Any]:
    bad = outcome.lost + outcome.doubled + len(outcome.broken)
    return {
        "name": name,
        "value": bad,
        "unit": "acknowledged entries lost or doubled, invariants broken",
        "against": f"{outcome.kills} kills with -9, {outcome.told} acknowledged; {outcome.lost} lost, {outcome.doubled} doubled,"
        f" {len(outcome.broken)} broken",
        "ratio": float(bad),
        "target": 0.0,
        "ok": not bad and outcome.told > outcome.kills,
    }


def red(name: str, found: int, what: str, outcome: Outcome) -> dict[str, Any]:
    """A control: something must have gone wrong."""
    return {
        "name": name,
        "value": found,
        "unit": what,
        "against": f"{outcome.kills} kills with -9, {outcome.told} acknowledged; at least one must be",
        "ratio": float(found),
        "target": 1.0,
        "ok": found > 0,
    }


def results(*, of_workers: int = 200, of_database: int = 50) -> list[dict[str, Any]]:
    with host() as server:
        os.environ.update(server.environment(DATABASE))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        server.create(f"{DATABASE}_empty")
        server.migrate(f"{DATABASE}_empty")
        lines = [
            held("kill_worker", play(server, kills=of_workers, of_database=False)),
            held("kill_database", play(server, kills=of_database, of_database=True)),
        ]
        without_key = play(server, kills=of_workers, of_database=False, same_key=False)
        lines.append(red("kill_worker_without_key", without_key.doubled, "gifts booked twice", without_key))
        with server.as_superuser(f"{DATABASE}_empty") as superuser:
            superuser.execute(f"ALTER ROLE {embedded.APPLICATION} SET synchronous_commit = off")
            superuser.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            superuser.execute("SELECT pg_reload_conf()")
        not_synchronous = play(server, kills=of_database, of_database=True)
        lines.append(
            red(
                "kill_database_not_synchronous",
                not_synchronous.lost,
                "acknowledged entries lost",
                not_synchronous,
            )
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=200, help="kills of a worker")
    parser.add_argument("--databases", type=int, default=50, help="kills of the database")
    asked = parser.parse_args()
    lines = results(of_workers=asked.workers, of_database=asked.databases)
    sys.stdout.writelines(json.dumps(line) + "\n" for line in lines)
    return 0 if all(line["ok"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
