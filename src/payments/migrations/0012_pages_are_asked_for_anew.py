"""An attempt to make a payment page that got no answer is counted: the next one has a key of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_files_keep_what_they_held")]

    operations = [
        migrations.AddField("donation", "session_tries", models.PositiveSmallIntegerField(default=0)),
    ]
