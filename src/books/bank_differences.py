"""The ledger's 1000 beside the bank's statements, with the difference explained."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from books.differences import Explained, Line, Reason
from ledger.chart import Code

# What each entry moves on the accounts of one code, over all funds. A settlement between funds comes to nothing here.
# Account by account (OFFSET 0), or the planner reads all transfers for the few that are of the bank.
MOVED = """
account AS MATERIALIZED (
    SELECT a.id, a.debit_side, f.organisation_id
    FROM ledger_account a JOIN ledger_fund f ON f.id = a.fund_id WHERE a.code = %(code)s),
moved AS MATERIALIZED (
    SELECT entry_id, sum(cents)::bigint AS cents FROM (
        SELECT m.entry_id, m.amount_cents AS cents FROM account a
        CROSS JOIN LATERAL (SELECT * FROM ledger_transfer t WHERE t.debit_id = a.id OFFSET 0) AS m
        UNION ALL
        SELECT m.entry_id, -m.amount_cents FROM account a
        CROSS JOIN LATERAL (SELECT * FROM ledger_transfer t WHERE t.credit_id = a.id OFFSET 0) AS m) AS sides
    GROUP BY entry_id HAVING sum(cents) <> 0),
balance AS MATERIALIZED (
    SELECT organisation_id, sum(ledger_pooled_balance(id, debit_side))::bigint AS cents FROM account GROUP BY organisation_id)
"""

OWNERS = """
ARRAY(SELECT DISTINCT f.organisation_id FROM ledger_transfer t JOIN ledger_fund f ON f.id = t.fund_id WHERE t.entry_id = {entry})
"""

# One statement, so one moment: a statement of the bank that is taken in meanwhile is in all of it or in none.
BANK = """
WITH {moved},
line AS MATERIALIZED (
    SELECT l.*, CASE WHEN l.credit THEN l.amount_cents ELSE -l.amount_cents END AS cents FROM payments_bankline l),
statement AS MATERIALIZED (
    SELECT s.*, coalesce(sum(l.cents), 0)::bigint AS lines_cents,
           lag(s.closing_cents, 1, s.opening_cents) OVER (ORDER BY s.id) AS before_cents
    FROM (SELECT id, identification, opening_on, opening_cents, closing_on, closing_cents FROM payments_bankstatement) AS s
    LEFT JOIN line l ON l.statement_id = s.id
    GROUP BY s.id, s.identification, s.opening_on, s.opening_cents, s.closing_on, s.closing_cents),
first AS (SELECT * FROM statement ORDER BY id LIMIT 1),
unlined AS MATERIALIZED (
    SELECT m.entry_id, m.cents, e.key, e.kind, e.effective_on, e.reverses_id
    FROM moved m JOIN ledger_entry e ON e.id = m.entry_id
    WHERE NOT EXISTS (SELECT FROM line l WHERE l.entry_id = m.entry_id)),
opening AS (SELECT * FROM unlined WHERE key = 'bank opening'),
-- An entry and its reversal cancel each other, unless a line of the bank stands for one of them.
alone AS (
    SELECT * FROM unlined u WHERE key <> 'bank opening' AND NOT EXISTS (
        SELECT FROM unlined o WHERE o.key <> 'bank opening' AND (o.entry_id = u.reverses_id OR o.reverses_id = u.entry_id)))
SELECT 'ledger' AS what, cents, NULL::date AS "on", NULL::bigint AS booked_cents, NULL::bigint AS stated_cents,
       organisation_id AS entry_id, '' AS kind, NULL::bigint AS bank_line_id, '' AS statement, NULL::bigint AS number,
       NULL::date AS booked_on, NULL::bigint[] AS owners
FROM balance
UNION ALL
SELECT 'first', opening_cents, opening_on, NULL, NULL, NULL, '', NULL, identification, NULL, NULL, NULL FROM first
UNION ALL
(SELECT 'last', closing_cents, closing_on, NULL, NULL, NULL, '', NULL, identification, NULL, NULL, NULL
 FROM statement ORDER BY id DESC LIMIT 1)
UNION ALL
SELECT 'lines', coalesce(sum(cents), 0)::bigint, NULL, coalesce(sum(cents) FILTER (WHERE credit), 0)::bigint,
       coalesce(sum(cents) FILTER (WHERE NOT credit), 0)::bigint, NULL, '', NULL, '', NULL, NULL, NULL
FROM line
UNION ALL
SELECT '{reason.NO_LINE}', cents, effective_on, cents, NULL, entry_id, kind, NULL, '', NULL, NULL,
       {owners_of_alone} FROM alone
UNION ALL
SELECT CASE WHEN m.cents IS NULL THEN '{reason.LINE_NOT_BOOKED}'
            WHEN m.cents <> l.cents THEN '{reason.LINE_AMOUNT}' ELSE '{reason.OTHER_DAY}' END,
       coalesce(m.cents, 0) - l.cents, l.booked_on, m.cents, l.cents, l.entry_id, e.kind, l.id,
       s.identification, l.position, e.effective_on, {owners_of_line}
FROM line l
JOIN ledger_entry e ON e.id = l.entry_id
JOIN payments_bankstatement s ON s.id = l.statement_id
LEFT JOIN moved m ON m.entry_id = l.entry_id
WHERE m.cents IS DISTINCT FROM l.cents OR e.effective_on <> l.booked_on
UNION ALL
SELECT '{reason.OPENING}', coalesce(o.cents, 0) - coalesce(f.opening_cents, 0), f.opening_on, o.cents,
       f.opening_cents, o.entry_id, coalesce(o.kind, ''), NULL, coalesce(f.identification, ''), NULL, NULL, NULL
FROM (SELECT 1) AS one LEFT JOIN first f ON true LEFT JOIN opening o ON true
WHERE coalesce(o.cents, 0) <> coalesce(f.opening_cents, 0)
UNION ALL
SELECT '{reason.GAP}', before_cents - opening_cents, opening_on, before_cents, opening_cents, NULL, '', NULL,
       identification, NULL, NULL, NULL
FROM statement WHERE opening_cents <> before_cents
UNION ALL
SELECT '{reason.SUM}', opening_cents + lines_cents - closing_cents, closing_on, opening_cents + lines_cents, closing_cents,
       NULL, '', NULL, identification, NULL, NULL, NULL
FROM statement WHERE opening_cents + lines_cents <> closing_cents
UNION ALL
SELECT '{reason.KEPT_BALANCE}', kept - listed, NULL, kept, listed, NULL, '', NULL, '', NULL, NULL, NULL
FROM (SELECT coalesce((SELECT sum(cents) FROM balance), 0)::bigint AS kept,
             coalesce((SELECT sum(cents) FROM moved), 0)::bigint AS listed) AS sums
WHERE kept <> listed
ORDER BY 3, 6, 8
"""


@dataclass(frozen=True)
class BankExplained(Explained):
    """From the first statement's opening balance, with what came in and what went out, to the last one's closing balance.

    `other_days`: lines that are booked for their amount and not on their day, since that was closed by then.
    No statement yet: `closing_on` is None.
    """

    opening_cents: int
    received_cents: int
    sent_cents: int
    statement: str
    closing_on: date | None
    other_days: tuple[Line, ...]


def bank_explained() -> BankExplained:
    """All of it, of all organisations: see `differences.seen_by`. Raises NotExplained."""
    with connection.cursor() as cursor:
        cursor.execute(
            BANK.format(
                moved=MOVED,
                reason=Reason,
                owners_of_alone=OWNERS.format(entry="alone.entry_id"),
                owners_of_line=OWNERS.format(entry="l.entry_id"),
            ),
            {"code": int(Code.BANK)},
        )
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["what"]].append(row)
    first, last = (next(iter(found[what]), None) for what in ("first", "last"))
    (lines,) = found["lines"]
    differing = [_line(row) for row in rows if row["what"] in set(Reason)]
    return BankExplained(
        ledger_cents={row["entry_id"]: row["cents"] for row in found["ledger"]},
        stated_cents=last["cents"] if last else 0,
        on_its_way=(),
        lines=tuple(line for line in differing if line.reason is not Reason.OTHER_DAY),
        opening_cents=first["cents"] if first else 0,
        received_cents=lines["booked_cents"],
        sent_cents=lines["stated_cents"],
        statement=last["statement"] if last else "",
        closing_on=last["on"] if last else None,
        other_days=tuple(line for line in differing if line.reason is Reason.OTHER_DAY),
    )


def _line(row: dict[str, Any]) -> Line:
    owners = row.pop("owners")
    return Line(
        reason=Reason(row.pop("what")),
        organisation_ids=None if owners is None else frozenset(owners),
        **row,
    )
