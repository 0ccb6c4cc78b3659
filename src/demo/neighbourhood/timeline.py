"""When things happen: so many days before today, at hours of the day in the Netherlands, played in that order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from ledger.operations import AMSTERDAM

Act = Callable[[datetime], None]


@dataclass(frozen=True)
class Days:
    """Counts days back from `now`; a negative number of days lies ahead."""

    now: datetime

    def day(self, ago: int) -> date:
        return self.now.astimezone(AMSTERDAM).date() - timedelta(days=ago)

    def at(self, ago: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.day(ago), time(hour, minute), AMSTERDAM)

    def office(self, ago: int, hour: int, minute: int = 0) -> datetime:
        """The same on a working day: what would fall in a weekend was done on the Friday before.

        Two steps keep their order where the later one has the later hour.
        """
        weekday = self.day(ago).weekday()
        return self.at(ago + max(weekday - 4, 0), hour, minute)

    def minutes_ago(self, minutes: int) -> datetime:
        return self.now - timedelta(minutes=minutes)


@dataclass
class Agenda:
    """What is planned, in whatever order it is written down."""

    _planned: list[tuple[datetime, int, Act]] = field(default_factory=list)

    def plan(self, moment: datetime, act: Act) -> None:
        """`act` is given its own moment as the time to work at."""
        self._planned.append((moment, len(self._planned), act))

    def play(self) -> None:
        """Does all of it, the earliest first; of two at the same moment the one that was planned first."""
        for moment, _number, act in sorted(self._planned, key=lambda planned: planned[:2]):
            act(moment)
