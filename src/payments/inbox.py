"""The inbox of webhooks: verify, write down once, answer; look at Stripe afterwards. A webhook is a reason to look, no fact."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Least, Power

from payments import donations, gateway, refunds
from payments.models import Donation, WebhookEvent

MAX_BODY_BYTES = 256 * 1024
FIRST_WAIT = timedelta(seconds=30)
MOST_DOUBLINGS = 20  # nearly a year; beyond it an interval would not fit
FEW_TRIES = 5


def receive(*, body: bytes, signature: str, now: datetime) -> tuple[WebhookEvent, bool]:
    """Writes an event down; the second value is False when it was there already. Raises gateway.BadSignature."""
    return note(event=gateway.verified_event(body=body, signature=signature), now=now)


def note(*, event: gateway.Event, now: datetime) -> tuple[WebhookEvent, bool]:
    """The row of an event, one for each of Stripe's ids however often and in whatever order they come."""
    return WebhookEvent.objects.get_or_create(
        event_id=event.event_id,
        defaults={"kind": event.kind, "object_id": event.object_id, "received_at": now},
    )


def process(*, event_id: int, now: datetime) -> None:
    """Does what an event asks for. Twice does nothing more. Raises GatewayDown; a mismatch is written on the event."""
    event = WebhookEvent.objects.get(pk=event_id)
    if event.processed_at is not None:
        return
    WebhookEvent.objects.filter(pk=event.pk).update(tries=event.tries + 1)
    error = ""
    try:
        _look(event, now)
    except (donations.Mismatch, gateway.GatewayRefused) as refusal:
        error = repr(refusal)[:300]
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=now, error=error)


def _look(event: WebhookEvent, now: datetime) -> None:
    if event.kind.startswith("checkout.session."):
        donation = Donation.objects.select_related("campaign").filter(session_id=event.object_id).first()
        if donation is None:
            donation = _adopt(event.object_id)
        if donation is not None:
            donations.follow_up(donation=donation, now=now)
    elif event.kind == "charge.updated":
        charged = donations.of_charge(event.object_id)
        if charged is not None:
            donations.follow_up(donation=charged, now=now)
    elif event.kind.startswith("refund."):
        refunded = Donation.objects.select_related("campaign").filter(refund_id=event.object_id).first()
        if refunded is None:
            refunded = _adopt_refund(event.object_id)
        if refunded is not None:
            refunds.follow(donation=refunded, now=now)


def _adopt(session_id: str) -> Donation | None:
    """The donation whose page was made but whose answer never reached us; None for a page that is not of ours."""
    try:
        reference = uuid.UUID(gateway.retrieve_session(session_id).reference)
    except ValueError:
        return None
    with transaction.atomic():
        found = (
            Donation.objects.select_for_update(of=("self",))
            .filter(reference=reference, session_id=None)
            .first()
        )
        if found is not None:
            found.session_id = session_id
            found.save(update_fields=["session_id"])
    return found


def _adopt_refund(refund_id: str) -> Donation | None:
    """The donation whose refund was made but whose answer never reached us. One that failed is not taken for a new attempt."""
    refund = gateway.retrieve_refund(refund_id)
    if refund.status in refunds.GIVEN_UP:
        return None
    with transaction.atomic():
        found = (
            Donation.objects.select_for_update(of=("self",))
            .filter(charge_id=refund.charge_id, refund_id=None, state=Donation.State.REFUNDING)
            .first()
        )
        if found is not None:
            found.refund_id = refund_id
            found.save(update_fields=["refund_id"])
    return found


def unprocessed(*, now: datetime) -> list[int]:
    """Events that wait for more than a moment: their message was lost. Each try that fails doubles the moment."""
    wait = ExpressionWrapper(
        Value(FIRST_WAIT) * Power(2, Least(F("tries"), MOST_DOUBLINGS)), output_field=DurationField()
    )
    late = WebhookEvent.objects.filter(processed_at__isnull=True, received_at__lt=Value(now) - wait)
    return list(late.order_by("received_at").values_list("pk", flat=True)[:500])


def unsolved() -> QuerySet[WebhookEvent]:
    """Events that somebody must look at: what Stripe says is not what we know, or they fail again and again."""
    again = Q(processed_at__isnull=True, tries__gt=FEW_TRIES)
    return WebhookEvent.objects.filter(~Q(error="") | again).order_by("-received_at", "-pk")
