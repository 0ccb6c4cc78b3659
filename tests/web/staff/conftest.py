"""A street where everything that staff decide about is there, at the moment of the cast."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from tests.cast import NOW
from tests.databases import Kept
from tests.web.staff import street
from tests.web.staff.street import Street


@pytest.fixture(autouse=True)
def it_is_the_moment_of_the_cast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def street_of_the_cast() -> Street:
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("django.utils.timezone.now", lambda: NOW)
        return street.build()


@pytest.fixture(scope="session")
def kept_street(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept[Street]]:
    with (
        django_db_blocker.unblock(),
        databases.kept("street", street_of_the_cast, tmp_path_factory.mktemp("street")) as kept,
        django_db_blocker.block(),
    ):
        yield kept


@pytest.fixture(scope="class")
def in_the_street(kept_street: Kept[Street]) -> Iterator[Kept[Street]]:
    """Wider than a test, so that it comes before `db`, which rolls back where this points."""
    with databases.pointed_at(kept_street.name):
        yield kept_street


@pytest.fixture
def here(in_the_street: Kept[Street], db: None, settings: Settings) -> Street:
    return in_the_street.for_a_test(Path(settings.MEDIA_ROOT))
