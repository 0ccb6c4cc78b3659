"""Background work on the books."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from ledger import days, kept, seals

logger = logging.getLogger(__name__)


@shared_task
def seal() -> None:
    """Seals what was committed. What cannot be signed, or must not, is an error in the log, each time."""
    try:
        seals.seal(
            key=seals.the_key(),
            head_file=seals.head_file(),
            holder=settings.OPERATOR_NAME,
            now=timezone.now(),
        )
    except kept.Astray as error:
        logger.critical("THE BOOKS ARE NOT THOSE THAT WERE SEALED, nothing is signed any more: %s", error)
    except kept.HeadMissing as error:
        logger.error("the books are not sealed: %s is gone; see manage.py adopt_seal_head --help", error.path)
    except (seals.KeyMissing, seals.NotAKey, seals.UnknownKey) as error:
        logger.error("the books are not sealed: %r", error)


@shared_task
def add_up() -> None:
    """Totals of days, and balances to start from. What it leaves undone, the next one does."""
    days.add_up()
    days.leave_checkpoints()
