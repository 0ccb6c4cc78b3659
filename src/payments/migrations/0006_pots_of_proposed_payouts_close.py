"""Pots whose payout was proposed before a proposal closed them."""

from django.db import migrations

CLOSE = """
UPDATE campaigns_campaign c SET pot_closed_at = p.made_at
FROM payments_payout p
WHERE p.campaign_id = c.id AND p.state = 'proposed' AND c.pot_closed_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_facts_of_the_bank"), ("campaigns", "0005_pot_closed")]
    operations = [migrations.RunSQL(CLOSE, migrations.RunSQL.noop)]
