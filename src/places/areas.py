"""A file of Statistics Netherlands (CBS) with municipalities, districts and neighbourhoods: bytes in, areas or faults out.

One area a line: code, name and, where known, inhabitants. The columns have the names of CBS's key figures of districts and
neighbourhoods (*Kerncijfers wijken en buurten*), of its lists of codes, with or without a year behind them, or plain ones;
other columns are passed over. A code tells what an area is and where it lies: GM0502, in it WK050201, in it BU05020101.
"""

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

CODES = ("code", "gwb_code_10", "gemcode", "gemeentecode", "wijkcode", "buurtcode")
NAMES = ("naam", "regio", "gemeentenaam", "wijknaam", "buurtnaam")
INHABITANTS = ("inwoners", "a_inw")

LONGEST_NAME = 100  # as the columns of the database have it
COUNTRY = "NL00"
# What follows the code of the municipality may be letters: Amsterdam has WK0363AA.
_CODE = re.compile(r"GM[0-9]{4}|WK[0-9]{4}[0-9A-Z]{2}|BU[0-9]{4}[0-9A-Z]{4}")
_NUMBER = re.compile(r"[0-9]{1,8}")
_UNKNOWN = ("", ".")
_YEAR = re.compile(r"20[0-9]{2}$")


class FaultCode(StrEnum):
    """What is wrong. `Fault.value` holds the text found, unless said otherwise."""

    NOT_UTF8 = "not_utf8"
    BROKEN_LINE = "broken_line"  # a quotation mark too many or too few
    WRONG_CELLS = "wrong_cells"  # value: how many cells the line has
    NO_COLUMN = "no_column"  # value: the names that would do
    TWO_COLUMNS = "two_columns"  # value: the columns of which one is too many
    NO_AREAS = "no_areas"
    BAD_CODE = "bad_code"
    BAD_NAME = "bad_name"  # none, or longer than 100 characters
    BAD_NUMBER = "bad_number"
    DOUBLE_CODE = "double_code"
    UNKNOWN_PARENT = "unknown_parent"  # value: the code that is neither in the file nor known


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where. `line` counts from 1 as an editor does; 0: the whole file."""

    line: int
    code: FaultCode
    value: str = ""


class AreasRefused(ValueError):
    """The file has `faults`, in the order found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Area:
    """A municipality, district or neighbourhood. `inhabitants`: None where the file does not say."""

    code: str
    name: str
    inhabitants: int | None

    @property
    def parent(self) -> str:
        """The code of what it lies in; "" for a municipality."""
        return {"GM": "", "WK": f"GM{self.code[2:6]}", "BU": f"WK{self.code[2:8]}"}[self.code[:2]]


def parse(content: bytes, *, known: Collection[str], municipalities: Collection[str] = ()) -> list[Area]:
    """The areas in the file, in its order; only those in these `municipalities` (codes) where given.

    `known`: codes of areas that others may lie in though the file has them not. Raises AreasRefused with all faults.
    """
    reader = _Reader(municipalities)
    found = list(reader.areas(content))
    codes = {area.code for _, area in found} | set(known)
    seen: set[str] = set()
    for line, area in found:
        if area.code in seen:
            reader.fault(line, FaultCode.DOUBLE_CODE, area.code)
        if area.parent and area.parent not in codes:
            reader.fault(line, FaultCode.UNKNOWN_PARENT, area.parent)
        seen.add(area.code)
    if not found and not reader.faults:
        reader.fault(0, FaultCode.NO_AREAS)
    if reader.faults:
        raise AreasRefused(sorted(reader.faults, key=lambda fault: fault.line))
    return [area for _, area in found]


class _Reader:
    def __init__(self, municipalities: Collection[str]) -> None:
        self.municipalities = municipalities
        self.faults: list[Fault] = []

    def fault(self, line: int, code: FaultCode, value: str = "") -> None:
        self.faults.append(Fault(line, code, value[:60]))

    def areas(self, content: bytes) -> Iterator[tuple[int, Area]]:
        rows = self._rows(content)
        header_line, header = next(rows, (0, []))
        names = [_YEAR.sub("", name.strip().lower()) for name in header]
        code_at, name_at, count_at = (
            self._column(header_line, names, wanted) for wanted in (CODES, NAMES, INHABITANTS)
        )
        if code_at is None or name_at is None:
            return
        for line, cells in rows:
            if len(cells) != len(header):
                self.fault(line, FaultCode.WRONG_CELLS, str(len(cells)))
                continue
            code, count = cells[code_at].upper(), "" if count_at is None else cells[count_at]
            if code == COUNTRY or (self.municipalities and f"GM{code[2:6]}" not in self.municipalities):
                continue
            if area := self._area(line, code, cells[name_at], count):
                yield line, area

    def _rows(self, content: bytes) -> Iterator[tuple[int, list[str]]]:
        """The cells of each line that says something, with its number."""
        separator = ""
        for line, told in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
            try:
                text = told.decode()
                separator = separator or max(";,", key=text.count)
                cells = [
                    cell.strip() for cell in next(csv.reader([text], delimiter=separator, strict=True), [])
                ]
            except UnicodeDecodeError:
                self.fault(line, FaultCode.NOT_UTF8, told.decode("cp1252", errors="replace"))
            except csv.Error:
                self.fault(line, FaultCode.BROKEN_LINE, text)
            else:
                if any(cells):
                    yield line, cells

    def _column(self, line: int, names: Sequence[str], wanted: Sequence[str]) -> int | None:
        places = [at for at, name in enumerate(names) if name in wanted]
        if len(places) > 1:
            self.fault(line, FaultCode.TWO_COLUMNS, ", ".join(names[at] for at in places))
        elif not places and wanted != INHABITANTS:
            self.fault(line, FaultCode.NO_COLUMN, ", ".join(wanted))
        return places[0] if len(places) == 1 else None

    def _area(self, line: int, code: str, name: str, count: str) -> Area | None:
        before = len(self.faults)
        if not _CODE.fullmatch(code):
            self.fault(line, FaultCode.BAD_CODE, code)
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            self.fault(line, FaultCode.BAD_NAME, name)
        if count not in _UNKNOWN and not _NUMBER.fullmatch(count):
            self.fault(line, FaultCode.BAD_NUMBER, count)
        if len(self.faults) > before:
            return None
        return Area(code, name, None if count in _UNKNOWN else int(count))
