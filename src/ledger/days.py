"""Keeps the totals of days, and balances to start from, behind the writers (docs/decisions/0015)."""

from datetime import datetime, timedelta

from django.db import connection

from ledger.watermark import PATIENCE, settled

AT_ONCE = 100_000  # transfers in one transaction: about a second
MANY = (
    1_000  # lines of a pooled account since its checkpoint: to add them up takes longer than to find its row
)

# They are added up every other minute, and right without that too; but what is not in them is added up at every look.
LATE_AFTER = timedelta(minutes=15)

BEHIND = """
SELECT e.booked_at FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
WHERE t.id > (SELECT s.up_to_transfer_id FROM ledger_summed s) ORDER BY t.id LIMIT 1
"""
LONG_SINCE = """
SELECT d.account_id
FROM ledger_accountday d JOIN ledger_account a ON a.id = d.account_id AND a.pooled
LEFT JOIN ledger_checkpoint c ON c.account_id = d.account_id
WHERE d.last_transfer_id > coalesce(c.up_to_transfer_id, 0)
GROUP BY d.account_id HAVING sum(d.lines) >= %s
"""


def add_up(*, patience: float = PATIENCE, at_once: int = AT_ONCE) -> None:
    """Brings the totals up to what was committed when it was called.

    What a transaction that lasts longer than `patience` (seconds) holds up waits for the next call.
    """
    mark = settled(patience=patience)
    with connection.cursor() as cursor:
        while mark:
            cursor.execute("SELECT ledger_sum(%s, %s)", [mark.pk, at_once])
            if not cursor.fetchone()[0]:
                return


def behind_since() -> datetime | None:
    """When the oldest was booked that is not in the totals; None where all is."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND)
        found = cursor.fetchone()
    return found[0] if found else None


def leave_checkpoints(*, many: int = MANY) -> None:
    """Keeps the balance of each pooled account with many lines since it was last kept. Each in a transaction of its own."""
    with connection.cursor() as cursor:
        cursor.execute(LONG_SINCE, [many])
        for (account_id,) in cursor.fetchall():
            cursor.execute("SELECT ledger_leave_checkpoint(%s)", [account_id])
