"""`python -m tests.bench`: measures, prints each line as it comes, and writes `build/bench.json`.

The exit status is 1 when a target is missed.
"""

import json
import sys

from tests.bench.lines import Bench, Line, Sizes
from tests.bench.server import SETTINGS, host
from tests.bench.talk import ROOT


def main() -> int:
    sys.stdout.write("server: " + ", ".join(f"{name}={value}" for name, value in SETTINGS.items()) + "\n")
    lines = []
    with host() as server:
        for line in Bench(server, Sizes()).all():
            lines.append(line)
            tell(line)
    path = ROOT / "build" / "bench.json"
    path.write_text(json.dumps([line.as_row() for line in lines], indent=2) + "\n")
    return 0 if all(line.ok for line in lines) else 1


def tell(line: Line) -> None:
    row = line.as_row()
    verdict = "ok" if line.ok else "MISSED"
    sys.stdout.write(
        f"{line.name:20} {row['value']:>9} {line.unit:12} {row['ratio']:>7} x (>= {row['target']}) {verdict:6} {line.against}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
