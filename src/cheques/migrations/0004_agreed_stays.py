"""What a second person agreed to stays: of a run the application changes where it stands, never its value, number or last day."""

from django.db import migrations

FORWARD = """
REVOKE UPDATE ON cheques_chequerun FROM buurtpot_app;
GRANT UPDATE (state, approved_by_id, approved_at) ON cheques_chequerun TO buurtpot_app;
"""
BACKWARD = """
REVOKE UPDATE (state, approved_by_id, approved_at) ON cheques_chequerun FROM buurtpot_app;
GRANT UPDATE ON cheques_chequerun TO buurtpot_app;
"""


class Migration(migrations.Migration):
    dependencies = [("cheques", "0003_nothing_is_removed")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
