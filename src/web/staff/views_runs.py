"""Cheque runs: looked at before they are kept, prepared by one, issued by another, printed as letters."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cheques import runs
from cheques.models import Cheque, ChequeRun
from cheques.tasks import make_letters
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from people.models import AccessLog, Role, User
from programmes.models import Programme
from web.access import Member, looked, member, role_required
from web.kept_files import download
from web.look.formats import euro, whole
from web.staff.forms import NewRunForm
from web.staff.overview import Funnel, funnel_of
from web.staff.paging import page_of, typed
from web.staff.sorting import Column, in_order


def _run(here: Member, run_id: int) -> ChequeRun:
    mine = ChequeRun.objects.filter(rules__programme__organisation=here.organisation)
    return get_object_or_404(mine.select_related("rules__programme", "made_by", "approved_by"), pk=run_id)


def _budget_cents(programme: Programme) -> int:
    return books.balance(ledger.account(fund_id=programme.fund_id, code=Code.BUDGET))


@require_safe
@role_required(Role.STAFF)
def run_list(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    q = typed(request)
    found = (
        ChequeRun.objects.filter(rules__programme__organisation=here.organisation)
        .filter(Q(name__icontains=q) | Q(rules__programme__name__icontains=q))
        .select_related("rules__programme", "made_by")
        .annotate(
            active=Count("cheques", filter=Q(cheques__state=Cheque.State.ACTIVATED)),
            cost_cents=F("value_cents") * F("dwellings"),
        )
        .order_by("-made_at", "-pk")
    )
    found, sort = in_order(
        request,
        found,
        Column("made", _("Date"), "-made_at"),
        Column("name", _("Name"), "name"),
        Column("amount", _("Amount"), "-cost_cents"),
    )
    context = {
        "page": page_of(request, found),
        "q": q,
        "sort": sort,
        "has_programme": here.organisation.programmes.filter(closed_at__isnull=True).exists(),
        "has_dwellings": here.organisation.dwellings.exists(),
    }
    return render(request, "web/staff/runs.html", context)


@require_safe
@role_required(Role.STAFF)
def new_run(request: HttpRequest) -> HttpResponseBase:
    """The form, and after it what the run would be. Nothing is kept yet: both are read by address."""
    here = member(request)
    if "name" not in request.GET:
        wanted = request.GET.get("programme", "")
        form = NewRunForm(organisation=here.organisation, initial={"programme": wanted})
        return render(request, "web/staff/new_run.html", {"form": form})
    form = NewRunForm(request.GET, organisation=here.organisation)
    if not form.is_valid():
        return render(request, "web/staff/new_run.html", {"form": form}, status=422)
    if "change" in request.GET:
        return render(request, "web/staff/new_run.html", {"form": form})
    if runs.named(form.cleaned_data["programme"], form.cleaned_data["name"]) is not None:
        form.name_is_taken()
        return render(request, "web/staff/new_run.html", {"form": form}, status=422)
    context = {**_preview(here, form), "back": f"?{request.GET.urlencode()}&change=1"}
    return render(request, "web/staff/new_run_preview.html", context)


def _preview(here: Member, form: NewRunForm) -> dict[str, object]:
    told = form.cleaned_data
    programme: Programme = told["programme"]
    places = list(told["neighbourhoods"])
    count = sum(place.on_list for place in places)
    value_cents = programme.rules.cheque_value_cents
    budget_cents = _budget_cents(programme)
    return {
        "form": form,
        "told": told,
        "places": places,
        "count": count,
        "value_cents": value_cents,
        "cost_cents": count * value_cents,
        "budget_cents": budget_cents,
        "left_cents": budget_cents - count * value_cents,
    }


@require_POST
@role_required(Role.STAFF)
def prepare_run(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    form = NewRunForm(request.POST, organisation=here.organisation)
    if not form.is_valid():
        return render(request, "web/staff/new_run.html", {"form": form}, status=422)
    told = form.cleaned_data
    try:
        run = runs.prepare(
            rules=told["programme"].rules,
            name=told["name"],
            neighbourhoods=list(told["neighbourhoods"]),
            last_day_to_activate=told["last_day"],
            made_by=here.user,
            now=timezone.now(),
        )
    except runs.NameTaken:
        form.name_is_taken()
        return render(request, "web/staff/new_run.html", {"form": form}, status=422)
    messages.success(
        request,
        _("The run %(name)s is ready.\nNow a colleague must look at it and issue it.") % {"name": run.name},
    )
    return redirect("staff_run", run.pk)


@require_safe
@role_required(Role.STAFF)
def run_detail(request: HttpRequest, run_id: int) -> HttpResponseBase:
    here = member(request)
    run = _run(here, run_id)
    context = {"run": run, "own": run.made_by_id == here.user.pk, **_places(run), **letters_of(run)}
    if run.state == ChequeRun.State.PREPARED:
        budget_cents = _budget_cents(run.rules.programme)
        context |= {"budget_cents": budget_cents, "left_cents": budget_cents - run.total_cents}
    return render(request, "web/staff/run.html", context)


def _places(run: ChequeRun) -> dict[str, object]:
    funnel: Funnel | None = None
    if run.state in (ChequeRun.State.ISSUED, ChequeRun.State.PRINTED):
        funnel = funnel_of(run, now=timezone.now())
    return {
        "funnel": funnel,
        "places": run.neighbourhoods.order_by("name"),
        "activate_until": runs.last_day(run.activate_before),
        "valid_until": runs.last_day(run.valid_until),
    }


def letters_of(run: ChequeRun) -> dict[str, object]:
    """How far the letters are: documents made, and letters in them."""
    made = run.documents.aggregate(letters=Sum("letters", default=0))["letters"]
    return {
        "documents": run.documents.select_related("file").order_by("number"),
        "has_files": run.documents.filter(file__isnull=False).exists(),
        "letters_made": made,
        "letters_busy": run.state == ChequeRun.State.ISSUED,
    }


@require_safe
@role_required(Role.STAFF)
def run_letters(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The part of the page about the letters, fetched again while they are being made."""
    run = _run(member(request), run_id)
    return render(request, "web/staff/run_letters.html", {"run": run, **letters_of(run)})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STAFF)
def issue_run(request: HttpRequest, run_id: int) -> HttpResponseBase:
    here = member(request)
    run = _run(here, run_id)
    if request.method == "POST":
        return _issue(request, here.user, run)
    if run.state != ChequeRun.State.PREPARED:
        return redirect("staff_run", run.pk)
    budget_cents = _budget_cents(run.rules.programme)
    own = run.made_by_id == here.user.pk
    left_cents = budget_cents - run.total_cents
    can_be_asked = here.organisation.can_be_asked
    context = {
        "run": run,
        "own": own,
        "budget_cents": budget_cents,
        "left_cents": left_cents,
        "nowhere_to_ask": None if can_be_asked else _nowhere_to_ask(),
        "blocked": own or left_cents < 0 or not can_be_asked,
        **_places(run),
    }
    return render(request, "web/staff/issue_run.html", context)


def _nowhere_to_ask() -> tuple[str, str]:
    """What happened, and what to do."""
    return (
        _("The letters do not say yet where residents get help."),
        _(
            "Nothing can be issued now. "
            "Ask the operator of the platform to fill in your telephone number or your desk."
        ),
    )


def _issue(request: HttpRequest, by: User, run: ChequeRun) -> HttpResponseBase:
    try:
        issued = runs.issue(run_id=run.pk, by=by, now=timezone.now())
    except runs.NotPrepared as error:
        words = {
            ChequeRun.State.CANCELLED: _("This run was cancelled.\nNothing was issued."),
        }
        already = _("This run was issued already.\nNothing was issued twice.")
        messages.info(request, words.get(ChequeRun.State(error.state), already))
    except runs.TooLate:
        messages.error(
            request,
            _(
                "The last day to activate has passed, so nothing was issued.\nCancel this run and make a new one."
            ),
        )
    except runs.OwnRun:
        messages.warning(request, _("You made this run yourself.\nTherefore a colleague must issue it."))
    except runs.NowhereToAsk:
        messages.error(request, "\n".join(_nowhere_to_ask()))
    except runs.BudgetTooSmall as error:
        messages.error(
            request,
            _(
                "There is not enough budget: the run costs %(cost)s and there is %(budget)s.\n"
                "Ask for more budget on the page of the programme, or cancel this run and make a smaller one."
            )
            % {"cost": euro(error.total_cents), "budget": euro(error.budget_cents)},
        )
    except runs.ListChanged as error:
        messages.error(
            request,
            _(
                "The list of addresses has changed, so nothing was issued.\n"
                "The number of addresses went from %(then)s to %(now)s, and the amount from %(total)s to "
                "%(total_now)s. Cancel this run and make a new one."
            )
            % {
                "then": whole(error.dwellings),
                "total": euro(error.total_cents),
                "now": whole(error.dwellings_now),
                "total_now": euro(error.total_now_cents),
            },
        )
    except runs.NoDwellings:
        messages.error(
            request,
            _(
                "There are no addresses in these neighbourhoods any more.\nCancel this run and make a new one."
            ),
        )
    else:
        transaction.on_commit(lambda: make_letters.delay(issued.pk), robust=True)
        messages.success(
            request,
            _("Issued: %(count)s cheques, together %(total)s.\nThe letters are being made now.")
            % {"count": issued.dwellings, "total": euro(issued.total_cents)},
        )
    return redirect("staff_run", run.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STAFF)
def cancel_run(request: HttpRequest, run_id: int) -> HttpResponseBase:
    run = _run(member(request), run_id)
    if request.method != "POST":
        if run.state != ChequeRun.State.PREPARED:
            return redirect("staff_run", run.pk)
        return render(request, "web/staff/cancel_run.html", {"run": run})
    try:
        runs.cancel(run_id=run.pk)
    except runs.NotPrepared:
        messages.info(request, _("This run can no longer be cancelled.\nIt was issued or cancelled before."))
    else:
        messages.success(
            request, _("The run %(name)s is cancelled.\nNo money has moved.") % {"name": run.name}
        )
    return redirect("staff_run", run.pk)


@require_safe
@role_required(Role.STAFF)
def letters_file(request: HttpRequest, run_id: int, number: int) -> HttpResponseBase:
    """A document with letters. Codes are on it, so every download is written down."""
    run = _run(member(request), run_id)
    document = get_object_or_404(run.documents.select_related("file"), number=number)
    if document.file is None:
        raise Http404
    looked(request, AccessLog.What.LETTERS, run.pk, name=run.name, document=number)
    return download(request, document.file, name=f"brieven-{run.pk}-{number}.pdf")
