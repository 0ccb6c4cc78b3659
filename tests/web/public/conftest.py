"""Fixtures for the pages for anyone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import requests
from django.conf import settings as site
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns import receipts
from campaigns.models import Campaign
from cheques import operations as cheques
from cheques.models import Cheque
from common import files
from payments import payees, payment_files, payouts
from payments.sandbox.server import serve
from payments.statements import import_statement
from people.models import Organisation, OrganisationKind
from programmes import operations as programmes
from programmes.models import Grant, Programme
from tests import cast
from tests.cast import NOW, TODAY, World
from tests.web.clock import Clock


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def client() -> Client:
    """In English, so that a test reads what the source says."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def stripe(tmp_path: Path, settings: Settings, clock: Clock) -> Iterator[str]:
    """The stand-in Stripe, listening; no webhooks."""
    with serve(
        state=tmp_path / "stripe.jsonl",
        secret_key=site.STRIPE_SECRET_KEY,
        webhook_secret=site.STRIPE_WEBHOOK_SECRET,
        clock=lambda: clock.now,
    ) as url:
        settings.STRIPE_API_BASE = url
        yield url


def at_the_payment_page(url: str, outcome: str) -> None:
    """What the payer presses on the hosted page: pay, later or fail."""
    answer = requests.post(url.split("#")[0], {"outcome": outcome}, allow_redirects=False, timeout=10)
    assert answer.status_code in (200, 303)


@dataclass
class Square:
    """The Bloemenbuurt with two hundred cheques of 7,50 and a campaign that collects 100 euros for a bench."""

    world: World
    programme: Programme
    bench: Campaign

    def campaign(self, title: str, target_cents: int = 10_000) -> Campaign:
        return cast.campaign(self.world, self.programme, title=title, target_cents=target_cents)

    def cheque_gifts(self, campaign: Campaign, times: int, cents: int = 750) -> None:
        """So many neighbours each make a cheque active and give from it."""
        for cheque in Cheque.objects.filter(state=Cheque.State.MADE).order_by("pk")[:times]:
            purse = cheques.activate(cheque_id=cheque.pk, now=NOW)
            cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=cents, key="first", now=NOW)
        campaign.refresh_from_db()

    def municipality_matches(self, *, cheques_too: bool = False, per_campaign_cents: int = 30_000) -> Grant:
        """The municipality doubles every gift, with 500 euros in all."""
        oeverdam = Organisation.objects.create(
            kind=OrganisationKind.MUNICIPALITY, name="Gemeente Oeverdam", slug="oeverdam"
        )
        grant = programmes.make_grant(
            organisation=oeverdam,
            host=self.world.klinker,
            name="Oeverdam legt bij",
            amount_cents=50_000,
            match_percent=100,
            per_campaign_cents=per_campaign_cents,
            matches_cheques=cheques_too,
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            made_by=self.world.karin,
            now=NOW,
        )
        cast.receive(50_000, reference=grant.fund.funding_requests.get().reference)
        return grant

    def pay_out(self, campaign: Campaign) -> None:
        """Proposed by Karin, approved by Youssef, sent, and on the statement of the bank."""
        payees.give_account(
            initiator=campaign.initiator,
            holder="F. Yildiz",
            iban="NL91ABNA0417164300",
            by=self.world.fatma,
            now=NOW,
        )
        account = campaign.initiator.payee_accounts.order_by("-pk")[0]
        payees.approve_account(account_id=account.pk, by=self.world.karin, now=NOW)
        payout = payouts.propose(campaign_id=campaign.pk, by=self.world.karin, now=NOW)
        payouts.approve(payout_id=payout.pk, by=self.world.youssef, now=NOW)
        payment_files.make_run(execute_on=TODAY, by=self.world.thea, now=NOW)
        line = cast.line(payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id)
        import_statement(content=cast.statement(line), by=None, now=NOW)
        campaign.refresh_from_db()

    def receipt(
        self, campaign: Campaign, cents: int, *, supplier: str = "Bouwmarkt", approved: bool = True
    ) -> None:
        handed_in = receipts.hand_in(
            campaign_id=campaign.pk,
            file=files.store(
                content=f"{supplier} {cents}".encode(), name="bon.jpg", mime_type="image/jpeg", now=NOW
            ),
            supplier=supplier,
            description="Hout",
            bought_on=TODAY,
            amount_cents=cents,
            by=self.world.fatma,
            now=NOW,
        )
        if approved:
            receipts.approve(receipt_id=handed_in.pk, by=self.world.karin, now=NOW)
        campaign.refresh_from_db()

    def leftover(self, campaign: Campaign, cents: int) -> None:
        """What was not needed comes back to the bank."""
        payout = campaign.payouts.get()
        line = cast.line(cents, structured_reference=payout.leftover_reference)
        import_statement(content=cast.statement(line), by=None, now=NOW)
        campaign.refresh_from_db()


@pytest.fixture
def square(db: None) -> Square:
    here = cast.world()
    cast.dwellings(here, 60)
    programme = cast.funded(here)
    cast.issued(here, programme)
    return Square(here, programme, cast.campaign(here, programme))
