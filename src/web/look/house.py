"""An organisation's own look: the house colours it may change, and only those."""

from __future__ import annotations

import re
from dataclasses import dataclass

from people.colours import LEAST_CONTRAST, contrast_with_white

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class Look:
    """What a page needs to know of the organisation it belongs to.

    `stylesheet_url` answers with `HouseColours.stylesheet()`; empty for the colours of the platform itself.
    """

    organisation_name: str = ""
    theme: str = ""
    stylesheet_url: str = ""
    helpline: str = ""


@dataclass
class NotAColour(Exception):
    """Colours are written as six hexadecimal digits after a #."""

    value: str


@dataclass
class BrandTooLight(Exception):
    """White text on this brand, or the brand as text on white, cannot be read well."""

    brand: str
    contrast: float


@dataclass(frozen=True)
class HouseColours:
    """The house tokens. Colours as `#RRGGBB`; `corner` is the radius of a card in px, 0 to 24.

    Raises `NotAColour` and `BrandTooLight`.
    """

    brand: str
    brand_strong: str
    brand_tint: str
    page: str
    corner: int = 20

    def __post_init__(self) -> None:
        for colour in (self.brand, self.brand_strong, self.brand_tint, self.page):
            if not _HEX.fullmatch(colour):
                raise NotAColour(colour)
        for colour in (self.brand, self.brand_strong):
            contrast = contrast_with_white(colour)
            if contrast < LEAST_CONTRAST:
                raise BrandTooLight(colour, contrast)

    def stylesheet(self) -> str:
        """CSS to serve at the organisation's stylesheet URL, after our own stylesheets."""
        medium, small = self.corner * 3 // 5, self.corner * 3 // 10
        return (
            ":root {\n"
            f"  --brand: {self.brand};\n  --brand-strong: {self.brand_strong};\n"
            f"  --brand-tint: {self.brand_tint};\n  --on-brand: #FFFFFF;\n  --page: {self.page};\n"
            f"  --radius-s: {small}px;\n  --radius-m: {medium}px;\n  --radius-l: {self.corner}px;\n"
            "}\n"
        )
