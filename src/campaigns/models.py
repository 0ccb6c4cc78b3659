"""Campaigns and what belongs to them."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import Organisation, User
from places.models import Neighbourhood
from programmes.models import Grant, Rules, Waiver


class Initiator(models.Model):
    """There is one row for everyone who opens campaigns: a person, or a legal entity that a person speaks for."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        ENTITY = "entity", _("Association, foundation or business")

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="initiators")
    name = models.CharField(_("name"), max_length=70)
    registration_number = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Being reviewed")
    REFUSED = "refused", _("Not approved")
    COLLECTING = "collecting", _("Collecting")
    REACHED = "reached", _("Target reached")
    PAID = "paid", _("Being carried out")
    DONE = "done", _("Done")
    FAILED = "failed", _("Target not reached")


class Theme(models.TextChoices):
    GREEN = "green", _("Green and gardens")
    SEAT = "seat", _("A place to sit")
    PLAY = "play", _("Playing and sports")
    TABLE = "table", _("Eating and meeting")
    REPAIR = "repair", _("Repairing and sharing")
    LIGHT = "light", _("Light and safety")
    MUSIC = "music", _("Music and culture")
    CLEAN = "clean", _("A clean neighbourhood")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def public(self) -> "CampaignQuerySet":
        return self.filter(state__in=[State.COLLECTING, State.REACHED, State.PAID, State.DONE, State.FAILED])

    def collecting(self, now: datetime) -> "CampaignQuerySet":
        return self.filter(state=State.COLLECTING, deadline__gt=now)


class Campaign(models.Model):
    """There is one row for every plan of residents that asks for money.

    It runs under one version of one programme's rules. Pledges may come from any fund. `given_cents` and `times_given` sum
    the standing pledges; they change under the row's lock, together with the pledges, and `check_books` recounts them.
    """

    rules = models.ForeignKey(Rules, on_delete=models.PROTECT, related_name="campaigns")
    initiator = models.ForeignKey(Initiator, on_delete=models.PROTECT, related_name="campaigns")
    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="campaigns")
    title = models.CharField(_("title"), max_length=100)
    slug = models.SlugField(max_length=120, unique=True)
    summary = models.CharField(_("in one sentence"), max_length=200)
    story = models.TextField(_("what will you do?"))
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.GREEN)
    target_cents = models.PositiveBigIntegerField()
    given_cents = models.PositiveBigIntegerField(default=0)
    times_given = models.PositiveIntegerField(default=0)
    deadline = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_reason = models.TextField(blank=True)
    pot_closed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    waivers = models.ManyToManyField(Waiver, related_name="campaigns")

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(target_cents__gt=0), name="campaign_target_above_zero"),
        ]
        indexes = [models.Index(fields=["neighbourhood", "state"], name="campaign_by_neighbourhood")]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """The name of this campaign's accounts in the ledger."""
        return f"campaign:{self.pk}"

    def takes_gifts(self, now: datetime) -> bool:
        return self.state == State.COLLECTING and now < self.deadline

    @property
    def pot_is_open(self) -> bool:
        """Whether money that has arrived already can still go in."""
        return self.state in (State.COLLECTING, State.REACHED) and self.pot_closed_at is None

    @property
    def room_cents(self) -> int:
        """What may still be given: the target less what was given, never below zero."""
        return max(self.target_cents - self.given_cents, 0)

    @property
    def host(self) -> Organisation:
        return self.rules.programme.organisation


class BudgetLine(models.Model):
    """There is one row for every thing that a campaign will spend its money on."""

    class Category(models.TextChoices):
        MATERIAL = "material", _("Materials")
        HIRE = "hire", _("Hire")
        WORK = "work", _("Work by others")
        FOOD = "food", _("Food and drink")
        OTHER = "other", _("Other")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="budget_lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(_("what"), max_length=100)
    category = models.CharField(_("kind"), max_length=10, choices=Category, default=Category.MATERIAL)
    supplier = models.CharField(_("where"), max_length=100, blank=True)
    amount_cents = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="budget_line_above_zero"),
        ]


class Pledge(models.Model):
    """There is one row for every gift to a campaign, whatever it came from.

    It knows the ledger account it came from (`source_id`) and the fund, not what kind of thing stands behind them. When a
    campaign fails its pledges are *released*: whoever made them gives the money back to where it belongs and marks them
    *returned*.
    """

    class State(models.TextChoices):
        STANDING = "standing", _("Given")
        RELEASED = "released", _("To be returned")
        RETURNED = "returned", _("Returned")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pledges")
    key = models.CharField(max_length=100, unique=True)
    source = models.ForeignKey("ledger.Account", on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey("ledger.Fund", on_delete=models.PROTECT, related_name="+")
    amount_cents = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.STANDING)
    given_at = models.DateTimeField()
    name = models.CharField(max_length=70, blank=True)
    message = models.CharField(max_length=200, blank=True)
    matches = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="matched_by")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, related_name="pledges")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="pledge_above_zero"),
            models.CheckConstraint(
                condition=Q(matches__isnull=True, grant__isnull=True)
                | Q(matches__isnull=False, grant__isnull=False),
                name="pledge_match_has_a_grant",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "-given_at"], name="pledge_by_campaign"),
            models.Index(fields=["source"], name="pledge_by_source"),
            models.Index(fields=["state"], name="pledge_released", condition=Q(state="released")),
        ]


class Update(models.Model):
    """There is one row for every piece of news that an initiator tells."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="updates")
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"))
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-published_at"]


class Photo(models.Model):
    """There is one row for every photo of a campaign, re-encoded when it came in."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    caption = models.CharField(max_length=150)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "file"], name="photo_file_once_per_campaign"),
        ]


class Receipt(models.Model):
    """There is one row for every receipt or invoice that shows what paid money was spent on. Approved, it counts as spent."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Not approved")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="receipts")
    file = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(null=True)  # of the form that it was handed in with
    supplier = models.CharField(_("shop or supplier"), max_length=100)
    description = models.CharField(_("what did you buy?"), max_length=150)
    bought_on = models.DateField(_("date on the receipt"))
    amount_cents = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.SUBMITTED)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="receipt_above_zero"),
            models.UniqueConstraint(fields=["campaign", "file"], name="receipt_file_once_per_campaign"),
            models.CheckConstraint(
                condition=~Q(submitted_by=F("decided_by")), name="receipt_submitter_does_not_decide"
            ),
            models.CheckConstraint(
                condition=Q(state="submitted") | Q(decided_by__isnull=False),
                name="receipt_decided_by_somebody",
            ),
        ]


class FinalReport(models.Model):
    """There is one row for every campaign that told how it went."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="report")
    text = models.TextField(_("how did it go?"))
    people_reached = models.PositiveIntegerField(_("how many people took part?"))
    written_at = models.DateTimeField()
