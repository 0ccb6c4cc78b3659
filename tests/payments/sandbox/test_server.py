import http.client
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.payments.sandbox.street import SECRET_KEY, Stand, charge_of, standing


def ask(stand: Stand, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(stand.url).netloc, timeout=10)
    try:
        connection.request(
            method, path, body=body, headers={"Authorization": f"Bearer {SECRET_KEY}", **headers}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_it_listens_on_loopback_only(stand: Stand) -> None:
    assert urlsplit(stand.url).hostname == "127.0.0.1"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/refunds", b"x" * (64 * 1024 + 1), 413),
        ("POST", "/v1/refunds", b"metadata[a][b][c][d][e][f][g]=1", 400),
        ("POST", "/v1/refunds", b"metadata=1&metadata[a]=1", 400),
        ("POST", "/v1/refunds", b"\xff\xfe", 400),
        ("POST", "/v1/refunds", b"[]=1", 400),
        ("POST", "/v1/checkout/sessions", b"mode=payment&line_items[x]=1", 400),
        ("POST", "/v1/customers", b"", 404),
        ("GET", "/v1/customers/cus_1", b"", 404),
        ("GET", "/v1/payouts?colour=red", b"", 400),
        ("GET", "/", b"", 404),
    ],
)
def test_nonsense_is_refused_and_the_server_goes_on(
    stand: Stand, method: str, path: str, body: bytes, status: int
) -> None:
    assert ask(stand, method, path, body)[0] == status
    assert ask(stand, "GET", "/v1/balance")[0] == 200


def test_a_body_of_unknown_length_is_refused(stand: Stand) -> None:
    status, _ = ask(stand, "POST", "/v1/refunds", b"0\r\n\r\n", **{"Transfer-Encoding": "chunked"})
    assert status == 411


def test_many_at_once_never_refund_more_than_was_paid(stand: Stand) -> None:
    charge_id = charge_of(stand.paid_session(amount_cents=1000)).id
    statuses: list[int] = []
    body = f"charge={charge_id}&amount=300".encode()
    threads = [
        threading.Thread(target=lambda: statuses.append(ask(stand, "POST", "/v1/refunds", body)[0]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 3 + [400] * 5
    assert stand.client.v1.charges.retrieve(charge_id).amount_refunded == 900


def test_the_thousandth_payment_is_no_more_work_than_the_first(tmp_path: Path) -> None:
    def pay(stand: Stand, count: int) -> float:
        began = time.process_time()
        for _ in range(count):
            stand.press(stand.open_session(), "pay")
        return time.process_time() - began

    with standing(tmp_path / "stripe.jsonl") as stand:
        pay(stand, 20)  # warm
        early = pay(stand, 200)
        pay(stand, 600)
        late = pay(stand, 200)
    # Time of the processor, of client and server. Quadratic work would make it several times as much.
    assert late < early * 2.5
