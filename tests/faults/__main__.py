"""`python -m tests.faults`: all that goes wrong on purpose, a line as it comes, and `build/faults.json`.

The exit status is 1 when something was lost, missed or broken, or when a control did not go red.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import django

from tests.bench.talk import ROOT


def lines() -> Iterator[dict[str, Any]]:
    from tests.faults import bank, state_machine, tampering

    yield from tampering.results()
    yield bank.result()
    yield state_machine.result()


def kills() -> Iterator[dict[str, Any]]:
    """In a process of its own: it works on another server than the rest."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kills"], stdout=subprocess.PIPE, text=True, check=False
    )
    yield from map(json.loads, done.stdout.splitlines())


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    found = []
    for source in (kills, lines):
        for line in source():
            found.append(line)
            verdict = "ok" if line["ok"] else "WRONG"
            sys.stdout.write(
                f"{line['name']:32} {line['value']:>6} {verdict:6} {line['unit']}: {line['against']}\n"
            )
            sys.stdout.flush()
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "faults.json").write_text(json.dumps(found, indent=2) + "\n")
    return 0 if all(line["ok"] for line in found) else 1


if __name__ == "__main__":
    sys.exit(main())
