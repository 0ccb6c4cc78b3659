"""Bea and Karin review plans of residents."""

from typing import Any

import pytest
from django.db import ProgrammingError, connections
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Initiator, State
from people.models import User
from programmes import operations as programmes
from tests.cast import NOW
from tests.post import delivered
from tests.web.staff import street
from tests.web.staff.street import Street, as_

LIST = reverse("staff_campaigns")


def decide(user: User, campaign: Campaign, verb: str, **fields: str) -> Any:
    return as_(user).post(reverse(f"staff_{verb}_campaign", args=[campaign.slug]), fields, follow=True)


def state_of(campaign: Campaign) -> str:
    return Campaign.objects.get(pk=campaign.pk).state


def test_a_broker_approves_a_plan_and_the_initiator_gets_mail(here: Street) -> None:
    page = decide(here.world.bea, here.submitted, "approve").content.decode()
    assert "Goedgekeurd: Buurttafel spaart vanaf nu." in page
    assert state_of(here.submitted) == State.COLLECTING
    (sent,) = delivered()
    assert (sent.to, sent.subject) == ([here.world.fatma.email], "Uw initiatief is open: Buurttafel")
    assert "U spaart voor €\u00a0120,00, tot en met 23 december 2026." in sent.body
    assert reverse("mine_campaign", args=[here.submitted.slug]) in sent.body


def test_a_plan_goes_back_with_the_reason(here: Street) -> None:
    reason = "De huur van de tafels mag niet hoger zijn dan € 100."
    page = decide(here.world.karin, here.submitted, "refuse", reason=reason).content.decode()
    assert "Niet goedgekeurd: Buurttafel." in page
    assert state_of(here.submitted) == State.REFUSED
    assert reason in delivered()[0].body
    shown = as_(here.world.karin).get(reverse("staff_campaign", args=[here.submitted.slug])).content.decode()
    assert "Door Karin, vandaag" in shown


@pytest.mark.parametrize("reason", ["", "nee", "x" * 301])
def test_without_a_reason_nothing_goes_back(reason: str, here: Street) -> None:
    answer = decide(here.world.bea, here.submitted, "refuse", reason=reason)
    assert answer.status_code == 422
    assert answer.context["form"].errors["reason"]
    assert (state_of(here.submitted), delivered()) == (State.SUBMITTED, [])


def test_a_decision_whose_mail_cannot_be_written_is_not_made(own_database: str) -> None:
    here = street.build()
    with connections["owner"].cursor() as owner:
        owner.execute("REVOKE INSERT ON common_mail FROM buurtpot_app")
    for verb in ("approve", "refuse"):
        with pytest.raises(ProgrammingError):
            decide(here.world.bea, here.submitted, verb, reason="Dit kan zo nog niet.")
    assert state_of(here.submitted) == State.SUBMITTED


def test_decided_twice_is_decided_once(here: Street) -> None:
    decide(here.world.bea, here.submitted, "approve")
    for verb in ("approve", "refuse"):
        page = decide(here.world.karin, here.submitted, verb, reason="Toch maar niet.").content.decode()
        assert "Over dit initiatief is al beslist." in page
    assert state_of(here.submitted) == State.COLLECTING
    assert len(delivered()) == 1


def test_nobody_reviews_a_campaign_of_their_own(here: Street) -> None:
    Initiator.objects.filter(pk=here.submitted.initiator_id).update(user=here.world.bea)
    shown = as_(here.world.bea).get(reverse("staff_campaign", args=[here.submitted.slug])).content.decode()
    assert "Dit is uw eigen initiatief. Daarom moet een collega beslissen." in shown
    assert reverse("staff_approve_campaign", args=[here.submitted.slug]) not in shown
    page = decide(here.world.bea, here.submitted, "approve").content.decode()
    assert "Dit is uw eigen initiatief." in page
    assert state_of(here.submitted) == State.SUBMITTED


def test_the_plan_is_held_against_the_rules(here: Street) -> None:
    stricter = programmes.publish_rules(
        programme=here.programme,
        rules=programmes.RuleSet(
            cheque_value_cents=750, max_target_cents=10_000, conditions="Geen kosten vooraf."
        ),
        published_by=here.world.karin,
        now=NOW,
    )
    Campaign.objects.filter(pk=here.submitted.pk).update(rules=stricter)
    answer = as_(here.world.bea).get(reverse("staff_campaign", args=[here.submitted.slug]))
    assert [check.ok for check in answer.context["checks"]] == [False, True, True, None]
    page = answer.content.decode()
    assert "Het doel is €\u00a0120,00. Het mag hoogstens €\u00a0100,00 zijn." in page
    assert "€\u00a030,00 is voor eten en drinken." in page
    assert "Geen kosten vooraf." in page


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"state": "submitted"}, ["Buurttafel"]),
        ({"q": "winter"}, ["Winterlichtjes"]),
        ({"q": "FATMA", "state": "paid"}, ["Bank op het Irisplein"]),
        ({"q": "nergens"}, []),
        ({"state": "failed"}, []),
        ({"state": "draft"}, ["Buurttafel", "Winterlichtjes", "Bank op het Irisplein"]),
    ],
)
def test_campaigns_are_found_by_state_and_word(
    query: dict[str, str], titles: list[str], here: Street
) -> None:
    page = as_(here.world.bea).get(LIST, query).context["page"]
    assert sorted(campaign.title for campaign in page) == sorted(titles)


def test_a_draft_is_its_makers_own(here: Street) -> None:
    Campaign.objects.filter(pk=here.submitted.pk).update(state=State.DRAFT)
    assert as_(here.world.bea).get(reverse("staff_campaign", args=[here.submitted.slug])).status_code == 404


def test_more_campaigns_cost_no_more_queries(
    here: Street, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_(here.world.bea)
    client.get(LIST)
    with django_assert_num_queries(7):
        client.get(LIST)
    for number in range(5):
        street.submitted(here.world, here.programme, title=f"Plan {number}")
    with django_assert_num_queries(7):
        assert len(client.get(LIST).context["page"]) == 8


def test_a_state_has_one_word_above_the_list_and_in_it(here: Street) -> None:
    page = as_(here.world.bea).get(LIST)
    words = [str(word) for _state, word, _count in page.context["tabs"]]
    assert words[3:5] == ["Uitbetaald, bon volgt", "Klaar, met bonnen"]
    assert "Wordt uitgevoerd" not in page.content.decode()


def test_a_question_beside_an_answer_says_what_it_asks(here: Street) -> None:
    page = as_(here.world.bea).get(reverse("staff_campaign", args=[here.submitted.slug])).content.decode()
    assert "Keurt u dit plan goed?" in page
    assert "Waarom keurt u het niet goed?" in page
