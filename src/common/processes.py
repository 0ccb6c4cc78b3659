"""Processes of this machine: started so that they outlive who started them, and told apart by more than a number.

Linux only: it reads ``/proc``.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

_LAUNCH = """
"$@" </dev/null >>"$0" 2>&1 &
echo $!
"""


def spawn(
    command: list[str], *, log: Path, cwd: Path, env: Mapping[str, str], pass_fds: tuple[int, ...] = ()
) -> int:
    """Start a process that is nobody's child and holds nothing of the caller's but ``pass_fds``. Return its pid."""
    started = subprocess.run(  # noqa: S603 (what our own code asks for)
        ["/bin/sh", "-c", _LAUNCH, str(log), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=cwd,
        env=env,
        start_new_session=True,
        pass_fds=pass_fds,
        check=True,
    )
    return int(started.stdout)


def birth(pid: int) -> str | None:
    """When the process was born, in the kernel's ticks: with the pid, this names one process for good."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return None if state in ("Z", "X") else fields[18]


def works_in(pid: int, folder: Path) -> bool:
    """Whether the process lives and has this as its working folder, removed meanwhile or not."""
    try:
        cwd = Path(f"/proc/{pid}/cwd").readlink()
    except OSError:  # gone, a zombie, or somebody else's
        return False
    return str(cwd).removesuffix(" (deleted)") == str(folder)


def signal_all(pids: list[int], sent: signal.Signals) -> None:
    """Signal each; one that is gone already is fine."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)
