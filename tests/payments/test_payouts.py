"""Payouts: proposed by one, approved by another, sent as a SEPA file."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction
from lxml import etree

from campaigns import operations as campaigns
from campaigns.models import Campaign, State
from common import files
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from payments import payouts
from payments.bank.iban import BadIban
from payments.models import Payout, PayoutRun
from tests import cast
from tests.books.soundness import assert_sound
from tests.campaigns.giving import gift, grant, purses
from tests.cast import NOW, TODAY
from tests.crowd import at_once, kinds
from tests.payments.paying import FATMAS_IBAN, account, approved, take_in
from tests.standin import Stripe


def reached(here: cast.World, *, title: str = "Bank op het Irisplein") -> Campaign:
    """€ 20,00 from De Klinker's cheques and € 10,00 from the municipality."""
    cast.dwellings(here, 4)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 4)
    grant(here, amount_cents=50_000, percent=50)
    campaign = cast.campaign(here, programme, target_cents=3_000, title=title)
    for purse in stack:
        campaigns.pledge(gift=gift(purse, campaign, 500), now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == State.REACHED
    return campaign


# The account to pay to


def test_an_account_counts_when_a_second_person_approved_it_and_only_the_newest(
    here: cast.World, bench: Campaign
) -> None:
    initiator = bench.initiator
    assert payouts.account_of(initiator.pk) is None
    given = payouts.give_account(
        initiator=initiator, holder=" F. Yildiz ", iban="nl91 abna 0417 1643 00", by=here.fatma, now=NOW
    )
    assert (given.holder, given.iban) == ("F. Yildiz", FATMAS_IBAN)
    assert payouts.account_of(initiator.pk) is None
    with pytest.raises(payouts.OwnProposal):
        payouts.approve_account(account_id=given.pk, by=here.fatma, now=NOW)
    payouts.approve_account(account_id=given.pk, by=here.karin, now=NOW)
    assert payouts.approve_account(account_id=given.pk, by=here.youssef, now=NOW).approved_by == here.karin
    assert payouts.account_of(initiator.pk) == given
    payouts.give_account(
        initiator=initiator, holder="F. Yildiz", iban="NL39RABO0300065264", by=here.fatma, now=NOW
    )
    assert payouts.account_of(initiator.pk) is None


@pytest.mark.parametrize("iban", ["", "NL91ABNA0417164301", "NL91 ABNA 0417 1643", "XX00"])
def test_what_is_no_iban_is_not_kept(here: cast.World, bench: Campaign, iban: str) -> None:
    with pytest.raises(BadIban):
        payouts.give_account(initiator=bench.initiator, holder="F.", iban=iban, by=here.fatma, now=NOW)
    assert not bench.initiator.payee_accounts.exists()


# Proposing and approving


def test_an_approved_payout_is_out_of_the_pot_and_on_its_way_in_each_fund(here: cast.World) -> None:
    campaign = reached(here)
    account(here, campaign)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    assert (payout.amount_cents, payout.iban, payout.state) == (3_000, FATMAS_IBAN, Payout.State.PROPOSED)
    assert [part.amount_cents for part in payout.parts.order_by("fund_id")] == [2_000, 1_000]
    assert payouts.propose(campaign_id=campaign.pk, by=here.youssef, now=NOW) == payout
    assert books.total(code=Code.POTS) == 3_000

    decided = payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)

    assert (decided.state, decided.approved_by) == (Payout.State.APPROVED, here.youssef)
    (entry,) = books.entries_by_source(source=f"payout:{payout.pk}")
    assert (entry.made_by, entry.approved_by) == (here.karin, here.youssef)
    moved = [
        (one.debit.code, one.credit.code, one.amount_cents)
        for one in books.transfers_of(entry_ids=[entry.pk])
    ]
    assert sorted(moved) == [
        (Code.POTS, Code.PAYOUTS, 1_000),
        (Code.POTS, Code.PAYOUTS, 2_000),
        (Code.UNACCOUNTED, Code.UNACCOUNTED_CONTRA, 1_000),
        (Code.UNACCOUNTED, Code.UNACCOUNTED_CONTRA, 2_000),
    ]
    balances = {code: books.total(code=code) for code in (Code.POTS, Code.PAYOUTS, Code.UNACCOUNTED)}
    assert balances == {Code.POTS: 0, Code.PAYOUTS: 3_000, Code.UNACCOUNTED: 3_000}
    campaign.refresh_from_db()
    assert campaign.state == State.REACHED
    assert_sound()


def test_the_pot_bears_its_payment_costs(stripe: Stripe, here: cast.World) -> None:
    campaign = cast.campaign(here, cast.programme(here), target_cents=2_000)
    stripe.given(campaign, 2_000)
    account(here, campaign)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    (part,) = payout.parts.all()
    assert (payout.amount_cents, part.amount_cents, part.costs_cents) == (1_965, 1_965, 35)
    # Stripe still holds the money.
    with pytest.raises(payouts.CashNotThere) as refusal:
        payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    assert (refusal.value.cash_cents, refusal.value.wanted_cents) == (0, 1_965)
    payout.refresh_from_db()
    assert (payout.state, books.total(code=Code.POTS)) == (Payout.State.PROPOSED, 2_000)
    paid = stripe.control("payouts")
    take_in(cast.line(paid["amount"], remittance=f"STRIPE {paid['id']}"))
    payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    assert (books.total(code=Code.POTS), books.total(code=Code.PAYMENT_COSTS)) == (0, 0)
    assert_sound()


def test_cash_of_another_campaign_in_the_same_fund_is_not_enough_for_two(
    stripe: Stripe, here: cast.World
) -> None:
    """Two pots of one fund, and the bank has the money of one: the second waits."""
    programme = cast.programme(here)
    first = cast.campaign(here, programme, target_cents=2_000)
    second = cast.campaign(here, programme, target_cents=2_000, title="Plantenbakken")
    stripe.given(first, 2_000)
    paid = stripe.control("payouts")
    take_in(cast.line(paid["amount"], remittance=f"STRIPE {paid['id']}"))
    stripe.given(second, 2_000)
    approved(here, second)
    with pytest.raises(payouts.CashNotThere) as refusal:
        approved(here, first)
    assert (refusal.value.cash_cents, refusal.value.wanted_cents) == (1_965, 3_930)


def test_what_stands_in_the_way_of_a_payout_is_named(here: cast.World) -> None:
    campaign = reached(here)
    with pytest.raises(payouts.NoApprovedAccount) as refusal:
        payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    assert refusal.value.initiator_id == campaign.initiator_id
    account(here, campaign)
    collecting = cast.campaign(here, campaign.rules.programme, title="Plantenbakken")
    with pytest.raises(campaigns.NotInThatState):
        payouts.propose(campaign_id=collecting.pk, by=here.karin, now=NOW)
    Campaign.objects.filter(pk=collecting.pk).update(state=State.REACHED)
    with pytest.raises(payouts.NothingToPay):
        payouts.propose(campaign_id=collecting.pk, by=here.karin, now=NOW)


def test_the_maker_does_not_decide_and_what_is_decided_stays(here: cast.World) -> None:
    campaign = reached(here)
    account(here, campaign)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    for decide in (
        partial(payouts.approve, payout_id=payout.pk, now=NOW),
        partial(payouts.refuse, payout_id=payout.pk, reason="", now=NOW),
    ):
        with pytest.raises(payouts.OwnProposal):
            decide(by=here.karin)
    with (
        pytest.raises(IntegrityError, match="payout_is_decided_by_a_second_person"),
        transaction.atomic(),
    ):
        Payout.objects.filter(pk=payout.pk).update(state=Payout.State.APPROVED)
    with pytest.raises(IntegrityError, match="payout_maker_is_not_approver"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(approved_by=here.karin, approved_at=NOW)
    payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    for decide in (
        partial(payouts.approve, payout_id=payout.pk, now=NOW),
        partial(payouts.refuse, payout_id=payout.pk, reason="", now=NOW),
    ):
        with pytest.raises(payouts.NotProposed) as refusal:
            decide(by=here.youssef)
        assert refusal.value.state == Payout.State.APPROVED


def test_a_refused_payout_leaves_the_pot_and_can_be_proposed_again(here: cast.World) -> None:
    campaign = reached(here)
    account(here, campaign)
    first = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    refused = payouts.refuse(payout_id=first.pk, by=here.youssef, reason="Eerst bellen", now=NOW)
    assert (refused.state, refused.reason) == (Payout.State.REFUSED, "Eerst bellen")
    assert books.total(code=Code.POTS) == 3_000
    second = payouts.propose(campaign_id=campaign.pk, by=here.youssef, now=NOW)
    assert second != first
    assert second.end_to_end_id != first.end_to_end_id
    assert payouts.approve(payout_id=second.pk, by=here.karin, now=NOW).state == Payout.State.APPROVED
    assert_sound()


# The file for the bank


def test_the_file_has_each_approved_payout_once_with_name_amount_and_reference(here: cast.World) -> None:
    campaign = reached(here)
    payout = approved(here, campaign)
    run = payouts.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    payout.refresh_from_db()
    assert (payout.state, payout.run) == (Payout.State.SENT, run)
    root = etree.fromstring(files.read(run.file))
    for tag, said in (
        ("EndToEndId", payout.end_to_end_id),
        ("InstdAmt", "30.00"),
        ("IBAN", FATMAS_IBAN),
        ("MsgId", run.message_id),
        ("CtrlSum", "30.00"),
        ("Ustrd", "Buurtpot: Bank op het Irisplein"),
    ):
        assert said in [found.text for found in root.iter(f"{{*}}{tag}")]
    with pytest.raises(payouts.NoneApproved):
        payouts.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    assert PayoutRun.objects.count() == 1
    # Making the file moves no money: the bank's statement does.
    assert books.total(code=Code.PAYOUTS) == 3_000


# At the same moment


def test_a_payout_approved_in_two_windows_leaves_the_pot_once(own_database: str) -> None:
    here = cast.world()
    campaign = reached(here)
    account(here, campaign)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    outcomes = at_once(
        *(
            lambda by=by: payouts.approve(payout_id=payout.pk, by=by, now=NOW)
            for by in (here.youssef, here.youssef, here.bea, here.thea)
        )
    )
    assert kinds(outcomes) == ["NotProposed"] * 3 + ["Payout"]
    assert (books.total(code=Code.POTS), books.total(code=Code.PAYOUTS)) == (0, 3_000)
    assert_sound()


def test_a_payout_proposed_by_two_at_once_is_one(own_database: str) -> None:
    here = cast.world()
    campaign = reached(here)
    account(here, campaign)
    outcomes = at_once(
        *(
            lambda by=by: payouts.propose(campaign_id=campaign.pk, by=by, now=NOW)
            for by in (here.karin, here.youssef, here.bea)
        )
    )
    assert kinds(outcomes) == ["Payout"] * 3
    assert Payout.objects.count() == 1


def test_a_payout_goes_to_the_bank_in_one_file_only(own_database: str) -> None:
    here = cast.world()
    approved(here, reached(here))
    outcomes = at_once(*[lambda: payouts.make_run(execute_on=TODAY, by=here.thea, now=NOW)] * 4)
    assert kinds(outcomes) == ["NoneApproved"] * 3 + ["PayoutRun"]
    assert_sound()


def test_payouts_of_one_fund_approved_at_once_stay_within_its_cash(own_database: str, stripe: Stripe) -> None:
    here = cast.world()
    programme = cast.programme(here)
    pots = [cast.campaign(here, programme, target_cents=2_000, title=f"Bank {number}") for number in range(4)]
    for pot in pots[:2]:
        stripe.given(pot, 2_000)
    paid = stripe.control("payouts")
    take_in(cast.line(paid["amount"], remittance=f"STRIPE {paid['id']}"))
    for pot in pots[2:]:
        stripe.given(pot, 2_000)
    account(here, pots[0])
    proposed = [payouts.propose(campaign_id=pot.pk, by=here.karin, now=NOW) for pot in pots]
    outcomes = at_once(
        *(lambda pk=payout.pk: payouts.approve(payout_id=pk, by=here.youssef, now=NOW) for payout in proposed)
    )
    assert kinds(outcomes) == ["CashNotThere"] * 2 + ["Payout"] * 2
    assert books.total(code=Code.PAYOUTS) == 2 * 1_965
    assert_sound()


def test_the_books_are_the_last_guard_of_the_pot(here: cast.World) -> None:
    """Without the operation's own checks the ledger still refuses to pay what is not in the pot."""
    campaign = reached(here)
    (fund_id, _) = sorted(books.balances_by_key(keys=[campaign.key], code=Code.POTS)[campaign.key])
    pot = ledger.account(fund_id=fund_id, code=Code.POTS, key=campaign.key)
    way = ledger.account(fund_id=fund_id, code=Code.PAYOUTS, key="payout:0")
    with pytest.raises(ledger.Overdrawn):
        ledger.post(key="x", kind="payout", moves=[ledger.Move(pot, way, 2_001)], now=NOW)
