"""Stripe's balance, and its way to the bank account."""

from payments.sandbox import objects
from payments.sandbox.events import emit
from payments.sandbox.refusals import Refusal
from payments.sandbox.store import Change, Record

# Which payout a balance transaction went with. The API shows it only as a filter on the list of them.
PAID_OUT = "_paid_out"


def balance(change: Change) -> Record:
    return objects.balance(available_cents=sum(line["net"] for line in _not_paid_out(change)))


def pay_out_all(change: Change) -> Record:
    """Pays out the whole balance now. Below zero Stripe takes it from the bank account, and so does this.

    Raises `Refusal` if the balance is zero.
    """
    lines = _not_paid_out(change)
    amount_cents = sum(line["net"] for line in lines)
    if amount_cents == 0:
        raise Refusal("The balance is empty.", code="balance_insufficient", executed=True)
    payout_id, transaction_id = objects.new_id("po"), objects.new_id("txn")
    transaction = objects.balance_transaction(
        transaction_id=transaction_id,
        now=change.now,
        amount_cents=-amount_cents,
        kind="payout",
        reporting_category="payout",
        source_id=payout_id,
        description="STRIPE PAYOUT",
    )
    # Stripe lists the payout's own transaction among those it contains, so that they sum to zero.
    for line in [*lines, change.put(transaction)]:
        change.put({"object": PAID_OUT, "id": line["id"], "payout": payout_id})
    made = objects.payout(
        payout_id=payout_id, now=change.now, amount_cents=amount_cents, transaction_id=transaction_id
    )
    emit(change, "payout.created", made)
    paid = {**made, "status": "paid"}
    emit(change, "payout.paid", paid)
    reconciled = change.put({**paid, "reconciliation_status": "completed"})
    emit(change, "payout.reconciliation_completed", reconciled)
    return reconciled


def payout_of(change: Change, transaction_id: str) -> str | None:
    stamp = change.find(PAID_OUT, transaction_id)
    return stamp["payout"] if stamp else None


def _not_paid_out(change: Change) -> list[Record]:
    return [line for line in change.committed("balance_transaction") if payout_of(change, line["id"]) is None]
