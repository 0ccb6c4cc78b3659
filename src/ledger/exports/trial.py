"""The trial balance as a file: a line for every account."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from ledger.chart import Side
from ledger.exports.journal import guarded
from ledger.queries import TrialLine

HEADINGS = (
    "code",
    "account",
    "subject",
    "name",
    "fund",
    "opening_cents",
    "debit_cents",
    "credit_cents",
    "closing_debit_cents",
    "closing_credit_cents",
)


def write_csv(out: BinaryIO, *, lines: Iterable[TrialLine], funds: Mapping[int, str]) -> None:
    """RFC 4180 in UTF-8. `funds`: id -> name. The opening balance counts on the account's own side."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    written = csv.writer(text)
    written.writerow(HEADINGS)
    for line in lines:
        debit, credit = closing_sides(line)
        written.writerow(
            (
                line.code,
                line.account_id,
                guarded(line.key),
                guarded(line.name),
                guarded(funds[line.fund_id]),
                line.opening_cents,
                line.debit_cents,
                line.credit_cents,
                "" if debit is None else debit,
                "" if credit is None else credit,
            )
        )
    text.detach()


def closing_sides(line: TrialLine) -> tuple[int | None, int | None]:
    """The closing balance in the column where it belongs, in cents >= 0; None in the other one."""
    on_own_side = line.closing_cents >= 0
    amount = abs(line.closing_cents)
    return (amount, None) if (line.side is Side.DEBIT) is on_own_side else (None, amount)
