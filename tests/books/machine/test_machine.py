"""Any order of operations on money equals the model: a few stories here, two thousand in `make faults`. And controls."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from campaigns import operations as campaigns
from campaigns import pledges
from payments import costs, refunds
from tests.books.machine.rules import Machine
from tests.books.machine.street import Street, street

few = settings(
    max_examples=20,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def bench(db: None) -> Street:
    """A bench of € 12,00 that collects, and Henk's € 5,00 in its pot."""
    made = street()
    made.intend(made.books.campaigns[0], 500)
    made.pay(made.books.donations[0], 30)
    made.look(made.books.donations[0])
    made.compare()
    return made


@pytest.mark.django_db
def test_any_order_of_operations_equals_the_model() -> None:
    Machine.start = street()
    run_state_machine_as_test(Machine, settings=few)


@pytest.mark.django_db
def test_hypothesis_finds_a_match_that_stays_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pledges, "return_matches", lambda **_: None)
    Machine.start = street()
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Machine, settings=settings(few, max_examples=200, derandomize=True, phases=[Phase.generate])
        )


def test_a_fee_that_nobody_bears_is_seen(bench: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "bear", lambda **_: None)
    bench.fail(bench.books.campaigns[0])
    with pytest.raises(AssertionError):
        bench.compare()


def test_a_refund_that_came_back_and_was_not_booked_is_seen(
    bench: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    (donation,) = bench.books.donations
    bench.fail(bench.books.campaigns[0])
    bench.refund(donation, "succeeded")
    bench.compare()
    monkeypatch.setattr(refunds, "_book_refund_failed", lambda *_: None)
    bench.move_refund(donation, "failed")
    bench.follow(donation)
    with pytest.raises(AssertionError):
        bench.compare()


def test_a_pot_that_stays_closed_after_a_payout_was_refused_is_seen(
    bench: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    (campaign,) = bench.books.campaigns
    bench.give(bench.books.cheques[0], campaign, 500, "a")
    bench.propose(campaign, "karin")
    bench.compare()
    monkeypatch.setattr(campaigns, "open_pot", lambda **_: None)
    bench.refuse(campaign.payouts[0], "youssef")
    with pytest.raises(AssertionError):
        bench.compare()


def test_every_story_begins_on_the_same_street(bench: Street) -> None:
    """What one story did, in its transaction and in its model, is not there for the next."""
    before = dict(bench.books.cents)
    with transaction.atomic():
        story = bench.again()
        story.fail(story.books.campaigns[0])
        story.compare()
        assert story.books.cents != before
        transaction.set_rollback(True)
    assert bench.books.cents == before
    bench.compare()
