"""Which campaigns there are to give to, to review, and where their money came from."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns import operations as campaigns
from campaigns import pledges, queries
from campaigns.models import Campaign, State
from people.models import Organisation, OrganisationKind
from tests import cast
from tests.campaigns.giving import gift, grant, purses
from tests.cast import NOW


@pytest.mark.django_db
def test_the_parts_of_a_pot_add_up_to_it_for_one_campaign_and_for_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    here = cast.world()
    cast.dwellings(here, 3)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 3)
    grant(here, amount_cents=50_000, percent=50)
    bench, boxes, empty = (
        cast.campaign(here, programme, title=title) for title in ("Bank", "Bakken", "Niets")
    )
    pledges.pledge(gift=gift(stack[0], bench, 600), now=NOW)
    pledges.pledge(gift=gift(stack[1], bench, 400), now=NOW)
    pledges.pledge(gift=gift(stack[2], boxes, 100), now=NOW)
    with django_assert_num_queries(1):
        found = queries.parts_of([bench, boxes, empty])
    assert found == {
        bench.pk: [
            queries.Part("programme", "Woonstichting De Klinker", 1_000, 2),
            queries.Part("grant", "Gemeente Oeverdam", 500, 2),
        ],
        boxes.pk: [
            queries.Part("programme", "Woonstichting De Klinker", 100, 1),
            queries.Part("grant", "Gemeente Oeverdam", 50, 1),
        ],
        empty.pk: [],
    }
    assert queries.parts(bench) == found[bench.pk]
    bench.refresh_from_db()
    assert sum(part.cents for part in found[bench.pk]) == bench.given_cents
    campaigns.fail(campaign_id=bench.pk, now=NOW)
    assert queries.parts(bench) == []


@pytest.mark.django_db
def test_the_latest_gifts_come_first_and_only_those_that_stand() -> None:
    here = cast.world()
    cast.dwellings(here, 3)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 3)
    bench = cast.campaign(here, programme)
    for hours, purse in enumerate(stack):
        pledges.pledge(gift=gift(purse, bench, 100 + hours), now=NOW + timedelta(hours=hours))
    assert [pledge.amount_cents for pledge in queries.latest_gifts(bench, 2)] == [102, 101]
    campaigns.fail(campaign_id=bench.pk, now=NOW)
    assert list(queries.latest_gifts(bench, 2)) == []


@pytest.mark.django_db
def test_near_are_the_open_campaigns_of_the_host_in_the_district_that_ends_first_first() -> None:
    here = cast.world()
    programme = cast.programme(here)
    bench, boxes, late, draft = (
        cast.campaign(here, programme, title=title) for title in ("Bank", "Bakken", "Laat", "Schets")
    )
    Campaign.objects.filter(pk=boxes.pk).update(deadline=NOW + timedelta(days=1))
    Campaign.objects.filter(pk=late.pk).update(deadline=NOW)
    Campaign.objects.filter(pk=draft.pk).update(state=State.DRAFT)
    elsewhere = cast.neighbourhood("Havenkwartier", "BU05020201")
    assert list(queries.near(here.bloemenbuurt, host=here.klinker, now=NOW)) == [boxes, bench]
    assert list(queries.near(elsewhere, host=here.klinker, now=NOW)) == []
    assert list(queries.near(None, host=here.klinker, now=NOW)) == [boxes, bench]
    noorderwal = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Noorderwal", slug="noorderwal"
    )
    assert list(queries.near(None, host=noorderwal, now=NOW)) == []


@pytest.mark.django_db
def test_what_waits_longest_is_reviewed_first_by_its_own_host() -> None:
    here = cast.world()
    programme = cast.programme(here)
    first, second = (cast.campaign(here, programme, title=title) for title in ("Bank", "Bakken"))
    for campaign, hours in ((first, 2), (second, 1)):
        Campaign.objects.filter(pk=campaign.pk).update(
            state=State.SUBMITTED, submitted_at=NOW + timedelta(hours=hours)
        )
    assert list(queries.to_review(here.klinker)) == [second, first]
    assert list(queries.to_review(here.operator)) == []
