"""Fixtures for all tests."""

import os
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from config.celery import app
from tests import databases
from tests.standin import stripe as stripe  # a fixture for all tests that need it


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures", action="store_true", help="keep a picture of every page in build/pictures/"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a slow test begin first: the short ones that come after keep all processes busy to the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests work on a clone of the template, as the application's role."""
    with django_db_blocker.unblock():
        databases.make_template()
        with databases.cloned(f"{databases.TEMPLATE}_rolled_back"), django_db_blocker.block():
            yield
        databases.drop(databases.TEMPLATE)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of its own for a test that commits: several connections, other processes."""
    with django_db_blocker.unblock(), databases.cloned(f"{databases.TEMPLATE}_own") as name:
        yield name


@pytest.fixture(autouse=True)
def files_of_this_test(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    """Uploads of a test go to a folder of its own."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")


@pytest.fixture
def worker() -> Iterator[None]:
    """What is left for the worker is done where it is left, by the same tasks, as soon as it is committed."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


# Otherwise nobody works for a test, and its messages must not lie in the queue of a demo that may be running.
app.conf.update(broker_url="memory://")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the tests' own thread.
