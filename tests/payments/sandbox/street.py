"""The cast: Buurtpot's site that hears webhooks, and a stand-in Stripe to press the buttons of."""

import json
import queue
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import stripe
from stripe.params.checkout import SessionCreateParams

from payments.sandbox.server import serve

SECRET_KEY = "sk_test_klinkerbuurt"
WEBHOOK_SECRET = "whsec_klinkerbuurt"
HEAR_WITHIN_SECONDS = 10


class Site:
    """Hears webhooks; payers come back to it. `answers`: the status of the next webhooks, then 200."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self._heard: queue.Queue[tuple[bytes, str]] = queue.Queue()
        site = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                site._heard.put((body, self.headers["Stripe-Signature"]))
                self.send_response(site.answers.pop(0) if site.answers else 200)
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"The site")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def hear(self) -> stripe.Event:
        """The next webhook, its signature checked by Stripe's own library."""
        body, signature = self._heard.get(timeout=HEAR_WITHIN_SECONDS)
        event: stripe.Event = stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET)
        return event

    def hear_types(self, count: int) -> list[str]:
        return [self.hear().type for _ in range(count)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    location: str | None = None

    @property
    def json(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.text)
        return read


@dataclass(frozen=True)
class Stand:
    """A running stand-in with Stripe's own client to it."""

    url: str
    client: stripe.StripeClient = field(repr=False)

    def open_session(
        self, *, amount_cents: int = 1000, key: str | None = None, **more: Any
    ) -> stripe.checkout.Session:
        params: dict[str, Any] = {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": amount_cents,
                        "product_data": {"name": "Gift to Winterlichtjes"},
                    },
                }
            ],
            "success_url": "http://127.0.0.1:8000/thanks?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:8000/campaigns/winterlichtjes",
            "metadata": {"donation": "42"},
            "payment_intent_data": {"metadata": {"donation": "42"}},
            **more,
        }
        return self.client.v1.checkout.sessions.create(
            cast(SessionCreateParams, params), {"idempotency_key": key} if key else {}
        )

    def press(self, session: stripe.checkout.Session, outcome: str) -> Reply:
        return send(f"{self.url}/pay/{session.id}", {"outcome": outcome})

    def paid_session(self, *, amount_cents: int = 1000) -> stripe.checkout.Session:
        session = self.open_session(amount_cents=amount_cents)
        assert self.press(session, "pay").status == 303
        return self.client.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
        )

    def control(self, path: str, **fields: int) -> Reply:
        return send(f"{self.url}/_control/{path}", fields, key=SECRET_KEY)

    def deliveries(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = send(f"{self.url}/_control/deliveries", None, key=SECRET_KEY).json[
            "data"
        ]
        return listed


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def send(url: str, fields: dict[str, Any] | None, *, key: str | None = None) -> Reply:
    """A form POST, or a GET without fields; redirects are shown, not followed."""
    data = None if fields is None else urllib.parse.urlencode(fields).encode()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310  (only the stand-in's address)
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=30) as answer:
            return Reply(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.read().decode(), error.headers["Location"])


@contextmanager
def standing(
    state: Path,
    *,
    webhook_url: str | None = None,
    retry_waits: tuple[float, ...] = (0.01, 0.02),
    bank_answers_after: float | None = None,
) -> Iterator[Stand]:
    with serve(
        state=state,
        secret_key=SECRET_KEY,
        webhook_secret=WEBHOOK_SECRET,
        webhook_url=webhook_url,
        retry_waits=retry_waits,
        bank_answers_after=bank_answers_after,
    ) as url:
        yield Stand(url, client_to(url))


def client_to(url: str, *, key: str = SECRET_KEY, retries: int = 0) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=retries)


def replayed(made: stripe.StripeObject) -> str | None:
    """What the answer said in `Idempotent-Replayed`."""
    assert made.last_response is not None
    said: str | None = made.last_response.headers.get("Idempotent-Replayed")
    return said


def intent_of(session: stripe.checkout.Session) -> stripe.PaymentIntent:
    """Of a session retrieved with it expanded."""
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    return session.payment_intent


def charge_of(session: stripe.checkout.Session) -> stripe.Charge:
    charge = intent_of(session).latest_charge
    assert isinstance(charge, stripe.Charge)
    return charge
