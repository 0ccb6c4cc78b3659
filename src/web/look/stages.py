"""How far a budget has come: six stages in one hue, light to deep, and the bars of a table's rows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from web.look.formats import euro, whole
from web.look.widths import HUNDREDTHS, Slice, percent, shares, slices


@dataclass(frozen=True)
class Stage:
    """`number` 1 (not yet issued) to 6 (paid out) picks the shade; `cents` >= 0."""

    number: int
    label: str
    cents: int

    @property
    def fill(self) -> str:
        return f"stage-{self.number}"


@dataclass(frozen=True)
class StageBar:
    """A budget and where it is now; the stages add up to the whole."""

    stages: tuple[Stage, ...]

    @property
    def total_cents(self) -> int:
        return sum(stage.cents for stage in self.stages)

    @property
    def slices(self) -> tuple[Slice, ...]:
        return slices(
            [stage.fill for stage in self.stages],
            [stage.cents for stage in self.stages],
            whole=self.total_cents,
        )

    @property
    def text_twin(self) -> str:
        listed = ", ".join(f"{stage.label} {euro(stage.cents)}" for stage in self.stages)
        return _("Where the budget is: %(list)s.") % {"list": listed}


@dataclass(frozen=True)
class RowPart:
    """`stage` 1 to 6 picks the shade; `count` >= 0 of things, not money."""

    stage: int
    label: str
    count: int


@dataclass(frozen=True)
class RowBar:
    """A bar in a table row; `longest` is the largest total in the column, so that rows can be compared."""

    parts: tuple[RowPart, ...]
    longest: int

    @property
    def length(self) -> str:
        total = sum(part.count for part in self.parts)
        return percent(shares(HUNDREDTHS, (total, max(0, self.longest - total)))[0])

    @property
    def slices(self) -> tuple[Slice, ...]:
        counts = [part.count for part in self.parts]
        return slices([f"stage-{part.stage}" for part in self.parts], counts, whole=sum(counts))

    @property
    def text_twin(self) -> str:
        return ", ".join(f"{whole(part.count)} {part.label}" for part in self.parts)
