"""What money was promised, issued or moved by is not removed by the application: its rows only go on to another state."""

from django.db import migrations

TABLES = "cheques_cheque, cheques_chequerun, cheques_purse, cheques_freeze"
FORWARD = f"REVOKE DELETE ON {TABLES} FROM buurtpot_app;"
BACKWARD = f"GRANT DELETE ON {TABLES} TO buurtpot_app;"


class Migration(migrations.Migration):
    dependencies = [("cheques", "0002_failures_that_fade")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
