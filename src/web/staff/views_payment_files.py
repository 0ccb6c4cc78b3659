"""The treasurer's payment files (SEPA, pain.001): the approved payouts of a day, for the bank."""

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from payments import payment_files
from payments.models import Payout, PayoutRun
from people.models import AccessLog
from web.access import looked, member
from web.kept_files import download
from web.staff.forms import PaymentFileForm
from web.staff.paging import page_of, typed
from web.staff.sorting import Column, SortLink, in_order
from web.staff.treasury import treasurer_required


@require_safe
@treasurer_required
def payment_file_list(request: HttpRequest) -> HttpResponseBase:
    approved = (
        payment_files.to_send()
        .select_related("campaign__rules__programme__organisation", "made_by", "approved_by")
        .order_by("pk")
    )
    q = typed(request)
    runs, sort = _sought(request, q)
    context = {
        "batch": payment_files.approved_batch(),
        "held_up": payment_files.held_up().count(),
        "approved_page": page_of(request, approved, name="approved-page"),
        "page": page_of(request, runs),
        "q": q,
        "sort": sort,
    }
    return render(request, "web/staff/payment_files.html", context)


def _sought(request: HttpRequest, q: str) -> tuple[QuerySet[PayoutRun], list[SortLink]]:
    """The files by their name, or by a payment that is in them."""
    runs = PayoutRun.objects.select_related("made_by", "file").annotate(
        count=Count("holds"), cents=Sum("holds__amount_cents", default=0)
    )
    if q:
        holds = Payout.objects.filter(Q(holder__icontains=q) | Q(campaign__title__icontains=q))
        runs = runs.filter(Q(message_id__icontains=q) | Q(pk__in=PayoutRun.objects.filter(holds__in=holds)))
    return in_order(
        request,
        runs.order_by("-pk"),
        Column("made", _("Date"), "-made_at"),
        Column("payments", pgettext("staff", "Payments"), "-count"),
        Column("amount", _("Amount"), "-cents"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@treasurer_required
def make_payment_file(request: HttpRequest) -> HttpResponseBase:
    """A question with number and amount first: what is sent cannot be taken back."""
    if request.method != "POST":
        return _question(request, PaymentFileForm(initial={"execute_on": timezone.localdate()}))
    form = PaymentFileForm(request.POST)
    if not form.is_valid():
        return _question(request, form, status=422)
    try:
        made = payment_files.make_run(
            execute_on=form.cleaned_data["execute_on"],
            by=member(request).user,
            now=timezone.now(),
            agreed=payment_files.Batch(form.cleaned_data["count"], form.cleaned_data["cents"]),
        )
    except payment_files.NoneApproved:
        messages.info(request, _("There is nothing to send.\nNo approved payout waits that can be sent."))
    except payment_files.BatchChanged:
        messages.warning(
            request,
            _("The payments changed while you looked.\nNothing was sent. Look at the new number and amount."),
        )
        return _question(request, form, status=409)
    else:
        messages.success(
            request,
            _("Payment file %(name)s is ready.\nDownload it below and send it to your bank.")
            % {"name": made.message_id},
        )
    return redirect("staff_payment_files")


def _question(request: HttpRequest, form: PaymentFileForm, status: int = 200) -> HttpResponseBase:
    batch = payment_files.approved_batch()
    context = {"form": form, "batch": batch, "blocked": batch.count == 0}
    return render(request, "web/staff/make_payment_file.html", context, status=status)


@require_safe
@treasurer_required
def payment_file(request: HttpRequest, run_id: int) -> HttpResponseBase:
    run = get_object_or_404(PayoutRun.objects.select_related("file"), pk=run_id)
    looked(request, AccessLog.What.PAYMENT_FILE, run.pk, name=run.message_id)
    return download(request, run.file, name=f"{run.message_id}.xml")
