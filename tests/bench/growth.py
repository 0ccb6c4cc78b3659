"""A journal of many transfers, made quickly: what posting would have left, written by a superuser past triggers and indexes.

It copies gifts that were posted, one from each purse, column by column, so it needs not know the columns, and what a row says of
itself is true of its copies. `ledger.checks` finds nothing wrong with what comes out (a test sees to it).
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from tests.bench.server import Host

SAMPLE = """
CREATE TEMP TABLE sample ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY e.id) - 1 AS nr, e.id AS entry_id, t.id AS transfer_id
FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id WHERE e.key LIKE 'gift:%'
"""
ENTRIES = """
INSERT INTO ledger_entry (id, key, source, {same})
SELECT %(last)s + n, 'filled:' || lpad(n::text, 9, '0'), 'filled:' || n, {same}
FROM generate_series(1, %(count)s) AS n
JOIN sample s ON s.nr = n %% (SELECT count(*) FROM sample) JOIN ledger_entry e ON e.id = s.entry_id
"""
TRANSFERS = """
INSERT INTO ledger_transfer (id, entry_id, {same})
SELECT %(last_transfer)s + n, %(last)s + n, {same}
FROM generate_series(1, %(count)s) AS n
JOIN sample s ON s.nr = n %% (SELECT count(*) FROM sample) JOIN ledger_transfer t ON t.id = s.transfer_id
"""
BALANCES = """
UPDATE ledger_account a SET balance_cents = a.balance_cents - given.cents
FROM (SELECT debit_id, sum(amount_cents) AS cents FROM ledger_transfer WHERE id > %(last_transfer)s GROUP BY debit_id) AS given
WHERE a.id = given.debit_id
"""
# As if every pot had been spent from once, by an entry that came last.
CHECKPOINTS = """
INSERT INTO ledger_checkpoint (account_id, up_to_transfer_id, balance_cents)
SELECT credit_id, max(id), sum(amount_cents) FROM ledger_transfer
WHERE credit_id BETWEEN %(pot)s AND %(pot)s + %(pots)s - 1 GROUP BY credit_id
ON CONFLICT (account_id) DO UPDATE
    SET up_to_transfer_id = excluded.up_to_transfer_id, balance_cents = excluded.balance_cents
"""
PLAIN_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid IN ('ledger_entry'::regclass, 'ledger_transfer'::regclass) AND NOT i.indisunique
"""


def fill(host: Host, database: str, accounts: Mapping[str, list[int]], count: int) -> None:
    """So many gifts of one transfer each, from all purses in turn."""
    pot, last_pot = accounts["pots"]
    with host.as_superuser(database) as superuser, superuser.transaction():
        superuser.execute("SET LOCAL session_replication_role = replica")
        numbers = {
            "count": count,
            "last": _last(superuser, "ledger_entry"),
            "last_transfer": _last(superuser, "ledger_transfer"),
            "pot": pot,
            "pots": last_pot - pot + 1,
        }
        indexes = superuser.execute(PLAIN_INDEXES).fetchall()
        for name, _ in indexes:
            superuser.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(str(name))))
        superuser.execute(SAMPLE)
        _copy(superuser, ENTRIES, "ledger_entry", {"id", "key", "source"}, numbers)
        _copy(superuser, TRANSFERS, "ledger_transfer", {"id", "entry_id"}, numbers)
        for _, definition in indexes:
            superuser.execute(str(definition).encode())
        superuser.execute(BALANCES, numbers)
        superuser.execute(CHECKPOINTS, numbers)
        for table in ("ledger_entry", "ledger_transfer"):
            superuser.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, _last(superuser, table)]
            )
    with host.as_superuser(database) as superuser:
        superuser.execute("VACUUM ANALYZE")


def _last(superuser: "psycopg.Connection[tuple[object, ...]]", table: str) -> object:
    row = superuser.execute(sql.SQL("SELECT max(id) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return row[0]


def _copy(
    superuser: "psycopg.Connection[tuple[object, ...]]",
    statement: str,
    table: str,
    own: set[str],
    numbers: Mapping[str, object],
) -> None:
    """`own`: the columns that differ; all others are as in the entry that is copied."""
    columns = superuser.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    ).fetchall()
    same = sql.SQL(", ").join(sql.Identifier(str(name)) for (name,) in columns if name not in own)
    superuser.execute(sql.SQL(statement).format(same=same), numbers)
