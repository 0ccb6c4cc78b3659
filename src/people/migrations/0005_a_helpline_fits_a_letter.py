"""Where to ask for help takes three lines of a letter, and no more: the number is one, the desk at most two."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_looks_are_codes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="organisation",
            name="helpline",
            field=models.CharField(blank=True, max_length=24),
        ),
    ]
