"""De Klinker's street with one of everything that staff, treasurer and sponsor look at; and who is a stranger to it.

Sanne is the sponsor: the municipality. Nora works at Noorderwal, Zoë is its sponsor in another town: strangers both.
"""

import io
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from PIL import Image

from campaigns import operations as campaigns
from campaigns import receipts
from campaigns.models import Campaign, Receipt
from cheques import operations as cheques
from cheques import runs
from cheques.models import Cheque, ChequeRun, LetterDocument
from common import files
from ledger import periods, seals
from ledger.models import ClosingProposal, Key
from payments import payees, payment_files, payouts
from payments.models import BankLine, BankStatement, Donation, PayeeAccount, Payout, PayoutRun
from payments.statements import import_statement
from people.models import Organisation, OrganisationKind, Role, User
from programmes import operations as programmes
from programmes.models import FundingRequest, Grant, Programme
from tests import cast
from tests.cast import NOW, TODAY, World
from tests.web.signing_in import signed_in


@dataclass
class Street:
    """`issued`: a run of ten with its first letters made; `prepared`: Karin's, waiting for a colleague."""

    world: World
    programme: Programme
    issued: ChequeRun
    prepared: ChequeRun
    cheque: Cheque
    submitted: Campaign
    reached: Campaign
    paid: Campaign
    account: PayeeAccount
    payout: Payout
    receipt: Receipt
    payment_file: PayoutRun
    closing: ClosingProposal
    witness: Key
    statement: BankStatement
    unknown: BankLine
    refund: Donation
    grant: Grant
    sanne: User
    nora: User
    zoe: User

    @property
    def request(self) -> FundingRequest:
        return self.programme.fund.funding_requests.get()


def build() -> Street:
    here = cast.world()
    cast.dwellings(here, 10)
    programme = cast.funded(here, budget_cents=20_000)
    issued = cast.issued(here, programme)
    paid = filled(here, programme, issued, "Bank op het Irisplein", places=(0, 2))
    account = payees.give_account(
        initiator=paid.initiator, holder="F. Yildiz", iban="NL91ABNA0417164300", by=here.fatma, now=NOW
    )
    payees.approve_account(account_id=account.pk, by=here.karin, now=NOW)
    payment_file = pay(here, paid)
    unknown = arrive(12_300, counterparty_name="WONINGSTICHTING DE KLINKER")
    reached = filled(here, programme, issued, "Winterlichtjes", places=(2, 4))
    payout = payouts.propose(campaign_id=reached.pk, by=here.karin, now=NOW)
    grant = municipality()
    noorderwal = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Noorderwal Wonen", slug="noorderwal"
    )
    letters(issued)
    return Street(
        world=here,
        programme=programme,
        issued=issued,
        prepared=prepared(here, programme),
        cheque=issued.cheques.order_by("pk")[9],
        submitted=submitted(here, programme),
        reached=reached,
        paid=Campaign.objects.get(pk=paid.pk),
        account=account,
        payout=payout,
        receipt=receipt(here, paid),
        payment_file=payment_file,
        closing=periods.propose(ends_on=TODAY - timedelta(days=30), by=here.thea, now=NOW),
        witness=seals.add_witness(
            public=Ed25519PrivateKey.generate().public_key().public_bytes_raw(), holder="Huurders", now=NOW
        ),
        statement=unknown.statement,
        unknown=unknown,
        refund=failed_refund(paid),
        grant=grant,
        sanne=cast.person("Sanne", grant.organisation, Role.SPONSOR),
        nora=cast.person("Nora", noorderwal, Role.STAFF),
        zoe=cast.person("Zoe", noorderwal, Role.SPONSOR),
    )


def failed_refund(campaign: Campaign, *, status: str = "failed") -> Donation:
    """€ 20 of a donor that Stripe could not give back."""
    return Donation.objects.create(
        reference=uuid.uuid4(),
        campaign=campaign,
        amount_cents=2_000,
        made_at=NOW,
        state=Donation.State.REFUNDING,
        charge_id="py_1",
        refund_id="pyr_1",
        refund_status=status,
    )


def filled(
    here: World, programme: Programme, run: ChequeRun, title: str, *, places: tuple[int, int]
) -> Campaign:
    """A campaign of € 15 that two cheques of the run fill."""
    made = cast.campaign(here, programme, target_cents=1_500, title=title)
    for cheque in run.cheques.order_by("pk")[places[0] : places[1]]:
        purse = cheques.activate(cheque_id=cheque.pk, now=NOW)
        cheques.give(purse_id=purse.pk, campaign_id=made.pk, amount_cents=750, key="first", now=NOW)
    return Campaign.objects.get(pk=made.pk)


def pay(here: World, campaign: Campaign) -> PayoutRun:
    """Proposed, approved, sent, and seen on a statement."""
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    made = payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    line = cast.line(payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id)
    import_statement(content=cast.statement(line), by=here.thea, now=NOW)
    return made


def arrive(amount_cents: int, *, counterparty_name: str = "") -> BankLine:
    """Money that nobody knows, on a statement of its own."""
    line = cast.line(amount_cents, counterparty_name=counterparty_name)
    taken_in = import_statement(content=cast.statement(line), by=None, now=NOW)
    return taken_in[0].statement.lines.get()


def prepared(here: World, programme: Programme, name: str = "Uitgifte december") -> ChequeRun:
    return runs.prepare(
        rules=programme.rules,
        name=name,
        neighbourhoods=[here.bloemenbuurt],
        last_day_to_activate=date(2027, 1, 31),
        made_by=here.karin,
        now=NOW,
    )


def submitted(here: World, programme: Programme, title: str = "Buurttafel") -> Campaign:
    """Fatma's plan, sent in and not yet reviewed."""
    opened = campaigns.open_campaign(
        initiator=here.fatma.initiators.get(),
        rules=programme.rules,
        neighbourhood=here.bloemenbuurt,
        title=title,
        summary="Samen eten op de laatste vrijdag.",
        story="We koken samen.",
        theme="table",
        lines=[campaigns.PlannedLine("Tafels", 9_000, "hire"), campaigns.PlannedLine("Soep", 3_000, "food")],
        deadline=NOW + timedelta(days=30),
        now=NOW,
    )
    return campaigns.submit(campaign_id=opened.pk, now=NOW)


def letters(run: ChequeRun) -> LetterDocument:
    """A document of one letter, with no codes in it: drawing real ones takes a second."""
    document = LetterDocument.objects.create(
        run=run,
        number=1,
        file=files.store(content=b"%PDF-1.7", name="run-1.pdf", mime_type="application/pdf", now=NOW),
        letters=1,
        made_at=NOW,
    )
    run.cheques.filter(dwelling__house_number=10).update(letter=document, selector="7KX2MA")
    return document


def picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(drawn, "JPEG")
    return drawn.getvalue()


def receipt(here: World, campaign: Campaign) -> Receipt:
    return receipts.hand_in(
        campaign_id=campaign.pk,
        file=files.store(content=picture(), name="bon.jpg", mime_type="image/jpeg", now=NOW),
        supplier="Bouwmarkt",
        description="Planken",
        bought_on=TODAY,
        amount_cents=1_200,
        by=here.fatma,
        now=NOW,
    )


def municipality() -> Grant:
    """Adds half of every gift to the campaigns of De Klinker."""
    town = Organisation.objects.create(
        kind=OrganisationKind.MUNICIPALITY, name="Gemeente Oeverdam", slug="oeverdam"
    )
    return programmes.make_grant(
        organisation=town,
        host=Organisation.objects.get(slug="de-klinker"),
        name="Groene buurt",
        amount_cents=50_000,
        match_percent=50,
        per_campaign_cents=10_000,
        matches_cheques=True,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        made_by=None,
        now=NOW,
    )


def as_(user: User) -> Client:
    """A browser in which this person has signed in."""
    return signed_in(Client(), user)
