"""Money from and to the outside world: donations, the inbox of webhooks, bank statements, payouts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Initiator, Pledge
from people.models import TwoPeople, User
from programmes.models import FundingRequest


class Donation(models.Model):
    """There is one row for every intent to give by payment, made before Stripe is called: its id is the idempotency key.

    It moves on objects retrieved from Stripe only. `fee_cents` and the ids of charge and balance transaction come from there.
    `session_tries` counts the attempts to make its payment page that got no answer.
    `refund_id` and `refund_status` are of the newest attempt to give it back; `refund_tries` counts those given up before it.
    """

    class State(models.TextChoices):
        INTENDED = "intended", _("Not yet paid")
        WAITING = "waiting", _("The bank has not answered yet")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Not paid")
        REFUNDING = "refunding", _("Being refunded")
        REFUNDED = "refunded", _("Refunded")

    reference = models.UUIDField(unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="donations")
    amount_cents = models.PositiveBigIntegerField()
    name = models.CharField(max_length=70, blank=True)
    message = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, default="nl")
    state = models.CharField(max_length=10, choices=State, default=State.INTENDED)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)  # when somebody's look, or the sweep, last made us ask Stripe
    pledge = models.OneToOneField(Pledge, on_delete=models.PROTECT, null=True, related_name="donation")
    fee_cents = models.PositiveIntegerField(default=0)
    session_id = models.CharField(max_length=255, null=True, unique=True)
    payment_intent_id = models.CharField(max_length=255, null=True, unique=True)
    charge_id = models.CharField(max_length=255, null=True, unique=True)
    balance_transaction_id = models.CharField(max_length=255, null=True, unique=True)
    refund_id = models.CharField(max_length=255, null=True, unique=True)
    refund_status = models.CharField(max_length=20, blank=True)
    session_tries = models.PositiveSmallIntegerField(default=0)
    refund_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_cents__gte=100, amount_cents__lte=1_000_000),
                name="donation_between_1_and_10000_euro",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(pledge__isnull=False, balance_transaction_id__isnull=False),
                name="donation_paid_has_a_pledge_and_stripes_word",
            ),
            models.CheckConstraint(
                condition=~Q(state="refunded") | Q(refund_id__isnull=False),
                name="donation_refunded_has_stripes_word",
            ),
        ]
        indexes = [models.Index(fields=["state", "made_at"], name="donation_by_state")]

    @property
    def is_open(self) -> bool:
        """Whether Stripe may have news."""
        return self.state in (self.State.INTENDED, self.State.WAITING)


class WebhookEvent(models.Model):
    """There is one row for every event that Stripe told us of, by webhook or found by the sweeper. Its id is the guard
    against replay. The body is not kept: an event is a reason to look at Stripe, never a fact."""

    event_id = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=80)
    object_id = models.CharField(max_length=255)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["received_at"], name="webhook_to_do", condition=Q(processed_at__isnull=True)
            ),
        ]


class BankStatement(models.Model):
    """There is one row for every statement of the operator's bank account that was taken in. It is a fact: it never changes.

    Its name alone does not tell it apart: banks number from 1 again each year, or send several pages under one name.
    """

    identification = models.CharField(max_length=80)
    iban = models.CharField(max_length=34)
    opening_on = models.DateField()
    opening_cents = models.BigIntegerField()
    closing_on = models.DateField()
    closing_cents = models.BigIntegerField()
    content_hash = models.CharField(max_length=64)
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["iban", "identification", "closing_on", "opening_cents", "closing_cents"],
                name="bank_statement_once",
            )
        ]


class BankLine(models.Model):
    """There is one row for every line of a statement, booked exactly once. Only who recognised it, as what, is written later."""

    class Kind(models.TextChoices):
        FUNDING = "funding", _("Budget or grant received")
        PAYOUT = "payout", _("Payout")
        RETURNED = "returned", _("Payout returned by the bank")
        STRIPE = "stripe", _("Payout by Stripe")
        LEFTOVER = "leftover", _("Leftover returned")
        CHARGES = "charges", _("Bank charges")
        UNKNOWN = "unknown", _("Not recognised")

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64, unique=True)
    credit = models.BooleanField()
    amount_cents = models.PositiveBigIntegerField()
    booked_on = models.DateField()
    counterparty = models.CharField(max_length=140, blank=True)
    counterparty_iban = models.CharField(max_length=34, blank=True)
    reference = models.CharField(max_length=35, blank=True)
    end_to_end_id = models.CharField(max_length=35, blank=True)
    remittance = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    entry = models.OneToOneField("ledger.Entry", on_delete=models.PROTECT, related_name="bank_line")
    funding_request = models.ForeignKey(
        FundingRequest, on_delete=models.PROTECT, null=True, related_name="bank_lines"
    )
    recognised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recognised_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["statement", "position"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "position"], name="bank_line_position_once"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="bank_line_above_zero"),
            models.CheckConstraint(
                condition=Q(recognised_by__isnull=True, recognised_at__isnull=True)
                | Q(recognised_by__isnull=False, recognised_at__isnull=False),
                name="bank_line_recognised_by_somebody_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="funding", credit=True, funding_request__isnull=False, recognised_at__isnull=True
                )
                | Q(kind="unknown", credit=True, funding_request__isnull=False, recognised_at__isnull=False)
                | ~Q(kind="funding") & Q(funding_request__isnull=True, recognised_at__isnull=True),
                name="bank_line_of_a_funder_answers_a_request",
            ),
        ]


class StripePayout(models.Model):
    """There is one row for every payout by Stripe to the bank that was booked, with the line of the statement it came in on."""

    payout_id = models.CharField(max_length=255, unique=True)
    amount_cents = models.BigIntegerField()
    bank_line = models.OneToOneField(BankLine, on_delete=models.PROTECT, related_name="stripe_payout")


class PayeeAccount(TwoPeople):
    """There is one row for every bank account that an initiator gave, approved by a second person. The newest counts."""

    initiator = models.ForeignKey(Initiator, on_delete=models.PROTECT, related_name="payee_accounts")
    holder = models.CharField(_("name of the account holder"), max_length=70)
    iban = models.CharField("IBAN", max_length=34)


class PayoutRun(models.Model):
    """There is one row for every SEPA file (pain.001): the approved payouts of a day."""

    file = models.ForeignKey("common.StoredFile", on_delete=models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=35, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    # What stands in the file. A payout that the bank returned is sent anew, in another file too.
    holds: "models.ManyToManyField[Payout, models.Model]" = models.ManyToManyField("Payout", related_name="+")


class Payout(TwoPeople):
    """There is one row for every payment out of a campaign's pot: to its initiator, or straight to a supplier."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waiting for a second person")
        APPROVED = "approved", _("Approved")
        SENT = "sent", _("On its way")
        CONFIRMED = "confirmed", _("Paid")
        REFUSED = "refused", _("Not approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    CALLED_OFF = (State.REFUSED, State.WITHDRAWN)

    class Payee(models.TextChoices):
        INITIATOR = "initiator", _("Initiator")
        SUPPLIER = "supplier", _("Supplier")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="payouts")
    payee = models.CharField(max_length=10, choices=Payee, default=Payee.INITIATOR)
    holder = models.CharField(max_length=70)
    iban = models.CharField(max_length=34)
    amount_cents = models.PositiveBigIntegerField()
    end_to_end_id = models.CharField(max_length=35, unique=True)
    leftover_reference = models.CharField(max_length=25, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    reason = models.CharField(max_length=300, blank=True)
    run = models.ForeignKey(PayoutRun, on_delete=models.PROTECT, null=True, related_name="payouts")
    confirmed_on = models.DateField(null=True)

    class Meta(TwoPeople.Meta):
        constraints = [
            *TwoPeople.Meta.constraints,
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payout_above_zero"),
            models.CheckConstraint(
                condition=Q(state="proposed") | Q(approved_by__isnull=False),
                name="payout_is_decided_by_a_second_person",
            ),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state="proposed"), name="payout_proposed_once_per_campaign"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "confirmed"]) | Q(run__isnull=False),
                name="payout_sent_is_in_a_payment_file",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_on__isnull=False)
                | (~Q(state="confirmed") & Q(confirmed_on__isnull=True)),
                name="payout_confirmed_on_a_day",
            ),
        ]


class PayoutPart(models.Model):
    """There is one row for every fund that a payout takes from. It never changes: a second person approves the sum."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="parts")
    fund = models.ForeignKey("ledger.Fund", on_delete=models.PROTECT, related_name="+")
    amount_cents = models.PositiveBigIntegerField()
    costs_cents = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payout", "fund"], name="payout_part_once_per_fund"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payout_part_above_zero"),
        ]
