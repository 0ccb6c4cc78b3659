"""What a second person approves stays what it was: the application changes where a payment stands, never to whom or how much.

Another bank account is another row, another payout too; so what may be written afterwards is named here, column by column. A new
column that changes later needs a GRANT in its own migration.
"""

from django.db import migrations

FORWARD = """
REVOKE UPDATE ON payments_payeeaccount, payments_payout FROM buurtpot_app;
GRANT UPDATE (approved_by_id, approved_at) ON payments_payeeaccount TO buurtpot_app;
GRANT UPDATE (state, reason, approved_by_id, approved_at, run_id, confirmed_on) ON payments_payout TO buurtpot_app;
"""
# Taken back by name, or they would stay behind beside the right to the whole table.
BACKWARD = """
REVOKE UPDATE (approved_by_id, approved_at) ON payments_payeeaccount FROM buurtpot_app;
REVOKE UPDATE (state, reason, approved_by_id, approved_at, run_id, confirmed_on) ON payments_payout FROM buurtpot_app;
GRANT UPDATE ON payments_payeeaccount, payments_payout TO buurtpot_app;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
