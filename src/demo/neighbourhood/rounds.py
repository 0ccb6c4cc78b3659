"""Which residents activate their cheque, when, and what they do with it. Drawn with fixed chances: the same every time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from demo.neighbourhood.campaigns.plan import Plan, Wave
from demo.neighbourhood.places import PLACES, Place
from demo.neighbourhood.timeline import Days

SPLIT_ONE_IN = 6  # gifts of a whole cheque that are two thirds of one and a third of another


@dataclass(frozen=True, order=True)
class Slot:
    """The cheque of one dwelling in one round. `door` counts from 0, in the order in which letters are made."""

    round: int
    place: str
    door: int


@dataclass(frozen=True)
class Round:
    """`first` and `last` day on which a cheque is activated; `value_cents` of a cheque.

    In the places named in `untouched` the cheques of so many doors stay as they came, for who tries the demo.
    """

    number: int
    host: str
    value_cents: int
    first: int
    last: int
    untouched: dict[str, int] = field(default_factory=dict)

    def active(self, place: Place) -> int:
        return place.active[self.number - 1]


@dataclass(frozen=True)
class Activation:
    moment: datetime
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Giving:
    """Gifts of one moment to one campaign. Several of them are a stack that a broker handed in."""

    moment: datetime
    campaign: str
    parts: tuple[tuple[Slot, int], ...]


@dataclass
class _Purse:
    slot: Slot
    left_cents: int
    gifts: list[tuple[datetime, str]]
    at_desk: bool = False


@dataclass
class Residents:
    """What the residents of one round do. `plan()` gives it, and says so again when it is asked again."""

    days: Days
    round: Round
    _dice: Random = field(init=False)
    _free: dict[str, list[int]] = field(init=False)
    _purses: list[_Purse] = field(init=False)
    _givings: list[Giving] = field(init=False)

    def __post_init__(self) -> None:
        self._dice = Random(f"{self.round.host} {self.round.number}")  # noqa: S311  a story, not a secret
        self._free = {}
        for place in (place for place in PLACES if place.host == self.round.host):
            doors = sum(street.doors * len(street.floors or "-") for street in place.streets)
            open_doors = range(self.round.untouched.get(place.slug, 0), doors)
            self._free[place.slug] = self._dice.sample(open_doors, self.round.active(place))
        self._purses = []
        self._givings = []

    def plan(self, plans: Sequence[Plan]) -> tuple[list[Activation], list[Giving]]:
        for plan in plans:
            for wave in (wave for wave in plan.waves if wave.round == self.round.number):
                self._give(plan, wave)
        for slug, doors in self._free.items():
            self._purses += [self._new_purse(slug) for _ in range(len(doors))]
        return self._activations(), self._givings

    def _give(self, plan: Plan, wave: Wave) -> None:
        pieces = self._pieces(wave)
        if wave.at_desk:
            moment = self.days.office(wave.first, 14, 30)
            stack = [self._take(plan, pieces.pop(0), moment, at_desk=True) for _ in range(wave.at_desk)]
            self._givings.append(Giving(moment, plan.key, tuple(stack)))
        moments = [self.days.minutes_ago(minutes) for minutes in wave.minutes]
        moments += [self._moment(wave.first, wave.last) for _ in pieces[len(moments) :]]
        for cents, moment in zip(pieces, moments, strict=True):
            self._givings.append(Giving(moment, plan.key, (self._take(plan, cents, moment),)))

    def _pieces(self, wave: Wave) -> list[int]:
        """The amount of a wave in gifts of a cheque or of a part of one; what is left over is the last."""
        value_cents = self.round.value_cents
        whole, rest = divmod(wave.cents, value_cents)
        pieces = []
        for at in range(whole):
            if at >= wave.at_desk and self._dice.randrange(SPLIT_ONE_IN) == 0:
                third = value_cents // 150 * 50
                pieces += [value_cents - third, third]
            else:
                pieces.append(value_cents)
        return [*pieces, rest] if rest else pieces

    def _moment(self, first: int, last: int) -> datetime:
        """More often early than late, between nine in the morning and half past nine at night."""
        ago = round(self._dice.triangular(last, first, last + (first - last) * 0.8))
        minutes = self._dice.randrange(9 * 60, 21 * 60 + 30)
        return self.days.at(max(ago, 1), minutes // 60, minutes % 60)

    def _take(self, plan: Plan, cents: int, moment: datetime, *, at_desk: bool = False) -> tuple[Slot, int]:
        """A purse that has so much left and did not give to this campaign yet; a new one if there is none."""
        purse = None
        if cents < self.round.value_cents:
            fits = (
                purse
                for purse in self._purses
                if purse.left_cents >= cents and all(plan.key != key for _when, key in purse.gifts)
            )
            purse = next(fits, None)
        if purse is None:
            purse = self._new_purse(self._place_near(plan.place))
            purse.at_desk = at_desk
            self._purses.append(purse)
        purse.left_cents -= cents
        purse.gifts.append((moment, plan.key))
        return purse.slot, cents

    def _new_purse(self, slug: str) -> _Purse:
        return _Purse(Slot(self.round.number, slug, self._free[slug].pop()), self.round.value_cents, [])

    def _place_near(self, slug: str) -> str:
        """Mostly the place itself, sometimes another of its district, any other once these have given all."""
        district = next(place.district for place in PLACES if place.slug == slug)
        near = [place.slug for place in PLACES if place.district == district and self._free.get(place.slug)]
        if self._free[slug] and (len(near) == 1 or self._dice.randrange(4)):
            return slug
        return self._dice.choice(near or [other for other, doors in self._free.items() if doors])

    def _activations(self) -> list[Activation]:
        """Most activate minutes before they give; who saves, or gives in a later round, somewhere in this one."""
        made = []
        stacks: dict[datetime, list[Slot]] = {}
        for purse in self._purses:
            first = min((moment for moment, _key in purse.gifts), default=None)
            if purse.at_desk and first is not None:
                stacks.setdefault(first - timedelta(minutes=2), []).append(purse.slot)
                continue
            if first is None or first >= self.days.at(self.round.last, 0):
                # Not on the last day: a gift of minutes ago comes after it, whatever the hour is now.
                first = self._moment(self.round.first, max(self.round.last, 2))
            before = timedelta(minutes=self._dice.randrange(2, 9))
            made.append(Activation(first - before, (purse.slot,)))
        return made + [Activation(moment, tuple(slots)) for moment, slots in stacks.items()]
