"""`make demo` as a whole: it serves, and when it ends, whatever the way, nothing of it is left running."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from tests import databases
from tests.running import ROOT

GONE_WITHIN_SECONDS = 30


def processes_of(run_dir: Path) -> list[psutil.Process]:
    """All that live with this folder as theirs: the supervisor, and whatever it started."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("RUN_DIR") == str(run_dir) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@contextmanager
def demo(database: str, run_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The supervisor and the address that it prints, once it serves."""
    env = (
        os.environ
        | databases.environment(database)
        | {
            "PYTHONPATH": str(ROOT / "src"),
            "RUN_DIR": str(run_dir),
            "MEDIA_ROOT": str(run_dir / "files"),
        }
    )
    command = [sys.executable, "-m", "demo.serve"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as supervisor:
        try:
            assert supervisor.stdout is not None
            printed = ""
            while "Ctrl-C ends it all" not in printed:
                line = supervisor.stdout.readline()
                assert line, printed
                printed += line
            address = re.search(r"Buurtpot +(http://127\.0\.0\.1:\d+/)", printed)
            assert address is not None, printed
            yield supervisor, address[1]
        finally:
            for process in processes_of(run_dir):
                process.kill()


@pytest.mark.slow
def test_the_demo_serves_and_leaves_no_process_behind(own_database: str, tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    for ended_by in (signal.SIGTERM, signal.SIGKILL):
        with demo(own_database, run_dir) as (supervisor, address):
            assert "Bloemenbuurt" in requests.get(address, timeout=20).text
            running = processes_of(run_dir)
            assert (
                len(running) > 4
            )  # the supervisor, the web server, the worker, beat and the stand-in Stripe
            supervisor.send_signal(ended_by)
            _, left = psutil.wait_procs(running, timeout=GONE_WITHIN_SECONDS)
            assert left == []
            assert processes_of(run_dir) == []
