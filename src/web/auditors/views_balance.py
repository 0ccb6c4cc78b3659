"""The trial balance, and the lines of one account."""

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Manager, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from books.reconciliation import reconcile
from books.ways import Kind
from books.words import subject_words
from ledger import audit, heads
from ledger import queries as books
from ledger.chart import CHART, Code
from people.models import AccessLog, Role
from web.access import looked, role_required
from web.auditors.balance import Row, parts, row_of_account, row_of_code
from web.auditors.forms import Choice, FilterForm, PeriodForm
from web.auditors.scope import Scope, page_number, scope
from web.auditors.views_ways import way_to
from web.auditors.words import period_words

if TYPE_CHECKING:
    from ledger.models import Account

ACCOUNTS_AT_ONCE = 20
LINES_AT_ONCE = 50


def filters(request: HttpRequest, within: Scope) -> tuple[FilterForm, Choice]:
    """The form and what it says; this year so far where it says nothing."""
    today = timezone.localdate()
    form = FilterForm(request.GET, scope=within, since=date(today.year, 1, 1), until=today)
    return form, form.choice()


def asked_for(chosen: Choice, within: Scope) -> dict[str, str]:
    """Fund and period as the access log keeps them. The fund is empty for all of them."""
    fund = within.names[chosen.fund_ids[0]] if len(chosen.fund_ids) == 1 else ""
    return {"fund": fund, "since": chosen.since.isoformat(), "until": chosen.until.isoformat()}


@role_required(Role.AUDITOR)
@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """A row per code; `?open=2300` shows the accounts under it, `?page=2` the next ones."""
    within = scope(request)
    form, chosen = filters(request, within)
    if chosen.text:
        return redirect(f"{reverse('auditor_entries')}?{request.GET.urlencode()}")
    totals = audit.trial_by_code(fund_ids=chosen.fund_ids, since=chosen.since, until=chosen.until)
    opened = next((one for one in totals if str(one.line.code) == request.GET.get("open")), None)
    page = Paginator(range(opened.accounts if opened else 0), ACCOUNTS_AT_ONCE).get_page(page_number(request))
    under = _under(opened, chosen, within, max(page.start_index() - 1, 0)) if opened else None
    rows = [
        row_of_code(
            one, toggle=_toggle(request, one.line.code, one is opened), under=under if one is opened else None
        )
        for one in totals
    ]
    inside, outside = parts(rows)
    looked(request, AccessLog.What.BALANCE, **asked_for(chosen, within))
    return render(
        request,
        "web/auditors/balance.html",
        {
            "at": "balance",
            "form": form,
            "chosen": chosen,
            "fund_name": asked_for(chosen, within)["fund"] or _("All funds"),
            "period": period_words(chosen.since, chosen.until),
            "inside": inside,
            "outside": outside,
            "page": page,
            "page_links": _page_links(request, page.number, page.paginator.num_pages),
            "found": reconcile(now=timezone.now()),
            "query": _query(request),
            "sealed": heads.newest(),
        },
    )


def _query(request: HttpRequest) -> str:
    """The filters, for links to other pages."""
    return urlencode(
        {name: request.GET[name] for name in ("fund", "since", "until") if request.GET.get(name)}
    )


def _toggle(request: HttpRequest, code: int, is_open: bool) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("open", None)
    if not is_open:
        query["open"] = str(code)
    return f"?{query.urlencode()}#rekening-{code}"


def _page_links(request: HttpRequest, number: int, last: int) -> dict[str, str]:
    """Links to the accounts before and after those shown under the open code."""
    links = {}
    for name, other in (("before", number - 1), ("after", number + 1)):
        if 1 <= other <= last:
            query = request.GET.copy()
            query["page"] = str(other)
            links[name] = f"?{query.urlencode()}#rekening-{request.GET.get('open')}"
    return links


def _under(opened: audit.CodeTotal, chosen: Choice, within: Scope, offset: int) -> list[Row]:
    lines = audit.trial_of_code(
        fund_ids=chosen.fund_ids,
        code=opened.line.code,
        since=chosen.since,
        until=chosen.until,
        limit=ACCOUNTS_AT_ONCE,
        offset=offset,
    )
    several = len(chosen.fund_ids) > 1
    return [row_of_account(line, fund=within.names[line.fund_id] if several else "") for line in lines]


def _sum(transfers: Manager[Any]) -> int:
    return int(transfers.aggregate(cents=Sum("amount_cents", default=0))["cents"])


def _follow_url(found: "Account") -> str:
    """Where the money of an account's subject is followed: its campaign, payout or donation, or the whole budget."""
    prefix, _colon, number = found.key.partition(":")
    kinds = {"campaign": Kind.CAMPAIGN, "payout": Kind.PAYOUT, "donation": Kind.DONATION}
    if prefix in kinds and number.isdecimal():
        return way_to(kinds[prefix], int(number))
    if found.code == Code.CHEQUES and prefix == "cheque":
        return way_to(Kind.RUN, int(number.partition(":")[0]))
    return way_to(Kind.FUND, found.fund_id) if found.code in (Code.BUDGET, Code.TO_RETURN) else ""


@role_required(Role.AUDITOR)
@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """The lines of one account, newest first, each with the balance after it."""
    within = scope(request)
    found = within.account(account_id)
    count = books.account_line_count(account_id=found.pk)
    page = Paginator(range(count), LINES_AT_ONCE).get_page(page_number(request))
    lines = books.account_lines(
        account_id=found.pk, limit=LINES_AT_ONCE, offset=max(page.start_index() - 1, 0)
    )
    kind = CHART[Code(found.code)]
    looked(request, AccessLog.What.ACCOUNT, found.pk, code=found.code, name=found.name, page=page.number)
    return render(
        request,
        "web/auditors/account.html",
        {
            "at": "balance",
            "account": found,
            "kind": kind,
            "subject": subject_words(found.key),
            "follow_url": _follow_url(found),
            "period_form": PeriodForm(request.GET, today=timezone.localdate()),
            "lines": lines,
            "page": page,
            "count": count,
            "debit_cents": _sum(found.debits),
            "credit_cents": _sum(found.credits),
            "balance_cents": books.balance(found.pk),
            "sealed": heads.newest(),
            # An own fund beside this one has an account of its own, so here it is another one too.
            "others": audit.others_of_subject(account=found, fund_ids=[found.fund_id]),
        },
    )
