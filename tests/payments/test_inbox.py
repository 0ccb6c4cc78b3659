"""The inbox of webhooks: a reason to look at Stripe, once, in whatever order."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from campaigns.models import Campaign, Pledge
from ledger import queries as books
from ledger.chart import Code
from payments import donations, gateway, inbox, tasks
from payments.models import Donation, WebhookEvent
from tests import cast
from tests.books.soundness import assert_sound
from tests.cast import NOW
from tests.crowd import at_once, kinds
from tests.standin import Stripe


def hear(event: gateway.Event) -> WebhookEvent:
    """Written down and worked off, as the site does."""
    row, _created = inbox.note(event=event, now=NOW)
    inbox.process(event_id=row.pk, now=NOW)
    row.refresh_from_db()
    return row


def test_an_event_is_a_reason_to_look_and_what_is_found_is_booked(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.pay(bench, 2_000)
    (event,) = stripe.events()
    assert (event.kind, event.object_id) == ("checkout.session.completed", donation.session_id)
    row = hear(event)
    donation.refresh_from_db()
    assert (row.processed_at, row.tries, row.error) == (NOW, 1, "")
    assert (donation.state, books.total(code=Code.POTS)) == (Donation.State.PAID, 2_000)
    # Again, and under another id: nothing more.
    hear(event)
    hear(gateway.Event("evt_again", event.kind, event.object_id))
    assert (Pledge.objects.count(), WebhookEvent.objects.count()) == (1, 2)
    assert_sound()


def test_an_event_that_claims_a_payment_moves_nothing(stripe: Stripe, bench: Campaign) -> None:
    """What counts is what Stripe says when we look, not what the message is called."""
    donation = stripe.intend(bench, 2_000)
    hear(gateway.Event("evt_1", "checkout.session.completed", str(donation.session_id)))
    hear(gateway.Event("evt_2", "checkout.session.async_payment_succeeded", str(donation.session_id)))
    donation.refresh_from_db()
    assert (donation.state, Pledge.objects.count()) == (Donation.State.INTENDED, 0)


@pytest.mark.parametrize("kind", ["expired", "async_payment_failed"])
def test_an_older_event_that_comes_after_the_payment_undoes_nothing(
    stripe: Stripe, bench: Campaign, kind: str
) -> None:
    donation = stripe.pay(bench, 2_000)
    hear(stripe.events()[0])
    hear(gateway.Event("evt_late", f"checkout.session.{kind}", str(donation.session_id)))
    donation.refresh_from_db()
    assert (donation.state, books.total(code=Code.POTS)) == (Donation.State.PAID, 2_000)


def test_a_failure_heard_before_the_page_was_paid_does_not_stop_the_payment(
    stripe: Stripe, bench: Campaign
) -> None:
    donation = stripe.intend(bench, 2_000)
    hear(gateway.Event("evt_early", "checkout.session.expired", str(donation.session_id)))
    donation.refresh_from_db()
    assert donation.state == Donation.State.INTENDED
    stripe.press(donation, "pay")
    hear(stripe.events()[0])
    donation.refresh_from_db()
    assert donation.state == Donation.State.PAID


@pytest.mark.parametrize(
    ("word", "state"), [("succeed", Donation.State.PAID), ("fail", Donation.State.FAILED)]
)
def test_the_events_of_a_slow_bank_in_any_order_end_the_same(
    stripe: Stripe, bench: Campaign, word: str, state: str
) -> None:
    donation = stripe.intend(bench, 2_000)
    stripe.press(donation, "later")
    stripe.control(f"checkout/{donation.session_id}/{word}")
    for event in stripe.events()[::-1]:
        hear(event)
    donation.refresh_from_db()
    assert (donation.state, Pledge.objects.count()) == (state, int(word == "succeed"))
    assert_sound()


def test_an_event_about_nothing_of_ours_is_noted_and_that_is_all(stripe: Stripe, bench: Campaign) -> None:
    strange = gateway.create_session(
        reference="of another shop",
        amount_cents=500,
        description="Mug",
        email="",
        language="nl",
        success_url="http://x.test/",
        cancel_url="http://x.test/",
        expires_at=NOW + timedelta(minutes=60),
    )
    assert hear(gateway.Event("evt_1", "checkout.session.completed", strange.session_id)).error == ""
    assert hear(gateway.Event("evt_2", "customer.created", "cus_1")).processed_at == NOW
    gone = hear(gateway.Event("evt_3", "checkout.session.completed", "cs_gone"))
    assert (gone.processed_at, "GatewayRefused" in gone.error) == (NOW, True)
    assert not Donation.objects.exists()


def test_a_mismatch_is_written_on_the_event_and_nothing_is_booked(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.pay(bench, 2_000)
    Donation.objects.filter(pk=donation.pk).update(amount_cents=9_900)
    row = hear(stripe.events()[0])
    assert (row.processed_at, "Mismatch" in row.error, "2000 eur" in row.error) == (NOW, True, True)
    donation.refresh_from_db()
    assert (donation.state, Pledge.objects.count()) == (Donation.State.INTENDED, 0)


def test_while_stripe_is_down_an_event_waits_for_another_try(
    stripe: Stripe, bench: Campaign, settings: Settings
) -> None:
    stripe.pay(bench, 2_000)
    row, _ = inbox.note(event=stripe.events()[0], now=NOW)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(gateway.GatewayDown):
        inbox.process(event_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert (row.processed_at, row.tries) == (None, 1)
    later = NOW + timedelta(seconds=61)
    assert inbox.unprocessed(now=NOW + timedelta(seconds=60)) == []
    assert inbox.unprocessed(now=later) == [row.pk]
    settings.STRIPE_API_BASE = stripe.url
    inbox.process(event_id=row.pk, now=later)
    assert inbox.unprocessed(now=later) == []
    assert Pledge.objects.count() == 1


def test_a_payment_whose_page_never_reached_us_is_adopted(stripe: Stripe, bench: Campaign) -> None:
    """Stripe made the page and its answer was lost: the payer found it all the same."""
    stripe.control("misbehave", fail_post_next=1)
    with pytest.raises(gateway.GatewayDown):
        stripe.intend(bench, 2_000)
    donation = Donation.objects.get()
    assert donation.session_id is None
    (session,) = stripe.ask("checkout/sessions")["data"]
    donation.session_id = session["id"]
    stripe.press(donation, "pay")

    hear(stripe.events()[0])

    donation.refresh_from_db()
    assert (donation.state, donation.session_id) == (Donation.State.PAID, session["id"])
    assert_sound()


def test_each_try_that_fails_doubles_the_wait_and_in_the_end_somebody_must_look(here: cast.World) -> None:
    row, _ = inbox.note(event=gateway.Event("evt_1", "checkout.session.completed", "cs_1"), now=NOW)
    for tries, seconds in ((0, 30), (1, 60), (5, 960), (32_767, 30 * 2**20)):
        WebhookEvent.objects.filter(pk=row.pk).update(tries=tries)
        assert inbox.unprocessed(now=NOW + timedelta(seconds=seconds)) == []
        assert inbox.unprocessed(now=NOW + timedelta(seconds=seconds + 1)) == [row.pk]
    for tries, listed in ((5, []), (6, [row])):
        WebhookEvent.objects.filter(pk=row.pk).update(tries=tries)
        assert list(inbox.unsolved()) == listed
    WebhookEvent.objects.filter(pk=row.pk).update(processed_at=NOW)
    assert list(inbox.unsolved()) == []
    WebhookEvent.objects.filter(pk=row.pk).update(error="Mismatch")
    assert list(inbox.unsolved()) == [row]


def test_a_charge_that_gets_its_balance_transaction_later_is_booked_then(
    stripe: Stripe, bench: Campaign
) -> None:
    stripe.control("misbehave", slow_balance_next=1)
    donation = stripe.pay(bench, 2_000)
    row = hear(stripe.events()[0])
    donation.refresh_from_db()
    assert (row.processed_at, donation.state, donation.pledge) == (NOW, Donation.State.WAITING, None)
    stripe.control(f"checkout/{donation.session_id}/balance")
    event = stripe.events()[-1]
    assert event.kind == "charge.updated"
    hear(event)
    donation.refresh_from_db()
    assert (donation.state, books.total(code=Code.POTS)) == (Donation.State.PAID, 2_000)
    assert_sound()


def test_an_event_about_a_charge_that_is_not_ours_is_nothing_to_us(stripe: Stripe, bench: Campaign) -> None:
    donation = stripe.given(bench, 2_000)
    Donation.objects.filter(pk=donation.pk).update(reference=uuid.uuid4())
    row = hear(gateway.Event("evt_1", "charge.updated", str(donation.charge_id)))
    assert (row.processed_at, row.error) == (NOW, "")


# With the worker, who works off what is committed


def a_bench() -> Campaign:
    here = cast.world()
    return cast.campaign(here, cast.programme(here), target_cents=100_000)


def test_the_same_event_at_the_same_moment_is_written_and_booked_once(
    own_database: str, stripe: Stripe
) -> None:
    stripe.pay(a_bench(), 2_000)
    (event,) = stripe.events()
    outcomes = at_once(*[lambda: hear(event)] * 10)
    assert kinds(outcomes) == ["WebhookEvent"] * 10
    assert (WebhookEvent.objects.count(), Pledge.objects.count()) == (1, 1)
    assert_sound()


def test_webhooks_that_never_came_are_found_by_the_sweep(
    own_database: str, stripe: Stripe, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = a_bench()
    paid = [stripe.pay(bench, cents) for cents in (500, 600, 700)]
    hear(stripe.events()[1])  # the only one that came
    for seconds in (0, 60, 120):
        monkeypatch.setattr(timezone, "now", lambda seconds=seconds: NOW + timedelta(seconds=seconds))
        tasks.sweep()
    assert set(Donation.objects.values_list("state", flat=True)) == {Donation.State.PAID}
    assert (Pledge.objects.count(), books.total(code=Code.POTS)) == (len(paid), 1_800)
    assert not WebhookEvent.objects.filter(processed_at=None).exists()
    assert_sound()


def test_a_payment_of_which_no_event_came_is_asked_after_with_a_growing_wait(
    own_database: str, stripe: Stripe, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its event was worked off before Stripe had put the money in the balance, and no other comes."""
    monkeypatch.setattr(gateway, "events_since", lambda moment: iter(()))
    stripe.control("misbehave", slow_balance_next=1)
    donation = stripe.pay(a_bench(), 2_000)
    asked = []

    def sweep_after(seconds: int) -> str:
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(seconds=seconds))
        before = Donation.objects.get().asked_at
        tasks.sweep()
        found = Donation.objects.get()
        if found.asked_at != before:
            asked.append(seconds)
        return found.state

    for seconds in range(0, 600, 60):
        state = sweep_after(seconds)
    assert (state, asked) == (Donation.State.WAITING, [60, 120, 240, 480])
    stripe.control(f"checkout/{donation.session_id}/balance")
    assert sweep_after(900) == Donation.State.WAITING
    assert sweep_after(960) == Donation.State.PAID
    assert sweep_after(1_920) == Donation.State.PAID
    assert asked[-1] == 960
    assert_sound()


def test_a_page_that_nobody_paid_is_asked_after_until_it_has_expired(
    own_database: str, stripe: Stripe, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stripe.intend(a_bench(), 2_000)
    stripe.control("clock", ahead_seconds=3_700)
    for seconds, state in ((59, Donation.State.INTENDED), (60, Donation.State.FAILED)):
        monkeypatch.setattr(gateway, "events_since", lambda moment: iter(()))
        monkeypatch.setattr(timezone, "now", lambda seconds=seconds: NOW + timedelta(seconds=seconds))
        tasks.sweep()
        assert Donation.objects.get().state == state
    assert donations.claim_open(now=NOW + timedelta(days=1)) == []


def test_the_sweep_goes_on_with_what_it_has_while_stripe_is_down(
    own_database: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    tasks.sweep()
    assert "Stripe cannot be reached" in caplog.text
