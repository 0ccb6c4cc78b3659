"""A receipt that was approved or refused names who decided: approved, it counts as money spent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "submitted"), ("decided_by__isnull", False), _connector="OR"),
                name="receipt_decided_by_somebody",
            ),
        ),
    ]
