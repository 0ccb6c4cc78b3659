"""An approved payout that is not at the bank can go back into the pot."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0009_nothing_is_removed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="payout",
            name="state",
            field=models.CharField(
                choices=[
                    ("proposed", "Waiting for a second person"),
                    ("approved", "Approved"),
                    ("sent", "On its way"),
                    ("confirmed", "Paid"),
                    ("refused", "Not approved"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="proposed",
                max_length=10,
            ),
        ),
    ]
