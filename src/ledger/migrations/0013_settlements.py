"""Posting again: what may be settled, reversed and done alone; and most entries by less.

- What one fund settles with another nets to zero over the bank (money rule 2).
- Two people also where budget goes anywhere but to a pot (a match), back to its funder or to another budget; and where an unidentified
  receipt leaves for the bank without being settled with the fund it is for.
- A reversal is not reversed: what it undid is booked anew, under a key of its own. Who follows an entry had two that undid each other, and
  none that counted.
- An entry of one transfer with nothing special to it has a way of its own through `ledger_post`, in seven short statements; the general
  way books any entry, also that one.
"""

from importlib import import_module

from django.db import migrations

PARTS = """
CREATE OR REPLACE FUNCTION ledger_takes_two(p_debit smallint, p_credit smallint, p_reverses bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_debit = 2000 AND p_credit NOT IN (1000, 2000, 2300, 2700) OR p_debit <> 1000 AND p_credit = 2500
        OR p_reverses IS NULL AND p_debit IN (2000, 2100, 2200, 2300, 2600, 2700, 2800) AND p_credit = 1000
$$;
CREATE FUNCTION ledger_refuse_overdraft(p_accounts bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger: there is not enough on an account'
        USING ERRCODE = 'LG006', DETAIL = jsonb_build_object('accounts', p_accounts)::text;
END $$;
CREATE FUNCTION ledger_refuse_day(p_on date, p_first_day date) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'ledger: % lies in no open period', p_on
        USING ERRCODE = 'LG003', DETAIL = jsonb_build_object('on', p_on, 'open_on', ledger_open_day(greatest(p_on, p_first_day)))::text;
END $$;
"""

POST = """
CREATE OR REPLACE FUNCTION ledger_post(
    p_key text, p_kind text, p_source text, p_effective_on date, p_booked_at timestamptz,
    p_made_by bigint, p_approved_by bigint, p_note text, p_reverses bigint,
    p_debits bigint[], p_credits bigint[], p_amounts bigint[],
    OUT entry_id bigint, OUT created boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
-- Most entries are one transfer with nothing special to it. Those go by their two accounts, each found by its number: five times as
-- fast as by sets. Whatever else there is, or is wrong, is for the second half, which can book every entry by itself.
DECLARE
    v_debit bigint := p_debits[1];
    v_credit bigint := p_credits[1];
    v_amount bigint := p_amounts[1];
    v_first bigint := v_debit;
    v_second bigint := v_credit;
    v_first_change bigint;
    v_second_change bigint;
    v_fund bigint;
    v_first_day date;
    v_root bytea;
    v_bad bigint;
    v_salt bytea;
    v_transfer bigint;
    v_settles boolean := false;
    v_look record;
    v_row record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger: post under READ COMMITTED' USING ERRCODE = 'LG000';
    END IF;

    IF cardinality(p_debits) = 1 AND cardinality(p_credits) = 1 AND cardinality(p_amounts) = 1 THEN
        SELECT CASE WHEN NOT d.pooled THEN CASE WHEN d.debit_side THEN v_amount ELSE -v_amount END END,
               CASE WHEN NOT c.pooled THEN CASE WHEN c.debit_side THEN -v_amount ELSE v_amount END END,
               f.id, f.first_day, ledger_leaf(ledger_transfer_line(f, d, c, v_amount))
        INTO v_first_change, v_second_change, v_fund, v_first_day, v_root
        FROM ledger_account d JOIN ledger_fund f ON f.id = d.fund_id JOIN ledger_account c ON c.id = v_credit
        WHERE d.id = v_debit AND ledger_sound(d, c, v_amount) AND c.code NOT IN (1000, 2500)
          AND NOT ledger_spends(d, true) AND NOT ledger_spends(c, false)
          AND (NOT ledger_takes_two(d.code, c.code, p_reverses) OR p_made_by IS NOT NULL AND p_approved_by IS NOT NULL)
          AND p_reverses IS NULL AND coalesce(p_note, '') = '' AND p_key <> ''
          AND NOT EXISTS (SELECT FROM ledger_entry e WHERE e.key = p_key);
    END IF;
    IF v_root IS NOT NULL THEN
        -- Locks as below: pooled accounts first, then the cold ones by their change, both in id order.
        IF v_credit < v_debit THEN
            v_first := v_credit;
            v_second := v_debit;
            v_bad := v_first_change;
            v_first_change := v_second_change;
            v_second_change := v_bad;
        END IF;
        IF v_first_change IS NULL THEN
            PERFORM pg_advisory_xact_lock_shared(4711, v_first::int);
        END IF;
        IF v_second_change IS NULL THEN
            PERFORM pg_advisory_xact_lock_shared(4711, v_second::int);
        END IF;
        IF v_first_change IS NOT NULL THEN
            UPDATE ledger_account a SET balance_cents = a.balance_cents + v_first_change
            WHERE a.id = v_first AND (a.balance_cents + v_first_change >= 0 OR NOT a.guarded);
            IF NOT FOUND THEN
                PERFORM ledger_refuse_overdraft(ARRAY[v_first]);
            END IF;
        END IF;
        IF v_second_change IS NOT NULL THEN
            UPDATE ledger_account a SET balance_cents = a.balance_cents + v_second_change
            WHERE a.id = v_second AND (a.balance_cents + v_second_change >= 0 OR NOT a.guarded);
            IF NOT FOUND THEN
                PERFORM ledger_refuse_overdraft(ARRAY[v_second]);
            END IF;
        END IF;
        INSERT INTO ledger_entry (key, kind, source, effective_on, booked_at, made_by_id, approved_by_id, root)
        VALUES (p_key, p_kind, p_source, p_effective_on, p_booked_at, p_made_by, p_approved_by, v_root)
        RETURNING id INTO entry_id;
        INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)
        SELECT entry_id, v_fund, v_debit, v_credit, v_amount
        WHERE p_effective_on >= v_first_day
          AND NOT EXISTS (SELECT FROM ledger_period p WHERE p_effective_on BETWEEN p.starts_on AND p.ends_on);
        IF NOT FOUND THEN
            PERFORM ledger_refuse_day(p_effective_on, v_first_day);
        END IF;
        created := true;
        RETURN;
    END IF;

    -- One look at all transfers: what is wrong with them, what they ask for, what their lines are.
    SELECT coalesce(min(t.nr) FILTER (WHERE ledger_sound(d, c, t.amount) IS NOT TRUE), 0) AS bad,
           min(t.nr) FILTER (WHERE ledger_takes_two(d.code, c.code, p_reverses)) AS by_two,
           min(t.nr) FILTER (WHERE d.code = 2900 AND c.code = 1000) AS sent_back,
           bool_or(d.pooled OR c.pooled) AS pooled, bool_or(ledger_spends(d, true) OR ledger_spends(c, false)) AS spends,
           bool_or(d.code = 1000 OR c.code = 1000) AS banks, bool_or(c.code = 2500) AS sends,
           bool_or(c.code = 2500 AND d.code <> 1000) AS pays, max(f.first_day) AS first_day,
           string_agg(ledger_leaf(ledger_transfer_line(f, d, c, t.amount)), ''::bytea ORDER BY t.nr) AS leaves
    INTO v_look
    FROM unnest(p_debits, p_credits, p_amounts) WITH ORDINALITY AS t(debit, credit, amount, nr)
    LEFT JOIN ledger_account d ON d.id = t.debit
    LEFT JOIN ledger_account c ON c.id = t.credit
    LEFT JOIN ledger_fund f ON f.id = d.fund_id;
    v_root := ledger_tree(v_look.leaves);

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
    IF v_look.bad <> 0 THEN
        v_bad := v_look.bad;
        RAISE EXCEPTION 'ledger: a transfer moves at least one cent between two open accounts of one fund'
            USING ERRCODE = (
                SELECT CASE WHEN count(*) < 2 AND p_debits[v_bad] IS DISTINCT FROM p_credits[v_bad] THEN 'LG004'
                            WHEN count(a.closed_at) > 0 THEN 'LG005' ELSE 'LG002' END
                FROM ledger_account a WHERE a.id IN (p_debits[v_bad], p_credits[v_bad])),
            DETAIL = jsonb_build_object('debit', p_debits[v_bad], 'credit', p_credits[v_bad],
                'amount', p_amounts[v_bad])::text;
    END IF;
    -- A settlement takes from the bank of one fund what it puts on that of another. What Stripe pays out may go both ways too, in one
    -- entry; that is a fact of the bank, and need not net.
    IF v_look.banks THEN
        SELECT min(net.cents) < 0 AND max(net.cents) > 0 AS goes_over, sum(net.cents) AS cents INTO v_row
        FROM (SELECT b.fund_id, sum(moved.cents) AS cents
              FROM (SELECT debit, credit, amount FROM unnest(p_debits, p_credits, p_amounts) AS t(debit, credit, amount)
                    UNION ALL
                    SELECT credit, debit, -amount FROM unnest(p_debits, p_credits, p_amounts) AS t(debit, credit, amount)
                   ) AS moved(bank, other, cents)
              JOIN ledger_account b ON b.id = moved.bank AND b.code = 1000
              JOIN ledger_account o ON o.id = moved.other AND o.code <> 1100
              GROUP BY b.fund_id) AS net;
        v_settles := coalesce(v_row.goes_over, false);
        IF v_settles AND v_row.cents <> 0 THEN
            RAISE EXCEPTION 'ledger: what one fund settles with another nets to zero over the bank'
                USING ERRCODE = 'LG002', DETAIL = jsonb_build_object('left', v_row.cents)::text;
        END IF;
    END IF;
    IF p_reverses IS NOT NULL THEN
        PERFORM 1 FROM ledger_entry e WHERE e.id = p_reverses AND e.reverses_id IS NOT NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'ledger: entry % is a reversal itself', p_reverses
                USING ERRCODE = 'LG013', DETAIL = jsonb_build_object('entry', p_reverses)::text;
        END IF;
        SELECT array_agg(t.credit_id ORDER BY t.id) AS debits, array_agg(t.debit_id ORDER BY t.id) AS credits,
               array_agg(t.amount_cents ORDER BY t.id) AS amounts
        INTO v_row FROM ledger_transfer t WHERE t.entry_id = p_reverses;
        IF (v_row.debits, v_row.credits, v_row.amounts) IS DISTINCT FROM (p_debits, p_credits, p_amounts) THEN
            RAISE EXCEPTION 'ledger: a reversal mirrors what it reverses'
                USING ERRCODE = 'LG002', DETAIL = jsonb_build_object('entry', p_reverses)::text;
        END IF;
    END IF;
    v_bad := coalesce(v_look.by_two, CASE WHEN p_reverses IS NULL AND NOT v_settles THEN v_look.sent_back END);
    IF v_bad IS NOT NULL AND (p_made_by IS NULL OR p_approved_by IS NULL) THEN
        RAISE EXCEPTION 'ledger: cheques and payouts are made by one person and approved by another'
            USING ERRCODE = 'LG010', DETAIL = jsonb_build_object('debit', p_debits[v_bad],
                'credit', p_credits[v_bad], 'amount', p_amounts[v_bad])::text;
    END IF;

    -- Locks in id order, pooled accounts first: shared to add, alone to spend from a guarded one. Then the cold ones, each by its
    -- change: a guarded one that would go below zero stays as it is. (The constraint on the table stands behind this.)
    IF v_look.pooled OR v_look.sends THEN
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
        PERFORM ledger_refuse_overdraft(v_row.accounts);
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
        PERFORM ledger_refuse_day(p_effective_on, v_look.first_day);
    END IF;
    WITH written AS (
        INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)
        SELECT entry_id, a.fund_id, t.debit, t.credit, t.amount
        FROM unnest(p_debits, p_credits, p_amounts) WITH ORDINALITY AS t(debit, credit, amount, nr)
        JOIN ledger_account a ON a.id = t.debit
        ORDER BY t.nr RETURNING id)
    SELECT max(written.id) INTO v_transfer FROM written;

    -- Spending from a pooled account: sum, refuse what is not there, and leave a checkpoint.
    IF v_look.spends THEN
        FOR v_row IN
            SELECT a.id, ledger_pooled_balance(a.id, a.debit_side) AS balance FROM ledger_account a
            WHERE a.id = ANY (p_debits) AND ledger_spends(a, true) OR a.id = ANY (p_credits) AND ledger_spends(a, false)
        LOOP
            IF v_row.balance < 0 THEN
                PERFORM ledger_refuse_overdraft(ARRAY[v_row.id]);
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

PARTS_BEFORE = import_module("ledger.migrations.0006_seals").PARTS
TAKES_TWO = PARTS_BEFORE[
    PARTS_BEFORE.index("CREATE FUNCTION ledger_takes_two") : PARTS_BEFORE.index(
        "-- Takes from a guarded pooled account"
    )
]
last = import_module("ledger.migrations.0011_hold_the_bank")
BACKWARD = f"""
{last.BEFORE.replace(last.NOW_AND_THEN, last.ALWAYS)}
{TAKES_TWO.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")}
DROP FUNCTION ledger_refuse_overdraft(bigint[]);
DROP FUNCTION ledger_refuse_day(date, date);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_marks")]
    operations = [migrations.RunSQL([PARTS, POST], BACKWARD)]
