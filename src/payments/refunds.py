"""Refunds: asked of Stripe, followed until the money is back, tried again where it failed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from ledger import operations as ledger
from ledger.chart import Code
from payments import donations, gateway
from payments.models import Donation

# What becomes of a refund that gives nothing back (https://docs.stripe.com/api/refunds/object), and our word for one that
# Stripe would not begin.
REFUSED = "refused"
GIVEN_UP = ("failed", "canceled", REFUSED)
STUCK = (*GIVEN_UP, "requires_action")
ASKED_EVERY = timedelta(minutes=10)


def refund(*, donation: Donation, now: datetime) -> Donation:
    """Gives a donation back and books it once Stripe has done so; until then `refund_status` is what Stripe says of it.

    Can be repeated. Raises GatewayDown, GatewayRefused, Mismatch.
    """
    if donation.state != Donation.State.REFUNDING or donation.charge_id is None:
        return donation
    if donation.refund_id is None and not _ask_for_refund(donation, donation.charge_id):
        return donation
    found = gateway.retrieve_refund(donation.refund_id or "")
    if found.status == "succeeded":
        return _book_refund(donation.pk, found, now)
    Donation.objects.filter(pk=donation.pk, state=Donation.State.REFUNDING, refund_id=found.refund_id).update(
        refund_status=found.status
    )
    donation.refresh_from_db()
    return donation


def _ask_for_refund(donation: Donation, charge_id: str) -> bool:
    """Whether Stripe took it on. What it refuses under this key it refuses for ever."""
    unasked = Donation.objects.filter(
        pk=donation.pk, refund_id__isnull=True, refund_tries=donation.refund_tries
    )
    try:
        made = gateway.create_refund(
            charge_id=charge_id,
            amount_cents=donation.amount_cents,
            reference=str(donation.reference),
            attempt=donation.refund_tries,
        )
    except gateway.GatewayRefused:
        unasked.update(refund_status=REFUSED)
        donation.refresh_from_db()
        return False
    unasked.update(refund_id=made.refund_id)
    donation.refund_id = made.refund_id
    return True


def follow(*, donation: Donation, now: datetime) -> Donation:
    """Looks at a refund that Stripe has news of, also one that was given: the payer's bank may send it back later.

    Raises GatewayDown, GatewayRefused, Mismatch.
    """
    if donation.state != Donation.State.REFUNDED or donation.refund_id is None:
        return refund(donation=donation, now=now)
    found = gateway.retrieve_refund(donation.refund_id)
    return _book_refund_failed(donation.pk, found, now) if found.status in GIVEN_UP else donation


def to_follow() -> QuerySet[Donation]:
    """Those that may go on by themselves."""
    return Donation.objects.filter(state=Donation.State.REFUNDING).exclude(refund_status__in=GIVEN_UP)


def claim(*, now: datetime) -> list[int]:
    """Refunds to ask Stripe about now: a bank takes days, so each at most every ten minutes. They count as asked from now on."""
    lately = now - ASKED_EVERY
    ids = list(to_follow().exclude(asked_at__gt=lately).order_by("pk").values_list("pk", flat=True))
    Donation.objects.filter(pk__in=ids).update(asked_at=now)
    return ids


def stuck() -> QuerySet[Donation]:
    """Those that go no further unless somebody does something."""
    found = Donation.objects.filter(state=Donation.State.REFUNDING, refund_status__in=STUCK)
    return found.select_related("campaign").order_by("-made_at", "-pk")


class NotGivenUp(Exception):
    """The refund is not one that failed (any more): a second attempt beside it would be refused."""

    def __init__(self, donation: Donation) -> None:
        super().__init__(f"donation {donation.pk} is {donation.state}, refund {donation.refund_status}")
        self.donation_id = donation.pk


@transaction.atomic
def give_up(*, donation_id: int) -> Donation:
    """Lays the attempt that failed aside, so that `refund` begins a new one. Raises NotGivenUp."""
    donation = Donation.objects.select_for_update(of=("self",)).get(pk=donation_id)
    if donation.state != Donation.State.REFUNDING or donation.refund_status not in GIVEN_UP:
        raise NotGivenUp(donation)
    donation.refund_id = None
    donation.refund_status = ""
    donation.refund_tries += 1
    donation.save(update_fields=["refund_id", "refund_status", "refund_tries"])
    return donation


@transaction.atomic
def _book_refund(donation_id: int, found: gateway.Refund, now: datetime) -> Donation:
    donation = Donation.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=donation_id)
    if donation.state != Donation.State.REFUNDING:
        return donation
    if found.amount_cents != donation.amount_cents or found.charge_id != donation.charge_id:
        raise donations.Mismatch(donation, f"refund {found.refund_id} of {found.amount_cents}")
    fund_id = donations.fund_id_of(donation, now)
    ledger.post(
        key=f"refund:{found.refund_id}",
        kind="donation refunded",
        source=f"donation:{donation.pk}",
        moves=[
            ledger.Move(
                debit=donations.refund_account(donation, fund_id),
                credit=ledger.account(fund_id=fund_id, code=Code.STRIPE_CLEARING),
                amount_cents=donation.amount_cents,
            )
        ],
        now=now,
    )
    donation.state = Donation.State.REFUNDED
    donation.refund_status = found.status
    donation.save(update_fields=["state", "refund_status"])
    return donation


@transaction.atomic
def _book_refund_failed(donation_id: int, found: gateway.Refund, now: datetime) -> Donation:
    """The money is back in Stripe's balance and is owed to the donor again."""
    donation = Donation.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=donation_id)
    if donation.state != Donation.State.REFUNDED or donation.refund_id != found.refund_id:
        return donation
    fund_id = donations.fund_id_of(donation, now)
    ledger.post(
        key=f"refund failed:{found.refund_id}",
        kind="refund failed",
        source=f"donation:{donation.pk}",
        moves=[
            ledger.Move(
                debit=ledger.account(fund_id=fund_id, code=Code.STRIPE_CLEARING),
                credit=donations.refund_account(donation, fund_id),
                amount_cents=donation.amount_cents,
            )
        ],
        now=now,
    )
    donation.state = Donation.State.REFUNDING
    donation.refund_status = found.status
    donation.save(update_fields=["state", "refund_status"])
    return donation
