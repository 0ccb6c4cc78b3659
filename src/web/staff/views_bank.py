"""The treasurer's bank: statements taken in, lines that nobody knows recognised, the books against the bank."""

import re
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledger import queries as books
from ledger.chart import Code
from payments import statements
from payments.bank.camt053 import MAX_BYTES, NotAStatement, StatementRefused
from payments.gateway import GatewayDown
from payments.models import BankLine, BankStatement, Payout
from payments.statements import Imported
from programmes.models import FundingRequest
from web import mails
from web.access import looked, member
from web.look.formats import euro, whole
from web.staff import refusals
from web.staff.forms import UploadForm
from web.staff.paging import page_of, typed
from web.staff.requests import arrived_by_reference
from web.staff.treasury import treasurer_required

MOST_CANDIDATES = 20
# Words in the name of nearly every organisation, by which one cannot tell two apart.
COMMON_WORDS = {"stichting", "woonstichting", "gemeente", "vereniging", "bank", "holding"}


@dataclass(frozen=True)
class Reconciliation:
    """All funds together in the books, against the last statement. In cents."""

    books_cents: int
    statement_cents: int
    statement: BankStatement | None

    @property
    def difference_cents(self) -> int:
        return self.books_cents - self.statement_cents


def reconciliation() -> Reconciliation:
    last = BankStatement.objects.order_by("-pk").first()
    return Reconciliation(books.total(code=Code.BANK), last.closing_cents if last else 0, last)


def open_lines() -> QuerySet[BankLine]:
    """Money that came in and that nobody has recognised, and what left without our knowing why."""
    return BankLine.objects.filter(kind=BankLine.Kind.UNKNOWN, recognised_at__isnull=True)


@require_safe
@treasurer_required
def bank(request: HttpRequest) -> HttpResponseBase:
    return _page(request, UploadForm())


def _page(request: HttpRequest, form: UploadForm, refused: str = "", status: int = 200) -> HttpResponseBase:
    found = BankStatement.objects.select_related("imported_by").annotate(
        count=Count("lines"),
        unknown=Count(
            "lines", filter=Q(lines__kind=BankLine.Kind.UNKNOWN, lines__recognised_at__isnull=True)
        ),
    )
    title, _break, text = refused.partition("\n")
    context = {
        "form": form,
        "refused_title": title,
        "refused_text": text,
        "reconciliation": reconciliation(),
        "open_count": open_lines().count(),
        "approved_count": Payout.objects.filter(state=Payout.State.APPROVED).count(),
        "page": page_of(request, found.order_by("-pk")),
    }
    return render(request, "web/staff/bank.html", context, status=status)


@require_POST
@treasurer_required
def take_in_statement(request: HttpRequest) -> HttpResponseBase:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    upload = form.cleaned_data["file"]
    try:
        if upload.size > MAX_BYTES:
            raise NotAStatement("too_large")
        taken_in = statements.import_statement(
            content=upload.read(), by=member(request).user, now=timezone.now()
        )
    except StatementRefused as refused:
        return _page(request, UploadForm(), refused=refusals.words(refused), status=422)
    except GatewayDown:
        down = _(
            "Stripe does not answer, and a line in this statement is a payout by Stripe.\n"
            "Try again in a moment. Nothing was booked."
        )
        return _page(request, UploadForm(), refused=down, status=503)
    for payout in statements.paid_out(taken_in):
        mails.payout_confirmed(payout)
    _say_taken_in(request, taken_in)
    return redirect("staff_bank")


def _say_taken_in(request: HttpRequest, taken_in: list[Imported]) -> None:
    created = [one.statement for one in taken_in if one.created]
    if not created:
        messages.info(request, _("This statement was taken in before.\nNothing was booked twice."))
        return
    lines = BankLine.objects.filter(statement__in=created)
    count = lines.count()
    unknown = lines.filter(kind=BankLine.Kind.UNKNOWN).count()
    done = ngettext("Taken in and booked: %(count)s line.", "Taken in and booked: %(count)s lines.", count)
    todo = ngettext(
        "%(unknown)s line is not recognised. Look at it below.",
        "%(unknown)s lines are not recognised. Look at them below.",
        unknown,
    )
    known = _("All lines are recognised.")
    messages.success(
        request,
        done % {"count": whole(count)} + "\n" + (todo % {"unknown": whole(unknown)} if unknown else known),
    )


@require_safe
@treasurer_required
def statement_detail(request: HttpRequest, statement_id: int) -> HttpResponseBase:
    statement = get_object_or_404(BankStatement.objects.select_related("imported_by"), pk=statement_id)
    looked(request, f"bank statement {statement.pk}")
    lines = statement.lines.select_related("recognised_by").order_by("position")
    context = {"statement": statement, "page": page_of(request, lines, rows=50)}
    return render(request, "web/staff/statement.html", context)


@require_safe
@treasurer_required
def line_list(request: HttpRequest) -> HttpResponseBase:
    q = typed(request)
    found = open_lines().filter(
        Q(counterparty__icontains=q) | Q(remittance__icontains=q) | Q(reference__icontains=q)
    )
    page = page_of(request, found.select_related("statement").order_by("-booked_on", "-pk"))
    return render(request, "web/staff/lines.html", {"page": page, "q": q})


@dataclass(frozen=True)
class Guess:
    """A request that an unknown receipt may answer, and why it is offered. `arrived_cents`: came in before."""

    request: FundingRequest
    arrived_cents: int
    same_amount: bool
    same_name: bool


def guesses(line: BankLine, q: str) -> list[Guess]:
    """Requests of the same amount, or by the name of who paid; those of `q` where something is searched."""
    by_name = Q(pk__in=[])
    for word in re.findall(r"\w{4,}", line.counterparty.lower()):
        if word not in COMMON_WORDS:
            by_name |= Q(fund__organisation__name__icontains=word)
    wanted = Q(amount_cents=line.amount_cents) | by_name
    if q:
        compact = q.replace(" ", "")
        wanted = (
            Q(reference__icontains=compact)
            | Q(fund__name__icontains=q)
            | Q(fund__organisation__name__icontains=q)
        )
    requests = list(
        FundingRequest.objects.filter(wanted)
        .select_related("fund__organisation")
        .order_by("-pk")[:MOST_CANDIDATES]
    )
    named = set(
        FundingRequest.objects.filter(by_name, pk__in=[one.pk for one in requests]).values_list(
            "pk", flat=True
        )
    )
    arrived = arrived_by_reference([one.reference for one in requests])
    found = [
        Guess(one, arrived.get(one.reference, 0), one.amount_cents == line.amount_cents, one.pk in named)
        for one in requests
    ]
    return sorted(found, key=lambda guess: (-guess.same_amount - guess.same_name, guess.arrived_cents > 0))


@require_safe
@treasurer_required
def line_detail(request: HttpRequest, line_id: int) -> HttpResponseBase:
    line = get_object_or_404(BankLine.objects.select_related("statement", "recognised_by"), pk=line_id)
    looked(request, f"bank line {line.pk}")
    is_open = line.kind == BankLine.Kind.UNKNOWN and line.recognised_at is None
    q = typed(request)
    context = {
        "line": line,
        "is_open": is_open,
        "guesses": guesses(line, q) if is_open and line.credit else [],
        "q": q,
    }
    return render(request, "web/staff/line.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@treasurer_required
def recognise(request: HttpRequest, line_id: int, request_id: int) -> HttpResponseBase:
    line = get_object_or_404(BankLine, pk=line_id)
    answered = get_object_or_404(FundingRequest.objects.select_related("fund__organisation"), pk=request_id)
    if request.method != "POST":
        return render(request, "web/staff/recognise.html", {"line": line, "answered": answered})
    try:
        statements.recognise(line_id=line.pk, request=answered, by=member(request).user, now=timezone.now())
    except statements.NotOpen:
        messages.info(request, _("This line was recognised already.\nNothing was booked twice."))
    else:
        messages.success(
            request,
            _("Recognised: %(amount)s is for %(fund)s.")
            % {"amount": euro(line.amount_cents), "fund": answered.fund.name},
        )
    return redirect("staff_line", line.pk)
