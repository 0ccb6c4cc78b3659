from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_approved_stays")]

    operations = [migrations.AddField("donation", "asked_at", models.DateTimeField(null=True))]
