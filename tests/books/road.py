"""The whole road as data: a budget and a municipality's match, cheques, gifts, a payout, a receipt and a leftover."""

import io
from dataclasses import dataclass
from datetime import date

from PIL import Image

from campaigns import receipts
from campaigns.models import Campaign, Pledge, Receipt
from cheques import operations as cheques
from cheques.models import ChequeRun
from common import files
from payments import payees, payment_files, payouts
from payments.models import Payout
from payments.statements import import_statement
from people.models import Organisation, OrganisationKind
from programmes import operations as programmes
from programmes.models import Grant, Programme
from tests import cast
from tests.cast import NOW, TODAY


@dataclass
class Road:
    """De Klinker's four cheques of € 5,00 and the € 10,00 that the municipality adds pay for a bench of € 30,00."""

    here: cast.World
    municipality: Organisation
    programme: Programme
    grant: Grant
    run: ChequeRun
    campaign: Campaign
    payout: Payout
    receipt: Receipt

    @property
    def gift(self) -> Pledge:
        """The first one from a purse."""
        return self.campaign.pledges.filter(grant__isnull=True).order_by("pk")[0]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(out, "JPEG")
    return out.getvalue()


def travelled(*, dwellings: int = 6) -> Road:
    """€ 100,00 budget, a cheque of € 5,00 for each dwelling; four are given and € 10,00 is added: paid out, € 28,00 shown."""
    here = cast.world()
    cast.dwellings(here, dwellings)
    programme = cast.funded(here, budget_cents=10_000, value_cents=500)
    municipality = Organisation.objects.create(
        kind=OrganisationKind.MUNICIPALITY, name="Gemeente Oeverdam", slug="oeverdam"
    )
    grant = programmes.make_grant(
        organisation=municipality,
        host=here.klinker,
        name="Samen voor groen",
        amount_cents=5_000,
        match_percent=50,
        per_campaign_cents=1_000,
        matches_cheques=True,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        made_by=None,
        now=NOW,
    )
    cast.receive(5_000, reference=grant.fund.funding_requests.get().reference)
    run = cast.issued(here, programme)
    campaign = cast.campaign(here, programme, target_cents=3_000)
    for cheque in run.cheques.order_by("pk")[:4]:
        purse = cheques.activate(cheque_id=cheque.pk, now=NOW)
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=500, key="first", now=NOW)
    payout = _paid_out(here, campaign)
    receipt = _shown(here, campaign, payout)
    campaign.refresh_from_db()
    return Road(here, municipality, programme, grant, run, campaign, payout, receipt)


def _paid_out(here: cast.World, campaign: Campaign) -> Payout:
    initiator = campaign.initiator
    account = payees.give_account(
        initiator=initiator, holder="F. Yildiz", iban="NL91ABNA0417164300", by=here.fatma, now=NOW
    )
    payees.approve_account(account_id=account.pk, by=here.karin, now=NOW)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    line = cast.line(payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id)
    import_statement(content=cast.statement(line), by=None, now=NOW)
    payout.refresh_from_db()
    return payout


def _shown(here: cast.World, campaign: Campaign, payout: Payout) -> Receipt:
    receipt = receipts.hand_in(
        campaign_id=campaign.pk,
        file=files.store(content=picture(), name="bon.jpg", mime_type="image/jpeg", now=NOW),
        supplier="Bouwmarkt",
        description="Bank",
        bought_on=TODAY,
        amount_cents=2_800,
        by=here.fatma,
        now=NOW,
    )
    receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)
    line = cast.line(200, structured_reference=payout.leftover_reference)
    import_statement(content=cast.statement(line), by=None, now=NOW)
    return Receipt.objects.get(pk=receipt.pk)
