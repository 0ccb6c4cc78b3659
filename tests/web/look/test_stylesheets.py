"""What the stylesheets and the Dutch texts promise, they have."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

WEB = Path(__file__).parents[3] / "src" / "web"
SHEETS = sorted((WEB / "static/web/css").glob("*.css"))


def without_comments(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_file_a_stylesheet_names_is_there(sheet: Path) -> None:
    for name in re.findall(r'url\("([^"#]+)"\)', without_comments(sheet)):
        assert (sheet.parent / name).is_file(), name


def test_every_token_that_is_used_is_defined() -> None:
    css = "".join(without_comments(sheet) for sheet in SHEETS)
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", css)) <= set(re.findall(r"(--[a-z0-9-]+):", css))


def test_colours_of_money_and_state_are_written_only_in_the_tokens() -> None:
    others = "".join(without_comments(sheet) for sheet in SHEETS if sheet.name != "tokens.css")
    assert set(re.findall(r"#[0-9A-Fa-f]{6}\b", others)) <= {"#FFFFFF", "#FBF8FB"}


def test_no_selector_needs_an_inline_style() -> None:
    templates = "".join(page.read_text() for page in (WEB / "templates/web").rglob("*.html"))
    assert not re.search(r"\sstyle=|<style", templates)


def test_every_text_has_a_dutch_one() -> None:
    with (WEB / "locale/nl/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file, locale="nl")
    missing = [
        message.id for message in catalog if message.id and not all([message.string, *(message.string or "")])
    ]
    assert missing == []
