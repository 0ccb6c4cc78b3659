"""Stripe's objects in the shape of API version 2026-10-28.endive: every field, most of them null."""

import secrets
import string

from payments.sandbox.store import Record

API_VERSION = "2026-10-28.endive"
CURRENCY = "eur"
# What Stripe keeps of each payment: a fixed sum, near what iDEAL costs, so that a test can name it.
FEE_CENTS = 35
METHOD = "ideal"
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, *, length: int = 24) -> str:
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


def checkout_session(
    *,
    session_id: str,
    now: int,
    amount_cents: int,
    metadata: dict[str, str],
    client_reference_id: str | None,
    customer_email: str | None,
    success_url: str,
    cancel_url: str | None,
    expires_at: int,
    locale: str | None,
    submit_type: str | None,
    url: str,
) -> Record:
    """An open session of `mode=payment`. Its payment intent comes with the first try to pay, as at Stripe."""
    return {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": amount_cents,
        "amount_total": amount_cents,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": cancel_url,
        "client_reference_id": client_reference_id,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": now,
        "currency": CURRENCY,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_account": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": customer_email,
        "discounts": [],
        "expires_at": expires_at,
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": locale,
        "managed_payments": None,
        "metadata": metadata,
        "mode": "payment",
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": [METHOD],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": submit_type,
        "subscription": None,
        "success_url": success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": url,
        "wallet_options": None,
    }


def payment_intent(
    *, now: int, amount_cents: int, metadata: dict[str, str], description: str | None
) -> Record:
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount_cents,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{secrets.token_hex(12)}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": CURRENCY,
        "customer": None,
        "customer_account": None,
        "description": description,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": [METHOD],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def charge(*, charge_id: str, now: int, intent: Record, email: str | None) -> Record:
    """A payment that succeeded, not yet in the balance. Stripe writes the metadata of the intent on its charge too."""
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {
            "address": _no_address(),
            "email": email,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": now,
        "currency": CURRENCY,
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm"),
        "payment_method_details": {
            "ideal": {
                "bank": "rabobank",
                "bic": "RABONL2U",
                "generated_sepa_debit": None,
                "generated_sepa_debit_mandate": None,
                "iban_last4": "5264",
                "transaction_id": None,
                "verified_name": None,
            },
            "type": METHOD,
        },
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def balance_transaction(
    *,
    transaction_id: str,
    now: int,
    amount_cents: int,
    kind: str,
    reporting_category: str,
    source_id: str,
    fee_cents: int = 0,
    description: str | None = None,
) -> Record:
    """A line of Stripe's own books; available at once. `kind` is what the API calls `type`."""
    fee = {
        "amount": fee_cents,
        "application": None,
        "currency": CURRENCY,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return {
        "id": transaction_id,
        "object": "balance_transaction",
        "amount": amount_cents,
        "available_on": now,
        "balance_type": "payments",
        "created": now,
        "currency": CURRENCY,
        "description": description,
        "exchange_rate": None,
        "fee": fee_cents,
        "fee_details": [fee] if fee_cents else [],
        "net": amount_cents - fee_cents,
        "reporting_category": reporting_category,
        "source": source_id,
        "status": "available",
        "type": kind,
    }


def balance(*, available_cents: int) -> Record:
    def of(amount_cents: int) -> list[Record]:
        return [{"amount": amount_cents, "currency": CURRENCY, "source_types": {"card": amount_cents}}]

    return {
        "object": "balance",
        "available": of(available_cents),
        "connect_reserved": [{"amount": 0, "currency": CURRENCY}],
        "livemode": False,
        "pending": of(0),
    }


def refund(
    *,
    refund_id: str,
    now: int,
    charge: Record,
    amount_cents: int,
    transaction_id: str,
    reason: str | None,
    metadata: dict[str, str],
    status: str,
) -> Record:
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount_cents,
        "balance_transaction": transaction_id,
        "charge": charge["id"],
        "created": now,
        "currency": CURRENCY,
        "customer": None,
        "customer_account": None,
        "destination_details": {METHOD: {}, "type": METHOD},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }


def payout(*, payout_id: str, now: int, amount_cents: int, transaction_id: str) -> Record:
    return {
        "id": payout_id,
        "object": "payout",
        "amount": amount_cents,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": now,
        "automatic": True,
        "balance_transaction": transaction_id,
        "created": now,
        "currency": CURRENCY,
        "description": "STRIPE PAYOUT",
        "destination": "ba_1SandboxBuurtpot00000001",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }


def event(
    *,
    now: int,
    kind: str,
    about: Record,
    listeners: int,
    request_id: str | None,
    idempotency_key: str | None,
) -> Record:
    """`about`: the object as it was at this moment."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": listeners,
        "request": {"id": request_id, "idempotency_key": idempotency_key},
        "type": kind,
    }


def _no_address() -> Record:
    return dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
