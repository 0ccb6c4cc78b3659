"""An alarm where the books are not sealed: their key is away, or the worker."""

from datetime import timedelta

import pytest

from books.tasks import watch_seals
from ledger import heads
from tests.cast import NOW
from tests.ledger.sealing import seal
from tests.ledger.small_books import book, small_books

MINUTE = timedelta(minutes=1)


def alarms(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, after: timedelta) -> list[str]:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + after)
    caplog.clear()
    watch_seals()
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
