"""The treasurer says who is a witness: whose key may sign seals beside the operator's."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ledger import heads, seals
from people.models import AccessLog
from web.access import looked
from web.staff.forms import WitnessForm
from web.staff.paging import page_of
from web.staff.treasury import treasurer_required


@require_http_methods(["GET", "HEAD", "POST"])
@treasurer_required
def witnesses(request: HttpRequest) -> HttpResponseBase:
    """All of them, and the form to add one. One person adds: a witness can only add proof, never take it away."""
    if request.method != "POST":
        return _page(request, WitnessForm())
    form = WitnessForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    name = form.cleaned_data["holder"]
    try:
        with transaction.atomic():
            made = seals.add_witness(public=form.cleaned_data["public"], holder=name, now=timezone.now())
            looked(request, AccessLog.What.WITNESS_ADDED, made.pk, name=name)
    except IntegrityError:
        form.add_error("public", _("This key is known already. A witness needs a key of its own."))
        return _page(request, form, status=422)
    messages.success(
        request, _("%(name)s is a witness now.\nTheir signatures are taken from now on.") % {"name": name}
    )
    return redirect("staff_witnesses")


def _page(request: HttpRequest, form: WitnessForm, status: int = 200) -> HttpResponseBase:
    context = {"form": form, "page": page_of(request, heads.witnesses()), "newest": heads.newest()}
    return render(request, "web/staff/witnesses.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@treasurer_required
def end_witness(request: HttpRequest, key_id: int) -> HttpResponseBase:
    """What a witness signed stays signed."""
    witness = heads.witnesses().filter(pk=key_id).first()
    if witness is None:
        raise Http404
    if request.method != "POST":
        context = {"witness": witness, "blocked": witness.until is not None}
        return render(request, "web/staff/end_witness.html", context)
    with transaction.atomic():
        if seals.end_witness(key_id=witness.pk, now=timezone.now()):
            looked(request, AccessLog.What.WITNESS_ENDED, witness.pk, name=witness.holder)
    messages.success(request, _("%(name)s is no witness any more.") % {"name": witness.holder})
    return redirect("staff_witnesses")
