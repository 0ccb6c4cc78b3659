"""A campaign as everybody sees it, all gifts to it, and where its money went."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.models import Campaign, Pledge, Receipt, State, Theme
from campaigns.queries import latest_gifts, parts
from payments.models import Payout
from web.look.flow import Flow
from web.look.formats import euro
from web.public import matches, pots, stories
from web.public.flows import csv_answer, flow_of
from web.public.forms import DonationForm
from web.public.organisations import dress
from web.public.whereabouts import positions
from web.residents import sessions
from web.residents.forms import CodeForm

GIFTS_SHOWN = 5
GIFTS_ON_A_PAGE = 25


def public_campaign(request: HttpRequest, slug: str) -> Campaign:
    """A campaign that everybody may see; its page wears the colours of its host. Raises Http404."""
    found = Campaign.objects.public().select_related(
        "initiator", "neighbourhood__district", "rules__programme__organisation"
    )
    campaign = get_object_or_404(found, slug=slug)
    dress(request, campaign.host)
    return campaign


@require_safe
def campaign(request: HttpRequest, slug: str) -> HttpResponse:
    return show(request, public_campaign(request, slug))


def show(
    request: HttpRequest, campaign: Campaign, *, donation_form: DonationForm | None = None, status: int = 200
) -> HttpResponse:
    """The page, with a form that was filled in wrongly where there is one."""
    now = timezone.now()
    money = stories.Money([one for one in positions([campaign]) if one.campaign_id == campaign.pk])
    payout = (
        Payout.objects.filter(campaign=campaign)
        .exclude(state__in=[Payout.State.PROPOSED, *Payout.CALLED_OFF])
        .order_by("-pk")
        .first()
    )
    scene, alt = pots.SCENES[Theme(campaign.theme)]
    shown: dict[str, Any] = {
        "campaign": campaign,
        "badge": pots.BADGES[State(campaign.state)],
        "badge_text": pots.badge_text(campaign),
        "scene": scene,
        "scene_alt": alt,
        "photos": list(campaign.photos.order_by("added_at")),
        "pot": pots.bar(campaign, parts(campaign)),
        "lines": list(campaign.budget_lines.all()),
        "chain": stories.chain(campaign, money, payout),
        "updates": list(campaign.updates.all()),
        "feed": stories.feed(list(latest_gifts(campaign, GIFTS_SHOWN)), now),
        "report": getattr(campaign, "report", None),
        "takes_gifts": campaign.takes_gifts(now),
        "last_day": pots.last_day_of(campaign),
        "waivers": list(campaign.waivers.all()),
    }
    if money.paid_cents:
        approved = campaign.receipts.filter(state=Receipt.State.APPROVED).order_by("bought_on", "pk")
        shown["receipts"] = stories.receipt_card(campaign, money, list(approved))
    if campaign.takes_gifts(now):
        shown |= _giving(request, campaign, donation_form or DonationForm(campaign=campaign))
    return render(request, "web/public/campaign.html", shown, status=status)


def _giving(request: HttpRequest, campaign: Campaign, form: DonationForm) -> dict[str, Any]:
    """What the card to give needs."""
    now = timezone.now()
    offers = matches.offers(campaign=campaign, with_cheque=False, now=now)
    picks = []
    for cents in form.picks_cents:
        added = matches.added_to(cents, room_cents=campaign.room_cents, offers=offers)
        picks.append({"cents": cents, "becomes": cents + added, "added": added, "button": euro(cents)})
    return {
        "code_form": CodeForm(initial={"campaign": campaign.slug}),
        "donation_form": form,
        "picks": picks,
        "offers": offers,
        "purse": sessions.purse_in_hand(request, now),
    }


@require_safe
def gifts(request: HttpRequest, slug: str) -> HttpResponse:
    """Every gift to a campaign, newest first."""
    shown = public_campaign(request, slug)
    found = (
        shown.pledges.filter(state=Pledge.State.STANDING).select_related("fund").order_by("-given_at", "-pk")
    )
    page = Paginator(found, GIFTS_ON_A_PAGE).get_page(request.GET.get("page"))
    feed = stories.feed(list(page.object_list), timezone.now())
    return render(request, "web/public/gifts.html", {"campaign": shown, "page": page, "feed": feed})


def _flow(shown: Campaign) -> Flow | None:
    title = _("How the money of “%(title)s” flows") % {"title": shown.title}
    return flow_of(title=title, campaigns=[shown], positions=positions([shown]))


@require_safe
def money(request: HttpRequest, slug: str) -> HttpResponse:
    """Where a campaign's money came from, and where it went."""
    shown = public_campaign(request, slug)
    return render(request, "web/public/money.html", {"campaign": shown, "flow": _flow(shown)})


@require_safe
def money_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The amounts of that page, to take along."""
    shown = public_campaign(request, slug)
    return csv_answer(_flow(shown), name=shown.slug)
