"""How the bench talks with a peer that runs in a process of its own: a line with a word and a number in, a line of JSON out.

Standard library only: one of the peers runs in an environment without anything of ours.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def serve(actions: Mapping[str, Callable[[float], Any]]) -> None:
    """In the peer: does what is asked until nobody asks any more."""
    for line in sys.stdin:
        word, number = line.split()
        sys.stdout.write(json.dumps(actions[word](float(number))) + "\n")
        sys.stdout.flush()


class Team:
    """Processes of one peer, which work at the same time when asked and lie still when not."""

    def __init__(self, processes: Sequence["subprocess.Popen[str]"]) -> None:
        self.processes = processes

    def ask(self, word: str, number: float = 0) -> list[Any]:
        """Every process's answer."""
        self._tell(word, number)
        return self._hear()

    @contextmanager
    def busy(self, word: str, number: float) -> Iterator[None]:
        """They are at it while the block runs; it ends when they are done as well."""
        self._tell(word, number)
        yield
        self._hear()

    def _tell(self, word: str, number: float) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(f"{word} {number}\n")
            process.stdin.flush()

    def _hear(self) -> list[Any]:
        answers = []
        for process in self.processes:
            assert process.stdout is not None
            answers.append(json.loads(process.stdout.readline()))
        return answers

    def rate(self, word: str, seconds: float) -> float:
        """How often they all together did it in a second. The answer to `word` is [times, seconds]."""
        return float(sum(times / took for times, took in self.ask(word, seconds)))


@contextmanager
def team(python: Path, module: str, env: Mapping[str, str], size: int = 1) -> Iterator[Team]:
    """Processes that run `module` under an interpreter; they end when their standard input does, so also with us."""
    command = [str(python), "-m", module]
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(size)
    ]
    try:
        yield Team(processes)
    finally:
        for process in processes:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            process.wait()
            process.stdout.close()
