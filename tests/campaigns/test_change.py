"""A plan is written anew until it is sent, and again when it was not approved."""

from datetime import timedelta

import pytest

from campaigns import operations
from campaigns.models import Campaign, Initiator, State
from programmes import operations as programmes
from tests import cast
from tests.cast import NOW, World


def draft(
    here: World, *, target_cents: int = 5_000, title: str = "Een bank", max_target_cents: int | None = None
) -> Campaign:
    rules = programmes.publish_rules(
        programme=cast.programme(here),
        rules=programmes.RuleSet(cheque_value_cents=750, max_target_cents=max_target_cents),
        published_by=here.karin,
        now=NOW,
    )
    return operations.open_campaign(
        initiator=operations.introduce(user=here.fatma, kind="person", name="Fatma"),
        rules=rules,
        neighbourhood=here.bloemenbuurt,
        title=title,
        summary="Zitten.",
        story="Onder de boom.",
        theme="seat",
        lines=[operations.PlannedLine("Bank", target_cents - 500), operations.PlannedLine("Verf", 500)],
        deadline=NOW + timedelta(days=21),
        now=NOW,
    )


def change(campaign: Campaign, here: World, *lines: operations.PlannedLine) -> Campaign:
    return operations.change(
        campaign_id=campaign.pk,
        initiator=operations.introduce(user=here.fatma, kind="person", name="Fatma"),
        neighbourhood=here.bloemenbuurt,
        title="Twee banken",
        summary="Samen zitten.",
        story="Onder twee bomen.",
        theme="green",
        lines=lines,
        deadline=NOW + timedelta(days=30),
    )


@pytest.mark.django_db
def test_the_whole_plan_is_replaced_and_the_target_is_the_sum_of_the_new_lines() -> None:
    here = cast.world()
    campaign = draft(here)
    change(campaign, here, operations.PlannedLine("Twee banken", 8_000, "hire", "Verhuur"))
    campaign.refresh_from_db()
    assert (campaign.title, campaign.theme, campaign.target_cents) == ("Twee banken", "green", 8_000)
    assert campaign.deadline == NOW + timedelta(days=30)
    lines = campaign.budget_lines.values_list(
        "position", "description", "category", "supplier", "amount_cents"
    )
    assert list(lines) == [(1, "Twee banken", "hire", "Verhuur", 8_000)]
    assert campaign.slug == "een-bank"


@pytest.mark.django_db
def test_what_was_not_approved_can_be_changed_and_sent_again() -> None:
    here = cast.world()
    campaign = draft(here)
    operations.submit(campaign_id=campaign.pk, now=NOW)
    operations.refuse(campaign_id=campaign.pk, by=here.bea, reason="Te duur.", now=NOW)
    change(campaign, here, operations.PlannedLine("Bank", 1_000))
    assert operations.submit(campaign_id=campaign.pk, now=NOW).state == State.SUBMITTED


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [1, 2])
def test_what_was_sent_or_is_open_stays_as_neighbours_know_it(steps: int) -> None:
    here = cast.world()
    campaign = draft(here)
    operations.submit(campaign_id=campaign.pk, now=NOW)
    if steps == 2:
        operations.approve(campaign_id=campaign.pk, by=here.bea, now=NOW)
    with pytest.raises(operations.NotInThatState):
        change(campaign, here, operations.PlannedLine("Bank", 1_000))
    assert campaign.budget_lines.count() == 2


@pytest.mark.django_db
def test_a_plan_without_costs_or_above_the_limit_changes_nothing() -> None:
    here = cast.world()
    campaign = draft(here, max_target_cents=6_000)
    with pytest.raises(operations.NothingPlanned):
        change(campaign, here)
    with pytest.raises(operations.TargetTooHigh) as refused:
        change(campaign, here, operations.PlannedLine("Bank", 6_001))
    assert (refused.value.target_cents, refused.value.max_cents) == (6_001, 6_000)
    campaign.refresh_from_db()
    assert (campaign.title, campaign.target_cents, campaign.budget_lines.count()) == ("Een bank", 5_000, 2)
    change(campaign, here, operations.PlannedLine("Bank", 6_000))


@pytest.mark.django_db
def test_who_introduces_themselves_twice_is_one_initiator() -> None:
    here = cast.world()
    first = operations.introduce(
        user=here.fatma, kind="entity", name=" Buurtclub ", registration_number="12345678"
    )
    again = operations.introduce(
        user=here.fatma, kind="entity", name="Buurtclub", registration_number="12345678"
    )
    other = operations.introduce(
        user=here.bea, kind="entity", name="Buurtclub", registration_number="12345678"
    )
    assert first == again != other
    assert Initiator.objects.count() == 2


@pytest.mark.django_db
def test_a_campaign_called_new_has_an_address_of_its_own() -> None:
    here = cast.world()
    assert draft(here, title="Nieuw").slug == "nieuw-2"
