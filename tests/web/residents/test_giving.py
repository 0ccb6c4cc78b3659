"""Giving from a cheque: all, a part, too much, twice, too late."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from books import closing
from campaigns.models import Campaign, Pledge, State
from cheques import operations
from ledger import queries as books
from ledger.chart import Code
from tests import cast
from tests.cast import NOW
from tests.web.clock import Clock
from tests.web.residents.conftest import Street
from tests.web.residents.letters import activated, opened


def form(amount: str) -> dict[str, str]:
    return {"amount": amount, "key": str(uuid.uuid4())}


def test_scan_see_activate_give_a_part_keep_the_rest(client: Client, street: Street) -> None:
    held = street.letter()
    opened(client, held)
    assert "Make my cheque active" in client.get(reverse("cheque")).content.decode()
    client.post(reverse("cheque_activate"))
    page = client.post(reverse("give", args=[street.bench.slug]), form("2,50"), follow=True)
    html = page.content.decode()
    assert "Done. You gave €2.50 to Bank op het Irisplein." in html
    assert "You still have €5.00" in html
    purse = client.get(reverse("purse")).content.decode()
    assert "Give €5.00 to this campaign" in purse
    assert "What you did with this letter" in purse
    assert (books.total(code=Code.PURSES), books.total(code=Code.POTS)) == (500, 250)


def test_the_amount_field_holds_all_that_is_left(client: Client, street: Street) -> None:
    activated(client, street.letter())
    assert 'value="7,50"' in client.get(reverse("give", args=[street.bench.slug])).content.decode()


def test_the_form_sent_twice_gives_once(client: Client, street: Street) -> None:
    activated(client, street.letter())
    sent = form("2,50")
    first = client.post(reverse("give", args=[street.bench.slug]), sent)
    second = client.post(reverse("give", args=[street.bench.slug]), sent)
    assert first["Location"] == second["Location"]
    assert Pledge.objects.count() == 1
    assert books.total(code=Code.PURSES) == 500


def test_another_form_gives_again(client: Client, street: Street) -> None:
    """The control of the test above: it is the key that makes it once."""
    activated(client, street.letter())
    for _ in range(2):
        client.post(reverse("give", args=[street.bench.slug]), form("2,50"))
    assert Pledge.objects.count() == 2


def test_a_campaign_of_another_host_is_refused_in_words(client: Client, street: Street) -> None:
    there = cast.elsewhere(street.world)
    stranger = cast.campaign(there, cast.programme(there), title="Fontein")
    activated(client, street.letter())
    address = reverse("give", args=[stranger.slug])
    for answer in (client.get(address, follow=True), client.post(address, form("2,50"), follow=True)):
        html = answer.content.decode()
        assert "You cannot give this money to Fontein." in html
        assert "It is for campaigns in neighbourhoods of Woonstichting De Klinker." in html
    assert (books.total(code=Code.PURSES), books.total(code=Code.POTS)) == (750, 0)


def test_one_form_for_two_campaigns_gives_to_both(client: Client, street: Street) -> None:
    lights = cast.campaign(street.world, street.run.rules.programme, title="Winterlichtjes")
    activated(client, street.letter())
    sent = form("2,50")
    for campaign in (street.bench, lights):
        client.post(reverse("give", args=[campaign.slug]), sent)
    assert set(Pledge.objects.values_list("campaign_id", flat=True)) == {street.bench.pk, lights.pk}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "at least 1 cent"),
        ("0,00", "at least 1 cent"),
        ("-5", "Write the amount like this"),
        ("abc", "Write the amount like this"),
        ("2,505", "Write the amount like this"),
        ("1e3", "Write the amount like this"),
        ("", "Type how much you give"),
        ("7,51", "You have €7.50. Give that or less."),
        ("10000000", "You have €7.50. Give that or less."),
    ],
)
def test_a_wrong_amount_is_kept_and_explained(
    client: Client, street: Street, amount: str, words: str
) -> None:
    activated(client, street.letter())
    answer = client.post(reverse("give", args=[street.bench.slug]), form(amount))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert not amount or f'value="{amount}"' in html
    assert not Pledge.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "../..", "1234"])
def test_a_form_without_a_good_key_gives_nothing(client: Client, street: Street, key: str) -> None:
    activated(client, street.letter())
    answer = client.post(reverse("give", args=[street.bench.slug]), {"amount": "2,50", "key": key})
    assert answer.status_code == 422
    assert not Pledge.objects.exists()


def test_a_gift_is_cut_to_what_is_needed_and_the_page_says_so(client: Client, street: Street) -> None:
    small = cast.campaign(street.world, street.run.rules.programme, target_cents=300, title="Vogelhuisje")
    activated(client, street.letter())
    page = client.post(reverse("give", args=[small.slug]), form("7,50"), follow=True).content.decode()
    assert "You wanted to give €7.50. Only €3.00 was still needed." in page
    assert "You still have €4.50" in page
    assert "With your gift the target is reached." in page


def test_a_target_reached_meanwhile_costs_nothing(client: Client, street: Street) -> None:
    activated(client, street.letter())
    Campaign.objects.filter(pk=street.bench.pk).update(state=State.REACHED)
    page = client.post(reverse("give", args=[street.bench.slug]), form("7,50"), follow=True)
    assert page.redirect_chain[-1][0] == reverse("purse")
    assert "does not need money any more" in page.content.decode()
    assert books.total(code=Code.PURSES) == 750


def test_after_the_last_day_of_the_programme_the_purse_is_no_longer_valid(
    client: Client, street: Street, clock: Clock
) -> None:
    held = street.letter()
    activated(client, held)
    clock.advance(timedelta(days=400))
    opened(client, held)
    page = client.post(reverse("give", args=[street.bench.slug]), form("7,50"), follow=True)
    html = page.content.decode()
    assert "no longer valid" in html
    assert "30 June 2027" in html
    assert not Pledge.objects.exists()


def test_a_purse_frozen_meanwhile_gives_nothing(client: Client, street: Street) -> None:
    held = street.letter()
    activated(client, held)
    operations.set_frozen(
        cheque_id=held.cheque.pk, frozen=True, reason="lost", by=street.world.karin, now=NOW
    )
    page = client.post(reverse("give", args=[street.bench.slug]), form("7,50"), follow=True)
    assert "on hold" in page.content.decode()
    assert not Pledge.objects.exists()


def test_a_failed_campaign_puts_the_money_back_on_the_cheque(client: Client, street: Street) -> None:
    activated(client, street.letter())
    client.post(reverse("give", args=[street.bench.slug]), form("7,50"))
    assert "all given" in client.get(reverse("purse")).content.decode()
    closing.close_failed(campaign_id=street.bench.pk, now=NOW)
    html = client.get(reverse("purse")).content.decode()
    assert "The money is back on your cheque" in html
    assert "€7.50" in html


def test_a_gift_of_another_letter_is_not_found(client: Client, street: Street) -> None:
    stranger = Client(headers={"accept-language": "en"})
    activated(stranger, street.letter())
    stranger.post(reverse("give", args=[street.bench.slug]), form("7,50"))
    pledge = Pledge.objects.get()
    activated(client, street.letter())
    assert stranger.get(reverse("given", args=[pledge.pk])).status_code == 200
    assert client.get(reverse("given", args=[pledge.pk])).status_code == 404


def test_a_campaign_that_is_not_public_is_not_found(client: Client, street: Street) -> None:
    Campaign.objects.filter(pk=street.bench.pk).update(state=State.DRAFT)
    activated(client, street.letter())
    assert client.get(reverse("give", args=[street.bench.slug])).status_code == 404
    assert client.post(reverse("give", args=[street.bench.slug]), form("1")).status_code == 404


def test_campaigns_of_the_own_neighbourhood_come_first(client: Client, street: Street) -> None:
    programme = street.run.rules.programme
    elsewhere = cast.neighbourhood("Dahliahof", code="BU05020102")
    sooner = cast.campaign(street.world, programme, title="Moestuin")
    Campaign.objects.filter(pk=sooner.pk).update(neighbourhood=elsewhere, deadline=NOW + timedelta(days=2))
    html = activated(client, street.letter()).get(reverse("purse")).content.decode()
    assert html.index("Bank op het Irisplein") < html.index("Moestuin")


def test_with_nobody_collecting_one_can_save_or_begin(client: Client, street: Street) -> None:
    Campaign.objects.filter(pk=street.bench.pk).update(state=State.DRAFT)
    html = activated(client, street.letter()).get(reverse("purse")).content.decode()
    assert "In your neighbourhood nobody looks for money now." in html


def test_looking_for_a_campaign_costs_as_many_queries_for_ten_as_for_one(
    client: Client, street: Street, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    activated(client, street.letter())
    client.get(reverse("cheque_choose"))
    with django_assert_max_num_queries(14) as one:
        client.get(reverse("cheque_choose"))
    for number in range(9):
        cast.campaign(street.world, street.run.rules.programme, title=f"Plan {number}")
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(reverse("cheque_choose"))


def test_saving_says_until_when(client: Client, street: Street) -> None:
    html = activated(client, street.letter()).get(reverse("cheque_saved")).content.decode()
    assert "Your €7.50 is saved." in html
    assert "30 June 2027" in html
