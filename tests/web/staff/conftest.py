"""A street where everything that staff decide about is there, at the moment of the cast."""

import pytest

from tests.cast import NOW
from tests.web.staff import street
from tests.web.staff.street import Street


@pytest.fixture(autouse=True)
def it_is_the_moment_of_the_cast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def here(db: None) -> Street:
    return street.build()
