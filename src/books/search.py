"""What somebody may mean by what they type to find an entry."""

from django.db.models import Q

from common.money import NotAnAmount, cents_of
from ledger.audit import Sought
from payments.models import BankLine, Payout

MOST_LINES = 200


def sought(text: str) -> Sought:
    """A number of an entry, an amount as people type it, or part of a reference, a source or a line of the statement.

    Spaces inside a reference do not matter.
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
    lines = BankLine.objects.filter(of_line).order_by("-pk").values_list("entry_id", flat=True)[:MOST_LINES]
    payouts = Payout.objects.filter(of_payout).order_by("-pk").values_list("pk", flat=True)[:MOST_LINES]
    return Sought(
        number=number,
        cents=cents,
        text=text,
        entry_ids=list(lines),
        sources=[f"payout:{pk}" for pk in payouts],
    )


def _cents(text: str) -> int | None:
    try:
        return cents_of(text)
    except NotAnAmount:
        return None
