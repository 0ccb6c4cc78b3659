from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_photo_once_per_campaign")]

    operations = [migrations.AddField("receipt", "key", models.UUIDField(null=True))]
