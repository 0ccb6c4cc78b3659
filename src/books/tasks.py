"""Background work over the whole."""

import logging

from celery import shared_task
from django.utils import timezone

from books import checks, closing, exports, stripe_differences
from books.models import Export
from books.stripe_differences import list_again
from ledger import days, heads
from ledger import queries as books

logger = logging.getLogger(__name__)


@shared_task
def close_what_is_due() -> None:
    """Closes campaigns past their deadline."""
    closing.close_due(now=timezone.now())


@shared_task
def check() -> None:
    """Every invariant, each night. What does not hold is an error in the log, and so is a fund that is short of cash."""
    for one in checks.run(transactions=list_again):
        if not one.ok:
            logger.error("the books are wrong: %s: %s", one.name, one.found)
    for short in books.short_of_cash():
        logger.error("a fund is short of cash: %s", short)


@shared_task
def ask_stripe() -> None:
    """For an auditor who looks at the reconciliation."""
    stripe_differences.ask(now=timezone.now())


@shared_task
def make_export(export_id: int) -> None:
    exports.make(export_id=export_id)


@shared_task
def sweep_exports() -> None:
    """Files whose message was lost or whose worker was killed are made after all; those of long ago are taken away."""
    now = timezone.now()
    for export_id in Export.objects.due(now).order_by("pk").values_list("pk", flat=True):
        make_export.delay(export_id)
    exports.remove_old(now=now)


@shared_task
def watch_seals() -> None:
    """What should have been sealed minutes ago is an error in the log, each time, until it is."""
    now = timezone.now()
    backlog = heads.backlog()
    if backlog.is_late(now):
        logger.error("%s entries are not sealed, since %s", backlog.entries, backlog.since)


@shared_task
def watch_totals() -> None:
    """Totals of days that fall behind make looking slow: an error in the log, each time, until they are up to date."""
    since = days.behind_since()
    if since is not None and timezone.now() - since > days.LATE_AFTER:
        logger.error("the totals of days are behind, since %s", since)
