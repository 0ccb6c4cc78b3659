"""A street where cheques were given out, and campaigns of Fatma in it."""

import io
from dataclasses import dataclass
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from campaigns import operations, receipts
from campaigns.models import Campaign, Receipt
from cheques import operations as cheques
from cheques.models import Cheque
from common import files
from payments import payees, payment_files, payouts
from payments.models import Payout
from payments.statements import import_statement
from people.models import User
from programmes.models import Programme
from tests import cast
from tests.cast import NOW, TODAY, World


@dataclass
class Street:
    here: World
    programme: Programme
    cheques: list[Cheque]

    @property
    def place(self) -> str:
        """The neighbourhood as the form names it."""
        return f"{self.programme.pk}:{self.here.bloemenbuurt.pk}"


def street() -> Street:
    here = cast.world()
    cast.dwellings(here, 12)
    programme = cast.funded(here, budget_cents=50_000)
    return Street(here, programme, list(cast.issued(here, programme).cheques.order_by("pk")))


def client(user: User | None) -> Client:
    """A browser in English, so that these tests do not lean on the Dutch texts."""
    browser = Client(headers={"accept-language": "en"})
    if user is not None:
        browser.force_login(user)
    return browser


def draft(at: Street, *, title: str = "A garden", by: User | None = None) -> Campaign:
    initiator = operations.introduce(user=by or at.here.fatma, kind="person", name="Fatma Yıldız")
    return operations.open_campaign(
        initiator=initiator,
        rules=at.programme.rules,
        neighbourhood=at.here.bloemenbuurt,
        title=title,
        summary="Beans and flowers.",
        story="Behind the church.",
        theme="green",
        lines=[operations.PlannedLine("Soil", 4_000, "material", "Tuincentrum")],
        deadline=NOW + timedelta(days=40),
        now=NOW,
    )


def give(at: Street, campaign: Campaign, times: int) -> None:
    for _ in range(times):
        purse = cheques.activate(cheque_id=at.cheques.pop().pk, now=NOW)
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=750, key="gift", now=NOW)


def reached(at: Street, *, title: str = "Winterlichtjes") -> Campaign:
    """A campaign of € 37,50 with five cheques in it."""
    campaign = cast.campaign(at.here, at.programme, target_cents=3_750, title=title)
    give(at, campaign, 5)
    campaign.refresh_from_db()
    return campaign


def paid(at: Street) -> tuple[Campaign, Payout]:
    campaign = reached(at)
    here = at.here
    account = payees.give_account(
        initiator=campaign.initiator, holder="F. Yildiz", iban="NL91ABNA0417164300", by=here.fatma, now=NOW
    )
    payees.approve_account(account_id=account.pk, by=here.karin, now=NOW)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    line = cast.line(payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id)
    import_statement(content=cast.statement(line), by=None, now=NOW)
    campaign.refresh_from_db()
    payout.refresh_from_db()
    return campaign, payout


def picture(colour: str = "red", kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(out, kind)
    return out.getvalue()


def upload(colour: str = "red") -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_1.jpg", picture(colour), "image/jpeg")


def receipt(at: Street, campaign: Campaign, amount_cents: int, colour: str = "blue") -> Receipt:
    return receipts.hand_in(
        campaign_id=campaign.pk,
        file=files.store(content=picture(colour), name="bon.jpg", mime_type="image/jpeg", now=NOW),
        supplier="Bouwmarkt",
        description="Lamps",
        bought_on=TODAY,
        amount_cents=amount_cents,
        by=at.here.fatma,
        now=NOW,
    )
