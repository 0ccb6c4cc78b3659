"""What everybody may see of the seals: heads, who signed them, whose keys they are, and what is not sealed yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Q, QuerySet

from ledger.models import Entry, Key, Seal, Signature, Transfer

HEAD_DIGITS = 64
FEWEST_DIGITS = 6  # of a head that is looked for
MOST_FOUND = 25
# An entry is sealed within a minute, unless a transaction lasts long. After this something is wrong.
LATE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Backlog:
    """What is not sealed yet: how many entries, and when the first of them was booked (None when there is none)."""

    entries: int
    since: datetime | None

    def is_late(self, now: datetime) -> bool:
        return self.since is not None and now - self.since > LATE_AFTER


def heads() -> QuerySet[Seal]:
    """Newest first, without the leaves of their entries: those are megabytes."""
    return Seal.objects.defer("entry_ids", "leaves").order_by("-number")


def newest(*, before: datetime | None = None) -> Seal | None:
    """`before`: the newest of those that were made before then."""
    found = heads()
    return (found if before is None else found.filter(sealed_at__lt=before)).first()


def latest_head(*, using: str = "default") -> str | None:
    """In hexadecimal, to be printed; None while nothing is sealed."""
    seal = heads().using(using).first()
    return None if seal is None else bytes(seal.head).hex()


def sought(text: str) -> list[Seal]:
    """By number, or by the first digits of a head: six or more."""
    typed = "".join(text.split()).lower()
    found = Q(pk__in=[])
    if typed.isascii() and typed.isdecimal() and len(typed) < 18:
        found |= Q(number=int(typed))
    if FEWEST_DIGITS <= len(typed) <= HEAD_DIGITS and set(typed) <= set("0123456789abcdef"):
        ends = [bytes.fromhex(typed.ljust(HEAD_DIGITS, digit)) for digit in "0f"]
        found |= Q(head__range=ends)
    return list(heads().filter(found)[:MOST_FOUND])


def lines(*, after: int, most: int) -> list[str]:
    """The lines of the seals that follow one, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_seal_line(s) FROM ledger_seal s WHERE s.number > %s ORDER BY s.number LIMIT %s",
            [after, most],
        )
        return [line for (line,) in cursor.fetchall()]


def signatures(number: int) -> list[Signature]:
    """Under a seal: the operator's, then those of witnesses. Each with its key."""
    found = Signature.objects.filter(seal_id=number).select_related("key")
    return list(found.order_by("key__witness", "key_id"))


def operator_keys() -> list[Key]:
    """Newest first; the old ones stay, to check what they signed."""
    return list(Key.objects.filter(witness=False).order_by("-pk"))


def witnesses() -> QuerySet[Key]:
    """Each with the last seal that it `signed` (None: none yet), and when. Those that still sign come first."""
    found = Key.objects.filter(witness=True)
    found = found.annotate(signed=Max("signatures__seal_id"), signed_last=Max("signatures__signed_at"))
    return found.order_by("-until", "holder", "pk")


def backlog() -> Backlog:
    last = Seal.objects.order_by("-number").values_list("last_entry_id", flat=True).first() or 0
    waiting = Entry.objects.filter(pk__gt=last)
    first = waiting.order_by("pk").values_list("booked_at", flat=True).first()
    return Backlog(waiting.count() if first else 0, first)


def is_sealed(account_ids: Collection[int]) -> bool:
    """Whether all that was booked on these accounts is in a seal, and there is something."""
    touched = Q(debit_id__in=account_ids) | Q(credit_id__in=account_ids)
    last_booked = Transfer.objects.filter(touched).aggregate(last=Max("entry_id"))["last"]
    last_sealed = Seal.objects.order_by("-number").values_list("last_entry_id", flat=True).first()
    return last_booked is not None and last_sealed is not None and last_booked <= last_sealed
