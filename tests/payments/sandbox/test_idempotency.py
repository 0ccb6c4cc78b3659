import pytest
import stripe

from tests.payments.sandbox.street import Stand, charge_of, client_to, replayed


def test_the_same_key_gives_the_same_session_and_says_so(stand: Stand) -> None:
    first = stand.open_session(key="donation-42")
    second = stand.open_session(key="donation-42")
    assert second.id == first.id
    assert (replayed(first), replayed(second)) == (None, "true")
    assert len(stand.client.v1.checkout.sessions.list().data) == 1


def test_without_a_key_each_request_makes_its_own(stand: Stand) -> None:
    assert stand.open_session().id != stand.open_session().id


def test_the_same_key_with_another_amount_is_an_error(stand: Stand) -> None:
    stand.open_session(key="donation-42", amount_cents=1000)
    with pytest.raises(stripe.IdempotencyError) as refused:
        stand.open_session(key="donation-42", amount_cents=2000)
    assert refused.value.http_status == 400
    assert len(stand.client.v1.checkout.sessions.list().data) == 1


def test_a_refusal_that_was_executed_is_remembered(stand: Stand) -> None:
    charge_id = charge_of(stand.paid_session(amount_cents=1000)).id
    refunds = stand.client.v1.refunds
    for said in (None, "true"):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            refunds.create({"charge": charge_id, "amount": 1001}, {"idempotency_key": "refund-1"})
        assert refused.value.headers is not None
        assert refused.value.headers.get("Idempotent-Replayed") == said


def test_a_request_with_wrong_parameters_leaves_its_key_free(stand: Stand) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        stand.open_session(key="donation-42", mode="subscription")
    assert stand.open_session(key="donation-42").status == "open"


def test_after_a_500_the_session_exists_and_the_key_keeps_saying_500(stand: Stand) -> None:
    stand.control("misbehave", fail_post_next=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as refused:
            stand.open_session(key="donation-42")
        assert refused.value.http_status == 500
    assert len(stand.client.v1.checkout.sessions.list().data) == 1
    assert stand.open_session(key="donation-42-again").status == "open"


def test_an_answer_lost_on_the_way_is_found_again_under_its_key(stand: Stand) -> None:
    stand.control("misbehave", lose_answer_next=1)
    with pytest.raises(stripe.APIConnectionError):
        stand.open_session(key="donation-42")
    found = stand.open_session(key="donation-42")
    assert replayed(found) == "true"
    assert [one.id for one in stand.client.v1.checkout.sessions.list().data] == [found.id]


def test_stripes_own_retry_gets_over_a_lost_answer_without_paying_back_twice(stand: Stand) -> None:
    charge_id = charge_of(stand.paid_session(amount_cents=1000)).id
    stand.control("misbehave", lose_answer_next=1)
    refund = client_to(stand.url, retries=1).v1.refunds.create({"charge": charge_id, "amount": 400})
    assert [one.id for one in stand.client.v1.refunds.list().data] == [refund.id]
