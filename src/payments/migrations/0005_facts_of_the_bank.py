"""What the bank said stays as it was taken in, and a state that needs a fact beside it has that fact.

The application adds statements, lines and the parts of payouts, and removes none. Of a line it writes later who recognised it;
a column that changes later needs a GRANT in its own migration.
"""

from django.db import migrations, models
from django.db.models import Q

FORWARD = """
REVOKE UPDATE, DELETE ON payments_bankstatement, payments_bankline, payments_payoutpart FROM buurtpot_app;
GRANT UPDATE (recognised_by_id, recognised_at) ON payments_bankline TO buurtpot_app;
"""
# Taken back by name, or it would stay behind beside the right to the whole table.
BACKWARD = """
REVOKE UPDATE (recognised_by_id, recognised_at) ON payments_bankline FROM buurtpot_app;
GRANT UPDATE, DELETE ON payments_bankstatement, payments_bankline, payments_payoutpart TO buurtpot_app;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_refund_attempts")]

    operations = [
        migrations.AlterField("bankstatement", "identification", models.CharField(max_length=80)),
        migrations.AddConstraint(
            "bankstatement",
            models.UniqueConstraint(
                fields=["iban", "identification", "closing_on", "opening_cents", "closing_cents"],
                name="bank_statement_once",
            ),
        ),
        migrations.AddConstraint(
            "bankline",
            models.CheckConstraint(
                condition=Q(recognised_by__isnull=True, recognised_at__isnull=True)
                | Q(recognised_by__isnull=False, recognised_at__isnull=False),
                name="bank_line_recognised_by_somebody_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            "donation",
            models.CheckConstraint(
                condition=~Q(state="refunded") | Q(refund_id__isnull=False),
                name="donation_refunded_has_stripes_word",
            ),
        ),
        migrations.AddConstraint(
            "payout",
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "confirmed"]) | Q(run__isnull=False),
                name="payout_sent_is_in_a_payment_file",
            ),
        ),
        migrations.AddConstraint(
            "payout",
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_on__isnull=False)
                | (~Q(state="confirmed") & Q(confirmed_on__isnull=True)),
                name="payout_confirmed_on_a_day",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
