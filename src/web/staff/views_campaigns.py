"""Campaigns: looked through, and reviewed by staff or a broker."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from campaigns import operations
from campaigns.models import BudgetLine, Campaign, State
from cheques.runs import last_day
from people.models import Role
from programmes.models import Rules
from web import mails
from web.access import Member, member, role_required
from web.look.badges import badge_for
from web.look.formats import euro, long_date
from web.public.pots import BADGES
from web.staff.forms import RefusalForm
from web.staff.paging import page_of, typed
from web.staff.sorting import Column, in_order

REVIEWERS = (Role.STAFF, Role.BROKER)
# The order in which they ask for attention; drafts are their makers' own.
TABS = (State.SUBMITTED, State.COLLECTING, State.REACHED, State.PAID, State.DONE, State.FAILED, State.REFUSED)


def _campaign(here: Member, slug: str) -> Campaign:
    shown = Campaign.objects.exclude(state=State.DRAFT).filter(
        rules__programme__organisation=here.organisation
    )
    return get_object_or_404(
        shown.select_related("initiator__user", "neighbourhood", "rules__programme", "reviewed_by"), slug=slug
    )


@require_safe
@role_required(*REVIEWERS)
def campaign_list(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    mine = Campaign.objects.filter(rules__programme__organisation=here.organisation, state__in=TABS)
    counts = dict(mine.order_by().values_list("state").annotate(Count("pk")))
    wanted = request.GET.get("state", "")
    state = State(wanted) if wanted in TABS else None
    q = typed(request)
    found = mine.filter(
        Q(title__icontains=q) | Q(initiator__name__icontains=q) | Q(neighbourhood__name__icontains=q)
    ).select_related("initiator", "neighbourhood")
    if state is not None:
        found = found.filter(state=state)
    found = (
        found.order_by("submitted_at", "pk")
        if state == State.SUBMITTED
        else found.order_by("-made_at", "-pk")
    )
    found, sort = in_order(
        request,
        found,
        Column("made", _("Date"), "-made_at"),
        Column("name", _("Campaign"), "title"),
        Column("given", pgettext("money", "Given"), "-given_cents"),
        Column("target", _("Target"), "-target_cents"),
    )
    context = {
        "page": page_of(request, found),
        "sort": sort,
        "tabs": [(one, badge_for(BADGES[one]).word, counts.get(one, 0)) for one in TABS],
        "state": state,
        "all": sum(counts.values()),
        "q": q,
    }
    return render(request, "web/staff/campaigns.html", context)


@dataclass(frozen=True)
class Check:
    """One rule of the programme against the plan; `ok` is None for something to weigh for oneself."""

    words: str
    ok: bool | None


def checks(campaign: Campaign) -> list[Check]:
    """The plan against the version of the rules that it was made under. Its budget lines are known."""
    rules = campaign.rules
    ends_on = rules.programme.ends_on
    deadline = last_day(campaign.deadline)
    food_cents = sum(
        line.amount_cents for line in campaign.budget_lines.all() if line.category == BudgetLine.Category.FOOD
    )
    found = [
        _target_check(campaign, rules),
        Check(
            _("Collects until and including %(deadline)s. The programme ends on %(end)s.")
            % {"deadline": long_date(deadline), "end": long_date(ends_on)},
            deadline <= ends_on,
        ),
        Check(_("The deadline is in the future."), campaign.deadline > timezone.now()),
    ]
    if food_cents:
        found.append(Check(_("%(amount)s is for food and drink.") % {"amount": euro(food_cents)}, None))
    return found


def _target_check(campaign: Campaign, rules: Rules) -> Check:
    target = euro(campaign.target_cents)
    if rules.max_target_cents is None:
        return Check(_("The target is %(target)s. There is no highest target.") % {"target": target}, True)
    words = _("The target is %(target)s. At most %(most)s is allowed.")
    return Check(
        words % {"target": target, "most": euro(rules.max_target_cents)},
        campaign.target_cents <= rules.max_target_cents,
    )


def _page(request: HttpRequest, campaign: Campaign, form: RefusalForm, status: int = 200) -> HttpResponseBase:
    here = member(request)
    context = {
        "campaign": campaign,
        "lines": campaign.budget_lines.all(),
        # What was decided was decided on the day: some of these look at today.
        "checks": checks(campaign) if campaign.state == State.SUBMITTED else [],
        "deadline": last_day(campaign.deadline),
        "own": campaign.initiator.user_id == here.user.pk,
        "to_review": campaign.state == State.SUBMITTED,
        "others": campaign.initiator.campaigns.exclude(pk=campaign.pk)
        .exclude(state=State.DRAFT)
        .filter(rules__programme__organisation=here.organisation)
        .order_by("-made_at")[:5],
        "form": form,
    }
    return render(request, "web/staff/campaign.html", context, status=status)


@require_safe
@role_required(*REVIEWERS)
def campaign_detail(request: HttpRequest, slug: str) -> HttpResponseBase:
    return _page(request, _campaign(member(request), slug), RefusalForm())


@require_POST
@role_required(*REVIEWERS)
def approve_campaign(request: HttpRequest, slug: str) -> HttpResponseBase:
    here = member(request)
    campaign = _campaign(here, slug)
    now = timezone.now()
    try:
        with transaction.atomic():
            approved = operations.approve(campaign_id=campaign.pk, by=here.user, now=now)
            mails.campaign_approved(approved, now=now)
    except operations.CampaignError as error:
        return _not_reviewed(request, campaign, error)
    messages.success(
        request,
        _("Approved: %(title)s collects from now on.\n%(name)s got an e-mail about it.")
        % {"title": campaign.title, "name": campaign.initiator.name},
    )
    return redirect("staff_campaigns")


@require_POST
@role_required(*REVIEWERS)
def refuse_campaign(request: HttpRequest, slug: str) -> HttpResponseBase:
    here = member(request)
    campaign = _campaign(here, slug)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, form, status=422)
    now = timezone.now()
    try:
        with transaction.atomic():
            refused = operations.refuse(
                campaign_id=campaign.pk, by=here.user, reason=form.cleaned_data["reason"], now=now
            )
            mails.campaign_refused(refused, now=now)
    except operations.CampaignError as error:
        return _not_reviewed(request, campaign, error)
    messages.success(
        request,
        _("Not approved: %(title)s.\n%(name)s got your reason by e-mail and can mend the plan.")
        % {"title": campaign.title, "name": campaign.initiator.name},
    )
    return redirect("staff_campaigns")


def _not_reviewed(
    request: HttpRequest, campaign: Campaign, error: operations.CampaignError
) -> HttpResponseBase:
    if isinstance(error, operations.OwnCampaign):
        messages.warning(request, _("This is a campaign of your own.\nTherefore a colleague must decide."))
    elif isinstance(error, operations.TooLate):
        messages.warning(
            request, _("The last day to give has passed.\nSend the plan back and ask for a later day.")
        )
    else:
        messages.info(request, _("Somebody decided about this campaign already.\nNothing has changed."))
    return redirect("staff_campaign", campaign.slug)
