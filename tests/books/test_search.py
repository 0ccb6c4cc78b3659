"""What an auditor types is looked for in the own books, however much of it others have."""

import pytest

from books import search
from payments.statements import import_statement
from tests import cast
from tests.books.road import travelled
from tests.cast import NOW


@pytest.mark.django_db
def test_newer_lines_of_others_do_not_push_out_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_LINES", 1)
    road = travelled()
    fund = road.programme.fund
    own = fund.funding_requests.get().bank_lines.get()
    import_statement(
        content=cast.statement(cast.line(100, counterparty_name=own.counterparty)), by=None, now=NOW
    )
    assert search.sought(own.counterparty, fund_ids=[fund.pk]).entry_ids == [own.entry_id]
