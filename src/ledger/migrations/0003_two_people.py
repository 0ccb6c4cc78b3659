"""Cheques are issued and money is paid out by two people: the posting function refuses an entry that names fewer.

The constraint `entry_maker_is_not_approver` compares the two; it says nothing of an entry without them. From here on an entry that
takes budget (2000) into cheques (2100), or puts anything but the bank's own return on its way to a payee (2500), names both.
To reverse a reversal is to do the thing again, so that names both too. Whoever puts money on its way also leaves a checkpoint of the
bank. The rest of the function is as it was in 0002.
"""

from importlib import import_module

from django.db import migrations

POST = """
CREATE OR REPLACE FUNCTION ledger_post(
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
    -- A reversal only undoes, so it asks for nobody. To reverse a reversal is to do the thing again, so that asks for both.
    v_fewer_than_two boolean := (p_made_by IS NULL OR p_approved_by IS NULL) AND (p_reverses IS NULL OR EXISTS (
        SELECT 1 FROM ledger_entry e WHERE e.id = p_reverses AND e.reverses_id IS NOT NULL));
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

    -- Each transfer: at least one cent, two open accounts of one fund. And two people where budget becomes cheques (2000, 2100)
    -- and where money is put on its way to a payee (2500); what the bank sends back (1000) is a fact. One look for both: this
    -- is the way of every gift.
    SELECT t.debit, t.credit, t.amount, d.id IS NULL OR c.id IS NULL AS unknown,
           d.closed_at IS NOT NULL OR c.closed_at IS NOT NULL AS closed,
           d.fund_id = c.fund_id AND t.debit <> t.credit AND t.amount > 0 AS sound
    INTO v_row
    FROM unnest(p_debits, p_credits, p_amounts) AS t(debit, credit, amount)
    LEFT JOIN ledger_account d ON d.id = t.debit
    LEFT JOIN ledger_account c ON c.id = t.credit
    WHERE d.id IS NULL OR c.id IS NULL OR d.fund_id <> c.fund_id OR t.debit = t.credit
       OR t.amount IS NULL OR t.amount <= 0 OR d.closed_at IS NOT NULL OR c.closed_at IS NOT NULL
       OR v_fewer_than_two AND (d.code = 2000 AND c.code = 2100 OR d.code <> 1000 AND c.code = 2500)
    LIMIT 1;
    IF FOUND AND v_row.sound AND NOT v_row.closed THEN
        RAISE EXCEPTION 'ledger: cheques and payouts are made by one person and approved by another'
            USING ERRCODE = 'LG010',
                  DETAIL = jsonb_build_object('debit', v_row.debit, 'credit', v_row.credit, 'amount', v_row.amount)::text;
    ELSIF FOUND THEN
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
    -- Who sent money on its way holds the bank alone, so its sum is certain too. Kept, the next payout does not add up all years.
    INSERT INTO ledger_checkpoint (account_id, up_to_transfer_id, balance_cents)
    SELECT DISTINCT bank.id, (SELECT max(t.id) FROM ledger_transfer t WHERE t.entry_id = ledger_post.entry_id),
           ledger_pooled_balance(bank.id, bank.debit_side)
    FROM unnest(p_credits) AS credit
    JOIN ledger_account a ON a.id = credit AND a.code = 2500
    JOIN ledger_account bank ON bank.fund_id = a.fund_id AND bank.code = 1000
    ON CONFLICT (account_id) DO UPDATE
        SET up_to_transfer_id = excluded.up_to_transfer_id, balance_cents = excluded.balance_cents;
    created := true;
END $$;
"""

BEFORE = import_module("ledger.migrations.0002_posting").POST.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_posting")]
    # The function stays the same object, so who may call it stays as it was.
    operations = [migrations.RunSQL(POST, BEFORE)]
