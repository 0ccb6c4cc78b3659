"""What was looked at is kept as a code with a number, not in the words of somebody's language. Older rows keep their words."""

from django.db import migrations, models

KEEP_THE_WORDS = "UPDATE people_accesslog SET about = jsonb_build_object('words', what), what = 'words'"
PUT_WORDS_BACK = "UPDATE people_accesslog SET what = coalesce(about->>'words', concat_ws(' ', what, number))"


class Migration(migrations.Migration):
    dependencies = [("people", "0003_where_to_ask_for_help")]
    operations = [
        migrations.AddField("accesslog", "number", models.BigIntegerField(null=True)),
        migrations.AddField("accesslog", "about", models.JSONField(default=dict)),
        migrations.RunSQL(KEEP_THE_WORDS, PUT_WORDS_BACK),
        migrations.AlterField("accesslog", "what", models.CharField(max_length=20)),
    ]
