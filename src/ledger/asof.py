"""The books as they stood: up to a day on which things count, and as booked up to a moment.

From the totals of days, the lines since (the worker adds them up every few minutes), and for a moment the lines of its own
day. So what is read grows with the days and not with the lines; an account of one cheque or purse has few lines, which are
added up themselves. Everything of one answer is read by one statement, so from one state of totals and lines.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connections

from ledger.queries import TrialLine

# Of so many accounts the largest come first; of more the first by name, since to find the largest is to look at all of them.
MOST_SORTED = 1_000

# Which days' totals are wholly before the moment, and which lines are not after it.
WHOLE_DAYS = "(%(moment)s::timestamptz IS NULL OR d.booked_on < ledger_day(%(moment)s))"
BOOKED = "(%(moment)s::timestamptz IS NULL OR e.booked_at <= %(moment)s)"
THE_DAY = "d.booked_on = ledger_day(%(moment)s::timestamptz)"
ON_THE_DAY = "(r.booked_on IS NULL OR e.booked_at >= ledger_day_begins(r.booked_on))"

# The planner takes a stretch of lines for more than it is, and would read all lines or all entries once for it. So (OFFSET 0)
# lines are looked up by their numbers, and the entry of each by itself.
NEXT = "(SELECT s.up_to_transfer_id + 1 FROM ledger_summed s)"
ENTRY = "CROSS JOIN LATERAL (SELECT * FROM ledger_entry e WHERE e.id = t.entry_id OFFSET 0) AS e"
MOVED_OF_CODES = f"""
SELECT d.code, d.effective_on, d.debit_cents AS debit, d.credit_cents AS credit
FROM ledger_codeday d WHERE d.fund_id = ANY(%(funds)s) AND d.effective_on <= %(until)s AND {WHOLE_DAYS}
UNION ALL
SELECT a.code, e.effective_on, moved.debit, moved.credit
FROM (SELECT {NEXT} AS first, 9223372036854775807 AS last, NULL::date AS booked_on
      UNION ALL
      SELECT min(d.first_transfer_id), max(d.last_transfer_id), d.booked_on
      FROM ledger_codeday d WHERE d.fund_id = ANY(%(funds)s) AND {THE_DAY} GROUP BY d.booked_on) AS r
CROSS JOIN LATERAL (SELECT * FROM ledger_transfer t WHERE t.id BETWEEN r.first AND r.last OFFSET 0) AS t
{ENTRY}
CROSS JOIN LATERAL (VALUES (t.debit_id, t.amount_cents, 0::bigint), (t.credit_id, 0::bigint, t.amount_cents))
    AS moved(account_id, debit, credit)
JOIN ledger_account a ON a.id = moved.account_id
WHERE t.fund_id = ANY(%(funds)s) AND e.effective_on <= %(until)s AND {BOOKED} AND {ON_THE_DAY}
"""
# The lines of one account within a stretch of numbers.
STRETCH = """
SELECT t.id, t.entry_id, t.credit_id AS other_id, t.amount_cents AS debit, 0::bigint AS credit
FROM ledger_transfer t WHERE t.debit_id = r.account_id AND t.id BETWEEN r.first AND r.last
UNION ALL
SELECT t.id, t.entry_id, t.debit_id, 0::bigint, t.amount_cents
FROM ledger_transfer t WHERE t.credit_id = r.account_id AND t.id BETWEEN r.first AND r.last
"""
NOT_SUMMED = f"""
SELECT a.id AS account_id, CASE WHEN ledger_gets_long(a.code) THEN {NEXT} ELSE 0 END AS first,
       9223372036854775807 AS last, NULL::date AS booked_on
FROM ledger_account a WHERE a.id = ANY(%(accounts)s)
"""
MOVED_OF_ACCOUNTS = f"""
SELECT d.account_id, d.effective_on, d.debit_cents AS debit, d.credit_cents AS credit, d.lines
FROM ledger_accountday d WHERE d.account_id = ANY(%(accounts)s) AND d.effective_on <= %(until)s AND {WHOLE_DAYS}
UNION ALL
SELECT r.account_id, e.effective_on, t.debit, t.credit, 1
FROM ({NOT_SUMMED}
      UNION ALL
      SELECT d.account_id, min(d.first_transfer_id), max(d.last_transfer_id), d.booked_on
      FROM ledger_accountday d WHERE d.account_id = ANY(%(accounts)s) AND {THE_DAY}
      GROUP BY d.account_id, d.booked_on) AS r
CROSS JOIN LATERAL ({STRETCH}) AS t
{ENTRY}
WHERE e.effective_on <= %(until)s AND {BOOKED} AND {ON_THE_DAY}
"""
SUMS = """
coalesce(sum(m.debit - m.credit) FILTER (WHERE m.effective_on < %(since)s), 0)::bigint AS opening,
coalesce(sum(m.debit) FILTER (WHERE m.effective_on >= %(since)s), 0)::bigint AS debit,
coalesce(sum(m.credit) FILTER (WHERE m.effective_on >= %(since)s), 0)::bigint AS credit
"""
BY_CODE = f"""
SELECT sums.code, there.accounts, there.first_id,
       sums.opening * CASE WHEN k.debit_side THEN 1 ELSE -1 END, sums.debit, sums.credit
FROM (SELECT m.code, {SUMS} FROM ({MOVED_OF_CODES}) AS m GROUP BY m.code) AS sums
JOIN ledger_kind k ON k.code = sums.code
CROSS JOIN LATERAL (
    SELECT count(*) AS accounts, min(one.id) AS first_id
    FROM (SELECT a.id FROM ledger_account a
          WHERE a.code = sums.code AND a.fund_id = ANY(%(funds)s) LIMIT {MOST_SORTED + 1}) AS one
) AS there
WHERE sums.opening <> 0 OR sums.debit > 0 OR sums.credit > 0 ORDER BY sums.code
"""
OF_ACCOUNTS = f"""
SELECT a.id, a.code, a.fund_id, a.key, a.name, coalesce(sums.opening, 0) * CASE WHEN a.debit_side THEN 1 ELSE -1 END,
       coalesce(sums.debit, 0), coalesce(sums.credit, 0)
FROM ledger_account a
LEFT JOIN (SELECT m.account_id, {SUMS} FROM ({MOVED_OF_ACCOUNTS}) AS m GROUP BY m.account_id) AS sums ON sums.account_id = a.id
WHERE a.id = ANY(%(accounts)s)
"""
# Each transfer is two lines, of one fund.
TRANSFERS = f"""
SELECT (coalesce((SELECT sum(d.lines) FROM ledger_codeday d
                  WHERE d.fund_id = ANY(%(funds)s) AND d.effective_on BETWEEN %(since)s AND %(until)s), 0) / 2)::bigint
    + (SELECT count(*)
       FROM (SELECT {NEXT} AS first) AS r
       CROSS JOIN LATERAL (SELECT * FROM ledger_transfer t WHERE t.id >= r.first OFFSET 0) AS t
       {ENTRY}
       WHERE t.fund_id = ANY(%(funds)s) AND e.effective_on BETWEEN %(since)s AND %(until)s)
"""
# By the index of funds, codes and keys, fund by fund.
UNDER_CODE = """
SELECT a.id FROM unnest(%(funds)s::bigint[]) AS f(id)
CROSS JOIN LATERAL (SELECT a.id, a.key FROM ledger_account a WHERE a.fund_id = f.id AND a.code = %(code)s
                    ORDER BY a.key LIMIT %(limit)s + %(offset)s) AS a
ORDER BY f.id, a.key LIMIT %(limit)s OFFSET %(offset)s
"""

ALL_ACCOUNTS = "SELECT a.id FROM ledger_account a WHERE a.fund_id = ANY(%(funds)s) ORDER BY a.code, a.fund_id, a.key, a.id"


@dataclass(frozen=True)
class CodeTotal:
    """A row of the trial balance for all accounts of one code. `line` has the amounts in cents; only its code counts besides.

    `accounts`: how many there are, counted up to one more than MOST_SORTED; `account_id` is one of them.
    """

    accounts: int
    account_id: int
    line: TrialLine


@dataclass(frozen=True)
class Under:
    """Some of the accounts of one code. `count`: of all of them, None where they are too many to count."""

    lines: list[TrialLine]
    count: int | None
    more: bool


def rows(sql: str, parameters: dict[str, Any], using: str) -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def trial_by_code(
    *,
    fund_ids: Collection[int],
    since: date,
    until: date,
    booked_by: datetime | None = None,
    using: str = "default",
) -> list[CodeTotal]:
    """The trial balance in a row per code, without codes on which nothing stood or moved.

    By effective date, both days included. `booked_by`: as the books stood at that moment; None is now.
    """
    period = {"funds": list(fund_ids), "since": since, "until": until, "moment": booked_by}
    return [
        CodeTotal(accounts, account_id, TrialLine(account_id, code, 0, "", "", opening, debit, credit))
        for code, accounts, account_id, opening, debit, credit in rows(BY_CODE, period, using)
    ]


def trial_of_accounts(
    *,
    account_ids: Collection[int],
    since: date,
    until: date,
    booked_by: datetime | None = None,
    using: str = "default",
) -> list[TrialLine]:
    """A row for each of these accounts, in no order. By effective date, both days included."""
    period = {"accounts": list(account_ids), "since": since, "until": until, "moment": booked_by}
    return [TrialLine(*row) for row in rows(OF_ACCOUNTS, period, using)]


def trial_by_account(
    *,
    fund_ids: Collection[int],
    since: date,
    until: date,
    booked_by: datetime | None = None,
    using: str = "default",
) -> Iterator[TrialLine]:
    """A row for every account of these funds, by code, fund and key; a thousand in memory at a time. Inside one snapshot."""
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(ALL_ACCOUNTS, {"funds": list(fund_ids)})
        while some := cursor.fetchmany(MOST_SORTED):
            place = {pk: number for number, (pk,) in enumerate(some)}
            found = trial_of_accounts(
                account_ids=place, since=since, until=until, booked_by=booked_by, using=using
            )
            yield from sorted(found, key=lambda line: place[line.account_id])


def trial_of_code(
    *,
    fund_ids: Collection[int],
    code: int,
    since: date,
    until: date,
    limit: int,
    offset: int = 0,
    booked_by: datetime | None = None,
    using: str = "default",
) -> Under:
    """The accounts under one code: the largest closing balance first and none without money, when they are few enough."""
    under: dict[str, Any] = {"funds": sorted(fund_ids), "code": code, "offset": 0, "limit": MOST_SORTED + 1}

    def lines_of(ids: list[int]) -> list[TrialLine]:
        return trial_of_accounts(account_ids=ids, since=since, until=until, booked_by=booked_by, using=using)

    ids = [pk for (pk,) in rows(UNDER_CODE, under, using)]
    if len(ids) <= MOST_SORTED:
        found = [one for one in lines_of(ids) if one.opening_cents or one.debit_cents or one.credit_cents]
        found.sort(key=lambda one: (-abs(one.closing_cents), one.name, one.account_id))
        return Under(found[offset : offset + limit], len(found), len(found) > offset + limit)
    ids = [pk for (pk,) in rows(UNDER_CODE, under | {"limit": limit + 1, "offset": offset}, using)]
    place = {pk: number for number, pk in enumerate(ids)}
    found = sorted(lines_of(ids[:limit]), key=lambda one: place[one.account_id])
    return Under(found, None, len(ids) > limit)


def transfer_count(*, fund_ids: Collection[int], since: date, until: date) -> int:
    """How many transfers of these funds lie in these days, both included."""
    [(count,)] = rows(TRANSFERS, {"funds": list(fund_ids), "since": since, "until": until}, "default")
    return int(count)


EVER: Final = date.max


def balances(
    *,
    account_ids: Collection[int],
    on: date = EVER,
    booked_by: datetime | None = None,
    using: str = "default",
) -> dict[int, int]:
    """Account id -> balance in cents on its own side, at the end of a day, as booked up to a moment."""
    found = trial_of_accounts(
        account_ids=account_ids, since=date.min, until=on, booked_by=booked_by, using=using
    )
    return {line.account_id: line.closing_cents for line in found}
