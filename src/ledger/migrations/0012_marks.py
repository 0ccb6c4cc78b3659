"""Who seals or adds up says which mark it goes by, and the database itself looks whether that one is final.

The application told `ledger_seal` and `ledger_sum` a number, and was believed. One that is too high leaves out what was still being
written: of the totals, and with them of a checkpoint, a spend could be lost. Now a mark is a row that only `ledger_mark` writes, with
who was writing when it was made; as long as one of those writes, nothing is sealed or added up by it.
"""

from importlib import import_module

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

SEALS = import_module("ledger.migrations.0006_seals").SEALS
DAYS = import_module("ledger.migrations.0009_day_totals").DAYS

MARKS = """
DROP FUNCTION ledger_mark();
DROP FUNCTION ledger_transfer_mark();
DROP FUNCTION ledger_seal(bigint, integer, timestamptz);
DROP FUNCTION ledger_sum(bigint, integer);

-- The last numbers that were drawn for an entry and for a transfer, and who else is writing at this moment. All who drew a number up to
-- those are among them, or done: ledger_post takes the table's lock before it draws. When none of them writes any more, every entry up to
-- that number is there for good, and no other will come. Nobody is kept waiting, and a long transaction that posts nothing is not waited
-- for. What this transaction itself booked it sees; it stays or goes together with the mark.
CREATE FUNCTION ledger_mark() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_entry bigint;
    v_transfer bigint;
    v_mark bigint;
BEGIN
    DELETE FROM ledger_watermark w WHERE w.made_at < clock_timestamp() - interval '1 day';
    SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END INTO v_entry FROM ledger_entry_id_seq s;
    SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END INTO v_transfer FROM ledger_transfer_id_seq s;
    INSERT INTO ledger_watermark (up_to_entry_id, up_to_transfer_id, made_at, writing)
    SELECT v_entry, v_transfer, clock_timestamp(), coalesce(array_agg(other.id), '{}') FROM unnest(ledger_writing()) AS other(id)
    WHERE NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.virtualtransaction = other.id)
    RETURNING id INTO v_mark;
    RETURN v_mark;
END $$;

-- The mark, when all who wrote when it was made are done; no row before.
CREATE FUNCTION ledger_settled(p_mark bigint) RETURNS SETOF ledger_watermark
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT w.* FROM ledger_watermark w WHERE w.id = p_mark AND NOT w.writing && ledger_writing()
$$;
CREATE FUNCTION ledger_final(p_mark bigint) RETURNS ledger_watermark
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    v_mark ledger_watermark;
BEGIN
    -- With an older snapshot, what those wrote in the meantime would not be seen.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger: seal and add up under READ COMMITTED' USING ERRCODE = 'LG000';
    END IF;
    SELECT * INTO v_mark FROM ledger_settled(p_mark);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger: mark % is not final', p_mark USING ERRCODE = 'LG012';
    END IF;
    RETURN v_mark;
END $$;

-- Seals the entries up to a mark, at most so many, and gives the line to be signed; no row when there is nothing to seal. The signature
-- comes in the same transaction: without it the seal does not last (seal_is_signed).
CREATE FUNCTION ledger_seal(p_mark bigint, p_most integer, p_now timestamptz, OUT number bigint, OUT line text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_mark ledger_watermark := ledger_final(p_mark);
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
          WHERE e.id > coalesce(v_before.last_entry_id, 0) AND e.id <= v_mark.up_to_entry_id
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

{sum}
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_watermark FROM buurtpot_app;
REVOKE EXECUTE ON FUNCTION ledger_writing() FROM buurtpot_app;
REVOKE EXECUTE ON FUNCTION ledger_mark(), ledger_settled(bigint), ledger_final(bigint), ledger_seal(bigint, integer, timestamptz),
    ledger_sum(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_mark(), ledger_settled(bigint), ledger_seal(bigint, integer, timestamptz),
    ledger_sum(bigint, integer) TO buurtpot_app;
"""


def between(text: str, first: str, after: str) -> str:
    return text[text.index(first) : text.index(after)]


SUM_BEFORE = between(DAYS, "-- Adds up to so many", "-- A pooled account's balance up to")
SUM = (
    SUM_BEFORE.replace("(p_up_to bigint,", "(p_mark bigint,")
    .replace("DECLARE\n", "DECLARE\n    v_mark ledger_watermark := ledger_final(p_mark);\n")
    .replace("t.id <= p_up_to", "t.id <= v_mark.up_to_transfer_id")
)

BACKWARD = f"""
DROP FUNCTION ledger_sum(bigint, integer);
DROP FUNCTION ledger_seal(bigint, integer, timestamptz);
DROP FUNCTION ledger_final(bigint);
DROP FUNCTION ledger_settled(bigint);
DROP FUNCTION ledger_mark();
{between(SEALS, "-- The last number that was drawn", "CREATE FUNCTION ledger_writing")}
{between(SEALS, "-- Seals the entries up to", "CREATE FUNCTION ledger_seal_is_signed")}
{between(DAYS, "-- The last transfer there is", "-- Adds up to so many")}
{SUM_BEFORE}
REVOKE EXECUTE ON FUNCTION ledger_mark(), ledger_transfer_mark(), ledger_seal(bigint, integer, timestamptz),
    ledger_sum(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_mark(), ledger_transfer_mark(), ledger_writing(), ledger_seal(bigint, integer, timestamptz),
    ledger_sum(bigint, integer) TO buurtpot_app;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0011_hold_the_bank")]
    operations = [
        migrations.CreateModel(
            name="Watermark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("up_to_entry_id", models.BigIntegerField()),
                ("up_to_transfer_id", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("writing", ArrayField(models.TextField())),
            ],
        ),
        migrations.RunSQL(MARKS.replace("{sum}", SUM), BACKWARD),
    ]
