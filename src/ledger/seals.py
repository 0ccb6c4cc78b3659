"""Seals: signed heads over the entries, so that nobody changes what was booked without being found out.

What is hashed and signed is written down in docs/canonical-form.md. The database makes the seals; the key is a file that it never
sees, and so is what was signed last (ledger.kept)."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings
from django.db import connection, transaction

from ledger import kept
from ledger.models import Key, Seal, Signature
from ledger.watermark import PATIENCE, settled

# Four full trees of three levels, and some five megabytes while it is made or written out.
MOST_ENTRIES = 16_384


class KeyMissing(Exception):
    """There is no file with a key to seal with. `path`: where it was looked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class NotAKey(Exception):
    """What is in the file is no Ed25519 private key in PEM."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class NotAPublicKey(ValueError):
    """Neither 64 hexadecimal digits nor an Ed25519 public key in PEM."""


class UnknownKey(Exception):
    """The key is not the one that signs now. `public`: in hexadecimal. A new one is brought in by `rotate`."""

    def __init__(self, public: bytes) -> None:
        super().__init__(public.hex())
        self.public = public


class BadSignature(Exception):
    """The signature is not that of this key over this seal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def the_key() -> Ed25519PrivateKey:
    """The key of this machine. On one's own machine (DEBUG) it is made when there is none. Raises KeyMissing, NotAKey."""
    path = settings.SEAL_KEY_FILE
    if settings.DEBUG:
        path.parent.mkdir(exist_ok=True)
        with suppress(FileExistsError):
            make_key(path)
    return load_key(path)


def make_key(path: Path) -> Ed25519PrivateKey:
    """A new key in a new file that only its owner may read. Raises FileExistsError, OSError."""
    key = Ed25519PrivateKey.generate()
    # Whole or not at all, also when two make it at once.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        path.hardlink_to(file.name)
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """Raises KeyMissing, NotAKey."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise KeyMissing(path) from error
    except (ValueError, TypeError) as error:
        raise NotAKey(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NotAKey(path)
    return key


def head_file() -> Path:
    """Where stands what was signed last. With DEBUG each database has a file of its own, which begins with what is there."""
    path: Path = settings.SEAL_HEAD_FILE
    if settings.DEBUG:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
            )
            path = path.with_name(f"{path.name}.{'.'.join(map(str, cursor.fetchone()))}")
        path.parent.mkdir(exist_ok=True)
        with suppress(FileExistsError):
            adopt(path, head=None)
    return path


def adopt(path: Path, *, head: str | None) -> None:
    """From here on the newest seal there is counts as signed last. Raises FileExistsError when something does already.

    `head`: of that seal, as somebody else wrote it down (NOTHING_BEFORE: nothing was sealed yet); None: whichever it is.
    Raises Astray when it is another, HeadMissing when there is no such folder.
    """
    with kept.held(path):
        if path.exists():
            raise FileExistsError(path)
        newest = newest_line()
        if head not in (None, kept.parse(newest).head if newest else kept.NOTHING_BEFORE):
            raise kept.Astray(f"the newest seal is {newest}")
        kept.write(path, newest or kept.NOTHING_SIGNED)


def seal(
    *, key: Ed25519PrivateKey, head_file: Path, holder: str, now: datetime, patience: float = PATIENCE
) -> list[int]:
    """Seals all entries that were committed when it was called; gives the numbers of the new seals.

    Writers are not held up. An entry whose transaction lasts longer than `patience` (seconds) waits for the next call, and so do
    the entries numbered after it. The first key of all is taken on as it comes. Raises UnknownKey, HeadMissing, Astray.
    """
    signer = _signer(key, holder, now)
    mark = settled(patience=patience)
    made = []
    with kept.held(head_file):
        last = kept.Kept(head_file)
        undone = last.undone(newest_line())
        while mark and (number := _seal(last, mark.pk, again=undone, key=key, signer=signer, now=now)):
            made.append(number)
            undone = None
    return made


def _signer(key: Ed25519PrivateKey, holder: str, now: datetime) -> Key:
    public = key.public_key().public_bytes_raw()
    current = Key.objects.filter(witness=False, until=None).order_by("-pk").first()
    if current is None:
        current, _ = Key.objects.get_or_create(
            public=public, defaults={"holder": holder, "witness": False, "since": now}
        )
    if bytes(current.public) != public:
        raise UnknownKey(public)
    return current


def _seal(
    last: kept.Kept, mark: int, *, again: kept.Line | None, key: Ed25519PrivateKey, signer: Key, now: datetime
) -> int | None:
    """`again`: the seal that is made once more, to the letter, so that no number ever has two lines."""
    most, at = (again.entries, again.sealed_at) if again else (MOST_ENTRIES, now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT number, line FROM ledger_seal(%s, %s, %s)", [mark, most, at])
        number, line = cursor.fetchone()
        if number is None:
            return None
        signature = last.sign(line, key=key, now=now)
        Signature.objects.create(seal_id=number, key=signer, signature=signature, signed_at=now)
    return int(number)


def rotate(*, old: Ed25519PrivateKey | None, new: Ed25519PrivateKey, holder: str, now: datetime) -> Key:
    """From here on the new key seals. The old one signs for it, and stays to check what it sealed.

    `old`: None when it was lost. Then nothing vouches for the new one, and who checks must be told of it in another way.
    Raises UnknownKey.
    """
    public = new.public_key().public_bytes_raw()
    with transaction.atomic():
        before = None if old is None else _signer(old, holder, now)
        Key.objects.filter(witness=False, until=None).update(until=now)
        return Key.objects.create(
            public=public,
            holder=holder,
            witness=False,
            since=now,
            endorsed_by=before,
            endorsement=None if old is None else old.sign(_key_line(public, holder, now).encode()),
        )


def _key_line(public: bytes, holder: str, since: datetime) -> str:
    """As docs/canonical-form.md has it. Made here: what the database would hand over is not signed unseen."""
    moment, _, decimals = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").partition(".")
    decimals = decimals.rstrip("0")
    row = {
        "key": public.hex(),
        "holder": holder,
        "witness": False,
        "since": f"{moment}.{decimals}Z" if decimals else f"{moment}Z",
    }
    return json.dumps(row, ensure_ascii=False)


def public_key(text: str) -> bytes:
    """The 32 bytes of a key as somebody wrote it: in hexadecimal or PEM. Raises NotAPublicKey."""
    text = text.strip()
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_public_key(text.encode())
        else:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotAPublicKey from error
    if not isinstance(key, Ed25519PublicKey):
        raise NotAPublicKey
    return key.public_bytes_raw()


def add_witness(*, public: bytes, holder: str, now: datetime) -> Key:
    """A key of somebody else, who signs heads too. Raises ValueError if it is no public key, IntegrityError if it is known."""
    Ed25519PublicKey.from_public_bytes(public)
    return Key.objects.create(public=public, holder=holder, witness=True, since=now)


def end_witness(*, key_id: int, now: datetime) -> bool:
    """Takes no more signatures with this key; what it signed stays signed. False when that was so already."""
    return bool(Key.objects.filter(pk=key_id, witness=True, until=None).update(until=now))


def cosign(*, number: int, public: bytes, signature: bytes, now: datetime) -> Signature:
    """A witness puts a signature under a seal; twice the same is once. Raises UnknownKey, Seal.DoesNotExist, BadSignature."""
    key = Key.objects.filter(public=public, witness=True, until=None).first()
    if key is None:
        raise UnknownKey(public)
    sealed = Seal.objects.only("number").get(number=number)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, line_of(number).encode())
    except InvalidSignature as error:
        raise BadSignature(number) from error
    made, _ = Signature.objects.get_or_create(
        seal=sealed, key=key, defaults={"signature": signature, "signed_at": now}
    )
    return made


def line_of(number: int) -> str:
    """The line of a seal: what is signed. Raises Seal.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_seal_line(s) FROM ledger_seal s WHERE s.number = %s", [number])
        found = cursor.fetchone()
    if found is None:
        raise Seal.DoesNotExist(number)
    return str(found[0])


def newest_line() -> str | None:
    """The line of the newest seal; None while nothing is sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_seal_line(s) FROM ledger_seal s ORDER BY s.number DESC LIMIT 1")
        found = cursor.fetchone()
    return None if found is None else str(found[0])
