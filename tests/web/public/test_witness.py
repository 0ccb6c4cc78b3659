"""A witness signs a seal: by the page, with OpenSSL, and by the script, over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from ledger import heads, seals
from ledger.models import Key
from tests.cast import NOW
from tests.ledger.roles import run
from tests.ledger.sealing import KEY, exported, public, seal, verified
from tests.ledger.small_books import SmallBooks, book, small_books
from web.public import views_witness

SCRIPT = settings.ROOT / "witness_heads.py"
TENANTS = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))


@pytest.fixture
def small(own_database: str) -> SmallBooks:
    """Committed and sealed once, with the tenants' organisation as a witness."""
    small = small_books()
    book("arrived", (small.bank, small.budget, 10_000))
    seal()
    seals.add_witness(public=bytes.fromhex(public(TENANTS)), holder="Huurders", now=NOW)
    return small


def signed(number: int = 1, key: Ed25519PrivateKey = TENANTS) -> dict[str, str]:
    return {"by": public(key), "signature": key.sign(seals.line_of(number).encode()).hex()}


def sent(client: Client, body: object, number: int = 1) -> HttpResponse:
    answer: HttpResponse = client.post(  # type: ignore[assignment]  # the answer of a test client
        f"/zegels/{number}/getuige/",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
    )
    return answer


def witnesses() -> list[tuple[str, int | None]]:
    return [(key.holder, vars(key)["signed"]) for key in heads.witnesses()]


# The address that a script sends to.


def test_what_a_witness_signed_is_taken_once_and_stands_on_the_page(
    client: Client, small: SmallBooks
) -> None:
    without_a_token = Client(enforce_csrf_checks=True)
    for _time in range(2):
        answer = sent(without_a_token, signed())
        assert (answer.status_code, json.loads(answer.content)) == (200, {"seal": 1, "witness": "Huurders"})
    assert len(heads.signatures(1)) == 2
    assert "Huurders (witness)" in client.get("/zegels/1/").content.decode()
    assert client.get("/zegels/1.json").json()["signatures"][1]["holder"] == "Huurders"
    assert witnesses() == [("Huurders", 1)]


def test_what_is_not_a_witness_signature_is_refused_and_says_why(client: Client, small: SmallBooks) -> None:
    right = signed()
    for body, status, said in (
        (signed(key=KEY), 403, "not that of a witness"),  # the operator is no witness
        (right | {"by": "00" * 32}, 403, "not that of a witness"),
        (right | {"signature": "00" * 64}, 422, "does not fit"),
        (right | {"signature": "00"}, 422, "does not fit"),
        (right | {"signature": "no"}, 400, "not hexadecimal"),
        ({"by": right["by"]}, 400, "Send"),
        (["by"], 400, "Send"),
        ("{", 400, "Send"),
        ("9" * 5_000, 413, "too long"),
    ):
        answer = sent(client, body)
        assert (answer.status_code, said in json.loads(answer.content)["error"]) == (status, True), body
    nowhere = sent(client, right, number=2)
    assert (nowhere.status_code, json.loads(nowhere.content)) == (404, {"error": "There is no such seal."})
    assert client.get("/zegels/2/getuige/").headers["Content-Type"].startswith("text/html")
    assert witnesses() == [("Huurders", None)]


def test_a_signature_under_another_seal_does_not_pass_for_this_one(client: Client, small: SmallBooks) -> None:
    book("later", (small.bank, small.budget, 1))
    seal()
    assert sent(client, signed(1), number=2).status_code == 422
    assert sent(client, signed(2), number=2).status_code == 200


def test_who_keeps_sending_what_is_wrong_waits(
    client: Client, small: SmallBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_witness, "FREE_TRIES", 2)
    wrong = signed() | {"signature": "00" * 64}
    assert [sent(client, wrong).status_code for _time in range(4)] == [422, 422, 422, 429]
    assert sent(client, signed()).status_code == 429
    assert sent(Client(REMOTE_ADDR="192.0.2.7"), signed()).status_code == 200


def test_a_witness_that_was_ended_signs_no_more(client: Client, small: SmallBooks) -> None:
    assert seals.end_witness(key_id=Key.objects.get(witness=True).pk, now=NOW)
    assert not seals.end_witness(key_id=Key.objects.get(witness=True).pk, now=NOW)
    assert sent(client, signed()).status_code == 403


# The page.


def test_who_signed_elsewhere_pastes_the_signature(client: Client, small: SmallBooks) -> None:
    shown = client.get("/zegels/1/getuige/").content.decode().replace("&quot;", '"')
    assert seals.line_of(1) in shown
    assert "openssl pkeyutl -sign" in shown
    pasted = signed()
    pasted["signature"] = "\n ".join(pasted["signature"][at : at + 2] for at in range(0, 128, 2)).upper()
    answer = client.post("/zegels/1/getuige/", pasted, follow=True)
    assert "Thank you. The signature of Huurders stands under this seal." in answer.content.decode()
    assert witnesses() == [("Huurders", 1)]


def test_a_pasted_signature_that_does_not_fit_is_kept_and_the_error_says_what_to_do(
    client: Client, small: SmallBooks
) -> None:
    for signature, status, said in (("00" * 64, 422, "without a line end"), ("", 422, "Fill this in")):
        answer = client.post("/zegels/1/getuige/", signed() | {"signature": signature})
        assert answer.status_code == status
        assert said in answer.content.decode()


def test_where_nobody_is_a_witness_the_page_says_whom_to_ask(client: Client, small: SmallBooks) -> None:
    Key.objects.filter(witness=True).update(until=NOW)
    assert "Nobody is a witness yet" in client.get("/zegels/1/getuige/").content.decode()


def test_openssl_signs_what_the_page_says(client: Client, small: SmallBooks, tmp_path: Path) -> None:
    def openssl(*arguments: str) -> bytes:
        return subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True).stdout

    openssl("genpkey", "-algorithm", "ed25519", "-out", "witness.pem")
    pem = openssl("pkey", "-in", "witness.pem", "-pubout").decode()
    seals.add_witness(public=seals.public_key(pem), holder="Accountant", now=NOW)
    (tmp_path / "seal.txt").write_bytes(client.get("/zegels/1.txt").content)
    signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", "witness.pem", "-in", "seal.txt")
    assert sent(client, {"by": seals.public_key(pem).hex(), "signature": signature.hex()}).status_code == 200


@pytest.mark.parametrize(
    "typed", ["", "00", "zz" * 32, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]
)
def test_what_is_no_public_key_is_refused(typed: str) -> None:
    with pytest.raises(seals.NotAPublicKey):
        seals.public_key(typed)


def test_a_public_key_is_read_as_digits_and_as_pem() -> None:
    key = TENANTS.public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert (
        seals.public_key(f" {public(TENANTS).upper()}\n") == seals.public_key(pem) == key.public_bytes_raw()
    )


# The script, on a machine without Buurtpot.


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Not among what a test says."""


@pytest.fixture
def site(small: SmallBooks, settings: Settings) -> Iterator[str]:
    """The site over HTTP, in a thread of its own, on the same database."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    application = get_wsgi_application()

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        try:
            yield from application(environ, start)
        finally:
            connections.close_all()

    with make_server("127.0.0.1", 0, answer, handler_class=_Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def key_file(tmp_path: Path, small: SmallBooks) -> Path:
    """The script made it, and its public key is a witness."""
    path = tmp_path / "witness.pem"
    status, said = script("key", path)
    assert status == 0
    assert path.stat().st_mode & 0o777 == 0o600
    seals.add_witness(public=seals.public_key(said.removeprefix("public key:")), holder="Accountant", now=NOW)
    return path


def script(*arguments: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_script_signs_follows_the_chain_and_the_verifier_sees_it(
    site: str, key_file: Path, small: SmallBooks, tmp_path: Path
) -> None:
    status, said = script("sign", site, key_file)
    assert (status, said.startswith(f"signed seal 1 {heads.latest_head()} (the first one")) == (0, True), said
    for number in range(3):
        book(f"later {number}", (small.bank, small.budget, 1))
        seal()
    for _again in range(2):
        assert script("sign", site, key_file) == (0, f"signed seal 4 {heads.latest_head()}\n")
    assert ("Accountant", 4) in witnesses()
    by = bytes(Key.objects.get(holder="Accountant").public).hex()
    found = verified(exported(tmp_path / "journal.jsonl"), "--key", public(KEY), "--witness", by)
    assert (found.status, "(in this file: Accountant) signed up to seal 4" in found.said) == (0, True)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """What says this, whatever it is asked, once."""
    with create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            connection, _address = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = Thread(target=once)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


FORKS = {
    "the seal that was signed": "DELETE FROM ledger_seal WHERE number > 2;"
    " UPDATE ledger_seal SET entries = entries + 1 WHERE number = 2",
    "what comes after it": "UPDATE ledger_seal SET previous = root WHERE number = 3",
    "a seal further on": "UPDATE ledger_seal SET entries = entries + 1 WHERE number = 3",
    "a seal in between that is gone": "DELETE FROM ledger_seal WHERE number = 3",
    "the newest ones": "DELETE FROM ledger_seal WHERE number > 1",
}


@pytest.mark.parametrize("statement", FORKS.values(), ids=FORKS.keys())
def test_the_script_signs_no_chain_that_does_not_go_on_from_what_it_signed(
    site: str, key_file: Path, small: SmallBooks, statement: str
) -> None:
    """The operator, who may do anything in the database, made the books anew after seal 2."""
    book("second", (small.bank, small.budget, 1))
    seal()
    assert script("sign", site, key_file)[0] == 0
    for number in range(2):
        book(f"later {number}", (small.bank, small.budget, 1))
        seal()
    kept = key_file.with_name("witness.pem.state").read_text()
    as_operator_would(statement)
    status, said = script("sign", site, key_file)
    assert (status, said.startswith("NOT SIGNED, the chain does not fit: ")) == (1, True), said
    assert key_file.with_name("witness.pem.state").read_text() == kept


def as_operator_would(statement: str) -> None:
    application = connections["default"]
    connections["default"] = connections["owner"]
    try:
        for table in ("ledger_seal", "ledger_signature"):
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for part in statement.split(";"):
            if part.startswith("DELETE"):
                run(part.replace("ledger_seal", "ledger_signature").replace("number", "seal_id"))
            run(part)
    finally:
        connections["default"] = application


def test_the_script_says_what_went_wrong(site: str, key_file: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.pem"
    script("key", stranger)
    for arguments, said in (
        (("sign", site, stranger), "This key is not that of a witness"),
        (("sign", site, tmp_path / "none.pem"), "the key cannot be read"),
        (("sign", "http://buurtpot.example", key_file), "begins with https://"),
        (("sign", "file:///etc", key_file), "begins with https://"),
        (("sign", "http://127.0.0.1:9", key_file), "does not answer"),
        (("sign", f"{site}/nergens", key_file), "says 404"),
        (("key", key_file), "no key was made"),
    ):
        status, told = script(*arguments)
        assert (status, said in told) == (2, True), told
    state = key_file.with_name("witness.pem.state")
    # 1 would say that the books are wrong: whatever comes instead of an answer, it is 2.
    for answer, said in (
        (b"no HTTP", "does not answer: BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "does not answer: IncompleteRead"),
        (b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "says 500: no reason"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000, "nothing is known: RecursionError"),
        (b'HTTP/1.1 403 No\r\n\r\n{"error": "\\ud800\\nsigned seal 9"}', "says 403: \\ud800\\nsigned"),
    ):
        with answering(answer) as broken:
            status, told = script("sign", broken, key_file)
        assert (status, said in told, told.count("\n")) == (2, True, 1), told
    assert not state.exists()
    state.write_text("{")
    assert script("sign", site, key_file)[0] == 2
