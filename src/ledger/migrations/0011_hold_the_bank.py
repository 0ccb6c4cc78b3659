"""Who sends money on its way holds the fund's bank, also where no account of the entry itself is pooled.

An entry from a purse, a budget or a reserve to 2500 has none, so since 0006 it counted the cash while others counted it too. All else of the
function is as it was there.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("ledger.migrations.0006_seals").POST
NOW_AND_THEN = "IF v_look.pooled THEN"
ALWAYS = "IF v_look.pooled OR v_look.sends THEN"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_proposals_stay")]
    operations = [migrations.RunSQL(BEFORE.replace(NOW_AND_THEN, ALWAYS), BEFORE)]
