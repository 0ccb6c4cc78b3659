"""Giving with own money: to the payment page, and back from it."""

import logging
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.models import Campaign
from campaigns.pledges import TakesNoGifts
from cheques.opening import TooManyTries
from payments import donations, gateway
from payments.models import Donation
from web import often
from web.access import address_block
from web.look.formats import euro
from web.public.forms import DonationForm
from web.public.organisations import dress
from web.public.views_campaigns import public_campaign, show

logger = logging.getLogger(__name__)

# How many calls to Stripe a block of addresses may cause in an hour before it has to wait. A whole
# neighbourhood may be behind one block, so they are many.
FREE_PAGES = 100
FREE_LOOKS = 1_000


@require_POST
def donate(request: HttpRequest, slug: str) -> HttpResponse:
    """Writes down the intent and goes to the payment page. The same form sent twice is one donation."""
    campaign = public_campaign(request, slug)
    if not campaign.takes_gifts(timezone.now()):
        return _closed(request, campaign)
    form = DonationForm(request.POST, campaign=campaign)
    if not form.is_valid():
        return show(request, campaign, donation_form=form, status=422)
    try:
        often.count(f"donation-page:{address_block(request)}", free=FREE_PAGES)
    except TooManyTries as error:
        form.add_error(None, often.words(error))
        return show(request, campaign, donation_form=form, status=429)
    try:
        donation = donations.intend(
            campaign=campaign,
            amount_cents=form.cleaned_data["amount_cents"],
            name=form.cleaned_data["name"],
            message="",
            email="",
            language=get_language() or "nl",
            now=timezone.now(),
            reference=form.reference,
        )
    except TakesNoGifts:
        return _closed(request, campaign)
    return _to_payment_page(request, donation)


def _closed(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    text = _("%(campaign)s takes no more money.\nNothing was taken from your account.")
    messages.warning(request, text % {"campaign": campaign.title})
    return redirect("campaign", campaign.slug)


def _to_payment_page(request: HttpRequest, donation: Donation) -> HttpResponse:
    here = request.build_absolute_uri(reverse("donation", args=[donation.reference]))
    try:
        return redirect(donations.payment_page(donation=donation, return_url=here, cancel_url=here))
    except gateway.GatewayDown:
        logger.warning("payment page of donation %s: the provider does not answer", donation.pk)
        return render(request, "web/public/donation_down.html", {"donation": donation}, status=503)
    except gateway.GatewayRefused:
        return redirect("donation", donation.reference)


def _donation(request: HttpRequest, reference: uuid.UUID) -> Donation:
    found = Donation.objects.select_related(
        "campaign__rules__programme__organisation", "campaign__neighbourhood", "pledge"
    )
    donation = get_object_or_404(found, reference=reference)
    dress(request, donation.campaign.host)
    return donation


def _followed(request: HttpRequest, donation: Donation) -> tuple[Donation, bool]:
    """The donation as it stands at the payment provider, and whether we could look there.

    Who looks again and again sees what we know: what changes there comes to us by itself too.
    """
    now = timezone.now()
    if donation.is_open and not donations.may_ask(donation=donation, now=now):
        return donation, False
    try:
        if donation.is_open:
            often.count(f"donation-look:{address_block(request)}", free=FREE_LOOKS)
        return donations.follow_up(donation=donation, now=now), True
    except TooManyTries:
        return donation, False
    except (gateway.GatewayDown, gateway.GatewayRefused):
        logger.warning("donation %s: the provider does not answer", donation.pk)
    except donations.Mismatch as error:
        logger.error("donation %s does not match: %s", donation.pk, error.found)
    return donation, False


@require_POST
def pay(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """To the payment page of a donation that was begun and not paid."""
    donation = _donation(request, reference)
    if donation.state != Donation.State.INTENDED:
        return redirect("donation", donation.reference)
    try:
        often.count(f"donation-page:{address_block(request)}", free=FREE_PAGES)
    except TooManyTries as error:
        messages.warning(request, often.words(error))
        return redirect("donation", donation.reference)
    return _to_payment_page(request, donation)


@require_safe
@never_cache
def donation(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """How a donation stands. Here people come back from the payment page."""
    before = _donation(request, reference)
    found, seen = _followed(request, before)
    found = _donation(request, reference)
    waits = found.state == Donation.State.WAITING or (found.state == Donation.State.INTENDED and not seen)
    shown = {
        "donation": found,
        "campaign": found.campaign,
        "waits": waits,
        "too_late": found.pledge_id is None,
        "added_text": _added_text(found),
        "can_pay": donations.page_is_there(donation=found, now=timezone.now())
        and found.campaign.takes_gifts(timezone.now()),
    }
    return render(request, "web/public/donation.html", shown)


def _added_text(donation: Donation) -> str:
    """What sponsors added to it, in a sentence; empty where they did not."""
    if donation.pledge is None:
        return ""
    added = list(donation.pledge.matched_by.all())
    if not added:
        return ""
    return _("Added by %(sponsors)s: %(amount)s.") % {
        "sponsors": _(" and ").join(sorted({match.name for match in added})),
        "amount": euro(sum(match.amount_cents for match in added)),
    }


@require_safe
@never_cache
def donation_state(request: HttpRequest, reference: uuid.UUID) -> JsonResponse:
    """The same in one word, for the page that waits."""
    found, _seen = _followed(request, _donation(request, reference))
    return JsonResponse({"state": found.state})
