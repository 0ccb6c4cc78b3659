"""A refund that Stripe does not carry out is seen, and can be tried anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_donation_asked_at")]

    operations = [
        migrations.AddField("donation", "refund_status", models.CharField(blank=True, max_length=20)),
        migrations.AddField("donation", "refund_tries", models.PositiveSmallIntegerField(default=0)),
    ]
