"""Reads about the bank: what arrived for a request, and what unknown money may be for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, Sum

from payments.models import BankLine
from payments.recognition import STRIPE_PAYOUT
from programmes.models import FundingRequest

MOST_GUESSES = 20
# Words in the name of nearly every organisation, by which one cannot tell two apart.
COMMON_WORDS = {"stichting", "woonstichting", "gemeente", "vereniging", "bank", "holding"}


def arrived_by_request(request_ids: Iterable[int]) -> dict[int, int]:
    """Request id -> cents that came in for it: under its reference, or recognised by somebody later."""
    lines = BankLine.objects.filter(funding_request__in=request_ids).order_by()
    return dict(lines.values_list("funding_request_id").annotate(cents=Sum("amount_cents")))


def arrived_by_fund(fund_ids: Iterable[int]) -> dict[int, int]:
    """Fund id -> cents that came in for all its requests together; a fund for which nothing came is left out."""
    lines = BankLine.objects.filter(funding_request__fund__in=fund_ids).order_by()
    return dict(lines.values_list("funding_request__fund_id").annotate(cents=Sum("amount_cents")))


def lines_naming_stripe_payouts() -> dict[str, BankLine]:
    """Payout id -> the line of the bank that names it, of lines that were not booked as Stripe's. What it says may be untrue."""
    lines = BankLine.objects.filter(kind=BankLine.Kind.UNKNOWN, remittance__contains="po_")
    return {
        payout_id: line
        for line in lines.select_related("statement").order_by("pk")
        for payout_id in STRIPE_PAYOUT.findall(line.remittance)
    }


@dataclass(frozen=True)
class Guess:
    """A request that an unknown receipt may answer, and why it is offered. `arrived_cents`: came in before."""

    request: FundingRequest
    arrived_cents: int
    same_amount: bool
    same_name: bool


def guesses(line: BankLine, text: str = "") -> list[Guess]:
    """Requests of the same amount, or by the name of who paid; those of `text` where something is searched."""
    by_name = _by_name(line.counterparty)
    wanted = _by_text(text) if text else Q(amount_cents=line.amount_cents) | by_name
    found = FundingRequest.objects.filter(wanted).select_related("fund__organisation")
    requests = list(found.order_by("-pk")[:MOST_GUESSES])
    ids = [one.pk for one in requests]
    named = set(FundingRequest.objects.filter(by_name, pk__in=ids).values_list("pk", flat=True))
    arrived = arrived_by_request(ids)
    offered = [
        Guess(one, arrived.get(one.pk, 0), one.amount_cents == line.amount_cents, one.pk in named)
        for one in requests
    ]
    return sorted(offered, key=lambda guess: (-guess.same_amount - guess.same_name, guess.arrived_cents > 0))


def _by_name(counterparty: str) -> Q:
    by_name = Q(pk__in=[])
    for word in re.findall(r"\w{4,}", counterparty.lower()):
        if word not in COMMON_WORDS:
            by_name |= Q(fund__organisation__name__icontains=word)
    return by_name


def _by_text(text: str) -> Q:
    return (
        Q(reference__icontains=text.replace(" ", ""))
        | Q(fund__name__icontains=text)
        | Q(fund__organisation__name__icontains=text)
    )
