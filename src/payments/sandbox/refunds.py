"""Refunds: never more than was paid and not yet given back."""

from payments.sandbox import objects
from payments.sandbox.events import emit
from payments.sandbox.forms import Params
from payments.sandbox.refusals import Refusal, missing
from payments.sandbox.store import Change, Record

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(change: Change, params: Params, *, pending: bool) -> Record:
    """The money leaves the balance now, also while the refund is `pending`. Raises `NotFound`, `Refusal`."""
    intent_id, charge_id = params.text("payment_intent"), params.text("charge")
    asked_cents = params.whole("amount", least=1, most=99_999_999)
    reason, metadata = params.choice("reason", REASONS), params.metadata()
    params.finish()
    charge = _charge_to_refund(change, intent_id=intent_id, charge_id=charge_id)
    amount_cents = _amount_to_refund(charge, asked_cents=asked_cents)
    refund_id, transaction_id = objects.new_id("pyr"), objects.new_id("txn")
    refund = objects.refund(
        refund_id=refund_id,
        now=change.now,
        charge=charge,
        amount_cents=amount_cents,
        transaction_id=transaction_id,
        reason=reason,
        metadata=metadata,
        status="pending" if pending else "succeeded",
    )
    change.put(
        objects.balance_transaction(
            transaction_id=transaction_id,
            now=change.now,
            amount_cents=-amount_cents,
            kind="payment_refund",
            reporting_category="refund",
            source_id=refund_id,
        )
    )
    emit(change, "refund.created", change.put(refund))
    emit(change, "charge.refunded", change.put(_given_back(charge, by_cents=amount_cents)))
    return refund


def settle(change: Change, refund_id: str) -> Record:
    """Raises `NotFound`, `Refusal` unless the refund is pending."""
    refund = change.put({**_refund_that_is(change, refund_id, "pending"), "status": "succeeded"})
    emit(change, "refund.updated", refund)
    return refund


def fail(change: Change, refund_id: str) -> Record:
    """The payer's bank sends it back, into the balance, perhaps after it seemed done. Raises `NotFound`, `Refusal`."""
    under_way = _refund_that_is(change, refund_id, "pending", "succeeded")
    transaction_id = objects.new_id("txn")
    refund = {
        **under_way,
        "status": "failed",
        "failure_reason": "declined",
        "failure_balance_transaction": transaction_id,
    }
    change.put(
        objects.balance_transaction(
            transaction_id=transaction_id,
            now=change.now,
            amount_cents=refund["amount"],
            kind="payment_failure_refund",
            reporting_category="refund_failure",
            source_id=refund_id,
        )
    )
    change.put(_given_back(change.get("charge", refund["charge"]), by_cents=-refund["amount"]))
    emit(change, "refund.updated", change.put(refund))
    emit(change, "refund.failed", refund)
    return refund


def _charge_to_refund(change: Change, *, intent_id: str | None, charge_id: str | None) -> Record:
    if charge_id is not None:
        charge = change.get("charge", charge_id)
        if intent_id not in (None, charge["payment_intent"]):
            raise Refusal("The charge is not one of this payment_intent.", param="charge")
        return charge
    if intent_id is None:
        raise missing("payment_intent")
    intent = change.get("payment_intent", intent_id)
    if intent["latest_charge"] is None:
        raise Refusal(
            f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
            param="payment_intent",
            executed=True,
        )
    return change.get("charge", intent["latest_charge"])


def _amount_to_refund(charge: Record, *, asked_cents: int | None) -> int:
    left_cents: int = charge["amount"] - charge["amount_refunded"]
    if left_cents == 0:
        raise Refusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", executed=True
        )
    if asked_cents is not None and asked_cents > left_cents:
        raise Refusal(
            f"Refund amount ({asked_cents} cents) is greater than "
            f"unrefunded amount on charge ({left_cents} cents)",
            param="amount",
            executed=True,
        )
    return left_cents if asked_cents is None else asked_cents


def _given_back(charge: Record, *, by_cents: int) -> Record:
    refunded_cents = charge["amount_refunded"] + by_cents
    return {**charge, "amount_refunded": refunded_cents, "refunded": refunded_cents == charge["amount"]}


def _refund_that_is(change: Change, refund_id: str, *statuses: str) -> Record:
    refund = change.get("refund", refund_id)
    if refund["status"] not in statuses:
        raise Refusal(f"This refund is not {' or '.join(statuses)} but {refund['status']}.", executed=True)
    return refund
