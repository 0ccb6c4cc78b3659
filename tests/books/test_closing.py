"""A campaign that fails gives everything back, whoever gave it."""

from datetime import timedelta

import pytest

from books import closing, tasks
from campaigns import operations as campaigns
from campaigns.models import Campaign, Pledge, State
from cheques import operations as cheques
from cheques.models import Purse
from cheques.tasks import expire
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import refunds
from payments.models import Donation
from tests import cast
from tests.books.soundness import assert_sound
from tests.campaigns.giving import grant, purses
from tests.cast import NOW
from tests.crowd import at_once, kinds
from tests.standin import Stripe

LATER = NOW + timedelta(days=30)


def half_full(stripe: Stripe, here: cast.World) -> tuple[Campaign, list[Purse], Donation]:
    """Two neighbours gave € 5,00 and € 7,50 from their cheques, Henk € 20,00, and the municipality half of it all."""
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 2)
    grant(here, amount_cents=50_000, percent=50)
    campaign = cast.campaign(here, programme, target_cents=10_000)
    for purse, cents in zip(stack, (500, 750), strict=True):
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=cents, key="x", now=NOW)
    donation = stripe.given(campaign, 2_000)
    campaign.refresh_from_db()
    assert (campaign.given_cents, campaign.times_given) == (500 + 250 + 750 + 375 + 2_000 + 1_000, 6)
    return campaign, stack, donation


@pytest.mark.django_db
def test_gifts_go_to_purses_matches_to_the_sponsor_donations_to_donors_and_costs_to_the_operator(
    stripe: Stripe,
) -> None:
    here = cast.world()
    campaign, stack, donation = half_full(stripe, here)
    budgets_cents = books.total(code=Code.BUDGET)

    closed = closing.close_failed(campaign_id=campaign.pk, now=LATER)

    assert (closed.state, closed.closed_at) == (State.FAILED, LATER)
    campaign.refresh_from_db()
    assert (campaign.given_cents, campaign.times_given, books.total(code=Code.POTS)) == (0, 0, 0)
    assert set(campaign.pledges.values_list("state", flat=True)) == {Pledge.State.RETURNED}
    # € 12,50 in the purses, € 16,25 with the municipality, € 20,00 on its way to Henk.
    assert [books.balance(purse.account_id) for purse in stack] == [750, 750]
    assert books.total(code=Code.BUDGET) == budgets_cents + 1_625
    donation.refresh_from_db()
    assert (donation.state, books.total(code=Code.REFUNDS)) == (Donation.State.REFUNDING, 2_000)
    # The fee: out of the operator's bank money into that of the donations, so that the donations are whole again.
    operator = books.fund_id_of_kind(organisation_id=here.operator.pk, kind=FundKind.OPERATOR)
    given = books.fund_id_of_kind(organisation_id=here.klinker.pk, kind=FundKind.DONATIONS)
    assert books.total(code=Code.PAYMENT_COSTS) == 0
    assert books.total(code=Code.OPERATOR_COSTS, fund_ids=[operator]) == 35
    assert books.total(code=Code.BANK, fund_ids=[operator]) == -35
    assert books.total(code=Code.BANK, fund_ids=[given]) == 35
    assert_sound()

    assert refunds.refund(donation=donation, now=LATER).state == Donation.State.REFUNDED
    assert books.total(code=Code.BANK, fund_ids=[given]) + books.total(code=Code.STRIPE_CLEARING) == 0
    assert_sound()


@pytest.mark.django_db
def test_a_returned_gift_can_be_given_to_another_campaign(stripe: Stripe) -> None:
    here = cast.world()
    campaign, (purse, _), _ = half_full(stripe, here)
    closing.close_failed(campaign_id=campaign.pk, now=NOW)
    other = cast.campaign(here, campaign.rules.programme, title="Plantenbakken")
    given = cheques.give(purse_id=purse.pk, campaign_id=other.pk, amount_cents=750, key="y", now=NOW)
    assert (given.pledge.amount_cents, given.left_cents) == (750, 0)
    assert_sound()


@pytest.mark.django_db
def test_closing_again_books_nothing_and_only_what_collects_can_fail(stripe: Stripe) -> None:
    here = cast.world()
    campaign, _, _ = half_full(stripe, here)
    closing.close_failed(campaign_id=campaign.pk, now=NOW)
    entries = books.entries_by_source(source=campaign.key).count()
    assert closing.close_failed(campaign_id=campaign.pk, now=LATER).closed_at == NOW
    assert books.entries_by_source(source=campaign.key).count() == entries
    reached = cast.campaign(here, campaign.rules.programme, target_cents=1_000, title="Plantenbakken")
    stripe.given(reached, 1_000)
    with pytest.raises(campaigns.NotInThatState) as refusal:
        closing.close_failed(campaign_id=reached.pk, now=LATER)
    assert refusal.value.state == State.REACHED


@pytest.mark.django_db
def test_an_empty_campaign_closes_without_an_entry() -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.programme(here))
    assert closing.close_failed(campaign_id=campaign.pk, now=NOW).state == State.FAILED
    assert not books.entries_by_source(source=campaign.key).exists()


@pytest.mark.django_db
def test_only_campaigns_past_their_deadline_below_the_target_are_due(stripe: Stripe) -> None:
    here = cast.world()
    programme = cast.programme(here)
    late, reached, going_on = (
        cast.campaign(here, programme, target_cents=1_000, title=title) for title in ("Laat", "Vol", "Bezig")
    )
    Campaign.objects.filter(pk=going_on.pk).update(deadline=LATER + timedelta(seconds=1))
    stripe.given(reached, 1_000)
    assert closing.close_due(now=late.deadline - timedelta(seconds=1)) == 0
    assert closing.close_due(now=LATER) == 1
    assert closing.close_due(now=LATER) == 0
    states = {campaign.title: campaign.state for campaign in Campaign.objects.all()}
    assert states == {"Laat": State.FAILED, "Vol": State.REACHED, "Bezig": State.COLLECTING}


@pytest.mark.django_db
def test_one_campaign_that_cannot_be_closed_keeps_no_other_waiting(caplog: pytest.LogCaptureFixture) -> None:
    """It says that it was given € 5,00 and the books know nothing of that."""
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    bad = cast.campaign(here, programme, title="Fontein")
    Campaign.objects.filter(pk=bad.pk).update(deadline=NOW + timedelta(days=1))
    good = cast.campaign(here, programme)
    Pledge.objects.create(
        campaign=bad,
        key="made up",
        source_id=purse.account_id,
        fund_id=purse.fund_id,
        amount_cents=500,
        given_at=NOW,
    )
    assert closing.close_due(now=LATER) == 1
    for campaign, state in ((bad, State.COLLECTING), (good, State.FAILED)):
        campaign.refresh_from_db()
        assert campaign.state == state
    assert [(one.levelname, one.message) for one in caplog.records] == [
        ("ERROR", f"campaign {bad.pk} cannot be closed")
    ]


@pytest.mark.django_db
def test_the_round_of_every_ten_minutes_closes_and_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    run = cast.issued(here, programme)
    campaign = cast.campaign(here, programme)
    monkeypatch.setattr("django.utils.timezone.now", lambda: run.activate_before)
    tasks.close_what_is_due()
    expire()
    campaign.refresh_from_db()
    assert (campaign.state, run.cheques.filter(state="expired").count()) == (State.FAILED, 2)
    assert books.total(code=Code.BUDGET) == 100_000


def test_a_campaign_closed_by_many_at_once_gives_back_once(
    own_database: str, stripe: Stripe, worker: None
) -> None:
    campaign, stack, donation = half_full(stripe, cast.world())
    outcomes = at_once(*[lambda: closing.close_failed(campaign_id=campaign.pk, now=NOW)] * 4)
    assert kinds(outcomes) == ["Campaign"] * 4
    assert [books.balance(purse.account_id) for purse in stack] == [750, 750]
    donation.refresh_from_db()
    assert (donation.state, books.total(code=Code.OPERATOR_COSTS)) == (Donation.State.REFUNDED, 35)
    assert len(stripe.ask("refunds")["data"]) == 1
    assert_sound()


def test_a_gift_at_the_moment_of_closing_is_refused_or_comes_back(own_database: str, stripe: Stripe) -> None:
    here = cast.world()
    cast.dwellings(here, 6)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 6)
    campaign = cast.campaign(here, programme)
    outcomes = at_once(
        lambda: closing.close_failed(campaign_id=campaign.pk, now=NOW),
        *(
            lambda purse=purse: cheques.give(
                purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=700, key="x", now=NOW
            )
            for purse in stack
        ),
    )
    assert set(kinds(outcomes)) <= {"Campaign", "Given", "TakesNoGifts"}
    assert (books.total(code=Code.POTS), books.total(code=Code.PURSES)) == (0, 6 * 750)
    assert_sound()
