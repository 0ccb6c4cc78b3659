"""Files of the books that take a while to make."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

# A worker tells how far it is at least this often; after that it is taken for dead.
SILENCE = timedelta(minutes=10)


class ExportQuerySet(models.QuerySet["Export"]):
    def unfinished(self) -> "ExportQuerySet":
        return self.filter(state__in=[Export.State.WAITING, Export.State.WORKING])

    def due(self, now: datetime) -> "ExportQuerySet":
        """What nobody works on: it waits, or its worker was killed."""
        silent = Q(state=Export.State.WORKING, alive_at__lt=now - SILENCE)
        return self.filter(Q(state=Export.State.WAITING) | silent)


class Export(models.Model):
    """There is one row for every file that somebody asked for, and it is for that person in that organisation alone.

    `since` and `until`: both days included; null for the whole history. `sample`: what is drawn for a pack that is not of all of
    them. `fund`: null for all that the organisation may read.
    `tries` counts the workers that began, so that one that was given up and is not dead changes nothing any more.
    """

    class Kind(models.TextChoices):
        CSV = "csv"
        XLSX = "xlsx"
        JSONL = "jsonl"
        XAF = "xaf"
        BEANCOUNT = "beancount"
        PACK = "pack"

    class State(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        READY = "ready"
        FAILED = "failed"
        CANCELLED = "cancelled"
        REMOVED = "removed"  # it was ready, and its days are over

    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    kind = models.CharField(max_length=10, choices=Kind)
    fund = models.ForeignKey("ledger.Fund", on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    sample = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    expected = models.BigIntegerField()
    asked_at = models.DateTimeField()
    alive_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    file = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ready", file__isnull=False) | ~Q(state="ready") & Q(file__isnull=True),
                name="export_has_a_file_when_it_is_ready",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "working"], ended_at__isnull=True)
                | ~Q(state__in=["waiting", "working"]) & Q(ended_at__isnull=False),
                name="export_ended_when_nobody_works_on_it",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True, until__isnull=True) | Q(until__gte=F("since")),
                name="export_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["user", "organisation", "-asked_at"], name="export_by_user")]

    @property
    def percent(self) -> int:
        return min(99, 100 * self.done // self.expected) if self.expected else 0
