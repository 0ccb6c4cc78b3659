"""Receipts: the moment that money counts as spent."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from campaigns import operations as campaigns
from campaigns import pledges, receipts
from campaigns.models import Campaign, Receipt, State
from common import files
from ledger import queries as books
from ledger.chart import Code
from people.models import User
from tests import cast
from tests.books.soundness import assert_sound
from tests.campaigns.giving import gift, grant, purses
from tests.cast import NOW, TODAY
from tests.crowd import at_once, kinds
from tests.payments.paying import paid_out


def bench(here: cast.World, *, target_cents: int = 3_000) -> Campaign:
    """Paid out: two thirds came from De Klinker's cheques, one third from the municipality."""
    cast.dwellings(here, 10)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 10)
    grant(here, amount_cents=50_000, percent=50)
    campaign = cast.campaign(here, programme, target_cents=target_cents)
    for purse in stack:
        if campaign.room_cents:
            pledges.pledge(gift=gift(purse, campaign, 500), now=NOW)
            campaign.refresh_from_db()
    paid_out(here, campaign)
    campaign.refresh_from_db()
    return campaign


def hand_in(campaign: Campaign, by: User, amount_cents: int, *, content: bytes = b"bon 1") -> Receipt:
    return receipts.hand_in(
        campaign_id=campaign.pk,
        file=files.store(content=content, name="bon.jpg", mime_type="image/jpeg", now=NOW),
        supplier="Bouwmarkt",
        description="Bank",
        bought_on=TODAY,
        amount_cents=amount_cents,
        by=by,
        now=NOW,
    )


@pytest.mark.django_db
def test_an_approved_receipt_counts_as_spent_in_each_fund_that_paid() -> None:
    here = cast.world()
    campaign = bench(here)
    assert sorted(receipts.unaccounted(campaign).values()) == [1_000, 2_000]

    handed_in = hand_in(campaign, here.fatma, 1_000)
    assert sum(receipts.unaccounted(campaign).values()) == 3_000
    approved = receipts.approve(receipt_id=handed_in.pk, by=here.karin, now=NOW)

    assert (approved.state, approved.decided_by) == (Receipt.State.APPROVED, here.karin)
    assert sorted(receipts.unaccounted(campaign).values()) == [667, 1_333]
    (entry,) = books.entries_by_source(source=f"receipt:{handed_in.pk}")
    assert (entry.made_by, entry.approved_by) == (here.fatma, here.karin)
    moved = [
        (one.debit.code, one.credit.code, one.amount_cents)
        for one in books.transfers_of(entry_ids=[entry.pk])
    ]
    assert sorted(moved) == [
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED, 333),
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED, 667),
    ]
    campaign.refresh_from_db()
    assert campaign.state == State.PAID
    assert_sound()


@pytest.mark.django_db
def test_the_campaign_is_done_when_every_euro_is_accounted_for() -> None:
    here = cast.world()
    campaign = bench(here)
    first = hand_in(campaign, here.fatma, 1_001)
    rest = hand_in(campaign, here.fatma, 5_000, content=b"bon 2")
    receipts.approve(receipt_id=first.pk, by=here.karin, now=NOW)
    receipts.approve(receipt_id=rest.pk, by=here.karin, now=NOW + timedelta(days=1))
    campaign.refresh_from_db()
    # What a receipt exceeds the payout by is Fatma's own affair.
    assert sum(receipts.unaccounted(campaign).values()) == 0
    assert (campaign.state, campaign.closed_at) == (State.DONE, NOW + timedelta(days=1))
    with pytest.raises(campaigns.NotInThatState):
        hand_in(campaign, here.fatma, 100, content=b"bon 3")
    assert_sound()


@pytest.mark.django_db
def test_a_refused_receipt_counts_for_nothing_and_keeps_its_reason() -> None:
    here = cast.world()
    campaign = bench(here)
    handed_in = hand_in(campaign, here.fatma, 1_000)
    refused = receipts.refuse(receipt_id=handed_in.pk, by=here.karin, reason="Niet leesbaar", now=NOW)
    assert (refused.state, refused.reason) == (Receipt.State.REFUSED, "Niet leesbaar")
    assert sum(receipts.unaccounted(campaign).values()) == 3_000
    assert not books.entries_by_source(source=f"receipt:{handed_in.pk}").exists()


@pytest.mark.django_db
def test_nobody_decides_about_their_own_receipt_or_about_a_decided_one() -> None:
    here = cast.world()
    campaign = bench(here)
    handed_in = hand_in(campaign, here.karin, 1_000)
    for decide in (
        partial(receipts.approve, receipt_id=handed_in.pk, now=NOW),
        partial(receipts.refuse, receipt_id=handed_in.pk, reason="", now=NOW),
    ):
        with pytest.raises(receipts.OwnReceipt) as own:
            decide(by=here.karin)
        assert own.value.receipt_id == handed_in.pk
    receipts.approve(receipt_id=handed_in.pk, by=here.youssef, now=NOW)
    for decide in (
        partial(receipts.approve, receipt_id=handed_in.pk, now=NOW),
        partial(receipts.refuse, receipt_id=handed_in.pk, reason="", now=NOW),
    ):
        with pytest.raises(receipts.DecidedAlready) as decided:
            decide(by=here.youssef)
        assert decided.value.state == Receipt.State.APPROVED
    with pytest.raises(IntegrityError, match="receipt_submitter_does_not_decide"), transaction.atomic():
        Receipt.objects.filter(pk=handed_in.pk).update(decided_by=here.karin)


@pytest.mark.django_db
def test_a_receipt_is_handed_in_once_and_only_for_a_campaign_that_was_paid() -> None:
    here = cast.world()
    campaign = bench(here)
    handed_in = hand_in(campaign, here.fatma, 1_000)
    with pytest.raises(receipts.ReceiptTwice) as twice:
        hand_in(campaign, here.fatma, 2_000)
    assert twice.value.receipt_id == handed_in.pk
    collecting = cast.campaign(here, campaign.rules.programme, title="Plantenbakken")
    with pytest.raises(campaigns.NotInThatState):
        hand_in(collecting, here.fatma, 1_000)


@pytest.mark.django_db
def test_a_receipt_for_far_more_than_was_in_the_pot_is_refused() -> None:
    here = cast.world()
    campaign = bench(here)
    with pytest.raises(receipts.FarMoreThanThePot) as refusal:
        hand_in(campaign, here.fatma, 6_001)
    assert (refusal.value.amount_cents, refusal.value.given_cents) == (6_001, 3_000)
    assert hand_in(campaign, here.fatma, 6_000).amount_cents == 6_000


def test_of_two_who_approve_a_receipt_at_once_one_does(own_database: str) -> None:
    here = cast.world()
    campaign = bench(here)
    handed_in = hand_in(campaign, here.fatma, 1_000)
    outcomes = at_once(
        *(
            lambda by=by: receipts.approve(receipt_id=handed_in.pk, by=by, now=NOW)
            for by in (here.karin, here.youssef, here.bea, here.thea)
        )
    )
    assert kinds(outcomes) == ["DecidedAlready"] * 3 + ["Receipt"]
    assert sum(receipts.unaccounted(campaign).values()) == 2_000
    assert_sound()


def test_receipts_approved_at_once_never_count_the_same_euro_twice(own_database: str) -> None:
    here = cast.world()
    campaign = bench(here)
    handed_in = [
        hand_in(campaign, here.fatma, 1_000, content=f"bon {number}".encode()) for number in range(5)
    ]
    outcomes = at_once(
        *(lambda pk=one.pk: receipts.approve(receipt_id=pk, by=here.karin, now=NOW) for one in handed_in)
    )
    assert kinds(outcomes) == ["Receipt"] * 5
    campaign.refresh_from_db()
    assert (sum(receipts.unaccounted(campaign).values()), campaign.state) == (0, State.DONE)
    assert_sound()
