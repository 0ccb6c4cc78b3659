"""Stripe, as little of it as we need. The only module that imports `stripe`.

Every function here goes over the network, so none may run inside a database transaction. What they give are facts that were
*retrieved*: nothing that a browser or a webhook says passes through here but ids.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings

TIMEOUT_SECONDS = 8  # somebody may be waiting for the page; the worker comes back by itself
# The kinds of balance transaction that take money to our bank, and back: https://docs.stripe.com/reports/balance-transaction-types
PAYOUT_KINDS = ("payout", "payout_failure", "payout_cancel")
EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    # A charge may get its balance transaction, so its amount and fee, only after the payment:
    # https://docs.stripe.com/payments/payment-intents/asynchronous-capture
    "charge.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
)


class GatewayDown(Exception):
    """Stripe did not answer, or with an error of its own. What was asked can be asked again with the same key."""


class GatewayRefused(Exception):
    """Stripe understood and said no. `code` is its word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadSignature(Exception):
    """A webhook that Stripe did not sign, or signed too long ago."""


@dataclass(frozen=True)
class Session:
    """A payment page. `status`: open, complete or expired. `paid` is None until the money is certain."""

    session_id: str
    url: str | None
    status: str
    failed: bool
    reference: str
    payment_intent_id: str | None
    paid: "Paid | None"


@dataclass(frozen=True)
class Paid:
    """What Stripe received, in cents, and what it keeps of it."""

    charge_id: str
    balance_transaction_id: str
    amount_cents: int
    fee_cents: int
    currency: str


@dataclass(frozen=True)
class Event:
    """A reason to look: which kind, about which object."""

    event_id: str
    kind: str
    object_id: str


@dataclass(frozen=True)
class Refund:
    """`status`: pending, succeeded, failed, canceled, requires_action."""

    refund_id: str
    charge_id: str
    status: str
    amount_cents: int


@dataclass(frozen=True)
class BalanceTransaction:
    """A movement of our balance at Stripe. `net_cents` is signed: amount less fee.

    `charge_id`: the payment that it is, or that a refund gives back; empty where it concerns no payment. `reference`: of the
    donation that a payment says it is for.
    """

    balance_transaction_id: str
    kind: str
    source_id: str
    charge_id: str
    amount_cents: int
    fee_cents: int
    net_cents: int
    at: datetime
    reference: str


def _client() -> stripe.StripeClient:
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses={"api": settings.STRIPE_API_BASE},
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


class _Errors:
    """Turns the library's errors into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
            raise GatewayRefused(error.code or "") from error
        if isinstance(error, stripe.StripeError):
            raise GatewayDown(str(error)) from error


def create_session(
    *,
    reference: str,
    attempt: int = 0,
    amount_cents: int,
    description: str,
    email: str,
    language: str,
    success_url: str,
    cancel_url: str,
    expires_at: datetime,
) -> Session:
    """A hosted payment page. `reference` and `attempt` are the idempotency key: asked again they give the same page.

    No payment method is named: which there are is the provider's business. Raises GatewayDown, GatewayRefused.
    """
    params: dict[str, Any] = {
        "mode": "payment",
        "client_reference_id": reference,
        "metadata": {"donation": reference},
        "payment_intent_data": {"metadata": {"donation": reference}},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": amount_cents,
                    "product_data": {"name": description},
                },
            }
        ],
        "locale": language,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": int(expires_at.timestamp()),
    }
    if email:
        params["customer_email"] = email
    with _Errors():
        made = _client().v1.checkout.sessions.create(
            params,  # type: ignore[arg-type]  # the library's TypedDict wants literals
            {"idempotency_key": f"session-{reference}-{attempt}"},
        )
    return _session(made)


def retrieve_session(session_id: str) -> Session:
    """Raises GatewayDown, GatewayRefused."""
    with _Errors():
        found = _client().v1.checkout.sessions.retrieve(
            session_id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
        )
    return _session(found)


def donation_of_charge(charge_id: str) -> str:
    """The reference of the donation that a charge is for, empty where it is not of ours. Raises GatewayDown, GatewayRefused."""
    with _Errors():
        charge = _client().v1.charges.retrieve(charge_id)
    return str(charge.metadata["donation"]) if "donation" in charge.metadata else ""


def _session(found: stripe.checkout.Session) -> Session:
    intent = found.payment_intent
    paid = None
    failed = False
    if isinstance(intent, stripe.PaymentIntent):
        failed = intent.status in ("requires_payment_method", "canceled") and found.status == "complete"
        if found.payment_status == "paid" and intent.status == "succeeded":
            paid = _paid(intent)
    return Session(
        session_id=found.id,
        url=found.url,
        status=found.status or "open",
        failed=failed,
        reference=found.client_reference_id or "",
        payment_intent_id=intent.id if isinstance(intent, stripe.PaymentIntent) else intent,
        paid=paid,
    )


def _paid(intent: stripe.PaymentIntent) -> Paid | None:
    charge = intent.latest_charge
    if not isinstance(charge, stripe.Charge) or not charge.captured:
        return None
    transaction = charge.balance_transaction
    if not isinstance(transaction, stripe.BalanceTransaction):
        return None
    return Paid(
        charge_id=charge.id,
        balance_transaction_id=transaction.id,
        amount_cents=transaction.amount,
        fee_cents=transaction.fee,
        currency=transaction.currency,
    )


def verified_event(*, body: bytes, signature: str) -> Event:
    """The event of a webhook whose signature is right. Raises BadSignature."""
    try:
        event = stripe.Webhook.construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET)
        return Event(str(event["id"]), str(event["type"]), str(event["data"]["object"]["id"]))
    except (ValueError, KeyError, TypeError, AttributeError, stripe.SignatureVerificationError) as error:
        raise BadSignature from error


def events_since(moment: datetime) -> Iterator[Event]:
    """Everything that concerns us since a moment, newest first: for webhooks that never came. Raises GatewayDown."""
    with _Errors():
        found = _client().v1.events.list(
            {"types": list(EVENTS), "created": {"gte": int(moment.timestamp())}, "limit": 100}
        )
        for event in found.auto_paging_iter():
            yield Event(event.id, event.type, str(event.data.object["id"]))


def create_refund(*, charge_id: str, amount_cents: int, reference: str, attempt: int = 0) -> Refund:
    """Asks for money to go back to who gave it; `reference` and `attempt` are the idempotency key.

    Raises GatewayDown, GatewayRefused.
    """
    with _Errors():
        made = _client().v1.refunds.create(
            {"charge": charge_id, "amount": amount_cents, "metadata": {"donation": reference}},
            {"idempotency_key": f"refund-{reference}-{attempt}"},
        )
    return _refund(made)


def retrieve_refund(refund_id: str) -> Refund:
    """Raises GatewayDown, GatewayRefused."""
    with _Errors():
        return _refund(_client().v1.refunds.retrieve(refund_id))


def _refund(found: stripe.Refund) -> Refund:
    charge = found.charge
    return Refund(
        refund_id=found.id,
        charge_id=charge.id if isinstance(charge, stripe.Charge) else charge or "",
        status=found.status or "pending",
        amount_cents=found.amount,
    )


def transactions_of_payout(payout_id: str) -> list[BalanceTransaction]:
    """What a payout to the bank is made of, without the payout itself. Raises GatewayDown, GatewayRefused."""
    return [found for found in _transactions({"payout": payout_id, "limit": 100}) if found.kind != "payout"]


def all_transactions() -> list[BalanceTransaction]:
    """Every movement of our balance at Stripe, for the comparison with the books. Raises GatewayDown."""
    return list(_transactions({"limit": 100}))


def transactions_since(moment: datetime) -> list[BalanceTransaction]:
    """Those made at that moment or later. Raises GatewayDown, GatewayRefused."""
    return list(_transactions({"created": {"gte": int(moment.timestamp())}, "limit": 100}))


def balance_cents() -> int:
    """Our balance at Stripe in euros, with what is not available yet. Raises GatewayDown, GatewayRefused."""
    with _Errors():
        found = _client().v1.balance.retrieve()
    available = sum(part.amount for part in found.available if part.currency == "eur")
    return available + sum(part.amount for part in found.pending if part.currency == "eur")


def payouts_since(moment: datetime) -> list[BalanceTransaction]:
    """What Stripe took off our balance for the bank since then, and what came back. Raises GatewayDown, GatewayRefused."""
    return [
        found
        for kind in PAYOUT_KINDS
        for found in _transactions({"type": kind, "created": {"gte": int(moment.timestamp())}, "limit": 100})
    ]


def _charge_of(source: object) -> str:
    if isinstance(source, stripe.Charge):
        return source.id
    charge = source.charge if isinstance(source, stripe.Refund) else None
    return charge.id if isinstance(charge, stripe.Charge) else charge or ""


def _reference_of(source: object) -> str:
    if isinstance(source, stripe.Charge) and "donation" in source.metadata:
        return str(source.metadata["donation"])
    return ""


def _transactions(params: dict[str, Any]) -> Iterator[BalanceTransaction]:
    with _Errors():
        asked = {**params, "expand": ["data.source"]}
        found = _client().v1.balance_transactions.list(asked)  # type: ignore[arg-type]  # built above
        for transaction in found.auto_paging_iter():
            source = transaction.source
            yield BalanceTransaction(
                balance_transaction_id=transaction.id,
                kind=transaction.type,
                source_id=source if isinstance(source, str) else getattr(source, "id", ""),
                charge_id=_charge_of(source),
                amount_cents=transaction.amount,
                fee_cents=transaction.fee,
                net_cents=transaction.net,
                at=datetime.fromtimestamp(transaction.created, UTC),
                reference=_reference_of(source),
            )
