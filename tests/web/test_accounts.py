"""Signing in: a code by mail, a second step for who works with other people's money, and no passwords anywhere."""

import re
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django.fixtures import Settings

from people.models import User
from tests import cast
from tests.web.clock import Clock
from tests.web.signing_in import signed_in, use_second_factor

LOGIN = reverse("account_login")
CONFIRM = reverse("account_confirm_login_code")
SIGNUP = reverse("account_signup")


@pytest.fixture(autouse=True)
def counters_of_this_test(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """How often somebody tried is counted from zero."""
    folder = tmp_path_factory.mktemp("cache")
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": folder}
    }


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def letter() -> EmailMultiAlternatives:
    """The newest mail."""
    newest = mail.outbox[-1]
    assert isinstance(newest, EmailMultiAlternatives)
    return newest


def mailed_code() -> str:
    found = re.search(r"^\d{6}$", str(letter().body), re.MULTILINE)
    assert found, letter().body
    return str(found.group())


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def app_code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def with_app(user: User) -> str:
    """Gives the user an app with codes. The secret."""
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


@pytest.mark.django_db
def test_a_code_by_mail_lets_one_in_on_the_own_page(browser: Client) -> None:
    fatma = cast.person("Fatma")
    asked = browser.post(LOGIN, {"login": "Fatma@Example.nl"})
    assert asked["Location"].startswith(CONFIRM)
    assert letter().to == ["fatma@example.nl"]
    answer = browser.post(CONFIRM, {"code": mailed_code()})
    assert answer["Location"] == reverse("mine")
    assert browser.session["_auth_user_id"] == str(fatma.pk)


@pytest.mark.django_db
def test_the_mail_has_the_code_in_plain_text_and_in_html_in_the_language_of_the_reader(
    browser: Client,
) -> None:
    cast.person("Fatma")
    User.objects.update(language="en")
    Client(headers={"accept-language": "nl"}).post(LOGIN, {"login": "fatma@example.nl"})
    html, kind = letter().alternatives[0]
    assert kind == "text/html"
    assert mailed_code() in str(html)
    assert letter().subject == "Your code for Buurtpot"
    assert '<html lang="en">' in str(html)


@pytest.mark.django_db
@pytest.mark.parametrize("page", [LOGIN, SIGNUP])
def test_what_is_no_address_is_named_by_its_label_with_an_example(page: str, browser: Client) -> None:
    answer = browser.post(page, {"login": "geen adres", "email": "geen adres"}).content.decode()
    assert "Your e-mail address: Fill in an e-mail address, such as name@example.com." in answer


@pytest.mark.django_db
def test_a_wrong_code_lets_nobody_in_and_after_three_a_new_one_is_needed(browser: Client) -> None:
    cast.person("Fatma")
    browser.post(LOGIN, {"login": "fatma@example.nl"})
    code = mailed_code()
    for _ in range(2):
        wrong = browser.post(CONFIRM, {"code": other_than(code)})
        assert (wrong.status_code, set(wrong.context["form"].errors)) == (200, {"code"})
    assert browser.post(CONFIRM, {"code": other_than(code)}).status_code == 302
    assert browser.post(CONFIRM, {"code": code}).status_code == 302
    assert "_auth_user_id" not in browser.session


@pytest.mark.django_db
def test_who_was_on_the_way_somewhere_gets_there(browser: Client) -> None:
    cast.person("Fatma")
    asked = browser.post(LOGIN, {"login": "fatma@example.nl", "next": "/mijn/gegevens/"})
    answer = browser.post(asked["Location"], {"code": mailed_code(), "next": "/mijn/gegevens/"})
    assert answer["Location"] == "/mijn/gegevens/"


@pytest.mark.django_db
def test_nobody_is_sent_to_another_site(browser: Client) -> None:
    cast.person("Fatma")
    elsewhere = "https://elsewhere.example/"
    browser.post(LOGIN, {"login": "fatma@example.nl", "next": elsewhere})
    answer = browser.post(CONFIRM, {"code": mailed_code(), "next": elsewhere})
    assert answer["Location"] == reverse("mine")


@pytest.mark.django_db
def test_an_address_that_nobody_has_looks_the_same_on_screen_and_gets_another_mail(browser: Client) -> None:
    cast.person("Fatma")
    known = browser.post(LOGIN, {"login": "fatma@example.nl"})
    unknown = Client(headers={"accept-language": "en"}).post(LOGIN, {"login": "nobody@example.nl"})
    assert (unknown.status_code, unknown["Location"]) == (known.status_code, known["Location"])
    assert letter().to == ["nobody@example.nl"]
    assert not re.search(r"^\d{6}$", str(letter().body), re.MULTILINE)
    assert SIGNUP in str(letter().body)


@pytest.mark.django_db
def test_a_new_account_is_open_after_the_code_and_speaks_the_language_of_the_page(browser: Client) -> None:
    asked = browser.post(SIGNUP, {"email": "gerda@example.nl"})
    confirm = reverse("account_email_verification_sent")
    assert asked["Location"].startswith(confirm)
    gerda = User.objects.get()
    assert (gerda.email, gerda.language, gerda.has_usable_password()) == ("gerda@example.nl", "en", False)
    answer = browser.post(confirm, {"code": mailed_code()})
    assert answer["Location"] == reverse("mine")
    assert browser.get(reverse("mine")).status_code == 200
    assert EmailAddress.objects.get().verified


@pytest.mark.django_db
def test_who_opens_an_account_twice_gets_a_mail_that_leads_to_signing_in(browser: Client) -> None:
    cast.person("Fatma")
    asked = browser.post(SIGNUP, {"email": "fatma@example.nl"})
    assert asked["Location"].startswith(reverse("account_email_verification_sent"))
    assert User.objects.count() == 1
    assert f"http://testserver{LOGIN}" in str(letter().body)
    assert "password" not in str(letter().body).lower()


@pytest.mark.django_db
def test_the_next_pages_are_in_the_language_that_the_person_chose() -> None:
    cast.person("Fatma")
    User.objects.update(language="en")
    browser = Client(headers={"accept-language": "nl"})
    browser.post(LOGIN, {"login": "fatma@example.nl"})
    browser.post(CONFIRM, {"code": mailed_code()})
    assert '<html lang="en"' in browser.get(reverse("mine")).content.decode()


@pytest.mark.django_db
def test_staff_without_a_second_step_set_it_up_first_and_then_go_where_they_were_going(
    browser: Client,
) -> None:
    karin = cast.world().karin
    browser.post(LOGIN, {"login": karin.email})
    browser.post(CONFIRM, {"code": mailed_code()})
    staff = reverse("staff_home")
    assert browser.get(staff)["Location"] == reverse("mfa_activate_totp")
    shown = browser.get(reverse("mfa_activate_totp"))
    secret = shown.context["form"].secret
    assert secret in shown.content.decode()

    wrong = browser.post(reverse("mfa_activate_totp"), {"code": other_than(app_code(secret))})
    assert set(wrong.context["form"].errors) == {"code"}
    assert browser.get(staff).status_code == 302
    done = browser.post(reverse("mfa_activate_totp"), {"code": app_code(secret)})
    assert done["Location"] == reverse("mfa_view_recovery_codes")
    codes = browser.get(done["Location"])
    assert len(codes.context["unused_codes"]) == 10
    assert f'href="{staff}"' in codes.content.decode()
    assert browser.get(staff).status_code == 200


@pytest.mark.django_db
def test_with_an_app_the_code_by_mail_is_not_enough(browser: Client) -> None:
    karin = cast.world().karin
    secret = with_app(karin)
    browser.post(LOGIN, {"login": karin.email})
    first = browser.post(CONFIRM, {"code": mailed_code()})
    second = reverse("mfa_authenticate")
    assert first["Location"] == second
    assert browser.get(reverse("staff_home"))["Location"].startswith(LOGIN)

    wrong = browser.post(second, {"code": other_than(app_code(secret))})
    assert set(wrong.context["form"].errors) == {"code"}
    assert browser.post(second, {"code": app_code(secret)})["Location"] == reverse("staff_home")
    assert browser.get(reverse("staff_home")).status_code == 200


@pytest.mark.django_db
def test_a_session_from_before_the_second_step_gets_in_only_after_taking_it(browser: Client) -> None:
    karin = cast.world().karin
    browser.post(LOGIN, {"login": karin.email})
    browser.post(CONFIRM, {"code": mailed_code()})
    secret = with_app(karin)  # meanwhile, on another device
    staff = reverse("staff_runs")

    asked = browser.get(staff)
    assert asked["Location"] == f"{reverse('mfa_reauthenticate')}?next={staff}"
    assert browser.post(reverse("staff_prepare_run"))["Location"].endswith(f"?next={reverse('mine')}")
    form = {"code": app_code(secret), "next": staff}
    assert browser.post(reverse("mfa_reauthenticate"), form)["Location"] == staff
    assert browser.get(staff).status_code == 200


@pytest.mark.django_db
def test_who_did_no_work_for_twelve_hours_takes_the_second_step_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    here = cast.world()
    browser = signed_in(Client(), here.karin)
    staff = reverse("staff_home")
    for _ in range(3):
        clock.advance(timedelta(hours=11))
        assert browser.get(staff).status_code == 200
    clock.advance(timedelta(hours=12, minutes=1))
    assert browser.get(staff)["Location"].startswith(reverse("mfa_reauthenticate"))
    assert browser.get(reverse("mine")).status_code == 200
    use_second_factor(browser, here.karin)
    assert browser.get(staff).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("seconds_later", [0, 35])
def test_a_code_of_the_app_works_once(
    seconds_later: int, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    karin = cast.world().karin
    secret = with_app(karin)
    begin = time.time() // 30 * 30  # at the beginning of a code, so that it is still taken 35 seconds later
    code = app_code(secret)
    for moment, expected in ((begin, 302), (begin + seconds_later, 200)):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        browser.logout()
        browser.post(LOGIN, {"login": karin.email})
        browser.post(CONFIRM, {"code": mailed_code()})
        assert browser.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


@pytest.mark.django_db
def test_a_recovery_code_replaces_a_lost_phone_once(browser: Client) -> None:
    karin = cast.world().karin
    with_app(karin)
    code = RecoveryCodes.activate(karin).get_unused_codes()[0]
    for expected in (302, 200):
        browser.logout()
        browser.post(LOGIN, {"login": karin.email})
        browser.post(CONFIRM, {"code": mailed_code()})
        assert browser.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


@pytest.mark.django_db
def test_taking_the_second_step_away_asks_for_it_once_more_and_is_told_by_mail(browser: Client) -> None:
    karin = cast.world().karin
    EmailAddress.objects.create(user=karin, email=karin.email, verified=True, primary=True)
    secret = with_app(karin)
    browser.force_login(karin)
    off = reverse("mfa_deactivate_totp")
    asked = browser.get(off)
    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))
    browser.post(asked["Location"], {"code": app_code(secret)})
    browser.post(off)
    assert not Authenticator.objects.exists()
    assert letter().to == [karin.email]
    assert letter().subject == "De app met codes staat uit"
    assert browser.get(reverse("staff_home"))["Location"] == reverse("mfa_activate_totp")


@pytest.mark.django_db
def test_another_address_counts_after_the_code_that_was_sent_there(browser: Client) -> None:
    fatma = cast.person("Fatma")
    EmailAddress.objects.create(user=fatma, email=fatma.email, verified=True, primary=True)
    browser.force_login(fatma)
    asked = browser.post(reverse("account_email"), {"email": "new@example.nl", "action_add": "1"})
    assert letter().to == ["new@example.nl"]
    code = mailed_code()
    fatma.refresh_from_db()
    assert fatma.email == "fatma@example.nl"
    browser.post(asked["Location"], {"code": code})
    fatma.refresh_from_db()
    assert fatma.email == "new@example.nl"


@pytest.mark.django_db
def test_signing_out_is_asked_first(browser: Client) -> None:
    browser.force_login(cast.person("Fatma"))
    assert browser.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in browser.session
    browser.post(reverse("account_logout"))
    assert "_auth_user_id" not in browser.session


@pytest.mark.django_db
def test_an_account_that_was_closed_lets_nobody_in(browser: Client) -> None:
    cast.person("Fatma")
    User.objects.update(is_active=False)
    browser.post(LOGIN, {"login": "fatma@example.nl"})
    if mail.outbox and re.search(r"^\d{6}$", str(letter().body), re.MULTILINE):
        browser.post(CONFIRM, {"code": mailed_code()})
    assert "_auth_user_id" not in browser.session


@pytest.mark.django_db
def test_there_are_no_pages_about_passwords(browser: Client) -> None:
    for name in ("account_change_password", "account_set_password", "account_reset_password"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    browser.force_login(cast.person("Fatma"))
    for path in ("password/change/", "password/set/", "password/reset/"):
        assert browser.get(f"/account/{path}").status_code == 404
    assert "password" not in Client().get(LOGIN).context["form"].fields


@pytest.mark.django_db
def test_who_asks_too_often_waits(browser: Client) -> None:
    cast.person("Fatma")
    answers = [browser.post(LOGIN, {"login": "fatma@example.nl"}) for _ in range(6)]
    assert len(mail.outbox) <= 3
    assert answers[-1].status_code in (200, 302, 429)


PAGES = (
    "account_login",
    "account_signup",
    "account_logout",
    "account_inactive",
    "account_email",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mine",
    "my_details",
)


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_no_page_carries_script_or_style_of_its_own(name: str, browser: Client) -> None:
    if name not in ("account_login", "account_signup"):
        karin = cast.world().karin
        EmailAddress.objects.create(user=karin, email=karin.email, verified=True, primary=True)
        browser.force_login(karin)
    answer = browser.get(reverse(name))
    page = answer.content.decode()
    assert answer.status_code == 200
    own = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag]
    assert all('type="application/json"' in tag for tag in own)
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", page)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
