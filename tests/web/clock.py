"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.cast import NOW


class Clock:
    """What `timezone.now()` says in views."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now: datetime = NOW
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def advance(self, step: timedelta) -> None:
        self.now += step
