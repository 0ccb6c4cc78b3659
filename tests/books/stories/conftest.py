"""Fixtures for stories."""

import pytest

from tests import cast


@pytest.fixture
def here(db: None) -> cast.World:
    """De Klinker, the Bloemenbuurt, and nothing booked yet."""
    return cast.world()
