"""The treasurer's bank: statements taken in, lines that nobody knows recognised, the books against the bank."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from books import reconciliation
from common import outbox
from ledger import queries as books
from payments import inbox, payment_files, refunds, statements
from payments.bank.camt053 import MAX_BYTES, NotAStatement, StatementRefused
from payments.gateway import GatewayDown
from payments.models import BankLine, BankStatement, Donation
from payments.queries import arrived_by_request, guesses
from payments.statements import Imported
from payments.tasks import refund
from people.models import AccessLog
from programmes.models import FundingRequest
from web.access import looked, member
from web.look.formats import euro, whole
from web.staff import refusals
from web.staff.forms import UploadForm
from web.staff.paging import page_of, typed
from web.staff.sorting import Column, SortLink, in_order
from web.staff.treasury import treasurer_required

STUCK_ROWS = 10


def open_lines() -> QuerySet[BankLine]:
    """Money that came in and that nobody has recognised, and what left without our knowing why."""
    return BankLine.objects.filter(kind=BankLine.Kind.UNKNOWN, recognised_at__isnull=True)


@require_safe
@treasurer_required
def bank(request: HttpRequest) -> HttpResponseBase:
    return _page(request, UploadForm())


def _page(request: HttpRequest, form: UploadForm, refused: str = "", status: int = 200) -> HttpResponseBase:
    q = typed(request)
    found = BankStatement.objects.filter(identification__icontains=q).annotate(
        count=Count("lines"),
        unknown=Count(
            "lines", filter=Q(lines__kind=BankLine.Kind.UNKNOWN, lines__recognised_at__isnull=True)
        ),
    )
    found, sort = in_order(
        request,
        found.order_by("-pk"),
        Column("until", _("Date"), "-closing_on"),
        Column("closing", _("Closing balance"), "-closing_cents"),
        Column("unknown", _("Not recognised"), "-unknown"),
    )
    title, _break, text = refused.partition("\n")
    context = {
        "form": form,
        "refused_title": title,
        "refused_text": text,
        "reconciliation": reconciliation.bank(),
        "short": books.short_of_cash(),
        "stuck_since": list(outbox.stuck(now=timezone.now()).values_list("made_at", flat=True)),
        "open_count": open_lines().count(),
        "approved_count": payment_files.to_send().count(),
        "refunds": page_of(request, refunds.stuck(), rows=STUCK_ROWS, name="refund-page"),
        "events": page_of(request, inbox.unsolved(), rows=STUCK_ROWS, name="event-page"),
        "page": page_of(request, found),
        "q": q,
        "sort": sort,
        "list_url": reverse("staff_bank"),
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


@require_POST
@treasurer_required
def refund_again(request: HttpRequest, donation_id: int) -> HttpResponseBase:
    donation = get_object_or_404(Donation, pk=donation_id)
    try:
        refunds.give_up(donation_id=donation.pk)
    except refunds.NotGivenUp:
        messages.info(
            request, _("This refund did not fail, or it is being tried again.\nNothing has changed.")
        )
    else:
        transaction.on_commit(partial(refund.delay, donation.pk))
        messages.success(
            request,
            _("We ask Stripe again to give back %(amount)s.\nIf it fails once more, it appears here again.")
            % {"amount": euro(donation.amount_cents)},
        )
    return redirect("staff_bank")


@require_safe
@treasurer_required
def statement_detail(request: HttpRequest, statement_id: int) -> HttpResponseBase:
    statement = get_object_or_404(BankStatement.objects.select_related("imported_by"), pk=statement_id)
    looked(request, AccessLog.What.BANK_STATEMENT, statement.pk, name=statement.identification)
    q = typed(request)
    lines, sort = _sought(request, statement.lines.order_by("position"), q)
    context = {"statement": statement, "page": page_of(request, lines, rows=50), "q": q, "sort": sort}
    return render(request, "web/staff/statement.html", context)


@require_safe
@treasurer_required
def line_list(request: HttpRequest) -> HttpResponseBase:
    q = typed(request)
    found, sort = _sought(request, open_lines().order_by("-booked_on", "-pk"), q)
    return render(request, "web/staff/lines.html", {"page": page_of(request, found), "q": q, "sort": sort})


def _sought(
    request: HttpRequest, lines: QuerySet[BankLine], q: str
) -> tuple[QuerySet[BankLine], list[SortLink]]:
    return in_order(
        request,
        lines.filter(Q(counterparty__icontains=q) | Q(remittance__icontains=q) | Q(reference__icontains=q)),
        Column("day", _("Date"), "-booked_on"),
        Column("name", _("Name"), "counterparty"),
        Column("amount", _("Amount"), "-amount_cents"),
    )


@require_safe
@treasurer_required
def line_detail(request: HttpRequest, line_id: int) -> HttpResponseBase:
    with_facts = BankLine.objects.select_related("statement", "recognised_by", "funding_request__fund")
    line = get_object_or_404(with_facts, pk=line_id)
    looked(request, AccessLog.What.BANK_LINE, line.pk)
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
        arrived_cents = arrived_by_request([answered.pk]).get(answered.pk, 0)
        context = {"line": line, "answered": answered, "arrived_cents": arrived_cents}
        return render(request, "web/staff/recognise.html", context)
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
