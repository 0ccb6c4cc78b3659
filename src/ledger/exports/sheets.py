"""A table as a workbook (XLSX), with real dates and numbers, its rows on disk as soon as they are made.

A sheet holds 1,048,576 rows, so a long table goes on in a next one. Text is written as text: no cell becomes a formula,
a link or a number by what stands in it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import Enum
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, BinaryIO, Self
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

LONGEST_SHEET = 1_048_576
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Cell(Enum):
    """What a column holds, and how wide it is."""

    TEXT = 22
    NUMBER = 10
    DAY = 11
    MOMENT = 17
    CENTS = 14


FORMATS = {
    Cell.TEXT: "@",
    Cell.NUMBER: "0",
    Cell.DAY: "yyyy-mm-dd",
    Cell.MOMENT: "yyyy-mm-dd hh:mm:ss",
    Cell.CENTS: "#,##0.00",
}


class Table:
    """A workbook with one table; whole at the end of the block, and gone with its working files when the block fails.

    `columns`: heading and kind of each. Moments are written in Dutch time, which is what a sheet can hold; cents as euros.
    """

    def __init__(self, out: BinaryIO, *, name: str, columns: Sequence[tuple[str, Cell]]) -> None:
        self._out = out
        self._name = name
        self._columns = columns

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="sheets.")
        self._book = Workbook(
            self._out,
            {
                "constant_memory": True,
                "tmpdir": self._folder.name,
                "use_zip64": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._formats = {kind: self._book.add_format({"num_format": FORMATS[kind]}) for kind in Cell}
        self._new_sheet()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._book.close()
        finally:
            self._folder.cleanup()

    def _new_sheet(self) -> None:
        number = len(self._book.worksheets()) + 1
        sheet = self._book.add_worksheet(self._name if number == 1 else f"{self._name} {number}")
        bold = self._book.add_format({"bold": True, "bottom": 1})
        for place, (heading, kind) in enumerate(self._columns):
            sheet.set_column(place, place, kind.value)
            sheet.write_string(0, place, heading, bold)
        sheet.freeze_panes(1, 0)
        self._sheet: Worksheet = sheet
        self._next = 1

    def row(self, cells: Iterable[Any]) -> None:
        """None stays an empty cell."""
        if self._next == LONGEST_SHEET:
            self._new_sheet()
        for place, ((_, kind), value) in enumerate(zip(self._columns, cells, strict=True)):
            if value is not None and value != "":
                self._write(place, kind, value)
        self._next += 1

    def _write(self, place: int, kind: Cell, value: Any) -> None:
        sheet, style = self._sheet, self._formats[kind]
        if kind is Cell.TEXT:
            sheet.write_string(self._next, place, value, style)
        elif kind is Cell.CENTS:
            sheet.write_number(self._next, place, value / 100, style)
        elif kind is Cell.NUMBER:
            sheet.write_number(self._next, place, value, style)
        else:
            sheet.write_datetime(self._next, place, _day_or_moment(value), style)


def _day_or_moment(value: date | datetime) -> date | datetime:
    return value.astimezone(AMSTERDAM).replace(tzinfo=None) if isinstance(value, datetime) else value
