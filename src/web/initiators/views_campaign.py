"""The own page of a campaign, its news, photos and report."""

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import operations
from campaigns.models import Campaign, FinalReport, State, Theme
from campaigns.queries import parts
from cheques.runs import last_day
from common import files
from payments.models import Payout
from web.access import login_required
from web.initiators.duties import duties
from web.initiators.facts import account_by, facts_about
from web.initiators.forms import NewsForm, PhotoForm, ReportForm
from web.initiators.leftover import leftover
from web.initiators.own import own_campaign
from web.initiators.standing import standing
from web.public.pots import BADGES, SCENES, badge_text, bar
from web.public.stories import Money
from web.public.whereabouts import positions

TELLS = (State.COLLECTING, State.REACHED, State.PAID, State.DONE)
REPORTS = (State.PAID, State.DONE)


@require_safe
@login_required
def mine_campaign(request: HttpRequest, slug: str) -> HttpResponseBase:
    campaign = own_campaign(request, slug)
    now = timezone.now()
    facts = facts_about(campaign)
    context = {
        "campaign": campaign,
        "is_public": campaign.state in (*TELLS, State.FAILED),
        "badge": BADGES[State(campaign.state)],
        "badge_text": badge_text(campaign),
        "scene": SCENES[Theme(campaign.theme)],
        "bar": bar(campaign, parts(campaign)),
        "standing": standing(campaign, facts, now),
        "duties": duties([campaign], {campaign.pk: facts}, now),
        "facts": facts,
        "last_day": last_day(campaign.deadline),
        "account_by": account_by(campaign, facts.payout),
        "lines": campaign.budget_lines.all(),
        "money": Money(positions([campaign])),
        "called_off": Payout.CALLED_OFF,
        "payouts": campaign.payouts.annotate(costs_cents=Sum("parts__costs_cents")).order_by("-made_at"),
        "receipts": campaign.receipts.select_related("file").order_by("-submitted_at"),
        "leftover": leftover(campaign, facts),
        "updates": campaign.updates.all(),
        "photos": campaign.photos.select_related("file").order_by("-added_at"),
        "report": FinalReport.objects.filter(campaign=campaign).first(),
        "tells": campaign.state in TELLS,
        "reports": campaign.state in REPORTS,
        "can_change": campaign.state in (State.DRAFT, State.REFUSED),
        "at_mine": True,
    }
    return render(request, "web/initiators/campaign.html", context)


def not_now(request: HttpRequest, campaign: Campaign) -> HttpResponseBase:
    """Back to the campaign's page, for a step that does not fit its state."""
    messages.info(request, _("This is not possible now.\nBelow you see what happens first."))
    return redirect("mine_campaign", campaign.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def tell_news(request: HttpRequest, slug: str) -> HttpResponseBase:
    campaign = own_campaign(request, slug)
    if campaign.state not in TELLS:
        return not_now(request, campaign)
    form = NewsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        operations.tell(campaign=campaign, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your news is on the page of your initiative."))
        return redirect("mine_campaign", campaign.slug)
    return render(request, "web/initiators/news.html", {"form": form, "campaign": campaign, "at_mine": True})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add_photo(request: HttpRequest, slug: str) -> HttpResponseBase:
    campaign = own_campaign(request, slug)
    if campaign.state not in TELLS:
        return not_now(request, campaign)
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        file = files.store(
            content=form.cleaned_data["photo"], name="foto.jpg", mime_type="image/jpeg", now=now
        )
        operations.add_photo(campaign=campaign, file=file, caption=form.cleaned_data["caption"], now=now)
        messages.success(request, _("Your photo is on the page of your initiative."))
        return redirect("mine_campaign", campaign.slug)
    return render(request, "web/initiators/photo.html", {"form": form, "campaign": campaign, "at_mine": True})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def write_report(request: HttpRequest, slug: str) -> HttpResponseBase:
    campaign = own_campaign(request, slug)
    if campaign.state not in REPORTS:
        return not_now(request, campaign)
    known = FinalReport.objects.filter(campaign=campaign).values("text", "people_reached").first()
    form = ReportForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        operations.report(campaign=campaign, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Thank you. Your story is on the page of your initiative."))
        return redirect("mine_campaign", campaign.slug)
    return render(
        request, "web/initiators/report.html", {"form": form, "campaign": campaign, "at_mine": True}
    )
