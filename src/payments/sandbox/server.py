"""The stand-in as a server on loopback, and the door to run one: `serve`."""

import http.server
import json
import logging
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from payments.sandbox.account import Account
from payments.sandbox.api import Answer, Api, Request
from payments.sandbox.checkout_page import STYLE, CheckoutPage, Page
from payments.sandbox.control import Control
from payments.sandbox.forms import Params, parse
from payments.sandbox.misbehave import Misbehaviour
from payments.sandbox.refusals import Refusal
from payments.sandbox.store import Store, StoreClosed
from payments.sandbox.webhooks import RETRY_WAITS, Courier

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
MAX_BODY_BYTES = 64 * 1024
IDLE_SECONDS = 60
CLOSES_WITHIN_SECONDS = 0.05
SECONDS_BETWEEN_LOOKS = 1.0
PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


class NotATestKey(ValueError):
    """Only keys that begin with `sk_test_`: a stand-in must never hold one that moves real money."""


class UnusableWebhookUrl(ValueError):
    def __init__(self, url: str) -> None:
        super().__init__(f"not an http address: {url}")
        self.url = url


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = -1  # one write an answer; head and body apart would wait for each other's acknowledgement
    server: "Server"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        try:
            fields = self._read_fields()
        except Refusal as refusal:
            self.close_connection = True  # what was not read would look like the next request
            self._send_answer(Answer(refusal.status, refusal.body()))
            return
        self._answer(fields)

    def log_message(self, format: str, *args: Any) -> None:
        logger.info(format, *args)

    def _read_fields(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            raise Refusal("A request needs a Content-Length.", status=HTTPStatus.LENGTH_REQUIRED)
        if int(length) > MAX_BODY_BYTES:
            raise Refusal("The request is too large.", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            return parse(self.rfile.read(int(length)).decode())
        except UnicodeDecodeError as error:
            raise Refusal("The parameters could not be read.") from error

    def _answer(self, fields: dict[str, Any]) -> None:
        target = urlsplit(self.path)
        try:
            if self.command == "GET" or target.path.startswith("/pay/"):
                fields = {**parse(target.query), **fields}
            self._route(target.path, fields)
        except Refusal as refusal:
            self._send_answer(Answer(refusal.status, refusal.body()))
        except StoreClosed:
            self.close_connection = True

    def _route(self, path: str, fields: dict[str, Any]) -> None:
        if path.startswith("/v1/"):
            self._send_answer(self.server.api.answer(self._request(path, fields)))
        elif path.startswith("/_control/"):
            self._send_answer(self.server.control.answer(self._request(path, fields)))
        elif path.startswith("/pay/"):
            page = self.server.page
            act = page.decide if self.command == "POST" else page.show
            self._send_page(act(path.removeprefix("/pay/"), Params(fields)))
        elif path == "/assets/checkout.css":
            self._send(200, STYLE, {"Content-Type": "text/css; charset=utf-8"})
        else:
            raise Refusal(f"Unrecognized request URL ({self.command}: {path}).", status=404)

    def _request(self, path: str, fields: dict[str, Any]) -> Request:
        return Request(
            method=self.command,
            path=path,
            fields=fields,
            authorization=self.headers.get("Authorization", ""),
            idempotency_key=self.headers.get("Idempotency-Key"),
        )

    def _send_answer(self, answer: Answer) -> None:
        if answer.lost:
            self.close_connection = True
            return
        body = json.dumps(answer.body, indent=2).encode()
        self._send(answer.status, body, {"Content-Type": "application/json", **answer.headers})

    def _send_page(self, page: Page) -> None:
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": PAGE_POLICY,
        }
        if page.location is not None:
            headers["Location"] = page.location
        self._send(page.status, page.html.encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """One thread a connection; what they share is behind the store's lock."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    account: Account
    api: Api
    control: Control
    page: CheckoutPage

    def __init__(self, *, port: int) -> None:
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._looked_at = 0.0
        super().__init__((HOST, port), Handler)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def service_actions(self) -> None:
        # Also called after every connection, and it looks at all sessions: not that often.
        if time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self.account.expire_due()
            self._looked_at = time.monotonic()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends connections that a client keeps for later: a server that has closed must not answer."""
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    logger.debug("a connection had ended by itself")


@contextmanager
def serve(
    *,
    state: Path,
    secret_key: str,
    webhook_secret: str,
    webhook_url: str | None = None,
    port: int = 0,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    retry_waits: tuple[float, ...] = RETRY_WAITS,
    bank_answers_after: float | None = None,
) -> Iterator[str]:
    """Runs a stand-in on 127.0.0.1 as long as the context lasts; gives its address, `http://127.0.0.1:…`.

    `state`: the journal, made if missing. `port` 0: a free one. `retry_waits`: seconds, the last one repeats.
    `bank_answers_after`: seconds, for payments whose bank answers later; None: when told to.
    Raises `NotATestKey`, `UnusableWebhookUrl`, `JournalInUse`, `JournalDamaged`, `OSError` (port or file).
    """
    if not secret_key.startswith("sk_test_"):
        raise NotATestKey
    if webhook_url is not None:
        parts = urlsplit(webhook_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UnusableWebhookUrl(webhook_url)
    store = Store(state)
    try:
        server = Server(port=port)
    except OSError:
        store.close()
        raise
    misbehaviour = Misbehaviour()
    courier = None
    if webhook_url is not None:
        courier = Courier(
            store=store,
            misbehaviour=misbehaviour,
            url=webhook_url,
            secret=webhook_secret,
            retry_waits=retry_waits,
        )
    account = Account(
        store=store, secret_key=secret_key, misbehaviour=misbehaviour, courier=courier, clock=clock
    )
    server.account = account
    server.api = Api(account=account, pay_url=f"{server.url}/pay")
    server.control = Control(account=account)
    server.page = CheckoutPage(account=account, bank_answers_after=bank_answers_after)
    thread = threading.Thread(
        target=server.serve_forever, args=(CLOSES_WITHIN_SECONDS,), name="stripe-sandbox", daemon=True
    )
    if courier is not None:
        courier.start()
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()
        if courier is not None:
            courier.close()
        store.close()
