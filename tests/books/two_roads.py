"""Two programmes, a municipality and two donors pay for a bench and for flower boxes, with two payouts and three receipts.

| | cheques of programme A | of programme B | Henk | Ria | the municipality, half of what donors give | together |
| --- | --- | --- | --- | --- | --- | --- |
| the bench is given | 4 × € 5,00 | 2 × € 7,50 | € 7,00 | € 3,00 | € 3,50 and € 1,50 | € 50,00 |
| Stripe keeps | | | € 0,35 | € 0,35 | | |
| so it is paid out | € 20,00 | € 15,00 | € 9,30 | of both | € 5,00 | € 49,30 |
| the boxes are given and paid out | 2 × € 5,00 | | | | | € 10,00 |

The bench has receipts of € 25,00 and € 12,34 and € 2,00 comes back. The boxes have one of € 12,00, of which € 10,00 counts.
"""

from dataclasses import dataclass
from datetime import date

from campaigns import receipts
from campaigns.models import Campaign, Receipt
from cheques import operations as cheques
from cheques.models import ChequeRun, Purse
from common import files
from payments import payees, payment_files, payouts
from payments.models import Donation, Payout
from payments.statements import import_statement
from people.models import Organisation, OrganisationKind
from programmes import operations as programmes
from programmes.models import Grant, Programme
from tests import cast
from tests.books.road import picture
from tests.cast import NOW, TODAY
from tests.standin import Stripe


@dataclass
class Roads:
    """`henk` and `ria` are their donations. Each receipt is approved."""

    here: cast.World
    municipality: Organisation
    a: Programme
    b: Programme
    grant: Grant
    run_a: ChequeRun
    run_b: ChequeRun
    bench: Campaign
    boxes: Campaign
    henk: Donation
    ria: Donation
    bench_payout: Payout
    boxes_payout: Payout
    first: Receipt
    second: Receipt
    third: Receipt


def travelled(stripe: Stripe) -> Roads:
    here = cast.world()
    cast.dwellings(here, 8)
    a = cast.funded(here, budget_cents=6_000, value_cents=500)
    cast.receive(4_000, reference=a.fund.funding_requests.get().reference)
    b = cast.funded(here, budget_cents=9_000, value_cents=750, name="Ontmoeten 2026")
    municipality = Organisation.objects.create(
        kind=OrganisationKind.MUNICIPALITY, name="Gemeente Oeverdam", slug="oeverdam"
    )
    grant = _grant(here, municipality)
    run_a, run_b = cast.issued(here, a), cast.issued(here, b)
    bench = cast.campaign(here, a, target_cents=5_000)
    boxes = cast.campaign(here, a, target_cents=1_000, title="Bloembakken")
    purses_a, purses_b = _purses(run_a, 7), _purses(run_b, 2)
    # The seventh neighbour keeps her cheque.
    gifts = [(bench, purse) for purse in purses_a[:4]] + [(boxes, purse) for purse in purses_a[4:6]]
    for campaign, purse in [*gifts, *((bench, purse) for purse in purses_b)]:
        cents = 500 if purse in purses_a else 750
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=cents, key="g", now=NOW)
    henk, ria = stripe.given(bench, 700), stripe.given(bench, 300, name="Ria")
    paid = stripe.control("payouts")
    line = cast.line(paid["amount"], remittance=f"STRIPE {paid['id']}")
    import_statement(content=cast.statement(line), by=None, now=NOW)
    account = payees.give_account(
        initiator=bench.initiator, holder="F. Yildiz", iban="NL91ABNA0417164300", by=here.fatma, now=NOW
    )
    payees.approve_account(account_id=account.pk, by=here.karin, now=NOW)
    bench_payout, boxes_payout = pay(here, bench), pay(here, boxes)
    first, second = show(here, bench, 2_500, "Bouwmarkt"), show(here, bench, 1_234, "Houthandel")
    leftover = cast.line(200, structured_reference=bench_payout.leftover_reference)
    import_statement(content=cast.statement(leftover), by=None, now=NOW)
    third = show(here, boxes, 1_200, "Tuincentrum")
    return Roads(
        here, municipality, a, b, grant, run_a, run_b, bench, boxes, henk, ria,
        bench_payout, boxes_payout, first, second, third,
    )  # fmt: skip


def _grant(here: cast.World, municipality: Organisation) -> Grant:
    grant = programmes.make_grant(
        organisation=municipality,
        host=here.klinker,
        name="Samen voor groen",
        amount_cents=5_000,
        match_percent=50,
        per_campaign_cents=1_000,
        matches_cheques=False,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        made_by=None,
        now=NOW,
    )
    cast.receive(5_000, reference=grant.fund.funding_requests.get().reference)
    return grant


def _purses(run: ChequeRun, count: int) -> list[Purse]:
    stack = list(run.cheques.order_by("pk").values_list("pk", flat=True)[:count])
    return [cheques.activate(cheque_id=cheque_id, now=NOW) for cheque_id in stack]


def pay(here: cast.World, campaign: Campaign) -> Payout:
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    line = cast.line(payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id)
    import_statement(content=cast.statement(line), by=None, now=NOW)
    payout.refresh_from_db()
    return payout


def hand_in(here: cast.World, campaign: Campaign, cents: int, supplier: str) -> Receipt:
    return receipts.hand_in(
        campaign_id=campaign.pk,
        file=files.store(
            content=picture() + supplier.encode(), name="bon.jpg", mime_type="image/jpeg", now=NOW
        ),
        supplier=supplier,
        description="Hout",
        bought_on=TODAY,
        amount_cents=cents,
        by=here.fatma,
        now=NOW,
    )


def show(here: cast.World, campaign: Campaign, cents: int, supplier: str) -> Receipt:
    """Handed in and approved."""
    receipt = hand_in(here, campaign, cents, supplier)
    receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)
    receipt.refresh_from_db()
    return receipt
