"""Downloads. A file is made whole before its first byte leaves: half a journal looks like a journal."""

from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR
from tempfile import TemporaryFile
from typing import BinaryIO, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from books import exports
from books.models import Export
from books.words import kind_words, subject_words
from ledger import heads, statements
from ledger import queries as books
from ledger.exports import journal, statement, trial, xaf
from people.models import AccessLog, Role
from web.access import looked, member, role_required
from web.auditors.forms import BalanceForm, PeriodForm
from web.auditors.scope import scope
from web.auditors.views_balance import asked_for, filters, period_asked_for, query_of
from web.look.formats import whole

XLSX = exports.MIME_TYPES[Export.Kind.XLSX]


def _download(write: Callable[[BinaryIO], object], *, name: str, content_type: str) -> FileResponse:
    """Over a file on disk, so that memory stays small; it goes when the response is closed."""
    file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115  # closed by the response
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)


@role_required(Role.AUDITOR)
@require_safe
def trial_csv(request: HttpRequest) -> HttpResponseBase:
    return _trial(request, trial.write_csv, "csv", "text/csv; charset=utf-8")


@role_required(Role.AUDITOR)
@require_safe
def trial_xlsx(request: HttpRequest) -> HttpResponseBase:
    return _trial(request, trial.write_xlsx, "xlsx", XLSX)


def _trial(
    request: HttpRequest, write: Callable[..., None], ending: str, content_type: str
) -> HttpResponseBase:
    within = scope(request)
    _form, chosen = filters(request, within, BalanceForm)
    lines = books.trial_balance(
        fund_ids=chosen.fund_ids, since=chosen.since, until=chosen.until, booked_by=chosen.booked_by
    )
    booked = f"-geboekt-{localtime(chosen.booked_by):%Y-%m-%d-%H%M}" if chosen.booked_by else ""
    looked(request, AccessLog.What.BALANCE_FILE, **asked_for(chosen, within))
    return _download(
        lambda out: write(out, lines=lines, funds=within.names),
        name=f"proefbalans-{chosen.since}-{chosen.until}{booked}.{ending}",
        content_type=content_type,
    )


@role_required(Role.AUDITOR)
@require_safe
def journal_csv(request: HttpRequest) -> HttpResponseBase:
    within = scope(request)
    _form, chosen = filters(request, within)
    looked(request, AccessLog.What.JOURNAL_FILE, **asked_for(chosen, within))
    return _download(
        lambda out: journal.write_csv(
            out, fund_ids=chosen.fund_ids, since=chosen.since, until=chosen.until, names=True
        ),
        name=f"dagboek-{chosen.since}-{chosen.until}.csv",
        content_type="text/csv; charset=utf-8",
    )


@role_required(Role.AUDITOR)
@require_safe
def audit_file(request: HttpRequest, year: int) -> HttpResponseBase:
    """The whole books for an auditor of the operator, else an extract for the own organisation."""
    if not MINYEAR <= year < MAXYEAR:
        raise Http404
    here = member(request).organisation
    extract_for = None if here.is_operator else here
    try:
        response = _download(
            lambda out: xaf.write(out, year=year, made_on=timezone.localdate(), extract_for=extract_for),
            name=f"auditfile-{here.slug}-{year}.xaf",
            content_type="application/xml",
        )
    except xaf.NoEntries:
        messages.warning(
            request,
            _("Nothing was booked in %(year)s.\nChoose a period in another year.") % {"year": year},
        )
        return redirect("auditor_home")
    looked(request, AccessLog.What.AUDIT_FILE, year)
    return response


def _statement(request: HttpRequest, account_id: int) -> statements.Statement:
    """The account over the days asked for: this year so far where they say nothing."""
    account = scope(request).account(account_id)
    form = PeriodForm(request.GET, today=timezone.localdate())
    return statements.statement(account_id=account.pk, **form.period())


def _looked_at(request: HttpRequest, found: statements.Statement) -> None:
    looked(
        request,
        AccessLog.What.STATEMENT,
        found.account.pk,
        code=found.account.code,
        name=found.account.name,
        **period_asked_for(found.since, found.until, found.booked_by),
    )


@role_required(Role.AUDITOR)
@require_safe
def statement_csv(request: HttpRequest, account_id: int) -> HttpResponseBase:
    found = _statement(request, account_id)
    _looked_at(request, found)
    return _download(
        lambda out: statement.write_csv(out, found=found, of=statements.lines(found)),
        name=f"{statement.file_name(found)}.csv",
        content_type="text/csv; charset=utf-8",
    )


@role_required(Role.AUDITOR)
@require_safe
def statement_pdf(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """In the language of who asks, with its data attached; too long for paper is said so."""
    found = _statement(request, account_id)
    words = statement.Words(lambda kind: str(kind_words(kind)), subject_words)
    language: statement.Language = "nl" if (get_language() or "nl").startswith("nl") else "en"
    try:
        response = _download(
            lambda out: statement.write_pdf(
                out,
                found=found,
                of=statements.lines(found),
                words=words,
                language=language,
                now=timezone.now(),
                head=heads.latest_head(),
            ),
            name=f"{statement.file_name(found)}.pdf",
            content_type="application/pdf",
        )
    except statement.TooManyLines as error:
        messages.warning(
            request,
            _(
                "This account has %(count)s lines in this period; a PDF holds %(most)s.\n"
                "Choose a shorter period, or take the CSV."
            )
            % {"count": whole(error.count), "most": whole(statement.MOST_LINES)},
        )
        query = urlencode({"since": found.since, "until": found.until})
        if found.booked_by:
            query += "&" + query_of(request, "moment")
        return redirect(f"{reverse('auditor_account', args=[account_id])}?{query}")
    _looked_at(request, found)
    return response
