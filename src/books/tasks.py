"""Background work over the whole."""

from celery import shared_task
from django.utils import timezone

from books import closing


@shared_task
def close_what_is_due() -> None:
    """Closes campaigns past their deadline."""
    closing.close_due(now=timezone.now())
