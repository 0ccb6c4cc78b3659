"""Letters as they lie on the mat: the code that one types, and what the QR code brings along."""

from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from django.urls import reverse

from cheques import codes
from cheques.models import Cheque


@dataclass(frozen=True)
class Letter:
    """`code`: as printed. `scan`: what is behind the # of the address in the QR."""

    cheque: Cheque
    code: str
    scan: str


def letter(cheque: Cheque) -> Letter:
    """Draws the codes of a cheque, as printing does, and keeps their hashes."""
    drawn = codes.draw(pepper=settings.CODE_PEPPER)
    cheque.selector = drawn.stored.selector
    cheque.salt = drawn.stored.salt
    cheque.secret_digest = drawn.stored.secret_digest
    cheque.token_digest = drawn.stored.token_digest
    cheque.save(update_fields=["selector", "salt", "secret_digest", "token_digest"])
    return Letter(cheque, drawn.printed_code, f"{drawn.selector}.{drawn.token}")


def opened(client: Client, held: Letter) -> Client:
    """The client, with this letter's cheque open."""
    answer = client.post(reverse("cheque_open"), {"scan": held.scan})
    assert answer.status_code == 302
    return client


def activated(client: Client, held: Letter) -> Client:
    """The client, with this letter's cheque open and active."""
    opened(client, held)
    answer = client.post(reverse("cheque_activate"))
    assert answer.status_code == 302
    return client
