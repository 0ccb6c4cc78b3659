"""The journal as a file: every transfer with its entry, oldest first. No notes, no names, no keys of entries.

Keys of entries stay out because some hold the secret reference of a donation's page.
"""

import csv
import io
import json
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, BinaryIO

from ledger.exports.reading import Row, one_moment, rows, transfers

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
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def write_csv(
    out: BinaryIO,
    *,
    fund_ids: Collection[int] | None = None,
    since: date = date.min,
    until: date = date.max,
) -> int:
    """RFC 4180 in UTF-8, one line for each transfer; gives their number. `fund_ids`: None for all. Both days included."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    written = csv.writer(text)
    written.writerow(HEADINGS)
    count = 0
    for row in _read(fund_ids, since, until):
        written.writerow(_cells(row))
        count += 1
    text.detach()
    return count


def _read(fund_ids: Collection[int] | None, since: date, until: date) -> Iterator[Row]:
    with one_moment():
        yield from rows(transfers(fund_ids=fund_ids).filter(entry__effective_on__range=(since, until)))


def _cells(row: Row) -> tuple[object, ...]:
    return (
        row.entry_id,
        row.effective_on,
        _moment(row.booked_at),
        guarded(row.kind),
        guarded(row.source),
        row.made_by_id,
        row.approved_by_id,
        row.reverses_id,
        row.transfer_id,
        row.fund_id,
        row.debit_id,
        row.debit_code,
        guarded(row.debit_key),
        row.credit_id,
        row.credit_code,
        guarded(row.credit_key),
        row.amount_cents,
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_jsonl(out: BinaryIO, *, fund_ids: Collection[int] | None = None) -> int:
    """One JSON object on a line for each entry, with its transfers in these funds; gives the number of transfers."""
    count = 0
    for _, of_entry in groupby(_read(fund_ids, date.min, date.max), key=attrgetter("entry_id")):
        # Transfer by transfer: an entry may have a hundred thousand of them.
        for place, row in enumerate(of_entry):
            out.write(b", " if place else _json(_entry(row))[:-1] + b', "transfers": [')
            out.write(_json(_transfer(row)))
            count += 1
        out.write(b"]}\n")
    return count


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _entry(row: Row) -> dict[str, Any]:
    return {
        "entry": row.entry_id,
        "effective_on": row.effective_on.isoformat(),
        "booked_at": _moment(row.booked_at),
        "kind": row.kind,
        "source": row.source,
        "made_by": row.made_by_id,
        "approved_by": row.approved_by_id,
        "reverses": row.reverses_id,
    }


def _transfer(row: Row) -> dict[str, Any]:
    return {
        "transfer": row.transfer_id,
        "fund": row.fund_id,
        "debit": {"account": row.debit_id, "code": row.debit_code, "subject": row.debit_key},
        "credit": {"account": row.credit_id, "code": row.credit_code, "subject": row.credit_key},
        "amount_cents": row.amount_cents,
    }
