"""Amounts, dates and times as they are written on screen, in the active language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.translation import get_language

NO_BREAK_SPACE: Final = "\u00a0"


def babel_locale() -> str:
    """The Babel locale of the active language: `nl_NL`, or `en_GB` for all else."""
    return "nl_NL" if (get_language() or "nl").startswith("nl") else "en_GB"


def euro(cents: int) -> str:
    """`€ 1.234,50` in Dutch, `€1,234.50` in English; always two decimals, `€ -25,00` when negative."""
    return format_currency(_euros(cents), "EUR", locale=babel_locale())


def amount(cents: int) -> str:
    """The same without a sign of currency, for tables that name the unit in their heading: `1.234,50`."""
    return format_decimal(_euros(cents), format="#,##0.00", locale=babel_locale())


def whole(count: int) -> str:
    """`4.000`."""
    return format_decimal(count, format="#,##0", locale=babel_locale())


def long_date(day: date) -> str:
    """`2 maart 2026`; of a moment, the day in Amsterdam."""
    return format_date(_local_day(day), format="d MMMM y", locale=babel_locale())


def short_date(day: date) -> str:
    """`02-03-2026`, for dense tables."""
    return format_date(_local_day(day), format="dd-MM-y", locale=babel_locale())


def clock_time(moment: datetime) -> str:
    """`14.20 uur`, `14:20` in English; in local time."""
    local = timezone.localtime(moment)
    if babel_locale() == "nl_NL":
        return f"{local:%H.%M}{NO_BREAK_SPACE}uur"
    return f"{local:%H:%M}"


def _euros(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _local_day(day: date) -> date:
    return timezone.localtime(day).date() if isinstance(day, datetime) else day
