"""Fixtures for tests of the books."""

from datetime import date

import pytest

from ledger import operations as ledger
from ledger.chart import Code
from tests.books.road import Road, travelled
from tests.cast import NOW
from tests.ledger.small_books import SmallBooks, small_books

NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def small(db: None) -> SmallBooks:
    """Nothing is booked yet. What the test books is rolled back."""
    return small_books()


@pytest.fixture
def road(own_database: str) -> Road:
    """The road, and one entry in the year after it with an awkward source."""
    made = travelled()
    budget, back = (
        ledger.account(fund_id=made.programme.fund_id, code=code) for code in (Code.BUDGET, Code.TO_RETURN)
    )
    ledger.post(
        key="secret reference",
        kind="closed & <done>",
        source='=HYPERLINK("x")\u0001',
        moves=[ledger.Move(budget, back, 1_000)],
        note="Fatma's own words",
        now=NOW,
        effective_on=NEW_YEAR,
    )
    return made
