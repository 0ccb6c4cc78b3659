"""What we ask of Stripe and what we take from its answers, over real HTTP."""

import uuid
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from payments import gateway
from payments.sandbox.webhooks import sign
from tests.cast import NOW
from tests.standin import Stripe

BODY = b'{"object": "event", "id": "evt_1", "type": "refund.created", "data": {"object": {"id": "re_1"}}}'


def session(*, reference: str = "", amount_cents: int = 1_250, email: str = "") -> gateway.Session:
    return gateway.create_session(
        reference=reference or str(uuid.uuid4()),
        amount_cents=amount_cents,
        description="Bank op het Irisplein",
        email=email,
        language="nl",
        success_url="http://x.test/bedankt",
        cancel_url="http://x.test/",
        expires_at=NOW + timedelta(minutes=60),
    )


def test_a_payment_page_is_made_once_for_a_reference(stripe: Stripe) -> None:
    first = session(reference="henk-1", email="henk@example.nl")
    assert session(reference="henk-1", email="henk@example.nl") == first
    assert session(reference="henk-2").session_id != first.session_id
    assert (first.status, first.paid, first.failed, first.reference) == ("open", None, False, "henk-1")
    assert first.url == f"{stripe.url}/pay/{first.session_id}"
    shown = stripe.ask(f"checkout/sessions/{first.session_id}")
    assert (shown["amount_total"], shown["customer_email"], shown["currency"]) == (
        1_250,
        "henk@example.nl",
        "eur",
    )
    assert shown["metadata"] == {"donation": "henk-1"}


def test_the_same_reference_for_another_amount_is_refused(stripe: Stripe) -> None:
    session(reference="henk-1")
    with pytest.raises((gateway.GatewayRefused, gateway.GatewayDown)):
        session(reference="henk-1", amount_cents=1_251)


def test_what_stripe_refuses_comes_with_its_word_for_it(stripe: Stripe) -> None:
    with pytest.raises(gateway.GatewayRefused) as refusal:
        session(amount_cents=10)
    assert refusal.value.code == "amount_too_small"
    for unknown in (lambda: gateway.retrieve_session("cs_none"), lambda: gateway.retrieve_refund("re_none")):
        with pytest.raises(gateway.GatewayRefused):
            unknown()


def test_an_answer_of_500_and_no_answer_at_all_are_the_gateway_being_down(
    stripe: Stripe, settings: Settings
) -> None:
    stripe.control("misbehave", fail_post_next=1)
    with pytest.raises(gateway.GatewayDown):
        session()
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(gateway.GatewayDown):
        gateway.retrieve_session("cs_1")


def test_an_answer_that_was_lost_is_asked_for_again_and_is_the_same(stripe: Stripe) -> None:
    stripe.control("misbehave", lose_answer_next=1)
    made = session(reference="henk-1")
    assert session(reference="henk-1") == made
    assert len(stripe.ask("checkout/sessions")["data"]) == 1


def test_another_key_is_not_let_in(stripe: Stripe, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_somebody_else"
    with pytest.raises(gateway.GatewayDown):
        session()


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (BODY, ""),
        (BODY, "t=1,v1=00"),
        (BODY, sign(BODY, secret="whsec_of_somebody_else", at=1)),
        (BODY + b" ", None),
        (b"not json", None),
        (b'{"object": "event", "id": "evt_1", "type": "refund.created"}', None),
        (b'["object"]', None),
        ("\N{SNOWMAN}".encode("utf-16"), None),
    ],
)
def test_only_what_stripe_signed_and_can_be_read_is_an_event(
    settings: Settings, body: bytes, signature: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    good = sign(BODY, secret=settings.STRIPE_WEBHOOK_SECRET, at=2_000_000_000)
    assert gateway.verified_event(body=BODY, signature=good) == gateway.Event(
        "evt_1", "refund.created", "re_1"
    )
    if signature is None:
        changed = body.startswith(BODY)
        signature = good if changed else sign(body, secret=settings.STRIPE_WEBHOOK_SECRET, at=2_000_000_000)
    with pytest.raises(gateway.BadSignature):
        gateway.verified_event(body=body, signature=signature)


def test_a_signature_older_than_five_minutes_does_not_count(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = sign(BODY, secret=settings.STRIPE_WEBHOOK_SECRET, at=2_000_000_000)
    monkeypatch.setattr("time.time", lambda: 2_000_000_299.0)
    gateway.verified_event(body=BODY, signature=signature)
    monkeypatch.setattr("time.time", lambda: 2_000_000_301.0)
    with pytest.raises(gateway.BadSignature):
        gateway.verified_event(body=BODY, signature=signature)
