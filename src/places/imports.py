"""A corporation's list of dwellings, read from CSV: bytes in, rows or faults out; the database is not asked.

The list has one dwelling a line, columns under Dutch names, in UTF-8, separated by semicolons or commas. A
column that is not ours is refused, so that no list with names of residents is taken in by mistake.
"""

import collections
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 250_000
MAX_FAULTS = 200

REQUIRED = ("straat", "huisnummer", "postcode", "plaats", "buurtcode")
OPTIONAL = ("toevoeging", "complex", "vhe", "eigen_huurder")
# In characters, as the columns of the database have it.
LONGEST = {"straat": 100, "toevoeging": 10, "plaats": 60, "complex": 20, "vhe": 30}

_SHOWN = 60
# What a byte that is not UTF-8 becomes under "surrogateescape" (PEP 383) -> what Windows-1252 has for that byte.
_MEANT = {0xDC00 + byte: bytes([byte]).decode("cp1252", errors="replace") for byte in range(0x80, 0x100)}
_SPACES = re.compile(" {2,}")
# A spreadsheet runs a cell that begins so as a formula once the list is exported (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@")
_YES = ("JA", "J", "1", "WAAR")
_NO = ("NEE", "N", "0", "ONWAAR")


class FaultCode(StrEnum):
    """What is wrong. `Fault.value` holds the text found, cut at 60 characters, unless said otherwise."""

    TOO_LARGE = "too_large"  # value: the size in bytes
    EMPTY_FILE = "empty_file"
    NOT_TEXT = "not_text"
    NOT_UTF8 = "not_utf8"  # value: the line, with its wrong bytes as Windows-1252 has them
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    DOUBLE_COLUMN = "double_column"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"  # value: how many
    BROKEN_LINE = "broken_line"  # a quotation mark too many or too few
    WRONG_CELLS = "wrong_cells"  # value: how many cells the line has
    FORMULA = "formula"
    UNPRINTABLE = "unprintable"
    MISSING_VALUE = "missing_value"
    TOO_LONG = "too_long"
    BAD_POSTCODE = "bad_postcode"
    BAD_HOUSE_NUMBER = "bad_house_number"
    UNKNOWN_NEIGHBOURHOOD = "unknown_neighbourhood"
    BAD_ANSWER = "bad_answer"  # neither yes nor no
    DOUBLE_DWELLING = "double_dwelling"  # value: the number of the line that has the address first


_PATTERNS = {
    "huisnummer": (re.compile(r"0*[1-9][0-9]{0,4}"), FaultCode.BAD_HOUSE_NUMBER),
    "postcode": (re.compile(r"[1-9][0-9]{3}[A-Z]{2}"), FaultCode.BAD_POSTCODE),
    "eigen_huurder": (re.compile("|".join(_YES + _NO)), FaultCode.BAD_ANSWER),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where.

    `line` counts from 1 as an editor does; 0: the whole file. `column` is its Dutch name; "": the whole line.
    """

    line: int
    column: str
    code: FaultCode
    value: str


class ListRefused(ValueError):
    """The list has faults. `faults`: the first 200, in the order found; `total`: how many there are."""

    def __init__(self, faults: Sequence[Fault], total: int) -> None:
        super().__init__(faults, total)
        self.faults = faults
        self.total = total


@dataclass(frozen=True, slots=True)
class Row:
    """One dwelling of the list. None: the list has no such column, and so says nothing about it."""

    street: str
    house_number: int
    addition: str
    postcode: str
    town: str
    neighbourhood_id: int
    estate_code: str | None
    number_of_unit: str | None
    own_tenant: bool | None


@dataclass
class _Found:
    faults: list[Fault] = field(default_factory=list)
    total: int = 0

    def add(self, line: int, column: str, code: FaultCode, value: str) -> None:
        self.total += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(line, column, code, value[:_SHOWN]))

    def refuse_if_any(self) -> None:
        if self.total:
            raise ListRefused(self.faults, self.total)


def parse(content: bytes, *, neighbourhoods: Mapping[str, int]) -> list[Row]:
    """The dwellings on the list, in its order. `neighbourhoods`: CBS code (`BU…`) -> id.

    Postcodes come out as `1234AB`, additions in capitals: `12a` and `12A` are one front door. Raises
    ListRefused with all faults when there is one.
    """
    found = _Found()
    text = _text(content, found)
    count = sum(1 for _ in _lines(text)) - 1
    if count < 0:
        found.add(0, "", FaultCode.EMPTY_FILE, "")
    elif count > MAX_ROWS:
        found.add(0, "", FaultCode.TOO_MANY_ROWS, str(count))
    found.refuse_if_any()
    lines = _mended(_lines(text), found)
    header_line, header = next(lines)
    separator = ";" if header.count(";") >= header.count(",") else ","
    columns = _columns(header_line, header, separator, found)
    if found.total:
        # Nobody knows what the cells below such a header are; their bytes are looked at all the same.
        collections.deque(lines, maxlen=0)
    found.refuse_if_any()
    if count == 0:
        found.add(0, "", FaultCode.NO_ROWS, "")
    rows = _Reader(columns, separator, neighbourhoods, found).rows(lines)
    found.refuse_if_any()
    return rows


def _text(content: bytes, found: _Found) -> str:
    if len(content) > MAX_BYTES:
        found.add(0, "", FaultCode.TOO_LARGE, str(len(content)))
    elif b"\0" in content:
        found.add(0, "", FaultCode.NOT_TEXT, "")
    found.refuse_if_any()
    return content.decode("utf-8-sig", errors="surrogateescape")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their number. Spreadsheets leave lines of mere separators behind."""
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if line.strip(" ;,\t\n"):
            yield number, line.removesuffix("\n")


def _mended(lines: Iterable[tuple[int, str]], found: _Found) -> Iterator[tuple[int, str]]:
    """The lines as they were meant, so that what else is wrong with one can be told as well as its bytes."""
    for number, line in lines:
        meant = line.translate(_MEANT)
        if meant != line:
            found.add(number, "", FaultCode.NOT_UTF8, meant)
        yield number, meant


def _cells(line: str, separator: str) -> list[str]:
    """The cells of one line. Raises csv.Error.

    No cell runs over the end of its line, so that a lost quotation mark does not swallow what follows.
    """
    return next(csv.reader([line], delimiter=separator, strict=True))


def _columns(number: int, header: str, separator: str, found: _Found) -> list[str]:
    try:
        cells = _cells(header, separator)
    except csv.Error:
        found.add(number, "", FaultCode.BROKEN_LINE, header)
        return []
    columns = ["_".join(cell.lower().replace("_", " ").split()) for cell in cells]
    for name in REQUIRED:
        if name not in columns:
            found.add(number, name, FaultCode.MISSING_COLUMN, "")
    for place, name in enumerate(columns):
        if name not in REQUIRED + OPTIONAL:
            found.add(number, "", FaultCode.UNKNOWN_COLUMN, cells[place])
        elif name in columns[:place]:
            found.add(number, name, FaultCode.DOUBLE_COLUMN, cells[place])
    return columns


@dataclass(frozen=True)
class _Reader:
    """Reads the lines below the header."""

    columns: Sequence[str]
    separator: str
    neighbourhoods: Mapping[str, int]
    found: _Found

    def rows(self, lines: Iterable[tuple[int, str]]) -> list[Row]:
        rows: list[Row] = []
        first_lines: dict[tuple[str, int, str], int] = {}
        for number, line in lines:
            row = self._row(number, line)
            if row is None:
                continue
            first = first_lines.setdefault((row.postcode, row.house_number, row.addition), number)
            if first != number:
                self.found.add(number, "", FaultCode.DOUBLE_DWELLING, str(first))
            rows.append(row)
        return rows

    def _row(self, number: int, line: str) -> Row | None:
        """One dwelling, or None with what is wrong about the line added to the faults."""
        try:
            cells = _cells(line, self.separator)
        except csv.Error:
            self.found.add(number, "", FaultCode.BROKEN_LINE, line)
            return None
        if len(cells) != len(self.columns):
            self.found.add(number, "", FaultCode.WRONG_CELLS, str(len(cells)))
            return None
        values = {name: _clean(name, cell) for name, cell in zip(self.columns, cells, strict=True)}
        faults = {name: code for name, value in values.items() if (code := self._fault(name, value))}
        for name, code in faults.items():
            self.found.add(number, name, code, cells[self.columns.index(name)].strip())
        return None if faults else self._made_of(values)

    def _fault(self, name: str, value: str) -> FaultCode | None:
        if not value:
            return FaultCode.MISSING_VALUE if name in REQUIRED else None
        if value.startswith(_FORMULA):
            return FaultCode.FORMULA
        if not value.isprintable():
            return FaultCode.UNPRINTABLE
        if name in LONGEST:
            return FaultCode.TOO_LONG if len(value) > LONGEST[name] else None
        if name == "buurtcode":
            return None if value in self.neighbourhoods else FaultCode.UNKNOWN_NEIGHBOURHOOD
        pattern, code = _PATTERNS[name]
        return None if pattern.fullmatch(value) else code

    def _made_of(self, values: Mapping[str, str]) -> Row:
        answer = values.get("eigen_huurder")
        return Row(
            street=values["straat"],
            house_number=int(values["huisnummer"]),
            addition=values.get("toevoeging", ""),
            postcode=values["postcode"],
            town=values["plaats"],
            neighbourhood_id=self.neighbourhoods[values["buurtcode"]],
            estate_code=values.get("complex"),
            number_of_unit=values.get("vhe"),
            own_tenant=None if answer is None else answer not in _NO,
        )


def _clean(name: str, cell: str) -> str:
    """The cell as it is stored: one form of every letter, single spaces, and the case its column has."""
    value = unicodedata.normalize("NFC", cell).replace("\u00a0", " ").strip()
    if name == "postcode":
        return value.replace(" ", "").upper()
    if name in ("toevoeging", "buurtcode", "eigen_huurder"):
        value = value.upper()
    return _SPACES.sub(" ", value)
