"""Background work on mail. The rows say what there is to send; messages only say that it is now."""

from celery import shared_task
from django.utils import timezone

from common import outbox


@shared_task
def deliver(mail_id: int) -> None:
    outbox.deliver(mail_id=mail_id, now=timezone.now())


@shared_task
def sweep() -> None:
    """Mails that wait for another try or whose message was lost; and what is in mails of long ago is erased."""
    now = timezone.now()
    for mail_id in outbox.due(now=now):
        deliver.delay(mail_id)
    outbox.erase(now=now)
