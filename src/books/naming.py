"""What the stops on a way are called, and in which entry they were booked."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from books.pots import number
from books.ways import About, Kind, Node, Strand
from campaigns.models import Campaign, Receipt
from cheques.models import ChequeRun
from ledger import tracing
from ledger.chart import Code
from ledger.tracing import Moved, Owner
from payments.models import BankLine
from places.models import Neighbourhood

BOOKED_BY = {Kind.RECEIPT: "receipt", Kind.PAYOUT: "payout", Kind.RUN: "run"}
"""The stops that are one entry, with the first word of its key."""


def names(strands: Iterable[Strand], rows: Iterable[Moved], owners: Mapping[int, Owner]) -> dict[Node, About]:
    """One query for each kind of stop that has a name, and one for the entries."""
    ids: dict[Kind, set[int]] = {kind: set() for kind in Kind}
    for strand in strands:
        for node in strand.stops:
            ids[node.kind].add(node.id)
    lines = list(BankLine.objects.filter(pk__in=ids[Kind.DEPOSIT]).select_related("statement"))
    labels = {
        Kind.RUN: _values(ChequeRun.objects.filter(pk__in=ids[Kind.RUN]), "name"),
        Kind.CAMPAIGN: _values(Campaign.objects.filter(pk__in=ids[Kind.CAMPAIGN]), "title"),
        Kind.RECEIPT: _values(Receipt.objects.filter(pk__in=ids[Kind.RECEIPT]), "supplier"),
        Kind.FROM_RESERVE: _values(Neighbourhood.objects.filter(pk__in=ids[Kind.FROM_RESERVE]), "name"),
        Kind.DEPOSIT: {line.pk: f"{line.statement.identification} / {line.position}" for line in lines},
    }
    labels[Kind.PURSES] = labels[Kind.RUN]
    for kind in (Kind.FUND, Kind.MATCH):
        labels[kind] = {id: owners[id].name for id in ids[kind]}
    for kind in (Kind.OTHER_FUND, Kind.LEFTOVER):
        labels[kind] = {id: owners[id].organisation for id in ids[kind]}
    keys = {Node(kind, id): f"{word}:{id}" for kind, word in BOOKED_BY.items() for id in ids[kind]}
    keys |= {Node(Kind.DEPOSIT, line.pk): key_of(line) for line in lines}
    entries = tracing.standing(keys=keys.values())
    about = {
        node: About(labels.get(kind, {}).get(id, ""), entry_id=entries.get(keys.get(node, "")))
        for kind, found in ids.items()
        for id in found
        for node in [Node(kind, id)]
    }
    for node, known in about.items():
        if node.kind is Kind.OTHER_FUND:
            about[node] = replace(known, fund_kind=owners[node.id].kind)
    # A donation is booked under a key that only it knows; its entry came along.
    for row in rows:
        node = Node(Kind.DONATION, number(row.source))
        if row.other_code == Code.STRIPE_CLEARING and node in about:
            about[node] = About(entry_id=row.first_entry_id)
    return about


def key_of(line: BankLine) -> str:
    """The key of the entry by which a line became a deposit."""
    return f"{'bank' if line.kind == BankLine.Kind.FUNDING else 'recognised'}:{line.fingerprint}"


def _values(rows: QuerySet[Any], name: str) -> dict[int, str]:
    return dict(rows.values_list("pk", name))
