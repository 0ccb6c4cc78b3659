"""Programmes and sponsors' grants. Rules are frozen when published; a change makes a new version."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import Organisation, TwoPeople, User
from places.models import District


class Programme(models.Model):
    """There is one row for every budget of a host for a period, with a fund of its own in the books."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programmes")
    fund = models.OneToOneField("ledger.Fund", on_delete=models.PROTECT, related_name="programme")
    name = models.CharField(_("name"), max_length=100)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    agreement = models.CharField(_("performance agreement"), max_length=100, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], name="programme_name_once_per_organisation"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="programme_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> "Rules":
        """The version in force: the newest."""
        return self.versions.order_by("-version")[0]


class Rules(models.Model):
    """There is one row for every version of a programme's rules. Cheques and campaigns keep the one they were made under.

    House rules seen in practice (Ede, Venray, Rheden) are settings here; None or 0 means that the rule is not used.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    cheque_value_cents = models.PositiveIntegerField()
    days_to_activate = models.PositiveSmallIntegerField(default=42)
    max_target_cents = models.PositiveBigIntegerField(null=True, blank=True)
    days_to_account = models.PositiveSmallIntegerField(default=28)
    conditions = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "version"], name="rules_version_once_per_programme"),
            models.CheckConstraint(
                condition=Q(cheque_value_cents__gt=0), name="rules_cheque_value_above_zero"
            ),
        ]


class ShareFormula(models.TextChoices):
    FIXED = "fixed", _("Fixed sum")
    PER_DWELLING = "per_dwelling", _("Per dwelling")
    PER_INHABITANT = "per_inhabitant", _("Per inhabitant")


class DistrictShare(models.Model):
    """There is one row for every district with a part of a programme's budget of its own."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="shares")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="+")
    formula = models.CharField(max_length=20, choices=ShareFormula)
    rate_cents = models.PositiveBigIntegerField()
    carries_over = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "district"], name="share_once_per_district"),
        ]


class Waiver(TwoPeople):
    """There is one row for every reasoned exception to a rule. By two people, and public."""

    rules = models.ForeignKey(Rules, on_delete=models.PROTECT, related_name="waivers")
    rule = models.CharField(max_length=40)
    reason = models.TextField()


class Grant(models.Model):
    """There is one row for every sum that a sponsor puts beside what residents give, with a fund of its own.

    Of every gift it adds `match_percent` %, for each campaign up to `per_campaign_cents`, as long as its fund has money.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    host = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    fund = models.OneToOneField("ledger.Fund", on_delete=models.PROTECT, related_name="grant")
    name = models.CharField(_("name"), max_length=100)
    match_percent = models.PositiveSmallIntegerField(default=100)
    per_campaign_cents = models.PositiveBigIntegerField()
    matches_cheques = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(match_percent__range=(1, 500)), name="grant_match_percent"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="grant_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FundingRequest(models.Model):
    """There is one row for every sum that a funder was asked to transfer, with the reference to pay it under (ISO 11649)."""

    fund = models.ForeignKey("ledger.Fund", on_delete=models.PROTECT, related_name="funding_requests")
    amount_cents = models.PositiveBigIntegerField()
    reference = models.CharField(max_length=25, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="funding_request_above_zero"),
        ]
