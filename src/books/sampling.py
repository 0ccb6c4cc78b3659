"""Samples for who checks the books: the same question gives the same sample, here and by hand (docs/auditor.md).

Chance comes from SHA-256 of the seed and a counter, so that it hangs on no machine, language or version.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from itertools import count as counted
from typing import Final

from ledger import population
from ledger.chart import Code
from ledger.exports.reading import Row, one_moment
from ledger.population import Item, Population

MOST_ITEMS = 1_000
PATIENCE = 5.0  # seconds: somebody looks at an empty page


class Flow(StrEnum):
    """What kind of transfers: those that an auditor asks one question about."""

    ALL = "all"
    DEPOSITS = "deposits"
    ACTIVATED = "activated"
    GIFTS = "gifts"
    DONATIONS = "donations"
    PAYOUTS = "payouts"
    RECEIPTS = "receipts"


BETWEEN: Final[dict[Flow, tuple[Code, Code] | None]] = {
    Flow.ALL: None,
    Flow.DEPOSITS: (Code.BANK, Code.BUDGET),
    Flow.ACTIVATED: (Code.CHEQUES, Code.PURSES),
    Flow.GIFTS: (Code.PURSES, Code.POTS),
    Flow.DONATIONS: (Code.STRIPE_CLEARING, Code.POTS),
    Flow.PAYOUTS: (Code.PAYOUTS, Code.BANK),
    Flow.RECEIPTS: (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED),
}
"""From which debit to which credit; None: any."""


class Method(StrEnum):
    MONETARY = "monetary"
    RANDOM = "random"


@dataclass(frozen=True)
class Question:
    """How many are asked for, and how. `size` > 0; what a monetary sample finds can be fewer or one more."""

    method: Method
    size: int
    seed: str


@dataclass(frozen=True)
class Hit:
    """A transfer that was drawn. `place`: its number in the population, from 1.

    In a monetary sample `up_to_cents` is the running total with this one, and `times` how many of the drawn euros are in it;
    `certain`: it is at least an interval large, so that any start finds it.
    """

    place: int
    transfer_id: int
    amount_cents: int
    up_to_cents: int
    times: int = 1
    certain: bool = False


@dataclass(frozen=True)
class Sample:
    """What was drawn, with all that somebody needs to draw it again. Interval and start are 0 where they play no part."""

    question: Question
    count: int
    total_cents: int
    last_entry_id: int
    interval_cents: int
    start_cents: int
    hits: tuple[Hit, ...]

    @property
    def is_all(self) -> bool:
        """As many were asked for as there are, or more."""
        return self.question.size >= self.count


def draw(*, of: Population, question: Question, patience: float = PATIENCE) -> Sample:
    """Reads the population once, by transfer number; holds what it draws and no more.

    Only up to where the books are final: what is under way with a lower number would later change what was drawn.
    Raises ValueError for a size below 1 or above MOST_ITEMS, population.NotSettled.
    """
    if not 1 <= question.size <= MOST_ITEMS:
        raise ValueError(f"a sample of {question.size}")
    of = replace(of, up_to=population.final(up_to=of.up_to, patience=patience))
    with one_moment():
        size = population.size(of)
        empty = Sample(question, size.count, size.total_cents, size.last_entry_id, 0, 0, ())
        items = population.items(replace(of, up_to=size.last_entry_id))
        return pick(empty, items)


def pick(sample: Sample, items: Iterable[Item]) -> Sample:
    """The sample with its hits. `items`: as many as it counts, with its total."""
    if sample.is_all:
        return replace(sample, hits=tuple(Hit(*one) for one in _numbered(items)))
    if sample.question.method is Method.RANDOM:
        places = random_places(sample.question, sample.count)
        return replace(sample, hits=tuple(Hit(*one) for one in _numbered(items) if one[0] in places))
    interval = max(1, sample.total_cents // sample.question.size)
    start = chance(sample.question.seed, 1) % interval + 1
    hits = tuple(_at_intervals(items, interval, start))
    return replace(sample, interval_cents=interval, start_cents=start, hits=hits)


def chance(seed: str, counter: int) -> int:
    """A number below 2^256: SHA-256 of the seed, a colon and the counter in decimal digits, in UTF-8."""
    return int.from_bytes(sha256(f"{seed}:{counter}".encode()).digest())


def random_places(question: Question, count: int) -> set[int]:
    """As many different places from 1 to `count` as are asked for; one that came before is drawn anew."""
    places: set[int] = set()
    for counter in counted(1):
        places.add(chance(question.seed, counter) % count + 1)
        if len(places) == question.size:
            break
    return places


def _numbered(items: Iterable[Item]) -> Iterator[tuple[int, int, int, int]]:
    """Place, transfer, amount and running total."""
    up_to = 0
    for place, (transfer_id, cents) in enumerate(items, start=1):
        up_to += cents
        yield place, transfer_id, cents, up_to


def _at_intervals(items: Iterable[Item], interval: int, start: int) -> Iterator[Hit]:
    """The transfers in which the cents `start`, `start` + `interval`, … of the running total lie."""
    before = 0
    for place, transfer_id, cents, up_to in _numbered(items):
        reached = (up_to - start) // interval + 1
        if reached > before:
            yield Hit(place, transfer_id, cents, up_to, reached - before, cents >= interval)
        before = reached


def rows_of(hits: Iterable[Hit]) -> list[tuple[Hit, Row]]:
    """Each hit with what stands in the books."""
    hits = list(hits)
    found = population.known([hit.transfer_id for hit in hits])
    return [(hit, found[hit.transfer_id]) for hit in hits]
