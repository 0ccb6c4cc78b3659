"""Recomputes from the lines everything that the books keep ready, and gives what differs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction

from ledger.chart import CHART, Side

MOST_SHOWN = 20


@dataclass(frozen=True)
class Check:
    """One rule and what breaks it (at most twenty examples). `found` is empty when it holds."""

    name: str
    found: list[Any] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.found


def check_sql(name: str, sql: str, parameters: list[Any] | None = None) -> Check:
    """A check whose query gives the rows that break the rule.

    MATERIALIZED: where nothing is wrong all is read, and a plan that is quick with the first rows may take hours for all of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH broken AS MATERIALIZED ({sql}) SELECT * FROM broken LIMIT {MOST_SHOWN}", parameters or []
        )
        columns = [column.name for column in cursor.description or []]
        return Check(name, [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()])


BALANCE_BY_FUND = """
SELECT f.id AS fund, f.currency, sum(moved.debit)::bigint AS debit_cents, sum(moved.credit)::bigint AS credit_cents
FROM (SELECT debit_id AS account_id, amount_cents AS debit, 0 AS credit FROM ledger_transfer
      UNION ALL SELECT credit_id, 0, amount_cents FROM ledger_transfer) AS moved
JOIN ledger_account a ON a.id = moved.account_id JOIN ledger_fund f ON f.id = a.fund_id
GROUP BY f.id HAVING sum(moved.debit) <> sum(moved.credit)
"""

OUTSIDE_ITS_FUND = """
SELECT t.id AS transfer, t.fund_id AS fund, d.fund_id AS debit_fund, c.fund_id AS credit_fund
FROM ledger_transfer t
LEFT JOIN ledger_account d ON d.id = t.debit_id LEFT JOIN ledger_account c ON c.id = t.credit_id
WHERE d.fund_id IS DISTINCT FROM t.fund_id OR c.fund_id IS DISTINCT FROM t.fund_id
"""

SUMS = """
SELECT a.id, a.code, a.fund_id, a.key, a.guarded, a.pooled, a.balance_cents,
       (coalesce(moved.debited, 0) * CASE WHEN a.debit_side THEN 1 ELSE -1 END)::bigint AS summed_cents
FROM ledger_account a
LEFT JOIN (
    SELECT account_id, sum(signed) AS debited
    FROM (SELECT debit_id AS account_id, amount_cents AS signed FROM ledger_transfer
          UNION ALL SELECT credit_id, -amount_cents FROM ledger_transfer) AS both_sides
    GROUP BY account_id) AS moved ON moved.account_id = a.id
"""

BELOW_ZERO = f"SELECT s.id AS account, s.code, s.summed_cents FROM ({SUMS}) AS s WHERE s.guarded AND s.summed_cents < 0"

KEPT_WRONG = f"""
SELECT s.id AS account, s.code, s.summed_cents, s.balance_cents AS kept_cents
FROM ({SUMS}) AS s WHERE NOT s.pooled AND s.balance_cents <> s.summed_cents
"""

CHECKPOINT_WRONG = f"""
SELECT s.id AS account, s.code, s.summed_cents, ledger_pooled_balance(s.id, k.debit_side) AS kept_cents
FROM ({SUMS}) AS s JOIN ledger_kind k ON k.code = s.code
WHERE s.pooled AND ledger_pooled_balance(s.id, k.debit_side) <> s.summed_cents
"""

WITHOUT_LINES = """
SELECT e.id AS entry FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.entry_id = e.id)
"""

WITHOUT_ENTRY = """
SELECT t.id AS transfer, t.entry_id AS entry FROM ledger_transfer t
WHERE NOT EXISTS (SELECT FROM ledger_entry e WHERE e.id = t.entry_id)
"""

# Who may set an account loose has no need to touch a line.
UNLIKE_ITS_KIND = """
SELECT a.id AS account, a.code FROM ledger_account a LEFT JOIN ledger_fund f ON f.id = a.fund_id
LEFT JOIN unnest(%s::smallint[], %s::boolean[], %s::boolean[], %s::boolean[]) AS k(code, debit_side, guarded, pooled)
    ON k.code = a.code
WHERE f.id IS NULL OR (a.debit_side, a.guarded, a.pooled) IS DISTINCT FROM (k.debit_side, k.guarded, k.pooled)
"""

SETTLED_OTHERWISE = """
SELECT net.entry_id AS entry, sum(net.cents)::bigint AS left_cents
FROM (SELECT t.entry_id, t.fund_id, sum(CASE WHEN d.code = 1000 THEN t.amount_cents ELSE -t.amount_cents END) AS cents
      FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
      WHERE d.code = 1000 AND c.code NOT IN (1000, 1100) OR c.code = 1000 AND d.code NOT IN (1000, 1100)
      GROUP BY t.entry_id, t.fund_id) AS net
GROUP BY net.entry_id HAVING min(net.cents) < 0 AND max(net.cents) > 0 AND sum(net.cents) <> 0
"""

BAD_REVERSAL = """
SELECT e.id AS entry, e.reverses_id AS reverses FROM ledger_entry e
WHERE e.reverses_id IS NOT NULL AND (
    EXISTS (SELECT FROM ledger_entry undone WHERE undone.id = e.reverses_id AND undone.reverses_id IS NOT NULL) OR EXISTS (
    (SELECT debit_id, credit_id, amount_cents FROM ledger_transfer WHERE entry_id = e.reverses_id
     EXCEPT ALL SELECT credit_id, debit_id, amount_cents FROM ledger_transfer WHERE entry_id = e.id)
    UNION ALL
    (SELECT credit_id, debit_id, amount_cents FROM ledger_transfer WHERE entry_id = e.id
     EXCEPT ALL SELECT debit_id, credit_id, amount_cents FROM ledger_transfer WHERE entry_id = e.reverses_id)))
"""

# Who changed what was booked and all its sums, forgot this.
ROOT_WRONG = """
SELECT e.id AS entry FROM ledger_entry e
LEFT JOIN LATERAL (
    SELECT ledger_tree(string_agg(ledger_leaf(ledger_transfer_line(f, d, c, t.amount_cents)), ''::bytea ORDER BY t.id)) AS root
    FROM ledger_transfer t LEFT JOIN ledger_fund f ON f.id = t.fund_id
    LEFT JOIN ledger_account d ON d.id = t.debit_id LEFT JOIN ledger_account c ON c.id = t.credit_id
    WHERE t.entry_id = e.id) AS summed ON true
WHERE summed.root IS DISTINCT FROM e.root
"""

CHAIN_BROKEN = """
SELECT s.number AS seal FROM ledger_seal s LEFT JOIN ledger_seal b ON b.number = s.number - 1
WHERE s.previous IS DISTINCT FROM CASE WHEN s.number = 1 THEN decode(repeat('00', 32), 'hex') ELSE b.head END
   OR s.head <> ledger_leaf(ledger_seal_line(s)) OR s.root IS DISTINCT FROM ledger_tree(s.leaves)
   OR s.entries <> cardinality(s.entry_ids) OR s.entries * 32 <> octet_length(s.leaves)
   OR s.last_entry_id IS DISTINCT FROM s.entry_ids[cardinality(s.entry_ids)]
"""

# Whole stretches are compared: to cut each leaf out of a megabyte would read that megabyte for each of them.
SEALED_OTHERWISE = """
SELECT s.number AS seal FROM ledger_seal s LEFT JOIN ledger_seal b ON b.number = s.number - 1
LEFT JOIN LATERAL (
    SELECT array_agg(e.id ORDER BY e.id) AS ids,
           string_agg(ledger_leaf(ledger_entry_line(e)), ''::bytea ORDER BY e.id) AS leaves
    FROM ledger_entry e WHERE e.id > coalesce(b.last_entry_id, 0) AND e.id <= s.last_entry_id) AS now ON true
WHERE now.ids IS DISTINCT FROM s.entry_ids OR now.leaves IS DISTINCT FROM s.leaves
"""

SIGNATURES = """
SELECT s.number, ledger_seal_line(s), g.signature, k.public, k.witness
FROM ledger_seal s LEFT JOIN ledger_signature g ON g.seal_id = s.number LEFT JOIN ledger_key k ON k.id = g.key_id
ORDER BY s.number
"""

ENDORSEMENTS = """
SELECT k.id, ledger_key_line(k), k.endorsement, o.public
FROM ledger_key k JOIN ledger_key o ON o.id = k.endorsed_by_id AND NOT o.witness
"""


@cache
def _key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def _fits(line: str, signature: bytes, public: bytes) -> bool:
    try:
        _key(bytes(public)).verify(bytes(signature), line.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def signatures_wrong() -> Iterator[dict[str, Any]]:
    """Seals with a wrong signature, or with no right one of the operator; keys that the one before them did not sign for."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(SIGNATURES)
        for number, rows in groupby(cursor, key=itemgetter(0)):
            by_operator = False
            for _number, line, signature, public, witness in rows:
                if public is not None and not _fits(line, signature, public):
                    yield {"seal": number, "signature of": bytes(public).hex()}
                elif witness is False:
                    by_operator = True
            if not by_operator:
                yield {"seal": number, "signed by the operator": False}
    with connection.cursor() as cursor:
        cursor.execute(ENDORSEMENTS)
        for key, line, endorsement, public in cursor.fetchall():
            if not _fits(line, endorsement, public):
                yield {"key": key, "signature of": bytes(public).hex()}


# What the totals of days should be: all lines up to where they are said to be, and none after.
SUMMED = """
SELECT a.fund_id, a.code, a.id AS account_id, e.effective_on, ledger_day(e.booked_at) AS booked_on,
       moved.debit, moved.credit, t.id
FROM ledger_summed s JOIN ledger_transfer t ON t.id <= s.up_to_transfer_id JOIN ledger_entry e ON e.id = t.entry_id
CROSS JOIN LATERAL (VALUES (t.debit_id, t.amount_cents, 0::bigint), (t.credit_id, 0::bigint, t.amount_cents))
    AS moved(account_id, debit, credit)
JOIN ledger_account a ON a.id = moved.account_id
"""
DAYS_WRONG = """
SELECT {key}, effective_on::text, booked_on::text, summed.debit AS debit_cents, summed.credit AS credit_cents,
       kept.debit_cents AS kept_debit_cents, kept.credit_cents AS kept_credit_cents
FROM (SELECT {key}, effective_on, booked_on, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit, count(*) AS lines,
             min(id) AS first, max(id) AS last
      FROM ({summed}) AS line {where} GROUP BY {key}, effective_on, booked_on) AS summed
FULL JOIN {kept} AS kept USING ({key}, effective_on, booked_on)
WHERE (summed.debit, summed.credit, summed.lines, summed.first, summed.last) IS DISTINCT FROM
      (kept.debit_cents, kept.credit_cents, kept.lines, kept.first_transfer_id, kept.last_transfer_id)
"""
CODE_DAYS_WRONG = DAYS_WRONG.format(key="fund_id, code", summed=SUMMED, where="", kept="ledger_codeday")
ACCOUNT_DAYS_WRONG = DAYS_WRONG.format(
    key="account_id", summed=SUMMED, where="WHERE ledger_gets_long(code)", kept="ledger_accountday"
)


def _chart() -> list[list[Any]]:
    kinds = CHART.values()
    return [
        [int(kind.code) for kind in kinds],
        [kind.side is Side.DEBIT for kind in kinds],
        [kind.guarded for kind in kinds],
        [kind.pooled for kind in kinds],
    ]


def all_checks() -> list[Check]:
    return [
        check_sql("debits equal credits in every fund and currency", BALANCE_BY_FUND),
        check_sql("every transfer stays inside one fund", OUTSIDE_ITS_FUND),
        check_sql("no guarded account is below zero", BELOW_ZERO),
        check_sql("every kept balance is the sum of its lines", KEPT_WRONG),
        check_sql("every pooled balance is the sum of its lines", CHECKPOINT_WRONG),
        check_sql("every account is as the chart has it", UNLIKE_ITS_KIND, _chart()),
        check_sql("every entry has transfers", WITHOUT_LINES),
        check_sql("every transfer belongs to an entry", WITHOUT_ENTRY),
        check_sql("what one fund settles with another nets to zero over the bank", SETTLED_OTHERWISE),
        check_sql("every reversal mirrors what it reverses", BAD_REVERSAL),
        check_sql("the root of every entry is that of its transfers", ROOT_WRONG),
        check_sql("every seal continues the one before, and its root is that of its leaves", CHAIN_BROKEN),
        check_sql("the leaves of every seal are those of its entries", SEALED_OTHERWISE),
        Check("every seal is signed by the operator", list(islice(signatures_wrong(), MOST_SHOWN))),
        check_sql("every day's total of a code is the sum of its lines", CODE_DAYS_WRONG),
        check_sql("every day's total of an account is the sum of its lines", ACCOUNT_DAYS_WRONG),
    ]
