"""Fixtures for tests of payments."""

import pytest

from campaigns.models import Campaign
from tests import cast


@pytest.fixture
def here(db: None) -> cast.World:
    return cast.world()


@pytest.fixture
def bench(here: cast.World) -> Campaign:
    """Collects € 100,00."""
    return cast.campaign(here, cast.programme(here), target_cents=10_000)
