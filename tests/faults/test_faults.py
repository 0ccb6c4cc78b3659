"""The faults, so small that they run with every test: that they can be run, and that they find what they should."""

import json
import os
import subprocess
import sys

import pytest

from tests.bench.talk import ROOT


@pytest.mark.parametrize(
    ("module", "sizes", "names"),
    [
        ("tampering", ["--changes", "25", "--forgeries", "3"], ["tampering", "forgery", "resealing"]),
        (
            "kills",
            ["--workers", "12", "--databases", "2"],
            ["kill_worker", "kill_database", "kill_worker_without_key", "kill_database_not_synchronous"],
        ),
    ],
)
def test_what_is_done_to_the_books_is_found_and_what_is_killed_loses_nothing(
    module: str, sizes: list[str], names: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.faults.{module}", *sizes],
        env=os.environ | {"PYTHONPATH": "src"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["name"] for line in lines] == names, done.stderr
    # A control needs more kills than these to go red for certain.
    assert all(line["ok"] for line in lines if "without" not in line["name"] and "not" not in line["name"]), (
        lines
    )
