"""A run of cheques in one go: their accounts are written once, with what is on them.

`ledger_open` wrote a hundred thousand accounts at zero, and `ledger_post` found, locked and changed each of them. Nobody else knows of an
account before it is there, so `ledger_issue` needs none of that; what it promises is what those two together do.

An account's fund and kind are no foreign keys any more: two checks for each row, at the commit, were a third of the time. The two functions that
open accounts, the only writers, look for both, and neither is ever removed.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

OPEN_BEFORE = import_module("ledger.migrations.0002_posting").OPEN.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
OPEN = OPEN_BEFORE.replace("SELECT p_fund, k.code,", "SELECT f.id, k.code,").replace(
    "JOIN ledger_kind k ON k.code = p_code\n",
    "JOIN ledger_kind k ON k.code = p_code JOIN ledger_fund f ON f.id = p_fund\n",
)

ISSUE = """
CREATE FUNCTION ledger_issue(
    p_key text, p_kind text, p_source text, p_effective_on date, p_booked_at timestamptz, p_made_by bigint, p_approved_by bigint,
    p_budget bigint, p_subjects text[], p_name text, p_amount bigint,
    OUT entry_id bigint, OUT created boolean, OUT accounts bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
-- One entry that takes an amount for each subject out of a budget (2000), to an account for a cheque (2100) that it opens for it. Gives
-- those accounts, in order.
DECLARE
    v_number integer := coalesce(cardinality(p_subjects), 0);
    v_total bigint := p_amount * v_number;
    v_look record;
    v_root bytea;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger: post under READ COMMITTED' USING ERRCODE = 'LG000';
    END IF;
    SELECT b.fund_id AS fund, f.first_day, b.closed_at, b.code INTO v_look
    FROM ledger_account b JOIN ledger_fund f ON f.id = b.fund_id WHERE b.id = p_budget;

    -- What was there once is there. It is compared as any entry is.
    PERFORM 1 FROM ledger_entry e WHERE e.key = p_key;
    IF FOUND THEN
        SELECT array_agg(a.id ORDER BY wanted.nr) INTO accounts
        FROM unnest(p_subjects) WITH ORDINALITY AS wanted(subject, nr)
        LEFT JOIN ledger_account a ON a.fund_id = v_look.fund AND a.code = 2100 AND a.key = wanted.subject;
        SELECT first.entry_id, first.created INTO entry_id, created
        FROM ledger_post(p_key, p_kind, p_source, p_effective_on, p_booked_at, p_made_by, p_approved_by, '', NULL,
            array_fill(p_budget, ARRAY[v_number]), accounts, array_fill(p_amount, ARRAY[v_number])) AS first;
        RETURN;
    END IF;

    IF p_key = '' OR v_number = 0 THEN
        RAISE EXCEPTION 'ledger: an entry has a key and at least one transfer' USING ERRCODE = 'LG002';
    END IF;
    IF v_look.fund IS NULL OR v_look.closed_at IS NOT NULL OR v_look.code <> 2000
        OR (p_amount BETWEEN 1 AND 10000000000000) IS NOT TRUE THEN
        RAISE EXCEPTION 'ledger: at least one cent for each, out of an open budget'
            USING ERRCODE = CASE WHEN v_look.fund IS NULL THEN 'LG004' WHEN v_look.closed_at IS NOT NULL THEN 'LG005' ELSE 'LG002' END,
            DETAIL = jsonb_build_object('debit', p_budget, 'amount', p_amount)::text;
    END IF;
    IF p_made_by IS NULL OR p_approved_by IS NULL THEN
        RAISE EXCEPTION 'ledger: cheques and payouts are made by one person and approved by another'
            USING ERRCODE = 'LG010', DETAIL = jsonb_build_object('debit', p_budget, 'credit', NULL, 'amount', p_amount)::text;
    END IF;

    BEGIN
        WITH opened AS (
            INSERT INTO ledger_account (fund_id, code, key, name, balance_cents, guarded, pooled, debit_side)
            SELECT v_look.fund, k.code, wanted.subject, p_name, p_amount, k.guarded, k.pooled, k.debit_side
            FROM unnest(p_subjects) WITH ORDINALITY AS wanted(subject, nr) JOIN ledger_kind k ON k.code = 2100 ORDER BY wanted.nr
            RETURNING id)
        SELECT array_agg(opened.id ORDER BY opened.id) INTO accounts FROM opened;
    EXCEPTION WHEN unique_violation THEN
        -- Another with this key was first, and is there by now; else they were opened for something else, or one is named twice.
        PERFORM 1 FROM ledger_entry e WHERE e.key = p_key;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'ledger: an account is opened once'
                USING ERRCODE = 'LG002', DETAIL = jsonb_build_object('key', p_key)::text;
        END IF;
        SELECT first.entry_id, first.created, first.accounts INTO entry_id, created, accounts
        FROM ledger_issue(p_key, p_kind, p_source, p_effective_on, p_booked_at, p_made_by, p_approved_by,
            p_budget, p_subjects, p_name, p_amount) AS first;
        RETURN;
    END;
    SELECT ledger_tree(string_agg(ledger_leaf(ledger_transfer_line(f, b, a, p_amount)), ''::bytea ORDER BY a.id)) INTO v_root
    FROM ledger_account b JOIN ledger_fund f ON f.id = b.fund_id
    CROSS JOIN unnest(accounts) AS opened(id) JOIN ledger_account a ON a.id = opened.id
    WHERE b.id = p_budget;

    -- Only now, so that others wait for the budget as short as can be.
    UPDATE ledger_account a SET balance_cents = a.balance_cents - v_total
    WHERE a.id = p_budget AND a.balance_cents >= v_total;
    IF NOT FOUND THEN
        PERFORM ledger_refuse_overdraft(ARRAY[p_budget]);
    END IF;
    INSERT INTO ledger_entry (key, kind, source, effective_on, booked_at, made_by_id, approved_by_id, root)
    VALUES (p_key, p_kind, p_source, p_effective_on, p_booked_at, p_made_by, p_approved_by, v_root)
    RETURNING id INTO entry_id;
    PERFORM 1 FROM ledger_period p WHERE p_effective_on BETWEEN p.starts_on AND p.ends_on;
    IF FOUND OR p_effective_on < v_look.first_day THEN
        PERFORM ledger_refuse_day(p_effective_on, v_look.first_day);
    END IF;
    INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)
    SELECT entry_id, v_look.fund, p_budget, opened.id, p_amount FROM unnest(accounts) AS opened(id) ORDER BY opened.id;
    created := true;
END $$;
REVOKE EXECUTE ON FUNCTION ledger_issue(
    text, text, text, date, timestamptz, bigint, bigint, bigint, text[], text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_issue(
    text, text, text, date, timestamptz, bigint, bigint, bigint, text[], text, bigint) TO buurtpot_app;

CREATE TRIGGER fund_stays BEFORE DELETE OR TRUNCATE ON ledger_fund FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER kind_stays BEFORE DELETE OR TRUNCATE ON ledger_kind FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""

BACKWARD = """
DROP TRIGGER kind_stays ON ledger_kind;
DROP TRIGGER fund_stays ON ledger_fund;
DROP FUNCTION ledger_issue(text, text, text, date, timestamptz, bigint, bigint, bigint, text[], text, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0013_settlements")]
    operations = [
        migrations.AlterField(
            model_name="account",
            name="fund",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="ledger.fund",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.ForeignKey(
                db_column="code",
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="ledger.kind",
            ),
        ),
        migrations.RunSQL(OPEN, OPEN_BEFORE),
        migrations.RunSQL(ISSUE, BACKWARD),
    ]
