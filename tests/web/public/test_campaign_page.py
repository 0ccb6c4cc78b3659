"""A campaign's page in each of its states, and all gifts to it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from books import closing
from campaigns import operations as campaigns
from campaigns.models import Campaign, State
from payments import payees, payouts
from tests.cast import NOW
from tests.web.clock import Clock
from tests.web.public.conftest import Square
from web.look.origins import Origin
from web.public import stories
from web.public.whereabouts import Position, positions


def shown(client: Client, campaign: Campaign) -> str:
    answer = client.get(reverse("campaign", args=[campaign.slug]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_while_it_collects_one_can_give(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, 2)
    html = shown(client, square.bench)
    assert "Collecting until 14 December 2026" in html
    assert "€15.00" in html
    assert "2 gifts with a neighbourhood cheque" in html
    assert "A neighbour gave with a neighbourhood cheque" in html
    assert "today, 14:00" in html
    assert "Give my cheque" in html
    assert "What is the money for?" in html
    assert "Nothing paid out yet" in html


def test_before_the_first_gift_it_asks_for_the_first(client: Client, square: Square) -> None:
    assert "Nobody gave yet" in shown(client, square.bench)


def test_a_sponsor_that_matches_explains_what_a_gift_becomes(client: Client, square: Square) -> None:
    square.municipality_matches()
    html = shown(client, square.bench)
    assert "Your €10.00 becomes €20.00" in html
    assert (
        "Gemeente Oeverdam adds €1.00 to every €1.00 of a neighbour, up to €300.00. €300.00 of that is left."
        in html
    )


def test_a_sponsor_that_has_given_all_promises_nothing(client: Client, square: Square) -> None:
    square.municipality_matches(cheques_too=True, per_campaign_cents=750)
    square.cheque_gifts(square.bench, 1)
    html = shown(client, square.bench)
    assert "Gemeente Oeverdam added 1 time" in html
    assert "given 2 times" in html  # a gift and what was added to it
    assert "becomes" not in html


def test_after_its_last_day_one_cannot_give_any_more(client: Client, square: Square, clock: Clock) -> None:
    clock.advance(timedelta(days=22))
    html = shown(client, square.bench)
    assert "You cannot give any more" in html
    assert "Give my cheque" not in html


def test_at_its_target_two_people_look_at_it(client: Client, square: Square) -> None:
    small = square.campaign("Vogelhuisje", 1_500)
    square.cheque_gifts(small, 2)
    html = shown(client, small)
    assert "Target reached" in html
    assert "Two people of Woonstichting De Klinker look at it now." in html
    assert "That happens when two people of Woonstichting De Klinker agree." in html
    assert "€15.00 is in and two people" not in html


def test_a_payout_on_its_way_is_said_to_be_on_its_way(client: Client, square: Square) -> None:
    small = square.campaign("Vogelhuisje", 1_500)
    square.cheque_gifts(small, 2)
    payees.give_account(
        initiator=small.initiator,
        holder="F. Yildiz",
        iban="NL91ABNA0417164300",
        by=square.world.fatma,
        now=NOW,
    )
    payees.approve_account(account_id=small.initiator.payee_accounts.get().pk, by=square.world.karin, now=NOW)
    payout = payouts.propose(campaign_id=small.pk, by=square.world.karin, now=NOW)
    assert "Nothing paid out yet" in shown(client, small)
    payouts.approve(payout_id=payout.pk, by=square.world.youssef, now=NOW)
    html = shown(client, small)
    assert "€15.00 is on its way to Fatma Yıldız" in html
    assert "NL91" not in html
    payouts.withdraw(payout_id=payout.pk, by=square.world.karin, reason="Toch niet.", now=NOW)
    assert "Nothing paid out yet" in shown(client, small)
    (position,) = positions([small])
    assert (position.pot_cents, position.waiting_cents, position.returned_cents) == (1_500, 0, 0)


def test_paid_out_it_shows_the_receipts_that_were_approved(client: Client, square: Square) -> None:
    small = square.campaign("Vogelhuisje", 1_500)
    square.cheque_gifts(small, 2)
    square.pay_out(small)
    square.receipt(small, 1_000, supplier="Bouwmarkt")
    square.receipt(small, 200, supplier="Verfwinkel", approved=False)
    html = shown(client, small)
    assert "€15.00 paid out to Fatma Yıldız" in html
    assert "Bouwmarkt" in html
    assert "Verfwinkel" not in html
    assert "Receipts for €5.00 are still to come" in html
    assert "Of each receipt you see the shop, the date and the amount." in html


def test_done_its_receipt_adds_up_to_what_was_in_the_pot(client: Client, square: Square) -> None:
    small = square.campaign("Vogelhuisje", 1_500)
    square.cheque_gifts(small, 2)
    square.pay_out(small)
    square.receipt(small, 1_200)
    square.leftover(small, 300)
    campaigns.report(campaign=small, text="Het huisje hangt.", people_reached=7, now=NOW)
    html = shown(client, small)
    assert small.state == State.DONE
    assert "Done, with receipts" in html
    assert "What was the money for?" in html
    assert "€12.00 + €3.00 = €15.00" in html
    assert "To the funders and the fund of the neighbourhood." in html
    assert "Het huisje hangt." in html
    assert "7 people took part." in html


def test_a_receipt_of_more_than_was_paid_out_still_adds_up(client: Client, square: Square) -> None:
    small = square.campaign("Vogelhuisje", 1_500)
    square.cheque_gifts(small, 2)
    square.pay_out(small)
    square.receipt(small, 1_800)
    html = shown(client, small)
    assert "Paid by Fatma Yıldız" in html
    assert "€-3.00" in html or "-€3.00" in html
    assert "Exactly what was in the pot." in html


def test_failed_it_says_that_everybody_gets_the_money_back(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, 2)
    closing.close_failed(campaign_id=square.bench.pk, now=NOW)
    html = shown(client, square.bench)
    assert "The target was not reached" in html
    assert "Everybody gets the money back" in html
    assert "Give my cheque" not in html
    assert "What was the plan?" in html
    assert "What will we do?" not in html
    assert "What was the money for?" in html
    assert "See the other campaigns" in html


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.REFUSED])
def test_what_is_not_public_is_not_found(client: Client, square: Square, state: State) -> None:
    Campaign.objects.filter(pk=square.bench.pk).update(state=state)
    for page in ("campaign", "gifts"):
        assert client.get(reverse(page, args=[square.bench.slug])).status_code == 404
    assert client.post(reverse("donate", args=[square.bench.slug]), {}).status_code == 404


def test_what_an_initiator_writes_is_text_and_never_markup(client: Client, square: Square) -> None:
    Campaign.objects.filter(pk=square.bench.pk).update(story="<script>alert(1)</script>", title="<b>Bank</b>")
    campaigns.tell(campaign=square.bench, title="<img src=x>", text="<i>x</i>", now=NOW)
    html = shown(client, square.bench)
    for markup in ("<script>alert", "<b>Bank", "<img src=x", "<i>x"):
        assert markup not in html


def test_its_page_wears_the_colours_of_its_host(client: Client, square: Square) -> None:
    assert reverse("house_stylesheet", args=["de-klinker"]) in shown(client, square.bench)


def test_all_gifts_are_listed_in_pages(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, 10)
    big = square.campaign("Speeltuin", 50_000)
    square.cheque_gifts(big, 30)
    html = client.get(reverse("gifts", args=[big.slug])).content.decode()
    assert "30 gifts, together €225.00" in html
    assert "Page 1 of 2" in html
    second = client.get(reverse("gifts", args=[big.slug]) + "?page=2").content.decode()
    assert second.count("A neighbour gave") == 5
    assert client.get(reverse("gifts", args=[big.slug]) + "?page=zzz").status_code == 200


def test_a_hundred_gifts_cost_as_many_queries_as_one(
    client: Client, square: Square, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    square.cheque_gifts(square.bench, 1)
    shown(client, square.bench)
    with django_assert_max_num_queries(20) as one:
        shown(client, square.bench)
    square.cheque_gifts(square.bench, 10)
    with django_assert_max_num_queries(len(one.captured_queries)):
        shown(client, square.bench)


def test_what_went_back_is_listed_in_the_order_of_the_pot(square: Square) -> None:
    went_back = [
        Position(
            campaign_id=square.bench.pk,
            kind=kind,
            owner=kind,
            times=1,
            given_cents=100,
            pot_cents=0,
            waiting_cents=0,
            spent_cents=0,
            returned_cents=100,
            costs_cents=0,
        )
        for kind in ("grant", "donations", "programme")
    ]
    card = stories.receipt_card(square.bench, stories.Money(went_back), ())
    assert [line.origin for line in card.groups[0].lines] == [Origin.CHEQUE, Origin.GIFT, Origin.GRANT]
