"""One cheque: found by its address or the first symbols of its code, stopped or let go with a reason."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from cheques import codes, operations
from cheques.models import Cheque
from ledger import queries as books
from people.models import AccessLog, Role
from web.access import Member, looked, member, role_required
from web.staff.forms import FreezeForm
from web.staff.paging import page_of, typed
from web.staff.sorting import Column, in_order
from web.staff.views_dwellings import matching


def _cheques(here: Member) -> QuerySet[Cheque]:
    return Cheque.objects.filter(run__rules__programme__organisation=here.organisation).select_related(
        "run", "dwelling__neighbourhood", "purse"
    )


def search(here: Member, text: str) -> QuerySet[Cheque]:
    """Cheques of the host by selector or by address; the newest run first."""
    dwellings = matching(here.organisation.dwellings.all(), text)
    wanted = Q(selector=codes.read_selector(text)) | Q(dwelling__in=dwellings.values("pk"))
    return (
        _cheques(here)
        .filter(wanted)
        .order_by("-run_id", "dwelling__postcode", "dwelling__house_number", "pk")
    )


def given(cheques: Iterable[Cheque], *, now: datetime) -> set[int]:
    """Of these, by id: all was given from them. After the last day what was left may have been taken back instead."""
    purses = {one.purse.account_id: one.pk for one in cheques if one.purse and one.purse.valid_until > now}
    return {purses[account_id] for account_id, cents in books.balances(purses).items() if not cents}


@require_safe
@role_required(Role.STAFF)
def cheque_list(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    q = typed(request)
    found = search(here, q) if q else _cheques(here).filter(frozen=True).order_by("-run_id", "pk")
    found, sort = in_order(
        request,
        found,
        Column("run", pgettext("staff", "Run"), "-run_id"),
        Column("street", _("Street"), "dwelling__street"),
    )
    page = page_of(request, found)
    context = {"page": page, "q": q, "sort": sort, "given": given(page, now=timezone.now())}
    return render(request, "web/staff/cheques.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STAFF)
def cheque_detail(request: HttpRequest, cheque_id: int) -> HttpResponseBase:
    here = member(request)
    cheque = get_object_or_404(_cheques(here), pk=cheque_id)
    form = (
        FreezeForm(request.POST)
        if request.method == "POST"
        else FreezeForm(initial={"frozen": not cheque.frozen})
    )
    if request.method == "POST" and form.is_valid():
        frozen = form.cleaned_data["frozen"]
        operations.set_frozen(
            cheque_id=cheque.pk,
            frozen=frozen,
            reason=form.cleaned_data["reason"],
            by=here.user,
            now=timezone.now(),
        )
        messages.success(
            request,
            _("The cheque is stopped.\nNobody can use it now.") if frozen else _("The cheque works again."),
        )
        return redirect("staff_cheque", cheque.pk)
    looked(request, AccessLog.What.CHEQUE, cheque.pk)
    context = {
        "cheque": cheque,
        "form": form,
        "given": given([cheque], now=timezone.now()),
        "freezes": cheque.freezes.select_related("made_by").order_by("-made_at", "-pk"),
        "balance_cents": books.balance(cheque.purse.account_id) if cheque.purse else None,
    }
    return render(request, "web/staff/cheque.html", context, status=422 if request.method == "POST" else 200)
