"""The flow of a neighbourhood's money: who gave, to which pot, where it is now. No euro is lost on the way.

The unit of length is a tenth of a pixel, split over the streams by largest remainder, so the three columns
of the picture are sums of the same whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _

from web.look.origins import NAMES, Origin

MOST_POTS: Final = 6


@dataclass(frozen=True)
class FlowOrigin:
    """A giver. `label` names it when the origin's own name is too general ("Gemeente Oeverdam")."""

    kind: Origin
    label: str = ""

    @property
    def name(self) -> str:
        return self.label or str(NAMES[self.kind])


@dataclass(frozen=True)
class Stream:
    """`cents` > 0 from an origin through a pot to an end, each an index in the flow's tuples."""

    origin: int
    pot: int
    end: int
    cents: int


@dataclass(frozen=True)
class Flow:
    """All money of one place and period. By construction, what came in is where it is now."""

    title: str
    origins: tuple[FlowOrigin, ...]
    pots: tuple[str, ...]
    ends: tuple[str, ...]
    streams: tuple[Stream, ...]

    @property
    def total_cents(self) -> int:
        return sum(stream.cents for stream in self.streams)

    def origin_cents(self, origin: int) -> int:
        return self._sum(lambda stream: stream.origin == origin)

    def pot_cents(self, pot: int) -> int:
        return self._sum(lambda stream: stream.pot == pot)

    def end_cents(self, end: int) -> int:
        return self._sum(lambda stream: stream.end == end)

    def cell_cents(self, origin: int, end: int) -> int:
        return self._sum(lambda stream: stream.origin == origin and stream.end == end)

    def folded(self) -> Flow:
        """At most six pots: beyond that the five largest keep their name and the rest becomes one."""
        if len(self.pots) <= MOST_POTS:
            return self
        largest = sorted(range(len(self.pots)), key=lambda pot: (-self.pot_cents(pot), pot))[: MOST_POTS - 1]
        kept = sorted(largest)
        place = {pot: at for at, pot in enumerate(kept)}
        other = len(kept)
        merged: dict[tuple[int, int, int], int] = {}
        for stream in self.streams:
            key = (stream.origin, place.get(stream.pot, other), stream.end)
            merged[key] = merged.get(key, 0) + stream.cents
        others = _("%(count)d others") % {"count": len(self.pots) - len(kept)}
        return replace(
            self,
            pots=(*(self.pots[pot] for pot in kept), others),
            streams=tuple(Stream(*key, cents) for key, cents in merged.items()),
        )

    def _sum(self, wanted: Callable[[Stream], bool]) -> int:
        return sum(stream.cents for stream in self.streams if wanted(stream))
