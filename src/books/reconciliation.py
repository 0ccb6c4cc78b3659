"""Reconciliation: the books over all funds beside what the bank and Stripe say."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Min, Sum

from ledger import queries as books
from ledger.chart import Code
from payments import gateway
from payments.models import BankLine, BankStatement, StripePayout
from payments.queries import lines_naming_stripe_payouts


@dataclass(frozen=True)
class Bank:
    """The ledger's 1000 beside the closing balance of the last statement. No statement yet: `closing_on` is None, 0 cents."""

    ledger_cents: int
    statement_cents: int
    statement: str
    closing_on: date | None

    @property
    def difference_cents(self) -> int:
        return self.ledger_cents - self.statement_cents


@dataclass(frozen=True)
class Stripe:
    """The ledger's 1100 beside the balance at Stripe; None when Stripe could not be reached.

    `on_its_way_cents`: what Stripe took off its balance and no statement has shown yet. `at`: when it was asked.
    """

    at: datetime
    ledger_cents: int
    balance_cents: int | None
    on_its_way_cents: int

    @property
    def answered(self) -> bool:
        return self.balance_cents is not None

    @property
    def difference_cents(self) -> int | None:
        if self.balance_cents is None:
            return None
        return self.ledger_cents - self.balance_cents - self.on_its_way_cents


@dataclass(frozen=True)
class Unidentified:
    """The ledger's 2900 beside the receipts that nobody has recognised: how many, how much, since when."""

    ledger_cents: int
    open_cents: int
    count: int
    oldest_on: date | None


@dataclass(frozen=True)
class Reconciliation:
    bank: Bank
    stripe: Stripe
    unidentified: Unidentified


SECONDS_KEPT = 60
# A payout is in the bank within days. One that is not there after a month is a difference, to be looked at.
ON_ITS_WAY_AT_MOST = timedelta(days=30)


def reconcile(*, now: datetime) -> Reconciliation:
    """All three. Asks Stripe over the network, so not inside a transaction."""
    return Reconciliation(bank(), stripe_lately(now=now), unidentified())


def stripe_lately(*, now: datetime) -> Stripe:
    """The comparison with Stripe, at most a minute old: who leafs through the books does not ask Stripe at every page.

    An answer that did not come is kept as long, so that pages stay quick while Stripe is down.
    """
    found: Stripe | None = cache.get("reconciliation:stripe")
    if found is None:
        found = stripe(now=now)
        cache.set("reconciliation:stripe", found, SECONDS_KEPT)
    return found


def bank() -> Bank:
    last = BankStatement.objects.order_by("-pk").first()
    return Bank(
        ledger_cents=books.total(code=Code.BANK),
        statement_cents=last.closing_cents if last else 0,
        statement=last.identification if last else "",
        closing_on=last.closing_on if last else None,
    )


def stripe(*, now: datetime) -> Stripe:
    try:
        balance_cents = gateway.balance_cents()
        sent = gateway.payouts_since(now - ON_ITS_WAY_AT_MOST)
    except (gateway.GatewayDown, gateway.GatewayRefused):
        return Stripe(now, books.total(code=Code.STRIPE_CLEARING), None, 0)
    payouts: dict[str, int] = {}
    for one in sent:
        # A payout that failed is a second line of the same payout, the other way.
        payouts[one.source_id] = payouts.get(one.source_id, 0) - one.net_cents
    booked = StripePayout.objects.filter(payout_id__in=payouts).values_list("payout_id", flat=True)
    # At the bank and not booked as Stripe's: that is a difference, and no longer on its way.
    arrived = {*booked, *lines_naming_stripe_payouts()} & payouts.keys()
    return Stripe(
        at=now,
        ledger_cents=books.total(code=Code.STRIPE_CLEARING),
        balance_cents=balance_cents,
        on_its_way_cents=sum(payouts.values()) - sum(payouts[payout_id] for payout_id in arrived),
    )


def unidentified() -> Unidentified:
    waiting = BankLine.objects.filter(
        kind=BankLine.Kind.UNKNOWN, credit=True, recognised_at__isnull=True
    ).aggregate(cents=Sum("amount_cents", default=0), count=Count("pk"), oldest=Min("booked_on"))
    return Unidentified(
        books.total(code=Code.UNIDENTIFIED), waiting["cents"], waiting["count"], waiting["oldest"]
    )
