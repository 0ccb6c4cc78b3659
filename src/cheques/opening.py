"""Finding the cheque that a code opens, and slowing down whoever guesses."""

import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from cheques import codes
from cheques.models import Cheque, FailedTries

# How many failures are free: for a selector, for a block of addresses, for the whole site.
FREE = {"selector": 3, "block": 10, "site": 1000}
LONGEST_SECONDS = 3600
FORGOTTEN_AFTER = timedelta(days=1)


class UnknownCode(Exception):
    """No cheque has this code. The same for an unknown selector and for a wrong secret."""


class TooManyTries(Exception):
    """Typed codes wait until `until`. The QR works all the same."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def cheque_of_token(text: str) -> Cheque:
    """The cheque of a scanned "SELECTOR.TOKEN". Never slowed by typed failures. Raises UnknownCode, codes.NotAFragment."""
    scanned = codes.read_fragment(text)
    cheque = _by_selector(scanned.selector)
    digest = codes.token_digest(scanned.token, settings.CODE_PEPPER)
    if cheque is None or not hmac.compare_digest(digest, bytes(cheque.token_digest or b"")):
        raise UnknownCode
    return cheque


def cheque_of_code(text: str, *, address_block: str, now: datetime) -> Cheque:
    """The cheque of a typed code. A typo costs no try.

    Raises codes.WrongLength, codes.Mistyped, UnknownCode, TooManyTries.
    """
    typed = codes.read(text)
    subjects = {
        f"selector:{typed.selector}": FREE["selector"],
        f"block:{address_block}": FREE["block"],
        "site": FREE["site"],
    }
    waits = FailedTries.objects.filter(subject__in=subjects, wait_until__gt=now).values_list(
        "wait_until", flat=True
    )
    if waits:
        raise TooManyTries(max(waits))
    cheque = _by_selector(typed.selector)
    if cheque is None or cheque.salt is None or cheque.secret_digest is None:
        codes.burn(settings.CODE_PEPPER)
        right = False
    else:
        right = codes.verify_secret(
            typed.secret,
            salt=bytes(cheque.salt),
            digest=bytes(cheque.secret_digest),
            pepper=settings.CODE_PEPPER,
        )
    if cheque is None or not right:
        for subject, free in subjects.items():
            _count_failure(subject, free, now)
        raise UnknownCode
    return cheque


def _by_selector(selector: str) -> Cheque | None:
    known = Cheque.objects.select_related("run__rules__programme__organisation", "dwelling", "purse")
    return known.filter(selector=selector).first()


def _count_failure(subject: str, free: int, now: datetime) -> None:
    # One statement, so that many at once are all counted. From the first that is not free the waits double.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO cheques_failedtries AS t (subject, failures, wait_until) VALUES (%(subject)s, 1, %(now)s)
            ON CONFLICT (subject) DO UPDATE SET
                failures = CASE WHEN t.wait_until < %(forgotten)s THEN 1 ELSE t.failures + 1 END,
                wait_until = %(now)s + CASE
                    WHEN t.wait_until < %(forgotten)s OR t.failures + 1 <= %(free)s THEN interval '0'
                    ELSE least(interval '15 seconds' * power(2, least(t.failures - %(free)s, 20)),
                               make_interval(secs => %(longest)s)) END
            """,
            {
                "subject": subject,
                "now": now,
                "free": free,
                "longest": LONGEST_SECONDS,
                "forgotten": now - FORGOTTEN_AFTER,
            },
        )
