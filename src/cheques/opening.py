"""Finding the cheque that a code opens, and slowing down whoever guesses, or asks anything else too often."""

import hmac
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from cheques import codes
from cheques.models import Cheque, FailedTries

logger = logging.getLogger(__name__)

# How many failures are free: for a selector, for a block of addresses, for the whole site.
FREE = {"selector": 3, "block": 10, "site": 1000}
LONGEST_SECONDS = 3600
FORGOTTEN_AFTER = timedelta(days=1)
# Strangers can make the whole site wait. So no wait of the site is longer than this, and after it the site is open at least
# as long; and its failures halve every hour.
SITE_SECONDS = 3
SITE_HALVES_SECONDS = 3600


class UnknownCode(Exception):
    """No cheque has this code. The same for an unknown selector and for a wrong secret."""


class TooManyTries(Exception):
    """No more until `until`. For typed codes: the QR works all the same."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    def minutes(self, now: datetime) -> int:
        """How long to wait from now, rounded up."""
        return max(1, -int(-(self.until - now).total_seconds() // 60))


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
    subjects = {f"selector:{typed.selector}": FREE["selector"], f"block:{address_block}": FREE["block"]}
    check_wait([*subjects, "site"], now)
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
            count_try(subject, free, now)
        _count_at_site(now)
        raise UnknownCode
    return cheque


def _by_selector(selector: str) -> Cheque | None:
    known = Cheque.objects.select_related("run__rules__programme__organisation", "dwelling", "purse")
    return known.filter(selector=selector).first()


def check_wait(subjects: Iterable[str], now: datetime) -> None:
    """Raises TooManyTries where one of these tried so often that it waits."""
    waits = FailedTries.objects.filter(subject__in=list(subjects), wait_until__gt=now).values_list(
        "wait_until", flat=True
    )
    if waits:
        raise TooManyTries(max(waits))


def count_try(subject: str, free: int, now: datetime) -> None:
    """One more; after the first `free` ones each makes the subject wait, twice as long as the one before."""
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


def _count_at_site(now: datetime) -> None:
    """One more wrong code at the whole site. More than are free there is an alarm, and slows everybody's typing a little."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO cheques_failedtries AS t (subject, failures, wait_until) VALUES ('site', 1, %(now)s)
            ON CONFLICT (subject) DO UPDATE SET (failures, wait_until) = (
                SELECT left_over + 1, CASE
                    WHEN left_over + 1 <= %(free)s THEN greatest(t.wait_until, %(now)s)
                    WHEN t.wait_until > %(now)s - make_interval(secs => %(wait)s) THEN t.wait_until
                    ELSE %(now)s + make_interval(secs => %(wait)s) END
                FROM (SELECT t.failures * power(
                    0.5, least(greatest(extract(epoch FROM %(now)s - t.wait_until), 0) / %(halves)s, 100)
                )::double precision AS left_over) AS faded)
            RETURNING failures
            """,
            {
                "now": now,
                "free": FREE["site"],
                "wait": SITE_SECONDS,
                "halves": SITE_HALVES_SECONDS,
            },
        )
        (failures,) = cursor.fetchone()
    if failures - 1 <= FREE["site"] < failures:
        logger.error("more than %s wrong codes were typed: somebody is guessing", FREE["site"])


def forget_failures(*, now: datetime) -> None:
    """Takes away failures so long ago that the next would count as the first."""
    FailedTries.objects.filter(wait_until__lt=now - FORGOTTEN_AFTER).delete()
