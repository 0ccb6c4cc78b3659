"""What money was promised, issued or moved by is not removed by the application: its rows only go on to another state."""

from django.db import migrations

TABLES = "programmes_programme, programmes_grant, programmes_fundingrequest, programmes_waiver"
FORWARD = f"REVOKE DELETE ON {TABLES} FROM buurtpot_app;"
BACKWARD = f"GRANT DELETE ON {TABLES} TO buurtpot_app;"


class Migration(migrations.Migration):
    dependencies = [("programmes", "0003_rules_are_frozen")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
