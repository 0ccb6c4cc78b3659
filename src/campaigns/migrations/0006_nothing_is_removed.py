"""What money was promised, issued or moved by is not removed by the application: its rows only go on to another state."""

from django.db import migrations

TABLES = "campaigns_campaign, campaigns_initiator, campaigns_pledge, campaigns_receipt"
FORWARD = f"REVOKE DELETE ON {TABLES} FROM buurtpot_app;"
BACKWARD = f"GRANT DELETE ON {TABLES} TO buurtpot_app;"


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_pot_closed")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
