"""Two people on every way out, also over accounts between; and a settlement by one that only settles.

What a transfer may do alone was a list of what it may not, and money went round it by an account that was not on it: from a pot over 4000
to the bank, or from the budget over 2700 into a purse. Now all that leaves for the bank takes two but what the bank and Stripe did and what is
settled; so does what goes to an account that stands for no resident's or funder's money, and all that becomes a cheque other than from one.
"""

from importlib import import_module

from django.db import migrations

before = import_module("ledger.migrations.0013_settlements")
TAKES_TWO = """
CREATE OR REPLACE FUNCTION ledger_takes_two(p_debit smallint, p_credit smallint, p_reverses bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_debit = 2000 AND p_credit NOT IN (1000, 2000, 2300, 2700) OR p_debit <> 1000 AND p_credit = 2500
        OR p_credit = 2100 AND p_debit NOT IN (2100, 2200)
        OR p_reverses IS NULL AND (
            p_debit = 2700 AND p_credit IN (2200, 2300, 2800) OR p_credit = 1000 AND p_debit NOT IN (1100, 2500, 2900, 3000, 4900)
            OR p_debit = 2900 AND p_credit <> 1000
            OR p_debit BETWEEN 2000 AND 2899 AND (p_credit IN (3000, 4900, 9500, 9510) OR p_credit = 1100 AND p_debit <> 2600))
$$;
"""
# A reversal mirrors what was settled; and what is sent back is not let off by a settlement that puts money on its way to a payee.
NETTED, NETTED_NOW = "IF v_look.banks THEN", "IF v_look.banks AND p_reverses IS NULL THEN"
LET_OFF = "p_reverses IS NULL AND NOT v_settles THEN"
LET_OFF_NOW = "p_reverses IS NULL AND (v_look.sends OR NOT v_settles) THEN"
OTHER = "o.code <> 1100"
OTHER_NOW = "o.code NOT IN (1000, 1100)"
POST = before.POST.replace(NETTED, NETTED_NOW).replace(LET_OFF, LET_OFF_NOW).replace(OTHER, OTHER_NOW)
PARTS = before.PARTS
TAKES_TWO_BEFORE = PARTS[: PARTS.index("CREATE FUNCTION ledger_refuse_overdraft")]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0014_issue")]
    operations = [
        migrations.RunSQL(TAKES_TWO, TAKES_TWO_BEFORE),
        migrations.RunSQL(POST, before.POST),
    ]
