"""Two thousand stories of fifty steps, each any operation on money in any order, beside the model: all end the same.

`python -m tests.faults.state_machine [--stories N] [--steps N] [--processes N]` prints one line of JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import traceback
from typing import Any

import django


def result(*, stories: int = 2_000, steps: int = 50, processes: int = 2) -> dict[str, Any]:
    """Tells the stories in processes of their own, each on a database of its own, and gives what came of it."""
    from tests import databases

    databases.make_template()
    try:
        told = [
            _worker(databases.TEMPLATE, number, len(range(number, stories, processes)), steps)
            for number in range(processes)
        ]
        outcomes = [json.loads(process.communicate()[0]) for process in told]
    finally:
        databases.drop(databases.TEMPLATE)
    failures = [outcome["failure"] for outcome in outcomes if outcome["failure"]]
    sys.stderr.write("\n".join(failures))
    told_stories = sum(outcome["stories"] for outcome in outcomes)
    return {
        "name": "state_machine",
        "value": len(failures),
        "unit": "stories that end otherwise than in the model",
        "against": f"{told_stories} stories of {steps} steps, told by {processes} processes",
        "ratio": round(told_stories / stories, 4),
        "target": 1.0,
        "ok": not failures and told_stories >= stories,
    }


def _worker(template: str, number: int, stories: int, steps: int) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-m",
        "tests.faults.state_machine",
        "--worker",
        template,
        f"{template}_{number}",
    ]
    sizes = ["--stories", str(stories), "--steps", str(steps)]
    return subprocess.Popen([*command, *sizes], stdout=subprocess.PIPE, text=True)


def tell(*, template: str, name: str, stories: int, steps: int) -> dict[str, Any]:
    """What one process does. `failure`: the shortest story that Hypothesis found to end otherwise, empty where there is none."""
    from django.test import override_settings
    from hypothesis import HealthCheck, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests import databases
    from tests.books.machine.rules import Machine
    from tests.books.machine.street import street

    failure = ""
    with (
        tempfile.TemporaryDirectory() as files,
        override_settings(MEDIA_ROOT=files),
        databases.cloned(name, of=template),
    ):
        Machine.start = street()
        try:
            run_state_machine_as_test(
                Machine,
                settings=settings(
                    max_examples=stories,
                    stateful_step_count=steps,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        except Exception:  # noqa: BLE001 - whatever it was, it is the outcome
            failure = traceback.format_exc()
    return {"stories": Machine.stories, "failure": failure}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=2_000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--worker", nargs=2, metavar=("TEMPLATE", "DATABASE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        template, name = asked.worker
        found = tell(template=template, name=name, stories=asked.stories, steps=asked.steps)
    else:
        found = result(stories=asked.stories, steps=asked.steps, processes=asked.processes)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if found.get("ok", True) else 1


if __name__ == "__main__":
    sys.exit(main())
