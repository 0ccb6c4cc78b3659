"""What this machine signed last, in a file that the database never sees.

The lines to sign come out of the database, and who has every right there can hand over any: of books that were made anew, or of a
key. So only the seal that goes on from the line that was signed last is signed, and no number ever gets a second line.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LINE = re.compile(
    r'\{"seal": (\d+), "previous": "([0-9a-f]{64})", "entries": (\d+), "last_entry": \d+, "root": "[0-9a-f]{64}",'
    r' "sealed_at": "([-:.\dTZ]+)"\}',
    re.ASCII,
)
NOTHING_BEFORE = "00" * 32
NOTHING_SIGNED = "nothing is signed yet"


class HeadMissing(Exception):
    """There is no file that says what was signed last. `path`: where it was looked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class Astray(Exception):
    """What the database holds, or hands over to be signed, does not go on from what was signed last. Nothing is signed."""


@dataclass(frozen=True)
class Line:
    """The line of a seal, to the letter, and what stands in it (docs/canonical-form.md)."""

    text: str
    number: int
    previous: str
    entries: int
    sealed_at: datetime

    @property
    def head(self) -> str:
        return sha256(self.text.encode()).hexdigest()


def parse(text: str) -> Line:
    """Raises Astray when it is not the line of a seal in its one written form."""
    found = LINE.fullmatch(text)
    if found is None:
        raise Astray(f"this is no line of a seal: {text[:80]!r}")
    number, previous, entries, sealed_at = found.groups()
    return Line(text, int(number), previous, int(entries), datetime.fromisoformat(sealed_at))


class Kept:
    """What was signed last (None: nothing yet), while nobody else on this machine signs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text().rstrip("\n")
        except FileNotFoundError as error:
            raise HeadMissing(path) from error
        self.last = None if text == NOTHING_SIGNED else parse(text)

    def undone(self, newest: str | None) -> Line | None:
        """The line that was signed last and is not in the database, as when the worker dies in between. It goes first.

        `newest`: the line of the newest seal there. Raises Astray when it is neither what was signed last nor the one before.
        """
        if newest == (self.last and self.last.text):
            return None
        before = parse(newest).head if newest else NOTHING_BEFORE
        if self.last is None or self.last.previous != before:
            signed = self.last.text if self.last else "nothing"
            raise Astray(f"the newest seal is {newest or 'none'}; signed last was {signed}")
        return self.last

    def sign(self, text: str, *, key: Ed25519PrivateKey, now: datetime) -> bytes:
        """The signature over the next line, or once more over the last. Raises Astray when it is neither."""
        line = parse(text)
        if self.last is None or text != self.last.text:
            number, head = (self.last.number, self.last.head) if self.last else (0, NOTHING_BEFORE)
            if (line.number, line.previous, line.sealed_at) != (number + 1, head, now):
                raise Astray(f"after seal {number} with head {head} at {now} does not come {text}")
            # Kept before anybody gets the signature: what left with one is never forgotten.
            write(self.path, text)
            self.last = line
        return key.sign(text.encode())


@contextmanager
def held(path: Path) -> Iterator[None]:
    """One at a time on this machine. Raises HeadMissing when its folder is not there."""
    try:
        lock = path.with_name(f"{path.name}.lock").open("w")
    except FileNotFoundError as error:
        raise HeadMissing(path) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write(path: Path, text: str) -> None:
    """Whole or not at all, and on the disk when this returns."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("w") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
