"""What a sample is drawn from: the transfers of some funds and days, in one order whatever the database returns first."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connections
from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import Coalesce

from ledger.chart import Code
from ledger.exports.reading import AT_ONCE, READER, Row, rows, transfers
from ledger.models import Seal, Transfer
from ledger.watermark import settled


class NotSettled(Exception):
    """Something is being booked that takes long, and its entries have numbers among those that were asked for."""


@dataclass(frozen=True)
class Population:
    """Both days included. `between`: only from this debit to this credit code. `up_to`: the last entry that counts.

    With `up_to` it stays the same while the books grow.
    """

    fund_ids: Collection[int]
    since: date
    until: date
    between: tuple[Code, Code] | None = None
    up_to: int | None = None


class Item(NamedTuple):
    """A transfer that can be drawn."""

    transfer_id: int
    amount_cents: int


@dataclass(frozen=True)
class Size:
    """How much there is. `last_entry_id` is 0 when there is nothing."""

    count: int
    total_cents: int
    last_entry_id: int


def final(*, up_to: int | None, patience: float) -> int:
    """The last entry of now, or this one, below which no other will ever come. `patience`: seconds. Raises NotSettled."""
    sealed = Seal.objects.using(READER).aggregate(last=Coalesce(Max("last_entry_id"), 0))["last"]
    if up_to is not None and up_to <= sealed:
        return up_to
    if read_on_a_replica():
        # It shows what was committed in that order, not in that of the numbers: a seal comes after all that is in it.
        last: int = sealed
    elif mark := settled(patience=patience):
        last = mark.up_to_entry_id
    else:
        raise NotSettled
    return last if up_to is None else min(last, up_to)


def read_on_a_replica() -> bool:
    with connections[READER].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return bool(cursor.fetchone()[0])


def _found(of: Population) -> QuerySet[Transfer]:
    found = transfers(fund_ids=of.fund_ids).filter(entry__effective_on__range=(of.since, of.until))
    if of.between is not None:
        debit, credit = of.between
        found = found.filter(debit__kind_id=int(debit), credit__kind_id=int(credit))
    return found if of.up_to is None else found.filter(entry_id__lte=of.up_to)


def size(of: Population) -> Size:
    found = _found(of).aggregate(
        count=Count("pk"), cents=Coalesce(Sum("amount_cents"), 0), last=Coalesce(Max("entry_id"), 0)
    )
    return Size(found["count"], int(found["cents"]), found["last"])


def items(of: Population) -> Iterator[Item]:
    """By transfer number, a few thousand in memory at a time. Inside `one_moment`, so that they fit `size`."""
    ordered = _found(of).order_by("pk").values_list("pk", "amount_cents")
    return (Item(*values) for values in ordered.iterator(chunk_size=AT_ONCE))


def known(transfer_ids: Collection[int]) -> dict[int, Row]:
    """Transfer id -> all that a reader sees of it, with names."""
    found = transfers(fund_ids=None).filter(pk__in=transfer_ids)
    return {row.transfer_id: row for row in rows(found, names=True)}
