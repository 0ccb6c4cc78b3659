"""A line that somebody recognised says which request it answers, as one with the reference of a request does.

Of lines recognised before this, the books know the fund only: each answers its request of the same amount, else the newest that
was there.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

KNOWN_BY_REFERENCE = """
UPDATE payments_bankline l SET funding_request_id = r.id
FROM programmes_fundingrequest r WHERE l.kind = 'funding' AND r.reference = l.reference
"""
KNOWN_BY_FUND = """
UPDATE payments_bankline l SET funding_request_id = (
    SELECT r.id
    FROM ledger_entry e
    JOIN ledger_transfer t ON t.entry_id = e.id
    JOIN ledger_account a ON a.id = t.credit_id AND a.code <> 1000
    JOIN programmes_fundingrequest r ON r.fund_id = a.fund_id
    WHERE e.key = 'recognised:' || l.fingerprint
    ORDER BY r.made_at <= l.recognised_at DESC, r.amount_cents = l.amount_cents DESC, r.id DESC
    LIMIT 1)
WHERE l.recognised_at IS NOT NULL
"""
RIGHT = "GRANT UPDATE (funding_request_id) ON payments_bankline TO buurtpot_app"
NO_RIGHT = "REVOKE UPDATE (funding_request_id) ON payments_bankline FROM buurtpot_app"


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0006_pots_of_proposed_payouts_close"),
        ("programmes", "0003_rules_are_frozen"),
        ("ledger", "0003_two_people"),
    ]

    operations = [
        migrations.AddField(
            "bankline",
            "funding_request",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bank_lines",
                to="programmes.fundingrequest",
            ),
        ),
        # Or the table, with checks still to come, would take no new constraint in this transaction.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(KNOWN_BY_REFERENCE, migrations.RunSQL.noop),
        migrations.RunSQL(KNOWN_BY_FUND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "bankline",
            models.CheckConstraint(
                condition=(Q(kind="funding") | Q(recognised_at__isnull=False))
                & Q(funding_request__isnull=False)
                | ~Q(kind="funding") & Q(recognised_at__isnull=True, funding_request__isnull=True),
                name="bank_line_of_a_funder_answers_a_request",
            ),
        ),
        migrations.RunSQL(RIGHT, NO_RIGHT),
    ]
