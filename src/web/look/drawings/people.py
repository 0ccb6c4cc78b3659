"""Neighbours: old and young, of every colour, in all kinds of clothes. Feet at 0, 0; an adult is 134 high."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from web.look.drawings.vocabulary import (
    BLUE,
    BRICK,
    CORAL,
    DEEP_BLUE,
    DEEP_GREEN,
    GREEN,
    INK,
    MAUVE,
    PLUM,
    WHITE,
    YELLOW,
    Dice,
    disc,
    flat,
    limb,
    placed,
    shape,
    stroke,
)

SKINS: Final = ("#F6D3B8", "#E8B48C", "#C98A5F", "#9A623E", "#6E4429", "#F1C7A5")
HAIR: Final = ("#2B1B17", "#5B3A22", "#B5742F", "#E5B94E", "#BDB7C4", "#241A2B")
TOPS: Final = (DEEP_BLUE, CORAL, GREEN, YELLOW, MAUVE, BRICK, BLUE, WHITE, DEEP_GREEN)
TROUSERS: Final = ("#3B4A66", "#5B5063", PLUM, "#4B5B73", INK)
SCARVES: Final = (MAUVE, BLUE, DEEP_GREEN, CORAL)
STYLES: Final = ("short", "long", "curls", "bun", "scarf", "cap", "bald", "bob")


@dataclass(frozen=True)
class Person:
    skin: str
    hair: str
    style: str
    top: str
    trousers: str


def neighbours(dice: Dice, count: int) -> list[Person]:
    """People who differ in all they can."""
    skins, styles, tops = dice.shuffled(SKINS), dice.shuffled(STYLES), dice.shuffled(TOPS)
    return [
        Person(
            skin=skins[at % len(skins)],
            hair=dice.pick(HAIR),
            style=styles[at % len(styles)],
            top=tops[at % len(tops)],
            trousers=dice.pick(TROUSERS),
        )
        for at in range(count)
    ]


ARMS: Final = {
    "down": ("M-20-82q-10 18-9 34", "M20-82q10 18 9 34"),
    "up": ("M-20-82q-16-8-20-32", "M20-82q16-8 20-32"),
    "wave": ("M-20-82q-10 18-9 34", "M20-82q18-6 22-32"),
    "reach": ("M-18-80q4 16 26 22", "M20-82q10 12 28 12"),
    "hold": ("M-20-80q-4 22 16 26", "M20-80q4 22-16 26"),
    "hips": ("M-20-82q-20 14-4 30", "M20-82q20 14 4 30"),
}
HANDS: Final = {
    "down": ((-29, -44), (29, -44)),
    "up": ((-41, -118), (41, -118)),
    "wave": ((-29, -44), (43, -118)),
    "reach": ((12, -57), (52, -69)),
    "hold": ((-2, -54), (2, -54)),
    "hips": ((-23, -52), (23, -52)),
}


def standing(
    person: Person, x: float, foot: float, *, arms: str = "down", scale: float = 1, mirrored: bool = False
) -> str:
    legs = limb("M-9-44v38M9-44v38", person.trousers, thick=10) + stroke("M-10 0h-9M10 0h9", line=8)
    body = shape("M-22-42c-4-26-4-52 8-54h28c12 2 12 28 8 54z", person.top)
    drawn = _behind(person, -114) + legs + body + _head(person, -114) + _arms(person, arms)
    return placed(x, foot, drawn, scale=scale, mirrored=mirrored)


def sitting(person: Person, x: float, seat: float, *, arms: str = "hold", mirrored: bool = False) -> str:
    """Sits facing us; `seat` is the height of the seat on the sheet."""
    legs = limb("M-10 2v38M12 2v38", person.trousers, thick=11) + stroke("M-12 44h-9M14 44h9", line=8)
    lap = shape("M-24-6q24-10 48 0l-2 14h-44z", person.trousers)
    body = shape("M-23-2c-6-32-4-56 8-58h30c12 2 14 26 8 58z", person.top)
    drawn = _behind(person, -78) + legs + body + lap + _head(person, -78) + placed(0, 36, _arms(person, arms))
    return placed(x, seat, drawn, mirrored=mirrored)


def at_table(person: Person, x: float, table_top: float, *, mirrored: bool = False) -> str:
    """Head and shoulders behind a table."""
    body = shape("M-24 8c-6-30-4-48 8-50h32c12 2 14 20 8 50z", person.top)
    return placed(x, table_top, _behind(person, -62) + body + _head(person, -62), mirrored=mirrored)


def _arms(person: Person, pose: str) -> str:
    hands = "".join(disc(x, y, 6, person.skin, line=2.5) for x, y in HANDS[pose])
    return "".join(limb(path, person.top, thick=8) for path in ARMS[pose]) + hands


def _head(person: Person, y: int) -> str:
    face = stroke("M-7-1v.1M7-1v.1", line=4.2) + stroke("M-6 7q6 6 12 0", line=2.2)
    return placed(0, y, disc(0, 0, 19, person.skin) + face + _hair_in_front(person))


def _behind(person: Person, y: int) -> str:
    shapes = {
        "long": shape("M-21-4c-4-26 46-28 43 0l5 44q-26 10-53 0z", person.hair),
        "curls": "".join(
            disc(at_x, at_y, 13, person.hair)
            for at_x, at_y in ((-15, -10), (15, -10), (0, -20), (-20, 6), (20, 6))
        ),
        "bun": disc(0, -25, 10, person.hair),
        "scarf": shape("M-22 0c-2-32 46-32 44 0c0 16 4 24 6 34q-28 12-56 0c2-10 6-18 6-34z", _scarf(person)),
    }
    return placed(0, y, shapes.get(person.style, ""))


def _hair_in_front(person: Person) -> str:
    fringe = "M-19-3c0-24 38-24 38 0c-8-2-16-6-20-10c-4 6-10 9-18 10z"
    shapes = {
        "short": shape("M-19-2c-3-24 41-24 38 0c-4-6-8-9-13-9c-10 2-19 2-25 9z", person.hair, line=2),
        "long": shape(fringe, person.hair, line=2),
        "curls": flat("M-15-10q15-14 30 0q-15 4-30 0z", person.hair),
        "bun": shape("M-19-3c0-24 38-24 38 0c-10-8-28-8-38 0z", person.hair, line=2),
        "scarf": stroke("M-18-4c2-20 34-20 36 0q2 20-18 25q-20-5-18-25z", line=9, colour=_scarf(person)),
        "cap": shape("M-20-5c2-22 38-24 40-4l9 3q-24 6-49 1z", "#4B5B73", line=2.5),
        "bald": stroke("M-19-2q-5 5-1 10M19-2q5 5 1 10", line=5, colour=person.hair),
        "bob": shape(
            "M-22 12c-6-40 50-40 44 0q-6 0-7-4c2-8 0-14-3-17q-14 4-24 0c-4 3-5 9-3 17q-1 4-7 4z",
            person.hair,
            line=2.5,
        ),
    }
    return shapes[person.style]


def _scarf(person: Person) -> str:
    """A colour that stands out from the clothes under it."""
    return next(colour for colour in SCARVES if colour != person.top)
