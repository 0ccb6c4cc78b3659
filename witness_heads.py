#!/usr/bin/env python3
"""Signs the newest seal on the books of Buurtpot as a witness: somebody who is not the operator, with a key of their own.

    python witness_heads.py key witness.pem                      makes a key, once; send the public key to the operator
    python witness_heads.py sign https://SITE witness.pem        looks, checks, signs; every day, for example from cron

Needs Python 3.11 and the package `cryptography`; nothing of Buurtpot. It keeps the last head that it signed beside the key, in
witness.pem.state. The next time it follows the seals from that head to the newest, and signs only where each names the one
before. So who made the books anew since then gets no signature: the chain does not fit. Keep both files where the operator
cannot come.

Exit status 0 and the number that was signed; 1 when the chain does not fit: then something is wrong with the books; 2 when it
could not look or sign, and nothing is known. docs/witness.md of Buurtpot tells more.
"""

import argparse
import json
import os
import sys
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

MOST_BYTES = 5_000_000
SECONDS = 30


class DoesNotFit(Exception):
    """What is wrong with the chain. Nothing is signed."""


class CannotTell(Exception):
    """Why nothing could be looked at, or nothing was signed."""


def make_key(path: Path) -> str:
    """A key in a new file that only its owner may read; gives the public one."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    except OSError as error:
        raise CannotTell(f"no key was made: {error}") from error
    return key.public_key().public_bytes_raw().hex()


def load_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise CannotTell(f"the key cannot be read: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotTell(f"{path} is no Ed25519 key: make one with `key`")
    return key


def asked(address: str, body: bytes | None = None) -> Any:
    """What the site answers, as JSON."""
    request = Request(address, body, {"Content-Type": "application/json", "Accept-Language": "en"})  # noqa: S310  # see sign
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return json.loads(answer.read(MOST_BYTES))
    except HTTPError as error:
        raise CannotTell(f"{address} says {error.code}: {_reason(error)}") from error
    except (URLError, OSError, ValueError, HTTPException) as error:
        raise CannotTell(f"{address} does not answer: {error!r}") from error


def _reason(answer: HTTPError) -> str:
    try:
        return str(json.loads(answer.read(1_000))["error"])
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return "no reason"


class Chain:
    """The seals from the one that was signed last (None: this is the first time) up to the newest."""

    def __init__(self, site: str, last: dict[str, Any] | None) -> None:
        self.site = site
        self.number: int = last["seal"] if last else 0
        self.head: str = last["head"] if last else ""
        self.line = ""

    def follow(self) -> None:
        """To the newest. Raises DoesNotFit."""
        newest = self._parts(asked(f"{self.site}/zegels/nieuwste.json")["line"])
        if not self.number:
            self._stand_at(newest)
            return
        if newest["seal"] < self.number:
            raise DoesNotFit(
                f"the newest seal is {newest['seal']}; seal {self.number} was signed and is gone"
            )
        if newest["seal"] == self.number:
            if newest["head"] != self.head:
                raise DoesNotFit(f"seal {self.number} is another one than was signed")
            self._stand_at(newest)
        while self.number < newest["seal"]:
            lines = asked(f"{self.site}/zegels/{self.number}/daarna.json")["lines"]
            if not lines:
                raise DoesNotFit(f"seal {self.number + 1} is missing")
            for line in lines:
                self._step(self._parts(line))

    def _step(self, seal: dict[str, Any]) -> None:
        if seal["seal"] != self.number + 1:
            raise DoesNotFit(f"after seal {self.number} comes {seal['seal']}")
        if seal["previous"] != self.head:
            raise DoesNotFit(
                f"seal {seal['seal']} does not name the head of seal {self.number} that was signed before it"
            )
        self._stand_at(seal)

    def _stand_at(self, seal: dict[str, Any]) -> None:
        self.number, self.head, self.line = seal["seal"], seal["head"], seal["line"]

    @staticmethod
    def _parts(line: str) -> dict[str, Any]:
        """Of a line; its head is counted here, and never taken from the site."""
        parts = json.loads(line)
        if type(parts["seal"]) is not int or parts["seal"] < 1 or type(parts["previous"]) is not str:
            raise DoesNotFit(f"a line that is no seal: {line[:80]}")
        return {**parts, "line": line, "head": sha256(line.encode()).hexdigest()}


def sign(site: str, key_path: Path) -> str:
    address = urlsplit(site)
    if address.scheme != "https" and (address.scheme, address.hostname) not in {
        ("http", "127.0.0.1"),
        ("http", "localhost"),
    }:
        raise CannotTell("the address of the site begins with https://")
    key = load_key(key_path)
    kept = key_path.with_name(f"{key_path.name}.state")
    try:
        last = json.loads(kept.read_text()) if kept.exists() else None
        chain = Chain(site.rstrip("/"), last)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotTell(f"{kept} cannot be read: {error}") from error
    try:
        chain.follow()
    except (ValueError, KeyError, TypeError) as error:
        raise CannotTell(f"what {site} answers is no seal: {error!r}") from error
    # Kept before it is sent: what left with a signature is never forgotten.
    _keep(kept, {"seal": chain.number, "head": chain.head})
    body = {
        "by": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(chain.line.encode()).hex(),
    }
    asked(f"{chain.site}/zegels/{chain.number}/getuige/", json.dumps(body).encode())
    first = "" if last else " (the first one: what came before it was not checked)"
    return f"signed seal {chain.number} {chain.head}{first}"


def _keep(path: Path, state: dict[str, Any]) -> None:
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(json.dumps(state) + "\n")
        beside.replace(path)
    except OSError as error:
        raise CannotTell(f"{path} cannot be written: {error}") from error


def plain(text: str) -> str:
    """On one line, of what can be printed: what a site says could draw other lines over these, or not fit the screen."""
    shown = "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )
    encoding = sys.stdout.encoding or "ascii"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key", help="make a key").add_argument("key", type=Path)
    signing = commands.add_parser("sign", help="sign the newest seal")
    signing.add_argument("site", help="address of the site, such as https://buurtpot.example")
    signing.add_argument("key", type=Path)
    options = parser.parse_args(arguments)
    try:
        if options.command == "key":
            print(f"public key: {make_key(options.key)}")
        else:
            print(sign(options.site, options.key))
    except DoesNotFit as error:
        print(plain(f"NOT SIGNED, the chain does not fit: {error}"))
        return 1
    except CannotTell as error:
        print(plain(f"not signed: {error}"))
        return 2
    except Exception as error:  # noqa: BLE001  # Python ends with 1 then, which says that the books are wrong
        print(plain(f"not signed, and nothing is known: {error!r}"))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
