"""What moved between groups of accounts, for who follows money through the books."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from ledger.chart import Code
from ledger.models import Account, Entry, Fund
from ledger.queries import NOT_UNDONE


@dataclass(frozen=True)
class Place:
    """An account by what it is for: `key` names its subject."""

    account_id: int
    fund_id: int
    code: int
    key: str


@dataclass(frozen=True)
class Moved:
    """What went into (`inward`) or out of a group of accounts of one code in one fund, from or to accounts of one code.

    `other`: the group of those accounts, else their subject. `source`: of the entries, where money came in from outside or
    was accounted for, each such source apart; empty elsewhere. `first_entry_id`: of the oldest of them.
    """

    group: str
    fund_id: int
    code: int
    inward: bool
    other_code: int
    other: str
    source: str
    kind: str
    cents: int
    times: int
    first_entry_id: int


# Groups of few accounts come in as two arrays; those of very many as a query that the database goes through by itself. Inward is
# the credit side, also for the memorandum of what is paid out: there `inward` says that something was accounted for.
MOVED = """
WITH grouped (account_id, label) AS MATERIALIZED (
    SELECT * FROM unnest(%s::bigint[], %s::text[]){many}
),
base AS MATERIALIZED (
    SELECT a.id, a.fund_id, a.code, g.label FROM grouped g JOIN ledger_account a ON a.id = g.account_id
    WHERE a.code = ANY(%s)
),
moved AS (
    SELECT b.label, b.fund_id, b.code, true AS inward, t.debit_id AS other_id, t.entry_id, t.amount_cents
    FROM base b JOIN ledger_transfer t ON t.credit_id = b.id
    UNION ALL
    SELECT b.label, b.fund_id, b.code, false, t.credit_id, t.entry_id, t.amount_cents
    FROM base b JOIN ledger_transfer t ON t.debit_id = b.id
)
SELECT m.label, m.fund_id, m.code, m.inward, o.code, coalesce(g.label, o.key),
       CASE WHEN o.code = ANY(%s) THEN e.source ELSE '' END, e.kind, sum(m.amount_cents)::bigint, count(*), min(e.id)
FROM moved m
JOIN ledger_entry e ON e.id = m.entry_id
JOIN ledger_account o ON o.id = m.other_id
LEFT JOIN grouped g ON g.account_id = m.other_id
WHERE {not_undone}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY min(e.id), 1, 2, 3, 4, 5, 6, 7
"""
APART = [int(Code.STRIPE_CLEARING), int(Code.UNACCOUNTED_CONTRA)]


def places(*, keys: Collection[str], codes: Collection[Code]) -> list[Place]:
    """The accounts of these subjects and codes, over all funds."""
    found = Account.objects.filter(key__in=keys, kind_id__in=[int(code) for code in codes])
    return [Place(*row) for row in found.order_by("pk").values_list("pk", "fund_id", "kind_id", "key")]


def places_of_fund(*, fund_id: int, codes: Collection[Code]) -> list[Place]:
    """The accounts of these codes in one fund."""
    found = Account.objects.filter(fund_id=fund_id, kind_id__in=[int(code) for code in codes])
    return [Place(*row) for row in found.order_by("pk").values_list("pk", "fund_id", "kind_id", "key")]


def moved(
    *,
    groups: Mapping[int, str],
    codes: Collection[Code],
    many: Sequence["QuerySet[Any, tuple[int, str]]"] = (),
) -> list[Moved]:
    """What moved on the accounts of these codes and was not undone, oldest first. `groups`: account id -> its group.

    `many`: the same as rows of queries, where there are too many accounts to bring here. No account stands in two groups.
    Accounts of other codes may be grouped too: they are named by their group where they are the other side.
    """
    found = [query.order_by().query.sql_with_params() for query in many]
    sql = MOVED.format(not_undone=NOT_UNDONE, many="".join(f" UNION ALL {one}" for one, _parameters in found))
    parameters: list[Any] = [list(groups), list(groups.values())]
    parameters += [value for _one, values in found for value in values]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, [int(code) for code in codes], APART])
        return [Moved(*row) for row in cursor.fetchall()]


def standing(*, keys: Collection[str]) -> dict[str, int]:
    """Key -> the id of its entry, for those that were booked and not undone."""
    found = Entry.objects.filter(key__in=keys, reverses__isnull=True, reversals__isnull=True)
    return dict(found.values_list("key", "pk"))


@dataclass(frozen=True)
class Owner:
    """Whose a fund is, and of what kind."""

    kind: str
    name: str
    organisation: str


def owners(*, fund_ids: Collection[int]) -> dict[int, Owner]:
    """Fund id -> whose it is."""
    found = Fund.objects.filter(pk__in=fund_ids).values_list("pk", "kind", "name", "organisation__name")
    return {pk: Owner(kind, name, organisation) for pk, kind, name, organisation in found}
