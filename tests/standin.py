"""The stand-in Stripe over real HTTP, for tests of what happens on our side of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as site
from pytest_django.fixtures import Settings

from campaigns.models import Campaign
from payments import donations, gateway
from payments.models import Donation
from payments.sandbox.server import serve
from tests.cast import NOW

CONTROL = {"Authorization": f"Bearer {site.STRIPE_SECRET_KEY}"}


@dataclass(frozen=True)
class Stripe:
    """A running stand-in; nobody is told of what happens there unless the test does it."""

    url: str

    def intend(self, campaign: Campaign, amount_cents: int, *, name: str = "Henk") -> Donation:
        """Henk stands before the payment page."""
        donation = donations.intend(
            campaign=campaign,
            amount_cents=amount_cents,
            name=name,
            message="",
            email="",
            language="nl",
            now=NOW,
        )
        donations.payment_page(donation=donation, return_url="http://x.test/", cancel_url="http://x.test/")
        donation.refresh_from_db()
        return donation

    def press(self, donation: Donation, outcome: str) -> None:
        """Presses pay, later or fail on the payment page."""
        answer = requests.post(
            f"{self.url}/pay/{donation.session_id}", {"outcome": outcome}, allow_redirects=False, timeout=10
        )
        assert answer.status_code == (200 if outcome == "fail" else 303)

    def pay(self, campaign: Campaign, amount_cents: int, *, name: str = "Henk") -> Donation:
        """Henk has paid; our side does not know."""
        donation = self.intend(campaign, amount_cents, name=name)
        self.press(donation, "pay")
        return donation

    def given(self, campaign: Campaign, amount_cents: int, *, name: str = "Henk") -> Donation:
        """Henk has paid and we have looked."""
        return donations.follow_up(donation=self.pay(campaign, amount_cents, name=name), now=NOW)

    def control(self, path: str, **fields: int) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/_control/{path}", fields, headers=CONTROL, timeout=10)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def ask(self, path: str) -> dict[str, Any]:
        """An object as the API shows it."""
        answer = requests.get(f"{self.url}/v1/{path}", headers=CONTROL, timeout=10)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def events(self) -> list[gateway.Event]:
        """Those that we hear of, oldest first."""
        return list(gateway.events_since(NOW))[::-1]


@pytest.fixture
def stripe(tmp_path: Path, settings: Settings) -> Iterator[Stripe]:
    """The stand-in, listening; no webhooks."""
    with serve(
        state=tmp_path / "stripe.jsonl",
        secret_key=site.STRIPE_SECRET_KEY,
        webhook_secret=site.STRIPE_WEBHOOK_SECRET,
        clock=lambda: NOW,
    ) as url:
        settings.STRIPE_API_BASE = url
        yield Stripe(url)
