"""An account over a period, told as a story, and its file made to be kept."""

import csv
import io
from datetime import date
from itertools import pairwise
from typing import Any

import pypdf
import pytest

from ledger import statements
from ledger.exports import statement as files
from ledger.statements import Statement
from tests.cast import NOW
from tests.ledger.small_books import SmallBooks, book

JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
WORDS = files.Words(lambda kind: f"soort {kind}", lambda key: f"over {key}" if key else "")


@pytest.fixture
def booked(small: SmallBooks) -> SmallBooks:
    """The deposit of January was booked last; in February the cheques went out and a part came back."""
    book("deposit", (small.bank, small.budget, 10_000), on=JANUARY)
    book("issued", (small.budget, small.cheque, 750), by=small.two, on=FEBRUARY)
    book("back", (small.cheque, small.budget, 250), on=MARCH)
    book("late", (small.bank, small.budget, 500), on=JANUARY)
    return small


def of(account_id: int, since: date, until: date) -> Statement:
    return statements.statement(account_id=account_id, since=since, until=until)


def test_a_statement_goes_by_the_day_on_which_it_counts_and_not_by_when_it_was_booked(
    booked: SmallBooks,
) -> None:
    found = of(booked.budget, date(2026, 2, 1), MARCH)
    assert (found.opening_cents, found.closing_cents, found.lines) == (10_500, 10_000, 2)
    assert (found.debit_cents, found.credit_cents) == (750, 250)
    lines = list(statements.lines(found))
    assert [
        (line.effective_on, line.debit_cents, line.credit_cents, line.balance_cents) for line in lines
    ] == [
        (FEBRUARY, 750, 0, 9_750),
        (MARCH, 0, 250, 10_000),
    ]


def test_one_period_begins_where_the_one_before_ended(booked: SmallBooks) -> None:
    periods = [
        of(booked.budget, date(2026, month, 1), last)
        for month, last in ((1, JANUARY), (2, FEBRUARY), (3, MARCH))
    ]
    assert periods[0].opening_cents == 0
    for before, after in pairwise(periods):
        assert before.closing_cents == after.opening_cents


def test_the_bank_counts_on_its_own_side(booked: SmallBooks) -> None:
    found = of(booked.bank, date(2026, 1, 1), JANUARY)
    assert (found.opening_cents, found.debit_cents, found.closing_cents) == (0, 10_500, 10_500)
    assert [line.balance_cents for line in statements.lines(found)] == [10_000, 10_500]


def test_a_period_in_which_nothing_moved_keeps_its_balance(booked: SmallBooks) -> None:
    found = of(booked.budget, date(2027, 1, 1), date(2027, 1, 31))
    assert (found.opening_cents, found.closing_cents, found.lines) == (10_000, 10_000, 0)
    assert list(statements.lines(found)) == []


def pdf_of(found: Statement, *, language: files.Language = "nl", head: str | None = None) -> pypdf.PdfReader:
    out = io.BytesIO()
    files.write_pdf(
        out, found=found, of=statements.lines(found), words=WORDS, language=language, now=NOW, head=head
    )
    return pypdf.PdfReader(out)


def test_the_file_is_pdf_a_3_with_its_data_attached(booked: SmallBooks) -> None:
    found = of(booked.budget, date(2026, 1, 1), MARCH)
    reader = pdf_of(found)
    catalogue: Any = reader.trailer["/Root"]
    metadata = catalogue["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in metadata
    assert 'pdfaid:conformance="A"' in metadata
    (intent,) = (one.get_object() for one in catalogue["/OutputIntents"])
    assert intent["/S"] == "/GTS_PDFA1"
    assert "/DestOutputProfile" in intent
    assert catalogue["/Lang"] == "nl"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    attached = catalogue["/AF"][0].get_object()
    assert attached["/AFRelationship"] == "/Data"
    assert attached["/UF"] == f"rekening-2000-{booked.budget}-2026-01-01-2026-03-31.csv"
    file = attached["/EF"]["/F"].get_object()
    assert file["/Subtype"] == "/text/csv"
    rows = list(csv.DictReader(io.StringIO(file.get_data().decode())))
    assert [row["balance_cents"] for row in rows] == ["0", "10000", "10500", "9750", "10000", "10000"]
    assert [row["kind"] for row in (rows[0], rows[-1])] == ["opening balance", "closing balance"]


def test_the_page_says_whose_it_is_in_both_languages(booked: SmallBooks) -> None:
    found = of(booked.budget, date(2026, 2, 1), MARCH)
    dutch, english = (pdf_of(found, language=language).pages[0].extract_text() for language in ("nl", "en"))
    for text in (dutch, english):
        for word in ("Stichting Buurtpot", "Buurtcheques", "Woonstichting De Klinker", "soort test"):
            assert word in text
    assert "1 februari 2026 tot en met 31 maart 2026" in dutch
    assert "Beginsaldo" in dutch
    assert "105,00" in dutch
    assert "1 February 2026 up to and including 31 March 2026" in english
    assert "105.00" in english


def test_the_latest_head_stands_on_it_where_there_is_one(booked: SmallBooks) -> None:
    found = of(booked.budget, date(2026, 2, 1), MARCH)
    assert "Laatste zegel" not in pdf_of(found).pages[0].extract_text()
    text = pdf_of(found, head="7f" * 32).pages[0].extract_text()
    assert "Laatste zegel" in text
    assert "7f7f7f7f" in text


def test_what_is_too_long_for_paper_is_refused_and_counted(
    booked: SmallBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_LINES", 1)
    with pytest.raises(files.TooManyLines) as refused:
        pdf_of(of(booked.budget, date(2026, 2, 1), MARCH))
    assert refused.value.count == 2
