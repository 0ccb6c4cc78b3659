"""The whole road through the operations, without pages: from a budget to an accounted euro."""

import pytest

from campaigns import receipts
from campaigns.models import State
from cheques import operations as cheques
from common import files
from ledger import queries as books
from ledger.chart import Code
from payments import payees, payment_files, payouts
from payments.models import Donation, Payout
from payments.statements import import_statement
from tests import cast
from tests.books.soundness import assert_sound
from tests.cast import NOW, TODAY
from tests.standin import Stripe


@pytest.mark.django_db
def test_a_budget_becomes_an_accounted_euro(stripe: Stripe) -> None:
    here = cast.world()
    cast.dwellings(here, 10)
    programme = cast.funded(here, budget_cents=10_000)
    run = cast.issued(here, programme)
    campaign = cast.campaign(here, programme, target_cents=5_000)

    for cheque in run.cheques.order_by("pk")[:6]:
        purse = cheques.activate(cheque_id=cheque.pk, now=NOW)
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=500, key="first", now=NOW)
    donation = stripe.given(campaign, 2_000)
    campaign.refresh_from_db()
    assert (donation.state, donation.fee_cents) == (Donation.State.PAID, 35)
    assert (campaign.given_cents, campaign.times_given, campaign.state) == (5_000, 7, State.REACHED)

    paid_out = stripe.control("payouts")
    line = cast.line(paid_out["amount"], remittance=f"STRIPE {paid_out['id']}", counterparty_name="Stripe")
    import_statement(content=cast.statement(line), by=None, now=NOW)

    payees.give_account(
        initiator=campaign.initiator, holder="F. Yildiz", iban="NL91ABNA0417164300", by=here.fatma, now=NOW
    )
    account = campaign.initiator.payee_accounts.get()
    payees.approve_account(account_id=account.pk, by=here.karin, now=NOW)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    assert payout.amount_cents == 5_000 - 35
    with pytest.raises(payees.OwnProposal):
        payouts.approve(payout_id=payout.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    line = cast.line(payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id)
    import_statement(content=cast.statement(line), by=None, now=NOW)
    payout.refresh_from_db()
    campaign.refresh_from_db()
    assert (payout.state, campaign.state) == (Payout.State.CONFIRMED, State.PAID)

    receipt = receipts.hand_in(
        campaign_id=campaign.pk,
        file=files.store(content=b"a receipt", name="bon.jpg", mime_type="image/jpeg", now=NOW),
        supplier="Bouwmarkt",
        description="Bank",
        bought_on=TODAY,
        amount_cents=4_000,
        by=here.fatma,
        now=NOW,
    )
    receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)
    assert sum(receipts.unaccounted(campaign).values()) == 965
    line = cast.line(965, structured_reference=payout.leftover_reference)
    import_statement(content=cast.statement(line), by=None, now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == State.DONE
    assert sum(receipts.unaccounted(campaign).values()) == 0

    # 3,000 of 4,965 came from cheques: that share of the leftover goes back to the funder, the rest to the neighbourhood.
    assert books.total(code=Code.TO_RETURN) == 583
    assert books.total(code=Code.RESERVES) == 382
    assert books.total(code=Code.BANK) == 10_000 + 1_965 - 4_965 + 965
    assert books.total(code=Code.STRIPE_CLEARING) == 0
    assert_sound()
