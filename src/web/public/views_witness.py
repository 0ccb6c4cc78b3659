"""A witness signs a seal: pasted on a page, or sent by a script.

There is no door: only what was signed with the key of a registered witness is taken, whoever brings it. So another site gains
nothing by making a browser send it, and there is nothing to guess.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cheques.opening import TooManyTries, check_wait, count_try
from ledger import seals
from web.access import address_block
from web.public.forms import CosignForm
from web.public.views_seals import seal_or_404

if TYPE_CHECKING:
    from ledger.models import Seal

MOST_BYTES = 4_096
FREE_TRIES = 10
SENT_BY_SCRIPT = "application/json"


@dataclass
class NotTaken(Exception):
    """Why a signature was not taken: status of the answer, and words for who sent it."""

    status: int
    words: str


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def witness(request: HttpRequest, number: int) -> HttpResponseBase:
    """The page that says how to sign this seal and takes a signature; JSON from a script is answered in JSON."""
    by_script = request.content_type == SENT_BY_SCRIPT
    try:
        found = seal_or_404(number)
    except Http404:
        if by_script:
            return JsonResponse({"error": _("There is no such seal.")}, status=404)
        raise
    if request.method != "POST":
        return _page(request, found, CosignForm())
    try:
        if by_script:
            holder = _taken(request, found, **_body(request))
            return JsonResponse({"seal": found.number, "witness": holder})
        form = CosignForm(request.POST)
        if not form.is_valid():
            return _page(request, found, form, status=422)
        holder = _taken(request, found, by=form.cleaned_data["by"], signature=form.cleaned_data["signature"])
    except NotTaken as error:
        if by_script:
            return JsonResponse({"error": error.words}, status=error.status)
        form.add_error("signature", error.words)
        return _page(request, found, form, status=error.status)
    messages.success(
        request,
        _("Thank you. The signature of %(holder)s stands under this seal.") % {"holder": holder},
    )
    return redirect("seal", found.number)


def _page(request: HttpRequest, found: "Seal", form: CosignForm, status: int = 200) -> HttpResponse:
    shown = {"seal": found, "line": seals.line_of(found.number), "form": form}
    return render(request, "web/public/witness.html", shown, status=status)


def _body(request: HttpRequest) -> dict[str, str]:
    """`by` and `signature` of what a script sent. Raises NotTaken."""
    too_long = NotTaken(413, _("This is too long to be a signature."))
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise too_long
    try:
        body = json.loads(request.body)
    except RequestDataTooBig as error:
        raise too_long from error
    except ValueError:
        body = None
    if isinstance(body, dict):
        parts = {name: body.get(name) for name in ("by", "signature")}
        if all(isinstance(part, str) for part in parts.values()):
            return {name: str(part) for name, part in parts.items()}
    raise NotTaken(400, _('Send {"by": public key, "signature": signature}, both in hexadecimal.'))


def _taken(request: HttpRequest, found: "Seal", *, by: str, signature: str) -> str:
    """Puts the signature under the seal; gives the name of the witness. Failures are counted. Raises NotTaken."""
    now = timezone.now()
    subject = f"witness:{address_block(request)}"
    try:
        check_wait([subject], now)
    except TooManyTries as error:
        words = _("This was tried very often. Wait %(count)d minutes.") % {"count": error.minutes(now)}
        raise NotTaken(429, words) from error
    try:
        made = seals.cosign(
            number=found.number, public=bytes.fromhex(by), signature=bytes.fromhex(signature), now=now
        )
    except (ValueError, seals.UnknownKey, seals.BadSignature) as error:
        count_try(subject, FREE_TRIES, now)
        raise _refusal(error) from error
    return made.key.holder


def _refusal(error: Exception) -> NotTaken:
    if isinstance(error, seals.UnknownKey):
        return NotTaken(403, _("This key is not that of a witness. Ask the operator to add it."))
    if isinstance(error, seals.BadSignature):
        return NotTaken(
            422,
            _(
                "This signature does not fit the line of this seal and this key. Sign the line without a line end."
            ),
        )
    return NotTaken(400, _("This is not hexadecimal."))
