"""Names of the drawings in `static/web/drawings/icons.svg`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LINES: Final = frozenset(
    {
        "arrow", "bank", "camera", "check", "chevron", "chevron-left", "clock", "cross",
        "download", "envelope", "flag", "heart", "info", "lock", "minus", "pencil", "people", "plus",
        "pot-small", "printer", "seal", "search", "shield", "warning",
    }
)  # fmt: skip
"""Drawn with a line of the text colour in a square of 20."""

PICTURES: Final = frozenset(
    {
        "cheque",
        "house",
        "plant",
        "pot",
        "pot-empty",
        "purse",
        "receipt",
        "receipt-empty",
        "bank-building",
        "to-come",
    }
)
"""Drawn in ink and the colours of money, 48 wide and 44 high."""


@dataclass
class UnknownIcon(Exception):
    """No drawing has this name."""

    name: str


def check_icon(name: str) -> str:
    """The name itself. Raises `UnknownIcon`, so that a typing error shows before a page is published."""
    if name not in LINES | PICTURES:
        raise UnknownIcon(name)
    return name
