"""Amounts and dates as a resident reads them."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from web.look import formats


@pytest.mark.parametrize(
    ("cents", "written"),
    [
        (123450, "€\u00a01.234,50"),
        (750, "€\u00a07,50"),
        (0, "€\u00a00,00"),
        (-2500, "€\u00a0-25,00"),
        (1, "€\u00a00,01"),
    ],
)
def test_an_amount_in_dutch_has_a_no_break_space_and_two_decimals(cents: int, written: str) -> None:
    with translation.override("nl"):
        assert formats.euro(cents) == written


def test_an_amount_in_english_is_written_the_english_way() -> None:
    with translation.override("en"):
        assert formats.euro(123450) == "€1,234.50"


def test_an_amount_of_a_billion_keeps_its_last_cent() -> None:
    with translation.override("nl"):
        assert formats.amount(100_000_000_000_001) == "1.000.000.000.000,01"


def test_dates_are_written_in_full_and_short_in_tables() -> None:
    with translation.override("nl"):
        assert formats.long_date(date(2026, 3, 2)) == "2 maart 2026"
        assert formats.short_date(date(2026, 3, 2)) == "02-03-2026"


def test_a_moment_just_before_midnight_in_utc_is_the_next_day_in_amsterdam() -> None:
    moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    with translation.override("nl"):
        assert formats.long_date(moment) == "1 juli 2026"
        assert formats.clock_time(moment) == "00.30\u00a0uur"
