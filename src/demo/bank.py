"""The bank that a demo lacks: what could move on the account next, and the statement that says it did."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from campaigns import receipts
from campaigns.models import State
from demo.neighbourhood import payer
from ledger.operations import AMSTERDAM
from payments import gateway
from payments.bank import camt053_writer
from payments.bank.statement import Line, Statement
from payments.models import BankLine, BankStatement, Payout, StripePayout
from payments.queries import arrived_by_request
from programmes.models import FundingRequest

# How far back a payout by Stripe is looked for that no statement has shown.
STRIPE_LOOKS_BACK = timedelta(days=30)
ALL_AT_STRIPE = "stripe"
STRIPES_NAME = "Stripe Technology Europe Ltd"


class Why(StrEnum):
    FUNDING = "funding"
    PAYOUT = "payout"
    LEFTOVER = "leftover"
    STRIPE = "stripe"


@dataclass(frozen=True)
class Movement:
    """What may happen on the account. `key` names it in a form."""

    key: str
    why: Why
    line: Line


def movements(now: datetime) -> list[Movement]:
    """All that others owe, all that is on its way, and what Stripe holds. Raises gateway.GatewayDown, GatewayRefused."""
    return [*_asked(now), *_on_their_way(now), *_left_over(now), *_at_stripe(now)]


def statement_of(keys: Collection[str], now: datetime) -> bytes | None:
    """A statement with these movements; None where none of them can happen (any more).

    Stripe pays out when it is asked for here. Raises gateway.GatewayDown, GatewayRefused, payer.NoStandIn.
    """
    wanted = set(keys) - {ALL_AT_STRIPE}
    if ALL_AT_STRIPE in keys and gateway.balance_cents():
        wanted.add(payer.pay_out().payout_id)
    chosen = [movement.line for movement in movements(now) if movement.key in wanted]
    return statement(chosen, now) if chosen else None


def statement(lines: Sequence[Line], now: datetime) -> bytes:
    """A camt.053 file that goes on where the last statement that was taken in ended."""
    day = now.astimezone(AMSTERDAM).date()
    before = BankStatement.objects.order_by("-pk").first()
    number = BankStatement.objects.count() + 1
    opening_cents = before.closing_cents if before else 0
    return camt053_writer.write(
        Statement(
            identification=f"{day.year}-{number:03d}",
            sequence_number=number,
            iban=settings.OPERATOR_IBAN,
            opening_cents=opening_cents,
            opening_on=before.closing_on if before else day,
            closing_cents=opening_cents + sum(line.signed_cents for line in lines),
            closing_on=day,
            created_at=now,
            lines=tuple(lines),
        )
    )


def line(signed_cents: int, now: datetime, **texts: str) -> Line:
    """A movement of today. `texts`: fields of Line."""
    day = now.astimezone(AMSTERDAM).date()
    return Line(
        amount_cents=abs(signed_cents),
        credit=signed_cents > 0,
        booked_on=day,
        value_on=day,
        **texts,  # type: ignore[arg-type]  # only text fields
    )


def payout_line(payout: Payout, now: datetime) -> Line:
    """As the bank shows a payment of our own file."""
    return line(
        -payout.amount_cents,
        now,
        end_to_end_id=payout.end_to_end_id,
        counterparty_name=payout.holder,
        counterparty_iban=payout.iban,
        remittance=f"Buurtpot: {payout.campaign.title}",
    )


def leftover_line(payout: Payout, now: datetime) -> Line:
    """All that no receipt accounts for comes back, under the reference that the initiator was given."""
    return line(
        sum(receipts.unaccounted(payout.campaign).values()),
        now,
        structured_reference=payout.leftover_reference,
        counterparty_name=payout.holder,
        counterparty_iban=payout.iban,
    )


def stripe_line(payout_id: str, signed_cents: int, now: datetime) -> Line:
    """As the bank shows a payout by Stripe, or what Stripe takes back."""
    return line(signed_cents, now, counterparty_name=STRIPES_NAME, remittance=f"STRIPE {payout_id}")


def _asked(now: datetime) -> Iterator[Movement]:
    """What was asked and is not there, nor lies among what nobody recognised yet."""
    unknown = BankLine.objects.filter(kind=BankLine.Kind.UNKNOWN, credit=True, recognised_at__isnull=True)
    waiting = set(unknown.values_list("counterparty", "amount_cents"))
    requests = list(FundingRequest.objects.select_related("fund__organisation").order_by("pk"))
    arrived = arrived_by_request([request.pk for request in requests])
    for request in requests:
        open_cents = request.amount_cents - arrived.get(request.pk, 0)
        if open_cents > 0 and (request.fund.organisation.name, open_cents) not in waiting:
            pays = line(
                open_cents,
                now,
                structured_reference=request.reference,
                counterparty_name=request.fund.organisation.name,
            )
            yield Movement(f"funding-{request.pk}", Why.FUNDING, pays)


def _on_their_way(now: datetime) -> Iterator[Movement]:
    for payout in Payout.objects.filter(state=Payout.State.SENT).select_related("campaign").order_by("pk"):
        yield Movement(f"payout-{payout.pk}", Why.PAYOUT, payout_line(payout, now))


def _left_over(now: datetime) -> Iterator[Movement]:
    paid = Payout.objects.filter(state=Payout.State.CONFIRMED, campaign__state=State.PAID)
    for payout in paid.select_related("campaign").order_by("pk"):
        back = leftover_line(payout, now)
        if back.amount_cents:
            yield Movement(f"leftover-{payout.pk}", Why.LEFTOVER, back)


def _at_stripe(now: datetime) -> Iterator[Movement]:
    made: Counter[str] = Counter()  # a payout that failed stands there twice, and is nothing
    for found in gateway.payouts_since(now - STRIPE_LOOKS_BACK):
        made[found.source_id] -= found.net_cents
    shown = set(StripePayout.objects.filter(payout_id__in=made).values_list("payout_id", flat=True))
    for payout_id, cents in made.items():
        if cents and payout_id not in shown:
            yield Movement(payout_id, Why.STRIPE, stripe_line(payout_id, cents, now))
    held_cents = gateway.balance_cents()
    if held_cents:
        yield Movement(ALL_AT_STRIPE, Why.STRIPE, line(held_cents, now, counterparty_name=STRIPES_NAME))
