"""Where money comes from: four origins, each with one colour, one pattern and one name in every town."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Origin(StrEnum):
    CHEQUE = "cheque"
    GIFT = "gift"
    GRANT = "grant"
    FUND = "fund"


NAMES: Final = {
    Origin.CHEQUE: _("Neighbourhood cheques"),
    Origin.GIFT: _("Neighbours and shops"),
    Origin.GRANT: _("Municipality or foundation"),
    Origin.FUND: _("Fund of the neighbourhood"),
}

PATTERNS: Final = {
    Origin.CHEQUE: pgettext_lazy("pattern", "plain"),
    Origin.GIFT: pgettext_lazy("pattern", "hatched"),
    Origin.GRANT: pgettext_lazy("pattern", "dotted"),
    Origin.FUND: pgettext_lazy("pattern", "lined"),
}
