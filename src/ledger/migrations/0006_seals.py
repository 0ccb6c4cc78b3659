"""Seals, and the lines that they are made of (docs/canonical-form.md).

- Every transfer and every entry has one written form, its *line*; the hash of a line is its leaf. The transfers of an entry hang in a
  tree whose root stands in the entry's own line, the entries of a seal in a tree whose root stands in the seal's line, and each
  seal names the one before.
- `ledger_post` is written whole again. It keeps the root where it kept a hash of its own; takes no lock for each key (a statement of
  thousands of lines held thousands); opens no subtransaction; goes by single rows where an entry is one transfer; refuses a day before the books of a
  fund begin, and says on which day it can be booked.
- A day before 1 January of the year in which a fund was opened lies before its first period.
"""

from importlib import import_module

import django.db.models.deletion
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

LINES = """
CREATE FUNCTION ledger_tree(p_leaves bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
-- The root over leaves of 32 bytes, one after the other: sixteen of them make a node, until one is left. The byte 01 in front
-- keeps a node from passing for a leaf: lines begin with a brace.
BEGIN
    WHILE octet_length(p_leaves) > 32 LOOP
        SELECT string_agg(sha256('\\x01'::bytea || substring(p_leaves FROM 512 * i + 1 FOR 512)), ''::bytea ORDER BY i)
        INTO p_leaves FROM generate_series(0, (octet_length(p_leaves) - 1) / 512) AS i;
    END LOOP;
    RETURN p_leaves;
END $$;

-- Not a word of these may change: seals stand on them. No SET and no rights of their own, so that they are inlined.
CREATE FUNCTION ledger_transfer_line(
    p_fund ledger_fund, p_debit ledger_account, p_credit ledger_account, p_amount bigint) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('{"fund": %s, "organisation": %s, "currency": "%s", "debit": %s, "debit_code": %s, "debit_subject": %s, '
                  '"credit": %s, "credit_code": %s, "credit_subject": %s, "amount_cents": %s}',
                  p_fund.id, p_fund.organisation_id, p_fund.currency, p_debit.id, p_debit.code, to_json(p_debit.key),
                  p_credit.id, p_credit.code, to_json(p_credit.key), p_amount)
$$;
CREATE FUNCTION ledger_moment(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT left(to_json(p_at AT TIME ZONE 'UTC')::text, -1) || 'Z"' $$;
CREATE FUNCTION ledger_entry_line(p_entry ledger_entry) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('{"entry": %s, "key": "%s", "kind": %s, "source": %s, "effective_on": %s, "booked_at": %s, '
                  '"made_by": %s, "approved_by": %s, "reverses": %s, "note": %s, "root": "%s"}',
                  p_entry.id, encode(sha256(convert_to(p_entry.key, 'UTF8')), 'hex'), to_json(p_entry.kind), to_json(p_entry.source),
                  to_json(p_entry.effective_on), ledger_moment(p_entry.booked_at),
                  coalesce(p_entry.made_by_id::text, 'null'), coalesce(p_entry.approved_by_id::text, 'null'),
                  coalesce(p_entry.reverses_id::text, 'null'),
                  coalesce('"' || encode(p_entry.note_commitment, 'hex') || '"', 'null'), encode(p_entry.root, 'hex'))
$$;
CREATE FUNCTION ledger_seal_line(p_seal ledger_seal) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('{"seal": %s, "previous": "%s", "entries": %s, "last_entry": %s, "root": "%s", "sealed_at": %s}',
                  p_seal.number, encode(p_seal.previous, 'hex'), p_seal.entries, p_seal.last_entry_id,
                  encode(p_seal.root, 'hex'), ledger_moment(p_seal.sealed_at))
$$;
CREATE FUNCTION ledger_key_line(p_key ledger_key) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('{"key": "%s", "holder": %s, "witness": %s, "since": %s}',
                  encode(p_key.public, 'hex'), to_json(p_key.holder), to_json(p_key.witness), ledger_moment(p_key.since))
$$;
CREATE FUNCTION ledger_leaf(p_line text) RETURNS bytea
LANGUAGE sql STABLE AS $$ SELECT sha256(convert_to(p_line, 'UTF8')) $$;
"""

# Nothing is sealed yet, so nothing that was promised changes.
ROOTS = """
ALTER TABLE ledger_entry DISABLE TRIGGER entry_is_append_only;
UPDATE ledger_entry e SET root = (
    SELECT ledger_tree(string_agg(ledger_leaf(ledger_transfer_line(f, d, c, t.amount_cents)), ''::bytea ORDER BY t.id))
    FROM ledger_transfer t JOIN ledger_fund f ON f.id = t.fund_id
    JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
    WHERE t.entry_id = e.id);
ALTER TABLE ledger_entry ENABLE TRIGGER entry_is_append_only;
UPDATE ledger_fund SET first_day = date_trunc('year', opened_at AT TIME ZONE 'Europe/Amsterdam')::date;
"""

POST = """
CREATE OR REPLACE FUNCTION ledger_post(
    p_key text, p_kind text, p_source text, p_effective_on date, p_booked_at timestamptz,
    p_made_by bigint, p_approved_by bigint, p_note text, p_reverses bigint,
    p_debits bigint[], p_credits bigint[], p_amounts bigint[],
    OUT entry_id bigint, OUT created boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
-- Most entries are one transfer, and go by its two accounts, each found by its number: five times as fast as by sets. Where the two ways
-- part, it says so.
DECLARE
    v_debit bigint := p_debits[1];
    v_credit bigint := p_credits[1];
    v_amount bigint := p_amounts[1];
    v_one boolean := cardinality(p_debits) = 1 AND cardinality(p_credits) = 1 AND cardinality(p_amounts) = 1;
    v_root bytea;
    v_account bigint;
    v_salt bytea;
    v_transfer bigint;
    v_look record;
    v_row record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger: post under READ COMMITTED' USING ERRCODE = 'LG000';
    END IF;

    -- One look: what is wrong with a transfer, what it asks for, what its line is.
    IF v_one THEN
        SELECT CASE WHEN ledger_sound(d, c, v_amount) THEN 0::bigint ELSE 1 END AS bad,
               CASE WHEN ledger_takes_two(d.code, c.code, p_reverses) THEN 1::bigint ELSE 0 END AS by_two,
               d.pooled AS debit_pooled, c.pooled AS credit_pooled, d.pooled OR c.pooled AS pooled,
               ledger_spends(d, true) AS debit_spends, ledger_spends(c, false) AS credit_spends,
               ledger_spends(d, true) OR ledger_spends(c, false) AS spends,
               c.code = 2500 AS sends, c.code = 2500 AND d.code <> 1000 AS pays, f.id AS fund, f.first_day,
               ledger_leaf(ledger_transfer_line(f, d, c, v_amount)) AS leaves
        INTO v_look
        FROM ledger_account d, ledger_account c, ledger_fund f WHERE d.id = v_debit AND c.id = v_credit AND f.id = d.fund_id;
        v_root := v_look.leaves;
        v_one := NOT coalesce(v_look.sends, false);
    ELSE
        SELECT coalesce(min(t.nr) FILTER (WHERE ledger_sound(d, c, t.amount) IS NOT TRUE), 0) AS bad,
               coalesce(min(t.nr) FILTER (WHERE ledger_takes_two(d.code, c.code, p_reverses)), 0) AS by_two,
               bool_or(d.pooled OR c.pooled) AS pooled, bool_or(ledger_spends(d, true) OR ledger_spends(c, false)) AS spends,
               bool_or(c.code = 2500) AS sends, bool_or(c.code = 2500 AND d.code <> 1000) AS pays, max(f.first_day) AS first_day,
               string_agg(ledger_leaf(ledger_transfer_line(f, d, c, t.amount)), ''::bytea ORDER BY t.nr) AS leaves
        INTO v_look
        FROM unnest(p_debits, p_credits, p_amounts) WITH ORDINALITY AS t(debit, credit, amount, nr)
        LEFT JOIN ledger_account d ON d.id = t.debit
        LEFT JOIN ledger_account c ON c.id = t.credit
        LEFT JOIN ledger_fund f ON f.id = d.fund_id;
        v_root := ledger_tree(v_look.leaves);
    END IF;

    -- A key that is known: the first entry, or an error that tells of both. It comes before every refusal: what was there once is there.
    SELECT e.* INTO v_row FROM ledger_entry e WHERE e.key = p_key;
    IF FOUND THEN
        IF (v_row.kind, v_row.source, v_row.effective_on, v_row.made_by_id, v_row.approved_by_id, v_row.reverses_id, v_row.root)
            IS DISTINCT FROM (p_kind, p_source, p_effective_on, p_made_by, p_approved_by, p_reverses, v_root) THEN
            RAISE EXCEPTION 'ledger: key % was used for other content', p_key
                USING ERRCODE = 'LG001', DETAIL = jsonb_build_object('entry', v_row.id, 'key', p_key,
                    'first', ledger_told(v_row.kind, v_row.source, v_row.effective_on, v_row.made_by_id, v_row.approved_by_id,
                        v_row.reverses_id, array(SELECT t.debit_id FROM ledger_transfer t WHERE t.entry_id = v_row.id ORDER BY t.id),
                        array(SELECT t.credit_id FROM ledger_transfer t WHERE t.entry_id = v_row.id ORDER BY t.id),
                        array(SELECT t.amount_cents FROM ledger_transfer t WHERE t.entry_id = v_row.id ORDER BY t.id)),
                    'offered', ledger_told(p_kind, p_source, p_effective_on, p_made_by, p_approved_by, p_reverses,
                        p_debits, p_credits, p_amounts))::text;
        END IF;
        entry_id := v_row.id;
        created := false;
        RETURN;
    END IF;

    IF p_key = '' OR coalesce(cardinality(p_debits), 0) = 0
        OR cardinality(p_debits) IS DISTINCT FROM cardinality(p_credits)
        OR cardinality(p_debits) IS DISTINCT FROM cardinality(p_amounts) THEN
        RAISE EXCEPTION 'ledger: an entry has a key and at least one transfer' USING ERRCODE = 'LG002';
    END IF;
    IF v_look.bad IS DISTINCT FROM 0 THEN
        v_account := coalesce(v_look.bad, 1);
        RAISE EXCEPTION 'ledger: a transfer moves at least one cent between two open accounts of one fund'
            USING ERRCODE = (
                SELECT CASE WHEN count(*) < 2 AND p_debits[v_account] IS DISTINCT FROM p_credits[v_account] THEN 'LG004'
                            WHEN count(a.closed_at) > 0 THEN 'LG005' ELSE 'LG002' END
                FROM ledger_account a WHERE a.id IN (p_debits[v_account], p_credits[v_account])),
            DETAIL = jsonb_build_object('debit', p_debits[v_account], 'credit', p_credits[v_account],
                'amount', p_amounts[v_account])::text;
    END IF;
    IF v_look.by_two > 0 AND (p_made_by IS NULL OR p_approved_by IS NULL) THEN
        RAISE EXCEPTION 'ledger: cheques and payouts are made by one person and approved by another'
            USING ERRCODE = 'LG010', DETAIL = jsonb_build_object('debit', p_debits[v_look.by_two],
                'credit', p_credits[v_look.by_two], 'amount', p_amounts[v_look.by_two])::text;
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

    -- Locks in id order, pooled accounts first: shared to add, alone to spend from a guarded one. Then the cold ones, each by its
    -- change: a guarded one that would go below zero stays as it is. (The constraint on the table stands behind this.)
    IF v_one THEN
        FOREACH v_account IN ARRAY ARRAY[least(v_debit, v_credit), greatest(v_debit, v_credit)] LOOP
            IF (CASE v_account WHEN v_debit THEN v_look.debit_spends ELSE v_look.credit_spends END) THEN
                PERFORM pg_advisory_xact_lock(4711, v_account::int);
            ELSIF (CASE v_account WHEN v_debit THEN v_look.debit_pooled ELSE v_look.credit_pooled END) THEN
                PERFORM pg_advisory_xact_lock_shared(4711, v_account::int);
            END IF;
        END LOOP;
        FOREACH v_account IN ARRAY ARRAY[least(v_debit, v_credit), greatest(v_debit, v_credit)] LOOP
            CONTINUE WHEN CASE v_account WHEN v_debit THEN v_look.debit_pooled ELSE v_look.credit_pooled END;
            UPDATE ledger_account a
            SET balance_cents = a.balance_cents + CASE WHEN a.debit_side = (a.id = v_debit) THEN v_amount ELSE -v_amount END
            WHERE a.id = v_account
              AND (NOT a.guarded OR a.debit_side = (a.id = v_debit) OR a.balance_cents >= v_amount);
            IF NOT FOUND THEN
                RAISE EXCEPTION 'ledger: there is not enough on an account'
                    USING ERRCODE = 'LG006', DETAIL = jsonb_build_object('accounts', ARRAY[v_account])::text;
            END IF;
        END LOOP;
    ELSE
        IF v_look.pooled THEN
            PERFORM ledger_hold(p_debits, p_credits);
        END IF;
        PERFORM 1 FROM ledger_account a
        WHERE NOT a.pooled AND a.id = ANY (p_debits || p_credits) ORDER BY a.id FOR NO KEY UPDATE;
        WITH change AS (
            SELECT a.id, a.guarded, a.balance_cents + sum(CASE WHEN a.debit_side THEN moved.signed ELSE -moved.signed END)::bigint AS after
            FROM (SELECT debit AS account, amount AS signed FROM unnest(p_debits, p_amounts) AS t(debit, amount)
                  UNION ALL
                  SELECT credit, -amount FROM unnest(p_credits, p_amounts) AS t(credit, amount)) AS moved
            JOIN ledger_account a ON a.id = moved.account AND NOT a.pooled
            GROUP BY a.id),
        changed AS (
            UPDATE ledger_account a SET balance_cents = change.after FROM change
            WHERE a.id = change.id AND (change.after >= 0 OR NOT change.guarded))
        SELECT array_agg(change.id) AS accounts INTO v_row FROM change WHERE change.after < 0 AND change.guarded;
        IF v_row.accounts IS NOT NULL THEN
            RAISE EXCEPTION 'ledger: there is not enough on an account'
                USING ERRCODE = 'LG006', DETAIL = jsonb_build_object('accounts', v_row.accounts)::text;
        END IF;
    END IF;

    -- The id is drawn only now, with the locks held: entries on one account are numbered in the order in which they happened. Of two
    -- with one key the second waits here for the first and fails; asked again, it finds it. From this line on whoever closes a period
    -- waits for us (ledger_wait_to_close), and so does whoever seals (ledger_mark).
    IF p_note <> '' THEN
        v_salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    END IF;
    INSERT INTO ledger_entry (key, kind, source, effective_on, booked_at, made_by_id, approved_by_id, reverses_id, root,
                              note_commitment)
    VALUES (p_key, p_kind, p_source, p_effective_on, p_booked_at, p_made_by, p_approved_by, p_reverses, v_root,
            CASE WHEN v_salt IS NOT NULL THEN sha256(v_salt || convert_to(p_note, 'UTF8')) END)
    RETURNING id INTO entry_id;
    IF v_salt IS NOT NULL THEN
        INSERT INTO ledger_note (entry_id, salt, text) VALUES (entry_id, v_salt, p_note);
    END IF;
    PERFORM 1 FROM ledger_period p WHERE p_effective_on BETWEEN p.starts_on AND p.ends_on;
    IF FOUND OR p_effective_on < v_look.first_day THEN
        RAISE EXCEPTION 'ledger: % lies in no open period', p_effective_on
            USING ERRCODE = 'LG003', DETAIL = jsonb_build_object('on', p_effective_on,
                'open_on', ledger_open_day(greatest(p_effective_on, v_look.first_day)))::text;
    END IF;
    IF v_one THEN
        INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)
        VALUES (entry_id, v_look.fund, v_debit, v_credit, v_amount) RETURNING id INTO v_transfer;
    ELSE
        WITH written AS (
            INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)
            SELECT entry_id, a.fund_id, t.debit, t.credit, t.amount
            FROM unnest(p_debits, p_credits, p_amounts) WITH ORDINALITY AS t(debit, credit, amount, nr)
            JOIN ledger_account a ON a.id = t.debit
            ORDER BY t.nr RETURNING id)
        SELECT max(written.id) INTO v_transfer FROM written;
    END IF;

    -- Spending from a pooled account: sum, refuse what is not there, and leave a checkpoint.
    IF v_look.spends THEN
        FOR v_row IN
            SELECT a.id, ledger_pooled_balance(a.id, a.debit_side) AS balance FROM ledger_account a
            WHERE a.id = ANY (p_debits) AND ledger_spends(a, true) OR a.id = ANY (p_credits) AND ledger_spends(a, false)
        LOOP
            IF v_row.balance < 0 THEN
                RAISE EXCEPTION 'ledger: there is not enough on an account'
                    USING ERRCODE = 'LG006', DETAIL = jsonb_build_object('accounts', ARRAY[v_row.id])::text;
            END IF;
            PERFORM ledger_keep(v_row.id, v_transfer, v_row.balance);
        END LOOP;
    END IF;

    -- Payouts on their way are covered by cash of their own fund. What the bank itself did (1000) is never refused.
    IF v_look.pays THEN
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
    END IF;
    -- Who sent money on its way holds the bank alone, so its sum is certain too. Kept, the next payout does not add up all years.
    IF v_look.sends THEN
        PERFORM ledger_keep(bank.id, v_transfer, ledger_pooled_balance(bank.id, bank.debit_side))
        FROM (SELECT DISTINCT b.id, b.debit_side FROM unnest(p_credits) AS credit
              JOIN ledger_account a ON a.id = credit AND a.code = 2500
              JOIN ledger_account b ON b.fund_id = a.fund_id AND b.code = 1000) AS bank;
    END IF;
    created := true;
END $$;
"""

PARTS = """
-- At least one cent, between two open accounts of one fund.
CREATE FUNCTION ledger_sound(p_debit ledger_account, p_credit ledger_account, p_amount bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_debit.fund_id = p_credit.fund_id AND p_debit.id <> p_credit.id AND p_amount BETWEEN 1 AND 10000000000000
       AND p_debit.closed_at IS NULL AND p_credit.closed_at IS NULL
$$;
-- Two people where budget becomes cheques, where money is put on its way to a payee (what the bank sends back is a fact), and where it
-- leaves for the bank without having been on its way.
CREATE FUNCTION ledger_takes_two(p_debit smallint, p_credit smallint, p_reverses bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_debit = 2000 AND p_credit = 2100 OR p_debit <> 1000 AND p_credit = 2500
        OR p_reverses IS NULL AND p_debit IN (2000, 2100, 2200, 2300, 2600, 2700, 2800) AND p_credit = 1000
$$;
-- Takes from a guarded pooled account.
CREATE FUNCTION ledger_spends(p_account ledger_account, p_debited boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT p_account.pooled AND p_account.guarded AND p_account.debit_side <> p_debited $$;

-- Holds the pooled accounts of an entry until the transaction ends. Who sends money on its way needs the fund's cash to hold still too.
CREATE FUNCTION ledger_hold(p_debits bigint[], p_credits bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    v_row record;
BEGIN
    FOR v_row IN
        SELECT a.id, bool_or(moved.bank OR ledger_spends(a, moved.debited)) AS alone
        FROM (SELECT debit AS account, true AS debited, false AS bank FROM unnest(p_debits) AS debit
              UNION ALL
              SELECT credit, false, false FROM unnest(p_credits) AS credit
              UNION ALL
              SELECT b.id, false, true FROM unnest(p_credits) AS credit
              JOIN ledger_account w ON w.id = credit AND w.code = 2500
              JOIN ledger_account b ON b.fund_id = w.fund_id AND b.code = 1000) AS moved
        JOIN ledger_account a ON a.id = moved.account AND a.pooled
        GROUP BY a.id ORDER BY a.id
    LOOP
        IF v_row.alone THEN
            PERFORM pg_advisory_xact_lock(4711, v_row.id::int);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(4711, v_row.id::int);
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION ledger_keep(p_account bigint, p_up_to bigint, p_balance bigint) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
    INSERT INTO ledger_checkpoint (account_id, up_to_transfer_id, balance_cents) VALUES (p_account, p_up_to, p_balance)
    ON CONFLICT (account_id) DO UPDATE
        SET up_to_transfer_id = excluded.up_to_transfer_id, balance_cents = excluded.balance_cents
$$;

-- What an error tells of an entry: of a long one its first twenty transfers.
CREATE FUNCTION ledger_told(
    p_kind text, p_source text, p_effective_on date, p_made_by bigint, p_approved_by bigint, p_reverses bigint,
    p_debits bigint[], p_credits bigint[], p_amounts bigint[]) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('kind', p_kind, 'source', p_source, 'effective_on', p_effective_on, 'made_by', p_made_by,
        'approved_by', p_approved_by, 'reverses', p_reverses, 'transfers', cardinality(p_debits),
        'debits', p_debits[:20], 'credits', p_credits[:20], 'amounts', p_amounts[:20])
$$;

CREATE FUNCTION ledger_open_day(p_on date) RETURNS date
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
-- The first day from this one on that lies in no closed period.
DECLARE
    v_end date;
BEGIN
    LOOP
        SELECT max(p.ends_on) INTO v_end FROM ledger_period p WHERE p_on BETWEEN p.starts_on AND p.ends_on;
        EXIT WHEN v_end IS NULL;
        p_on := v_end + 1;
    END LOOP;
    RETURN p_on;
END $$;
"""

REVERSE = """
CREATE OR REPLACE FUNCTION ledger_reverse(
    p_key text, p_entry bigint, p_effective_on date, p_booked_at timestamptz, p_made_by bigint, p_note text,
    OUT entry_id bigint, OUT created boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_source text;
    v_debits bigint[];
    v_credits bigint[];
    v_amounts bigint[];
    v_constraint text;
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
        GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
        IF v_constraint <> 'entry_reversed_once' THEN
            RAISE;
        END IF;
        RAISE EXCEPTION 'ledger: entry % is reversed already', p_entry
            USING ERRCODE = 'LG008', DETAIL = jsonb_build_object('entry', p_entry)::text;
    END;
END $$;
"""

SEALS = """
-- The last number that was drawn for an entry, and who is writing entries at this moment. All who drew a number up to that one are
-- among them, or done: ledger_post takes the table's lock before it draws. When none of them writes any more, every entry up to that
-- number is there for good, and no other will come. Nobody is kept waiting, and a long transaction that posts nothing is not waited for.
CREATE FUNCTION ledger_mark(OUT up_to bigint, OUT writing text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END INTO up_to FROM ledger_entry_id_seq s;
    writing := ledger_writing();
END $$;
CREATE FUNCTION ledger_writing() RETURNS text[]
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT l.virtualtransaction), '{}') FROM pg_locks l
    WHERE l.locktype = 'relation' AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND l.relation = 'ledger_entry'::regclass AND l.mode = 'RowExclusiveLock' AND l.granted
$$;

-- Seals the entries up to a mark, at most so many, and gives the line to be signed; no row when there is nothing to seal. The signature
-- comes in the same transaction: without it the seal does not last (seal_is_signed).
CREATE FUNCTION ledger_seal(p_up_to bigint, p_most integer, p_now timestamptz, OUT number bigint, OUT line text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_before ledger_seal;
    v_new ledger_seal;
BEGIN
    -- One at a time; who comes second reads what the first has sealed.
    LOCK TABLE ledger_seal IN SHARE ROW EXCLUSIVE MODE;
    SELECT s.* INTO v_before FROM ledger_seal s ORDER BY s.number DESC LIMIT 1;
    SELECT count(*), max(sealed.id), array_agg(sealed.id ORDER BY sealed.id),
           string_agg(ledger_leaf(sealed.line), ''::bytea ORDER BY sealed.id)
    INTO v_new.entries, v_new.last_entry_id, v_new.entry_ids, v_new.leaves
    FROM (SELECT e.id, ledger_entry_line(e) AS line FROM ledger_entry e
          WHERE e.id > coalesce(v_before.last_entry_id, 0) AND e.id <= p_up_to
          ORDER BY e.id LIMIT p_most) AS sealed;
    IF v_new.entries = 0 THEN
        RETURN;
    END IF;
    v_new.number := coalesce(v_before.number, 0) + 1;
    v_new.previous := coalesce(v_before.head, decode(repeat('00', 32), 'hex'));
    v_new.root := ledger_tree(v_new.leaves);
    v_new.sealed_at := p_now;
    number := v_new.number;
    line := ledger_seal_line(v_new);
    v_new.head := ledger_leaf(line);
    INSERT INTO ledger_seal (number, previous, entries, last_entry_id, root, sealed_at, head, entry_ids, leaves)
    VALUES (v_new.number, v_new.previous, v_new.entries, v_new.last_entry_id, v_new.root, v_new.sealed_at, v_new.head,
            v_new.entry_ids, v_new.leaves);
END $$;

CREATE FUNCTION ledger_seal_is_signed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM ledger_signature s JOIN ledger_key k ON k.id = s.key_id AND NOT k.witness WHERE s.seal_id = NEW.number;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger: seal % is not signed', NEW.number USING ERRCODE = 'LG011';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER seal_is_signed AFTER INSERT ON ledger_seal DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_seal_is_signed();
CREATE TRIGGER seal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER signature_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_signature
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER key_stays BEFORE DELETE OR TRUNCATE ON ledger_key FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_seal FROM buurtpot_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_signature, ledger_key FROM buurtpot_app;
GRANT UPDATE (until) ON ledger_key TO buurtpot_app;
REVOKE EXECUTE ON FUNCTION ledger_mark(), ledger_writing(), ledger_seal(bigint, integer, timestamptz), ledger_seal_is_signed(),
    ledger_keep(bigint, bigint, bigint), ledger_hold(bigint[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_mark(), ledger_writing(), ledger_seal(bigint, integer, timestamptz) TO buurtpot_app;
"""

BACKWARD = """
DROP FUNCTION ledger_seal(bigint, integer, timestamptz);
DROP FUNCTION ledger_mark();
DROP FUNCTION ledger_writing();
DROP TRIGGER seal_is_signed ON ledger_seal;
DROP FUNCTION ledger_seal_is_signed();
DROP FUNCTION ledger_open_day(date);
DROP FUNCTION ledger_hold(bigint[], bigint[]);
DROP FUNCTION ledger_spends(ledger_account, boolean);
DROP FUNCTION ledger_takes_two(smallint, smallint, bigint);
DROP FUNCTION ledger_sound(ledger_account, ledger_account, bigint);
DROP FUNCTION ledger_told(text, text, date, bigint, bigint, bigint, bigint[], bigint[], bigint[]);
DROP FUNCTION ledger_keep(bigint, bigint, bigint);
DROP FUNCTION ledger_leaf(text);
DROP FUNCTION ledger_key_line(ledger_key);
DROP FUNCTION ledger_seal_line(ledger_seal);
DROP FUNCTION ledger_entry_line(ledger_entry);
DROP FUNCTION ledger_moment(timestamptz);
DROP FUNCTION ledger_transfer_line(ledger_fund, ledger_account, ledger_account, bigint);
DROP FUNCTION ledger_tree(bytea);
"""

posting = import_module("ledger.migrations.0002_posting")
last = import_module("ledger.migrations.0004_no_way_round_two_people")
BEFORE = last.BEFORE.replace(last.LET_OFF, last.ALL).replace(last.ASKED, last.ASKED_NOW)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_fewer_indexes")]
    operations = [
        migrations.CreateModel(
            name="Key",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public", models.BinaryField(unique=True)),
                ("holder", models.CharField(max_length=200)),
                ("witness", models.BooleanField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("endorsement", models.BinaryField(null=True)),
                (
                    "endorsed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.key",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("previous", models.BinaryField()),
                ("entries", models.BigIntegerField()),
                ("last_entry_id", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("head", models.BinaryField(unique=True)),
                ("entry_ids", ArrayField(models.BigIntegerField())),
                ("leaves", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signature", models.BinaryField()),
                ("signed_at", models.DateTimeField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="ledger.key",
                    ),
                ),
                (
                    "seal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="ledger.seal",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(
                fields=("seal", "key"), name="signature_once_per_seal_and_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__lte", 10_000_000_000_000)),
                name="transfer_amount_within_reason",
            ),
        ),
        migrations.RenameField("Entry", "content", "root"),
        migrations.AddField("Fund", "first_day", models.DateField(null=True)),
        migrations.RunSQL([LINES, ROOTS, PARTS], BACKWARD),
        migrations.AlterField("Fund", "first_day", models.DateField()),
        migrations.RunSQL(
            [POST, REVERSE, SEALS],
            [BEFORE, posting.REVERSE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")],
        ),
    ]
