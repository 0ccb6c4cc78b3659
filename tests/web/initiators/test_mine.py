"""The first page of who signed in: what to do, what there is, and the doors to work."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import operations, receipts
from people.models import Membership, Role
from tests.cast import NOW
from tests.web.initiators.street import client, draft, paid, reached, receipt, street
from tests.web.signing_in import signed_in

MINE = reverse("mine")


def duty_urls(answer: Any) -> list[str]:
    return [duty.url for duty in answer.context["duties"]]


@pytest.mark.django_db
def test_who_is_not_signed_in_is_asked_to() -> None:
    answer = Client().get(MINE)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next={MINE}"


@pytest.mark.django_db
def test_who_has_no_initiative_is_shown_how_to_begin() -> None:
    at = street()
    answer = client(at.here.fatma).get(MINE)
    assert reverse("new_campaign") in answer.content.decode()
    assert (answer.context["cards"], answer.context["duties"], answer.context["work"]) == ([], [], [])


@pytest.mark.django_db
def test_only_own_initiatives_are_there() -> None:
    at = street()
    draft(at, title="Mine")
    draft(at, title="Of Bea", by=at.here.bea)
    answer = client(at.here.fatma).get(MINE)
    assert [card.campaign.title for card in answer.context["cards"]] == ["Mine"]


@pytest.mark.django_db
def test_one_list_says_what_is_still_to_be_done_the_most_pressing_first() -> None:
    at = street()
    unsent = draft(at)
    refused = draft(at, title="Refused")
    operations.submit(campaign_id=refused.pk, now=NOW)
    operations.refuse(campaign_id=refused.pk, by=at.here.bea, reason="Too much.", now=NOW)
    full = reached(at)
    assert duty_urls(client(at.here.fatma).get(MINE)) == [
        reverse("mine_campaign", args=[refused.slug]),
        reverse("give_account", args=[full.slug]),
        reverse("submit_campaign", args=[unsent.slug]),
    ]


@pytest.mark.django_db
def test_receipts_are_asked_for_until_all_is_handed_in_and_then_no_more() -> None:
    at = street()
    campaign, _payout = paid(at)
    ask = reverse("hand_in_receipt", args=[campaign.slug])
    browser = client(at.here.fatma)
    assert ask in duty_urls(browser.get(MINE))
    handed_in = receipt(at, campaign, 3_750)
    assert ask not in duty_urls(browser.get(MINE))
    receipts.refuse(receipt_id=handed_in.pk, by=at.here.karin, reason="Not readable.", now=NOW)
    assert ask in duty_urls(browser.get(MINE))


@pytest.mark.django_db
def test_more_initiatives_cost_no_more_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    at = street()
    paid(at)
    browser = client(at.here.fatma)
    with django_assert_num_queries(12):
        browser.get(MINE)
    for number in range(5):
        draft(at, title=f"Garden {number}")
    with django_assert_num_queries(12):
        browser.get(MINE)


@pytest.mark.django_db
def test_who_works_for_two_organisations_chooses_one() -> None:
    at = street()
    karin = at.here.karin
    Membership.objects.create(user=karin, organisation=at.here.operator, role=Role.AUDITOR, since=NOW)
    browser = signed_in(client(karin), karin)
    work = {one.organisation: one.doors for one in browser.get(MINE).context["work"]}
    assert work == {at.here.klinker: ("staff_home",), at.here.operator: ("auditor_home",)}
    answer = browser.post(
        reverse("choose_organisation"), {"organisation": at.here.operator.pk, "door": "auditor_home"}
    )
    assert answer["Location"] == reverse("auditor_home")
    assert browser.session["organisation"] == at.here.operator.pk


@pytest.mark.django_db
def test_nobody_chooses_an_organisation_that_they_have_no_role_in() -> None:
    at = street()
    browser = client(at.here.karin)
    answer = browser.post(reverse("choose_organisation"), {"organisation": at.here.operator.pk})
    assert answer.status_code == 404
    assert "organisation" not in browser.session


@pytest.mark.django_db
def test_a_door_that_is_not_ones_own_does_not_open() -> None:
    at = street()
    answer = client(at.here.karin).post(
        reverse("choose_organisation"),
        {"organisation": at.here.klinker.pk, "door": "https://elsewhere.example/"},
    )
    assert answer["Location"] == reverse("staff_home")


@pytest.mark.django_db
def test_name_and_language_are_kept_and_the_next_page_speaks_it() -> None:
    at = street()
    browser = client(at.here.fatma)
    answer = browser.post(reverse("my_details"), {"name": "Fatma Y.", "language": "nl"})
    assert answer["Location"] == MINE
    at.here.fatma.refresh_from_db()
    assert (at.here.fatma.name, at.here.fatma.language) == ("Fatma Y.", "nl")
    assert '<html lang="nl"' in browser.get(MINE).content.decode()
    browser.post(reverse("my_details"), {"name": "Fatma Y.", "language": "en"})
    assert '<html lang="en"' in browser.get(MINE).content.decode()


@pytest.mark.django_db
def test_a_language_that_we_do_not_speak_is_refused() -> None:
    at = street()
    answer = client(at.here.fatma).post(reverse("my_details"), {"name": "Fatma Y.", "language": "fr"})
    assert answer.status_code == 200
    assert "language" in answer.context["form"].errors
    assert 'value="Fatma Y."' in answer.content.decode()
