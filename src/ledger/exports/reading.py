"""What the files are made of: transfers in the order of the books, read by the reader's role from one snapshot."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from django.db import connections, transaction
from django.db.models import QuerySet

from ledger.models import Transfer

READER = "reader"
AT_ONCE = 2000


class Row(NamedTuple):
    """A transfer with its entry and accounts, without words of people."""

    entry_id: int
    kind: str
    source: str
    effective_on: date
    booked_at: datetime
    made_by_id: int | None
    approved_by_id: int | None
    reverses_id: int | None
    transfer_id: int
    fund_id: int
    organisation_id: int
    debit_id: int
    debit_code: int
    debit_key: str
    credit_id: int
    credit_code: int
    credit_key: str
    amount_cents: int


COLUMNS = (
    "entry_id",
    "entry__kind",
    "entry__source",
    "entry__effective_on",
    "entry__booked_at",
    "entry__made_by_id",
    "entry__approved_by_id",
    "entry__reverses_id",
    "pk",
    "fund_id",
    "fund__organisation_id",
    "debit_id",
    "debit__kind_id",
    "debit__key",
    "credit_id",
    "credit__kind_id",
    "credit__key",
    "amount_cents",
)


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read inside is of the same moment, so that totals written first fit the lines that follow.

    Not inside another transaction of the reader.
    """
    with transaction.atomic(using=READER, durable=True):
        with connections[READER].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def transfers(*, fund_ids: Collection[int] | None) -> QuerySet[Transfer]:
    """The transfers of these funds, or of all."""
    found = Transfer.objects.using(READER)
    return found if fund_ids is None else found.filter(fund_id__in=fund_ids)


def rows(found: QuerySet[Transfer]) -> Iterator[Row]:
    """In the order of the books, a few thousand in memory at a time."""
    ordered = found.order_by("entry_id", "pk").values_list(*COLUMNS)
    return map(Row._make, ordered.iterator(chunk_size=AT_ONCE))
