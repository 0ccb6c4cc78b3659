"""Donations: from an intent to the books, on nobody's word but Stripe's."""

import uuid
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from books import closing
from campaigns import pledges
from campaigns.models import Campaign, Pledge, State
from ledger import queries as books
from ledger.chart import Code
from payments import donations, gateway, refunds
from payments.models import Donation
from tests import cast
from tests.books.soundness import assert_sound
from tests.campaigns.giving import grant
from tests.cast import NOW
from tests.crowd import at_once, kinds
from tests.standin import Stripe

FEE_CENTS = 35


def intend(campaign: Campaign, amount_cents: int = 2_000, reference: uuid.UUID | None = None) -> Donation:
    return donations.intend(
        campaign=campaign,
        amount_cents=amount_cents,
        name="Henk",
        message="Succes!",
        email="henk@example.nl",
        language="nl",
        now=NOW,
        reference=reference,
    )


def nothing_booked(donation: Donation) -> bool:
    return not books.entries_by_source(source=f"donation:{donation.pk}").exists()


def test_an_intent_comes_before_the_payment_and_moves_nothing(bench: Campaign) -> None:
    reference = uuid.uuid4()
    donation = intend(bench, reference=reference)
    assert (donation.state, donation.session_id) == (Donation.State.INTENDED, None)
    assert intend(bench, amount_cents=9_999, reference=reference) == donation
    assert nothing_booked(donation)


@pytest.mark.parametrize("amount_cents", [99, 1_000_001, 0, -500])
def test_an_amount_out_of_range_is_refused_by_name_and_by_the_database(
    bench: Campaign, amount_cents: int
) -> None:
    with pytest.raises(donations.AmountOutOfRange) as refusal:
        intend(bench, amount_cents)
    assert refusal.value.amount_cents == amount_cents
    for bound in (donations.MIN_CENTS, donations.MAX_CENTS):
        intend(bench, bound)
    with pytest.raises(IntegrityError), transaction.atomic():
        Donation.objects.update(amount_cents=amount_cents)


def test_a_campaign_that_collects_no_more_is_not_given_to(bench: Campaign) -> None:
    Campaign.objects.filter(pk=bench.pk).update(deadline=NOW)
    bench.refresh_from_db()
    with pytest.raises(pledges.TakesNoGifts):
        intend(bench)
    assert not Donation.objects.exists()


def test_the_payment_page_is_the_same_when_asked_again(stripe: Stripe, bench: Campaign) -> None:
    donation = intend(bench)
    pages = {
        donations.payment_page(donation=donation, return_url="http://x.test/", cancel_url="http://x.test/")
        for _ in range(3)
    }
    donation.refresh_from_db()
    assert pages == {f"{stripe.url}/pay/{donation.session_id}"}
    assert len(stripe.ask("checkout/sessions")["data"]) == 1


def test_a_paid_donation_is_booked_gross_and_its_fee_is_a_cost_of_the_campaign(
    stripe: Stripe, bench: Campaign
) -> None:
    donation = stripe.given(bench, 2_000)

    assert (donation.state, donation.fee_cents, donation.settled_at) == (Donation.State.PAID, FEE_CENTS, NOW)
    assert donation.pledge is not None
    assert (donation.pledge.amount_cents, donation.pledge.name) == (2_000, "Henk")
    (entry,) = books.entries_by_source(source=f"donation:{donation.pk}")
    moved = [
        (one.debit.code, one.credit.code, one.amount_cents)
        for one in books.transfers_of(entry_ids=[entry.pk])
    ]
    assert moved == [
        (Code.STRIPE_CLEARING, Code.POTS, 2_000),
        (Code.PAYMENT_COSTS, Code.STRIPE_CLEARING, FEE_CENTS),
    ]
    assert {
        code: books.total(code=code) for code in (Code.STRIPE_CLEARING, Code.POTS, Code.PAYMENT_COSTS)
    } == {
        Code.STRIPE_CLEARING: 2_000 - FEE_CENTS,
        Code.POTS: 2_000,
        Code.PAYMENT_COSTS: FEE_CENTS,
    }
    bench.refresh_from_db()
    assert (bench.given_cents, bench.times_given) == (2_000, 1)
    # Looking again, and again, changes nothing.
    assert donations.follow_up(donation=donation, now=NOW).state == Donation.State.PAID
    donation.state = Donation.State.INTENDED
    assert donations.follow_up(donation=donation, now=NOW).state == Donation.State.PAID
    assert books.entries_by_source(source=f"donation:{donation.pk}").count() == 1
    assert_sound()


def test_a_sponsor_adds_to_a_donation_too(stripe: Stripe, here: cast.World, bench: Campaign) -> None:
    groen = grant(here, amount_cents=5_000, percent=50, matches_cheques=False)
    stripe.given(bench, 3_000)
    bench.refresh_from_db()
    assert (bench.given_cents, groen.pledges.get().amount_cents) == (4_500, 1_500)
    assert_sound()


def test_a_donation_may_pass_the_target(stripe: Stripe, bench: Campaign) -> None:
    """The money has arrived: it is not cut, and a second donor who was paying meanwhile is welcome too."""
    late = stripe.intend(bench, 2_000)
    stripe.given(bench, 15_000)
    bench.refresh_from_db()
    assert (bench.given_cents, bench.state) == (15_000, State.REACHED)
    stripe.press(late, "pay")
    assert donations.follow_up(donation=late, now=NOW).state == Donation.State.PAID
    bench.refresh_from_db()
    assert (bench.given_cents, bench.times_given) == (17_000, 2)
    assert_sound()


def test_a_donor_who_has_not_decided_is_waited_for(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.intend(bench, 2_000)
    assert donations.follow_up(donation=donation, now=NOW).state == Donation.State.INTENDED
    stripe.press(donation, "fail")
    assert donations.follow_up(donation=donation, now=NOW).state == Donation.State.INTENDED
    stripe.press(donation, "pay")
    assert donations.follow_up(donation=donation, now=NOW).state == Donation.State.PAID


def test_a_page_that_expired_is_a_donation_that_failed(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.intend(bench, 2_000)
    stripe.control("clock", ahead_seconds=int(donations.PAGE_STAYS_OPEN.total_seconds()) + 1)
    assert donations.follow_up(donation=donation, now=NOW).state == Donation.State.FAILED
    assert nothing_booked(donation)


@pytest.mark.parametrize(
    ("word", "state", "pot_cents"),
    [("succeed", Donation.State.PAID, 2_000), ("fail", Donation.State.FAILED, 0)],
)
def test_a_bank_that_answers_later_is_waited_for(
    stripe: Stripe, bench: Campaign, word: str, state: str, pot_cents: int
) -> None:
    donation = stripe.intend(bench, 2_000)
    stripe.press(donation, "later")
    assert donations.follow_up(donation=donation, now=NOW).state == Donation.State.WAITING
    assert nothing_booked(donation)
    stripe.control(f"checkout/{donation.session_id}/{word}")
    assert donations.follow_up(donation=donation, now=NOW + timedelta(days=3)).state == state
    assert books.total(code=Code.POTS) == pot_cents
    assert_sound()


def test_money_for_another_amount_is_not_booked(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.pay(bench, 2_000)
    Donation.objects.filter(pk=donation.pk).update(amount_cents=200_000)
    donation.refresh_from_db()
    with pytest.raises(donations.Mismatch) as refusal:
        donations.follow_up(donation=donation, now=NOW)
    assert (refusal.value.donation_id, refusal.value.found) == (donation.pk, "2000 eur")
    donation.refresh_from_db()
    assert (donation.state, donation.pledge, nothing_booked(donation)) == (
        Donation.State.INTENDED,
        None,
        True,
    )


def test_after_an_error_at_stripe_the_payment_page_is_asked_for_anew(stripe: Stripe, bench: Campaign) -> None:
    """Stripe made the page and answered 500 all the same; under the same key it would say so for ever."""
    donation = intend(bench)
    stripe.control("misbehave", fail_post_next=1)
    with pytest.raises(gateway.GatewayDown):
        donations.payment_page(donation=donation, return_url="http://x.test/", cancel_url="http://x.test/")
    donation.refresh_from_db()
    pages = {
        donations.payment_page(donation=donation, return_url="http://x.test/", cancel_url="http://x.test/")
        for _ in range(2)
    }
    assert len(pages) == 1


def test_money_of_another_currency_is_not_booked(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.pay(bench, 2_000)
    session = gateway.retrieve_session(donation.session_id or "")
    assert session.paid is not None
    for currency in ("usd", "eur"):
        paid = replace(session.paid, currency=currency)
        with nullcontext() if currency == "eur" else pytest.raises(donations.Mismatch, match="2000 usd"):
            donations.settle(donation_id=donation.pk, session=session, paid=paid, now=NOW)
        assert nothing_booked(donation) == (currency == "usd")


def test_the_payment_of_another_donation_is_not_booked(stripe: Stripe, bench: Campaign) -> None:
    paid, unpaid = stripe.pay(bench, 2_000), intend(bench, 2_000)
    session_id, paid.session_id = paid.session_id, None
    paid.save()
    unpaid.session_id = session_id
    unpaid.save()
    with pytest.raises(donations.Mismatch) as refusal:
        donations.follow_up(donation=unpaid, now=NOW)
    assert str(paid.reference) in refusal.value.found
    assert nothing_booked(unpaid)


def test_when_stripe_is_down_nothing_changes(stripe: Stripe, bench: Campaign) -> None:
    donation = intend(bench)
    stripe.control("misbehave", fail_post_next=1)
    with pytest.raises(gateway.GatewayDown):
        donations.payment_page(donation=donation, return_url="http://x.test/", cancel_url="http://x.test/")
    donation.refresh_from_db()
    assert (donation.session_id, donation.state) == (None, Donation.State.INTENDED)
    assert donations.follow_up(donation=donation, now=NOW) == donation


def test_money_that_comes_after_the_campaign_closed_waits_for_its_refund(
    stripe: Stripe, bench: Campaign
) -> None:
    donation = stripe.pay(bench, 2_000)
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    donation = donations.follow_up(donation=donation, now=NOW)
    assert (donation.state, donation.pledge) == (Donation.State.REFUNDING, None)
    assert {code: books.total(code=code) for code in (Code.STRIPE_CLEARING, Code.POTS, Code.REFUNDS)} == {
        Code.STRIPE_CLEARING: 2_000 - FEE_CENTS,
        Code.POTS: 0,
        Code.REFUNDS: 2_000,
    }
    assert_sound()

    donation = refunds.refund(donation=donation, now=NOW)

    assert donation.state == Donation.State.REFUNDED
    # Stripe keeps its fee; no pot is there to bear it, so the operator does.
    assert {
        code: books.total(code=code) for code in (Code.STRIPE_CLEARING, Code.REFUNDS, Code.PAYMENT_COSTS)
    } == {
        Code.STRIPE_CLEARING: -FEE_CENTS,
        Code.REFUNDS: 0,
        Code.PAYMENT_COSTS: 0,
    }
    assert books.total(code=Code.OPERATOR_COSTS) == FEE_CENTS
    assert books.total(code=Code.BANK) == 0
    assert_sound()


def test_the_database_refuses_a_paid_donation_without_a_pledge(bench: Campaign) -> None:
    donation = intend(bench)
    with pytest.raises(IntegrityError, match="donation_paid_has_a_pledge"), transaction.atomic():
        Donation.objects.filter(pk=donation.pk).update(state=Donation.State.PAID)


# At the same moment


def a_bench() -> Campaign:
    here = cast.world()
    return cast.campaign(here, cast.programme(here), target_cents=10_000)


def test_a_form_sent_ten_times_is_one_donation(own_database: str) -> None:
    bench, reference = a_bench(), uuid.uuid4()
    outcomes = at_once(*[lambda: intend(bench, reference=reference)] * 10)
    assert kinds(outcomes) == ["Donation"] * 10
    assert Donation.objects.count() == 1


def test_the_page_of_thanks_and_the_webhook_book_a_donation_once(own_database: str, stripe: Stripe) -> None:
    donation = stripe.pay(a_bench(), 2_000)
    outcomes = at_once(*[lambda: donations.follow_up(donation=donation, now=NOW)] * 6)
    assert kinds(outcomes) == ["Donation"] * 6
    assert (Pledge.objects.count(), books.total(code=Code.POTS)) == (1, 2_000)
    assert_sound()


def test_a_donation_that_is_paid_while_its_campaign_fails_is_given_or_goes_back(
    own_database: str, stripe: Stripe, worker: None
) -> None:
    bench = a_bench()
    paid = [stripe.pay(bench, 2_000) for _ in range(4)]
    outcomes = at_once(
        lambda: closing.close_failed(campaign_id=bench.pk, now=NOW),
        *(lambda one=one: donations.follow_up(donation=one, now=NOW) for one in paid),
    )
    assert kinds(outcomes) == ["Campaign"] + ["Donation"] * 4
    for donation in Donation.objects.filter(state=Donation.State.REFUNDING):
        refunds.refund(donation=donation, now=NOW)
    assert set(Donation.objects.values_list("state", flat=True)) == {Donation.State.REFUNDED}
    assert (books.total(code=Code.POTS), books.total(code=Code.REFUNDS)) == (0, 0)
    assert books.total(code=Code.STRIPE_CLEARING) + books.total(code=Code.BANK) == -4 * FEE_CENTS
    assert_sound()
