"""The journal as a file: every transfer with its entry, oldest first. No notes and no keys of entries.

Keys of entries stay out because some hold the secret reference of a donation's page. Names of the people who made and approved
an entry are for an auditor, whose looks are logged; what the operator's shell writes can end up anywhere, and has numbers.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from typing import BinaryIO

from django.utils.translation import gettext as _

from ledger.chart import CHART, Code
from ledger.exports.notation import moment
from ledger.exports.reading import Row, Told, one_moment, rows, transfers
from ledger.exports.sheets import Cell, Table

HEADINGS = (
    "entry",
    "effective_on",
    "booked_at",
    "kind",
    "source",
    "made_by",
    "approved_by",
    "reverses",
    "transfer",
    "fund",
    "debit_account",
    "debit_code",
    "debit_subject",
    "credit_account",
    "credit_code",
    "credit_subject",
    "amount_cents",
)
NAME_HEADINGS = ("fund_name", "debit_name", "credit_name", "made_by_name", "approved_by_name")
SIGNS = re.compile(r"[=+\-@\t\r\n]")
# A spreadsheet may divide a line elsewhere than we do, a Dutch one at semicolons too: what follows is a cell of its own then.
FORMULA = re.compile(r"""((?:^|[;,\t\r\n])"*)(?=[=+\-@])|^(?=[\t\r\n])""")


def guarded(text: str) -> str:
    """A cell in which no spreadsheet takes anything for a formula (OWASP, CSV injection)."""
    # Nearly every cell has none of the signs: found out in a tenth of the time.
    return FORMULA.sub(r"\1'", text) if SIGNS.search(text) else text


def write_csv(
    out: BinaryIO,
    *,
    fund_ids: Collection[int] | None = None,
    since: date = date.min,
    until: date = date.max,
    entry_ids: Collection[int] | None = None,
    names: bool = False,
    told: Told | None = None,
) -> int:
    """RFC 4180 in UTF-8, one line for each transfer; gives their number. `fund_ids`: None for all. Both days included.

    `entry_ids`: of these entries alone. `names`: also of funds, accounts and people.
    """
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    written = csv.writer(text)
    written.writerow(HEADINGS + (NAME_HEADINGS if names else ()))
    count = 0
    for row in _read(fund_ids, since, until, entry_ids, names=names, told=told):
        written.writerow([_cell(value) for value in _values(row, names=names)])
        count += 1
    text.detach()
    return count


def _read(
    fund_ids: Collection[int] | None,
    since: date,
    until: date,
    entry_ids: Collection[int] | None = None,
    *,
    names: bool = False,
    told: Told | None = None,
) -> Iterator[Row]:
    with one_moment():
        found = transfers(fund_ids=fund_ids).filter(entry__effective_on__range=(since, until))
        if entry_ids is not None:
            found = found.filter(entry_id__in=entry_ids)
        yield from rows(found, names=names, told=told)


def _values(row: Row, *, names: bool) -> tuple[object, ...]:
    """In the order of the headings."""
    values = (
        row.entry_id,
        row.effective_on,
        row.booked_at,
        row.kind,
        row.source,
        row.made_by_id,
        row.approved_by_id,
        row.reverses_id,
        row.transfer_id,
        row.fund_id,
        row.debit_id,
        row.debit_code,
        row.debit_key,
        row.credit_id,
        row.credit_code,
        row.credit_key,
        row.amount_cents,
    )
    return values + _names(row) if names else values


def _names(row: Row) -> tuple[object, ...]:
    return (
        row.fund_name,
        account_name(row.debit_code, row.debit_name),
        account_name(row.credit_code, row.credit_name),
        row.made_by_name,
        row.approved_by_name,
    )


def _cell(value: object) -> object:
    if isinstance(value, str):
        return guarded(value)
    return moment(value) if isinstance(value, datetime) else value


def account_name(code: int, name: str) -> str:
    """An account without a name of its own is called after its code."""
    return name or str(CHART[Code(code)].name)


def write_xlsx(
    out: BinaryIO,
    *,
    fund_ids: Collection[int] | None = None,
    since: date = date.min,
    until: date = date.max,
    names: bool = False,
    kind_words: Callable[[str], object] = str,
    subject_words: Callable[[str], str] = str,
    told: Told | None = None,
) -> int:
    """A workbook with the same, with words on top; gives the number of transfers.

    `kind_words`, `subject_words`: what a kind of entry, and a source or the subject of an account, is called.
    """
    columns: tuple[tuple[str, Cell], ...] = (
        (_("Entry"), Cell.NUMBER),
        (_("Date"), Cell.DAY),
        (_("Booked at (Dutch time)"), Cell.MOMENT),
        (_("Kind"), Cell.TEXT),
        (_("Source"), Cell.TEXT),
        (_("Made by, number"), Cell.NUMBER),
        (_("Approved by, number"), Cell.NUMBER),
        (_("Reverses"), Cell.NUMBER),
        (_("Transfer"), Cell.NUMBER),
        (_("Fund, number"), Cell.NUMBER),
        (_("Debit account, number"), Cell.NUMBER),
        (_("Debit"), Cell.NUMBER),
        (_("Debit, subject"), Cell.TEXT),
        (_("Credit account, number"), Cell.NUMBER),
        (_("Credit"), Cell.NUMBER),
        (_("Credit, subject"), Cell.TEXT),
        (_("Amount"), Cell.CENTS),
    )
    named = (_("Fund"), _("Debit, name"), _("Credit, name"), _("Made by"), _("Approved by"))
    if names:
        columns += tuple((heading, Cell.TEXT) for heading in named)
    count = 0
    with Table(out, name=_("Journal"), columns=columns) as table:
        for row in _read(fund_ids, since, until, names=names, told=told):
            called = row._replace(
                kind=str(kind_words(row.kind)),
                source=subject_words(row.source),
                debit_key=subject_words(row.debit_key),
                credit_key=subject_words(row.credit_key),
            )
            table.row(_values(called, names=names))
            count += 1
    return count
