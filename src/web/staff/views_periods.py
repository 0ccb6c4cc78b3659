"""Closing the books: one treasurer proposes up to which day, another decides."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from books import reconciliation
from ledger import periods as books
from web.access import member
from web.look.formats import long_date
from web.staff.forms import ClosingForm
from web.staff.paging import page_of
from web.staff.treasury import treasurer_required
from web.staff.views_bank import open_lines

if TYPE_CHECKING:
    from ledger.models import ClosingProposal


@require_http_methods(["GET", "HEAD", "POST"])
@treasurer_required
def periods(request: HttpRequest) -> HttpResponseBase:
    """What is closed, what waits for a decision, and a form for the next."""
    if request.method != "POST":
        return _page(request, ClosingForm(initial={"ends_on": books.usual_day(now=timezone.now())}))
    form = ClosingForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        made = books.propose(
            ends_on=form.cleaned_data["ends_on"], by=member(request).user, now=timezone.now()
        )
    except books.NothingToClose as refused:
        form.add_error("ends_on", _nothing_to_close(refused))
    except books.NotOver:
        form.add_error("ends_on", _("This day is not over yet. Choose a day before today."))
    except books.ProposedAlready:
        form.add_error("ends_on", _("A closing waits already. Decide about that one first."))
    else:
        messages.success(
            request,
            _(
                "The closing up to and including %(day)s is proposed.\nNow a colleague must look at it and decide."
            )
            % {"day": long_date(made.ends_on)},
        )
        return redirect("staff_periods")
    return _page(request, form, status=422)


def _nothing_to_close(refused: books.NothingToClose) -> str:
    if refused.open_from is None:
        return _("The books have not begun yet. There is nothing to close.")
    return _("The books are open from %(day)s. Choose that day or a later one.") % {
        "day": long_date(refused.open_from)
    }


def _page(request: HttpRequest, form: ClosingForm, status: int = 200) -> HttpResponseBase:
    proposal = books.waiting()
    context = {
        "form": form,
        "open_from": books.open_from(),
        "proposal": proposal,
        "own": proposal is not None and proposal.made_by_id == member(request).user.pk,
        "page": page_of(request, books.closed()),
    }
    return render(request, "web/staff/periods.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@treasurer_required
def approve(request: HttpRequest, proposal_id: int) -> HttpResponseBase:
    """A question first, with what is not settled yet: what is closed is never opened again."""
    proposal = get_object_or_404(books.proposals(), pk=proposal_id)
    if request.method == "POST":
        try:
            books.approve(proposal_id=proposal.pk, by=member(request).user, now=timezone.now())
        except books.SamePerson:
            return _question(request, proposal, status=403)
        except books.DecidedAlready:
            messages.info(request, _("This closing was decided about already.\nNothing has changed."))
        else:
            messages.success(
                request,
                _("The books are closed up to and including %(day)s.\nCorrections are booked from now on.")
                % {"day": long_date(proposal.ends_on)},
            )
        return redirect("staff_periods")
    if proposal.decided_at is not None:
        raise Http404
    return _question(request, proposal)


def _question(request: HttpRequest, proposal: "ClosingProposal", status: int = 200) -> HttpResponseBase:
    unknown = open_lines().filter(booked_on__lte=proposal.ends_on)
    context = {
        "proposal": proposal,
        "blocked": proposal.made_by_id == member(request).user.pk,
        "entries": books.entry_count(since=proposal.starts_on, until=proposal.ends_on),
        "unknown": unknown.count(),
        "unknown_cents": unknown.aggregate(cents=Sum("amount_cents", default=0))["cents"],
        "bank": reconciliation.bank(),
    }
    return render(request, "web/staff/close_period.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@treasurer_required
def withdraw(request: HttpRequest, proposal_id: int) -> HttpResponseBase:
    """By who made it, or who does not agree."""
    proposal = get_object_or_404(books.proposals(), pk=proposal_id)
    if request.method == "POST":
        try:
            books.withdraw(proposal_id=proposal.pk, now=timezone.now())
        except books.DecidedAlready:
            messages.info(request, _("This closing was decided about already.\nNothing has changed."))
        else:
            messages.success(request, _("The closing is withdrawn.\nThe books stay open."))
        return redirect("staff_periods")
    if proposal.decided_at is not None:
        raise Http404
    return render(request, "web/staff/withdraw_closing.html", {"proposal": proposal})
