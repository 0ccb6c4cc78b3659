"""What the files are made of: transfers in the order of the books, read by the reader's role from one snapshot."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from django.db import connections, transaction
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from ledger.models import Transfer

READER = "reader"
AT_ONCE = 2000

Told = Callable[[int], object]
"""Called while a file is written, with the number of transfers since the last call. What it raises ends the writing."""


class Row(NamedTuple):
    """A transfer with its entry and accounts, without words of people. The names are empty unless they were asked for."""

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
    fund_name: str = ""
    debit_name: str = ""
    credit_name: str = ""
    made_by_name: str | None = None
    approved_by_name: str | None = None


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


def _person(field: str) -> Coalesce:
    """As a person is called on the pages too: by name, else by e-mail address."""
    return Coalesce(NullIf(F(f"{field}__name"), Value("")), F(f"{field}__email"), output_field=CharField())


NAMES = (
    "fund__name",
    "debit__name",
    "credit__name",
    _person("entry__made_by"),
    _person("entry__approved_by"),
)


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read inside is of the same moment, so that totals written first fit the lines that follow.

    Inside another such moment it is that one.
    """
    if connections[READER].in_atomic_block:
        yield
        return
    with transaction.atomic(using=READER, durable=True):
        with connections[READER].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def transfers(*, fund_ids: Collection[int] | None) -> QuerySet[Transfer]:
    """The transfers of these funds, or of all."""
    found = Transfer.objects.using(READER)
    return found if fund_ids is None else found.filter(fund_id__in=fund_ids)


def rows(found: QuerySet[Transfer], *, told: Told | None = None, names: bool = False) -> Iterator[Row]:
    """In the order of the books, a few thousand in memory at a time. `names`: also of funds, accounts and people."""
    ordered = found.order_by("entry_id", "pk").values_list(*COLUMNS, *(NAMES if names else ()))
    for number, values in enumerate(ordered.iterator(chunk_size=AT_ONCE), start=1):
        yield Row(*values)
        if told is not None and number % AT_ONCE == 0:
            told(AT_ONCE)
