"""An account over a period, by effective date: what stood there, what moved, what stands there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from django.db import connections, transaction

from ledger import asof
from ledger.models import Account
from ledger.queries import AccountLine

AT_ONCE = 2000
PAGE_LINES = 50

SIGNED = "CASE WHEN (t.debit_id = a.id) = a.debit_side THEN t.amount_cents ELSE -t.amount_cents END"
TOTALS = f"""
SELECT {asof.SUMS}, coalesce(sum(m.lines) FILTER (WHERE m.effective_on >= %(since)s), 0)::bigint
FROM ({asof.MOVED_OF_ACCOUNTS}) AS m
"""
LINES = f"""
SELECT t.id, t.entry_id, e.kind, e.source, e.effective_on, e.booked_at, other.code, other.id, other.name,
       CASE WHEN t.debit_id = a.id THEN t.amount_cents ELSE 0 END,
       CASE WHEN t.credit_id = a.id THEN t.amount_cents ELSE 0 END,
       (%(opening)s + sum({SIGNED}) OVER (ORDER BY e.effective_on, t.id))::bigint
FROM ledger_account a
JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
JOIN ledger_entry e ON e.id = t.entry_id
JOIN ledger_account other ON other.id = CASE WHEN t.debit_id = a.id THEN t.credit_id ELSE t.debit_id END
WHERE a.id = %(account)s AND e.effective_on BETWEEN %(since)s AND %(until)s AND {asof.BOOKED}
ORDER BY e.effective_on, t.id
"""

# A page of a long account. First: on which days its lines lie, by how many lines days have.
DAYS = f"""
SELECT d.effective_on, sum(d.lines) FILTER (WHERE {asof.WHOLE_DAYS}) FROM ledger_accountday d
WHERE d.account_id = %(account)s AND d.effective_on BETWEEN %(first_day)s AND %(last_day)s
  AND ({asof.WHOLE_DAYS} OR {asof.THE_DAY})
GROUP BY d.effective_on ORDER BY d.effective_on {{way}} LIMIT %(limit)s + 1
"""
# Then of each pair of those days the first lines, and what is not in the totals yet. In the day of the edge it starts there.
OF_DAY = f"""
SELECT t.*, e.effective_on FROM ({asof.STRETCH}) AS t {asof.ENTRY}
WHERE e.effective_on = r.effective_on AND {{beyond}}
  AND e.booked_at >= ledger_day_begins(r.booked_on) AND e.booked_at < ledger_day_begins(r.booked_on + 1) AND {asof.BOOKED}
"""
NOT_SUMMED = f"""
SELECT t.*, e.effective_on FROM ({asof.NOT_SUMMED}) AS r CROSS JOIN LATERAL ({asof.STRETCH}) AS t {asof.ENTRY}
WHERE e.effective_on BETWEEN %(first_day)s AND %(last_day)s AND {{beyond}} AND {asof.BOOKED}
"""
PAGE = f"""
WITH line AS MATERIALIZED (
    SELECT t.* FROM (
        SELECT d.account_id, d.effective_on, d.booked_on,
               CASE WHEN d.effective_on = %(day)s AND {{forwards}} THEN greatest(d.first_transfer_id, %(id)s + 1)
                    ELSE d.first_transfer_id END AS first,
               CASE WHEN d.effective_on = %(day)s AND NOT {{forwards}} THEN least(d.last_transfer_id, %(id)s - 1)
                    ELSE d.last_transfer_id END AS last
        FROM ledger_accountday d
        WHERE d.account_id = %(account)s AND d.effective_on BETWEEN %(first_day)s AND %(last_day)s
          AND ({asof.WHOLE_DAYS} OR {asof.THE_DAY})) AS r
    CROSS JOIN LATERAL ({OF_DAY} ORDER BY t.id {{way}} LIMIT %(limit)s) AS t
    UNION ALL
    ({NOT_SUMMED} ORDER BY e.effective_on {{way}}, t.id {{way}} LIMIT %(limit)s)
    ORDER BY effective_on {{way}}, id {{way}} LIMIT %(limit)s)
SELECT t.id, t.entry_id, e.kind, e.source, e.effective_on, e.booked_at, other.code, other.id, other.name, t.debit, t.credit
FROM line t JOIN ledger_entry e ON e.id = t.entry_id JOIN ledger_account other ON other.id = t.other_id
ORDER BY e.effective_on, t.id
"""
# What stood there before a line: the days before, and of its own day what comes before it.
BEFORE = f"""
SELECT coalesce(sum(m.debit - m.credit), 0)::bigint FROM (
    SELECT m.debit, m.credit FROM ({asof.MOVED_OF_ACCOUNTS}) AS m WHERE m.effective_on < %(until)s
    UNION ALL
    SELECT t.debit, t.credit
    FROM (SELECT d.account_id, d.effective_on, d.booked_on, d.first_transfer_id AS first,
                 least(d.last_transfer_id, %(id)s - 1) AS last
          FROM ledger_accountday d WHERE d.account_id = %(account)s AND d.effective_on = %(until)s) AS r
    CROSS JOIN LATERAL ({OF_DAY.format(beyond="true")}) AS t
    UNION ALL
    SELECT t.debit, t.credit FROM ({NOT_SUMMED.format(beyond="t.id < %(id)s")}) AS t) AS m
"""


@dataclass(frozen=True)
class Statement:
    """Amounts in cents; the two balances count on the account's own side. `lines`: how many there are. Both days included.

    `booked_by`: as the books stood at that moment; None is now.
    """

    account: Account
    since: date
    until: date
    booked_by: datetime | None
    opening_cents: int
    debit_cents: int
    credit_cents: int
    lines: int

    @property
    def closing_cents(self) -> int:
        moved = self.debit_cents - self.credit_cents
        return self.opening_cents + (moved if self.account.debit_side else -moved)


@dataclass(frozen=True)
class Place:
    """Where a line stands in a statement: they are in the order of their days, then of their numbers."""

    day: date
    transfer_id: int


def place_of(line: AccountLine) -> Place:
    return Place(line.effective_on, line.transfer_id)


@dataclass(frozen=True)
class Page:
    """Some lines of a statement. `opening_cents`: before the first of them. `earlier`, `later`: whether there are more there."""

    lines: list[AccountLine]
    opening_cents: int
    earlier: bool
    later: bool


LAST_ID: Final = 2**63 - 2


def statement(
    *,
    account_id: int,
    since: date,
    until: date,
    booked_by: datetime | None = None,
    using: str = "default",
) -> Statement:
    """The balances of a period and what lies between them. Raises Account.DoesNotExist."""
    account = Account.objects.using(using).select_related("fund__organisation").get(pk=account_id)
    period = {"accounts": [account_id], "since": since, "until": until, "moment": booked_by}
    [(opening, debit, credit, count)] = asof.rows(TOTALS, period, using)
    own_side = opening if account.debit_side else -opening
    return Statement(account, since, until, booked_by, own_side, debit, credit, count)


def page(
    found: Statement,
    *,
    after: Place | None = None,
    before: Place | None = None,
    last: bool = False,
    limit: int = PAGE_LINES,
    using: str = "default",
) -> Page:
    """Some of its lines in their order, each with the balance after it. The last page takes as long as the first.

    The first ones, those after or before a line, or the last ones.
    """
    forwards = before is None and not last
    edge = after or before or (Place(found.since, 0) if forwards else Place(found.until, LAST_ID))
    parameters: dict[str, Any] = {
        "account": found.account.pk,
        "accounts": [found.account.pk],
        "day": edge.day,
        "id": edge.transfer_id,
        "first_day": max(edge.day, found.since) if forwards else found.since,
        "last_day": found.until if forwards else min(edge.day, found.until),
        "moment": found.booked_by,
        "limit": limit + 1,  # to know whether there are more
    }
    way: dict[str, str] = {
        "way": "ASC" if forwards else "DESC",
        "forwards": str(forwards).lower(),
        "beyond": f"(e.effective_on, t.id) {'>' if forwards else '<'} (%(day)s, %(id)s)",
    }
    end: Literal["last_day", "first_day"] = "last_day" if forwards else "first_day"
    parameters[end] = _far_enough(
        asof.rows(DAYS.format(**way), parameters, using), edge, parameters[end], limit + 1
    )
    lines = asof.rows(PAGE.format(**way), parameters, using)
    more = len(lines) > limit
    if more:
        lines = lines[:limit] if forwards else lines[1:]
    if not lines:
        return Page([], found.opening_cents, earlier=False, later=False)
    start = {"until": lines[0][4], "first_day": lines[0][4], "last_day": lines[0][4], "id": lines[0][0]}
    [(cents,)] = asof.rows(BEFORE, parameters | start, using)
    side = 1 if found.account.debit_side else -1
    opening, result = side * cents, []
    for line in lines:
        cents += line[9] - line[10]
        result.append(AccountLine(*(*line, side * cents)))
    return Page(
        result,
        opening,
        earlier=after is not None if forwards else more,
        later=more if forwards else before is not None,
    )


def _far_enough(days: list[tuple[date, int | None]], edge: Place, end: date, limit: int) -> date:
    """The day by which there are enough lines for a page. What is left of the edge's own day does not count."""
    count = 0
    for day, lines in days:
        count += (lines or 0) if day != edge.day else 0
        if count >= limit:
            return day
    # They end here, or at a day past all that were asked for: then each of them had a line.
    return end


def lines(found: Statement, *, using: str = "default") -> Iterator[AccountLine]:
    """All of them, in the order of the days, each with the balance after it. A few thousand in memory at a time."""
    parameters: dict[str, Any] = {
        "account": found.account.pk,
        "since": found.since,
        "until": found.until,
        "moment": found.booked_by,
        "opening": found.opening_cents,
    }
    with transaction.atomic(using=using), connections[using].chunked_cursor() as cursor:
        cursor.execute(LINES, parameters)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from (AccountLine(*row) for row in rows)
