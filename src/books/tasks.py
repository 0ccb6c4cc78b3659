"""Background work over the whole."""

from celery import shared_task
from django.utils import timezone

from books import closing
from cheques import operations as cheques


@shared_task
def close_what_is_due() -> None:
    """Closes campaigns past their deadline and takes back cheques past theirs."""
    closing.close_due(now=timezone.now())
    cheques.expire(now=timezone.now())
