"""A proposal to close the books stays as it was made: only what was decided about it is added."""

from django.db import migrations

FORWARD = """
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_closingproposal FROM buurtpot_app;
GRANT UPDATE (decided_at, period_id) ON ledger_closingproposal TO buurtpot_app;
"""
BACKWARD = "GRANT UPDATE, DELETE ON ledger_closingproposal TO buurtpot_app;"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_day_totals")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
