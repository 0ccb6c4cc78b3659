"""What an auditor types is looked for in the own books, however much of it others have."""

from datetime import date

import pytest

from books import search
from ledger import newest
from payments.statements import import_statement, recognise
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


@pytest.mark.django_db
def test_money_that_was_recognised_later_is_found_by_who_paid_it_and_what_they_wrote() -> None:
    road = travelled()
    fund = road.programme.fund
    content = cast.statement(cast.line(1_500, counterparty_name="Van Vliet", remittance="rest budget"))
    (imported,) = import_statement(content=content, by=None, now=NOW)
    request = fund.funding_requests.get()
    line = recognise(line_id=imported.statement.lines.get().pk, request=request, by=road.here.thea, now=NOW)

    def found(typed: str, fund_id: int) -> list[str]:
        sought = search.sought(typed, fund_ids=[fund_id])
        entries = newest.entries(newest.Within([fund_id], date.min, date.max, most=50), sought)
        return [entry.key for entry in entries]

    for typed in ("van vliet", "rest budget"):
        assert found(typed, fund.pk) == [f"recognised:{line.fingerprint}"]
        assert found(typed, road.grant.fund_id) == []
