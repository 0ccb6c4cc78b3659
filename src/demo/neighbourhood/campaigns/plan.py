"""What there is to say about a campaign before the story is played. Days count back from today, amounts are in cents."""

from dataclasses import dataclass
from enum import IntEnum

from campaigns.models import Theme
from campaigns.operations import PlannedLine


class Fate(IntEnum):
    """How far a campaign has come today. From COLLECTING on each comes after the one before it."""

    DRAFT = 0
    SUBMITTED = 1
    REFUSED = 2
    FAILED = 3
    COLLECTING = 4
    REACHED = 5
    PROPOSED = 6
    SENT = 7
    PAID = 8
    DONE = 9


@dataclass(frozen=True)
class Wave:
    """Cheques of one round that are given between two days; the last ones minutes ago, for each of `minutes` one.

    `at_desk`: how many of them a broker handed in as one stack, on the first day.
    """

    round: int
    cents: int
    first: int
    last: int
    minutes: tuple[int, ...] = ()
    at_desk: int = 0


@dataclass(frozen=True)
class Donation:
    ago: int
    cents: int
    name: str = ""
    message: str = ""


@dataclass(frozen=True)
class News:
    ago: int
    title: str
    text: str


@dataclass(frozen=True)
class Bill:
    """A receipt: its lines are printed on it. Handed in `ago` days ago, decided a few days later unless it `waits`."""

    ago: int
    shop: str
    what: str
    lines: tuple[tuple[str, int], ...]
    refused: str = ""
    waits: bool = False

    @property
    def cents(self) -> int:
        return sum(cents for _text, cents in self.lines)


@dataclass(frozen=True)
class Snapshot:
    """`scene` is drawn by `photos`."""

    ago: int
    scene: str
    caption: str


@dataclass(frozen=True)
class Report:
    ago: int
    people_reached: int
    text: str


@dataclass(frozen=True)
class Plan:
    """`opened`, `payout` (when it is proposed) and `leftover` in days ago; `lasts`: days from opening to the deadline."""

    key: str
    place: str
    initiator: str
    title: str
    summary: str
    story: str
    theme: Theme
    lines: tuple[PlannedLine, ...]
    opened: int
    lasts: int
    fate: Fate
    waves: tuple[Wave, ...] = ()
    donations: tuple[Donation, ...] = ()
    news: tuple[News, ...] = ()
    refused: str = ""
    payout: int = 0
    bills: tuple[Bill, ...] = ()
    leftover: int | None = None
    snapshots: tuple[Snapshot, ...] = ()
    report: Report | None = None

    @property
    def target_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)
