"""Where to ask for help takes three lines of a letter, and no more: the number is one, the desk at most two."""

from typing import Any

from django.db import migrations, models

MOST = 24


def name_what_is_too_long(apps: Any, schema_editor: Any) -> None:
    """Nothing is cut: who runs the site shortens it, and the database would not say which."""
    organisations = apps.get_model("people", "Organisation").objects.using(schema_editor.connection.alias)
    for slug, helpline in organisations.values_list("slug", "helpline"):
        if len(helpline) > MOST:
            raise ValueError(
                f"The helpline of {slug} has {len(helpline)} characters, and {MOST} fit a letter. "
                f"Shorten it first: manage.py add_organisation {slug} --change --helpline ..."
            )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_looks_are_codes"),
    ]

    operations = [
        migrations.RunPython(name_what_is_too_long, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="organisation",
            name="helpline",
            field=models.CharField(blank=True, max_length=MOST),
        ),
    ]
