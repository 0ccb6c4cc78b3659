"""Whoever pays at the stand-in Stripe, and the stand-in's own clock and payouts. Over HTTP, as a browser would."""

import http.client
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils import timezone

TIMEOUT_SECONDS = 20


class NoStandIn(Exception):
    """The stand-in did not answer, or not as it should. `status` is its answer, None where there was none."""

    def __init__(self, path: str, status: int | None) -> None:
        super().__init__(f"{settings.STRIPE_API_BASE}{path}: {status}")
        self.path = path
        self.status = status


@dataclass(frozen=True)
class PaidOut:
    payout_id: str
    amount_cents: int


def pay(session_id: str) -> None:
    """Presses the button of the payment page. Raises NoStandIn."""
    _post(f"/pay/{session_id}", {"outcome": "pay"}, expected=303)


def pay_out() -> PaidOut:
    """Lets the stand-in pay its whole balance to the bank. Raises NoStandIn, also when there is nothing."""
    made = json.loads(_post("/_control/payouts", {}, expected=200))
    return PaidOut(made["id"], made["amount"])


def set_clock(moment: datetime) -> None:
    """The stand-in works at this moment from now on: payment pages, payments and payouts are dated by its clock."""
    ahead = int((moment - timezone.now()).total_seconds())
    _post("/_control/clock", {"ahead_seconds": ahead}, expected=200)


def be_on_time() -> None:
    """The stand-in's clock is the real one again. Raises NoStandIn."""
    _post("/_control/clock", {"ahead_seconds": 0}, expected=200)


def _post(path: str, fields: dict[str, Any], *, expected: int) -> bytes:
    server = urlsplit(settings.STRIPE_API_BASE)
    connection = http.client.HTTPConnection(server.hostname or "", server.port, timeout=TIMEOUT_SECONDS)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}",
    }
    try:
        connection.request("POST", path, urlencode(fields), headers)
        answer = connection.getresponse()
        body = answer.read()
    except OSError as error:
        raise NoStandIn(path, None) from error
    finally:
        connection.close()
    if answer.status != expected:
        raise NoStandIn(path, answer.status)
    return body
