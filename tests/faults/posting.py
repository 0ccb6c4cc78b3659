"""What a worker does in a process of its own: posts and seals as it is asked, until it is killed. Imported once, then forked."""

from multiprocessing.connection import Connection

import django

django.setup()

from django.db import DatabaseError, connections  # noqa: E402 (only once Django is set up)
from django.utils import timezone  # noqa: E402

from ledger import operations as ledger  # noqa: E402
from ledger import seals  # noqa: E402
from ledger.kept import Astray  # noqa: E402

CENTS = 3


def work(asked: Connection, clearing: int, pot: int) -> None:
    """Takes `(key, gift)` and answers the id of the entry; takes None, seals and answers 0. None: the database was not there."""
    while True:
        wanted = asked.recv()
        try:
            if wanted is None:
                seals.seal(
                    key=seals.the_key(),
                    head_file=seals.head_file(),
                    holder="Stichting Buurtpot",
                    now=timezone.now(),
                    patience=5,
                )
                asked.send(0)
            else:
                key, gift = wanted
                moves = [ledger.Move(clearing, pot, CENTS)]
                posted = ledger.post(
                    key=key, kind="gift", source=f"gift:{gift}", moves=moves, now=timezone.now()
                )
                asked.send(posted.entry_id)
        except (DatabaseError, Astray):  # what went astray the caller finds when all is done
            connections.close_all()
            asked.send(None)
