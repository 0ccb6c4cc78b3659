"""A small vocabulary to draw a Dutch street with: flat, in ink lines of 3 px and the colours of the tokens.

Every function gives SVG elements as text, made of numbers and colours from this package only: never of
anything that a person typed. The sheet is 720 wide and 420 high; the street begins at `GROUND`.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, TypeVar

Item = TypeVar("Item")

WIDTH: Final = 720
HEIGHT: Final = 420
GROUND: Final = 292

INK: Final = "#241A2B"
WHITE: Final = "#FFFFFF"
YELLOW: Final = "#FFC42E"
CORAL: Final = "#FF8A78"
BLUE: Final = "#6CB8F5"
GREEN: Final = "#63CFA6"
DEEP_GREEN: Final = "#125C32"
DEEP_BLUE: Final = "#1F4A78"
BRICK: Final = "#A3201A"
PLUM: Final = "#5A1E4A"
MAUVE: Final = "#C98FB0"
WOOD: Final = "#D9A066"
EARTH: Final = "#7A4B35"
GREY: Final = "#9AA3AD"
SKY: Final = "#DDEEFC"
GLASS: Final = "#F3FAFF"

WALLS: Final = ("#E9A48F", "#F6E3C9", MAUVE, "#F3C3AE", "#FFF3D1", "#D9A0A0", "#B9CFE0", "#E3B98A")
ROOFS: Final = ("#8A4A4A", PLUM, "#4B5B73", "#A65A43")
DOORS: Final = (PLUM, DEEP_BLUE, DEEP_GREEN, BRICK, "#B07300")
PETALS: Final = (CORAL, YELLOW, MAUVE, WHITE)


class Dice:
    """Choices that are the same every time for the same words, on every machine."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._rolls = 0

    def roll(self, sides: int) -> int:
        """0 to `sides` - 1."""
        self._rolls += 1
        digest = sha256(f"{self._words}/{self._rolls}".encode()).digest()
        return int.from_bytes(digest[:4]) % sides

    def pick(self, items: Sequence[Item]) -> Item:
        return items[self.roll(len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        left = list(items)
        return [left.pop(self.roll(len(left))) for _ in items]


# ── strokes ──


def shape(path: str, fill: str, *, line: float = 3) -> str:
    return f'<path d="{path}" fill="{fill}" stroke-width="{line:g}"/>'


def stroke(path: str, *, line: float = 3, colour: str = INK) -> str:
    return f'<path d="{path}" stroke="{colour}" stroke-width="{line:g}"/>'


def limb(path: str, colour: str, *, thick: float) -> str:
    """A line with an edge of ink: an arm, a leg, a plank."""
    return stroke(path, line=thick + 5) + stroke(path, line=thick, colour=colour)


def flat(path: str, fill: str) -> str:
    """A plane without an edge."""
    return f'<path d="{path}" fill="{fill}" stroke="none"/>'


def box(x: float, y: float, width: float, height: float, fill: str, *, line: float = 3, rx: float = 0) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{rx:g}" fill="{fill}"'
        f' stroke-width="{line:g}"/>'
    )


def disc(x: float, y: float, radius: float, fill: str, *, line: float = 3) -> str:
    edge = f'stroke-width="{line:g}"' if line else 'stroke="none"'
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" {edge}/>'


def placed(x: float, y: float, drawing: str, *, scale: float = 1, mirrored: bool = False) -> str:
    """A drawing made around 0, 0 set on the sheet."""
    across = -scale if mirrored else scale
    return f'<g transform="translate({x:g} {y:g}) scale({across:g} {scale:g})">{drawing}</g>'


# ── sky and ground ──


def day_sky(dice: Dice, colour: str = SKY) -> str:
    sun_x = dice.pick((92, 250, 470, 628))
    clouds = [x for x in dice.shuffled((60, 210, 380, 540)) if abs(x + 40 - sun_x) > 90][:2]
    drawn = "".join(_cloud(x, 44 + dice.roll(34)) for x in clouds)
    return flat(f"M0 0h{WIDTH}v{HEIGHT}H0z", colour) + disc(sun_x, 62, 32, YELLOW, line=0) + drawn


def evening_sky(dice: Dice) -> str:
    stars = "".join(
        disc(30 + at * 62 + dice.roll(30), 18 + dice.roll(60), 2, WHITE, line=0) for at in range(11)
    )
    moon = disc(610, 56, 26, "#FFF0C6", line=0) + disc(599, 49, 22, "#2F2650", line=0)
    return flat(f"M0 0h{WIDTH}v{HEIGHT}H0z", "#2F2650") + stars + moon


def _cloud(x: int, y: int) -> str:
    return flat(f"M{x} {y}q4-15 20-13q8-15 26-8q16-4 19 9q14 0 13 12h-84q-6-10 6-0z", WHITE)


def pavement(colour: str = "#E8D9E2", joint: str = "#D2BCCB") -> str:
    """Clinkers in rows, and the kerb."""
    rows = []
    for row, y in enumerate(range(GROUND + 26, HEIGHT, 24)):
        rows.append(f"M0 {y}h{WIDTH}")
        rows += [f"M{x} {y - 24}l-6 24" for x in range(-20 + row % 2 * 30, WIDTH + 40, 60)]
    return (
        flat(f"M0 {GROUND}h{WIDTH}v{HEIGHT - GROUND}H0z", colour)
        + stroke("".join(rows), line=1.5, colour=joint)
        + stroke(f"M0 {GROUND}h{WIDTH}")
    )


def lawn() -> str:
    tufts = "".join(
        f"M{x} {y}q3-8 4 0q4-6 5 1" for x, y in ((40, 330), (150, 392), (330, 404), (520, 396), (668, 340))
    )
    return (
        flat(f"M0 {GROUND}h{WIDTH}v{HEIGHT - GROUND}H0z", "#BFE8D2")
        + stroke(f"M0 {GROUND}h{WIDTH}")
        + stroke(tufts, line=2)
    )


# ── houses ──


def street(dice: Dice, *, lit: bool = False) -> str:
    """A row of houses from edge to edge, each with its own gable, wall and door."""
    gables = dice.shuffled((_point, _cornice, _neck, _steps, _bell, _point, _cornice))
    walls, doors = dice.shuffled(WALLS), dice.shuffled((*DOORS, *DOORS))
    houses = []
    x = -24
    for at in range(6):
        width = dice.pick((122, 130, 138))
        eaves = dice.pick((118, 130, 142))
        houses.append(gables[at](x, width, eaves, walls[at], dice.pick(ROOFS)))
        houses.append(box(x, eaves, width, GROUND - eaves, walls[at]))
        houses.append(
            _front(
                x, width, eaves, doors[at], lit=lit, door_left=bool(dice.roll(2)), plants=dice.roll(2) == 0
            )
        )
        x += width
    return "".join(houses)


def _front(x: int, width: int, eaves: int, door: str, *, lit: bool, door_left: bool, plants: bool) -> str:
    pane = "#FFE9A8" if lit else GLASS
    upstairs = "".join(_window(x + at, eaves + 20, 36, 42, pane) for at in (18, width - 54))
    door_x, wide_x = (x + 16, x + 60) if door_left else (x + width - 50, x + 14)
    wide = width - 76
    parts = [upstairs, _window(wide_x, 228, wide, 40, pane), _door(door_x, door)]
    if plants:
        parts.append(shape(f"M{wide_x - 4} 268h{wide + 8}l-4 12h-{wide}z", DEEP_GREEN, line=2))
        parts += [
            disc(wide_x + 4 + step * 10, 265, 5, PETALS[step % 3], line=1.5) for step in range(wide // 10 + 1)
        ]
    return "".join(parts)


def _window(x: int, y: int, width: int, height: int, pane: str) -> str:
    bars = f"M{x + width / 2:g} {y}v{height}M{x} {y + 15}h{width}"
    return (
        box(x, y, width, height, pane, rx=1.5)
        + stroke(bars, line=2)
        + stroke(f"M{x - 4} {y + height}h{width + 8}")
    )


def _door(x: int, colour: str) -> str:
    return (
        box(x, 222, 34, GROUND - 222, colour)
        + box(x + 7, 230, 20, 16, GLASS, line=2)
        + disc(x + 27, 262, 2.2, YELLOW, line=0)
    )


def _point(x: int, width: int, eaves: int, wall: str, roof: str) -> str:
    top, middle = eaves - 54, x + width / 2
    chimney = box(x + width * 0.68, top + 2, 15, 34, wall)
    return chimney + shape(f"M{x - 2} {eaves}L{middle:g} {top}L{x + width + 2} {eaves}z", roof)


def _cornice(x: int, width: int, eaves: int, wall: str, roof: str) -> str:
    return box(x, eaves - 26, width, 26, wall) + box(x - 3, eaves - 34, width + 6, 13, roof)


def _neck(x: int, width: int, eaves: int, wall: str, roof: str) -> str:
    side, neck = width * 0.24, width * 0.52
    scrolls = f"M{x} {eaves}q{side:g}-6 {side:g}-34v-16h{neck:g}v16q0 28 {side:g} 34z"
    return shape(scrolls, wall) + shape(
        f"M{x + side - 5:g} {eaves - 50}l{neck / 2 + 5:g}-20l{neck / 2 + 5:g} 20z", roof
    )


def _steps(x: int, width: int, eaves: int, wall: str, roof: str) -> str:
    tread = width / 7
    climb = f"v-18h{tread:g}" * 3
    descend = f"h{tread:g}v18" * 3
    return shape(f"M{x} {eaves}{climb}h{tread:g}{descend}z", wall) + disc(x + width / 2, eaves - 24, 8, roof)


def _bell(x: int, width: int, eaves: int, wall: str, roof: str) -> str:
    third = width / 3
    rise = f"M{x} {eaves}c6-30 {third * 0.7:g}-22 {third:g}-48"
    fall = f"c{third * 0.3:g} 26 {third - 6:g} 18 {third:g} 48z"
    curve = f"{rise}q{third / 2:g}-22 {third:g} 0{fall}"
    return shape(curve, wall) + box(x + width / 2 - 10, eaves - 40, 20, 24, roof, rx=9)


def by_day(dice: Dice) -> str:
    """A street on a sunny day: where most scenes play."""
    return day_sky(dice) + street(dice) + pavement()


def on_grass(dice: Dice) -> str:
    """The same street across a lawn."""
    return day_sky(dice, "#E1F3E7") + street(dice) + lawn()


# ── green ──


def tree(x: float, foot: float, *, scale: float = 1, crown: str = GREEN) -> str:
    leaves = (
        "M-58-84c-18-34 8-62 34-58c8-30 52-34 64-6c32-6 52 24 36 48"
        "c14 22-8 44-30 38c-12 16-42 16-52 2c-24 12-52 2-52-24z"
    )
    branches = stroke("M-24-92q8-10 18-6M18-122q10-8 18 0M30-84q8-4 14 2", line=2)
    return placed(
        x,
        foot,
        limb("M2 0C4-30 0-52 4-78M4-46l20-22", "#A0673C", thick=9) + shape(leaves, crown) + branches,
        scale=scale,
    )


def sapling(x: float, foot: float) -> str:
    trunk = limb("M0 0v-84", "#A0673C", thick=5) + stroke("M16 0v-62M0-52h16", line=4, colour=WOOD)
    crown = (
        disc(-12, -92, 17, GREEN)
        + disc(13, -98, 19, GREEN)
        + disc(0, -116, 17, GREEN)
        + flat("M-16-104h30v20h-30z", GREEN)
    )
    return placed(x, foot, trunk + crown)


def flower(x: float, foot: float, height: float, petal: str) -> str:
    leaf = f"M0-{height * 0.35:g}q-11-1-11-11q10 1 11 11zM0-{height * 0.3:g}q11-1 11-11q-10 1-11 11z"
    bloom = disc(0, -height, 8.5, petal, line=2) + disc(
        0, -height, 2.8, WHITE if petal != WHITE else YELLOW, line=0
    )
    return placed(
        x, foot, stroke(f"M0 0v-{height:g}", colour=DEEP_GREEN) + shape(leaf, GREEN, line=1.5) + bloom
    )


def planter(dice: Dice, x: float, foot: float, width: float = 118) -> str:
    blooms = "".join(
        flower(x + 14 + at * 19, foot - 36, 22 + dice.roll(15), dice.pick(PETALS))
        for at in range(int(width - 12) // 19)
    )
    body = f"M{x} {foot - 40:g}h{width:g}l-8 40h-{width - 16:g}z"
    return blooms + shape(body, "#B9795A") + stroke(f"M{x + 4} {foot - 26:g}h{width - 8:g}", line=2)


# ── things in the street ──


def bench_back(x: float, foot: float, width: float = 270) -> str:
    legs = "".join(limb(f"M{at:g} {foot:g}v-98", "#4B5B73", thick=5) for at in (x + 16, x + width - 16))
    return (
        legs
        + limb(f"M{x} {foot - 96:g}h{width:g}", WOOD, thick=11)
        + limb(f"M{x} {foot - 74:g}h{width:g}", WOOD, thick=11)
    )


def bench_seat(x: float, foot: float, width: float = 270) -> str:
    return limb(f"M{x - 4} {foot - 38:g}h{width + 8:g}", WOOD, thick=12)


def table(x: float, foot: float, width: float, cloth: str = WHITE) -> str:
    legs = "".join(limb(f"M{at:g} {foot:g}v-48", "#A0673C", thick=6) for at in (x + 24, x + width - 24))
    fall = f"M{x} {foot - 62:g}h{width:g}l6 30" + "q-12 9-24 0t-24 0" * (int(width + 12) // 48) + "z"
    return (
        legs + shape(f"M{x} {foot - 62:g}h{width:g}l7 28H{x - 7:g}z", cloth)
        if cloth != WHITE
        else legs + shape(fall, cloth)
    )


def bunting(y: float, dice: Dice, *, sag: float = 46) -> str:
    """A line of flags from edge to edge."""
    flags = []
    colours = dice.shuffled((CORAL, YELLOW, BLUE, GREEN, WHITE))
    for at in range(15):
        along = (at + 0.5) / 15
        drop = y + sag * 4 * along * (1 - along)
        flags.append(
            shape(f"M{along * WIDTH - 15:.0f} {drop:.0f}h30l-15 30z", colours[at % len(colours)], line=2.5)
        )
    return "".join(flags) + stroke(f"M0 {y}Q{WIDTH / 2:g} {y + 2 * sag:g} {WIDTH} {y}", line=2.5)


def lights(y: float, *, sag: float = 40) -> str:
    """A line of lamps that are on."""
    lamps = []
    for at in range(13):
        along = (at + 0.5) / 13
        x, drop = along * WIDTH, y + sag * 4 * along * (1 - along)
        colour = (YELLOW, CORAL, "#FFF0C6")[at % 3]
        glow = disc(x, drop + 13, 19, colour, line=0)
        glow = f'<g fill-opacity=".22">{glow}</g>'
        lamps.append(glow + box(x - 4, drop - 2, 8, 7, INK, line=1) + disc(x, drop + 13, 8.5, colour, line=2))
    return stroke(f"M0 {y}Q{WIDTH / 2:g} {y + 2 * sag:g} {WIDTH} {y}", line=3, colour="#0F0A14") + "".join(
        lamps
    )


def bird(x: float, foot: float) -> str:
    body = "M-22-10q4-16 20-13q12 2 18 3l12-3l-9 10q-10 13-27 11q-13-1-14-8z"
    return placed(
        x,
        foot,
        stroke("M-4 0v-6M5 0v-6", line=2)
        + shape(body, WHITE, line=2.5)
        + shape("M-22-12l-8 2l8 4z", YELLOW, line=2)
        + disc(-14, -14, 1.6, INK, line=0),
    )
