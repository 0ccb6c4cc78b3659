"""The pot: a bar with a rim and a round bottom. The rim is as wide as the target."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from web.look.formats import euro, whole
from web.look.origins import NAMES, Origin
from web.look.widths import HUNDREDTHS, Slice, percent, shares, slices


@dataclass(frozen=True)
class Part:
    """What one origin put in: `cents` >= 0; `label` says who in a few words ("87 buurtcheques")."""

    origin: Origin
    cents: int
    label: str = ""

    @property
    def name(self) -> str:
        return self.label or str(NAMES[self.origin])


@dataclass(frozen=True)
class PotBar:
    """A campaign's money. `target_cents` > 0; `times_given` counts gifts of every kind."""

    target_cents: int
    parts: tuple[Part, ...]
    times_given: int

    @property
    def raised_cents(self) -> int:
        return sum(part.cents for part in self.parts)

    @property
    def still_needed_cents(self) -> int:
        return max(0, self.target_cents - self.raised_cents)

    @property
    def over_cents(self) -> int:
        return max(0, self.raised_cents - self.target_cents)

    @property
    def is_empty(self) -> bool:
        return self.raised_cents == 0

    @property
    def slices(self) -> tuple[Slice, ...]:
        """The fills. Over the target the bar stands for all that was given."""
        return slices(
            [part.origin for part in self.parts],
            [part.cents for part in self.parts],
            whole=max(self.target_cents, self.raised_cents),
        )

    @property
    def target_mark(self) -> str:
        """Where the target lies on a bar that holds more than it, else nothing."""
        if not self.over_cents:
            return ""
        return percent(shares(HUNDREDTHS, (self.target_cents, self.over_cents))[0])

    @property
    def keys(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.cents)

    @property
    def times_text(self) -> str:
        return ngettext("given %(count)s time", "given %(count)s times", self.times_given) % {
            "count": whole(self.times_given)
        }

    @property
    def standing_text(self) -> str:
        """What is left to do, in a few words."""
        if self.is_empty:
            return _("be the first")
        if self.over_cents:
            return _("%(amount)s over the target") % {"amount": euro(self.over_cents)}
        if self.still_needed_cents:
            return _("%(amount)s still needed") % {"amount": euro(self.still_needed_cents)}
        return _("target reached")

    @property
    def text_twin(self) -> str:
        """Everything the drawing says, for who does not see it."""
        if self.is_empty:
            return _("Pot: still empty. Target %(target)s.") % {"target": euro(self.target_cents)}
        from_whom = ", ".join(f"{part.name} {euro(part.cents)}" for part in self.keys)
        return _("Pot: %(raised)s of %(target)s. %(parts)s. %(standing)s.") % {
            "raised": euro(self.raised_cents),
            "target": euro(self.target_cents),
            "parts": from_whom,
            "standing": self.standing_text[0].upper() + self.standing_text[1:],
        }
