"""Totals of days, kept behind the writers, so that the books as they stood on a day or at a moment need not be added up anew
(docs/decisions/0015).

- `ledger_codeday` adds up the lines of all accounts of a code in a fund, `ledger_accountday` those of one account that may get long; each
  per pair of days: on which it counts, and on which it was booked (in Amsterdam, where the days of the books begin).
- `ledger_summed` is one row: all transfers up to that number are in the totals, and no other is.
- Nothing of it is in the way of posting, and all of it can be made anew: empty the two tables, set the number to 0, and the worker fills them.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

DAYS = """
INSERT INTO ledger_summed (id, up_to_transfer_id) VALUES (1, 0);

CREATE FUNCTION ledger_day(p_at timestamptz) RETURNS date
LANGUAGE sql STABLE AS $$ SELECT (p_at AT TIME ZONE 'Europe/Amsterdam')::date $$;
CREATE FUNCTION ledger_day_begins(p_on date) RETURNS timestamptz
LANGUAGE sql STABLE AS $$ SELECT p_on::timestamp AT TIME ZONE 'Europe/Amsterdam' $$;
-- An account of one cheque, purse, payout, refund, dispute or receipt has a handful of lines: those are added up when they are asked for.
CREATE FUNCTION ledger_gets_long(p_code smallint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT p_code NOT IN (1200, 2100, 2200, 2500, 2600, 2900) $$;

-- The last transfer there is, and who else is writing at this moment. Numbers of transfers are drawn with the lock of writers held, so
-- all who drew one up to that are among them, or done: what ledger_mark says of entries. It holds across accounts, however the numbers
-- of two writers lie between each other, so it is also a number up to which each single account is complete.
CREATE FUNCTION ledger_transfer_mark(OUT up_to bigint, OUT writing text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT coalesce(max(t.id), 0) INTO up_to FROM ledger_transfer t;
    -- What this transaction itself booked it sees; it stays or goes together with the totals.
    SELECT coalesce(array_agg(other.id), '{}') INTO writing FROM unnest(ledger_writing()) AS other(id)
    WHERE NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.virtualtransaction = other.id);
END $$;

-- Adds up to so many of the transfers up to a mark; false when there are none left. One at a time.
CREATE FUNCTION ledger_sum(p_up_to bigint, p_most integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_from bigint;
    v_to bigint;
BEGIN
    SELECT s.up_to_transfer_id INTO v_from FROM ledger_summed s FOR UPDATE;
    SELECT max(next.id) INTO v_to
    FROM (SELECT t.id FROM ledger_transfer t WHERE t.id > v_from AND t.id <= p_up_to ORDER BY t.id LIMIT p_most) AS next;
    IF v_to IS NULL THEN
        RETURN false;
    END IF;
    WITH line AS MATERIALIZED (
        SELECT a.fund_id, a.code, a.id AS account_id, e.effective_on, ledger_day(e.booked_at) AS booked_on,
               moved.debit, moved.credit, t.id
        FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
        CROSS JOIN LATERAL (VALUES (t.debit_id, t.amount_cents, 0::bigint), (t.credit_id, 0::bigint, t.amount_cents))
            AS moved(account_id, debit, credit)
        JOIN ledger_account a ON a.id = moved.account_id
        WHERE t.id > v_from AND t.id <= v_to),
    by_code AS (
        INSERT INTO ledger_codeday AS day (fund_id, code, effective_on, booked_on, debit_cents, credit_cents, lines,
                                           first_transfer_id, last_transfer_id)
        SELECT fund_id, code, effective_on, booked_on, sum(debit), sum(credit), count(*), min(id), max(id)
        FROM line GROUP BY fund_id, code, effective_on, booked_on
        ON CONFLICT (fund_id, code, effective_on, booked_on) DO UPDATE
            SET debit_cents = day.debit_cents + excluded.debit_cents, credit_cents = day.credit_cents + excluded.credit_cents,
                lines = day.lines + excluded.lines, last_transfer_id = excluded.last_transfer_id)
    INSERT INTO ledger_accountday AS day (account_id, effective_on, booked_on, debit_cents, credit_cents, lines,
                                          first_transfer_id, last_transfer_id)
    SELECT account_id, effective_on, booked_on, sum(debit), sum(credit), count(*), min(id), max(id)
    FROM line WHERE ledger_gets_long(code) GROUP BY account_id, effective_on, booked_on
    ON CONFLICT (account_id, effective_on, booked_on) DO UPDATE
        SET debit_cents = day.debit_cents + excluded.debit_cents, credit_cents = day.credit_cents + excluded.credit_cents,
            lines = day.lines + excluded.lines, last_transfer_id = excluded.last_transfer_id;
    UPDATE ledger_summed SET up_to_transfer_id = v_to;
    RETURN true;
END $$;

-- A pooled account's balance up to where the totals are, for who asks after it later (ledger_pooled_balance).
--
-- It needs no lock. All transfers up to there were committed before they were added up, and no other can still come, so the pair of
-- number and balance is true for good: for who reads it now and for who read the one before. ledger_post writes a pair of its own when it
-- spends, with the account held alone; whichever of the two has the higher number may stay. One account in a transaction: who holds the row of
-- one and waits for that of another could meet a spender who has them the other way round.
CREATE FUNCTION ledger_leave_checkpoint(p_account bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO ledger_checkpoint AS kept (account_id, up_to_transfer_id, balance_cents)
    SELECT a.id, s.up_to_transfer_id,
           coalesce((SELECT sum(CASE WHEN a.debit_side THEN d.debit_cents - d.credit_cents ELSE d.credit_cents - d.debit_cents END)
                     FROM ledger_accountday d WHERE d.account_id = a.id), 0)
    FROM ledger_account a CROSS JOIN ledger_summed s WHERE a.id = p_account AND a.pooled
    ON CONFLICT (account_id) DO UPDATE
        SET up_to_transfer_id = excluded.up_to_transfer_id, balance_cents = excluded.balance_cents
        WHERE kept.up_to_transfer_id < excluded.up_to_transfer_id
$$;

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_codeday, ledger_accountday, ledger_summed FROM buurtpot_app;
REVOKE EXECUTE ON FUNCTION ledger_transfer_mark(), ledger_sum(bigint, integer), ledger_leave_checkpoint(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_transfer_mark(), ledger_sum(bigint, integer), ledger_leave_checkpoint(bigint) TO buurtpot_app;
"""

BACKWARD = """
DROP FUNCTION ledger_leave_checkpoint(bigint);
DROP FUNCTION ledger_sum(bigint, integer);
DROP FUNCTION ledger_transfer_mark();
DROP FUNCTION ledger_gets_long(smallint);
DROP FUNCTION ledger_day_begins(date);
DROP FUNCTION ledger_day(timestamptz);
"""


KEY: dict[str, Any] = {"blank": True, "editable": False, "primary_key": True, "serialize": False}


def of_days(*key: tuple[str, models.Field]) -> list[tuple[str, models.Field]]:
    """The columns that both tables have, after what they are about."""
    return [
        *key,
        ("effective_on", models.DateField()),
        ("booked_on", models.DateField()),
        ("debit_cents", models.BigIntegerField()),
        ("credit_cents", models.BigIntegerField()),
        ("lines", models.BigIntegerField()),
        ("first_transfer_id", models.BigIntegerField()),
        ("last_transfer_id", models.BigIntegerField()),
    ]


def of(model: str, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=model,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_closing_proposals")]
    operations = [
        migrations.CreateModel(
            name="CodeDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey("fund_id", "kind_id", "effective_on", "booked_on", **KEY),
                ),
                *of_days(("fund", of("ledger.fund")), ("kind", of("ledger.kind", db_column="code"))),
            ],
        ),
        migrations.CreateModel(
            name="AccountDay",
            fields=[
                ("pk", models.CompositePrimaryKey("account_id", "effective_on", "booked_on", **KEY)),
                *of_days(("account", of("ledger.account"))),
            ],
        ),
        migrations.CreateModel(
            name="Summed",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("up_to_transfer_id", models.BigIntegerField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="summed",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="summed_is_one_row"),
        ),
        migrations.RunSQL(DAYS, BACKWARD),
    ]
