"""What somebody may mean by what they type to find an entry."""

from collections.abc import Collection

from django.db.models import Q

from books.words import kinds_called, sources_called
from common.money import NotAnAmount, cents_of
from ledger.audit import Sought
from payments.models import BankLine, Payout

MOST_LINES = 200


def sought(text: str, *, fund_ids: Collection[int]) -> Sought:
    """A number of an entry, an amount as people type it, what it is called, a source, or part of a reference or a bank line.

    Spaces inside a reference do not matter. `fund_ids`: the books of who looks; of all that fits there, the newest.
    """
    compact = text.replace(" ", "")
    digits = compact.replace(".", "")
    number = int(digits) if digits.isdecimal() and len(digits) < 18 else None
    cents = _cents(text)
    of_line = Q(remittance__icontains=text) | Q(counterparty__icontains=text)
    of_payout = Q(end_to_end_id__iexact=compact) | Q(leftover_reference__iexact=compact)
    of_line |= Q(reference__iexact=compact) | Q(end_to_end_id__iexact=compact)
    if cents is not None:
        of_line |= Q(amount_cents=cents)
        of_payout |= Q(amount_cents=cents)
    theirs = BankLine.objects.filter(of_line, entry__transfers__fund__in=fund_ids)
    lines = theirs.order_by("-pk").distinct().values_list("pk", "entry_id")[:MOST_LINES]
    # What was recognised later came into their books by an entry of its own, and not by that of the line.
    recognised = BankLine.objects.filter(
        of_line, recognised_at__isnull=False, funding_request__fund__in=fund_ids
    ).order_by("-pk")
    fingerprints = recognised.values_list("fingerprint", flat=True)[:MOST_LINES]
    paid = Payout.objects.filter(of_payout, parts__fund__in=fund_ids)
    payouts = paid.order_by("-pk").distinct().values_list("pk", flat=True)[:MOST_LINES]
    return Sought(
        number=number,
        cents=cents,
        text=text,
        entry_ids=[entry_id for _, entry_id in lines],
        sources=[*(f"payout:{pk}" for pk in payouts), *sources_called(text)],
        kinds=kinds_called(text),
        keys=[f"recognised:{fingerprint}" for fingerprint in fingerprints],
    )


def _cents(text: str) -> int | None:
    try:
        return cents_of(text)
    except NotAnAmount:
        return None
