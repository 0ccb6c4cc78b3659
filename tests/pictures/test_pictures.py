"""Every page of the road is open to everyone, at the size of a phone and of a desk.

Each is held against axe-core and must not scroll sideways. With `--pictures` (`make pictures`) each also becomes two pictures in
`build/pictures/`, to be looked at.
"""

from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.plugin import DjangoDbBlocker

from ledger import seals
from tests import databases
from tests.browsing import a_browser
from tests.pictures import shots
from tests.pictures.gallery import FOLDER, Gallery, Shot
from tests.running import running_site

pytestmark = pytest.mark.slow

WITNESS = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)).public_key().public_bytes_raw()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def gallery(
    request: pytest.FixtureRequest,
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gallery]:
    """The demo, served."""
    folder = tmp_path_factory.mktemp("demo")
    settings.MEDIA_ROOT = folder / "files"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        django_db_blocker.unblock(),
        databases.cloned(f"{databases.TEMPLATE}_demo") as database,
        running_site(database, folder / "run") as site,
    ):
        site.manage("make_demo")
        site.manage("seal")
        seals.add_witness(public=WITNESS, holder="Huurdersvereniging Oeverdam", now=timezone.now())
        yield Gallery(site, browser, bool(request.config.getoption("--pictures")))


@pytest.fixture(scope="module")
def bare(
    request: pytest.FixtureRequest,
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gallery]:
    """A site where nothing has happened yet: De Klinker has a neighbourhood, and people."""
    folder = tmp_path_factory.mktemp("bare")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        django_db_blocker.unblock(),
        databases.cloned(f"{databases.TEMPLATE}_bare") as database,
        running_site(database, folder / "run") as site,
    ):
        yield Gallery(site, browser, bool(request.config.getoption("--pictures")))


@pytest.mark.parametrize("shots_of", shots.OF_THE_DEMO)
def test_every_page_of_the_demo_is_open_to_everyone(
    gallery: Gallery, shots_of: Callable[[Gallery], list[Shot]]
) -> None:
    assert "\n".join(wrong for shot in shots_of(gallery) for wrong in gallery.look(shot)) == ""


def test_every_page_is_open_to_everyone_before_anything_has_happened(bare: Gallery) -> None:
    assert "\n".join(wrong for shot in shots.bare_shots() for wrong in bare.look(shot)) == ""
