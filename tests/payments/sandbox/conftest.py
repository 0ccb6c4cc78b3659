from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.payments.sandbox.street import Site, Stand, standing


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "stripe.jsonl"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def stand(journal: Path, site: Site) -> Iterator[Stand]:
    with standing(journal, webhook_url=site.url) as stand:
        yield stand
