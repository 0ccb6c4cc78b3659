"""Rules are frozen when published: the application adds a version, and changes or removes none."""

from django.db import migrations

FORWARD = "REVOKE UPDATE, DELETE ON programmes_rules FROM buurtpot_app;"
BACKWARD = "GRANT UPDATE, DELETE ON programmes_rules TO buurtpot_app;"


class Migration(migrations.Migration):
    dependencies = [("programmes", "0002_no_minimum_of_supporters")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
