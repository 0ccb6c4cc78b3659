"""An account is closed when nothing is on it, and nothing is on a closed account.

Only one that keeps a balance: who adds to a pooled one waits for nobody, so its end could not be told to who is under way.
"""

from django.db import migrations, models

CLOSE = """
CREATE FUNCTION ledger_close_account(p_account bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_account record;
BEGIN
    UPDATE ledger_account a SET closed_at = coalesce(a.closed_at, p_at) WHERE a.id = p_account AND a.balance_cents = 0;
    IF NOT FOUND THEN
        SELECT a.id, a.balance_cents INTO v_account FROM ledger_account a WHERE a.id = p_account;
        RAISE EXCEPTION 'ledger: an account is closed when it keeps a balance and nothing is on it'
            USING ERRCODE = CASE WHEN v_account.id IS NULL THEN 'LG004' ELSE 'LG014' END,
            DETAIL = jsonb_build_object('account', p_account, 'balance', v_account.balance_cents)::text;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION ledger_close_account(bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_close_account(bigint, timestamptz) TO buurtpot_app;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0016_account_indexes")]
    operations = [
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(pooled=False, balance_cents=0),
                name="account_closed_is_empty",
            ),
        ),
        migrations.RunSQL(CLOSE, "DROP FUNCTION ledger_close_account(bigint, timestamptz);"),
    ]
