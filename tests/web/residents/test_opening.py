"""From the letter to an open cheque: scanned, typed, mistyped, guessed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from cheques import codes, operations
from cheques.models import Cheque, FailedTries
from cheques.opening import FREE
from cheques.runs import last_day
from tests.cast import NOW
from tests.web.clock import Clock
from tests.web.residents.conftest import Street
from tests.web.residents.letters import opened
from web.look.formats import long_date

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def wrong_secret(code: str) -> str:
    """A code that could be on a letter, with another secret: found by trying, as a guesser does."""
    symbols = code.replace("-", "")
    for secret in ALPHABET:
        for check in ALPHABET:
            tried = symbols[:6] + secret + symbols[7:15] + check
            if tried == symbols:
                continue
            try:
                codes.read(tried)
            except codes.Mistyped:
                continue
            return tried
    raise AssertionError(code)


def test_a_bot_that_previews_the_link_in_the_qr_changes_nothing(client: Client, street: Street) -> None:
    held = street.letter()
    for page in ("cheque_landing", "cheque_open", "cheque", "cheque_activate", "purse"):
        client.get(reverse(page))
        client.head(reverse(page))
    held.cheque.refresh_from_db()
    assert held.cheque.state == Cheque.State.MADE
    opened(client, held)
    for look in (client.get, client.head):
        assert look(reverse("cheque_activate")).status_code == 405
    held.cheque.refresh_from_db()
    assert held.cheque.state == Cheque.State.MADE
    client.post(reverse("cheque_activate"))
    held.cheque.refresh_from_db()
    assert held.cheque.state == Cheque.State.ACTIVATED


def test_a_scanned_letter_shows_its_cheque_and_is_not_active_yet(client: Client, street: Street) -> None:
    held = street.letter()
    page = opened(client, held).get(reverse("cheque"))
    held.cheque.refresh_from_db()
    assert held.cheque.state == Cheque.State.MADE
    html = page.content.decode()
    assert "€7.50" in html
    assert "30 June 2027" in html
    assert "Woonstichting De Klinker" in html
    assert "Make my cheque active" in html


def test_a_cheque_says_until_when_to_make_it_active_and_then_until_when_to_give_it(
    client: Client, street: Street
) -> None:
    held = street.letter()
    with override("en"):
        day = long_date(last_day(street.run.activate_before))
    before = opened(client, held).get(reverse("cheque")).content.decode()
    assert f"<dd>{day}</dd>" in before
    assert (
        f"You can make your cheque active until {day}. After that you can choose until 30 June 2027" in before
    )
    client.post(reverse("cheque_activate"))
    after = client.get(reverse("purse")).content.decode()
    assert "<dd>30 June 2027</dd>" in after
    assert day not in after


def test_pages_of_a_cheque_are_kept_nowhere(client: Client, street: Street) -> None:
    page = opened(client, street.letter()).get(reverse("cheque"))
    assert "no-store" in page["Cache-Control"]


def test_a_typed_code_opens_the_same_cheque_whatever_its_case_and_spaces(
    client: Client, street: Street
) -> None:
    held = street.letter()
    answer = client.post(reverse("cheque_open"), {"code": held.code.lower().replace("-", "  ")})
    assert answer["Location"] == reverse("cheque")
    assert client.session["cheque"]["id"] == held.cheque.pk


def test_opening_gives_the_session_another_name(client: Client, street: Street) -> None:
    client.get(reverse("cheque_landing"))
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = str(before)
    opened(client, street.letter())
    assert client.session.session_key != before
    assert client.session["before"] is True


def test_of_two_letters_the_latest_counts(client: Client, street: Street) -> None:
    first, second = street.letter(), street.letter()
    opened(client, first)
    opened(client, second)
    assert client.session["cheque"]["id"] == second.cheque.pk


def test_a_mistyped_code_says_which_group_and_costs_no_try(client: Client, street: Street) -> None:
    code = street.letter().code
    answer = client.post(reverse("cheque_open"), {"code": code[:10] + "U" + code[11:]})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "third group" in html
    assert code[:10] + "U" + code[11:] in html  # what was typed is still there
    assert not FailedTries.objects.exists()


def test_a_code_that_fails_its_check_symbol_is_a_typing_error(client: Client, street: Street) -> None:
    code = street.letter().code
    other = "0" if code[-1] != "0" else "1"
    answer = client.post(reverse("cheque_open"), {"code": code[:-1] + other})
    assert (answer.status_code, "typing error" in answer.content.decode()) == (422, True)
    assert not FailedTries.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "ABC", "0" * 90])
def test_a_code_of_another_length_says_how_long_it_should_be(
    client: Client, street: Street, text: str
) -> None:
    answer = client.post(reverse("cheque_open"), {"code": text})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "4 groups of 4" in html
    assert 'aria-invalid="true"' in html


def test_an_unknown_code_is_said_to_be_unknown(client: Client, street: Street) -> None:
    answer = client.post(reverse("cheque_open"), {"code": wrong_secret(street.letter().code)})
    assert (answer.status_code, "We do not know this code" in answer.content.decode()) == (422, True)


def test_who_guesses_has_to_wait_and_the_qr_still_works(client: Client, street: Street, clock: Clock) -> None:
    held = street.letter()
    guess = wrong_secret(held.code)
    answers = [
        client.post(reverse("cheque_open"), {"code": guess}).status_code for _ in range(FREE["selector"] + 2)
    ]
    assert answers[-1] == 429
    waiting = client.post(reverse("cheque_open"), {"code": held.code})
    assert (waiting.status_code, "Wait 1 minute" in waiting.content.decode()) == (429, True)
    opened(client, held)
    clock.advance(timedelta(minutes=2))
    assert client.post(reverse("cheque_open"), {"code": held.code}).status_code == 302


@pytest.mark.parametrize("scan", ["x", "ABC.DEF", "<script>", "ABCDEF." + "0" * 26, "é" * 33])
def test_a_qr_of_something_else_is_not_a_fault_of_ours(client: Client, street: Street, scan: str) -> None:
    answer = client.post(reverse("cheque_open"), {"scan": scan})
    assert answer.status_code == 422
    assert "cheque" not in client.session


def test_a_token_of_another_letter_does_not_open_this_one(client: Client, street: Street) -> None:
    mine, other = street.letter(), street.letter()
    mixed = mine.scan.split(".")[0] + "." + other.scan.split(".")[1]
    assert client.post(reverse("cheque_open"), {"scan": mixed}).status_code == 422


def test_an_expired_cheque_says_since_when(client: Client, street: Street, clock: Clock) -> None:
    held = street.letter()
    clock.advance(timedelta(days=60))
    page = opened(client, held).get(reverse("cheque"))
    html = page.content.decode()
    assert "has expired" in html
    assert "31 December 2026" in html
    assert client.post(reverse("cheque_activate"))["Location"] == reverse("cheque")
    held.cheque.refresh_from_db()
    assert held.cheque.state == Cheque.State.MADE


def test_a_frozen_cheque_says_that_its_money_is_still_there(client: Client, street: Street) -> None:
    held = street.letter()
    operations.set_frozen(
        cheque_id=held.cheque.pk, frozen=True, reason="lost", by=street.world.karin, now=NOW
    )
    html = opened(client, held).get(reverse("cheque")).content.decode()
    assert "on hold" in html
    assert "Call 0800\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}00\N{NO-BREAK SPACE}20 or visit them." in html
    assert '<a class="button button-wide" href="tel:08000000020">Call 0800 000 00 20</a>' in html
    client.post(reverse("cheque_activate"))
    held.cheque.refresh_from_db()
    assert held.cheque.state == Cheque.State.MADE


def test_who_is_stuck_reads_where_to_get_help(client: Client, street: Street) -> None:
    stuck = "Your letter says where you get help."
    assert stuck in client.get(reverse("cheque_landing")).content.decode()
    assert stuck in client.post(reverse("cheque_open"), {"code": "7KX2"}).content.decode()


def test_a_withdrawn_cheque_says_so(client: Client, street: Street) -> None:
    held = street.letter()
    Cheque.objects.filter(pk=held.cheque.pk).update(state=Cheque.State.VOIDED)
    assert "withdrawn" in opened(client, held).get(reverse("cheque")).content.decode()


def test_without_a_cheque_one_is_sent_to_the_page_that_opens_it(client: Client, street: Street) -> None:
    for page in ("cheque", "purse", "cheque_saved", "cheque_choose"):
        assert client.get(reverse(page))["Location"] == reverse("cheque_landing")
    assert client.post(reverse("cheque_activate"))["Location"] == reverse("cheque_landing")


def test_half_an_hour_of_nothing_closes_the_cheque(client: Client, street: Street, clock: Clock) -> None:
    opened(client, street.letter())
    clock.advance(timedelta(minutes=29))
    assert client.get(reverse("cheque")).status_code == 200
    clock.advance(timedelta(minutes=31))
    answer = client.get(reverse("cheque"), follow=True)
    assert answer.redirect_chain[0][0] == reverse("cheque_landing")
    assert "nothing happened for half an hour" in answer.content.decode()


def test_closing_a_cheque_leaves_nothing_of_it_on_the_device(client: Client, street: Street) -> None:
    opened(client, street.letter())
    client.post(reverse("cheque_close"))
    assert "cheque" not in client.session
    assert client.get(reverse("cheque"))["Location"] == reverse("cheque_landing")


def test_a_cheque_brought_to_a_campaign_goes_to_giving_once_it_is_active(
    client: Client, street: Street
) -> None:
    held = street.letter()
    client.post(reverse("cheque_open"), {"code": held.code, "campaign": street.bench.slug})
    answer = client.post(reverse("cheque_activate"))
    assert answer["Location"] == reverse("give", args=[street.bench.slug])
    again = client.post(
        reverse("cheque_open"), {"code": held.code, "campaign": street.bench.slug}, follow=True
    )
    assert again.redirect_chain[-1][0] == reverse("give", args=[street.bench.slug])


def test_a_campaign_that_is_no_name_is_refused_politely(client: Client, street: Street) -> None:
    answer = client.post(reverse("cheque_open"), {"code": street.letter().code, "campaign": "../../x"})
    assert answer.status_code == 422
