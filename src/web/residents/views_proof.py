"""The proof for who holds a cheque: its entries as they stand in the sealed books, in a file that anyone can check."""

from io import BytesIO

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cheques.models import Cheque
from cheques.opening import TooManyTries
from ledger.exports import sealed
from web import often
from web.residents import cheque_pages, sessions

FREE_PROOFS = 20  # in an hour: it costs a tenth of a second


@require_safe
@sessions.with_cheque
def proof(request: HttpRequest, cheque: Cheque) -> HttpResponseBase:
    """What moved on this cheque and its purse; of everything else hashes only."""
    if not cheque_pages.has_proof(cheque):
        messages.info(request, _("Your proof is there within a minute.\nThen you can download it below."))
        return redirect("cheque" if cheque.purse is None else "purse")
    try:
        often.count(f"proof:{cheque.pk}", free=FREE_PROOFS)
    except TooManyTries as error:
        messages.warning(request, often.words(error))
        return redirect("cheque" if cheque.purse is None else "purse")
    file = BytesIO()
    chosen = sealed.of_accounts(cheque_pages.accounts(cheque), name=f"cheque {cheque.pk}")
    sealed.write(file, made_at=timezone.now(), chosen=chosen)
    return HttpResponse(
        file.getvalue(),
        headers={
            "Content-Type": "application/jsonl; charset=utf-8",
            "Content-Disposition": f'attachment; filename="cheque-{cheque.pk}.jsonl"',
        },
    )
