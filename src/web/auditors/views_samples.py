"""Drawing a sample: the page, and the same as a file for the auditor's own papers."""

import csv
import io
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST, require_safe

from books import exports, sampling
from books.models import Export
from books.pack import Drawing
from books.sampling import Sample
from books.ways import Kind
from books.words import FLOWS, METHODS, kind_words, subject_words
from ledger.exports.journal import account_name, guarded
from ledger.exports.notation import decimal
from ledger.exports.reading import Row
from ledger.population import NotSettled
from people.models import AccessLog, Role
from web.access import looked, role_required
from web.auditors.samples import Asked, SampleForm
from web.auditors.scope import Scope, page_number, scope
from web.auditors.views_exports import TOO_MANY, ask
from web.auditors.views_ways import way_to
from web.auditors.words import period_words

ROWS_AT_ONCE = 50
NOT_SETTLED = gettext_lazy(
    "Something large is being booked at this moment.\nDraw the sample again in a minute."
)

FOLLOWED: Final = {
    "run": Kind.RUN,
    "campaign": Kind.CAMPAIGN,
    "donation": Kind.DONATION,
    "payout": Kind.PAYOUT,
    "receipt": Kind.RECEIPT,
}
"""The first word of an entry's source -> what can be followed."""


def _form(request: HttpRequest, within: Scope) -> SampleForm:
    """Raises Http404 for a last entry that is none: nobody types that, and no field could say so."""
    sent = request.POST if request.method == "POST" else request.GET
    form = SampleForm(sent if "seed" in sent else None, scope=within, today=timezone.localdate())
    if "up_to" in form.errors:
        raise Http404
    return form


@role_required(Role.AUDITOR)
@require_safe
def sample(request: HttpRequest) -> HttpResponse:
    """The form, and under it what was drawn."""
    within = scope(request)
    form = _form(request, within)
    context: dict[str, object] = {"at": "sample", "form": form}
    if form.is_valid():
        asked = form.asked()
        try:
            drawn = sampling.draw(of=asked.population, question=asked.question)
        except NotSettled:
            messages.warning(request, NOT_SETTLED)
            return render(request, "web/auditors/sample.html", context, status=503)
        looked(request, AccessLog.What.SAMPLE, drawn.last_entry_id or None, **asked.about(within))
        context |= _shown(request, asked, drawn)
    return render(request, "web/auditors/sample.html", context)


def _shown(request: HttpRequest, asked: Asked, drawn: Sample) -> dict[str, object]:
    page = Paginator(drawn.hits, ROWS_AT_ONCE).get_page(page_number(request))
    return {
        "asked": asked,
        "drawn": drawn,
        "flow": FLOWS[asked.flow],
        "method": METHODS[drawn.question.method],
        "period": period_words(asked.population.since, asked.population.until),
        "by_euro": drawn.interval_cents > 0,
        "hit_cents": sum(hit.amount_cents for hit in drawn.hits),
        "page": page,
        "rows": [(hit, row, _follow_url(row)) for hit, row in sampling.rows_of(page)],
        "query": asked.query(drawn.last_entry_id),
        "fields": asked.fields(drawn.last_entry_id),
    }


def _follow_url(row: Row) -> str:
    """Where the trail of a transfer is drawn; empty where its entry says all there is."""
    word, _colon, number = row.source.partition(":")
    return way_to(FOLLOWED[word], int(number)) if word in FOLLOWED and number.isdecimal() else ""


@role_required(Role.AUDITOR)
@require_safe
def sample_csv(request: HttpRequest) -> HttpResponse:
    """What was asked on top, then a line for each transfer; as a spreadsheet opens it in the Netherlands.

    Without a question that can be answered it is the page, where the form says what is wrong.
    """
    within = scope(request)
    form = _form(request, within)
    if not form.is_valid():
        return redirect(f"{reverse('auditor_sample')}?{request.GET.urlencode()}")
    asked = form.asked()
    try:
        drawn = sampling.draw(of=asked.population, question=asked.question)
    except NotSettled:
        return redirect(f"{reverse('auditor_sample')}?{request.GET.urlencode()}")
    looked(request, AccessLog.What.SAMPLE_FILE, drawn.last_entry_id or None, **asked.about(within))
    # The mark at the start tells spreadsheets that this is UTF-8.
    answer = HttpResponse("\ufeff" + _as_csv(asked, drawn, within), content_type="text/csv; charset=utf-8")
    days = f"{asked.population.since}-{asked.population.until}"
    answer["Content-Disposition"] = f'attachment; filename="steekproef-{days}.csv"'
    return answer


@require_POST
@role_required(Role.AUDITOR)
def sample_pack(request: HttpRequest) -> HttpResponse:
    """Asks for the evidence pack of a sample, as it is on the page; the page of files shows how far it is."""
    form = _form(request, scope(request))
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    back = f"{reverse('auditor_sample')}?{sent.urlencode()}"
    if not form.is_valid():
        return redirect(back)
    asked = form.asked()
    try:
        drawn = sampling.draw(of=asked.population, question=asked.question)
    except NotSettled:
        return redirect(back)
    if not drawn.hits:
        return redirect(back)
    try:
        ask(
            request,
            kind=Export.Kind.PACK,
            fund_id=asked.fund_id,
            since=asked.population.since,
            until=asked.population.until,
            drawing=Drawing(asked.flow, asked.question, drawn.last_entry_id),
        )
    except exports.TooManyAtOnce:
        messages.warning(request, TOO_MANY)
        return redirect(back)
    return redirect("auditor_exports")


def _as_csv(asked: Asked, drawn: Sample, within: Scope) -> str:
    out = io.StringIO()
    written = csv.writer(out, delimiter=";")
    fund = within.names[asked.fund_id] if asked.fund_id else _("All funds")
    told: list[tuple[str, object]] = [
        (_("Fund"), guarded(fund)),
        (_("From"), asked.population.since),
        (_("Up to and including"), asked.population.until),
        (_("Draw from"), FLOWS[asked.flow]),
        (_("Method"), METHODS[drawn.question.method]),
        (_("How many"), drawn.question.size),
        (pgettext("sample", "Seed"), guarded(drawn.question.seed)),
        (_("Transfers in the population"), drawn.count),
        (_("Total of the population"), decimal(drawn.total_cents, point=",")),
        (_("Up to and including entry"), drawn.last_entry_id),
    ]
    if drawn.interval_cents:
        told += [
            (_("Interval"), decimal(drawn.interval_cents, point=",")),
            (_("Start"), decimal(drawn.start_cents, point=",")),
        ]
    written.writerows(told)
    written.writerow([])
    written.writerow(
        [
            *(_("Place"), _("Transfer"), _("Entry"), _("Date"), _("What"), _("Source"), _("Fund")),
            *(_("Debit"), _("Debit, name"), _("Credit"), _("Credit, name")),
            *(_("Amount"), _("Running total"), _("Times drawn"), _("At least an interval")),
        ]
    )
    for hit, row in sampling.rows_of(drawn.hits):
        texts = (str(kind_words(row.kind)), subject_words(row.source), row.fund_name)
        debit, credit = (
            account_name(row.debit_code, row.debit_name),
            account_name(row.credit_code, row.credit_name),
        )
        written.writerow(
            [
                *(hit.place, hit.transfer_id, row.entry_id, row.effective_on, *map(guarded, texts)),
                *(row.debit_code, guarded(debit), row.credit_code, guarded(credit)),
                *(decimal(hit.amount_cents, point=","), decimal(hit.up_to_cents, point=",")),
                *((hit.times, _("yes") if hit.certain else "") if drawn.interval_cents else ("", "")),
            ]
        )
    return out.getvalue()
