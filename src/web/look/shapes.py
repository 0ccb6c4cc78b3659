"""What pictures of money on its way are drawn with: ribbons, boxes, and signs in a round. Lengths are whole tenths of a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

ROUND: Final = 260


@dataclass(frozen=True)
class Ribbon:
    fill: str
    path: str


@dataclass(frozen=True)
class Box:
    """A bar or a piece of one; `fill` is empty for the outline alone."""

    x: str
    y: str
    width: str
    height: str
    fill: str = ""


@dataclass(frozen=True)
class Text:
    y: str
    words: str


@dataclass(frozen=True)
class Mark:
    """A letter or figure in a round, that the lists beside the picture explain."""

    x: str
    y: str
    text_y: str
    sign: str


@dataclass(frozen=True)
class PhonePicture:
    view_box: str
    ribbons: tuple[Ribbon, ...]
    bars: tuple[Box, ...]
    marks: tuple[Mark, ...]


def marks(middles: Sequence[int], signs: Sequence[str], *, y: int, width: int) -> list[Mark]:
    """A round at the middle of every bar of a row, pushed apart where bars are narrow. There is room for them in `width`."""
    centres = [max(ROUND // 2, middle) for middle in middles]
    for left, right in pairwise(range(len(centres))):
        centres[right] = max(centres[right], centres[left] + ROUND)
    limit = width - ROUND // 2
    for at in reversed(range(len(centres))):
        centres[at] = min(centres[at], limit)
        limit = centres[at] - ROUND
    return [Mark(px(x), px(y), px(y + 50), sign) for x, sign in zip(centres, signs, strict=False)]


def across(x0: int, y0: int, x1: int, y1: int, thick: int) -> str:
    """The path of a ribbon from left to right."""
    half = (x0 + x1) // 2
    return (
        f"M{px(x0)} {px(y0)}C{px(half)} {px(y0)} {px(half)} {px(y1)} {px(x1)} {px(y1)}"
        f"V{px(y1 + thick)}"
        f"C{px(half)} {px(y1 + thick)} {px(half)} {px(y0 + thick)} {px(x0)} {px(y0 + thick)}Z"
    )


def down(x0: int, y0: int, x1: int, y1: int, thick: int) -> str:
    """The path of a ribbon from the top down."""
    half = (y0 + y1) // 2
    return (
        f"M{px(x0)} {px(y0)}C{px(x0)} {px(half)} {px(x1)} {px(half)} {px(x1)} {px(y1)}"
        f"H{px(x1 + thick)}"
        f"C{px(x1 + thick)} {px(half)} {px(x0 + thick)} {px(half)} {px(x0 + thick)} {px(y0)}Z"
    )


def px(tenths: int) -> str:
    sign, size = ("-", -tenths) if tenths < 0 else ("", tenths)
    return f"{sign}{size // 10}.{size % 10}"
