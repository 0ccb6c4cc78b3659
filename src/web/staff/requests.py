"""A sum that a funder was asked for: how to pay it, and what has arrived."""

import base64
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from ledger import queries as books
from ledger.chart import Code
from payments.bank import epc_qr
from payments.queries import arrived_by_fund, arrived_by_request
from programmes.models import FundingRequest


@dataclass(frozen=True)
class Asked:
    """One request, and what came in for it."""

    request: FundingRequest
    arrived_cents: int

    @property
    def open_cents(self) -> int:
        return max(self.request.amount_cents - self.arrived_cents, 0)


@dataclass(frozen=True)
class Payment:
    """What a funder's own bank needs: a picture to scan, and the same as words."""

    name: str
    iban: str
    amount_cents: int
    reference: str
    picture: str  # a data URL


@dataclass(frozen=True)
class Funding:
    """All requests of one fund."""

    asked: tuple[Asked, ...]
    payment: Payment | None

    @property
    def asked_cents(self) -> int:
        return sum(one.request.amount_cents for one in self.asked)

    @property
    def arrived_cents(self) -> int:
        return sum(one.arrived_cents for one in self.asked)

    @property
    def open_cents(self) -> int:
        return max(self.asked_cents - self.arrived_cents, 0)


@dataclass(frozen=True)
class Sums:
    """What came from the bank into a fund's budget, ever, and what of it is not yet given out."""

    received_cents: int
    free_cents: int


def sums_of(fund_ids: Collection[int]) -> dict[int, Sums]:
    """Fund id -> its sums, for funds that have a budget account; in two queries."""
    budgets = books.accounts_of(fund_ids=fund_ids).filter(kind_id=int(Code.BUDGET))
    arrived = arrived_by_fund(fund_ids)
    free = budgets.order_by("fund_id").values_list("fund_id", "balance_cents")
    return {fund_id: Sums(arrived.get(fund_id, 0), cents or 0) for fund_id, cents in free}


def funding_of(fund_id: int) -> Funding:
    requests = list(FundingRequest.objects.filter(fund_id=fund_id).select_related("made_by").order_by("pk"))
    arrived = arrived_by_request([request.pk for request in requests])
    asked = tuple(Asked(request, arrived.get(request.pk, 0)) for request in requests)
    whole = Funding(asked, None)
    if whole.open_cents == 0:
        return whole
    # The newest request that is still open is the one to pay now.
    now = next(one for one in reversed(asked) if one.open_cents)
    return Funding(asked, payment_of(now.request, min(now.open_cents, whole.open_cents)))


def payment_of(request: FundingRequest, amount_cents: int) -> Payment:
    payload = epc_qr.payload(
        name=settings.OPERATOR_NAME,
        iban=settings.OPERATOR_IBAN,
        amount_cents=amount_cents,
        reference=request.reference,
    )
    drawn = base64.b64encode(epc_qr.svg(payload).encode()).decode()
    return Payment(
        name=settings.OPERATOR_NAME,
        iban=settings.OPERATOR_IBAN,
        amount_cents=amount_cents,
        reference=request.reference,
        picture=f"data:image/svg+xml;base64,{drawn}",
    )
