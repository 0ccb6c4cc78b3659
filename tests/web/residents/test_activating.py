"""Making a cheque active: once, whoever tries, however often."""

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from cheques.models import Cheque, Purse
from ledger import queries as books
from ledger.chart import Code
from programmes import operations as programmes
from tests import cast
from tests.crowd import at_once, gave
from tests.web.residents.conftest import Street
from tests.web.residents.letters import activated, letter, opened


def test_an_active_cheque_shows_what_one_can_choose(client: Client, street: Street) -> None:
    page = activated(client, street.letter()).get(reverse("purse"))
    html = page.content.decode()
    assert "Done. Your neighbourhood cheque is active." in html
    assert "Give €7.50 to this campaign" in html
    assert "Save it for later" in html
    assert "Begin something yourself" in html
    assert "gave €1,000.00 for Buurtcheques 2026" in html  # where the money comes from


def test_a_budget_that_was_asked_and_is_not_in_is_not_said_to_be_given(
    client: Client, street: Street
) -> None:
    programme = street.run.rules.programme
    programmes.request_funding(fund_id=programme.fund_id, amount_cents=50_000, made_by=None, now=cast.NOW)
    html = activated(client, street.letter()).get(reverse("purse")).content.decode()
    assert "gave €1,000.00 for" in html


def test_it_says_that_it_is_active_once(client: Client, street: Street) -> None:
    activated(client, street.letter()).get(reverse("purse"))
    assert "Done." not in client.get(reverse("purse")).content.decode()


def test_the_form_sent_twice_makes_one_purse(client: Client, street: Street) -> None:
    activated(client, street.letter())
    again = client.post(reverse("cheque_activate"), follow=True)
    assert again.redirect_chain[-1][0] == reverse("purse")
    assert "active already" in again.content.decode()
    assert Purse.objects.count() == 1
    assert books.total(code=Code.PURSES) == 750


def test_the_letter_stays_the_key(client: Client, street: Street) -> None:
    held = street.letter()
    activated(client, held)
    other_device = Client(headers={"accept-language": "en"})
    page = other_device.post(reverse("cheque_open"), {"scan": held.scan}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("purse")
    assert "Give €7.50" in page.content.decode()


def test_on_another_device_the_second_one_is_told_kindly(client: Client, street: Street) -> None:
    held = street.letter()
    slow = Client(headers={"accept-language": "en"})
    opened(slow, held).get(reverse("cheque"))
    activated(client, held)
    page = slow.post(reverse("cheque_activate"), follow=True)
    assert page.status_code == 200
    assert "active already" in page.content.decode()


def test_of_fifty_at_once_one_makes_it_active_and_the_others_are_told(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    held = letter(cast.issued(here, cast.funded(here)).cheques.get())
    browsers = [opened(Client(headers={"accept-language": "en"}), held) for _ in range(50)]
    pressed = at_once(
        *(
            lambda browser=browser: browser.post(reverse("cheque_activate"), follow=True)
            for browser in browsers
        )
    )
    pages = gave(pressed)
    assert [(page.status_code, page.redirect_chain) for page in pages] == [
        (200, [(reverse("purse"), 302)])
    ] * 50
    assert Counter("active already" in page.content.decode() for page in pages) == {True: 49, False: 1}
    assert Purse.objects.count() == 1
    assert books.total(code=Code.PURSES) == 750
    assert books.total(code=Code.CHEQUES) == 0


@pytest.mark.parametrize("state", [Cheque.State.EXPIRED, Cheque.State.VOIDED])
def test_what_cannot_be_activated_gets_no_purse(client: Client, street: Street, state: Cheque.State) -> None:
    held = street.letter()
    Cheque.objects.filter(pk=held.cheque.pk).update(state=state)
    opened(client, held)
    assert client.post(reverse("cheque_activate"))["Location"] == reverse("cheque")
    assert not Purse.objects.exists()
