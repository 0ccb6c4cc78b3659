"""Giving with own money, with the stand-in Stripe over HTTP: to the payment page and back."""

import uuid
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from books import closing
from campaigns.models import Campaign, Pledge
from payments import donations, refunds
from payments.models import Donation
from tests.cast import NOW
from tests.web.clock import Clock
from tests.web.public.conftest import Square, at_the_payment_page
from web.public import views_donations


def form(choice: str = "1000", other: str = "", **more: str) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "choice": choice, "other": other, "name": "", **more}


def donate(client: Client, campaign: Campaign, sent: dict[str, str]) -> str:
    """Sends the form; gives where the browser is sent."""
    answer = client.post(reverse("donate", args=[campaign.slug]), sent)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return str(answer["Location"])


def page_of(client: Client) -> str:
    donation = Donation.objects.get()
    return client.get(reverse("donation", args=[donation.reference])).content.decode()


def test_henk_pays_ten_euros_and_they_are_in_the_pot(client: Client, square: Square, stripe: str) -> None:
    at_the_payment_page(donate(client, square.bench, form(name="Henk")), "pay")
    html = page_of(client)
    assert "Done. You gave €10.00 to Bank op het Irisplein." in html
    donation = Donation.objects.get()
    assert (donation.state, donation.amount_cents) == (Donation.State.PAID, 1_000)
    assert "Gift from Henk" in client.get(reverse("campaign", args=[square.bench.slug])).content.decode()


def test_the_payer_comes_back_to_the_page_of_the_donation(
    client: Client, square: Square, stripe: str
) -> None:
    url = donate(client, square.bench, form())
    back = requests.post(url, {"outcome": "pay"}, allow_redirects=False, timeout=10)
    assert urlsplit(back.headers["Location"]).path == reverse(
        "donation", args=[Donation.objects.get().reference]
    )


def test_the_form_sent_twice_is_one_donation(client: Client, square: Square, stripe: str) -> None:
    sent = form()
    assert donate(client, square.bench, sent) == donate(client, square.bench, sent)
    assert Donation.objects.count() == 1


def test_another_form_is_another_donation(client: Client, square: Square, stripe: str) -> None:
    """The control of the test above: it is the key that makes it one."""
    assert donate(client, square.bench, form()) != donate(client, square.bench, form())


def test_the_same_form_with_another_amount_asks_for_that_amount(
    client: Client, square: Square, stripe: str
) -> None:
    sent = form()
    donate(client, square.bench, sent)
    donate(client, square.bench, {**sent, "choice": "500"})
    assert set(Donation.objects.values_list("amount_cents", flat=True)) == {1_000, 500}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("0", "Give €1.00 or more."),
        ("0,99", "Give €1.00 or more."),
        ("-5", "Write the amount like this"),
        ("abc", "Write the amount like this"),
        ("tien", "Write the amount like this"),
        ("12,345", "Write the amount like this"),
        ("12.3456", "Write the amount like this"),
        ("", "Write the amount like this"),
        ("10000000", "At most €100.00 is possible"),
        ("10.000.000,00", "At most €100.00 is possible"),
        ("100,01", "At most €100.00 is possible"),
    ],
)
def test_a_wrong_amount_is_kept_and_explained(client: Client, square: Square, other: str, words: str) -> None:
    answer = client.post(reverse("donate", args=[square.bench.slug]), form("other", other))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert not other or f'value="{other}"' in html
    assert not Donation.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"choice": "1"}, {"choice": "1000", "key": "x"}, {"choice": "x" * 500}])
def test_a_form_that_nobody_was_given_is_refused(
    client: Client, square: Square, sent: dict[str, str]
) -> None:
    assert client.post(reverse("donate", args=[square.bench.slug]), sent).status_code == 422
    assert not Donation.objects.exists()


def test_a_small_rest_is_offered_as_one_amount(client: Client, square: Square, stripe: str) -> None:
    Campaign.objects.filter(pk=square.bench.pk).update(given_cents=9_680)
    html = client.get(reverse("campaign", args=[square.bench.slug])).content.decode()
    assert 'value="320"' in html
    assert 'value="500"' not in html
    donate(client, square.bench, form("320"))
    assert Donation.objects.get().amount_cents == 320


def test_when_stripe_is_down_one_can_try_again(
    client: Client, square: Square, settings: Settings, stripe: str
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # the port that discards: nobody listens
    answer = client.post(reverse("donate", args=[square.bench.slug]), form())
    html = answer.content.decode()
    assert answer.status_code == 503
    assert "Paying does not work right now" in html
    assert "Nothing was taken from your account" in html
    settings.STRIPE_API_BASE = stripe
    donation = Donation.objects.get()
    again = client.post(reverse("donation_pay", args=[donation.reference]))
    assert again["Location"].startswith(stripe)
    assert Donation.objects.count() == 1


def test_when_stripe_is_down_the_page_says_that_we_wait(
    client: Client, square: Square, settings: Settings, stripe: str, clock: Clock
) -> None:
    at_the_payment_page(donate(client, square.bench, form()), "pay")
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    html = page_of(client)
    assert "Your payment is still in progress" in html
    assert not Pledge.objects.exists()
    settings.STRIPE_API_BASE = stripe
    clock.advance(donations.ASKED_AT_MOST_EVERY)
    assert "Done. You gave" in page_of(client)


def test_who_goes_back_without_paying_can_still_pay(client: Client, square: Square, stripe: str) -> None:
    url = donate(client, square.bench, form())
    assert "You have not paid yet" in page_of(client)
    again = client.post(reverse("donation_pay", args=[Donation.objects.get().reference]))
    assert again["Location"] == url


def test_a_page_that_could_not_be_made_is_offered_no_longer_than_it_can_be(
    client: Client, square: Square, settings: Settings, stripe: str, clock: Clock
) -> None:
    """Stripe opens a page for half an hour at least, and ours closes an hour after the donation was begun."""
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    client.post(reverse("donate", args=[square.bench.slug]), form())
    settings.STRIPE_API_BASE = stripe
    pay = reverse("donation_pay", args=[Donation.objects.get().reference])
    assert pay in page_of(client)
    clock.advance(donations.PAGE_STAYS_OPEN - donations.PAGE_OPENS_FOR)
    assert pay not in page_of(client)


def test_while_the_bank_is_silent_the_page_waits_and_looks_again(
    client: Client, square: Square, stripe: str
) -> None:
    at_the_payment_page(donate(client, square.bench, form()), "later")
    html = page_of(client)
    reference = Donation.objects.get().reference
    assert "Your payment is still in progress" in html
    assert f'data-url="{reverse("donation_state", args=[reference])}"' in html
    assert reverse("donation", args=[reference]) in html  # the link for who has no script
    assert client.get(reverse("donation_state", args=[reference])).json() == {"state": "waiting"}


def test_a_payment_page_that_was_left_alone_is_not_paid(
    client: Client, square: Square, stripe: str, clock: Clock
) -> None:
    donate(client, square.bench, form())
    clock.advance(timedelta(hours=2))
    html = page_of(client)
    assert "Nothing was taken from your account" in html
    assert "after all" not in html


def test_a_gift_that_comes_too_late_is_said_to_come_back(client: Client, square: Square, stripe: str) -> None:
    url = donate(client, square.bench, form())
    closing.close_failed(campaign_id=square.bench.pk, now=NOW)
    at_the_payment_page(url, "pay")
    html = page_of(client)
    assert "You get €10.00 back" in html
    assert "just too late" in html


def test_a_gift_to_a_campaign_that_fails_is_said_to_come_back(
    client: Client, square: Square, stripe: str
) -> None:
    at_the_payment_page(donate(client, square.bench, form()), "pay")
    page_of(client)
    closing.close_failed(campaign_id=square.bench.pk, now=NOW)
    html = page_of(client)
    assert "You get €10.00 back" in html
    assert "The target was not reached" in html
    refunds.refund(donation=Donation.objects.get(), now=NOW)
    assert "You got €10.00 back" in page_of(client)


def test_what_a_sponsor_added_is_said(client: Client, square: Square, stripe: str) -> None:
    square.municipality_matches()
    at_the_payment_page(donate(client, square.bench, form()), "pay")
    assert "Added by Gemeente Oeverdam: €10.00." in page_of(client)


def test_a_campaign_that_collects_no_more_takes_no_donation(
    client: Client, square: Square, clock: Clock
) -> None:
    clock.advance(timedelta(days=30))
    answer = client.post(reverse("donate", args=[square.bench.slug]), form(), follow=True)
    assert "takes no more money" in answer.content.decode()
    assert not Donation.objects.exists()


def test_a_donation_that_was_never_made_is_not_found(client: Client, square: Square) -> None:
    for page in ("donation", "donation_state"):
        assert client.get(reverse(page, args=[uuid.uuid4()])).status_code == 404
    assert client.post(reverse("donation_pay", args=[uuid.uuid4()])).status_code == 404


def test_looking_at_the_form_gives_nothing(client: Client, square: Square) -> None:
    assert client.get(reverse("donate", args=[square.bench.slug])).status_code == 405
    client.get(reverse("campaign", args=[square.bench.slug]))
    assert not Donation.objects.exists()


def test_whoever_knows_a_reference_cannot_make_the_form_lead_to_it(
    client: Client, square: Square, stripe: str
) -> None:
    donate(client, square.bench, form())
    known = Donation.objects.get()
    donate(client, square.bench, {**form(), "key": str(known.reference)})
    assert Donation.objects.count() == 2


def test_who_looks_again_at_once_sees_what_we_know_and_stripe_is_not_asked_again(
    client: Client, square: Square, stripe: str, clock: Clock
) -> None:
    url = donate(client, square.bench, form())
    state = reverse("donation_state", args=[Donation.objects.get().reference])
    assert client.get(state).json() == {"state": "intended"}
    at_the_payment_page(url, "pay")
    clock.advance(timedelta(seconds=1))
    assert client.get(state).json() == {"state": "intended"}
    assert "Your payment is still in progress" in page_of(client)
    clock.advance(timedelta(seconds=1))
    assert client.get(state).json() == {"state": "paid"}


def test_a_webhook_is_followed_also_right_after_a_look(client: Client, square: Square, stripe: str) -> None:
    url = donate(client, square.bench, form())
    page_of(client)
    at_the_payment_page(url, "pay")
    assert donations.follow_up(donation=Donation.objects.get(), now=NOW).state == Donation.State.PAID


def elsewhere() -> Client:
    return Client(headers={"accept-language": "en"}, REMOTE_ADDR="198.51.100.7")


def test_who_opens_payment_pages_without_end_waits_and_nobody_elsewhere_does(
    client: Client, square: Square, stripe: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_donations, "FREE_PAGES", 3)
    address = reverse("donate", args=[square.bench.slug])
    for _ in range(4):
        donate(client, square.bench, form())
    refused = client.post(address, form())
    assert refused.status_code == 429
    assert "Wait 1 minute and then try again." in refused.content.decode()
    begun = Donation.objects.latest("pk")
    again = client.post(reverse("donation_pay", args=[begun.reference]), follow=True)
    assert "Wait 1 minute and then try again." in again.content.decode()
    assert Donation.objects.count() == 4
    donate(elsewhere(), square.bench, form())
    clock.advance(timedelta(seconds=15))
    donate(client, square.bench, form())


def test_who_looks_without_end_sees_what_we_know_until_they_waited(
    client: Client, square: Square, stripe: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_donations, "FREE_LOOKS", 3)
    url = donate(client, square.bench, form())
    state = reverse("donation_state", args=[Donation.objects.get().reference])

    def look(browser: Client) -> str:
        clock.advance(donations.ASKED_AT_MOST_EVERY)
        return str(browser.get(state).json()["state"])

    assert {look(client) for _ in range(4)} == {"intended"}
    at_the_payment_page(url, "pay")
    assert look(client) == "intended"
    assert look(elsewhere()) == "paid"
