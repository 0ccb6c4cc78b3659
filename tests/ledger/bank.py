"""A bank in which eight processes move money between guarded accounts while others read: no read may be wrong.

After Jepsen's bank test (https://jepsen.io): whatever moves, the sum of all balances stays what it was, and none is below zero.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from time import monotonic

from django.db import DatabaseError, connections

from ledger import operations as ledger
from ledger import queries
from ledger.chart import Code
from ledger.checks import SUMS
from ledger.models import Account
from ledger.operations import Overdrawn
from tests.cast import TODAY
from tests.ledger.roles import run
from tests.ledger.small_books import book, small_books

EACH_CENTS = 100
MOST_CENTS = 80  # so that most accounts are often too poor to pay
MOST_SHOWN = 5


@dataclass(frozen=True)
class Seen:
    """What processes did and saw. `bad`: reads that were wrong and other errors, at most five of each process."""

    moved: int = 0
    refused: int = 0
    reads: int = 0
    bad: tuple[str, ...] = ()


def accounts(*, purses: int, pots: int) -> tuple[list[int], int]:
    """Purses (cold) and pots (pooled) in one fund with € 1,00 each, and what they hold together."""
    small = small_books()
    made = [
        ledger.account(fund_id=small.fund, code=code, key=f"{name}:{number}")
        for code, name, count in ((Code.PURSES, "saver", purses), (Code.POTS, "pot", pots))
        for number in range(count)
    ]
    book("filled", *((small.bank, account, EACH_CENTS) for account in made))
    return made, EACH_CENTS * len(made)


def play(*, ids: Sequence[int], total_cents: int, seconds: float, movers: int = 8, readers: int = 2) -> Seen:
    """Lets them go for so long in the database that is connected now, and sums up what they did and saw."""
    connections.close_all()  # a process that is forked off opens its own
    with ProcessPoolExecutor(movers + readers, mp_context=get_context("fork")) as crowd:
        moving = [crowd.submit(move, seconds, ids) for _ in range(movers)]
        reading = [crowd.submit(read, seconds, ids, total_cents) for _ in range(readers)]
        found = [one.result() for one in (*moving, *reading)]
    return Seen(
        sum(one.moved for one in found),
        sum(one.refused for one in found),
        sum(one.reads for one in found),
        tuple(bad for one in found for bad in one.bad),
    )


def move(seconds: float, ids: Sequence[int]) -> Seen:
    """From an account to another at random, as fast as it goes; more than there is, is refused."""
    done, bad, until = Counter[str](), list[str](), monotonic() + seconds
    chance = random.Random(os.getpid())
    while monotonic() < until:
        payer, payee = chance.sample(ids, 2)
        try:
            key = f"{os.getpid()} {done.total()}"
            book(key, (payer, payee, chance.randint(1, MOST_CENTS)))
            done["moved"] += 1
        except Overdrawn:
            done["refused"] += 1
        except DatabaseError as error:
            done["failed"] += 1
            bad.append(f"a transfer ended in {error}")
    return Seen(done["moved"], done["refused"], bad=tuple(bad[:MOST_SHOWN]))


def read(seconds: float, ids: Sequence[int], total_cents: int) -> Seen:
    """All balances at one moment, by each way there is to ask for them in one statement."""
    fund_id = Account.objects.values_list("fund_id", flat=True).get(pk=ids[0])
    ways: dict[str, Callable[[], list[int]]] = {
        "the lines": partial(by_lines, ids),
        "the kept balances": lambda: list(queries.balances(ids).values()),
        "the trial balance": partial(by_trial_balance, fund_id, ids),
    }
    reads, bad, until = 0, list[str](), monotonic() + seconds
    while monotonic() < until:
        for name, way in ways.items():
            found = way()
            reads += 1
            if sum(found) != total_cents or min(found) < 0:
                bad.append(f"{name}: {found} is {sum(found)}, of {total_cents}")
    return Seen(reads=reads, bad=tuple(bad[:MOST_SHOWN]))


def by_lines(ids: Sequence[int]) -> list[int]:
    of_these = f"SELECT summed_cents FROM ({SUMS}) AS s WHERE id = ANY(%s)"  # noqa: S608 - both are ours
    return [cents for (cents,) in run(of_these, list(ids))]


def by_trial_balance(fund_id: int, ids: Sequence[int]) -> list[int]:
    lines = queries.trial_balance(fund_ids=[fund_id], since=TODAY, until=TODAY)
    return [line.closing_cents for line in lines if line.account_id in ids]
