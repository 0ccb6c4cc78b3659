"""The trial balance."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TypedDict
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from books import reconciliation
from ledger import asof, heads
from ledger.exports.reading import READER
from people.models import AccessLog, Role
from web.access import looked, role_required
from web.auditors.at_stripe import at_stripe, not_known
from web.auditors.balance import Row, parts, row_of_account, row_of_code
from web.auditors.forms import BalanceForm, Choice, FilterForm
from web.auditors.scope import Scope, page_number, scope
from web.auditors.words import period_words

ACCOUNTS_AT_ONCE = 20


class Period(TypedDict):
    """What a trial balance is of, as `ledger.asof` takes it."""

    fund_ids: Collection[int]
    since: date
    until: date
    booked_by: datetime | None


def filters(
    request: HttpRequest, within: Scope, form: type[FilterForm] = FilterForm
) -> tuple[FilterForm, Choice]:
    """The form and what it says; this year so far where it says nothing."""
    today = timezone.localdate()
    made = form(request.GET, scope=within, since=date(today.year, 1, 1), until=today)
    return made, made.choice()


def asked_for(chosen: Choice, within: Scope) -> dict[str, str]:
    """Fund and period as the access log keeps them. The fund is empty for all of them."""
    fund = within.names[chosen.fund_ids[0]] if len(chosen.fund_ids) == 1 else ""
    return {"fund": fund, **period_asked_for(chosen.since, chosen.until, chosen.booked_by)}


def period_asked_for(since: date, until: date, booked_by: datetime | None) -> dict[str, str]:
    """As the access log keeps it."""
    period = {"since": since.isoformat(), "until": until.isoformat()}
    return period if booked_by is None else {**period, "moment": booked_by.isoformat()}


@role_required(Role.AUDITOR)
@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """A row per code; `?open=2300` shows the accounts under it, `?page=2` the next ones."""
    within = scope(request)
    form, chosen = filters(request, within, BalanceForm)
    if chosen.text:
        return redirect(f"{reverse('auditor_entries')}?{request.GET.urlencode()}")
    totals = asof.trial_by_code(**period(chosen), using=READER)
    opened = next((one for one in totals if str(one.line.code) == request.GET.get("open")), None)
    number = page_number(request)
    found = _under(opened.line.code, chosen, number) if opened else None
    under = _rows_under(found, chosen, within) if found else None
    rows = [
        row_of_code(
            one, toggle=_toggle(request, one.line.code, one is opened), under=under if one is opened else None
        )
        for one in totals
    ]
    inside, outside = parts(rows)
    stripe = at_stripe(timezone.now())
    looked(request, AccessLog.What.BALANCE, **asked_for(chosen, within))
    return render(
        request,
        "web/auditors/balance.html",
        {
            "at": "balance",
            "form": form,
            "chosen": chosen,
            "fund": form.cleaned_data.get("fund", ""),
            "fund_name": asked_for(chosen, within)["fund"] or _("All funds"),
            "period": period_words(chosen.since, chosen.until, chosen.booked_by),
            "inside": inside,
            "outside": outside,
            "count": found and found.count,
            "shown": number * ACCOUNTS_AT_ONCE,
            "page_links": _page_links(request, number, found.more) if found else {},
            "bank": reconciliation.bank(),
            "stripe": stripe,
            "not_known": not_known(stripe),
            "unidentified": reconciliation.unidentified(),
            "query": query_of(request, "fund", "since", "until"),
            "sealed": heads.newest(),
            "as_booked": query_of(request, "fund", "since", "until", "moment"),
        },
    )


def query_of(request: HttpRequest, *names: str) -> str:
    """These of the filters, for links to other pages."""
    return urlencode({name: request.GET[name] for name in names if request.GET.get(name)})


def _toggle(request: HttpRequest, code: int, is_open: bool) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("open", None)
    if not is_open:
        query["open"] = str(code)
    return f"?{query.urlencode()}#rekening-{code}"


def _page_links(request: HttpRequest, number: int, more: bool) -> dict[str, str]:
    """Links to the accounts before and after those shown under the open code."""
    links = {}
    for name, other, there in (("before", number - 1, number > 1), ("after", number + 1, more)):
        if there:
            query = request.GET.copy()
            query["page"] = str(other)
            links[name] = f"?{query.urlencode()}#rekening-{request.GET.get('open')}"
    return links


def period(chosen: Choice) -> Period:
    return {
        "fund_ids": chosen.fund_ids,
        "since": chosen.since,
        "until": chosen.until,
        "booked_by": chosen.booked_by,
    }


def _under(code: int, chosen: Choice, number: int) -> asof.Under:
    offset = (number - 1) * ACCOUNTS_AT_ONCE
    return asof.trial_of_code(
        **period(chosen), code=code, limit=ACCOUNTS_AT_ONCE, offset=offset, using=READER
    )


def _rows_under(found: asof.Under, chosen: Choice, within: Scope) -> list[Row]:
    several = len(chosen.fund_ids) > 1
    return [row_of_account(line, fund=within.names[line.fund_id] if several else "") for line in found.lines]
