"""Where residents can walk in, for the letter; brands that can be read, host names as browsers send them."""

import django.core.validators
from django.db import migrations, models

import people.colours


class Migration(migrations.Migration):
    dependencies = [("people", "0002_access_log_is_append_only")]
    operations = [
        migrations.AddField("organisation", "desk", models.CharField(blank=True, max_length=60)),
        migrations.AlterField(
            "organisation",
            "brand",
            models.CharField(default="#5A1E4A", max_length=7, validators=[people.colours.dark_enough]),
        ),
        migrations.AlterField(
            "organisation",
            "brand_strong",
            models.CharField(default="#431437", max_length=7, validators=[people.colours.dark_enough]),
        ),
        migrations.AlterField(
            "organisation",
            "host_name",
            models.CharField(
                blank=True,
                max_length=200,
                null=True,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        r"^[a-z0-9-]+(\.[a-z0-9-]+)+$",
                        "Write a host name in small letters, such as buurt.example.nl.",
                    )
                ],
            ),
        ),
    ]
