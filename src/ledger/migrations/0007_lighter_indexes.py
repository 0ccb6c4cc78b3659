"""What is left of the indexes under a posting.

Days follow the numbers of entries closely, so a block range index finds them and costs nothing to keep. Transfers are found by their
account or their entry, accounts of a fund by the constraint that begins with it. Rows of accounts are changed all the time: with
room on the page a change touches no index.
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_seals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="entry",
            name="entry_by_effective_date",
        ),
        migrations.AlterField(
            model_name="account",
            name="fund",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="ledger.fund",
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="fund",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.fund",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["effective_on"], name="entry_by_day"),
        ),
        migrations.RunSQL(
            "ALTER TABLE ledger_account SET (fillfactor = 75)",
            "ALTER TABLE ledger_account RESET (fillfactor)",
        ),
    ]
