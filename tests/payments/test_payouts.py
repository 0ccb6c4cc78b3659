"""Payouts: proposed by one, approved by another, sent as a SEPA file."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction
from lxml import etree

from campaigns import operations as campaigns
from campaigns import pledges, receipts
from campaigns.models import Campaign, State
from common import files
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from payments import donations, payees, payment_files, payouts
from payments.bank.iban import BadIban
from payments.models import BankLine, Donation, PayeeAccount, Payout, PayoutPart, PayoutRun
from tests import cast
from tests.books.soundness import assert_sound
from tests.campaigns.giving import gift, grant, purses
from tests.cast import NOW, TODAY
from tests.crowd import at_once, kinds
from tests.ledger.roles import NO_RIGHT
from tests.ledger.roles import refusal as denied
from tests.ledger.together import beside
from tests.payments.paying import FATMAS_IBAN, account, approved, handed_in, leaving, paid_out, take_in
from tests.standin import Stripe

OTHER_IBAN = "NL39RABO0300065264"


def reached(here: cast.World, *, title: str = "Bank op het Irisplein") -> Campaign:
    """€ 20,00 from De Klinker's cheques and € 10,00 from the municipality."""
    cast.dwellings(here, 4)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 4)
    grant(here, amount_cents=50_000, percent=50)
    campaign = cast.campaign(here, programme, target_cents=3_000, title=title)
    for purse in stack:
        pledges.pledge(gift=gift(purse, campaign, 500), now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == State.REACHED
    return campaign


# The account to pay to


def test_an_account_counts_when_a_second_person_approved_it_and_only_the_newest(
    here: cast.World, bench: Campaign
) -> None:
    initiator = bench.initiator
    assert payees.account_of(initiator.pk) is None
    given = payees.give_account(
        initiator=initiator, holder=" F. Yildiz ", iban="nl91 abna 0417 1643 00", by=here.fatma, now=NOW
    )
    assert (given.holder, given.iban) == ("F. Yildiz", FATMAS_IBAN)
    assert payees.account_of(initiator.pk) is None
    with pytest.raises(payees.OwnProposal):
        payees.approve_account(account_id=given.pk, by=here.fatma, now=NOW)
    payees.approve_account(account_id=given.pk, by=here.karin, now=NOW)
    assert payees.approve_account(account_id=given.pk, by=here.youssef, now=NOW).approved_by == here.karin
    assert payees.account_of(initiator.pk) == given
    payees.give_account(initiator=initiator, holder="F. Yildiz", iban=OTHER_IBAN, by=here.fatma, now=NOW)
    assert payees.account_of(initiator.pk) is None


def test_an_account_that_was_replaced_is_not_approved(here: cast.World, bench: Campaign) -> None:
    first, second = (
        payees.give_account(initiator=bench.initiator, holder="F.", iban=iban, by=here.fatma, now=NOW)
        for iban in (FATMAS_IBAN, OTHER_IBAN)
    )
    with pytest.raises(payees.AccountReplaced) as refusal:
        payees.approve_account(account_id=first.pk, by=here.karin, now=NOW)
    assert (refusal.value.account_id, refusal.value.newest_id) == (first.pk, second.pk)
    first.refresh_from_db()
    assert first.approved_by is None
    assert payees.approve_account(account_id=second.pk, by=here.karin, now=NOW).approved_by == here.karin


def test_the_same_account_again_is_the_one_that_was_given(here: cast.World, bench: Campaign) -> None:
    def given(iban: str) -> PayeeAccount:
        return payees.give_account(initiator=bench.initiator, holder="F. ", iban=iban, by=here.fatma, now=NOW)

    first = given(FATMAS_IBAN)
    payees.approve_account(account_id=first.pk, by=here.karin, now=NOW)
    assert given("nl91 abna 0417 1643 00") == first
    assert payees.account_of(bench.initiator_id) == first
    # Back to an earlier one is a change again.
    assert len({first.pk, given(OTHER_IBAN).pk, given(FATMAS_IBAN).pk}) == 3


def test_who_approves_waits_for_an_account_that_is_being_given(own_database: str) -> None:
    here = cast.world()
    initiator = cast.campaign(here, cast.programme(here)).initiator
    give = partial(payees.give_account, initiator=initiator, holder="F.", by=here.fatma, now=NOW)
    first = give(iban=FATMAS_IBAN)
    with transaction.atomic():
        give(iban=OTHER_IBAN)
        approving = beside(partial(payees.approve_account, account_id=first.pk, by=here.karin, now=NOW))
        assert approving.waits()
    with pytest.raises(payees.AccountReplaced):
        approving.result()


@pytest.mark.parametrize("iban", ["", "NL91ABNA0417164301", "NL91 ABNA 0417 1643", "XX00"])
def test_what_is_no_iban_is_not_kept(here: cast.World, bench: Campaign, iban: str) -> None:
    with pytest.raises(BadIban):
        payees.give_account(initiator=bench.initiator, holder="F.", iban=iban, by=here.fatma, now=NOW)
    assert not bench.initiator.payee_accounts.exists()


# Proposing and approving


def test_who_gets_the_money_decides_nothing_about_it(here: cast.World) -> None:
    campaign = reached(here)
    account(here, campaign)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    with pytest.raises(campaigns.OwnCampaign):
        payouts.approve(payout_id=payout.pk, by=here.fatma, now=NOW)
    with pytest.raises(campaigns.OwnCampaign):
        payouts.refuse(payout_id=payout.pk, by=here.fatma, reason="No.", now=NOW)
    payout.refresh_from_db()
    assert payout.state == Payout.State.PROPOSED
    assert books.total(code=Code.POTS) == 3_000


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


def test_what_arrives_after_a_payout_was_proposed_goes_back_and_is_not_left_behind(
    stripe: Stripe, here: cast.World
) -> None:
    campaign = cast.campaign(here, cast.programme(here), target_cents=1_000)
    early, late, later = (stripe.pay(campaign, 1_000) for _ in range(3))
    assert donations.follow_up(donation=early, now=NOW).state == Donation.State.PAID
    account(here, campaign)
    proposed = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    assert donations.follow_up(donation=late, now=NOW).state == Donation.State.REFUNDING
    payouts.refuse(payout_id=proposed.pk, by=here.youssef, reason="Nog even.", now=NOW)
    assert donations.follow_up(donation=later, now=NOW).state == Donation.State.PAID
    again = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    assert (proposed.amount_cents, again.amount_cents) == (965, 1_930)
    assert_sound()


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
        with pytest.raises(payees.OwnProposal):
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


def test_a_payout_to_an_account_that_no_longer_counts_is_not_approved(here: cast.World) -> None:
    campaign = reached(here)
    account(here, campaign)
    first = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    changed = payees.give_account(
        initiator=campaign.initiator, holder="F. Yildiz", iban=OTHER_IBAN, by=here.fatma, now=NOW
    )
    approve = partial(payouts.approve, by=here.youssef, now=NOW)
    for _ in ("the new one waits for approval", "the new one counts"):
        with pytest.raises(payouts.AccountChanged) as refusal:
            approve(payout_id=first.pk)
        assert refusal.value.payout_id == first.pk
        payees.approve_account(account_id=changed.pk, by=here.karin, now=NOW)
    assert books.total(code=Code.POTS) == 3_000
    payouts.refuse(payout_id=first.pk, by=here.youssef, reason="Andere rekening", now=NOW)
    second = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    assert approve(payout_id=second.pk).iban == OTHER_IBAN
    assert_sound()


def test_a_payout_whose_parts_are_another_sum_is_not_approved(here: cast.World) -> None:
    campaign = reached(here)
    account(here, campaign)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    PayoutPart.objects.create(payout=payout, fund_id=cast.donations_fund(here), amount_cents=500)
    with pytest.raises(payouts.PartsDoNotSum) as refusal:
        payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    assert (refusal.value.parts_cents, refusal.value.amount_cents) == (3_500, 3_000)
    assert books.total(code=Code.POTS) == 3_000


def test_the_database_refuses_a_state_without_its_fact(here: cast.World) -> None:
    payout = approved(here, reached(here))
    rows = Payout.objects.filter(pk=payout.pk)
    with pytest.raises(IntegrityError, match="payout_sent_is_in_a_payment_file"), transaction.atomic():
        rows.update(state=Payout.State.SENT)
    with pytest.raises(IntegrityError, match="payout_confirmed_on_a_day"), transaction.atomic():
        rows.update(confirmed_on=TODAY)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    with pytest.raises(IntegrityError, match="payout_confirmed_on_a_day"), transaction.atomic():
        rows.update(state=Payout.State.CONFIRMED)
    rows.update(state=Payout.State.CONFIRMED, confirmed_on=TODAY)


# The file for the bank


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Straße " * 14, f"Buurtpot: {'Strasse ' * 14}".strip()),
        ("北京" * 20, f"Buurtpot: {'Bei Jing ' * 20}"[:140].strip()),
        ("🌳", None),
    ],
)
def test_a_title_in_any_script_does_not_stop_the_payment_file(
    here: cast.World, title: str, read: str | None
) -> None:
    campaign = reached(here)
    Campaign.objects.filter(pk=campaign.pk).update(title=title[:100])
    approved(here, campaign)
    run = payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    (said,) = [found.text for found in etree.fromstring(files.read(run.file)).iter("{*}Ustrd")]
    assert said == (read or f"Buurtpot: {campaign.pk}")


@pytest.mark.parametrize("holder", ["🌳", "  ", "\u200b"])
def test_a_holder_whom_no_bank_can_read_is_not_kept(here: cast.World, bench: Campaign, holder: str) -> None:
    give = partial(payees.give_account, initiator=bench.initiator, iban=FATMAS_IBAN, by=here.fatma, now=NOW)
    with pytest.raises(payees.BadHolder) as refusal:
        give(holder=holder)
    assert refusal.value.holder == holder
    assert give(holder="Фатма 🌳").holder == "Фатма 🌳"


def test_the_file_has_each_approved_payout_once_with_name_amount_and_reference(here: cast.World) -> None:
    campaign = reached(here)
    payout = approved(here, campaign)
    run = payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
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
    with pytest.raises(payment_files.NoneApproved):
        payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    assert PayoutRun.objects.count() == 1
    # Making the file moves no money: the bank's statement does.
    assert books.total(code=Code.PAYOUTS) == 3_000


def test_a_file_is_made_of_what_somebody_agreed_to_or_not_at_all(here: cast.World) -> None:
    approved(here, reached(here))
    assert payment_files.approved_batch() == payment_files.Batch(1, 3_000)
    for agreed in (payment_files.Batch(1, 2_999), payment_files.Batch(2, 3_000)):
        with pytest.raises(payment_files.BatchChanged) as refusal:
            payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW, agreed=agreed)
        assert refusal.value.now == payment_files.Batch(1, 3_000)
    assert not PayoutRun.objects.exists()
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW, agreed=payment_files.approved_batch())
    assert payment_files.approved_batch() == payment_files.Batch(0, 0)


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
    outcomes = at_once(*[lambda: payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)] * 4)
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
        ledger.post(
            key="x",
            kind="payout",
            moves=[ledger.Move(pot, way, 2_001)],
            made_by=here.karin,
            approved_by=here.youssef,
            now=NOW,
        )


# Taken back


def other_account(here: cast.World, campaign: Campaign) -> None:
    given = payees.give_account(
        initiator=campaign.initiator, holder="F. Yildiz", iban=OTHER_IBAN, by=here.fatma, now=NOW
    )
    payees.approve_account(account_id=given.pk, by=here.karin, now=NOW)


def withdraw(here: cast.World, payout: Payout) -> Payout:
    return payouts.withdraw(payout_id=payout.pk, by=here.karin, reason="Andere rekening.", now=NOW)


def test_a_payout_to_an_account_that_no_longer_counts_stays_out_of_the_file(here: cast.World) -> None:
    bench = reached(here)
    payout = approved(here, bench)
    assert (list(payment_files.to_send()), list(payment_files.held_up())) == ([payout], [])
    given = payees.give_account(
        initiator=bench.initiator, holder="F. Yildiz", iban=OTHER_IBAN, by=here.fatma, now=NOW
    )
    for _ in ("given", "approved"):
        assert (list(payment_files.to_send()), list(payment_files.held_up())) == ([], [payout])
        with pytest.raises(payment_files.NoneApproved):
            payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
        payees.approve_account(account_id=given.pk, by=here.karin, now=NOW)
    payees.give_account(
        initiator=bench.initiator, holder="F. Yildiz", iban=FATMAS_IBAN, by=here.fatma, now=NOW
    )
    payees.approve_account(account_id=newest_of(bench), by=here.karin, now=NOW)
    assert list(payment_files.to_send()) == [payout]  # the account that it was approved for counts again


def newest_of(campaign: Campaign) -> int:
    newest = payees.newest_account(campaign.initiator_id)
    assert newest is not None
    return newest.pk


def test_a_payout_taken_back_is_in_the_pot_as_if_it_was_never_made(here: cast.World) -> None:
    bench = reached(here)
    payout = approved(here, bench)
    assert (books.total(code=Code.POTS), books.total(code=Code.UNACCOUNTED)) == (0, 3_000)
    withdrawn = withdraw(here, payout)
    bench.refresh_from_db()
    assert (withdrawn.state, withdrawn.reason, bench.state) == (
        Payout.State.WITHDRAWN,
        "Andere rekening.",
        State.REACHED,
    )
    assert bench.pot_is_open
    assert [books.total(code=code) for code in (Code.POTS, Code.PAYOUTS, Code.UNACCOUNTED)] == [3_000, 0, 0]
    undone = books.entries_of(fund_ids=[payout.parts.all()[0].fund_id]).get(
        key=f"payout withdrawn:{payout.pk}"
    )
    assert undone.made_by == here.karin
    assert_sound()
    with pytest.raises(payouts.NotApproved):
        withdraw(here, payout)
    other_account(here, bench)
    anew = payouts.propose(campaign_id=bench.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=anew.pk, by=here.youssef, now=NOW)
    assert (anew.iban, anew.amount_cents) == (OTHER_IBAN, 3_000)
    assert_sound()


def test_what_the_bank_sent_back_can_be_paid_to_another_account(here: cast.World) -> None:
    """Fatma's account was closed. She gives another one, and the same money goes there."""
    bench = reached(here)
    payout = paid_out(here, bench)
    take_in(cast.line(3_000, end_to_end_id=payout.end_to_end_id, return_reason="AC04"))
    payout.refresh_from_db()
    bench.refresh_from_db()
    # Not paid after all, so she can give another account; the pot stays closed while this payout may be sent anew.
    assert (payouts.returned_on(payout), bench.state, bench.pot_is_open) == (TODAY, State.REACHED, False)
    assert payouts.taken_back_by(payout) is None
    withdraw(here, payout)
    bench.refresh_from_db()
    assert (bench.state, bench.pot_is_open) == (State.REACHED, True)
    undone = payouts.taken_back_by(payout)
    assert undone is not None
    assert undone.made_by == here.karin
    other_account(here, bench)
    anew = payouts.propose(campaign_id=bench.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=anew.pk, by=here.youssef, now=NOW)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    take_in(leaving(anew))
    bench.refresh_from_db()
    assert (bench.state, books.total(code=Code.PAYOUTS), books.total(code=Code.UNACCOUNTED)) == (
        State.PAID,
        0,
        3_000,
    )
    # She had written down the reference of the first payout to send back what is left.
    (left,) = take_in(cast.line(500, structured_reference=payout.leftover_reference))
    assert (left.kind, books.total(code=Code.UNACCOUNTED)) == (BankLine.Kind.LEFTOVER, 2_500)
    assert_sound()


def test_a_payment_file_keeps_what_it_held_when_a_payout_comes_back_and_is_sent_anew(
    here: cast.World,
) -> None:
    payout = paid_out(here, reached(here))
    take_in(cast.line(3_000, end_to_end_id=payout.end_to_end_id, return_reason="AC04"))
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    assert [list(run.holds.all()) for run in PayoutRun.objects.order_by("pk")] == [[payout], [payout]]
    for change in (
        "DELETE FROM payments_payoutrun_holds",
        "UPDATE payments_payoutrun_holds SET payout_id = payout_id",
    ):
        assert denied(change).sqlstate == NO_RIGHT


def test_a_receipt_that_waits_is_not_approved_while_there_is_nothing_to_account_for(here: cast.World) -> None:
    """It would never count: the next payout would want it again, and the same photo is not taken twice."""
    bench = reached(here)
    payout = paid_out(here, bench)
    receipt = handed_in(here, bench, 2_000)
    take_in(cast.line(3_000, end_to_end_id=payout.end_to_end_id, return_reason="AC04"))
    withdraw(here, payout)
    with pytest.raises(campaigns.NotInThatState):
        receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)
    anew = payouts.propose(campaign_id=bench.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=anew.pk, by=here.youssef, now=NOW)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    take_in(leaving(anew))
    receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)
    assert books.total(code=Code.UNACCOUNTED) == 1_000
    assert_sound()


def test_a_payout_that_was_sent_is_not_taken_back(here: cast.World) -> None:
    bench = reached(here)
    payout = approved(here, bench)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    with pytest.raises(payouts.NotApproved) as refusal:
        withdraw(here, payout)
    assert refusal.value.state == Payout.State.SENT


def test_what_was_accounted_for_is_not_taken_back(here: cast.World) -> None:
    """The bank sent the money back after Fatma had bought the bench: it can only be sent anew."""
    bench = reached(here)
    payout = paid_out(here, bench)
    receipt = handed_in(here, bench, 2_000)
    receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)
    take_in(cast.line(3_000, end_to_end_id=payout.end_to_end_id, return_reason="AC04"))
    with pytest.raises(payouts.AccountedFor):
        withdraw(here, payout)
    payout.refresh_from_db()
    assert (payout.state, books.total(code=Code.PAYOUTS)) == (Payout.State.APPROVED, 3_000)
    assert_sound()


def test_a_payout_is_sent_or_taken_back_never_both(own_database: str) -> None:
    here = cast.world()
    payout = approved(here, reached(here))
    outcomes = at_once(
        partial(withdraw, here, payout),
        partial(payment_files.make_run, execute_on=TODAY, by=here.thea, now=NOW),
    )
    payout.refresh_from_db()
    assert (kinds(outcomes), payout.state, PayoutRun.objects.count()) in (
        (["NotApproved", "PayoutRun"], Payout.State.SENT, 1),
        (["NoneApproved", "Payout"], Payout.State.WITHDRAWN, 0),
    )
    assert_sound()
