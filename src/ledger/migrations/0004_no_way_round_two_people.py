"""Two people also where 0003 could be walked round.

- By a reversal: to undo what had undone an issue or a payout (an expiry, a withdrawal) is to issue or pay again. What really undoes
  never has that shape, so no reversal is let off.
- By the bank: money of a budget, a cheque, a purse, a pot or a reserve left for 1000 without passing 2500, where two people and
  the fund's cash are asked for. To reverse what came in from the bank stays everybody's.

All else of the function is as it was in 0003.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("ledger.migrations.0003_two_people").POST
LET_OFF = """\
    -- A reversal only undoes, so it asks for nobody. To reverse a reversal is to do the thing again, so that asks for both.
    v_fewer_than_two boolean := (p_made_by IS NULL OR p_approved_by IS NULL) AND (p_reverses IS NULL OR EXISTS (
        SELECT 1 FROM ledger_entry e WHERE e.id = p_reverses AND e.reverses_id IS NOT NULL));
"""
ALL = """\
    v_fewer_than_two boolean := p_made_by IS NULL OR p_approved_by IS NULL;
"""
ASKED = "d.code <> 1000 AND c.code = 2500)"
ASKED_NOW = """d.code <> 1000 AND c.code = 2500
           OR p_reverses IS NULL AND d.code IN (2000, 2100, 2200, 2300, 2600, 2700, 2800) AND c.code = 1000)"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_two_people")]
    operations = [migrations.RunSQL(BEFORE.replace(LET_OFF, ALL).replace(ASKED, ASKED_NOW), BEFORE)]
