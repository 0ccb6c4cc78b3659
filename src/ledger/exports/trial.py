"""The trial balance as a file: a line for every account."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from django.utils.translation import gettext as _

from ledger.chart import Side
from ledger.exports.journal import guarded
from ledger.queries import TrialLine


def write_csv(out: BinaryIO, *, lines: Iterable[TrialLine], funds: Mapping[int, str]) -> None:
    """As a spreadsheet opens it in the Netherlands: UTF-8 with its mark, semicolons, euros with a comma, words on top.

    `funds`: id -> name. The opening balance counts on the account's own side.
    """
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    written = csv.writer(text, delimiter=";")
    written.writerow(
        (
            _("Code"),
            _("Account"),
            _("Subject"),
            _("Name"),
            _("Fund"),
            _("Opening balance"),
            _("Debit"),
            _("Credit"),
            _("Closing balance, debit"),
            _("Closing balance, credit"),
        )
    )
    for line in lines:
        debit, credit = closing_sides(line)
        amounts = (line.opening_cents, line.debit_cents, line.credit_cents, debit, credit)
        names = (line.key, line.name, funds[line.fund_id])
        written.writerow(
            (
                line.code,
                line.account_id,
                *(guarded(name) for name in names),
                *(_euros(cents) for cents in amounts),
            )
        )
    text.detach()


def _euros(cents: int | None) -> str:
    if cents is None:
        return ""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02d}"


def closing_sides(line: TrialLine) -> tuple[int | None, int | None]:
    """The closing balance in the column where it belongs, in cents >= 0; None in the other one."""
    on_own_side = line.closing_cents >= 0
    amount = abs(line.closing_cents)
    return (amount, None) if (line.side is Side.DEBIT) is on_own_side else (None, amount)
