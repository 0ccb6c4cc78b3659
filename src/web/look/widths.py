"""Whole lengths for parts of a whole, so that the picture says what the ledger says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HUNDREDTHS: Final = 10_000
"""A bar is this many hundredths of a percent long."""


@dataclass
class NegativePart(Exception):
    """A part of a picture cannot be shorter than nothing."""

    weights: tuple[int, ...]


def shares(length: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split `length` over `weights` by largest remainder; the shares sum to `length`, or 0 without weight.

    Ties go to the earlier part. Raises `NegativePart`.
    """
    if any(weight < 0 for weight in weights):
        raise NegativePart(tuple(weights))
    total = sum(weights)
    if total == 0:
        return (0,) * len(weights)
    whole_parts = [length * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(length * weights[at] % total), at))
    for at in by_remainder[: length - sum(whole_parts)]:
        whole_parts[at] += 1
    return tuple(whole_parts)


def percent(hundredths: int) -> str:
    """`44.09%` for 4409: a length an SVG attribute understands in every language."""
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


@dataclass(frozen=True)
class Slice:
    """One piece of a horizontal bar: `x`, `width` and `end` are SVG lengths, `fill` names its colour."""

    fill: str
    x: str
    width: str
    end: str


def slices(fills: Sequence[str], weights: Sequence[int], *, whole: int) -> tuple[Slice, ...]:
    """Pieces side by side on a bar that stands for `whole`, which is at least the sum of the weights.

    Parts of nothing are left out.
    """
    widths = shares(HUNDREDTHS, (*weights, whole - sum(weights)))
    pieces: list[Slice] = []
    at = 0
    for fill, weight, width in zip(fills, weights, widths[:-1], strict=True):
        if weight > 0:
            pieces.append(Slice(fill=fill, x=percent(at), width=percent(width), end=percent(at + width)))
        at += width
    return tuple(pieces)
