"""Gifts to a campaign, the room under its target, and what sponsors add."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from campaigns import pledges, queries
from campaigns.models import Campaign, Pledge, State
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from tests import cast
from tests.books.soundness import assert_sound
from tests.campaigns.giving import gift, grant, purses
from tests.cast import NOW
from tests.crowd import at_once, kinds


def pots(campaign: Campaign) -> dict[int, int]:
    return books.balances_by_key(keys=[campaign.key], code=Code.POTS)[campaign.key]


@pytest.mark.django_db
def test_a_gift_goes_from_the_purse_into_the_pot_and_counts() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    campaign = cast.campaign(here, programme, target_cents=10_000)

    made = pledges.pledge(gift=gift(purse, campaign, 500), now=NOW)

    campaign.refresh_from_db()
    assert (campaign.given_cents, campaign.times_given, campaign.state) == (500, 1, State.COLLECTING)
    assert campaign.room_cents == 9_500
    assert (made.amount_cents, made.state, made.source_id) == (500, Pledge.State.STANDING, purse.account_id)
    (entry,) = books.entries_by_source(source=campaign.key)
    (transfer,) = books.transfers_of(entry_ids=[entry.pk])
    assert (transfer.debit.code, transfer.credit.code, transfer.amount_cents) == (Code.PURSES, Code.POTS, 500)
    assert books.balance(purse.account_id) == 250
    assert pots(campaign) == {programme.fund_id: 500}
    assert_sound()


@pytest.mark.django_db
def test_the_same_key_gives_the_first_pledge_and_books_nothing() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    campaign = cast.campaign(here, programme)
    first = pledges.pledge(gift=gift(purse, campaign, 300), now=NOW)
    assert pledges.pledge(gift=gift(purse, campaign, 300), now=NOW) == first
    assert pledges.pledge(gift=gift(purse, campaign, 300, key="second"), now=NOW) != first
    assert pots(campaign) == {programme.fund_id: 600}


@pytest.mark.django_db
def test_a_gift_is_cut_to_the_room_and_the_target_closes_the_pot() -> None:
    here = cast.world()
    cast.dwellings(here, 3)
    programme = cast.funded(here)
    one, two, three = purses(cast.issued(here, programme), 3)
    campaign = cast.campaign(here, programme, target_cents=1_000)
    pledges.pledge(gift=gift(one, campaign, 750), now=NOW)
    assert pledges.pledge(gift=gift(two, campaign, 750), now=NOW).amount_cents == 250
    assert books.balance(two.account_id) == 500
    campaign.refresh_from_db()
    assert (campaign.given_cents, campaign.state) == (1_000, State.REACHED)
    with pytest.raises(pledges.TakesNoGifts) as refusal:
        pledges.pledge(gift=gift(three, campaign, 750), now=NOW)
    assert (refusal.value.campaign_id, refusal.value.state) == (campaign.pk, State.REACHED)
    assert books.balance(three.account_id) == 750
    assert_sound()


@pytest.mark.django_db
def test_after_the_deadline_nothing_is_taken() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    campaign = cast.campaign(here, programme)
    with pytest.raises(pledges.TakesNoGifts):
        pledges.pledge(gift=gift(purse, campaign, 100), now=campaign.deadline)
    just_in_time = campaign.deadline - timedelta(seconds=1)
    assert pledges.pledge(gift=gift(purse, campaign, 100), now=just_in_time).amount_cents == 100


@pytest.mark.django_db
def test_more_than_the_purse_holds_is_refused_by_the_books() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    campaign = cast.campaign(here, programme)
    with pytest.raises(ledger.Overdrawn):
        pledges.pledge(gift=gift(purse, campaign, 751), now=NOW)
    campaign.refresh_from_db()
    assert (campaign.given_cents, campaign.pledges.count(), books.balance(purse.account_id)) == (0, 0, 750)
    assert pots(campaign).get(programme.fund_id, 0) == 0


@pytest.mark.django_db
def test_a_sponsor_adds_half_of_each_gift_from_a_fund_of_its_own() -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    one, two = purses(cast.issued(here, programme), 2)
    groen = grant(here, amount_cents=50_000, percent=50, per_campaign_cents=600)
    campaign = cast.campaign(here, programme, target_cents=10_000)

    first = pledges.pledge(gift=gift(one, campaign, 701), now=NOW)
    pledges.pledge(gift=gift(two, campaign, 750), now=NOW)

    added = campaign.pledges.filter(grant=groen).order_by("pk")
    # Half of € 7,01 rounded down; then the rest of the € 6,00 that this campaign may get.
    assert [pledge.amount_cents for pledge in added] == [350, 250]
    assert (added[0].matches, added[0].name) == (first, "Gemeente Oeverdam")
    assert pots(campaign) == {programme.fund_id: 1_451, groen.fund_id: 600}
    assert books.total(code=Code.BUDGET, fund_ids=[groen.fund_id]) == 49_400
    assert [(part.kind, part.cents, part.times) for part in queries.parts(campaign)] == [
        ("programme", 1_451, 2),
        ("grant", 600, 2),
    ]
    assert_sound()


@pytest.mark.django_db
def test_a_match_completes_the_campaign() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    grant(here, amount_cents=50_000, percent=100)
    campaign = cast.campaign(here, programme, target_cents=1_000)
    pledges.pledge(gift=gift(purse, campaign, 750), now=NOW)
    campaign.refresh_from_db()
    assert (campaign.given_cents, campaign.times_given, campaign.state) == (1_000, 2, State.REACHED)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("received", "matches_cheques", "now", "added_cents"),
    [
        (True, True, NOW, 100),
        (False, True, NOW, 0),  # promised is not there
        (True, False, NOW, 0),  # only beside donations
        # The last day of the grant in Amsterdam, and the first after it.
        (True, True, datetime(2026, 12, 31, 22, 59, tzinfo=UTC), 100),
        (True, True, datetime(2026, 12, 31, 23, 1, tzinfo=UTC), 0),
    ],
)
def test_a_sponsor_adds_only_what_is_there_for_this(
    received: bool, matches_cheques: bool, now: datetime, added_cents: int
) -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    groen = grant(here, amount_cents=5_000, received=received, matches_cheques=matches_cheques)
    campaign = cast.campaign(here, programme)
    Campaign.objects.filter(pk=campaign.pk).update(deadline=now + timedelta(days=1))
    pledges.pledge(gift=gift(purse, campaign, 200), now=now)
    assert sum(pledge.amount_cents for pledge in groen.pledges.all()) == added_cents


@pytest.mark.django_db
def test_giving_takes_as_many_queries_to_a_full_pot_as_to_an_empty_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    here = cast.world()
    cast.dwellings(here, 12)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 12)
    campaign = cast.campaign(here, programme, target_cents=100_000)
    pledges.pledge(gift=gift(stack[0], campaign, 100), now=NOW)  # opens the pot's account
    for purse in (stack[1], stack[11]):
        for other in stack[2:11]:
            pledges.pledge(gift=gift(other, campaign, 10, key=f"before {purse.pk}"), now=NOW)
        # Savepoints 4, the campaign, the key, the pot, the posting, the pledge, the grants, the campaign again.
        with django_assert_num_queries(11):
            pledges.pledge(gift=gift(purse, campaign, 100), now=NOW)


@pytest.mark.django_db
def test_the_database_refuses_a_match_without_a_grant_and_a_gift_of_nothing() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    made = pledges.pledge(gift=gift(purse, cast.campaign(here, programme), 100), now=NOW)
    with pytest.raises(IntegrityError, match="pledge_match_has_a_grant"), transaction.atomic():
        Pledge.objects.filter(pk=made.pk).update(matches=made)
    with pytest.raises(IntegrityError, match="pledge_above_zero"), transaction.atomic():
        Pledge.objects.filter(pk=made.pk).update(amount_cents=0)


# At the same moment


def test_two_gifts_for_the_last_room_share_it(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 8)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 8)
    campaign = cast.campaign(here, programme, target_cents=1_000)
    outcomes = at_once(
        *(lambda purse=purse: pledges.pledge(gift=gift(purse, campaign, 600), now=NOW) for purse in stack)
    )
    assert kinds(outcomes) == ["Pledge"] * 2 + ["TakesNoGifts"] * 6
    campaign.refresh_from_db()
    assert (campaign.given_cents, campaign.times_given, campaign.state) == (1_000, 2, State.REACHED)
    assert sorted(pledge.amount_cents for pledge in campaign.pledges.all()) == [400, 600]
    assert_sound()


def test_matches_to_many_campaigns_at_once_stay_within_the_sponsors_money(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 8)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 8)
    groen = grant(here, amount_cents=1_000, percent=100)
    opened = [cast.campaign(here, programme, title=f"Bank {number}") for number in range(8)]
    outcomes = at_once(
        *(
            lambda purse=purse, campaign=campaign: pledges.pledge(gift=gift(purse, campaign, 700), now=NOW)
            for purse, campaign in zip(stack, opened, strict=True)
        )
    )
    assert kinds(outcomes) == ["Pledge"] * 8
    assert sorted(pledge.amount_cents for pledge in groen.pledges.all()) == [300, 700]
    assert books.total(code=Code.BUDGET, fund_ids=[groen.fund_id]) == 0
    assert_sound()


def test_stacks_given_to_the_same_campaigns_in_opposite_order_do_not_wait_in_a_ring(
    own_database: str,
) -> None:
    here = cast.world()
    cast.dwellings(here, 10)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 10)
    grant(here, amount_cents=50_000)
    benches = [cast.campaign(here, programme, title=f"Bank {number}") for number in range(2)]

    def give_both(number: int) -> int:
        purse = stack[number]
        order = benches if number % 2 else benches[::-1]
        gifts = [gift(purse, bench, 100, key=str(bench.pk)) for bench in order]
        return len(pledges.pledge_all(key=f"stack:{purse.pk}", gifts=gifts, now=NOW))

    outcomes = at_once(*(lambda number=number: give_both(number) for number in range(10)))
    assert outcomes == [2] * 10
    assert_sound()


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.PAID, State.DONE])
def test_a_campaign_that_took_nothing_of_a_stack_stays_what_it_was(state: State) -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    one, other = purses(cast.issued(here, programme), 2)
    full = cast.campaign(here, programme, target_cents=500, title="Vol")
    pledges.pledge(gift=gift(one, full, 500), now=NOW)
    Campaign.objects.filter(pk=full.pk).update(state=state)
    bench = cast.campaign(here, programme, title="Bank")
    gifts = [gift(other, to, 100, key=str(to.pk)) for to in (full, bench)]
    (made,) = pledges.pledge_all(key="stack", gifts=gifts, now=NOW)
    full.refresh_from_db()
    assert (made.campaign_id, full.state) == (bench.pk, state)
