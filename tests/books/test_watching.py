"""Alarms where the books are not sealed, or their totals of days fall behind: a key is away, or a worker."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from books.tasks import watch_seals, watch_totals
from ledger import days, heads
from tests.cast import NOW
from tests.ledger.sealing import seal
from tests.ledger.small_books import book, small_books

MINUTE = timedelta(minutes=1)


def alarms(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    after: timedelta,
    watch: Callable[[], None] = watch_seals,
) -> list[str]:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + after)
    caplog.clear()
    watch()
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


def test_what_is_not_sealed_for_minutes_is_an_alarm_until_it_is(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert alarms(monkeypatch, caplog, heads.LATE_AFTER * 9) == []
    small = small_books()
    for number in range(2):
        book(f"entry {number}", (small.bank, small.budget, 100))
    assert alarms(monkeypatch, caplog, heads.LATE_AFTER) == []
    assert alarms(monkeypatch, caplog, heads.LATE_AFTER + MINUTE) == [
        f"2 entries are not sealed, since {NOW}"
    ]
    seal()
    assert alarms(monkeypatch, caplog, heads.LATE_AFTER + MINUTE) == []


def test_totals_of_days_that_fall_behind_are_an_alarm_until_they_are_up_to_date(
    own_database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    small = small_books()
    days.add_up()
    assert alarms(monkeypatch, caplog, days.LATE_AFTER * 9, watch_totals) == []
    book("entry", (small.bank, small.budget, 100))
    assert alarms(monkeypatch, caplog, days.LATE_AFTER, watch_totals) == []
    late = alarms(monkeypatch, caplog, days.LATE_AFTER + MINUTE, watch_totals)
    assert late == [f"the totals of days are behind, since {NOW}"]
    days.add_up()
    assert alarms(monkeypatch, caplog, days.LATE_AFTER + MINUTE, watch_totals) == []
