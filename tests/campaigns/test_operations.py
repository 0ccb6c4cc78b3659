"""A campaign before and beside the money: a plan, a review, news, a report."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns import operations as campaigns
from campaigns.models import BudgetLine, Campaign, Initiator, State
from campaigns.operations import PlannedLine
from common import files
from programmes import operations as programmes
from programmes.models import Rules
from tests import cast
from tests.cast import NOW
from tests.crowd import at_once, kinds

BENCH = PlannedLine("Bank van hardhout", 40_000, BudgetLine.Category.MATERIAL, "Bouwmarkt")
PAVING = PlannedLine("Stoep leggen", 15_000, BudgetLine.Category.WORK)


def draft(
    here: cast.World, rules: Rules, *lines: PlannedLine, title: str = "Bank op het Irisplein"
) -> Campaign:
    return campaigns.open_campaign(
        initiator=campaigns.introduce(user=here.fatma, kind=Initiator.Kind.PERSON, name="Fatma Yıldız"),
        rules=rules,
        neighbourhood=here.bloemenbuurt,
        title=title,
        summary="Een stevige bank onder de boom.",
        story="Op het Irisplein kun je nergens zitten.",
        theme="seat",
        lines=lines,
        deadline=NOW + timedelta(days=21),
        now=NOW,
    )


@pytest.mark.django_db
def test_a_plan_is_reviewed_and_collects() -> None:
    here = cast.world()
    opened = draft(here, cast.programme(here).rules, BENCH, PAVING)
    assert (opened.state, opened.target_cents, opened.given_cents) == (State.DRAFT, 55_000, 0)
    assert [(line.position, line.description) for line in opened.budget_lines.all()] == [
        (1, "Bank van hardhout"),
        (2, "Stoep leggen"),
    ]
    assert not opened.takes_gifts(NOW)

    submitted = campaigns.submit(campaign_id=opened.pk, now=NOW)
    assert (submitted.state, submitted.submitted_at) == (State.SUBMITTED, NOW)

    approved = campaigns.approve(campaign_id=opened.pk, by=here.bea, now=NOW)
    assert (approved.state, approved.reviewed_by, approved.reviewed_at) == (State.COLLECTING, here.bea, NOW)
    assert approved.takes_gifts(NOW)
    assert approved.takes_gifts(approved.deadline - timedelta(seconds=1))
    assert not approved.takes_gifts(approved.deadline)


@pytest.mark.django_db
def test_a_refused_plan_goes_back_with_the_reason_and_can_be_sent_again() -> None:
    here = cast.world()
    opened = draft(here, cast.programme(here).rules, BENCH)
    campaigns.submit(campaign_id=opened.pk, now=NOW)
    refused = campaigns.refuse(campaign_id=opened.pk, by=here.bea, reason="Vraag eerst de buren.", now=NOW)
    assert (refused.state, refused.review_reason) == (State.REFUSED, "Vraag eerst de buren.")
    campaigns.submit(campaign_id=opened.pk, now=NOW)
    assert campaigns.approve(campaign_id=opened.pk, by=here.bea, now=NOW).review_reason == ""


@pytest.mark.django_db
def test_a_plan_without_a_line_and_one_that_costs_too_much_are_not_opened() -> None:
    here = cast.world()
    programme = cast.programme(here)
    with pytest.raises(campaigns.NothingPlanned):
        draft(here, programme.rules)
    stricter = replace(programmes.RuleSet(cheque_value_cents=750), max_target_cents=50_000)
    rules = programmes.publish_rules(programme=programme, rules=stricter, published_by=here.karin, now=NOW)
    with pytest.raises(campaigns.TargetTooHigh) as refusal:
        draft(here, rules, BENCH, PAVING)
    assert (refusal.value.target_cents, refusal.value.max_cents) == (55_000, 50_000)
    assert not Campaign.objects.exists()
    assert draft(here, rules, BENCH).target_cents == 40_000


@pytest.mark.django_db
def test_each_step_only_fits_its_own_state() -> None:
    here = cast.world()
    opened = draft(here, cast.programme(here).rules, BENCH)
    with pytest.raises(campaigns.NotInThatState) as refusal:
        campaigns.approve(campaign_id=opened.pk, by=here.bea, now=NOW)
    assert (refusal.value.campaign_id, refusal.value.state) == (opened.pk, State.DRAFT)
    campaigns.submit(campaign_id=opened.pk, now=NOW)
    with pytest.raises(campaigns.NotInThatState):
        campaigns.submit(campaign_id=opened.pk, now=NOW)
    campaigns.approve(campaign_id=opened.pk, by=here.bea, now=NOW)
    steps: list[Callable[[], Campaign]] = [
        lambda: campaigns.approve(campaign_id=opened.pk, by=here.bea, now=NOW),
        lambda: campaigns.refuse(campaign_id=opened.pk, by=here.bea, reason="", now=NOW),
        lambda: campaigns.mark_paid(campaign_id=opened.pk),
        lambda: campaigns.mark_done(campaign_id=opened.pk, now=NOW),
    ]
    for step in steps:
        with pytest.raises(campaigns.NotInThatState):
            step()


@pytest.mark.django_db
def test_a_plan_whose_last_day_has_passed_goes_back_and_never_collects() -> None:
    here = cast.world()
    opened = draft(here, cast.programme(here).rules, BENCH)
    with pytest.raises(campaigns.TooLate):
        campaigns.submit(campaign_id=opened.pk, now=opened.deadline)
    campaigns.submit(campaign_id=opened.pk, now=opened.deadline - timedelta(seconds=1))
    with pytest.raises(campaigns.TooLate) as refusal:
        campaigns.approve(campaign_id=opened.pk, by=here.bea, now=opened.deadline)
    assert (refusal.value.campaign_id, refusal.value.state) == (opened.pk, State.SUBMITTED)
    refused = campaigns.refuse(campaign_id=opened.pk, by=here.bea, reason="Later.", now=opened.deadline)
    assert refused.state == State.REFUSED


@pytest.mark.django_db
def test_nobody_reviews_a_campaign_of_their_own() -> None:
    here = cast.world()
    opened = draft(here, cast.programme(here).rules, BENCH)
    Initiator.objects.filter(pk=opened.initiator_id).update(user=here.bea)
    campaigns.submit(campaign_id=opened.pk, now=NOW)
    reviews: list[Callable[[], Campaign]] = [
        lambda: campaigns.approve(campaign_id=opened.pk, by=here.bea, now=NOW),
        lambda: campaigns.refuse(campaign_id=opened.pk, by=here.bea, reason="", now=NOW),
    ]
    for review in reviews:
        with pytest.raises(campaigns.OwnCampaign):
            review()
    assert campaigns.approve(campaign_id=opened.pk, by=here.karin, now=NOW).state == State.COLLECTING


@pytest.mark.django_db
def test_two_plans_of_one_name_have_addresses_of_their_own() -> None:
    here = cast.world()
    rules = cast.programme(here).rules
    titles = ["Bank op het Irisplein", "Bank op het Irisplein", "Bank op het Irisplein", "Nieuw", "!?"]
    assert [draft(here, rules, BENCH, title=title).slug for title in titles] == [
        "bank-op-het-irisplein",
        "bank-op-het-irisplein-2",
        "bank-op-het-irisplein-3",
        "nieuw-2",
        "initiatief",
    ]


@pytest.mark.django_db
def test_who_introduces_themselves_twice_is_one_initiator() -> None:
    here = cast.world()

    def garden(number: str) -> Initiator:
        return campaigns.introduce(
            user=here.fatma,
            kind=Initiator.Kind.ENTITY,
            name=" Vereniging De Tuin ",
            registration_number=number,
        )

    assert garden("12345678") == garden("12345678")
    assert garden("12345678").name == "Vereniging De Tuin"
    assert garden("87654321") != garden("12345678")


@pytest.mark.django_db
def test_a_campaign_tells_shows_and_reports() -> None:
    here = cast.world()
    opened = draft(here, cast.programme(here).rules, BENCH)
    campaigns.tell(campaign=opened, title="Begonnen", text="De stoep ligt open.", now=NOW)
    campaigns.tell(campaign=opened, title="Klaar", text="Hij staat!", now=NOW + timedelta(days=1))
    campaigns.tell(campaign=opened, title="Klaar", text="Hij staat!", now=NOW + timedelta(days=2))
    assert [news.title for news in opened.updates.all()] == ["Klaar", "Begonnen"]
    file = files.store(content=b"bank", name="bank.jpg", mime_type="image/jpeg", now=NOW)
    photo = campaigns.add_photo(campaign=opened, file=file, caption="De bank", now=NOW)
    assert photo.file == file
    assert campaigns.add_photo(campaign=opened, file=file, caption="Nog eens", now=NOW) == photo
    assert opened.photos.get().caption == "De bank"
    campaigns.report(campaign=opened, text="Gezellig.", people_reached=20, now=NOW)
    campaigns.report(campaign=opened, text="Heel gezellig.", people_reached=30, now=NOW)
    opened.refresh_from_db()
    assert (opened.report.text, opened.report.people_reached) == ("Heel gezellig.", 30)


@pytest.mark.django_db
def test_the_database_itself_refuses_a_campaign_for_nothing() -> None:
    here = cast.world()
    opened = draft(here, cast.programme(here).rules, BENCH)
    with pytest.raises(IntegrityError, match="campaign_target_above_zero"), transaction.atomic():
        Campaign.objects.filter(pk=opened.pk).update(target_cents=0)


def test_of_two_who_review_at_once_one_decides(own_database: str) -> None:
    here = cast.world()
    opened = draft(here, cast.programme(here).rules, BENCH)
    campaigns.submit(campaign_id=opened.pk, now=NOW)
    outcomes = at_once(
        lambda: campaigns.approve(campaign_id=opened.pk, by=here.bea, now=NOW),
        lambda: campaigns.refuse(campaign_id=opened.pk, by=here.karin, reason="Nee", now=NOW),
    )
    assert kinds(outcomes) == ["Campaign", "NotInThatState"]
