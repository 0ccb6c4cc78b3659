"""The trial balance as a file: a line for every account."""

import codecs
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from django.utils.translation import gettext as _

from ledger.chart import Side
from ledger.exports.journal import account_name, guarded
from ledger.exports.notation import decimal
from ledger.exports.parts import csv_parts
from ledger.exports.sheets import Cell, Table
from ledger.queries import TrialLine

Value = int | str | None
MOST_IN_WORKBOOK = 20_000


def _columns() -> tuple[tuple[str, Cell], ...]:
    return (
        (_("Code"), Cell.NUMBER),
        (_("Account"), Cell.NUMBER),
        (_("Subject"), Cell.TEXT),
        (_("Name"), Cell.TEXT),
        (_("Fund"), Cell.TEXT),
        (_("Opening balance"), Cell.CENTS),
        (_("Debit"), Cell.CENTS),
        (_("Credit"), Cell.CENTS),
        (_("Closing balance, debit"), Cell.CENTS),
        (_("Closing balance, credit"), Cell.CENTS),
    )


def _values(line: TrialLine, funds: Mapping[int, str]) -> tuple[Value, ...]:
    return (
        line.code,
        line.account_id,
        line.key,
        account_name(line.code, line.name),
        funds[line.fund_id],
        line.opening_cents,
        line.debit_cents,
        line.credit_cents,
        *closing_sides(line),
    )


def csv_of(*, lines: Iterable[TrialLine], funds: Mapping[int, str]) -> Iterator[bytes]:
    """As a spreadsheet opens it in the Netherlands: UTF-8 with its mark, semicolons, euros with a comma, words on top.

    `funds`: id -> name. The opening balance counts on the account's own side.
    """
    yield codecs.BOM_UTF8
    yield from csv_parts(_cells(lines, funds), delimiter=";")


def _cells(lines: Iterable[TrialLine], funds: Mapping[int, str]) -> Iterator[list[Value]]:
    columns = _columns()
    yield [heading for heading, _kind in columns]
    for line in lines:
        pairs = zip(columns, _values(line, funds), strict=True)
        yield [_cell(kind, value) for (_heading, kind), value in pairs]


def _cell(kind: Cell, value: Value) -> Value:
    if isinstance(value, str):
        return guarded(value)
    return decimal(value, point=",") if kind is Cell.CENTS and value is not None else value


def write_xlsx(out: BinaryIO, *, lines: Iterable[TrialLine], funds: Mapping[int, str]) -> None:
    """A workbook with the same. It is made whole, so of MOST_IN_WORKBOOK lines at most."""
    with Table(out, name=_("Trial balance"), columns=_columns()) as table:
        for line in lines:
            table.row(_values(line, funds))


def closing_sides(line: TrialLine) -> tuple[int | None, int | None]:
    """The closing balance in the column where it belongs, in cents >= 0; None in the other one."""
    on_own_side = line.closing_cents >= 0
    amount = abs(line.closing_cents)
    return (amount, None) if (line.side is Side.DEBIT) is on_own_side else (None, amount)
