"""One account over a period: what stood there, its lines with the balance after each, what stands there."""

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from books.ways import Kind
from books.words import subject_words
from ledger import audit, heads, statements
from ledger.chart import CHART, Code
from ledger.exports.reading import READER, one_moment
from ledger.statements import Page, Place, Statement, place_of
from people.models import AccessLog, Role
from web.access import looked, role_required
from web.auditors.forms import PeriodForm
from web.auditors.scope import scope
from web.auditors.views_balance import period_asked_for, query_of
from web.auditors.views_ways import way_to
from web.auditors.words import period_words

if TYPE_CHECKING:
    from ledger.models import Account


def _follow_url(found: "Account") -> str:
    """Where the money of an account's subject is followed: its campaign, payout or donation, or the whole budget."""
    prefix, _colon, number = found.key.partition(":")
    kinds = {"campaign": Kind.CAMPAIGN, "payout": Kind.PAYOUT, "donation": Kind.DONATION}
    if prefix in kinds and number.isdecimal():
        return way_to(kinds[prefix], int(number))
    if found.code == Code.CHEQUES and prefix == "cheque":
        return way_to(Kind.RUN, int(number.partition(":")[0]))
    return way_to(Kind.FUND, found.fund_id) if found.code in (Code.BUDGET, Code.TO_RETURN) else ""


def _place(typed: str) -> Place | None:
    """A line as the address names it: "2026-03-31.12345". None for what is no such thing."""
    day, _dot, number = typed.partition(".")
    if not number.isdecimal() or len(number) > 18:
        return None
    try:
        return Place(date.fromisoformat(day), int(number))
    except ValueError:
        return None


def _page(request: HttpRequest, found: Statement) -> Page:
    """The lines that the address asks for; the first ones where it asks for none that are there."""
    after, before = _place(request.GET.get("after", "")), _place(request.GET.get("before", ""))
    page = statements.page(
        found, after=after, before=None if after else before, last="last" in request.GET, using=READER
    )
    return page if page.lines else statements.page(found, using=READER)


def _page_links(request: HttpRequest, page: Page) -> dict[str, str]:
    """Links to the lines around those shown, and to the first and last ones."""
    period = {name: request.GET[name] for name in ("since", "until", "moment") if request.GET.get(name)}

    def link(**where: str) -> str:
        return f"?{urlencode(period | where)}#regels"

    links: dict[str, str] = {}
    if page.earlier:
        first = place_of(page.lines[0])
        links |= {"first": link(), "previous": link(before=f"{first.day}.{first.transfer_id}")}
    if page.later:
        last = place_of(page.lines[-1])
        links |= {"next": link(after=f"{last.day}.{last.transfer_id}"), "last": link(last="1")}
    return links


@role_required(Role.AUDITOR)
@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Lines in the order of their days. `?after=` and `?before=` name a line, `?last` asks for the last ones."""
    own = scope(request).account(account_id)
    form = PeriodForm(request.GET, today=timezone.localdate())
    with one_moment():
        found = statements.statement(account_id=own.pk, **form.period(), using=READER)
        page = _page(request, found)
    period = (found.since, found.until, found.booked_by)
    seen = {"first": place_of(page.lines[0]).transfer_id} if page.lines else {}
    looked(
        request,
        AccessLog.What.ACCOUNT,
        own.pk,
        code=own.code,
        name=own.name,
        **period_asked_for(*period),
        **seen,
    )
    return render(
        request,
        "web/auditors/account.html",
        {
            "at": "balance",
            "account": own,
            "kind": CHART[Code(own.code)],
            "subject": subject_words(own.key),
            "follow_url": _follow_url(own),
            "period_form": form,
            "period": period_words(*period),
            "statement": found,
            "page": page,
            "page_links": _page_links(request, page),
            "sealed": heads.newest(),
            "query": query_of(request, "since", "until", "moment"),
            # An own fund beside this one has an account of its own, so here it is another one too.
            "others": audit.others_of_subject(account=own, fund_ids=[own.fund_id]),
        },
    )
