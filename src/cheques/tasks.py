"""Background work on cheques."""

from celery import shared_task
from django.utils import timezone

from cheques import printing
from cheques.models import ChequeRun


@shared_task
def make_letters(run_id: int) -> None:
    """Makes the documents of a run that are not there yet, one after the other."""
    while printing.make_document(run_id=run_id, now=timezone.now()) is not None:
        pass


@shared_task
def sweep() -> None:
    """Letters that were left undone: a message was lost, or a worker was killed."""
    for run_id in ChequeRun.objects.filter(state=ChequeRun.State.ISSUED).values_list("pk", flat=True):
        make_letters.delay(run_id)
