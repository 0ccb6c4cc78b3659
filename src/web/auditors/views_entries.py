"""Entries: the list with its search, one entry with all that is behind it, the picture of its receipt."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from books.evidence import Evidence, Thing, evidence
from books.follow import follow
from books.search import sought
from books.words import kind_words
from common.models import StoredFile
from ledger import audit, newest
from ledger import queries as books
from people.models import AccessLog, Role
from web.access import looked, role_required
from web.auditors.forms import FilterForm
from web.auditors.scope import page_number, scope
from web.auditors.views_ways import of_evidence
from web.auditors.words import way_rows
from web.kept_files import show

FOLLOWED_LINES = {
    "bank funding",
    "bank line recognised",
    "bank payout",
    "bank returned",
    "bank leftover",
}
ENTRIES_AT_ONCE = 50
TRANSFERS_AT_ONCE = 25


@role_required(Role.AUDITOR)
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """Newest first. `?before=` an entry: the older ones, so that a page costs the same however long the books are."""
    within = scope(request)
    form = FilterForm(request.GET, scope=within)
    chosen = form.choice()
    before = request.GET.get("before", "")
    is_older = before.isdecimal() and len(before) < 18
    some = newest.entries(
        newest.Within(
            fund_ids=chosen.fund_ids,
            since=chosen.since,
            until=chosen.until,
            most=ENTRIES_AT_ONCE + 1,
            before=int(before) if is_older else newest.LAST,
        ),
        sought(chosen.text, fund_ids=chosen.fund_ids) if chosen.text else None,
    )
    shown = some[:ENTRIES_AT_ONCE]
    amounts = audit.amounts(entry_ids=[entry.pk for entry in shown], fund_ids=chosen.fund_ids)
    query = {name: request.GET[name] for name in ("fund", "since", "until", "q") if request.GET.get(name)}
    looked(request, AccessLog.What.ENTRIES, text=chosen.text)
    return render(
        request,
        "web/auditors/entries.html",
        {
            "at": "entries",
            "form": form,
            "chosen": chosen,
            "rows": [(entry, amounts[entry.pk]) for entry in shown],
            "newest": f"?{urlencode(query)}" if before else "",
            "older": f"?{urlencode(query | {'before': shown[-1].pk})}" if len(some) > len(shown) else "",
        },
    )


@role_required(Role.AUDITOR)
@require_safe
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Own transfers in full, other funds' totals; who and why; where the money came from and went."""
    within = scope(request)
    found = within.entry(entry_id)
    transfers = books.transfers_of(entry_ids=[found.pk], fund_ids=within.fund_ids)
    page = Paginator(transfers, TRANSFERS_AT_ONCE).get_page(page_number(request))
    followed = follow(entry=found, fund_ids=within.fund_ids)
    looked(request, AccessLog.What.ENTRY, found.pk)
    return render(
        request,
        "web/auditors/entry.html",
        {
            "at": "entries",
            "entry": found,
            "title": kind_words(found.kind),
            "page": page,
            "total_cents": audit.amounts(entry_ids=[found.pk], fund_ids=within.fund_ids)[found.pk],
            "others": audit.others_of_entry(entry_id=found.pk, fund_ids=within.fund_ids),
            "evidence": [(one, _follow_url(one, found.kind)) for one in followed.evidence],
            "way": way_rows(followed.way),
            "reversed_by": audit.reversal_of(entry_id=found.pk),
        },
    )


def _follow_url(one: Evidence, kind: str) -> str:
    """Where the money of a thing behind an entry is followed. A line of the bank that nobody knows leads nowhere."""
    return "" if one.thing is Thing.BANK_LINE and kind not in FOLLOWED_LINES else of_evidence(one)


@role_required(Role.AUDITOR)
@require_safe
def document(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The picture or document behind an entry. Whoever may see the entry may see it."""
    found = scope(request).entry(entry_id)
    file_id = next((one.file_id for one in evidence(found) if one.file_id), None)
    if file_id is None:
        raise Http404
    looked(request, AccessLog.What.ENTRY_RECEIPT, found.pk)
    return show(request, StoredFile.objects.get(pk=file_id), name=f"bon-{found.pk}.pdf")
