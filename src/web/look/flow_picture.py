"""Where every ribbon, bar, pot and label of the flow picture goes: wide, and on a phone.

All lengths are whole tenths of a pixel until they are written.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

from web.look.flow import Flow, Stream
from web.look.shapes import Box, PhonePicture, Ribbon, Text, across, down, marks, px
from web.look.widths import shares

# the wide picture
WIDE: Final = 10_720
HEADINGS: Final = 500
RIBBONS_HEIGHT: Final = 4_200
BAR: Final = 160
ORIGIN_X: Final = 1_960
POT_X: Final = 4_400
POT_WIDTH: Final = 2_240
END_X: Final = 8_420
LINE: Final = 220
NODE_GAP: Final = 300
LEAST_SLOT: Final = 580

# the phone picture
PHONE: Final = 3_580
PHONE_HEIGHT: Final = 3_120
PHONE_TOP: Final = 380
PHONE_BOTTOM: Final = 2_420
PHONE_BAR: Final = 340
PHONE_GAP: Final = 140


@dataclass(frozen=True)
class Label:
    x: str
    lines: tuple[Text, ...]
    amount_y: str
    cents: int
    full: str


@dataclass(frozen=True)
class PotShape:
    body: str
    rim: str
    label: Label


@dataclass(frozen=True)
class WidePicture:
    view_box: str
    ribbons: tuple[Ribbon, ...]
    bars: tuple[Box, ...]
    pots: tuple[PotShape, ...]
    origin_labels: tuple[Label, ...]
    end_labels: tuple[Label, ...]


@dataclass(frozen=True)
class KeyLine:
    """A line of a list beside the phone picture."""

    sign: str
    label: str
    cents: int


@dataclass(frozen=True)
class FlowPicture:
    wide: WidePicture
    phone: PhonePicture
    origin_keys: tuple[KeyLine, ...]
    end_keys: tuple[KeyLine, ...]


def flow_picture(flow: Flow) -> FlowPicture:
    """Both layouts of a flow, with at most six pots."""
    shown = flow.folded()
    return FlowPicture(
        wide=_wide(shown),
        phone=_phone(shown),
        origin_keys=tuple(
            KeyLine(str(at + 1), origin.name, shown.origin_cents(at))
            for at, origin in enumerate(shown.origins)
        ),
        end_keys=tuple(
            KeyLine(ascii_uppercase[at], name, shown.end_cents(at)) for at, name in enumerate(shown.ends)
        ),
    )


class _Lengths:
    """The length of each stream, summed over the streams of an origin, a pot, an end or any mix of them."""

    def __init__(self, streams: Sequence[Stream], length: int) -> None:
        self._pairs = list(zip(streams, shares(length, [stream.cents for stream in streams]), strict=True))

    def of(self, *, origin: int | None = None, pot: int | None = None, end: int | None = None) -> int:
        return sum(self._matching(origin, pot, end))

    def has(self, *, origin: int | None = None, pot: int | None = None, end: int | None = None) -> bool:
        return bool(self._matching(origin, pot, end))

    def _matching(self, origin: int | None, pot: int | None, end: int | None) -> list[int]:
        return [
            length
            for stream, length in self._pairs
            if origin in (None, stream.origin) and pot in (None, stream.pot) and end in (None, stream.end)
        ]


@dataclass(frozen=True)
class _Node:
    """A bar of a column: it starts at `start`, the money in it is `length` long and starts at `money`."""

    start: int
    slot: int
    money: int
    length: int

    @property
    def middle(self) -> int:
        return self.start + self.slot // 2


def _column(lengths: Sequence[int], *, height: int, gap: int, least: int) -> list[_Node]:
    slots = [max(length, least) for length in lengths]
    at = (height - sum(slots) - gap * (len(slots) - 1)) // 2
    nodes = []
    for length, slot in zip(lengths, slots, strict=True):
        nodes.append(_Node(start=at, slot=slot, money=at + (slot - length) // 2, length=length))
        at += slot + gap
    return nodes


def _column_height(lengths: Sequence[int], *, gap: int, least: int) -> int:
    return sum(max(length, least) for length in lengths) + gap * (len(lengths) - 1)


def _wide(flow: Flow) -> WidePicture:
    lengths = _Lengths(flow.streams, RIBBONS_HEIGHT)
    per_origin = [lengths.of(origin=at) for at in range(len(flow.origins))]
    per_pot = [lengths.of(pot=at) for at in range(len(flow.pots))]
    per_end = [lengths.of(end=at) for at in range(len(flow.ends))]
    height = max(
        _column_height(each, gap=NODE_GAP, least=LEAST_SLOT) for each in (per_origin, per_pot, per_end)
    )
    origins, pots, ends = (
        _column(each, height=height, gap=NODE_GAP, least=LEAST_SLOT)
        for each in (per_origin, per_pot, per_end)
    )
    ribbons, pieces = _wide_ribbons(flow, lengths, origins, pots, ends)
    bars = [
        _box(ORIGIN_X, node.money, BAR, node.length, flow.origins[at].kind) for at, node in enumerate(origins)
    ]
    outlines = [_box(ORIGIN_X, node.money, BAR, node.length, "") for node in origins]
    outlines += [_box(END_X, node.money, BAR, node.length, "") for node in ends]
    return WidePicture(
        view_box=f"0 0 {px(WIDE)} {px(height + HEADINGS + 120)}",
        ribbons=tuple(ribbons),
        bars=(*bars, *pieces, *outlines),
        pots=tuple(_pot_shape(flow, at, node) for at, node in enumerate(pots)),
        origin_labels=tuple(
            _label(ORIGIN_X - 140, node.middle, flow.origins[at].name, flow.origin_cents(at))
            for at, node in enumerate(origins)
        ),
        end_labels=tuple(
            _label(END_X + BAR + 140, node.middle, flow.ends[at], flow.end_cents(at))
            for at, node in enumerate(ends)
        ),
    )


def _wide_ribbons(
    flow: Flow, lengths: _Lengths, origins: list[_Node], pots: list[_Node], ends: list[_Node]
) -> tuple[list[Ribbon], list[Box]]:
    ribbons: list[Ribbon] = []
    pieces: list[Box] = []
    leaves = [node.money for node in origins]
    pot_in = [node.money for node in pots]
    pot_out = list(pot_in)
    arrives = [node.money for node in ends]
    for pot in range(len(pots)):
        for origin, giver in enumerate(flow.origins):
            thick = lengths.of(origin=origin, pot=pot)
            if not lengths.has(origin=origin, pot=pot):
                continue
            path = _across(ORIGIN_X + BAR, leaves[origin], POT_X, pot_in[pot], thick)
            ribbons.append(Ribbon(giver.kind, path))
            leaves[origin] += thick
            pot_in[pot] += thick
        for end in range(len(ends)):
            for origin, giver in enumerate(flow.origins):
                thick = lengths.of(origin=origin, pot=pot, end=end)
                if not lengths.has(origin=origin, pot=pot, end=end):
                    continue
                path = _across(POT_X + POT_WIDTH, pot_out[pot], END_X, arrives[end], thick)
                ribbons.append(Ribbon(giver.kind, path))
                pieces.append(_box(END_X, arrives[end], BAR, thick, giver.kind))
                pot_out[pot] += thick
                arrives[end] += thick
    return ribbons, pieces


def _phone(flow: Flow) -> PhonePicture:
    gaps = PHONE_GAP * (max(len(flow.origins), len(flow.ends)) - 1)
    lengths = _Lengths(flow.streams, PHONE - 20 - gaps)
    top = _row([lengths.of(origin=at) for at in range(len(flow.origins))])
    bottom = _row([lengths.of(end=at) for at in range(len(flow.ends))])
    ribbons: list[Ribbon] = []
    pieces: list[Box] = []
    leaves = [node.money for node in top]
    for end, node in enumerate(bottom):
        arrives = node.money
        for origin, giver in enumerate(flow.origins):
            thick = lengths.of(origin=origin, end=end)
            if not lengths.has(origin=origin, end=end):
                continue
            path = down(leaves[origin], PHONE_TOP + PHONE_BAR, arrives, PHONE_BOTTOM, thick)
            ribbons.append(Ribbon(giver.kind, path))
            pieces.append(_box(arrives, PHONE_BOTTOM, thick, PHONE_BAR, giver.kind, headings=0))
            leaves[origin] += thick
            arrives += thick
    bars = [
        _box(node.money, PHONE_TOP, node.length, PHONE_BAR, flow.origins[at].kind, headings=0)
        for at, node in enumerate(top)
    ]
    outlines = [
        _box(node.money, y, node.length, PHONE_BAR, "", headings=0)
        for y, row in ((PHONE_TOP, top), (PHONE_BOTTOM, bottom))
        for node in row
    ]
    return PhonePicture(
        view_box=f"0 0 {px(PHONE)} {px(PHONE_HEIGHT)}",
        ribbons=tuple(ribbons),
        bars=(*bars, *pieces, *outlines),
        marks=(
            *marks([node.middle for node in top], "123456789", y=170, width=PHONE),
            *marks(
                [node.middle for node in bottom],
                ascii_uppercase,
                y=PHONE_BOTTOM + PHONE_BAR + 200,
                width=PHONE,
            ),
        ),
    )


def _row(lengths: Sequence[int]) -> list[_Node]:
    spare = PHONE - 20 - sum(lengths)
    gap = spare // max(1, len(lengths) - 1)
    at = 10
    nodes = []
    for length in lengths:
        nodes.append(_Node(start=at, slot=length, money=at, length=length))
        at += length + gap
    return nodes


def _pot_shape(flow: Flow, pot: int, node: _Node) -> PotShape:
    left, right, top = POT_X, POT_X + POT_WIDTH, node.start + HEADINGS
    round_of, deep = 200, node.slot
    body = (
        f"M{px(left)} {px(top)}h{px(POT_WIDTH)}v{px(deep - round_of)}"
        f"q0 {px(round_of)} {px(-round_of)} {px(round_of)}h{px(2 * round_of - POT_WIDTH)}"
        f"q{px(-round_of)} 0 {px(-round_of)} {px(-round_of)}z"
    )
    most_lines = 2 if node.slot >= LEAST_SLOT + LINE else 1
    return PotShape(
        body=body,
        rim=f"M{px(left - 60)} {px(top)}H{px(right + 60)}",
        label=_label(
            POT_X + POT_WIDTH // 2,
            node.middle + 40,
            flow.pots[pot],
            flow.pot_cents(pot),
            most_lines=most_lines,
        ),
    )


def _label(x: int, middle: int, name: str, cents: int, *, most_lines: int = 2) -> Label:
    lines = textwrap.wrap(name, width=23, max_lines=most_lines, placeholder="…")
    first = middle + HEADINGS - LINE * (len(lines) + 1) // 2 + 165
    return Label(
        x=px(x),
        lines=tuple(Text(px(first + LINE * at), words) for at, words in enumerate(lines)),
        amount_y=px(first + LINE * len(lines) + 10),
        cents=cents,
        full=name,
    )


def _across(x0: int, y0: int, x1: int, y1: int, thick: int) -> str:
    """Under the headings."""
    return across(x0, y0 + HEADINGS, x1, y1 + HEADINGS, thick)


def _box(x: int, y: int, width: int, height: int, fill: str, *, headings: int = HEADINGS) -> Box:
    return Box(px(x), px(y + headings), px(width), px(height), fill)
