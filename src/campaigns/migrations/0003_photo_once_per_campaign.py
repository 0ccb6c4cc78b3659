from django.db import migrations, models

# The same photo was sent several times at once: the first one stays.
KEEP_THE_FIRST = """
    DELETE FROM campaigns_photo AS again
    USING campaigns_photo AS first
    WHERE again.campaign_id = first.campaign_id AND again.file_id = first.file_id AND again.id > first.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_receipt_decided_by_somebody"),
    ]

    operations = [
        migrations.RunSQL(KEEP_THE_FIRST, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.UniqueConstraint(
                fields=("campaign", "file"), name="photo_file_once_per_campaign"
            ),
        ),
    ]
