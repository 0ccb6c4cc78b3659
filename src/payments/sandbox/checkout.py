"""The life of a checkout session: opened, then paid, tried in vain, left to the bank, or expired."""

from payments.sandbox import objects
from payments.sandbox.events import emit
from payments.sandbox.forms import Params
from payments.sandbox.refusals import Refusal, invalid, missing
from payments.sandbox.store import Change, Record

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
LEAST_CENTS, MOST_CENTS = 50, 99_999_999
MOST_LINES = 100
# Of `expires_at`, after creation: https://docs.stripe.com/api/checkout/sessions/create.
SHORTEST_SECONDS, LONGEST_SECONDS = 30 * 60, 24 * 60 * 60


def create(change: Change, params: Params, *, pay_url: str) -> Record:
    """`pay_url`: where payment pages are; the session's id is put behind it. Raises `Refusal`."""
    if params.choice("mode", ("payment",)) is None:
        raise missing("mode")
    items = [_read_item(row) for row in params.rows("line_items")]
    if not 0 < len(items) <= MOST_LINES:
        raise missing("line_items")
    amount_cents = sum(item["unit_cents"] * item["quantity"] for item in items)
    _check_amount(amount_cents)
    success_url = params.url("success_url")
    if success_url is None:
        raise missing("success_url")
    session_id = objects.new_id("cs_test", length=58)
    session = objects.checkout_session(
        session_id=session_id,
        now=change.now,
        amount_cents=amount_cents,
        metadata=params.metadata(),
        client_reference_id=params.text("client_reference_id", most=200),
        customer_email=params.text("customer_email", most=512),
        success_url=success_url,
        cancel_url=params.url("cancel_url"),
        expires_at=_read_expiry(params, now=change.now),
        locale=params.text("locale", most=10),
        submit_type=params.choice("submit_type", ("auto", "book", "donate", "pay")),
        url=f"{pay_url}/{session_id}",
    )
    for_intent = params.group("payment_intent_data")
    order = {
        "object": "_order",
        "id": session_id,
        "items": items,
        "intent_metadata": for_intent.metadata(),
        "intent_description": for_intent.text("description", most=1000),
    }
    params.finish()
    change.put(order)
    return change.put(session)


def expire(change: Change, session_id: str) -> Record:
    """Raises `NotFound`, `Refusal` unless the session is open."""
    session = change.get("checkout.session", session_id)
    if session["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}.",
            executed=True,
        )
    expired = change.put({**session, "status": "expired", "url": None})
    emit(change, "checkout.session.expired", expired)
    return expired


def expire_due(change: Change) -> None:
    for session in change.committed("checkout.session"):
        if session["status"] == "open" and session["expires_at"] <= change.now:
            expire(change, session["id"])


def pay(change: Change, session_id: str, *, balanced: bool = True) -> Record:
    """The payer pays and the money is there. Raises `NotFound`, `Refusal` unless the session is open.

    Not `balanced`: the balance transaction comes later, see `balance`.
    """
    session = _open_session(change, session_id)
    intent = _succeed(change, session, _intent_of(change, session), balanced=balanced)
    paid = change.put({**_completed(session, intent), "payment_status": "paid"})
    emit(change, "checkout.session.completed", paid)
    return paid


def pay_later(change: Change, session_id: str) -> Record:
    """The payer is done, the bank is not. Raises `NotFound`, `Refusal` unless the session is open."""
    session = _open_session(change, session_id)
    intent = change.put({**_intent_of(change, session), "status": "processing", "last_payment_error": None})
    completed = change.put(_completed(session, intent))
    emit(change, "checkout.session.completed", completed)
    return completed


def fail(change: Change, session_id: str) -> Record:
    """The payment fails; the session stays open. Raises `NotFound`, `Refusal` unless it was open."""
    session = _open_session(change, session_id)
    intent = _fail(change, _intent_of(change, session))
    return change.put({**session, "payment_intent": intent["id"]})


def settle_later(change: Change, session_id: str, *, succeeded: bool) -> Record:
    """The bank answers after all. Raises `NotFound`, `Refusal` unless the payment is being processed."""
    session = change.get("checkout.session", session_id)
    intent = change.find("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise Refusal("This Checkout Session waits for no bank.", executed=True)
    if succeeded:
        _succeed(change, session, intent)
        settled = change.put({**session, "payment_status": "paid"})
        emit(change, "checkout.session.async_payment_succeeded", settled)
        return settled
    _fail(change, intent)
    emit(change, "checkout.session.async_payment_failed", session)
    return session


def balance(change: Change, session_id: str) -> Record:
    """The balance transaction that a payment lacked. Raises `NotFound`, `Refusal` unless it lacks one."""
    session = change.get("checkout.session", session_id)
    intent = change.find("payment_intent", session["payment_intent"] or "")
    charge = change.find("charge", (intent and intent["latest_charge"]) or "")
    if charge is None or charge["balance_transaction"] is not None:
        raise Refusal("This Checkout Session waits for no balance transaction.", executed=True)
    balanced = change.put({**charge, "balance_transaction": _balance(change, charge)})
    emit(change, "charge.updated", balanced)
    return balanced


def _read_item(row: Params) -> Record:
    price = row.group("price_data")
    product = price.group("product_data")
    product.text("description")
    product.metadata()
    currency = price.needed_text("currency").lower()
    if currency != objects.CURRENCY:
        raise invalid(price.path("currency"), f"{currency}. This account takes only {objects.CURRENCY}")
    return {
        "name": product.needed_text("name", most=250),
        "unit_cents": price.needed_whole("unit_amount", least=0, most=MOST_CENTS),
        "quantity": row.needed_whole("quantity", least=1, most=999_999),
    }


def _check_amount(amount_cents: int) -> None:
    if amount_cents < LEAST_CENTS:
        raise invalid(
            "line_items", f"the total must be at least {LEAST_CENTS} cents", code="amount_too_small"
        )
    if amount_cents > MOST_CENTS:
        raise invalid("line_items", f"the total must be at most {MOST_CENTS} cents", code="amount_too_large")


def _read_expiry(params: Params, *, now: int) -> int:
    expires_at = params.whole("expires_at", least=0, most=2**40)
    if expires_at is None:
        return now + LONGEST_SECONDS
    if not SHORTEST_SECONDS <= expires_at - now <= LONGEST_SECONDS:
        raise invalid("expires_at", "must be from 30 minutes to 24 hours from now")
    return expires_at


def _open_session(change: Change, session_id: str) -> Record:
    session = change.get("checkout.session", session_id)
    if session["status"] != "open" or session["expires_at"] <= change.now:
        raise Refusal("This Checkout Session is not open any more.", executed=True)
    return session


def _intent_of(change: Change, session: Record) -> Record:
    if session["payment_intent"] is not None:
        return change.get("payment_intent", session["payment_intent"])
    order = change.get("_order", session["id"])
    return objects.payment_intent(
        now=change.now,
        amount_cents=session["amount_total"],
        metadata=order["intent_metadata"],
        description=order["intent_description"],
    )


def _completed(session: Record, intent: Record) -> Record:
    details = {
        "address": None,
        "business_name": None,
        "email": session["customer_email"],
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }
    return {
        **session,
        "status": "complete",
        "url": None,
        "payment_intent": intent["id"],
        "customer_details": details,
    }


def _balance(change: Change, charge: Record) -> str:
    """Puts the charge in the balance; gives the id of the line."""
    transaction_id = objects.new_id("txn")
    change.put(
        objects.balance_transaction(
            transaction_id=transaction_id,
            now=change.now,
            amount_cents=charge["amount"],
            fee_cents=objects.FEE_CENTS,
            kind="payment",
            reporting_category="charge",
            source_id=charge["id"],
            description=charge["description"],
        )
    )
    return transaction_id


def _succeed(change: Change, session: Record, intent: Record, *, balanced: bool = True) -> Record:
    # Not `ch_` and not type `charge`: for anything but cards Stripe writes `py_` and `payment`,
    # see https://docs.stripe.com/reports/balance-transaction-types.
    charge_id = objects.new_id("py")
    charge = objects.charge(
        charge_id=charge_id, now=change.now, intent=intent, email=session["customer_email"]
    )
    if balanced:
        charge["balance_transaction"] = _balance(change, charge)
    succeeded = {
        **intent,
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge_id,
        "payment_method": charge["payment_method"],
        "last_payment_error": None,
    }
    emit(change, "charge.succeeded", change.put(charge))
    emit(change, "payment_intent.succeeded", change.put(succeeded))
    return succeeded


def _fail(change: Change, intent: Record) -> Record:
    failed = {
        **intent,
        "status": "requires_payment_method",
        "last_payment_error": {
            "type": "invalid_request_error",
            "code": "payment_intent_payment_attempt_failed",
            "message": "The payment failed.",
        },
    }
    emit(change, "payment_intent.payment_failed", change.put(failed))
    return failed
