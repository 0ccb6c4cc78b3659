"""The lines of `build/bench.json`: what is measured, beside what, and what is asked of it.

In every round each contender has its turn, in another order each time. A line's value is the median over the rounds; its ratio
is the median of the rounds' own ratios, so that a machine that slows down half way slows both.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from common import embedded
from tests.bench import growth, pgbench
from tests.bench.server import Host
from tests.bench.talk import ROOT, Team, team

HORDAK_PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"


@dataclass(frozen=True)
class Sizes:
    """`seconds`: of one turn. `lines`: cheques of an issue, and lines of an account whose balance is asked."""

    clients: int = 8
    rounds: int = 5
    seconds: int = 8
    tpcb_scale: int = 50
    purses: int = 10_000
    lines: int = 100_000
    issues: int = 3
    few: int = 10_000
    many: int = 10_000_000


@dataclass(frozen=True)
class Line:
    """`ratio`: ours to theirs, above one when ours is the faster; `target`: what it has to be at least."""

    name: str
    value: float
    unit: str
    against: str
    ratio: float
    target: float

    @property
    def ok(self) -> bool:
        return self.ratio >= self.target

    def as_row(self) -> dict[str, object]:
        rounded = {name: float(f"{getattr(self, name):.4g}") for name in ("value", "ratio", "target")}
        return {**vars(self), **rounded, "ok": self.ok}


Turns = dict[str, list[float]]


def rounds(count: int, contenders: Mapping[str, Callable[[], float]]) -> Turns:
    """Name of the contender -> what it did in each round."""
    names = list(contenders)
    turns: Turns = {name: [] for name in names}
    for number in range(count):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            turns[name].append(contenders[name]())
    return turns


def rate_line(name: str, turns: Turns, ours: str, theirs: str, *, against: str, target: float) -> Line:
    """Of transfers a second: more is better."""
    ratio = median(a / b for a, b in zip(turns[ours], turns[theirs], strict=True))
    return Line(name, median(turns[ours]), "transfers/s", against, ratio, target)


def time_line(name: str, turns: Turns, ours: str, theirs: str, *, against: str, target: float) -> Line:
    """Of seconds: less is better."""
    ratio = median(b / a for a, b in zip(turns[ours], turns[theirs], strict=True))
    return Line(name, median(turns[ours]), "s", against, ratio, target)


class Bench:
    """One run on one server. `accounts`: kind of account -> first and last id, the same in every database of ours."""

    def __init__(self, host: Host, sizes: Sizes) -> None:
        self.host = host
        self.sizes = sizes
        host.create("opened")
        host.migrate("opened")
        with self.buurtpot("opened") as books:
            self.accounts: dict[str, list[int]] = books.ask("open", sizes.purses)[0]
        host.create("books", of="opened")

    def buurtpot(self, database: str, size: int = 1) -> AbstractContextManager[Team]:
        return team(Path(sys.executable), "tests.bench.with_buurtpot", self.host.environment(database), size)

    def hordak(self, database: str, size: int = 1) -> AbstractContextManager[Team]:
        env = self.host.environment(database) | {
            "HORDAK_DATABASE_URL": self.host.url(database, embedded.OWNER),
            "PYTHONPATH": str(ROOT),
        }
        return team(HORDAK_PYTHON, "tests.bench.with_hordak", env, size)

    def post(self, database: str, scripts: tuple[str, ...]) -> float:
        return pgbench.rate(
            self.host,
            database,
            scripts,
            self.accounts,
            clients=self.sizes.clients,
            seconds=self.sizes.seconds,
        )

    def in_sql(self) -> Iterator[Line]:
        """The posting function itself, by eight clients at once."""
        self.host.create("plain")
        with self.host.as_superuser("plain") as superuser:
            superuser.execute(pgbench.PLAIN)
        pgbench.make_tpcb(self.host, scale=self.sizes.tpcb_scale)
        contenders = {
            "insert": lambda: self.post("plain", (pgbench.INSERT,)),
            "hot": lambda: self.post("books", pgbench.HOT),
            "random": lambda: self.post("books", pgbench.RANDOM),
            "tpcb": lambda: pgbench.tpcb(self.host, clients=self.sizes.clients, seconds=self.sizes.seconds),
        }
        self.host.write_out()
        rounds(1, contenders)  # to warm up
        turns = rounds(self.sizes.rounds, contenders)
        clients = self.sizes.clients
        insert, tpcb = "plain one-row INSERT", f"pgbench TPC-B, scale {self.sizes.tpcb_scale}"
        yield rate_line(f"post_hot_{clients}", turns, "hot", "insert", against=insert, target=0.45)
        yield rate_line(f"post_random_{clients}", turns, "random", "insert", against=insert, target=0.4)
        yield rate_line(f"post_random_{clients}_tpcb", turns, "random", "tpcb", against=tpcb, target=1.5)

    def in_python(self) -> Iterator[Line]:
        """Through `ledger.operations`, by one process and by eight."""
        for clients, target in ((1, 2.5), (self.sizes.clients, 3.0)):
            with self.buurtpot("books", clients) as ours, self.hordak("hordak", clients) as theirs:
                contenders = {
                    "ours": lambda team=ours: team.rate("transfers", self.sizes.seconds),
                    "theirs": lambda team=theirs: team.rate("transfers", self.sizes.seconds),
                }
                rounds(1, contenders)
                turns = rounds(self.sizes.rounds, contenders)
            name, against = f"post_python_{clients}", "django-hordak transfer_to"
            yield rate_line(name, turns, "ours", "theirs", against=against, target=target)

    def in_bulk(self) -> Iterator[Line]:
        """A run of cheques, and the balance of the budget that it came from; then of a pot with as many gifts."""
        lines = self.sizes.lines
        with self.buurtpot("books") as ours, self.hordak("hordak") as theirs:
            turns = rounds(
                self.sizes.issues,
                {
                    "ours": lambda: ours.ask("issue", lines)[0],
                    "theirs": lambda: theirs.ask("issue", lines)[0],
                },
            )
            against = "django-hordak bulk_create"
            yield time_line("issue_100k", turns, "ours", "theirs", against=against, target=15)
        # Another database each, so that the account has just so many lines.
        self.host.create("books", of="opened")
        self.host.create("hordak", of="hordak_migrated")
        with self.buurtpot("books") as ours, self.hordak("hordak") as theirs:
            theirs.ask("open", 10)
            ours.ask("issue", lines)
            theirs.ask("issue", lines)
            ours.ask("give_much", lines)
            ours.ask("add_up", 0)
            for database in ("books", "hordak"):
                with self.host.as_superuser(database) as superuser:
                    superuser.execute("VACUUM ANALYZE")
            turns = rounds(
                self.sizes.rounds,
                {
                    "cold": lambda: ours.ask("balance_cold", 20)[0],
                    "pooled": lambda: ours.ask("balance_pooled", 20)[0],
                    "theirs": lambda: theirs.ask("balance", 5)[0],
                },
            )
        against = "django-hordak with_balances"
        yield time_line("balance_100k", turns, "cold", "theirs", against=against, target=100)
        yield time_line("balance_100k_pooled", turns, "pooled", "theirs", against=against, target=100)

    def sealed(self) -> Iterator[Line]:
        """Posting while a worker seals what is posted, beside posting that nobody seals."""
        self.host.create("sealed", of="opened")
        with self.buurtpot("sealed") as worker:

            def with_worker() -> float:
                worker.ask("seal")  # what the other turns left is not this one's
                with worker.busy("seal", self.sizes.seconds):
                    return self.post("sealed", pgbench.RANDOM)

            contenders = {"with": with_worker, "without": lambda: self.post("sealed", pgbench.RANDOM)}
            rounds(1, contenders)
            turns = rounds(self.sizes.rounds, contenders)
        against = "the same without the sealing worker"
        yield rate_line("seal_cost", turns, "with", "without", against=against, target=0.95)

    def in_time(self) -> Iterator[Line]:
        """Posting in a journal of ten million transfers, beside posting in one of ten thousand, new for every turn."""
        few, many = self.sizes.few, self.sizes.many
        for database, count in (("few", few), ("many", many)):
            self.host.create(database, of="opened")
            growth.fill(self.host, database, self.accounts, count)

        def in_few() -> float:
            self.host.create("fewer", of="few")
            self.post("fewer", pgbench.RANDOM)
            return self.post("fewer", pgbench.RANDOM)

        def in_many() -> float:
            self.post("many", pgbench.RANDOM)
            return self.post("many", pgbench.RANDOM)

        self.host.write_out()
        turns = rounds(self.sizes.rounds, {"many": in_many, "few": in_few})
        against = f"{few:,} transfers there already; these are with {many:,}"
        yield rate_line("post_growth", turns, "many", "few", against=against, target=1 / 1.2)

    def all(self) -> Iterator[Line]:
        yield from self.in_sql()
        yield from self.with_hordak()
        yield from self.sealed()
        yield from self.in_time()

    def with_hordak(self) -> Iterator[Line]:
        self.host.create("hordak_migrated")
        with self.hordak("hordak_migrated") as theirs:
            theirs.ask("migrate")
        self.host.create("hordak", of="hordak_migrated")
        with self.hordak("hordak") as theirs:
            theirs.ask("open", self.sizes.purses)
        yield from self.in_python()
        yield from self.in_bulk()
