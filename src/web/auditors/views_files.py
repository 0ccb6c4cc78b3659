"""Downloads of what is small, and of tables that are sent while they are read. What is as large as the books the worker makes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from tempfile import TemporaryFile
from typing import BinaryIO, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from books import exports
from books.models import Export
from books.words import kind_words, subject_words
from ledger import asof, heads, statements
from ledger import queries as books
from ledger.exports import statement, trial
from ledger.exports.reading import READER, one_moment
from ledger.queries import TrialLine
from people.models import AccessLog, Role
from web.access import looked, role_required
from web.auditors.forms import BalanceForm, Choice, PeriodForm
from web.auditors.scope import scope
from web.auditors.views_balance import asked_for, filters, period, period_asked_for, query_of
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


def _streamed(parts: Iterator[bytes], *, name: str) -> StreamingHttpResponse:
    """Sent while it is read. One that breaks off is no file: a browser says that the download failed."""
    language = get_language() or "nl"

    def in_language() -> Iterator[bytes]:
        with one_moment(), translation.override(language):
            yield from parts

    answer = StreamingHttpResponse(in_language(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _in_words(lines: Iterable[TrialLine]) -> Iterator[TrialLine]:
    """Their subjects as the pages call them."""
    return (replace(line, key=subject_words(line.key)) for line in lines)


@role_required(Role.AUDITOR)
@require_safe
def trial_csv(request: HttpRequest) -> HttpResponseBase:
    within = scope(request)
    _form, chosen = filters(request, within, BalanceForm)
    looked(request, AccessLog.What.BALANCE_FILE, **asked_for(chosen, within))
    lines = _in_words(asof.trial_by_account(**period(chosen), using=READER))
    return _streamed(trial.csv_of(lines=lines, funds=within.names), name=f"{_trial_name(chosen)}.csv")


@role_required(Role.AUDITOR)
@require_safe
def trial_xlsx(request: HttpRequest) -> HttpResponseBase:
    within = scope(request)
    _form, chosen = filters(request, within, BalanceForm)
    count = books.accounts_of(fund_ids=chosen.fund_ids).count()
    if count > trial.MOST_IN_WORKBOOK:
        messages.warning(
            request,
            _(
                "There are %(count)s accounts; a workbook of the balance holds %(most)s.\nTake the CSV, or choose one fund."
            )
            % {"count": whole(count), "most": whole(trial.MOST_IN_WORKBOOK)},
        )
        return redirect(f"{reverse('auditor_home')}?{request.GET.urlencode()}")
    looked(request, AccessLog.What.BALANCE_FILE, **asked_for(chosen, within))
    with one_moment():
        lines = _in_words(asof.trial_by_account(**period(chosen), using=READER))
        return _download(
            lambda out: trial.write_xlsx(out, lines=lines, funds=within.names),
            name=f"{_trial_name(chosen)}.xlsx",
            content_type=XLSX,
        )


def _trial_name(chosen: Choice) -> str:
    booked = f"-geboekt-{localtime(chosen.booked_by):%Y-%m-%d-%H%M}" if chosen.booked_by else ""
    return f"proefbalans-{chosen.since}-{chosen.until}{booked}"


def _statement(request: HttpRequest, account_id: int) -> statements.Statement:
    """The account over the days asked for: this year so far where they say nothing."""
    account = scope(request).account(account_id)
    form = PeriodForm(request.GET, today=timezone.localdate())
    return statements.statement(account_id=account.pk, **form.period(), using=READER)


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
    return _streamed(_statement_parts(found), name=f"{statement.file_name(found)}.csv")


def _statement_parts(found: statements.Statement) -> Iterator[bytes]:
    """Balances and lines of one moment, that of the reader."""
    there = statements.statement(
        account_id=found.account.pk,
        since=found.since,
        until=found.until,
        booked_by=found.booked_by,
        using=READER,
    )
    lines = statements.lines(there, using=READER)
    yield from statement.csv_of(found=there, of=lines, head=heads.latest_head(using=READER))


@role_required(Role.AUDITOR)
@require_safe
def statement_pdf(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """In the language of who asks, with its data attached; too long for paper is said so."""
    words = statement.Words(lambda kind: str(kind_words(kind)), subject_words)
    language: statement.Language = "nl" if (get_language() or "nl").startswith("nl") else "en"
    try:
        with one_moment():
            found = _statement(request, account_id)
            response = _download(
                lambda out: statement.write_pdf(
                    out,
                    found=found,
                    of=statements.lines(found, using=READER),
                    words=words,
                    language=language,
                    now=timezone.now(),
                    head=heads.latest_head(using=READER),
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
