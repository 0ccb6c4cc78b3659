"""Writing a plan: a draft, changing it, and sending it after a last look."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import operations
from campaigns.models import Campaign, Initiator, State, Theme
from cheques.runs import end_of_day, last_day
from people.models import User
from web.access import login_required, signed_in
from web.initiators.forms_plan import (
    FIRST_LINES,
    Lines,
    PlanForm,
    initial_of,
    lines_to_fill,
    rows_of,
    typed_rows,
)
from web.initiators.offers import Offer, offer_of, offers
from web.initiators.own import own_campaign
from web.look.formats import euro
from web.public.pots import SCENES

LEFT_AT_LEAST = timedelta(days=7)
SAME_PLAN = timedelta(days=1)
CAN_CHANGE = (State.DRAFT, State.REFUSED)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_campaign(request: HttpRequest) -> HttpResponseBase:
    found = offers(timezone.localdate())
    if not found:
        return render(request, "web/initiators/no_offers.html", {"at_mine": True})
    user = signed_in(request)
    last = user.initiators.order_by("-pk").first()
    known = (
        {"kind": last.kind, "name": last.name, "registration_number": last.registration_number}
        if last
        else {}
    )
    initial = {"kind": "person", "name": user.name, "theme": Theme.GREEN.value} | known
    return _plan_page(request, found, None, initial, [], FIRST_LINES)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change_campaign(request: HttpRequest, slug: str) -> HttpResponseBase:
    campaign = own_campaign(request, slug)
    if campaign.state not in CAN_CHANGE:
        return _too_late(request, campaign)
    return _plan_page(request, [offer_of(campaign)], campaign, initial_of(campaign), rows_of(campaign), 1)


def _plan_page(
    request: HttpRequest,
    found: list[Offer],
    campaign: Campaign | None,
    initial: dict[str, Any],
    rows: list[dict[str, str]],
    empty: int,
) -> HttpResponseBase:
    today = timezone.localdate()
    form = PlanForm(offers=found, today=today, initial=initial)
    lines = lines_to_fill(rows, empty=empty)
    if "add_line" in request.POST:
        form = PlanForm(offers=found, today=today, initial=request.POST.dict())
        lines = lines_to_fill(typed_rows(request.POST), empty=1)
    elif request.method == "POST":
        form = PlanForm(request.POST, offers=found, today=today)
        lines = Lines(request.POST, prefix="lines")
        if form.is_valid() & lines.is_valid():
            saved = _save(signed_in(request), campaign, form, lines, timezone.now())
            if saved is not None and saved.state not in CAN_CHANGE:
                return _too_late(request, saved)
            if saved is not None:
                messages.success(request, _("Your plan is saved.\nCheck it below and send it."))
                return redirect("submit_campaign", saved.slug)
    context = {
        "form": form,
        "lines": lines,
        "offers": found,
        "campaign": campaign,
        "themes": [(option, SCENES[Theme(option.data["value"])][0]) for option in form["theme"].subwidgets],
        "steps": _steps(),
        "at_mine": True,
    }
    return render(request, "web/initiators/plan.html", context)


def _steps() -> tuple[str, ...]:
    return (_("Your plan"), _("Check"), _("Sent"))


def _save(
    user: User, campaign: Campaign | None, form: PlanForm, lines: Any, now: datetime
) -> Campaign | None:
    """The saved plan, or None with the reason in the form. One that was sent meanwhile comes back as it is."""
    try:
        return _saved(user, campaign, form, lines.planned(), now)
    except operations.NothingPlanned:
        form.add_error(None, _("Costs: write down at least one thing that you need money for."))
    except operations.TargetTooHigh as error:
        text = _("Costs: your plan costs %(target)s. Here it may be at most %(most)s. Make it smaller.")
        form.add_error(None, text % {"target": euro(error.target_cents), "most": euro(error.max_cents)})
    except operations.NotInThatState:
        form.add_error(None, _("Your plan was sent meanwhile. You can no longer change it."))
    return None


@transaction.atomic
def _saved(
    user: User, campaign: Campaign | None, form: PlanForm, lines: list[operations.PlannedLine], now: datetime
) -> Campaign:
    plan = form.cleaned_data
    # One at a time for one person, so that a form that is sent twice makes one draft.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    initiator = operations.introduce(
        user=user, kind=plan["kind"], name=plan["name"], registration_number=plan["registration_number"]
    )
    offer, neighbourhood = form.picked()
    if campaign is None:
        campaign = _made_before(initiator, offer, plan["title"], now)
        if campaign is not None and campaign.state not in CAN_CHANGE:
            return campaign
    fields = {name: plan[name] for name in ("title", "summary", "story", "theme")} | {
        "initiator": initiator,
        "neighbourhood": neighbourhood,
        "lines": lines,
        "deadline": end_of_day(plan["deadline"]),
    }
    if campaign is not None:
        return operations.change(campaign_id=campaign.pk, **fields)
    return operations.open_campaign(rules=offer.rules, now=now, **fields)


def _made_before(initiator: Initiator, offer: Offer, title: str, now: datetime) -> Campaign | None:
    """The campaign that this form made when it was sent before, whatever became of it: a plan of this title, today."""
    same = Campaign.objects.filter(initiator=initiator, rules__programme=offer.programme, title=title)
    return same.filter(made_at__gt=now - SAME_PLAN).order_by("-made_at", "-pk").first()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def submit_campaign(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The last look: the plan as neighbours will see it."""
    campaign = own_campaign(request, slug)
    if campaign.state not in CAN_CHANGE:
        return _too_late(request, campaign)
    now = timezone.now()
    in_time = campaign.deadline - now > LEFT_AT_LEAST
    if request.method == "POST" and in_time:
        try:
            operations.submit(campaign_id=campaign.pk, now=now)
        except operations.NotInThatState:
            return _too_late(request, campaign)
        messages.success(request, _("Your plan is sent.\nYou get a mail as soon as it was read."))
        return redirect("mine_campaign", campaign.slug)
    context = {
        "campaign": campaign,
        "last_day": last_day(campaign.deadline),
        "in_time": in_time,
        "lines": campaign.budget_lines.all(),
        "scene": SCENES[Theme(campaign.theme)],
        "steps": _steps(),
        "at_mine": True,
    }
    return render(request, "web/initiators/submit.html", context)


def _too_late(request: HttpRequest, campaign: Campaign) -> HttpResponseBase:
    messages.info(request, _("Your plan is sent already.\nYou can no longer change it."))
    return redirect("mine_campaign", campaign.slug)
