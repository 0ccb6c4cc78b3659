"""The application may add to the access log and read it; what was looked at stays written down."""

from django.db import migrations

FORWARD = "REVOKE UPDATE, DELETE, TRUNCATE ON people_accesslog FROM buurtpot_app;"
BACKWARD = "GRANT UPDATE, DELETE ON people_accesslog TO buurtpot_app;"


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
