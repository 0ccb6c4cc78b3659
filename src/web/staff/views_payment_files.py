"""The treasurer's payment files (SEPA, pain.001): the approved payouts of a day, for the bank."""

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from payments import payouts
from payments.models import Payout, PayoutRun
from web.access import looked, member
from web.staff.downloads import download
from web.staff.forms import PaymentFileForm
from web.staff.paging import page_of
from web.staff.treasury import treasurer_required


@require_safe
@treasurer_required
def payment_files(request: HttpRequest) -> HttpResponseBase:
    return _page(request, PaymentFileForm(initial={"execute_on": timezone.localdate()}))


def _page(request: HttpRequest, form: PaymentFileForm, status: int = 200) -> HttpResponseBase:
    approved = (
        Payout.objects.filter(state=Payout.State.APPROVED)
        .select_related("campaign__rules__programme__organisation", "made_by", "approved_by")
        .order_by("pk")
    )
    runs = PayoutRun.objects.select_related("made_by", "file").annotate(
        count=Count("payouts"), cents=Sum("payouts__amount_cents", default=0)
    )
    context = {
        "form": form,
        "approved": list(approved[:200]),
        "approved_cents": approved.aggregate(cents=Sum("amount_cents", default=0))["cents"],
        "page": page_of(request, runs.order_by("-pk")),
    }
    return render(request, "web/staff/payment_files.html", context, status=status)


@require_POST
@treasurer_required
def make_payment_file(request: HttpRequest) -> HttpResponseBase:
    form = PaymentFileForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        made = payouts.make_run(
            execute_on=form.cleaned_data["execute_on"], by=member(request).user, now=timezone.now()
        )
    except payouts.NoneApproved:
        messages.info(
            request, _("There is nothing to send.\nEvery approved payout is in a payment file already.")
        )
    else:
        messages.success(
            request,
            _("Payment file %(name)s is ready.\nDownload it below and send it to your bank.")
            % {"name": made.message_id},
        )
    return redirect("staff_payment_files")


@require_safe
@treasurer_required
def payment_file(request: HttpRequest, run_id: int) -> HttpResponseBase:
    run = get_object_or_404(PayoutRun.objects.select_related("file"), pk=run_id)
    looked(request, f"payment file {run.pk}")
    return download(run.file, name=f"{run.message_id}.xml")
