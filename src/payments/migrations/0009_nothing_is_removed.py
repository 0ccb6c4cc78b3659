"""What money was promised, issued or moved by is not removed by the application: its rows only go on to another state."""

from django.db import migrations

TABLES = "payments_donation, payments_payeeaccount, payments_payout, payments_payoutrun, payments_stripepayout, payments_webhookevent"
FORWARD = f"REVOKE DELETE ON {TABLES} FROM buurtpot_app;"
BACKWARD = f"GRANT DELETE ON {TABLES} TO buurtpot_app;"


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_a_request_is_answered_once")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
