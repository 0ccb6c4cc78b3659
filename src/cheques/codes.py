"""The codes on a letter: the one that is typed, the one in the QR, and what is kept of them.

A printed code is 16 symbols of Crockford's base32 (https://www.crockford.com/base32.html) in four groups:
six of the *selector*, by which a cheque is found, nine of the *secret* (45 bits), and one check symbol. The
QR holds the selector and a *token* of its own (130 bits). Only digests are kept, under a *pepper* that the
database does not hold: bytes from the environment, given by the caller.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SELECTOR_LENGTH = 6
SECRET_LENGTH = 9
CODE_LENGTH = SELECTOR_LENGTH + SECRET_LENGTH + 1
GROUP_LENGTH = 4
TOKEN_LENGTH = 26
SALT_BYTES = 16
DIGEST_BYTES = 32
ROUNDS = 1_000

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_SEPARATORS = {"Zs", "Pd", "Cc", "Cf"}  # Unicode categories: spaces, dashes, line ends, invisible marks


class WrongLength(ValueError):
    """What was typed is not 16 symbols long. `length` is how many there were."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length


class Mistyped(ValueError):
    """On no letter: `group` (1 to 4) holds a symbol that cannot be, or the check symbol disagrees (None)."""

    def __init__(self, group: int | None) -> None:
        super().__init__(group)
        self.group = group


class NotAFragment(ValueError):
    """What follows the # of an address is not SELECTOR.TOKEN."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database keeps of a cheque's codes. None of it opens a cheque without the pepper."""

    selector: str
    salt: bytes
    secret_digest: bytes
    token_digest: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """The plain codes of one cheque, which belong on paper and nowhere else, and what is stored of them."""

    printed_code: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)
    stored: Stored

    @property
    def selector(self) -> str:
        return self.stored.selector


@dataclass(frozen=True, slots=True)
class Typed:
    """A code that a person typed and that could be on a letter."""

    selector: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A fragment that a QR code brought along and that could be on a letter."""

    selector: str
    token: str = field(repr=False)


def draw(*, pepper: bytes, token_bytes: Callable[[int], bytes] = secrets.token_bytes) -> Drawn:
    """New codes for one cheque. The selector has 30 bits and may be taken: then the caller draws again.

    `token_bytes(n)` gives n random bytes. 256 is a multiple of 32: every symbol is equally likely.
    """
    chance = token_bytes(SELECTOR_LENGTH + SECRET_LENGTH + TOKEN_LENGTH)
    symbols = "".join(ALPHABET[byte % 32] for byte in chance)
    selector, rest = symbols[:SELECTOR_LENGTH], symbols[SELECTOR_LENGTH:]
    secret, token = rest[:SECRET_LENGTH], rest[SECRET_LENGTH:]
    code = selector + secret + _check_symbol(selector + secret)
    groups = (code[start : start + GROUP_LENGTH] for start in range(0, CODE_LENGTH, GROUP_LENGTH))
    salt = token_bytes(SALT_BYTES)
    return Drawn(
        printed_code="-".join(groups),
        secret=secret,
        token=token,
        stored=Stored(
            selector=selector,
            salt=salt,
            secret_digest=_secret_digest(secret, salt=salt, pepper=pepper),
            token_digest=token_digest(token, pepper=pepper),
        ),
    )


def read(text: str) -> Typed:
    """What somebody typed from a letter: any case, any spaces and dashes, O for 0, I and L for 1.

    Raises `WrongLength` or `Mistyped`; neither is a guess, so neither costs an attempt.
    """
    symbols = _symbols(text)
    if len(symbols) != CODE_LENGTH:
        raise WrongLength(len(symbols))
    for place, symbol in enumerate(symbols):
        if symbol not in ALPHABET:
            raise Mistyped(group=place // GROUP_LENGTH + 1)
    if _check_symbol(symbols[:-1]) != symbols[-1]:
        raise Mistyped(group=None)
    return Typed(selector=symbols[:SELECTOR_LENGTH], secret=symbols[SELECTOR_LENGTH:-1])


def read_selector(text: str) -> str:
    """The selector that a typed code begins with, or as much of one as was typed; as forgiving as `read`."""
    return _symbols(text)[:SELECTOR_LENGTH]


def read_fragment(text: str) -> Scanned:
    """The part of `qr_url` after the #, as forgiving as `read`. Raises `NotAFragment`."""
    before, _, after = text.partition(".")
    selector, token = _symbols(before), _symbols(after)
    if (len(selector), len(token)) != (SELECTOR_LENGTH, TOKEN_LENGTH):
        raise NotAFragment
    if not set(selector + token) <= set(ALPHABET):
        raise NotAFragment
    return Scanned(selector=selector, token=token)


def qr_url(*, host_url: str, selector: str, token: str) -> str:
    """The address in the QR. The codes are in its fragment, which browsers send to nobody."""
    return f"{host_url.rstrip('/')}/c#{selector}.{token}"


def verify_secret(typed_secret: str, *, salt: bytes, digest: bytes, pepper: bytes) -> bool:
    """Whether `typed_secret` is the one that `digest` was made of; says nothing by how long it takes."""
    return hmac.compare_digest(_secret_digest(typed_secret, salt=salt, pepper=pepper), digest)


def burn(pepper: bytes) -> None:
    """Does the work of `verify_secret` for an unknown selector: the clock must not tell which exist."""
    verify_secret("0" * SECRET_LENGTH, salt=bytes(SALT_BYTES), digest=bytes(DIGEST_BYTES), pepper=pepper)


def token_digest(token: str, pepper: bytes) -> bytes:
    """What is kept of a token. One fast hash: nobody guesses 130 bits."""
    return hmac.digest(pepper, token.encode(), "sha256")


def _secret_digest(secret: str, *, salt: bytes, pepper: bytes) -> bytes:
    """Slow, since 45 bits can be guessed by who holds the database *and* the pepper."""
    return hmac.digest(pepper, hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, ROUNDS), "sha256")


def _symbols(text: str) -> str:
    """`text` without separators, each symbol as letters have it; what cannot be a symbol is left as it is."""
    kept = [
        character
        for character in unicodedata.normalize("NFKC", text).upper()
        if unicodedata.category(character) not in _SEPARATORS and character not in "_.−"
    ]
    return "".join(ALPHABET[_VALUES[character]] if character in _VALUES else character for character in kept)


def _check_symbol(data: str) -> str:
    """The symbol that makes the weighted sum of the whole code zero in GF(32).

    Place n from the end weighs x^n, the check symbol itself x^0 = 1. The sixteen weights are distinct and not
    zero, so one wrong symbol, or any two symbols that changed places, always leaves a sum that is not zero.
    """
    total = 0
    for symbol in data:
        total = _times_x(total ^ _VALUES[symbol])
    return ALPHABET[total]


def _times_x(value: int) -> int:
    """`value` times x, in GF(2)[x] modulo the primitive polynomial x^5 + x^2 + 1."""
    return (value << 1) ^ (0b100101 if value & 0b10000 else 0)
