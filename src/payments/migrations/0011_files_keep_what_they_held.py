"""A payment file keeps what it held, also when a payout in it came back and was sent anew in another."""

from django.db import migrations, models

# Of files from before, the payouts know the last one they were in.
FORWARD = """
INSERT INTO payments_payoutrun_holds (payoutrun_id, payout_id) SELECT run_id, id FROM payments_payout WHERE run_id IS NOT NULL;
REVOKE UPDATE, DELETE ON payments_payoutrun_holds FROM buurtpot_app;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_payouts_are_withdrawn")]

    operations = [
        migrations.AddField(
            "payoutrun", "holds", models.ManyToManyField(related_name="+", to="payments.payout")
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
