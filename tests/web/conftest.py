"""Fixtures for tests of pages."""

from collections.abc import Iterator

import pytest
from django.db import connections


@pytest.fixture(autouse=True)
def reader_sees_what_the_test_booked(request: pytest.FixtureRequest) -> Iterator[None]:
    """What is rolled back at the end is seen by the test's own connection alone, so the reader's pages use that one."""
    if "db" not in request.fixturenames and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("db")
    reader = connections["reader"]
    connections["reader"] = connections["default"]
    yield
    connections["reader"] = reader
