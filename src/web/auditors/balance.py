"""The trial balance as rows to be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise

from books.words import subject_words
from ledger import asof, audit
from ledger.chart import CHART, Code, Side
from ledger.exports.trial import closing_sides
from ledger.queries import TrialLine


@dataclass(frozen=True)
class Row:
    """Amounts in cents. `closing_debit_cents` or `closing_credit_cents` is None: not applicable, an empty cell.

    `toggle` opens or closes the accounts under a code; `account_id` is the account to go to, where there is one.
    """

    code: int
    name: str | Promise
    where: str
    opening_cents: int
    debit_cents: int
    credit_cents: int
    closing_debit_cents: int | None
    closing_credit_cents: int | None
    account_id: int | None = None
    toggle: str = ""
    is_open: bool = False
    under: Sequence["Row"] = field(default_factory=tuple)


@dataclass(frozen=True)
class Total:
    """The sums of a part of the balance; debit equals credit in each pair."""

    opening_cents: int
    debit_cents: int
    credit_cents: int
    closing_debit_cents: int
    closing_credit_cents: int


@dataclass(frozen=True)
class Part:
    """The balance itself, or what is kept outside it."""

    rows: Sequence[Row]
    total: Total


def row_of_code(total: asof.CodeTotal, *, toggle: str, under: Sequence[Row] | None) -> Row:
    """`under`: the accounts to show under it, None when it is closed."""
    line = total.line
    debit, credit = closing_sides(line)
    return Row(
        line.code,
        CHART[Code(line.code)].name,
        "",
        line.opening_cents,
        line.debit_cents,
        line.credit_cents,
        debit,
        credit,
        total.account_id if total.accounts == 1 else None,
        toggle,
        under is not None,
        under or (),
    )


def row_of_account(line: TrialLine, *, fund: str) -> Row:
    """`fund`: its name, empty when all is of one fund."""
    debit, credit = closing_sides(line)
    return Row(
        line.code,
        line.name or CHART[Code(line.code)].name,
        ", ".join(word for word in (subject_words(line.key), fund) if word),
        line.opening_cents,
        line.debit_cents,
        line.credit_cents,
        debit,
        credit,
        line.account_id,
    )


def parts(rows: Iterable[Row]) -> tuple[Part, Part]:
    """The balance, and the memorandum accounts outside it."""
    rows = list(rows)
    inside = [row for row in rows if row.code < audit.MEMORANDUM]
    outside = [row for row in rows if row.code >= audit.MEMORANDUM]
    return Part(inside, _total(inside)), Part(outside, _total(outside))


def _total(rows: Sequence[Row]) -> Total:
    return Total(
        sum(
            row.opening_cents if CHART[Code(row.code)].side is Side.DEBIT else -row.opening_cents
            for row in rows
        ),
        sum(row.debit_cents for row in rows),
        sum(row.credit_cents for row in rows),
        sum(row.closing_debit_cents or 0 for row in rows),
        sum(row.closing_credit_cents or 0 for row in rows),
    )
