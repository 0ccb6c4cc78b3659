"""Background work over the whole."""

import logging

from celery import shared_task
from django.utils import timezone

from books import checks, closing
from ledger import queries as books

logger = logging.getLogger(__name__)


@shared_task
def close_what_is_due() -> None:
    """Closes campaigns past their deadline."""
    closing.close_due(now=timezone.now())


@shared_task
def check() -> None:
    """Every invariant, each night. What does not hold is an error in the log, and so is a fund that is short of cash."""
    for one in checks.run():
        if not one.ok:
            logger.error("the books are wrong: %s: %s", one.name, one.found)
    for short in books.short_of_cash():
        logger.error("a fund is short of cash: %s", short)
