import pytest
import stripe

from tests.payments.sandbox.street import Site, Stand, intent_of


def test_a_payout_takes_the_balance_and_names_what_it_is_made_of(stand: Stand, site: Site) -> None:
    first, second = stand.paid_session(amount_cents=1000), stand.paid_session(amount_cents=2000)
    stand.client.v1.refunds.create({"payment_intent": intent_of(first).id, "amount": 500})
    site.hear_types(8)

    payout_id = stand.control("payouts").json["id"]

    payout = stand.client.v1.payouts.retrieve(payout_id, {"expand": ["balance_transaction"]})
    assert (payout.amount, payout.status, payout.reconciliation_status) == (2430, "paid", "completed")
    assert site.hear_types(3) == ["payout.created", "payout.paid", "payout.reconciliation_completed"]
    lines = stand.client.v1.balance_transactions.list({"payout": payout_id}).data
    assert [(line.type, line.net) for line in lines] == [
        ("payout", -2430),
        ("payment_refund", -500),
        ("payment", 1965),
        ("payment", 965),
    ]
    assert [line.reporting_category for line in lines] == ["payout", "refund", "charge", "charge"]
    assert stand.client.v1.balance.retrieve().available[0].amount == 0
    assert second.id != first.id


def test_the_next_payout_has_only_what_came_after(stand: Stand) -> None:
    stand.paid_session(amount_cents=1000)
    stand.control("payouts")
    stand.paid_session(amount_cents=3000)
    second = stand.control("payouts").json
    assert second["amount"] == 2965
    assert len(stand.client.v1.balance_transactions.list({"payout": second["id"]}).data) == 2
    assert [one.amount for one in stand.client.v1.payouts.list().data] == [2965, 965]


def test_what_a_payout_that_is_not_there_is_made_of_is_an_error_and_no_empty_list(stand: Stand) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stand.client.v1.balance_transactions.list({"payout": "po_of_somebody_else"})
    assert refusal.value.code == "resource_missing"


def test_an_empty_balance_is_not_paid_out(stand: Stand) -> None:
    assert stand.control("payouts").status == 400
    assert stand.client.v1.payouts.list().data == []


def test_a_balance_below_zero_is_taken_from_the_bank(stand: Stand) -> None:
    session = stand.paid_session(amount_cents=1000)
    stand.control("payouts")
    stand.client.v1.refunds.create({"payment_intent": intent_of(session).id})
    assert stand.control("payouts").json["amount"] == -1000
    assert stand.client.v1.balance.retrieve().available[0].amount == 0


def test_balance_transactions_can_be_asked_for_by_type_and_moment(stand: Stand) -> None:
    session = stand.paid_session()
    stand.control("clock", ahead_seconds=1000)
    stand.client.v1.refunds.create({"payment_intent": intent_of(session).id})
    transactions = stand.client.v1.balance_transactions
    assert [one.type for one in transactions.list({"type": "payment"}).data] == ["payment"]
    later = session.created + 500
    assert [one.type for one in transactions.list({"created": {"gte": later}}).data] == ["payment_refund"]
    assert [one.type for one in transactions.list({"created": {"lt": later}}).data] == ["payment"]
