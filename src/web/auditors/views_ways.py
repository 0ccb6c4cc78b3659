"""Following the euro: from a fund, an issue, a campaign, a payout, a receipt, a donation or a bank line, both ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from books.evidence import Behind, Evidence, Thing, behind
from books.tracing import Subject, Unfollowable, follow, is_of, subject_of
from books.ways import Kind, Node, Ways
from campaigns.models import Receipt
from people.models import AccessLog, Role
from web.access import looked, role_required
from web.auditors.scope import Scope, scope
from web.auditors.words import followed_words
from web.kept_files import show
from web.ways import Row, as_csv, shown

PATHS: Final = {
    Kind.FUND: "fonds",
    Kind.RUN: "uitgifte",
    Kind.CAMPAIGN: "initiatief",
    Kind.PAYOUT: "uitbetaling",
    Kind.RECEIPT: "bon",
    Kind.DONATION: "donatie",
    Kind.DEPOSIT: "bankregel",
}
"""The ends to follow from -> how they are called in an address."""

KINDS: Final = {path: kind for kind, path in PATHS.items()}

OF_THINGS: Final = {
    Thing.BANK_LINE: Kind.DEPOSIT,
    Thing.RUN: Kind.RUN,
    Thing.CAMPAIGN: Kind.CAMPAIGN,
    Thing.DONATION: Kind.DONATION,
    Thing.PAYOUT: Kind.PAYOUT,
    Thing.RECEIPT: Kind.RECEIPT,
}


@dataclass(frozen=True)
class Card:
    """Something that stands behind what is followed, with where to go on. Addresses are empty where there is nothing more."""

    evidence: Evidence
    entry_id: int | None
    follow: str
    document: str


def way_to(kind: Kind, id: int) -> str:
    """The address of the page that follows something."""
    return reverse("auditor_follow", args=[PATHS[kind], id])


def of_evidence(evidence: Evidence) -> str:
    """The address of the page that follows what stands behind an entry; empty where it cannot be followed."""
    return way_to(OF_THINGS[evidence.thing], evidence.id) if evidence.thing in OF_THINGS else ""


def _subject(request: HttpRequest, path: str, id: int) -> tuple[Subject, Scope]:
    """Raises Http404 for what is not there, cannot be followed, or has no money of the own funds in it."""
    within = scope(request)
    if path not in KINDS:
        raise Http404
    try:
        subject = subject_of(kind=KINDS[path], id=id)
    except (ObjectDoesNotExist, Unfollowable) as error:
        raise Http404 from error
    if not within.whole and not is_of(subject, fund_ids=within.fund_ids):
        raise Http404
    return subject, within


def _ways(subject: Subject, within: Scope) -> Ways:
    return follow(subject=subject, fund_ids=None if within.whole else within.fund_ids)


@role_required(Role.AUDITOR)
@require_safe
def followed(request: HttpRequest, thing: str, thing_id: int) -> HttpResponse:
    """The picture, its tables, and what stands behind it: who approved, which line of the bank, which document."""
    subject, within = _subject(request, thing, thing_id)
    ways = _ways(subject, within)
    found = shown(ways)
    node = subject.node
    looked(request, AccessLog.What.FOLLOWED, node.id, kind=node.kind.value)
    return render(
        request,
        "web/auditors/followed.html",
        {
            "at": "entries",
            "title": followed_words(node.kind, node.id, ways.known(node).label),
            "shown": found,
            "is_receipt": node.kind is Kind.RECEIPT,
            "stops": _linked(found.rows if found else (), node),
            "cards": [
                _card(one, node)
                for one in behind(kind=node.kind, id=node.id, campaign_ids=subject.campaign_ids)
            ],
            "csv": reverse("auditor_follow_csv", args=[PATHS[node.kind], node.id]),
            "whole": ""
            if node.kind not in (Kind.RECEIPT, Kind.PAYOUT, Kind.DONATION)
            else _campaign(subject),
        },
    )


def _campaign(subject: Subject) -> str:
    """Where all of the campaign's money can be followed."""
    return way_to(Kind.CAMPAIGN, next(iter(subject.campaign_ids)))


def _linked(rows: Sequence[Row], subject: Node) -> list[tuple[Row, str]]:
    """Each stop with the address of its own page; empty for the page that one is on and for what has none."""
    return [
        (
            row,
            way_to(row.node.kind, row.node.id)
            if row.node.kind in PATHS and row.node.id > 0 and row.node != subject
            else "",
        )
        for row in rows
    ]


def _card(one: Behind, subject: Node) -> Card:
    evidence = one.evidence
    document = reverse("auditor_receipt", args=[evidence.id]) if evidence.file_id else ""
    here = Node(OF_THINGS[evidence.thing], evidence.id) == subject
    return Card(evidence, one.entry_id, "" if here else of_evidence(evidence), document)


@role_required(Role.AUDITOR)
@require_safe
def followed_csv(request: HttpRequest, thing: str, thing_id: int) -> HttpResponse:
    """Every leg of the way, also those that the picture puts together."""
    subject, within = _subject(request, thing, thing_id)
    node = subject.node
    looked(request, AccessLog.What.FOLLOWED_FILE, node.id, kind=node.kind.value)
    # The mark at the start tells spreadsheets that this is UTF-8.
    answer = HttpResponse("\ufeff" + as_csv(_ways(subject, within)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="volg-{PATHS[node.kind]}-{node.id}.csv"'
    return answer


@role_required(Role.AUDITOR)
@require_safe
def receipt(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """The picture of a receipt, also of one that nobody approved: a suspicious one has no entry yet."""
    subject, _within = _subject(request, PATHS[Kind.RECEIPT], receipt_id)
    found = get_object_or_404(Receipt.objects.select_related("file"), pk=subject.node.id)
    looked(request, AccessLog.What.RECEIPT, found.pk)
    return show(request, found.file, name=f"bon-{found.pk}.pdf")
