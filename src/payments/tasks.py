"""Background work on payments. The rows say what there is to do; messages only say that it is now."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from payments import donations, gateway, inbox, refunds
from payments.models import Donation

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=24)


@shared_task
def process_event(event_id: int) -> None:
    """Once: the sweep tries again, and counts."""
    inbox.process(event_id=event_id, now=timezone.now())


@shared_task(autoretry_for=(gateway.GatewayDown,), retry_backoff=True, max_retries=5)
def refund(donation_id: int) -> None:
    donation = Donation.objects.select_related("campaign").get(pk=donation_id)
    refunds.refund(donation=donation, now=timezone.now())


@shared_task(autoretry_for=(gateway.GatewayDown,), retry_backoff=True, max_retries=5)
def follow_up(donation_id: int) -> None:
    donation = Donation.objects.select_related("campaign").get(pk=donation_id)
    donations.follow_up(donation=donation, now=timezone.now())


@shared_task
def sweep() -> None:
    """What lost messages and lost webhooks left undone: events unread or never come, open payments, open refunds."""
    now = timezone.now()
    try:
        for event in gateway.events_since(now - LOOK_BACK):
            inbox.note(event=event, now=now)
    except gateway.GatewayDown as error:
        logger.warning("Stripe cannot be reached: %s", error)
    for event_id in inbox.unprocessed(now=now):
        process_event.delay(event_id)
    for donation_id in donations.claim_open(now=now):
        follow_up.delay(donation_id)
    for donation_id in refunds.claim(now=now):
        refund.delay(donation_id)
