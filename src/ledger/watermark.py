"""Up to where the books are final: what is numbered up to there is committed, and nothing will come between.

Numbers are drawn with the lock of writers held (ledger_mark). Who wrote when the last numbers were read is waited for, and holds
nobody up.
"""

from time import monotonic, sleep

from django.db import connection

from ledger.models import Watermark

PATIENCE = 40.0  # seconds: a seal is at most a minute late, and its task begins every twenty seconds
POLL = 0.02  # seconds


def settled(*, patience: float = PATIENCE) -> Watermark | None:
    """A mark at the last entry and transfer of now; None when one below it is under way for longer than `patience`.

    `patience`: seconds.
    """
    end = monotonic() + patience
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_mark()")
        mark = cursor.fetchone()
    while not (found := list(Watermark.objects.raw("SELECT * FROM ledger_settled(%s)", mark))):
        if monotonic() > end:
            return None
        sleep(POLL)
    return found[0]
