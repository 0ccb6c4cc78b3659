"""These tests happen at one moment."""

import pytest
from django.utils import timezone

from tests.cast import NOW


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
