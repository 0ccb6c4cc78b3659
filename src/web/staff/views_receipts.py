"""Receipts: looked at, approved or sent back with a reason. Approved, the money counts as spent."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from campaigns import receipts
from campaigns.models import Receipt, State
from campaigns.operations import NotInThatState
from people.models import AccessLog, Role
from web import mails
from web.access import Member, looked, member, role_required
from web.kept_files import SHOWN, show
from web.look.badges import badge_for
from web.look.formats import euro
from web.staff.forms import RefusalForm
from web.staff.overview import receipts_of
from web.staff.paging import page_of, typed
from web.staff.sorting import Column, in_order

BADGES = {
    Receipt.State.SUBMITTED: "in_review",
    Receipt.State.APPROVED: "approved",
    Receipt.State.REFUSED: "rejected",
}


def _receipt(here: Member, receipt_id: int) -> Receipt:
    found = receipts_of(here.organisation).select_related("campaign__initiator__user", "decided_by")
    return get_object_or_404(found, pk=receipt_id)


@require_safe
@role_required(Role.STAFF)
def receipt_list(request: HttpRequest) -> HttpResponseBase:
    mine = receipts_of(member(request).organisation)
    wanted = request.GET.get("state", Receipt.State.SUBMITTED)
    state = Receipt.State(wanted) if wanted in Receipt.State else Receipt.State.SUBMITTED
    q = typed(request)
    found = mine.filter(state=state)
    if q:
        found = found.filter(campaign__title__icontains=q) | found.filter(supplier__icontains=q)
    oldest_first = state == Receipt.State.SUBMITTED
    found = found.order_by("submitted_at", "pk") if oldest_first else found.order_by("-submitted_at", "-pk")
    found, sort = in_order(
        request,
        found,
        Column("handed", _("Handed in"), "-submitted_at"),
        Column("shop", pgettext("staff", "Shop"), "supplier"),
        Column("amount", _("Amount"), "-amount_cents"),
    )
    context = {
        "page": page_of(request, found),
        "sort": sort,
        "state": state,
        "states": [(one, badge_for(badge).word) for one, badge in BADGES.items()],
        "q": q,
    }
    return render(request, "web/staff/receipts.html", context)


@require_safe
@role_required(Role.STAFF)
def receipt_detail(request: HttpRequest, receipt_id: int) -> HttpResponseBase:
    return _page(request, _receipt(member(request), receipt_id), RefusalForm())


def _page(request: HttpRequest, receipt: Receipt, form: RefusalForm, status: int = 200) -> HttpResponseBase:
    context = {
        "receipt": receipt,
        "is_picture": receipt.file.mime_type == SHOWN,
        "own": receipt.submitted_by_id == member(request).user.pk,
        "unpaid": receipt.campaign.state == State.REACHED,
        "to_decide": receipt.state == Receipt.State.SUBMITTED,
        "unaccounted_cents": sum(receipts.unaccounted(receipt.campaign).values()),
        "budget_lines": receipt.campaign.budget_lines.all(),
        "form": form,
    }
    return render(request, "web/staff/receipt.html", context, status=status)


@require_safe
@role_required(Role.STAFF)
def receipt_file(request: HttpRequest, receipt_id: int) -> HttpResponseBase:
    receipt = _receipt(member(request), receipt_id)
    looked(request, AccessLog.What.RECEIPT, receipt.pk)
    return show(request, receipt.file, name=f"bon-{receipt.pk}.pdf")


@require_POST
@role_required(Role.STAFF)
def approve_receipt(request: HttpRequest, receipt_id: int) -> HttpResponseBase:
    here = member(request)
    receipt = _receipt(here, receipt_id)
    now = timezone.now()
    try:
        with transaction.atomic():
            approved = receipts.approve(receipt_id=receipt.pk, by=here.user, now=now)
            mails.receipt_decided(approved, now=now)
    except (receipts.OwnReceipt, receipts.DecidedAlready) as error:
        return _not_decided(request, receipt, error)
    except NotInThatState:
        came_back = _("The payout came back, so there is nothing to account for now.")
        messages.warning(request, came_back + "\n" + _("Wait until the money is paid again."))
        return redirect("staff_receipt", receipt.pk)
    messages.success(
        request,
        _("Approved: the receipt of %(amount)s from %(supplier)s.\nThis money now counts as spent.")
        % {"amount": euro(receipt.amount_cents), "supplier": receipt.supplier},
    )
    return redirect("staff_receipts")


@require_POST
@role_required(Role.STAFF)
def refuse_receipt(request: HttpRequest, receipt_id: int) -> HttpResponseBase:
    here = member(request)
    receipt = _receipt(here, receipt_id)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return _page(request, receipt, form, status=422)
    now = timezone.now()
    try:
        with transaction.atomic():
            refused = receipts.refuse(
                receipt_id=receipt.pk, by=here.user, reason=form.cleaned_data["reason"], now=now
            )
            mails.receipt_decided(refused, now=now)
    except (receipts.OwnReceipt, receipts.DecidedAlready) as error:
        return _not_decided(request, receipt, error)
    messages.success(
        request,
        _("Not approved: the receipt of %(amount)s.\n%(name)s got your reason by e-mail.")
        % {"amount": euro(receipt.amount_cents), "name": receipt.campaign.initiator.name},
    )
    return redirect("staff_receipts")


def _not_decided(request: HttpRequest, receipt: Receipt, error: Exception) -> HttpResponseBase:
    if isinstance(error, receipts.OwnReceipt):
        messages.warning(
            request, _("You handed in this receipt yourself.\nTherefore a colleague must decide.")
        )
    else:
        messages.info(request, _("Somebody decided about this receipt already.\nNothing has changed."))
    return redirect("staff_receipt", receipt.pk)
