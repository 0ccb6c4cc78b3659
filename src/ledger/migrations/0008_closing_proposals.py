"""A closing is proposed by one person and decided by another; and no day is closed twice."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0007_lighter_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosingProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (models.Func("starts_on", "ends_on", models.Value("[]"), function="daterange"), "&&")
                ],
                name="period_is_closed_once",
            ),
        ),
        migrations.AddField(
            model_name="closingproposal",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="closingproposal",
            name="period",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposal",
                to="ledger.period",
            ),
        ),
        migrations.AddConstraint(
            model_name="closingproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="closing_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="closingproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("period", None), ("decided_at__isnull", False), _connector="OR"),
                name="closing_with_a_period_is_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="closingproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at", None)),
                fields=("starts_on",),
                name="closing_waits_one_at_a_time",
            ),
        ),
    ]
