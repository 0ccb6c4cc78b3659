"""A drawn Dutch street for a campaign without a photo: twelve themes; who lives there differs by campaign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from web.look.drawings import outdoors, together
from web.look.drawings.vocabulary import Dice

THEMES: Final[dict[str, Callable[[Dice], str]]] = {
    "bench": outdoors.bench,
    "playground": outdoors.playground,
    "party": together.party,
    "repair": together.repair,
    "garden": outdoors.garden,
    "lights": together.winter_lights,
    "music": together.music,
    "sports": outdoors.sports,
    "library": together.library,
    "cleaning": outdoors.cleaning,
    "mural": together.mural,
    "trees": outdoors.trees,
}


@dataclass
class UnknownTheme(Exception):
    """There is no scene of this name."""

    theme: str


def shapes(theme: str, seed: int) -> str:
    """The SVG elements of a scene of 720 by 420; the same every time for the same theme and seed.

    Raises `UnknownTheme`.
    """
    if theme not in THEMES:
        raise UnknownTheme(theme)
    return THEMES[theme](Dice(f"{theme} {seed}"))
