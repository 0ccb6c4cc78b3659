"""Failures at the whole site fade, so what is left of them need not be a whole number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cheques", "0001_initial")]

    operations = [migrations.AlterField("failedtries", "failures", models.FloatField())]
