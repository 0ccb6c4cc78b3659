"""Every text in the sources has Dutch words, and no words are left over."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings

SOURCES = Path(settings.ROOT) / "src"
CATALOGUE = Path("nl", "LC_MESSAGES", "django.po")


def read(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale="nl")


@pytest.fixture(scope="module")
def dutch() -> Catalog:
    return read(Path(settings.LOCALE_PATHS[0]) / CATALOGUE)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What `make texts` finds, taken from a copy so that the catalogue stays as it is."""
    if shutil.which("xgettext") is None:
        pytest.skip("xgettext is not installed (Debian: gettext)")
    here = tmp_path_factory.mktemp("sources") / "src"
    shutil.copytree(SOURCES, here, ignore=shutil.ignore_patterns("__pycache__", "migrations", "static"))
    catalogue = here / "web" / "locale" / CATALOGUE
    catalogue.unlink()
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "nl", "--no-location"],
        cwd=here,
        check=True,
        capture_output=True,
        # An address of a database, though none is asked: without it the copy would start a server of its own.
        env={**os.environ, "PYTHONPATH": str(here), "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"},
    )
    return read(catalogue)


def words(message: Message) -> Sequence[str]:
    """One text, or two where there is a plural."""
    return (message.string or "",) if isinstance(message.string, str | None) else message.string


def ids(catalogue: Catalog) -> set[object]:
    return {(message.context, message.id) for message in catalogue if message.id}


def test_the_catalogue_holds_the_texts_of_the_sources_and_no_others(
    dutch: Catalog, extracted: Catalog
) -> None:
    assert len(ids(extracted)) > 1_000
    assert ids(extracted) - ids(dutch) == set()
    assert ids(dutch) - ids(extracted) == set()


def test_every_text_has_dutch_words_with_the_same_places_to_fill(dutch: Catalog) -> None:
    assert [message.id for message in dutch if message.id and not all(words(message))] == []
    assert [message.id for message in dutch if message.id and message.fuzzy] == []
    assert [error for message in dutch for error in message.check(dutch)] == []
