"""Payouts: proposed by one, approved by another. And the bank accounts they go to."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import Campaign
from campaigns.operations import NotInThatState, OwnCampaign
from payments import payees, payment_files, payouts
from payments.models import PayeeAccount, Payout
from people.models import AccessLog, Role
from web.access import Member, looked, member, role_required
from web.look.formats import euro
from web.staff import overview
from web.staff.candidates import campaigns_to_pay, candidates
from web.staff.forms import ReasonForm, RefusalForm
from web.staff.paging import page_of, typed
from web.staff.sorting import Column, SortLink, in_order

WAITING_ROWS = 10
ACCOUNT_CHANGED = gettext_lazy(
    "The bank account has changed. Do not approve this payout, and propose it anew.\n"
    "It would still go to the account from before."
)
LEFT_OUT = gettext_lazy(
    "The bank account has changed since. This payout stays out of the payment file. Take it back, and propose it anew."
)


def _payout(here: Member, payout_id: int) -> Payout:
    return get_object_or_404(overview.payouts_of(here.organisation), pk=payout_id)


@require_safe
@role_required(Role.STAFF)
def payout_list(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    q = typed(request)
    ready = campaigns_to_pay(here.organisation)
    ready = ready.filter(Q(title__icontains=q) | Q(initiator__name__icontains=q))
    ready_page = page_of(request, ready, name="ready-page")
    proposed = overview.proposed_payouts(here.organisation)
    proposed_page = page_of(request, proposed, rows=WAITING_ROWS, name="payout-page")
    accounts = overview.accounts_to_approve(here.organisation)
    held_up = (
        overview.payouts_of(here.organisation)
        .filter(pk__in=payment_files.held_up().values("pk"))
        .order_by("pk")
    )
    decided, sort = _decided(request, here, q)
    context = {
        "q": q,
        "sort": sort,
        "candidates": candidates(list(ready_page)),
        "ready_page": ready_page,
        "proposed": [(payout, overview.barred(payout, here.user)) for payout in proposed_page],
        "proposed_page": proposed_page,
        "held_up": page_of(request, held_up, rows=WAITING_ROWS, name="held-page"),
        "accounts": page_of(request, accounts, rows=WAITING_ROWS, name="account-page"),
        "page": page_of(request, decided),
        "me": here.user,
    }
    return render(request, "web/staff/payouts.html", context)


def _decided(request: HttpRequest, here: Member, q: str) -> tuple[QuerySet[Payout], list[SortLink]]:
    found = overview.payouts_of(here.organisation).exclude(state=Payout.State.PROPOSED)
    named = Q(campaign__title__icontains=q) | Q(campaign__initiator__name__icontains=q)
    return in_order(
        request,
        found.filter(named | Q(holder__icontains=q)).order_by("-made_at", "-pk"),
        Column("made", _("Date"), "-made_at"),
        Column("name", _("Campaign"), "campaign__title"),
        Column("amount", _("Amount"), "-amount_cents"),
    )


@require_POST
@role_required(Role.STAFF)
def propose_payout(request: HttpRequest, slug: str) -> HttpResponseBase:
    here = member(request)
    mine = Campaign.objects.filter(rules__programme__organisation=here.organisation)
    campaign = get_object_or_404(mine.select_related("initiator"), slug=slug)
    try:
        payout = payouts.propose(campaign_id=campaign.pk, by=here.user, now=timezone.now())
    except NotInThatState:
        messages.info(
            request,
            _("This campaign cannot be paid out now.\nIt is still collecting, or it was paid out before."),
        )
    except payouts.NoApprovedAccount:
        messages.warning(
            request,
            _("%(name)s has no approved bank account yet.\nApprove the account first, or ask for one.")
            % {"name": campaign.initiator.name},
        )
    except payouts.NothingToPay:
        messages.info(request, _("There is nothing to pay.\nThe pot of this campaign is empty."))
    else:
        messages.success(
            request,
            _("Proposed: %(amount)s to %(holder)s.\nNow a colleague must approve it.")
            % {"amount": euro(payout.amount_cents), "holder": payout.holder},
        )
        return redirect("staff_payout", payout.pk)
    return redirect("staff_payouts")


@require_safe
@role_required(Role.STAFF)
def payout_detail(request: HttpRequest, payout_id: int) -> HttpResponseBase:
    payout = _payout(member(request), payout_id)
    form = RefusalForm() if payout.state == Payout.State.PROPOSED else ReasonForm()
    return _page(request, payout, form)


def _page(request: HttpRequest, payout: Payout, form: ReasonForm, status: int = 200) -> HttpResponseBase:
    context = {
        "payout": payout,
        "origins": overview.origins_of(payout),
        "barred": overview.barred(payout, member(request).user),
        "elsewhere": _elsewhere(payout),
        "taken_back": payouts.taken_back_by(payout) if payout.state == Payout.State.WITHDRAWN else None,
        "returned_on": payouts.returned_on(payout) if payout.state == Payout.State.APPROVED else None,
        "costs_cents": sum(part.costs_cents for part in payout.parts.all()),
        "form": form,
    }
    return render(request, "web/staff/payout.html", context, status=status)


def _elsewhere(payout: Payout) -> str:
    """What to do with one not yet sent that goes to another account than the one that counts now; empty for all others."""
    words = {
        Payout.State.PROPOSED: str(ACCOUNT_CHANGED).replace("\n", " "),
        Payout.State.APPROVED: str(LEFT_OUT),
    }.get(Payout.State(payout.state), "")
    return words if words and payouts.goes_elsewhere(payout) else ""


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STAFF)
def approve_payout(request: HttpRequest, payout_id: int) -> HttpResponseBase:
    here = member(request)
    payout = _payout(here, payout_id)
    if request.method != "POST":
        if payout.state != Payout.State.PROPOSED:
            return redirect("staff_payout", payout.pk)
        context = {
            "payout": payout,
            "origins": overview.origins_of(payout),
            "own": payout.made_by_id == here.user.pk,
            "blocked": overview.barred(payout, here.user) or _elsewhere(payout),
        }
        return render(request, "web/staff/approve_payout.html", context)
    try:
        payouts.approve(payout_id=payout.pk, by=here.user, now=timezone.now())
    except payouts.CashNotThere as error:
        messages.warning(
            request,
            _(
                "This cannot be paid yet: it waits for a payout by Stripe.\n"
                "The bank has %(cash)s for this and %(wanted)s is needed. "
                "Try again when the money has arrived. You need not do anything else."
            )
            % {"cash": euro(max(error.cash_cents, 0)), "wanted": euro(error.wanted_cents)},
        )
    except payouts.AccountChanged:
        messages.warning(request, ACCOUNT_CHANGED)
    except (payees.OwnProposal, OwnCampaign, payouts.NotProposed) as error:
        _say_not_decided(request, error)
    else:
        messages.success(
            request,
            _("Approved: %(amount)s to %(holder)s.\nIt goes out with the next payment file.")
            % {"amount": euro(payout.amount_cents), "holder": payout.holder},
        )
    return redirect("staff_payout", payout.pk)


@require_POST
@role_required(Role.STAFF)
def refuse_payout(request: HttpRequest, payout_id: int) -> HttpResponseBase:
    here = member(request)
    payout = _payout(here, payout_id)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return _page(request, payout, form, status=422)
    try:
        payouts.refuse(
            payout_id=payout.pk, by=here.user, reason=form.cleaned_data["reason"], now=timezone.now()
        )
    except (payees.OwnProposal, OwnCampaign, payouts.NotProposed) as error:
        _say_not_decided(request, error)
    else:
        messages.success(
            request, _("This payout is not approved.\nThe money stays in the pot of the campaign.")
        )
    return redirect("staff_payout", payout.pk)


@require_POST
@role_required(Role.STAFF)
def withdraw_payout(request: HttpRequest, payout_id: int) -> HttpResponseBase:
    here = member(request)
    payout = _payout(here, payout_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, payout, form, status=422)
    try:
        payouts.withdraw(
            payout_id=payout.pk, by=here.user, reason=form.cleaned_data["reason"], now=timezone.now()
        )
    except payouts.NotApproved:
        messages.info(
            request, _("This payout can no longer be taken back.\nIt was sent, or taken back before.")
        )
    except payouts.AccountedFor:
        messages.warning(
            request,
            _(
                "Receipts for this payout are approved, so the money was spent.\nIt cannot go back into the pot."
            ),
        )
    else:
        messages.success(
            request,
            _(
                "%(amount)s is back in the pot of the campaign.\nPropose the payout anew when the account is right."
            )
            % {"amount": euro(payout.amount_cents)},
        )
    return redirect("staff_payout", payout.pk)


def _say_not_decided(request: HttpRequest, error: Exception) -> None:
    if isinstance(error, payees.OwnProposal):
        messages.warning(request, _("You made this yourself.\nTherefore a colleague must decide."))
    elif isinstance(error, OwnCampaign):
        messages.warning(request, _("This is a campaign of your own.\nTherefore a colleague must decide."))
    else:
        messages.info(request, _("Somebody decided about this payout already.\nNothing has changed."))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STAFF)
def approve_account(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """The account a payout may go to. The whole IBAN is shown, so that it can be compared; that is written down."""
    here = member(request)
    mine = overview.accounts_of(here.organisation)
    account = get_object_or_404(mine.select_related("approved_by"), pk=account_id)
    if request.method != "POST":
        looked(request, AccessLog.What.BANK_ACCOUNT, account.pk)
        own = account.made_by_id == here.user.pk
        before = account.initiator.payee_accounts.exclude(pk=account.pk).filter(approved_by__isnull=False)
        replaced = payees.newest_account(account.initiator_id) != account
        context = {
            "account": account,
            "own": own,
            "replaced": replaced,
            "before": before.filter(made_at__lte=account.made_at).order_by("-made_at", "-pk").first(),
            "blocked": own or replaced or account.approved_by_id is not None,
        }
        return render(request, "web/staff/approve_account.html", context)
    return _approve_account(request, here, account)


def _approve_account(request: HttpRequest, here: Member, account: PayeeAccount) -> HttpResponseBase:
    try:
        payees.approve_account(account_id=account.pk, by=here.user, now=timezone.now())
    except payees.OwnProposal:
        messages.warning(request, _("You made this yourself.\nTherefore a colleague must decide."))
    except payees.AccountReplaced:
        messages.warning(
            request,
            _("There is a newer account.\nThis one no longer counts. Nothing was approved."),
        )
    else:
        messages.success(
            request, _("The bank account of %(name)s is approved.") % {"name": account.initiator.name}
        )
    return redirect("staff_payouts")
