import pytest
import stripe

from tests.payments.sandbox.street import Site, Stand, charge_of, intent_of


def test_a_gift_goes_back_in_two_parts_and_never_a_cent_more(stand: Stand, site: Site) -> None:
    session = stand.paid_session(amount_cents=1000)
    site.hear_types(3)
    refunds, intent_id = stand.client.v1.refunds, intent_of(session).id

    part = refunds.create({"payment_intent": intent_id, "amount": 400, "metadata": {"refund": "7"}})
    assert (part.amount, part.status) == (400, "succeeded")
    assert part.to_dict()["metadata"] == {"refund": "7"}
    assert site.hear_types(2) == ["refund.created", "charge.refunded"]
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        refunds.create({"payment_intent": intent_id, "amount": 601})
    assert (too_much.value.http_status, too_much.value.param) == (400, "amount")

    assert refunds.create({"payment_intent": intent_id}).amount == 600
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        refunds.create({"payment_intent": intent_id})
    assert nothing_left.value.code == "charge_already_refunded"

    charge = stand.client.v1.charges.retrieve(charge_of(session).id)
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    # Stripe keeps its fee of a payment that is refunded.
    assert stand.client.v1.balance.retrieve().available[0].amount == -35
    assert [one.amount for one in refunds.list({"charge": charge.id}).data] == [600, 400]


def test_what_was_never_paid_cannot_be_refunded(stand: Stand) -> None:
    session = stand.open_session()
    stand.press(session, "fail")
    tried = stand.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        stand.client.v1.refunds.create({"payment_intent": intent_of(tried).id})


def test_a_slow_refund_waits_and_then_settles(stand: Stand, site: Site) -> None:
    session = stand.paid_session(amount_cents=1000)
    stand.control("misbehave", slow_refund_next=1)
    refund = stand.client.v1.refunds.create({"payment_intent": intent_of(session).id})
    assert refund.status == "pending"
    site.hear_types(5)

    stand.control(f"refunds/{refund.id}/succeed")

    assert stand.client.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert site.hear_types(1) == ["refund.updated"]
    assert stand.control(f"refunds/{refund.id}/succeed").status == 400


def test_a_refund_that_the_bank_sends_back_is_in_the_balance_again(stand: Stand, site: Site) -> None:
    session = stand.paid_session(amount_cents=1000)
    stand.control("misbehave", slow_refund_next=1)
    refund = stand.client.v1.refunds.create({"payment_intent": intent_of(session).id, "amount": 300})
    assert stand.client.v1.balance.retrieve().available[0].amount == 665
    site.hear_types(5)

    stand.control(f"refunds/{refund.id}/fail")

    failed = stand.client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert failed.status == "failed"
    assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
    assert failed.failure_balance_transaction.net == 300
    assert stand.client.v1.balance.retrieve().available[0].amount == 965
    assert stand.client.v1.charges.retrieve(charge_of(session).id).amount_refunded == 0
    assert site.hear_types(2) == ["refund.updated", "refund.failed"]
