"""Fixtures for tests of the books."""

import pytest

from tests.ledger.small_books import SmallBooks, small_books


@pytest.fixture
def small(db: None) -> SmallBooks:
    """Nothing is booked yet. What the test books is rolled back."""
    return small_books()
