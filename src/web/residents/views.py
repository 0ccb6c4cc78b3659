"""Opening a cheque: from the letter, by scanning or typing, to an active cheque. Looking never changes anything."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cheques import codes, opening, operations
from cheques.models import Cheque
from web.access import address_block
from web.public.organisations import dress, of_host_name
from web.residents import cheque_pages, sessions, words
from web.residents.forms import CodeForm, ScanForm


@require_safe
@never_cache
def landing(request: HttpRequest) -> HttpResponse:
    """Where the QR code of a letter leads. A script posts what is behind the #; without script one types the code."""
    dress(request, of_host_name(request))
    form = CodeForm(initial={"campaign": request.GET.get("initiatief", "")})
    return render(request, "web/residents/landing.html", {"form": form})


@require_POST
@never_cache
def open_(request: HttpRequest) -> HttpResponse:
    """Finds the cheque of a scanned token or a typed code and opens it in this browser. Activates nothing."""
    now = timezone.now()
    scanned = ScanForm(request.POST)
    form = CodeForm({} if scanned.is_valid() else request.POST)
    try:
        if scanned.is_valid():
            cheque = opening.cheque_of_token(scanned.cleaned_data["scan"])
        elif form.is_valid():
            code = form.cleaned_data["code"]
            cheque = opening.cheque_of_code(code, address_block=address_block(request), now=now)
        else:
            return _not_opened(request, form, 422)
    except opening.TooManyTries as error:
        return _not_opened(request, _wrong(form, words.of_code(error, now=now)), 429)
    except (codes.WrongLength, codes.Mistyped, codes.NotAFragment, opening.UnknownCode) as error:
        return _not_opened(request, _wrong(form, words.of_code(error, now=now)), 422)
    wanted = "" if scanned.is_valid() else form.cleaned_data["campaign"]
    sessions.open_cheque(request, cheque, wanted=wanted, now=now)
    return redirect("cheque")


def _wrong(form: CodeForm, text: str) -> CodeForm:
    """The form with this as its only error."""
    form.errors.clear()
    form.add_error("code", text)
    return form


def _not_opened(request: HttpRequest, form: CodeForm, status: int) -> HttpResponse:
    dress(request, of_host_name(request))
    return render(request, "web/residents/landing.html", {"form": form}, status=status)


@require_safe
@sessions.with_cheque
def cheque(request: HttpRequest, cheque: Cheque) -> HttpResponseBase:
    """What a cheque is worth, until when and from whom, with the button that makes it active."""
    shown = {
        "cheque": cheque,
        "card": cheque_pages.card(cheque, cheque.value_cents),
        "has_proof": cheque_pages.has_proof(cheque),
    }
    try:
        operations.check_usable(cheque=cheque, now=timezone.now())
    except operations.AlreadyActivated:
        return _onward(request)
    except operations.ChequeError as error:
        host = cheque.run.rules.programme.organisation
        return render(
            request, "web/residents/unusable.html", {"words": words.of_cheque(error, host=host)} | shown
        )
    return render(request, "web/residents/cheque.html", shown)


@require_POST
@sessions.with_cheque
def activate(request: HttpRequest, cheque: Cheque) -> HttpResponseBase:
    """Makes the cheque active. Of many at once one wins; the others see what it became."""
    try:
        operations.activate(cheque_id=cheque.pk, now=timezone.now())
    except operations.AlreadyActivated:
        messages.info(request, _("This cheque was active already.\nBelow you see what is left of it."))
        return redirect("purse")
    except operations.ChequeError:
        return redirect("cheque")  # which says what is wrong
    request.session[sessions.JUST_ACTIVATED] = True
    return _onward(request)


def _onward(request: HttpRequest) -> HttpResponse:
    """From an active cheque to the campaign that it was brought to, else to what one can choose."""
    wanted = request.session.pop(sessions.WANTED, "")
    return redirect("give", wanted) if wanted else redirect("purse")


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Closes the cheque on this device."""
    sessions.close_cheque(request)
    messages.success(
        request, _("Your cheque is closed on this device.\nWith your letter you can always open it again.")
    )
    return redirect("cheque_landing")
