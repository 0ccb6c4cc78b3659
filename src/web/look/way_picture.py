"""Where every stop and ribbon goes of money on its way through any number of stops: from left to right, and downward on a phone.

Each stop has a number, in both pictures and in the table beside them. All lengths are whole tenths of a pixel until they are
written; each strand has one length all along its way, so that what enters a stop is as wide as what leaves it.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from web.look.origins import Origin
from web.look.shapes import Box, Mark, PhonePicture, Ribbon, Text, across, down, marks, px
from web.look.widths import shares

WIDE: Final = 12_000
RIBBONS: Final = 3_200
GAP: Final = 360
MOST_WIDTH: Final = 2_000
PAD: Final = 20
LINE: Final = 175
LETTER: Final = 74
SLOT: Final = 640
BETWEEN: Final = 160

PHONE: Final = 3_580
BAR: Final = 300
DOWN: Final = 720
APART: Final = 60


@dataclass(frozen=True)
class Stop:
    """A stop as it is drawn: its name, its money in cents, and whether it is what the picture is about."""

    name: str
    cents: int
    is_subject: bool = False


@dataclass(frozen=True)
class Thread:
    """`cents` of one origin, by these stops: indexes of the picture's stops."""

    origin: Origin
    stops: tuple[int, ...]
    cents: int


@dataclass(frozen=True)
class StopBox:
    """A stop with its words: `full` is all of its name."""

    box: Box
    x: str
    lines: tuple[Text, ...]
    amount_y: str
    cents: int
    full: str
    is_subject: bool


@dataclass(frozen=True)
class WidePicture:
    view_box: str
    ribbons: tuple[Ribbon, ...]
    stops: tuple[StopBox, ...]


@dataclass(frozen=True)
class WayPicture:
    wide: WidePicture
    phone: PhonePicture


@dataclass(frozen=True)
class _Place:
    """Where a stop stands: `at` is its column (its row on a phone), from `start` on, with its money from `money` on."""

    at: int
    start: int
    slot: int
    money: int


def way_picture(stops: Sequence[Stop], threads: Sequence[Thread]) -> WayPicture:
    columns = columns_of(len(stops), threads)
    return WayPicture(_wide(stops, threads, columns), _phone(stops, threads, columns))


def columns_of(count: int, threads: Sequence[Thread]) -> list[list[int]]:
    """The stops of each column: one further than the last stop before it; what nothing leads to, just before where it goes."""
    pairs = {pair for thread in threads for pair in pairwise(thread.stops)}
    column = [0] * count
    for _ in range(count):
        for start, end in pairs:
            column[end] = max(column[end], column[start] + 1)
    led_to = {end for _start, end in pairs}
    for stop in range(count):
        after = [column[end] for start, end in pairs if start == stop]
        if stop not in led_to and after:
            column[stop] = min(after) - 1
    return [
        [stop for stop in range(count) if column[stop] == at] for at in range(max(column, default=-1) + 1)
    ]


def _lengths(threads: Sequence[Thread], whole: int) -> list[int]:
    return list(shares(whole, [thread.cents for thread in threads]))


def _wide(stops: Sequence[Stop], threads: Sequence[Thread], columns: list[list[int]]) -> WidePicture:
    lengths = _lengths(threads, RIBBONS)
    money = _sums(threads, lengths)
    width = min(MOST_WIDTH, (WIDE - GAP * (len(columns) - 1) - 2 * PAD) // max(len(columns), 1))
    gap = (WIDE - 2 * PAD - width * len(columns)) // max(len(columns) - 1, 1)
    slots = [[max(money[stop], SLOT) for stop in column] for column in columns]
    height = max(sum(slot) + BETWEEN * (len(slot) - 1) for slot in slots)
    places: dict[int, _Place] = {}
    for at, (column, slot) in enumerate(zip(columns, slots, strict=True)):
        top = PAD + (height - sum(slot) - BETWEEN * (len(slot) - 1)) // 2
        for stop, deep in zip(column, slot, strict=True):
            places[stop] = _Place(at, top, deep, top + (deep - money[stop]) // 2)
            top += deep + BETWEEN
    left = [PAD + at * (width + gap) for at in range(len(columns))]
    ribbons = [
        Ribbon(origin, across(left[places[start].at] + width, leaves, left[places[end].at], arrives, thick))
        for origin, start, end, leaves, arrives, thick in _ribbons(threads, lengths, places)
    ]
    return WidePicture(
        f"0 0 {px(WIDE)} {px(height + 2 * PAD)}",
        tuple(ribbons),
        tuple(
            _stop_box(number, stop, places[number], left[places[number].at], width)
            for number, stop in enumerate(stops)
        ),
    )


def _stop_box(number: int, stop: Stop, place: _Place, left: int, width: int) -> StopBox:
    words = f"{number + 1}. {stop.name}"
    most = 2 if place.slot < SLOT + LINE else 3
    lines = textwrap.wrap(words, width=(width - 120) // LETTER)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: (width - 120) // LETTER - 1]}…"]
    first = place.start + (place.slot - LINE * (len(lines) + 1)) // 2 + 130
    return StopBox(
        Box(px(left), px(place.start), px(width), px(place.slot)),
        px(left + width // 2),
        tuple(Text(px(first + LINE * at), line) for at, line in enumerate(lines)),
        px(first + LINE * len(lines) + 10),
        stop.cents,
        words,
        stop.is_subject,
    )


def _phone(stops: Sequence[Stop], threads: Sequence[Thread], columns: list[list[int]]) -> PhonePicture:
    most = max(len(column) for column in columns)
    lengths = _lengths(threads, max(PHONE - 2 * PAD - APART * (most - 1), 0))
    money = _sums(threads, lengths)
    places: dict[int, _Place] = {}
    numbers: list[Mark] = []
    for row, column in enumerate(columns):
        spare = PHONE - 2 * PAD - sum(money[stop] for stop in column)
        gap = spare // max(len(column) - 1, 1) if len(column) > 1 else 0
        at = PAD if len(column) > 1 else PAD + spare // 2
        for stop in column:
            places[stop] = _Place(row, at, money[stop], at)
            at += money[stop] + gap
        middles = [places[stop].start + places[stop].slot // 2 for stop in column]
        signs = [str(stop + 1) for stop in column]
        numbers += marks(middles, signs, y=_top(row) + BAR // 2, width=PHONE)
    ribbons = [
        Ribbon(origin, down(leaves, _top(places[start].at) + BAR, arrives, _top(places[end].at), thick))
        for origin, start, end, leaves, arrives, thick in _ribbons(threads, lengths, places)
    ]
    bars = [
        Box(
            px(place.start),
            px(_top(place.at)),
            px(place.slot),
            px(BAR),
            "subject" if stop.is_subject else "",
        )
        for stop, place in ((stop, places[number]) for number, stop in enumerate(stops))
    ]
    height = _top(len(columns) - 1) + BAR + PAD
    return PhonePicture(f"0 0 {px(PHONE)} {px(height)}", tuple(ribbons), tuple(bars), tuple(numbers))


def _top(row: int) -> int:
    return PAD + row * (BAR + DOWN)


def _sums(threads: Sequence[Thread], lengths: Sequence[int]) -> dict[int, int]:
    """Stop -> how long its money is."""
    found: dict[int, int] = defaultdict(int)
    for thread, length in zip(threads, lengths, strict=True):
        for stop in thread.stops:
            found[stop] += length
    return found


def _ribbons(
    threads: Sequence[Thread], lengths: Sequence[int], places: dict[int, _Place]
) -> list[tuple[Origin, int, int, int, int, int]]:
    """Origin, from and to which stop, where it leaves and arrives, and how thick. Ribbons leave in the order of where they go."""
    thick: dict[tuple[int, int, Origin], int] = defaultdict(int)
    for thread, length in zip(threads, lengths, strict=True):
        for start, end in pairwise(thread.stops):
            thick[start, end, thread.origin] += length
    origins = list(Origin)

    def across(key: tuple[int, int, Origin]) -> tuple[int, int]:
        return places[key[0]].start, places[key[1]].start

    leaves = {stop: place.money for stop, place in places.items()}
    arrives = dict(leaves)
    left: dict[tuple[int, int, Origin], int] = {}
    for key in sorted(thick, key=lambda key: (across(key)[1], origins.index(key[2]))):
        left[key] = leaves[key[0]]
        leaves[key[0]] += thick[key]
    found = []
    for key in sorted(thick, key=lambda key: (across(key)[0], origins.index(key[2]))):
        start, end, origin = key
        found.append((origin, start, end, left[key], arrives[end], thick[key]))
        arrives[end] += thick[key]
    return found
