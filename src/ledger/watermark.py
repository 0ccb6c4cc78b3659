"""Up to where the books are final: what is numbered up to there is committed, and nothing will come between.

Numbers are drawn with the lock of writers held (ledger_mark). Who wrote when the last number was read is waited for, and holds
nobody up.
"""

from time import monotonic, sleep
from typing import Literal

from django.db import connection

PATIENCE = 40.0  # seconds: a seal is at most a minute late, and its task begins every twenty seconds
POLL = 0.02  # seconds


def settled(mark: Literal["ledger_mark", "ledger_transfer_mark"], *, patience: float = PATIENCE) -> int:
    """A number up to which no entry, or no transfer, is still to come; 0 when one is under way that takes too long."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT up_to, writing FROM {mark}()")
        up_to, writing = cursor.fetchone()
        end = monotonic() + patience
        while writing:
            if monotonic() > end:
                return 0
            sleep(POLL)
            cursor.execute("SELECT ledger_writing()")
            writing = set(writing) & set(cursor.fetchone()[0])
    return int(up_to)
