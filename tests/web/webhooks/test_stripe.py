"""The door where Stripe tells us something: verified, written down once, answered at once."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from campaigns.models import Campaign, Pledge
from ledger import queries as books
from ledger.chart import Code
from payments import inbox, tasks
from payments.models import Donation, WebhookEvent
from payments.sandbox.server import serve
from payments.sandbox.webhooks import sign
from tests import cast
from tests.books.soundness import assert_sound, wrong
from tests.cast import NOW
from tests.crowd import at_once
from tests.standin import Stripe

PATIENCE_SECONDS = 20


def event(
    object_id: str = "cs_1",
    *,
    event_id: str = "evt_1",
    kind: str = "checkout.session.completed",
    **told: object,
) -> bytes:
    """`told`: what the body says of the object besides its id."""
    about = {"id": object_id, **told}
    return json.dumps({"object": "event", "id": event_id, "type": kind, "data": {"object": about}}).encode()


def post(body: bytes, signature: str | None = None, *, age_seconds: int = 0) -> int:
    """The status that Stripe gets."""
    if signature is None:
        signature = sign(body, secret=site.STRIPE_WEBHOOK_SECRET, at=int(time.time()) - age_seconds)
    headers = {"Stripe-Signature": signature} if signature else {}
    answer: HttpResponse = Client(enforce_csrf_checks=True).post(  # type: ignore[assignment]
        reverse("webhook_stripe"), body, content_type="application/json", headers=headers
    )
    return answer.status_code


@pytest.mark.django_db
def test_what_stripe_signed_is_written_down_once() -> None:
    assert [post(event()), post(event()), post(event())] == [200, 200, 200]
    row = WebhookEvent.objects.get()
    assert (row.event_id, row.kind, row.object_id) == ("evt_1", "checkout.session.completed", "cs_1")
    assert (row.processed_at, row.tries) == (None, 0)


@pytest.mark.django_db
def test_without_a_right_and_fresh_signature_nothing_is_written() -> None:
    somebody = sign(event(), secret="whsec_of_somebody_else", at=int(time.time()))
    of_another_body = sign(event("cs_2"), secret=site.STRIPE_WEBHOOK_SECRET, at=int(time.time()))
    for signature in ("", "rubbish", "t=,v1=", somebody, of_another_body):
        assert post(event(), signature) == 400
    assert post(event(), age_seconds=301) == 400
    assert post(b"not json") == 400
    assert post(b"{}") == 400
    assert not WebhookEvent.objects.exists()
    assert post(event(), age_seconds=290) == 200


@pytest.mark.django_db
def test_a_body_that_is_too_long_is_not_read() -> None:
    long = event("x" * inbox.MAX_BODY_BYTES)
    assert post(long) == 413
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db
def test_the_door_is_for_posting_only() -> None:
    assert Client().get(reverse("webhook_stripe")).status_code == 405


# With the worker, who works off what is committed


def a_bench() -> Campaign:
    here = cast.world()
    return cast.campaign(here, cast.programme(here), target_cents=100_000)


def test_the_same_webhook_ten_times_at_once_is_one_event_and_one_gift(
    own_database: str, stripe: Stripe, worker: None
) -> None:
    donation = stripe.pay(a_bench(), 2_000)
    body = event(str(donation.session_id))
    assert at_once(*[lambda: post(body)] * 10) == [200] * 10
    assert (WebhookEvent.objects.count(), Pledge.objects.count()) == (1, 1)
    assert_sound()


def test_a_signed_lie_about_a_payment_books_nothing(own_database: str, stripe: Stripe, worker: None) -> None:
    """Even with our secret: money is what Stripe shows when it is asked."""
    donation = stripe.intend(a_bench(), 2_000)
    assert post(event(str(donation.session_id))) == 200
    assert (WebhookEvent.objects.get().error, Pledge.objects.count()) == ("", 0)


def test_a_paid_donation_is_booked_for_what_stripe_shows_not_for_what_a_signed_body_says(
    own_database: str, stripe: Stripe, worker: None
) -> None:
    donation = stripe.pay(a_bench(), 2_000)
    lie = event(str(donation.session_id), amount_total=999_999, payment_status="paid", currency="usd")
    assert post(lie) == 200
    assert WebhookEvent.objects.get().error == ""
    assert Pledge.objects.get().amount_cents == books.total(code=Code.POTS) == 2_000
    assert_sound()


def test_a_donation_whose_amount_was_changed_on_our_side_is_a_mismatch_and_books_nothing(
    own_database: str, stripe: Stripe, worker: None
) -> None:
    donation = stripe.pay(a_bench(), 2_000)
    Donation.objects.filter(pk=donation.pk).update(amount_cents=9_900)
    assert post(event(str(donation.session_id), amount_total=9_900)) == 200
    row = WebhookEvent.objects.get()
    assert row.processed_at is not None
    assert row.error.startswith("Mismatch(")
    assert "2000 eur" in row.error
    assert (Pledge.objects.count(), books.total(code=Code.POTS)) == (0, 0)
    donation.refresh_from_db()
    assert donation.state == Donation.State.INTENDED
    # Stripe does have the money, and the checks of the books say so.
    assert "every payment at Stripe is booked" in wrong()


@contextmanager
def listening() -> Iterator[str]:
    """Our site on a port of its own; gives the address of this door."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{reverse('webhook_stripe')}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def until(true: Callable[[], bool]) -> None:
    """Looks again and again, and gives up in the end."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up, "it did not happen"


@pytest.mark.parametrize(
    ("misbehaviour", "lost"),
    [
        ({}, False),
        ({"drop_percent": 60}, True),
        ({"duplicate_percent": 60}, False),
        ({"reorder_percent": 40}, False),
        ({"drop_percent": 40, "duplicate_percent": 30, "reorder_percent": 20}, True),
    ],
    ids=["well behaved", "dropped", "doubled", "out of order", "all of it"],
)
def test_however_webhooks_come_everything_is_booked_exactly_once(
    own_database: str,
    worker: None,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    misbehaviour: dict[str, int],
    lost: bool,
) -> None:
    """Six payers: three pay at once, one through a slow bank, one through a bank that says no, one walks away."""
    bench = a_bench()
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with (
        listening() as door,
        serve(
            state=tmp_path / "stripe.jsonl",
            secret_key=site.STRIPE_SECRET_KEY,
            webhook_secret=site.STRIPE_WEBHOOK_SECRET,
            webhook_url=door,
            clock=lambda: NOW,
            retry_waits=(0.05,),
        ) as url,
    ):
        settings.STRIPE_API_BASE = url
        stripe = Stripe(url)
        stripe.control("misbehave", seed=4711, **misbehaviour)
        donors = [stripe.intend(bench, cents) for cents in (1_000, 1_100, 1_200, 1_300, 1_400, 1_500)]
        for donor in donors[:3]:
            stripe.press(donor, "pay")
        for donor, word in zip(donors[3:5], ("succeed", "fail"), strict=True):
            stripe.press(donor, "later")
            stripe.control(f"checkout/{donor.session_id}/{word}")
        stripe.control("clock", ahead_seconds=3_601)
        # Only what nobody dropped has to arrive by itself.
        until(lambda: all(one["pending_webhooks"] == 0 for one in stripe.ask("events?limit=100")["data"]))
        assert (Pledge.objects.count() < 4) == lost
        for seconds in (0, 60):
            monkeypatch.setattr(timezone, "now", lambda seconds=seconds: NOW + timedelta(seconds=seconds))
            tasks.sweep()
        stripe.control("misbehave")
        assert (
            list(Donation.objects.order_by("pk").values_list("state", flat=True))
            == ["paid"] * 4 + ["failed"] * 2
        )
        assert (Pledge.objects.count(), books.total(code=Code.POTS)) == (4, 4_600)
        assert not WebhookEvent.objects.filter(processed_at=None).exists()
        assert_sound()
