"""Cheque runs: looked at before they are kept, prepared by one, issued by another, printed as letters."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, Sum
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
from people.models import Role, User
from programmes.models import Programme
from web.access import Member, looked, member, role_required
from web.look.formats import euro
from web.staff.downloads import download
from web.staff.forms import NewRunForm
from web.staff.overview import Funnel, funnel_of
from web.staff.paging import page_of


def _run(here: Member, run_id: int) -> ChequeRun:
    mine = ChequeRun.objects.filter(rules__programme__organisation=here.organisation)
    return get_object_or_404(mine.select_related("rules__programme", "made_by", "approved_by"), pk=run_id)


def _budget_cents(programme: Programme) -> int:
    return books.balance(ledger.account(fund_id=programme.fund_id, code=Code.BUDGET))


@require_safe
@role_required(Role.STAFF)
def run_list(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    found = (
        ChequeRun.objects.filter(rules__programme__organisation=here.organisation)
        .select_related("rules__programme", "made_by")
        .annotate(active=Count("cheques", filter=Q(cheques__state=Cheque.State.ACTIVATED)))
        .order_by("-made_at", "-pk")
    )
    context = {
        "page": page_of(request, found),
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
    with transaction.atomic():
        # One at a time for each host, so that a form sent twice finds the run that the first one made.
        list(here.organisation.programmes.select_for_update(no_key=True).order_by("pk"))
        known = _prepared_before(request, here)
        if known is not None:
            return redirect("staff_run", known.pk)
        form = NewRunForm(request.POST, organisation=here.organisation)
        if not form.is_valid():
            return render(request, "web/staff/new_run.html", {"form": form}, status=422)
        told = form.cleaned_data
        run = runs.prepare(
            rules=told["programme"].rules,
            name=told["name"],
            neighbourhoods=list(told["neighbourhoods"]),
            last_day_to_activate=told["last_day"],
            made_by=here.user,
            now=timezone.now(),
        )
    messages.success(
        request,
        _("The run %(name)s is ready.\nNow a colleague must look at it and issue it.") % {"name": run.name},
    )
    return redirect("staff_run", run.pk)


def _prepared_before(request: HttpRequest, here: Member) -> ChequeRun | None:
    """The run of this name that this person prepared and that still waits."""
    name = request.POST.get("name", "").replace("\0", "").strip()
    mine = ChequeRun.objects.filter(rules__programme__organisation=here.organisation, made_by=here.user)
    waiting = mine.filter(state=ChequeRun.State.PREPARED, name=name).select_related("rules")
    return next(
        (run for run in waiting if str(run.rules.programme_id) == request.POST.get("programme")), None
    )


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
        funnel = funnel_of(run)
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
    context = {
        "run": run,
        "own": own,
        "budget_cents": budget_cents,
        "left_cents": left_cents,
        "blocked": own or left_cents < 0,
        **_places(run),
    }
    return render(request, "web/staff/issue_run.html", context)


def _issue(request: HttpRequest, by: User, run: ChequeRun) -> HttpResponseBase:
    try:
        issued = runs.issue(run_id=run.pk, by=by, now=timezone.now())
    except runs.NotPrepared as error:
        words = {
            ChequeRun.State.CANCELLED: _("This run was cancelled.\nNothing was issued."),
        }
        already = _("This run was issued already.\nNothing was issued twice.")
        messages.info(request, words.get(ChequeRun.State(error.state), already))
    except runs.OwnRun:
        messages.warning(request, _("You made this run yourself.\nTherefore a colleague must issue it."))
    except runs.BudgetTooSmall as error:
        messages.error(
            request,
            _(
                "There is not enough budget: the run costs %(cost)s and there is %(budget)s.\n"
                "Ask for more budget on the page of the programme, or cancel this run and make a smaller one."
            )
            % {"cost": euro(error.total_cents), "budget": euro(error.budget_cents)},
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
    looked(request, f"letters of run {run.pk}, document {number}")
    return download(document.file, name=f"brieven-{run.pk}-{number}.pdf")
