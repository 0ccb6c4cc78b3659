"""The mailbox and the bank of the demonstration, and that nobody else gets to see them."""

from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from payments.statements import import_statement
from programmes import operations as programmes
from tests import cast
from tests.cast import NOW
from tests.standin import Stripe
from web import demo_pages


@pytest.fixture(autouse=True)
def mailbox(settings: Settings, tmp_path: Path) -> Path:
    settings.DEBUG = True
    settings.MAILBOX = tmp_path / "mail"
    return tmp_path / "mail"


def deliver(folder: Path, *subjects: str) -> None:
    """All in one file, as one connection writes them."""
    messages: list[EmailMessage] = []
    for subject in subjects:
        message = EmailMultiAlternatives(subject, f"Dit is {subject}: één vraag.", to=["fatma@example.nl"])
        message.attach_alternative(f"<p>{subject}</p>", "text/html")
        messages.append(message)
    EmailBackend(file_path=str(folder)).send_messages(messages)


@pytest.mark.django_db
def test_mail_is_shown_newest_first_and_each_can_be_read(mailbox: Path) -> None:
    deliver(mailbox, "Eerste", "Tweede")
    deliver(mailbox, "Derde")
    found = demo_pages.mails(mailbox)
    assert {mail.subject for mail in found} == {"Eerste", "Tweede", "Derde"}
    assert found == sorted(found, key=lambda mail: mail.sent_at, reverse=True)
    second = next(mail for mail in found if mail.subject == "Tweede")
    assert (second.to, second.text.strip()) == ("fatma@example.nl", "Dit is Tweede: één vraag.")
    page = Client().get(reverse("mailbox")).content.decode()
    assert reverse("mailbox_letter", args=[second.name]) in page
    letter = Client().get(reverse("mailbox_letter", args=[second.name])).content.decode()
    assert "Dit is Tweede: één vraag." in letter
    assert "Dit is Eerste" not in letter


@pytest.mark.django_db
def test_an_empty_mailbox_and_a_mail_that_is_not_there() -> None:
    assert Client().get(reverse("mailbox")).status_code == 200
    assert Client().get(reverse("mailbox_letter", args=["nothing-0"])).status_code == 404


@pytest.mark.django_db
def test_the_code_of_every_app_is_there_and_lets_one_in() -> None:
    karin = cast.world().karin
    app = TOTP.activate(karin, generate_totp_secret())
    assert [one.user for one in demo_pages.app_codes()] == [karin]
    code = demo_pages.app_codes()[0].code
    assert code in Client().get(reverse("mailbox")).content.decode()
    assert app.validate_code(code)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nergens/", "/buurt/nergens/", "/initiatief/nergens/"])
def test_what_is_not_there_looks_as_it_does_for_everybody(path: str, settings: Settings) -> None:
    client = Client(headers={"accept-language": "en"})
    assert "This page is not here" in client.get(path).content.decode()
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "demo" not in name]
    assert "DEBUG" in Client().get(path).content.decode()


@pytest.mark.django_db
def test_an_address_without_its_last_stroke_is_still_found() -> None:
    answer = Client().get("/hulp")
    assert (answer.status_code, answer["Location"]) == (301, "/hulp/")


@pytest.mark.django_db
@pytest.mark.parametrize("status", list(demo_pages.FAULTS))
def test_every_page_for_when_something_goes_wrong_can_be_looked_at(status: int) -> None:
    answer = Client().get(reverse("fault", args=[status]))
    assert answer.status_code == status
    assert answer.content.count(b"<h1") == 1


@pytest.mark.django_db
def test_a_fault_that_we_have_no_page_for_is_not_found() -> None:
    assert Client().get(reverse("fault", args=[418])).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "arguments", "status"), [("mailbox", [], 200), ("components", [], 200), ("fault", [500], 500)]
)
def test_only_ones_own_machine_in_a_demonstration_sees_it(
    name: str, arguments: list[int], status: int, settings: Settings
) -> None:
    address = reverse(name, args=arguments)
    assert Client().get(address).status_code == status
    assert Client(REMOTE_ADDR="192.0.2.7").get(address).status_code == 404
    settings.DEBUG = False
    assert Client().get(address).status_code == 404


@pytest.mark.django_db
def test_the_bank_gives_a_statement_of_what_one_chooses(stripe: Stripe) -> None:
    here = cast.world()
    request = cast.programme(here).fund.funding_requests.get()
    url = reverse("demo_bank")
    client = Client(headers={"accept-language": "nl"})
    page = client.get(url).content.decode()
    assert "De Klinker betaalt €\u00a01.000,00" in page
    nothing = client.post(url, {})
    assert (nothing.status_code, "Kies minstens één betaling." in nothing.content.decode()) == (422, True)
    file = client.post(url, {"movements": [f"funding-{request.pk}"]})
    assert (file.status_code, file["Content-Type"]) == (200, "application/xml")
    assert file["Content-Disposition"].startswith('attachment; filename="camt053-')
    (imported,) = import_statement(content=file.content, by=here.thea, now=NOW)
    assert imported.statement.lines.get().funding_request == request
    assert "Er is niets onderweg" in client.get(url).content.decode()
    programmes.request_funding(fund_id=request.fund_id, amount_cents=500, made_by=here.karin, now=NOW)
    late = client.post(url, {"movements": [f"funding-{request.pk}"]})
    assert (late.status_code, "is intussen al gedaan" in late.content.decode()) == (422, True)


@pytest.mark.django_db
def test_without_the_stand_in_the_bank_says_what_to_do(settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    answer = Client(headers={"accept-language": "nl"}).get(reverse("demo_bank"))
    assert (answer.status_code, "make demo" in answer.content.decode()) == (503, True)


@pytest.mark.django_db
def test_nobody_else_gets_to_the_bank(settings: Settings) -> None:
    assert Client(REMOTE_ADDR="192.0.2.7").get(reverse("demo_bank")).status_code == 404
    settings.DEBUG = False
    assert Client().get(reverse("demo_bank")).status_code == 404
