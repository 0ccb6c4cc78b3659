"""Workbooks, read back as a spreadsheet program reads them."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from lxml import etree

from ledger import queries as books
from ledger.exports import journal, sheets, trial
from ledger.exports.sheets import Cell, Table
from tests.books.road import Road
from tests.cast import NOW

NS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def read(content: bytes) -> list[list[list[str | float | None]]]:
    """Sheet by sheet, row by row: texts as text, all else as the number that it is."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [_rows(etree.fromstring(book.read(name))) for name in names]


def _rows(sheet: Any) -> list[list[str | float | None]]:
    assert sheet.findall(".//s:f", NS) == []
    return [[_value(cell) for cell in row.findall("s:c", NS)] for row in sheet.findall(".//s:row", NS)]


def _value(cell: Any) -> str | float:
    text = "".join(cell.itertext())
    return text if cell.get("t") == "inlineStr" else float(text)


def table(*rows: tuple[Any, ...], columns: tuple[tuple[str, Cell], ...]) -> bytes:
    out = io.BytesIO()
    with Table(out, name="Dagboek", columns=columns) as written:
        for row in rows:
            written.row(row)
    return out.getvalue()


def test_text_stays_text_whatever_it_looks_like() -> None:
    texts = ["=1+1", "@SUM(A1)", "https://example.nl", "00123", "{=A1}", "-1", "\x01"]
    (rows,) = read(table(*((text,) for text in texts), columns=(("Bron", Cell.TEXT),)))
    assert [row[0] for row in rows[:-1]] == ["Bron", *texts[:-1]]


def test_days_moments_and_amounts_are_numbers_that_can_be_reckoned_with() -> None:
    columns = (("Dag", Cell.DAY), ("Geboekt", Cell.MOMENT), ("Bedrag", Cell.CENTS), ("Niets", Cell.NUMBER))
    (rows,) = read(table((date(2026, 11, 23), NOW, -123_456_789_01, None), columns=columns))
    day, moment, amount = rows[1]
    base = datetime(1899, 12, 30, tzinfo=UTC)
    assert base + timedelta(days=float(day or 0)) == datetime(2026, 11, 23, tzinfo=UTC)
    # In November the Netherlands are an hour before UTC.
    assert datetime(2026, 11, 23, 13, tzinfo=UTC) == NOW
    hours = (float(moment or 0) - float(day or 0)) * 24
    assert hours == pytest.approx(14)
    assert amount == -123_456_789.01


def test_the_heading_stays_in_sight() -> None:
    content = table((1,), columns=(("Boeking", Cell.NUMBER),))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    (pane,) = sheet.findall(".//s:pane", NS)
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")


def test_a_long_table_goes_on_in_a_next_sheet_under_the_same_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LONGEST_SHEET", 3)
    found = read(table(*((number,) for number in range(5)), columns=(("Boeking", Cell.NUMBER),)))
    assert found == [[["Boeking"], [0], [1]], [["Boeking"], [2], [3]], [["Boeking"], [4]]]


def test_a_table_that_is_given_up_leaves_no_working_files() -> None:
    before = set(Path(gettempdir()).glob("sheets.*"))

    def give_up() -> None:
        with Table(io.BytesIO(), name="x", columns=(("a", Cell.TEXT),)) as opened:
            opened.row(("b",))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert set(Path(gettempdir()).glob("sheets.*")) <= before


def test_the_journal_as_a_workbook_holds_every_transfer_and_its_sum(road: Road) -> None:
    out = io.BytesIO()
    count = journal.write_xlsx(out, names=True)
    (rows,) = read(out.getvalue())
    assert len(rows) == count + 1
    amount = rows[0].index("Bedrag")
    assert {"Gemaakt door", "Debet, naam"} <= set(rows[0])
    whole = io.BytesIO()
    journal.write_csv(whole)
    cents = sum(int(line.rsplit(",", 1)[1]) for line in whole.getvalue().decode().split("\r\n")[1:-1])
    # Empty cells are not written, so a column is found by its letter.
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as book:
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    column = chr(ord("A") + amount)
    found = [cell for cell in sheet.iter(f"{{{NS['s']}}}c") if (cell.get("r") or "").startswith(column)]
    assert round(sum(float(_value(cell)) for cell in found[1:]) * 100) == cents


def test_the_trial_balance_as_a_workbook_closes(road: Road) -> None:
    fund_ids = [road.programme.fund_id]
    lines = books.trial_balance(fund_ids=fund_ids, since=date(2026, 1, 1), until=date(2026, 12, 31))
    out = io.BytesIO()
    trial.write_xlsx(out, lines=lines, funds={fund_ids[0]: "Buurtcheques 2026"})
    (rows,) = read(out.getvalue())
    assert len(rows) == len(lines) + 1
    assert {row[0] for row in rows[1:]} == {line.code for line in lines}
