"""The bank account to be paid on, and the receipts of what was bought."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import receipts
from campaigns.models import State
from campaigns.operations import NotInThatState
from common import files
from payments import payees
from web.access import login_required, signed_in
from web.initiators.facts import facts_about
from web.initiators.forms import AccountForm, ReceiptForm
from web.initiators.own import own_campaign
from web.initiators.views_campaign import not_now
from web.kept_files import show
from web.look.formats import euro

TAKES_ACCOUNT = (State.SUBMITTED, State.COLLECTING, State.REACHED)
YEARS_TO_KEEP = 7


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def give_account(request: HttpRequest, slug: str) -> HttpResponseBase:
    campaign = own_campaign(request, slug)
    if campaign.state not in TAKES_ACCOUNT:
        return not_now(request, campaign)
    form = AccountForm(request.POST or None, initial={"holder": campaign.initiator.name})
    if request.method == "POST" and form.is_valid():
        payees.give_account(
            initiator=campaign.initiator, by=signed_in(request), now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("We have your bank account.\nA second person looks at it before we pay."))
        return redirect("mine_campaign", campaign.slug)
    context = {"form": form, "campaign": campaign, "known": facts_about(campaign).account, "at_mine": True}
    return render(request, "web/initiators/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hand_in_receipt(request: HttpRequest, slug: str) -> HttpResponseBase:
    campaign = own_campaign(request, slug)
    if campaign.state != State.PAID:
        return not_now(request, campaign)
    today = timezone.localdate()
    form = ReceiptForm(request.POST or None, request.FILES or None, today=today)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        now = timezone.now()
        file = files.store(
            content=given.pop("photo"),
            name="bon.jpg",
            mime_type="image/jpeg",
            now=now,
            keep_until=date(today.year + YEARS_TO_KEEP, 12, 31),
        )
        try:
            receipts.hand_in(
                campaign_id=campaign.pk,
                file=file,
                amount_cents=given.pop("amount"),
                by=signed_in(request),
                now=now,
                **given,
            )
        except receipts.ReceiptTwice:
            form.add_error(
                "photo", _("You handed in this photo before. Choose the photo of another receipt.")
            )
        except receipts.FarMoreThanThePot as error:
            text = _(
                "There was %(given)s in the pot. A receipt of so much more cannot be right: look at the amount again."
            )
            form.add_error("amount", text % {"given": euro(error.given_cents)})
        except NotInThatState:
            return not_now(request, campaign)
        else:
            messages.success(request, _("Your receipt is in.\nYou hear it when somebody has looked at it."))
            return redirect("mine_campaign", campaign.slug)
    context = {"form": form, "campaign": campaign, "facts": facts_about(campaign), "at_mine": True}
    return render(request, "web/initiators/receipt.html", context)


@require_safe
@login_required
def own_receipt(request: HttpRequest, slug: str, receipt_id: int) -> HttpResponseBase:
    """The photo of a receipt, for who handed it in."""
    found = own_campaign(request, slug).receipts.select_related("file").filter(pk=receipt_id).first()
    if found is None:
        raise Http404
    return show(request, found.file, name=f"bon-{found.pk}.pdf")
