"""The ledger's own functions, and what the application's role may no longer do.

The functions run with the rights of their owner; the application may call them and read, nothing else. The rules they hold:

* a transfer is one row, stays in one fund, moves at least one cent between two accounts that exist and are open;
* the same key with the same content gives the first entry, with other content an error that shows both;
* no guarded account goes below zero; payouts on their way never exceed the cash of their fund;
* nothing is booked in a closed period; an entry is reversed at most once and exactly.

Two kinds of accounts (docs/decisions/0003). A cold account's balance stands in its row, which is locked in id order. A pooled
account is only appended to: whoever adds to it holds a *shared* advisory lock, whoever spends from it an exclusive one, so a
spender sees every increase that came before it and a checkpoint is exact, whatever the order of commits.
"""

from django.db import migrations

KINDS = """
INSERT INTO ledger_kind (code, debit_side, guarded, pooled) VALUES
    (1000, true,  false, true),
    (1100, true,  false, true),
    (1200, true,  false, false),
    (2000, false, true,  false),
    (2100, false, true,  false),
    (2200, false, true,  false),
    (2300, false, true,  true),
    (2500, false, true,  false),
    (2600, false, true,  false),
    (2700, false, true,  false),
    (2800, false, true,  true),
    (2900, false, true,  false),
    (3000, false, false, false),
    (4000, true,  false, true),
    (4900, true,  false, true),
    (9500, true,  true,  false),
    (9510, false, true,  false);
"""

OPEN = """
CREATE FUNCTION ledger_open(p_fund bigint, p_code smallint, p_keys text[], p_names text[])
RETURNS TABLE (account_key text, account_id bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- Opens what is missing; gives the ids of all, old and new.
    INSERT INTO ledger_account (fund_id, code, key, name, balance_cents, guarded, pooled, debit_side)
    SELECT p_fund, k.code, wanted.key, wanted.name, CASE WHEN k.pooled THEN NULL ELSE 0 END, k.guarded, k.pooled, k.debit_side
    FROM unnest(p_keys, p_names) AS wanted(key, name) JOIN ledger_kind k ON k.code = p_code
    ON CONFLICT (fund_id, code, key) DO NOTHING;
    SELECT a.key::text, a.id FROM ledger_account a
    WHERE a.fund_id = p_fund AND a.code = p_code AND a.key = ANY (p_keys);
$$;
"""

BALANCE = """
CREATE FUNCTION ledger_pooled_balance(p_account bigint, p_debit_side boolean) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(c.balance_cents, 0) + (
        CASE WHEN p_debit_side THEN 1 ELSE -1 END * (
            coalesce((SELECT sum(amount_cents) FROM ledger_transfer
                      WHERE debit_id = p_account AND id > coalesce(c.up_to_transfer_id, 0)), 0)
          - coalesce((SELECT sum(amount_cents) FROM ledger_transfer
                      WHERE credit_id = p_account AND id > coalesce(c.up_to_transfer_id, 0)), 0)))::bigint
    FROM (SELECT 1) AS one LEFT JOIN ledger_checkpoint c ON c.account_id = p_account;
$$;
"""

POST = """
CREATE FUNCTION ledger_post(
    p_key text, p_kind text, p_source text, p_effective_on date, p_booked_at timestamptz,
    p_made_by bigint, p_approved_by bigint, p_note text, p_reverses bigint,
    p_debits bigint[], p_credits bigint[], p_amounts bigint[],
    OUT entry_id bigint, OUT created boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_content bytea;
    v_known bytea;
    v_salt bytea;
    v_row record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger: post under READ COMMITTED' USING ERRCODE = 'LG000';
    END IF;
    v_content := sha256(convert_to(jsonb_build_array(
        p_kind, p_source, p_effective_on, p_made_by, p_approved_by, p_reverses, p_debits, p_credits, p_amounts)::text, 'UTF8'));

    -- Two with the same key wait for each other here, so that the second finds the first.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_key, 1));
    SELECT e.id, e.content INTO entry_id, v_known FROM ledger_entry e WHERE e.key = p_key;
    IF FOUND THEN
        IF v_known <> v_content THEN
            RAISE EXCEPTION 'ledger: key % was used for other content', p_key
                USING ERRCODE = 'LG001', DETAIL = jsonb_build_object('entry', entry_id, 'key', p_key,
                    'kind', p_kind, 'debits', p_debits, 'credits', p_credits, 'amounts', p_amounts)::text;
        END IF;
        created := false;
        RETURN;
    END IF;

    IF p_key = '' OR coalesce(cardinality(p_debits), 0) = 0
        OR cardinality(p_debits) IS DISTINCT FROM cardinality(p_credits)
        OR cardinality(p_debits) IS DISTINCT FROM cardinality(p_amounts) THEN
        RAISE EXCEPTION 'ledger: an entry has a key and at least one transfer' USING ERRCODE = 'LG002';
    END IF;
    -- Who closes a period waits for all that are past this line (see ledger_wait_to_close); who comes later sees it closed.
    LOCK TABLE ledger_entry IN ROW EXCLUSIVE MODE;
    PERFORM 1 FROM ledger_period p WHERE p_effective_on BETWEEN p.starts_on AND p.ends_on;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger: % lies in a closed period', p_effective_on
            USING ERRCODE = 'LG003', DETAIL = jsonb_build_object('on', p_effective_on)::text;
    END IF;

    IF p_reverses IS NOT NULL THEN
        SELECT array_agg(t.credit_id ORDER BY t.id) AS debits, array_agg(t.debit_id ORDER BY t.id) AS credits,
               array_agg(t.amount_cents ORDER BY t.id) AS amounts
        INTO v_row FROM ledger_transfer t WHERE t.entry_id = p_reverses;
        IF (v_row.debits, v_row.credits, v_row.amounts) IS DISTINCT FROM (p_debits, p_credits, p_amounts) THEN
            RAISE EXCEPTION 'ledger: a reversal mirrors what it reverses'
                USING ERRCODE = 'LG002', DETAIL = jsonb_build_object('entry', p_reverses)::text;
        END IF;
    END IF;

    -- Each transfer: at least one cent, two open accounts of one fund.
    SELECT t.debit, t.credit, t.amount, d.id IS NULL OR c.id IS NULL AS unknown,
           d.closed_at IS NOT NULL OR c.closed_at IS NOT NULL AS closed
    INTO v_row
    FROM unnest(p_debits, p_credits, p_amounts) AS t(debit, credit, amount)
    LEFT JOIN ledger_account d ON d.id = t.debit
    LEFT JOIN ledger_account c ON c.id = t.credit
    WHERE d.id IS NULL OR c.id IS NULL OR d.fund_id <> c.fund_id OR t.debit = t.credit
       OR t.amount IS NULL OR t.amount <= 0 OR d.closed_at IS NOT NULL OR c.closed_at IS NOT NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger: a transfer moves at least one cent between two open accounts of one fund'
            USING ERRCODE = CASE WHEN v_row.unknown THEN 'LG004' WHEN v_row.closed THEN 'LG005' ELSE 'LG002' END,
                  DETAIL = jsonb_build_object('debit', v_row.debit, 'credit', v_row.credit, 'amount', v_row.amount)::text;
    END IF;

    -- Locks in id order, pooled accounts first: shared to add, alone to spend from a guarded one.
    FOR v_row IN
        SELECT wanted.id, bool_or(wanted.alone) AS alone
        FROM (SELECT a.id, a.guarded AND a.debit_side <> moved.debited AS alone
              FROM (SELECT debit AS account, true AS debited FROM unnest(p_debits) AS debit
                    UNION ALL
                    SELECT credit, false FROM unnest(p_credits) AS credit) AS moved
              JOIN ledger_account a ON a.id = moved.account AND a.pooled
              UNION ALL
              -- Who sends money on its way needs the fund's cash to hold still.
              SELECT bank.id, true
              FROM unnest(p_credits) AS credit
              JOIN ledger_account a ON a.id = credit AND a.code = 2500
              JOIN ledger_account bank ON bank.fund_id = a.fund_id AND bank.code = 1000) AS wanted
        GROUP BY wanted.id ORDER BY wanted.id
    LOOP
        IF v_row.alone THEN
            PERFORM pg_advisory_xact_lock(4711, v_row.id::int);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(4711, v_row.id::int);
        END IF;
    END LOOP;
    PERFORM 1 FROM ledger_account a
    WHERE NOT a.pooled AND (a.id = ANY (p_debits) OR a.id = ANY (p_credits))
    ORDER BY a.id FOR NO KEY UPDATE;

    BEGIN
        UPDATE ledger_account a SET balance_cents = a.balance_cents + change.delta
        FROM (SELECT account, sum(signed) AS debited
              FROM (SELECT debit AS account, amount AS signed FROM unnest(p_debits, p_amounts) AS t(debit, amount)
                    UNION ALL
                    SELECT credit, -amount FROM unnest(p_credits, p_amounts) AS t(credit, amount)) AS moved
              GROUP BY account) AS sums,
             LATERAL (SELECT sums.debited * CASE WHEN a2.debit_side THEN 1 ELSE -1 END AS delta
                      FROM ledger_account a2 WHERE a2.id = sums.account) AS change
        WHERE a.id = sums.account AND NOT a.pooled;
    EXCEPTION WHEN check_violation THEN
        RAISE EXCEPTION 'ledger: there is not enough on an account'
            USING ERRCODE = 'LG006', DETAIL = jsonb_build_object('accounts', p_debits || p_credits)::text;
    END;

    -- Drawn only now, with the locks held: entries on one account are numbered in the order in which they happened.
    IF coalesce(p_note, '') <> '' THEN
        v_salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    END IF;
    INSERT INTO ledger_entry (key, kind, source, effective_on, booked_at, made_by_id, approved_by_id, reverses_id, content,
                              note_commitment)
    VALUES (p_key, p_kind, p_source, p_effective_on, p_booked_at, p_made_by, p_approved_by, p_reverses, v_content,
            CASE WHEN v_salt IS NULL THEN NULL ELSE sha256(v_salt || convert_to(p_note, 'UTF8')) END)
    RETURNING id INTO entry_id;
    IF v_salt IS NOT NULL THEN
        INSERT INTO ledger_note (entry_id, salt, text) VALUES (entry_id, v_salt, p_note);
    END IF;
    INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)
    SELECT entry_id, a.fund_id, t.debit, t.credit, t.amount
    FROM unnest(p_debits, p_credits, p_amounts) WITH ORDINALITY AS t(debit, credit, amount, nr)
    JOIN ledger_account a ON a.id = t.debit
    ORDER BY t.nr;

    -- Spending from a pooled account: sum, refuse what is not there, and leave a checkpoint.
    FOR v_row IN
        SELECT DISTINCT a.id, a.debit_side, ledger_pooled_balance(a.id, a.debit_side) AS balance
        FROM ledger_account a
        WHERE a.pooled AND a.guarded AND a.id = ANY (CASE WHEN a.debit_side THEN p_credits ELSE p_debits END)
    LOOP
        IF v_row.balance < 0 THEN
            RAISE EXCEPTION 'ledger: there is not enough on an account'
                USING ERRCODE = 'LG006', DETAIL = jsonb_build_object('accounts', jsonb_build_array(v_row.id))::text;
        END IF;
        INSERT INTO ledger_checkpoint (account_id, up_to_transfer_id, balance_cents)
        VALUES (v_row.id, (SELECT max(id) FROM ledger_transfer t WHERE t.entry_id = ledger_post.entry_id), v_row.balance)
        ON CONFLICT (account_id) DO UPDATE
            SET up_to_transfer_id = excluded.up_to_transfer_id, balance_cents = excluded.balance_cents;
    END LOOP;

    -- Payouts on their way are covered by cash of their own fund. What the bank itself did (1000) is never refused.
    SELECT f.id, cash.cents AS cash_cents, way.cents AS way_cents INTO v_row
    FROM (SELECT DISTINCT a.fund_id AS id FROM unnest(p_credits, p_debits) AS t(credit, debit)
          JOIN ledger_account a ON a.id = t.credit AND a.code = 2500
          JOIN ledger_account d ON d.id = t.debit AND d.code <> 1000) AS f
    CROSS JOIN LATERAL (SELECT coalesce(sum(ledger_pooled_balance(b.id, b.debit_side)), 0) AS cents
                        FROM ledger_account b WHERE b.fund_id = f.id AND b.code = 1000) AS cash
    CROSS JOIN LATERAL (SELECT coalesce(sum(p.balance_cents), 0) AS cents
                        FROM ledger_account p WHERE p.fund_id = f.id AND p.code = 2500) AS way
    WHERE way.cents > cash.cents LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger: fund % has % cents in cash and % on their way', v_row.id, v_row.cash_cents, v_row.way_cents
            USING ERRCODE = 'LG007', DETAIL = jsonb_build_object('fund', v_row.id, 'cash', v_row.cash_cents,
                'on_their_way', v_row.way_cents)::text;
    END IF;
    created := true;
END $$;
"""

REVERSE = """
CREATE FUNCTION ledger_reverse(
    p_key text, p_entry bigint, p_effective_on date, p_booked_at timestamptz, p_made_by bigint, p_note text,
    OUT entry_id bigint, OUT created boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_source text;
    v_debits bigint[];
    v_credits bigint[];
    v_amounts bigint[];
BEGIN
    SELECT e.source INTO v_source FROM ledger_entry e WHERE e.id = p_entry;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger: no entry %', p_entry USING ERRCODE = 'LG004';
    END IF;
    -- Said before the balances are looked at; two at the same time meet at the unique index below.
    PERFORM 1 FROM ledger_entry e WHERE e.reverses_id = p_entry AND e.key <> p_key;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger: entry % is reversed already', p_entry
            USING ERRCODE = 'LG008', DETAIL = jsonb_build_object('entry', p_entry)::text;
    END IF;
    SELECT array_agg(t.credit_id ORDER BY t.id), array_agg(t.debit_id ORDER BY t.id), array_agg(t.amount_cents ORDER BY t.id)
    INTO v_debits, v_credits, v_amounts
    FROM ledger_transfer t WHERE t.entry_id = p_entry;
    BEGIN
        SELECT posted.entry_id, posted.created INTO entry_id, created
        FROM ledger_post(p_key, 'reversal', v_source, p_effective_on, p_booked_at, p_made_by, NULL, p_note, p_entry,
                         v_debits, v_credits, v_amounts) AS posted;
    EXCEPTION WHEN unique_violation THEN
        RAISE EXCEPTION 'ledger: entry % is reversed already', p_entry
            USING ERRCODE = 'LG008', DETAIL = jsonb_build_object('entry', p_entry)::text;
    END;
END $$;
"""

GUARDS = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger: % is append-only', TG_TABLE_NAME USING ERRCODE = 'LG009';
END $$;
-- Also against the owner: a mistake is corrected by a reversal, by nobody in any other way.
CREATE TRIGGER entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER transfer_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER period_stays_closed BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_period
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE FUNCTION ledger_wait_to_close() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE ledger_entry IN SHARE MODE;
    RETURN NULL;
END $$;
CREATE TRIGGER period_waits_for_entries_under_way BEFORE INSERT ON ledger_period
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_wait_to_close();

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_kind, ledger_account, ledger_entry, ledger_transfer, ledger_checkpoint
    FROM buurtpot_app;
REVOKE INSERT, UPDATE, TRUNCATE ON ledger_note FROM buurtpot_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_period FROM buurtpot_app;
REVOKE DELETE, TRUNCATE ON ledger_fund FROM buurtpot_app;
REVOKE UPDATE ON ledger_fund FROM buurtpot_app;
GRANT UPDATE (name) ON ledger_fund TO buurtpot_app;

REVOKE EXECUTE ON FUNCTION
    ledger_open(bigint, smallint, text[], text[]),
    ledger_post(text, text, text, date, timestamptz, bigint, bigint, text, bigint, bigint[], bigint[], bigint[]),
    ledger_reverse(text, bigint, date, timestamptz, bigint, text),
    ledger_pooled_balance(bigint, boolean),
    ledger_wait_to_close()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    ledger_open(bigint, smallint, text[], text[]),
    ledger_post(text, text, text, date, timestamptz, bigint, bigint, text, bigint, bigint[], bigint[], bigint[]),
    ledger_reverse(text, bigint, date, timestamptz, bigint, text)
    TO buurtpot_app;
GRANT EXECUTE ON FUNCTION ledger_pooled_balance(bigint, boolean) TO buurtpot_app, buurtpot_reader;
"""

BACKWARD = """
DROP FUNCTION ledger_reverse(text, bigint, date, timestamptz, bigint, text);
DROP FUNCTION ledger_post(text, text, text, date, timestamptz, bigint, bigint, text, bigint, bigint[], bigint[], bigint[]);
DROP FUNCTION ledger_pooled_balance(bigint, boolean);
DROP FUNCTION ledger_open(bigint, smallint, text[], text[]);
DROP TRIGGER period_waits_for_entries_under_way ON ledger_period;
DROP FUNCTION ledger_wait_to_close();
DROP TRIGGER period_stays_closed ON ledger_period;
DROP TRIGGER transfer_is_append_only ON ledger_transfer;
DROP TRIGGER entry_is_append_only ON ledger_entry;
DROP FUNCTION ledger_refuse();
DELETE FROM ledger_kind;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_kind, ledger_account, ledger_entry, ledger_transfer, ledger_checkpoint,
    ledger_note, ledger_period, ledger_fund TO buurtpot_app;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL([KINDS, OPEN, BALANCE, POST, REVERSE, GUARDS], BACKWARD)]
