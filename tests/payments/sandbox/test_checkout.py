from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.payments.sandbox.street import Site, Stand, charge_of, client_to, intent_of, standing


def test_a_gift_is_paid_and_every_cent_of_it_can_be_followed(stand: Stand, site: Site) -> None:
    session = stand.open_session(amount_cents=2500, client_reference_id="donation-42")
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)

    answer = stand.press(session, "pay")
    assert answer.location == f"http://127.0.0.1:8000/thanks?session={session.id}"

    events = [site.hear() for _ in range(3)]
    assert [event.type for event in events] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    assert events[2].data.object["id"] == session.id
    assert events[2].data.object["payment_status"] == "paid"
    assert events[2].api_version == "2026-10-28.endive"

    paid = stand.client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 2500)
    assert paid.client_reference_id == "donation-42"
    assert paid.to_dict()["metadata"] == {"donation": "42"}
    assert intent_of(paid).to_dict()["metadata"] == {"donation": "42"}
    transaction = charge_of(paid).balance_transaction
    assert isinstance(transaction, stripe.BalanceTransaction)
    assert (transaction.amount, transaction.fee, transaction.net) == (2500, 35, 2465)
    assert [detail.amount for detail in transaction.fee_details] == [35]
    assert transaction.source == charge_of(paid).id
    assert stand.client.v1.balance.retrieve().available[0].amount == 2465


def test_without_expand_only_ids_are_given(stand: Stand) -> None:
    session = stand.client.v1.checkout.sessions.retrieve(stand.paid_session().id)
    assert isinstance(session.payment_intent, str)
    intent = stand.client.v1.payment_intents.retrieve(session.payment_intent)
    assert isinstance(intent.latest_charge, str)
    charge = stand.client.v1.charges.retrieve(intent.latest_charge)
    assert isinstance(charge.balance_transaction, str)
    assert stand.client.v1.balance_transactions.retrieve(charge.balance_transaction).net == 965


def test_what_cannot_be_expanded_is_refused(stand: Stand) -> None:
    session = stand.open_session()
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        stand.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["metadata"]})


def test_a_payment_that_failed_can_be_tried_again_on_the_same_intent(stand: Stand, site: Site) -> None:
    session = stand.open_session()
    assert stand.press(session, "fail").status == 200
    assert site.hear().type == "payment_intent.payment_failed"

    tried = stand.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (tried.status, intent_of(tried).status) == ("open", "requires_payment_method")
    assert intent_of(tried).last_payment_error is not None

    stand.press(session, "pay")
    paid = stand.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (intent_of(paid).id, intent_of(paid).status) == (intent_of(tried).id, "succeeded")


@pytest.mark.parametrize(
    ("outcome", "payment_status", "intent_status", "event_type"),
    [
        ("succeed", "paid", "succeeded", "checkout.session.async_payment_succeeded"),
        ("fail", "unpaid", "requires_payment_method", "checkout.session.async_payment_failed"),
    ],
)
def test_a_bank_may_answer_after_the_payer_has_left(
    stand: Stand, site: Site, outcome: str, payment_status: str, intent_status: str, event_type: str
) -> None:
    session = stand.open_session()
    stand.press(session, "later")
    heard = site.hear()
    assert (heard.type, heard.data.object["payment_status"]) == ("checkout.session.completed", "unpaid")
    waiting = stand.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (waiting.status, intent_of(waiting).status) == ("complete", "processing")
    assert stand.client.v1.balance.retrieve().available[0].amount == 0

    assert stand.control(f"checkout/{session.id}/{outcome}").status == 200

    settled = stand.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (settled.payment_status, intent_of(settled).status) == (payment_status, intent_status)
    assert event_type in site.hear_types(3 if outcome == "succeed" else 2)
    assert stand.control(f"checkout/{session.id}/{outcome}").status == 400


def test_pressing_pay_twice_pays_once(stand: Stand) -> None:
    session = stand.open_session()
    assert [stand.press(session, "pay").status for _ in range(2)] == [303, 409]
    assert len(stand.client.v1.charges.list().data) == 1


def test_a_session_that_was_expired_by_hand_cannot_be_paid(stand: Stand, site: Site) -> None:
    session = stand.open_session()
    assert stand.client.v1.checkout.sessions.expire(session.id).status == "expired"
    assert site.hear().type == "checkout.session.expired"
    assert stand.press(session, "pay").status == 409
    assert stand.client.v1.charges.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        stand.client.v1.checkout.sessions.expire(session.id)


def test_a_session_expires_when_its_time_is_up(stand: Stand, site: Site) -> None:
    created = stand.open_session().created
    session = stand.open_session(expires_at=created + 3600)
    stand.control("clock", ahead_seconds=3000)
    assert stand.client.v1.checkout.sessions.retrieve(session.id).status == "open"

    stand.control("clock", ahead_seconds=3700)

    assert stand.client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert site.hear().data.object["id"] == session.id
    assert len(stand.client.v1.checkout.sessions.list({"status": "open"}).data) == 1


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"mode": "subscription"}, "mode"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"cancel_url": "somewhere"}, "cancel_url"),
        ({"expires_at": 1}, "expires_at"),
        ({"line_items": []}, "line_items"),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]"),
        ({"discounts": [{"coupon": "free"}]}, "discounts"),
        ({"payment_intent_data": {"capture_method": "manual"}}, "payment_intent_data[capture_method]"),
    ],
)
def test_a_parameter_that_stripe_would_refuse_or_we_do_not_speak_is_named(
    stand: Stand, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand.open_session(**fields)
    assert (refused.value.http_status, refused.value.param) == (400, param)
    assert stand.client.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize(
    ("amount_cents", "code"), [(49, "amount_too_small"), (100_000_000, "parameter_invalid_integer")]
)
def test_an_amount_beyond_what_stripe_takes_is_refused(stand: Stand, amount_cents: int, code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand.open_session(amount_cents=amount_cents)
    assert refused.value.code == code


def test_only_euros_are_taken(stand: Stand) -> None:
    price = {"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Gift"}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand.open_session(line_items=[{"quantity": 1, "price_data": price}])
    assert refused.value.param == "line_items[0][price_data][currency]"


def test_what_does_not_exist_is_not_found(stand: Stand) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="'cs_test_nobody'") as refused:
        stand.client.v1.checkout.sessions.retrieve("cs_test_nobody")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_another_key_opens_nothing(stand: Stand) -> None:
    stranger = client_to(stand.url, key="sk_test_somebody_else")
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.balance.retrieve()


def test_a_bank_that_answers_later_answers_by_itself_where_nobody_presses_for_it(
    journal: Path, site: Site
) -> None:
    with standing(journal, webhook_url=site.url, bank_answers_after=0.01) as stand:
        stand.press(stand.open_session(), "later")
        heard = {site.hear().type for _ in range(2)}
        while "checkout.session.async_payment_succeeded" not in heard:
            heard.add(site.hear().type)
    assert "checkout.session.completed" in heard
