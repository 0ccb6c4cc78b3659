"""Refunds: asked for once, booked when Stripe has given the money back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from books import closing
from campaigns.models import Campaign
from ledger import queries as books
from ledger.chart import Code
from payments import donations, gateway, inbox, refunds, tasks
from payments.models import Donation
from tests import cast
from tests.books.soundness import assert_sound
from tests.cast import NOW
from tests.crowd import at_once, kinds
from tests.standin import Stripe


def to_refund(stripe: Stripe, bench: Campaign, amount_cents: int = 2_000) -> Donation:
    """Henk's, to a campaign that failed."""
    donation = stripe.given(bench, amount_cents)
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    donation.refresh_from_db()
    assert donation.state == Donation.State.REFUNDING
    return donation


def test_a_refund_goes_out_of_clearing_when_stripe_has_given_it(stripe: Stripe, bench: Campaign) -> None:
    donation = to_refund(stripe, bench)
    assert (books.total(code=Code.REFUNDS), books.total(code=Code.STRIPE_CLEARING)) == (2_000, 1_965)

    refunded = refunds.refund(donation=donation, now=NOW)

    assert refunded.state == Donation.State.REFUNDED
    entry = books.entries_by_source(source=f"donation:{donation.pk}").get(kind="donation refunded")
    (transfer,) = books.transfers_of(entry_ids=[entry.pk])
    assert (transfer.debit.code, transfer.credit.code, transfer.amount_cents) == (
        Code.REFUNDS,
        Code.STRIPE_CLEARING,
        2_000,
    )
    assert (books.total(code=Code.REFUNDS), books.total(code=Code.STRIPE_CLEARING)) == (0, -35)
    assert [refund["amount"] for refund in stripe.ask("refunds")["data"]] == [2_000]
    assert refunds.refund(donation=refunded, now=NOW).state == Donation.State.REFUNDED
    assert_sound()


def test_a_refund_that_waits_is_booked_when_it_is_through(stripe: Stripe, bench: Campaign) -> None:
    donation = to_refund(stripe, bench)
    stripe.control("misbehave", slow_refund_next=1)
    waiting = refunds.refund(donation=donation, now=NOW)
    assert (waiting.state, books.total(code=Code.REFUNDS)) == (Donation.State.REFUNDING, 2_000)
    assert_sound()
    refunds.refund(donation=waiting, now=NOW)
    assert len(stripe.ask("refunds")["data"]) == 1
    stripe.control(f"refunds/{waiting.refund_id}/succeed")
    assert refunds.refund(donation=waiting, now=NOW).state == Donation.State.REFUNDED
    assert_sound()


def test_stripe_is_asked_about_a_refund_every_ten_minutes(stripe: Stripe, bench: Campaign) -> None:
    donation = to_refund(stripe, bench)
    asked = [
        minute for minute in range(25) if refunds.claim(now=NOW + timedelta(minutes=minute)) == [donation.pk]
    ]
    assert asked == [0, 10, 20]


def test_a_refund_that_the_bank_sends_back_stays_owed(stripe: Stripe, bench: Campaign) -> None:
    donation = to_refund(stripe, bench)
    stripe.control("misbehave", slow_refund_next=1)
    donation = refunds.refund(donation=donation, now=NOW)
    stripe.control(f"refunds/{donation.refund_id}/fail")
    failed = refunds.refund(donation=donation, now=NOW)
    assert (failed.state, failed.refund_status) == (Donation.State.REFUNDING, "failed")
    assert books.total(code=Code.REFUNDS) == 2_000
    # Nobody asks Stripe every minute about what will not change; somebody must look.
    assert (list(refunds.to_follow()), list(refunds.stuck())) == ([], [failed])
    assert_sound()


def test_a_refund_that_failed_can_be_tried_anew(stripe: Stripe, bench: Campaign) -> None:
    donation = to_refund(stripe, bench)
    with pytest.raises(refunds.NotGivenUp):
        refunds.give_up(donation_id=donation.pk)
    stripe.control("misbehave", slow_refund_next=1)
    donation = refunds.refund(donation=donation, now=NOW)
    first = donation.refund_id
    stripe.control(f"refunds/{first}/fail")
    refunds.refund(donation=donation, now=NOW)
    again = refunds.give_up(donation_id=donation.pk)
    assert (again.refund_id, again.refund_tries) == (None, 1)
    # What is still told of the first attempt is not taken for the second.
    for event in stripe.events():
        row, _ = inbox.note(event=event, now=NOW)
        inbox.process(event_id=row.pk, now=NOW)
    again.refresh_from_db()
    assert again.refund_id is None
    done = refunds.refund(donation=again, now=NOW)
    assert (done.state, done.refund_status) == (Donation.State.REFUNDED, "succeeded")
    assert done.refund_id not in (None, first)
    assert len(stripe.ask("refunds")["data"]) == 2
    assert (books.total(code=Code.REFUNDS), books.total(code=Code.STRIPE_CLEARING)) == (0, -35)
    with pytest.raises(refunds.NotGivenUp):
        refunds.give_up(donation_id=donation.pk)
    assert_sound()


def test_a_refund_that_comes_back_after_it_was_given_is_owed_again(stripe: Stripe, bench: Campaign) -> None:
    donation = refunds.refund(donation=to_refund(stripe, bench), now=NOW)
    assert (books.total(code=Code.REFUNDS), books.total(code=Code.STRIPE_CLEARING)) == (0, -35)
    stripe.control(f"refunds/{donation.refund_id}/fail")
    for event in stripe.events():
        for event_id in (event.event_id, f"{event.event_id}_again"):
            row, _ = inbox.note(event=gateway.Event(event_id, event.kind, event.object_id), now=NOW)
            inbox.process(event_id=row.pk, now=NOW)
    donation.refresh_from_db()
    assert (donation.state, donation.refund_status) == (Donation.State.REFUNDING, "failed")
    entry = books.entries_by_source(source=f"donation:{donation.pk}").get(kind="refund failed")
    (transfer,) = books.transfers_of(entry_ids=[entry.pk])
    assert (transfer.debit.code, transfer.credit.code, transfer.amount_cents) == (
        Code.STRIPE_CLEARING,
        Code.REFUNDS,
        2_000,
    )
    assert (books.total(code=Code.REFUNDS), books.total(code=Code.STRIPE_CLEARING)) == (2_000, 1_965)
    assert_sound()
    refunds.give_up(donation_id=donation.pk)
    donation.refresh_from_db()
    assert refunds.refund(donation=donation, now=NOW).state == Donation.State.REFUNDED
    assert (books.total(code=Code.REFUNDS), books.total(code=Code.STRIPE_CLEARING)) == (0, -35)
    assert_sound()


def test_a_refund_that_stripe_will_not_begin_waits_for_somebody(stripe: Stripe, bench: Campaign) -> None:
    donation = to_refund(stripe, bench)
    gateway.create_refund(charge_id=str(donation.charge_id), amount_cents=500, reference="by hand")
    refused = refunds.refund(donation=donation, now=NOW)
    assert (refused.state, refused.refund_status, refused.refund_id) == (
        Donation.State.REFUNDING,
        refunds.REFUSED,
        None,
    )
    assert (list(refunds.to_follow()), list(refunds.stuck())) == ([], [donation])


def test_the_database_refuses_a_refunded_donation_without_its_refund(stripe: Stripe, bench: Campaign) -> None:
    donation = refunds.refund(donation=to_refund(stripe, bench), now=NOW)
    with pytest.raises(IntegrityError, match="donation_refunded_has_stripes_word"), transaction.atomic():
        Donation.objects.filter(pk=donation.pk).update(refund_id=None)
    Donation.objects.filter(pk=donation.pk).update(refund_id=None, state=Donation.State.REFUNDING)


def test_a_refund_whose_answer_was_lost_is_not_asked_for_twice(stripe: Stripe, bench: Campaign) -> None:
    donation = to_refund(stripe, bench)
    stripe.control("misbehave", lose_answer_next=1)
    assert refunds.refund(donation=donation, now=NOW).state == Donation.State.REFUNDED
    assert len(stripe.ask("refunds")["data"]) == 1


def test_the_refund_of_another_donation_is_not_booked(
    stripe: Stripe, here: cast.World, bench: Campaign
) -> None:
    donation = to_refund(stripe, bench)
    other = to_refund(stripe, cast.campaign(here, bench.rules.programme, title="Plantenbakken"))
    theirs = refunds.refund(donation=other, now=NOW)
    refund_id, theirs.refund_id = theirs.refund_id, "pyr_another"
    theirs.save()
    Donation.objects.filter(pk=donation.pk).update(refund_id=refund_id)
    donation.refresh_from_db()
    with pytest.raises(donations.Mismatch) as refusal:
        refunds.refund(donation=donation, now=NOW)
    assert str(refund_id) in refusal.value.found
    donation.refresh_from_db()
    assert (donation.state, books.total(code=Code.REFUNDS)) == (Donation.State.REFUNDING, 2_000)


def test_what_needs_no_refund_gets_none(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.given(bench, 2_000)
    assert refunds.refund(donation=donation, now=NOW).state == Donation.State.PAID
    assert stripe.ask("refunds")["data"] == []


def test_the_webhook_of_a_refund_books_it(stripe: Stripe, bench: Campaign) -> None:
    donation = to_refund(stripe, bench)
    stripe.control("misbehave", slow_refund_next=1)
    donation = refunds.refund(donation=donation, now=NOW)
    stripe.control(f"refunds/{donation.refund_id}/succeed")
    for event in stripe.events()[::-1]:
        row, _ = inbox.note(event=event, now=NOW)
        inbox.process(event_id=row.pk, now=NOW)
    donation.refresh_from_db()
    assert donation.state == Donation.State.REFUNDED
    assert_sound()


def test_the_refund_of_somebody_elses_charge_is_nothing_to_us(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.given(bench, 2_000)
    refund = gateway.create_refund(charge_id=str(donation.charge_id), amount_cents=500, reference="by hand")
    row, _ = inbox.note(event=gateway.Event("evt_1", "refund.created", refund.refund_id), now=NOW)
    inbox.process(event_id=row.pk, now=NOW)
    donation.refresh_from_db()
    row.refresh_from_db()
    assert (donation.state, donation.refund_id, row.error) == (Donation.State.PAID, None, "")


# With the worker, who works off what is committed


def a_bench() -> Campaign:
    here = cast.world()
    return cast.campaign(here, cast.programme(here))


def test_closing_a_campaign_refunds_its_donations(own_database: str, stripe: Stripe, worker: None) -> None:
    bench = a_bench()
    given = [stripe.given(bench, cents) for cents in (2_000, 1_500)]
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    assert set(Donation.objects.values_list("state", flat=True)) == {Donation.State.REFUNDED}
    refunds = stripe.ask("refunds")["data"]
    assert {refund["charge"]: refund["amount"] for refund in refunds} == {
        donation.charge_id: donation.amount_cents for donation in given
    }
    assert_sound()


def test_a_refund_whose_message_was_lost_is_done_by_the_sweep(
    own_database: str, stripe: Stripe, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    bench = a_bench()
    stripe.given(bench, 2_000)
    with transaction.atomic():
        closing.close_failed(campaign_id=bench.pk, now=NOW)
        connection.run_on_commit.clear()
    assert Donation.objects.get().state == Donation.State.REFUNDING
    tasks.sweep()
    assert Donation.objects.get().state == Donation.State.REFUNDED
    tasks.sweep()
    assert len(stripe.ask("refunds")["data"]) == 1
    assert_sound()


def test_a_refund_whose_answer_never_came_is_found_by_its_event(
    own_database: str, stripe: Stripe, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe did it and said that something went wrong: asked again under the same key it says so again."""
    bench = a_bench()
    stripe.given(bench, 2_000)
    stripe.control("misbehave", fail_post_next=1)
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    donation = Donation.objects.get()
    assert (donation.state, donation.refund_id) == (Donation.State.REFUNDING, None)
    for seconds in (0, 60):
        monkeypatch.setattr(timezone, "now", lambda seconds=seconds: NOW + timedelta(seconds=seconds))
        tasks.sweep()
    donation.refresh_from_db()
    assert (donation.state, len(stripe.ask("refunds")["data"])) == (Donation.State.REFUNDED, 1)
    assert_sound()


def test_a_refund_that_is_asked_for_by_many_at_once_is_one(own_database: str, stripe: Stripe) -> None:
    bench = a_bench()
    stripe.given(bench, 2_000)
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    donation = Donation.objects.select_related("campaign").get()
    outcomes = at_once(*[lambda: refunds.refund(donation=donation, now=NOW)] * 6)
    assert kinds(outcomes) == ["Donation"] * 6
    assert (len(stripe.ask("refunds")["data"]), books.total(code=Code.REFUNDS)) == (1, 0)
    assert_sound()
