"""Every line of the table is told by a story, and every story tells a line that is there."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

from ledger.chart import CHART, Code
from tests.books import stories
from tests.books.stories.table import TABLE, TOLD, tells


def test_every_line_of_the_table_has_its_story() -> None:
    for module in iter_modules(stories.__path__):
        import_module(f"{stories.__name__}.{module.name}")
    assert set(TOLD) == set(TABLE)


def test_every_account_of_the_chart_is_moved_by_a_line_of_the_table() -> None:
    moved = {code for line in TABLE.values() for pair in line for code in pair}
    assert moved == set(CHART) == set(Code)


@pytest.mark.django_db
def test_a_story_fails_that_does_not_book_its_line_or_has_another_check_red_than_it_says() -> None:
    def nothing_happens() -> None:
        """Nothing is booked."""

    untold = tells("bank charges")(nothing_happens)
    too_red = tells(red=("no guarded account is below zero",))(nothing_happens)
    TOLD["bank charges"].remove(nothing_happens.__name__)
    for story in (untold, too_red):
        with pytest.raises(AssertionError):
            story()
    tells()(nothing_happens)()
