"""Cheque runs, cheques, purses and the letters that carry them."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import TwoPeople, User
from places.models import Dwelling, Neighbourhood
from programmes.models import Rules


class ChequeRun(TwoPeople):
    """There is one row for every posting of cheques to a list of dwellings: prepared by one, issued by another."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("Waiting for a second person")
        ISSUED = "issued", _("Issued, letters being made")
        PRINTED = "printed", _("Letters ready")
        CANCELLED = "cancelled", _("Cancelled")

    rules = models.ForeignKey(Rules, on_delete=models.PROTECT, related_name="runs")
    name = models.CharField(_("name"), max_length=100)
    value_cents = models.PositiveIntegerField()
    activate_before = models.DateTimeField()
    valid_until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PREPARED)
    dwellings = models.PositiveIntegerField()
    neighbourhoods = models.ManyToManyField(Neighbourhood, related_name="+")

    class Meta(TwoPeople.Meta):
        constraints = [
            *TwoPeople.Meta.constraints,
            models.CheckConstraint(condition=Q(value_cents__gt=0), name="run_value_above_zero"),
            models.CheckConstraint(condition=Q(dwellings__gt=0), name="run_has_dwellings"),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("activate_before")), name="run_valid_at_least_until_activation"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["issued", "printed"]) | Q(approved_by__isnull=False),
                name="run_is_issued_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def total_cents(self) -> int:
        return self.value_cents * self.dwellings


class Purse(models.Model):
    """There is one row for every purse: value that was activated and not yet given. It belongs to the dwelling's cheque."""

    account = models.OneToOneField("ledger.Account", on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey("ledger.Fund", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    valid_until = models.DateTimeField()


class ChequeQuerySet(models.QuerySet["Cheque"]):
    def waiting(self) -> "ChequeQuerySet":
        return self.filter(state=Cheque.State.MADE)


class Cheque(models.Model):
    """There is one row for every cheque. Its money was made with the run; its codes are made when the letter is.

    Only hashes are kept: the plain code exists on paper alone.
    """

    class State(models.TextChoices):
        MADE = "made", _("Not yet activated")
        ACTIVATED = "activated", _("Activated")
        EXPIRED = "expired", _("Expired")
        VOIDED = "voided", _("Revoked")

    run = models.ForeignKey(ChequeRun, on_delete=models.PROTECT, related_name="cheques")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, null=True, related_name="cheques")
    account = models.OneToOneField("ledger.Account", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.MADE)
    frozen = models.BooleanField(default=False)
    letter = models.ForeignKey("LetterDocument", on_delete=models.SET_NULL, null=True, related_name="cheques")
    selector = models.CharField(max_length=6, null=True, unique=True)
    salt = models.BinaryField(null=True)
    secret_digest = models.BinaryField(null=True)
    token_digest = models.BinaryField(null=True)
    activated_at = models.DateTimeField(null=True)
    purse = models.OneToOneField(Purse, on_delete=models.PROTECT, null=True, related_name="cheque")

    objects = ChequeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "dwelling"], name="cheque_once_per_dwelling_and_run"),
            models.CheckConstraint(
                condition=~Q(state="activated") | Q(purse__isnull=False, activated_at__isnull=False),
                name="cheque_activated_has_a_purse",
            ),
        ]
        indexes = [models.Index(fields=["run", "state"], name="cheque_by_run_and_state")]

    @property
    def value_cents(self) -> int:
        return self.run.value_cents

    def is_late(self, now: datetime) -> bool:
        return self.state == self.State.MADE and now >= self.run.activate_before


class LetterDocument(models.Model):
    """There is one row for every PDF of at most a hundred letters. Hashes of its codes and the file are committed together."""

    run = models.ForeignKey(ChequeRun, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveSmallIntegerField()
    file = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    letters = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="document_number_once_per_run"),
        ]


class FailedTries(models.Model):
    """There is one row for everything that is slowed when it tries too often (selector, block of addresses, site), with the wait.

    What counts as a try is a wrong code, or a call to Stripe that anyone can cause. Those of the whole site fade.
    """

    subject = models.CharField(max_length=80, primary_key=True)
    failures = models.FloatField()
    wait_until = models.DateTimeField()


class Freeze(models.Model):
    """There is one row for every time staff froze or released a cheque, with the reason."""

    cheque = models.ForeignKey(Cheque, on_delete=models.PROTECT, related_name="freezes")
    frozen = models.BooleanField()
    reason = models.CharField(max_length=200)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
