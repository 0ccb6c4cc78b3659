"""Colours that an organisation may bring along: written as #RRGGBB, and dark enough to read by."""

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

LEAST_CONTRAST: Final = 7.0
"""WCAG 2.2, 1.4.6 (AAA): a brand is also the colour of links on white."""

colour = RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("Use a colour such as #5A1E4A."))


def dark_enough(brand: str) -> None:
    """For a field that holds a brand. Raises ValidationError."""
    colour(brand)
    if contrast_with_white(brand) < LEAST_CONTRAST:
        raise ValidationError(_("This colour is too light. Choose a darker one, such as #5A1E4A."))


def contrast_with_white(colour: str) -> float:
    """WCAG contrast ratio of `#RRGGBB` against white, 1 to 21."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 1.05 / (luminance + 0.05)


def _linear(channel: float) -> float:
    # sRGB transfer function, as in the definition of relative luminance in WCAG 2.2
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
