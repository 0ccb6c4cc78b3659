"""Background work on cheques."""

from celery import shared_task
from django.utils import timezone

from cheques import opening, operations, printing
from cheques.models import ChequeRun


@shared_task
def make_letters(run_id: int) -> None:
    """Makes the documents of a run that are not there yet, one after the other."""
    while printing.make_document(run_id=run_id, now=timezone.now()) is not None:
        pass


@shared_task
def sweep() -> None:
    """Letters that were left undone: a message was lost, or a worker was killed. And failures of long ago are forgotten."""
    for run_id in ChequeRun.objects.filter(state=ChequeRun.State.ISSUED).values_list("pk", flat=True):
        make_letters.delay(run_id)
    opening.forget_failures(now=timezone.now())


@shared_task
def expire() -> None:
    """Takes back cheques past their last day."""
    operations.expire(now=timezone.now())
