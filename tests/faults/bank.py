"""The bank test for minutes: eight processes move money, two read, and no read is wrong; without the locks some are.

`python -m tests.faults.bank [--seconds N]` prints one line of JSON.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from tests.ledger.bank import Seen


def result(*, seconds: float = 120, control_seconds: float = 10) -> dict[str, Any]:
    """Half of the time between purses and pots, half between two hot pots; once more without the locks, which must be seen."""
    from tests import databases

    databases.make_template()
    try:
        mixed, hot = (_played(seconds / 2, purses=purses, pots=pots) for purses, pots in ((4, 4), (0, 2)))
        control = _played(control_seconds, purses=0, pots=2, locks=False)
    finally:
        databases.drop(databases.TEMPLATE)
    bad = [*mixed.bad, *hot.bad]
    sys.stderr.write("".join(f"{found}\n" for found in bad))
    moved, reads = mixed.moved + hot.moved, mixed.reads + hot.reads
    return {
        "name": "bank",
        "value": len(bad),
        "unit": "bad reads",
        "against": f"{reads} reads beside {moved} transfers by 8 processes; {len(control.bad)} bad ones without the locks",
        "ratio": float(len(bad)),
        "target": 0.0,
        "ok": not bad and min(mixed.reads, hot.reads, mixed.moved, hot.moved) > 0 and bool(control.bad),
    }


def _played(seconds: float, *, purses: int, pots: int, locks: bool = True) -> "Seen":
    """On a database of its own. What the checks of the books find afterwards is bad too."""
    from tests import databases
    from tests.ledger.bank import accounts, play
    from tests.ledger.test_concurrency import HOLD, LOCK_ALONE, broken, without

    with databases.cloned(f"{databases.TEMPLATE}_bank"):
        ids, total_cents = accounts(purses=purses, pots=pots)
        if not locks:
            without(LOCK_ALONE, function=HOLD)
        seen = play(ids=ids, total_cents=total_cents, seconds=seconds)
        return replace(seen, bad=(*seen.bad, *broken()))


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    found = result(seconds=parser.parse_args().seconds)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
