"""To seal in a test, to export, and to let the stand-alone verifier look."""

import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from ledger import seals
from ledger.exports import sealed
from tests.cast import NOW

VERIFIER = settings.ROOT / "verify_books.py"
OPERATOR = "Stichting Buurtpot"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def seal(key: Ed25519PrivateKey = KEY, head_file: Path | None = None) -> list[int]:
    """Without a file of its own it goes on from whatever is there: what is signed last is not what most tests are about."""
    with TemporaryDirectory() as folder:
        path = head_file or Path(folder) / "seal.head"
        with suppress(FileExistsError):
            seals.adopt(path, head=None)
        return seals.seal(key=key, head_file=path, holder=OPERATOR, now=NOW)


def exported(path: Path, chosen: sealed.Chosen | None = None) -> Path:
    with path.open("wb") as file:
        sealed.write(file, made_at=NOW, chosen=chosen)
    return path


@dataclass(frozen=True)
class Verdict:
    status: int
    said: str

    @property
    def head(self) -> str:
        return self.said.split()[1]


def verified(path: Path, *options: str) -> Verdict:
    """As an auditor runs it: the file and Python, in a folder without Buurtpot."""
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(path), *options],
        capture_output=True,
        text=True,
        cwd=path.parent,
        check=False,
    )
    assert done.stderr == "", done.stderr
    return Verdict(done.returncode, done.stdout)
