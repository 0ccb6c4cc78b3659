"""What left accounts: by which kind of entry, and to which accounts it went on."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from ledger.chart import CHART, Code, Side
from ledger.queries import NOT_UNDONE

# Out of an account is the side that is not its own.
OUTFLOWS = """
SELECT a.key, a.fund_id, e.kind, other.code, sum(t.amount_cents)::bigint
FROM ledger_account a
JOIN ledger_transfer t ON t.{out}_id = a.id
JOIN ledger_account other ON other.id = t.{into}_id
JOIN ledger_entry e ON e.id = t.entry_id
WHERE a.code = %s AND a.key = ANY(%s) AND {not_undone}
GROUP BY a.key, a.fund_id, e.kind, other.code
"""


@dataclass(frozen=True)
class Outflow:
    """What left a subject's account in one fund by one kind of entry to accounts of one code. `cents`: > 0."""

    key: str
    fund_id: int
    kind: str
    to_code: int
    cents: int


def outflows(*, keys: Collection[str], code: Code) -> list[Outflow]:
    """All that left the accounts of one code of these subjects and was not undone, in one query."""
    sides = ("debit", "credit") if CHART[code].side is Side.CREDIT else ("credit", "debit")
    with connection.cursor() as cursor:
        cursor.execute(
            OUTFLOWS.format(out=sides[0], into=sides[1], not_undone=NOT_UNDONE), [int(code), list(keys)]
        )
        return [Outflow(*row) for row in cursor.fetchall()]
