import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, sync_playwright

from payments.sandbox.checkout_page import euros
from tests.payments.sandbox.street import Site, Stand, send

PHONE = ViewportSize(width=320, height=640)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=PHONE)
        yield page
        browser.close()


def assert_accessible(page: Page) -> None:
    violations = Axe().run(page).response["violations"]
    assert violations == [], [one["id"] for one in violations]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_payer_on_a_phone_fails_once_and_then_pays(stand: Stand, site: Site, page: Page) -> None:
    session = stand.open_session(
        amount_cents=1250,
        success_url=site.url + "?session={CHECKOUT_SESSION_ID}",
        customer_email="els@example.org",
    )
    assert session.url is not None
    page.goto(session.url)
    assert page.locator("html").get_attribute("lang") == "nl"
    assert "Testbetaling" in page.inner_text("header")
    assert_accessible(page)

    page.get_by_role("button", name="Laat de betaling mislukken").click()
    assert "niet gelukt" in page.get_by_role("alert").inner_text()
    assert_accessible(page)

    page.get_by_role("button", name="Betaal € 12,50").click()
    assert page.url == f"{site.url}?session={session.id}"
    assert stand.client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"

    page.goto(session.url)
    assert page.inner_text("h1") == "Deze betaling is al gedaan"
    assert_accessible(page)


def test_the_page_speaks_english_when_asked_and_keeps_doing_so(stand: Stand, page: Page) -> None:
    session = stand.open_session(amount_cents=123456)
    assert session.url is not None
    page.goto(session.url)
    page.get_by_role("link", name="English").click()
    assert page.inner_text("h1") == "Pay €\N{NO-BREAK SPACE}1,234.56"
    page.get_by_role("button", name="Let the payment fail").click()
    assert "did not work" in page.get_by_role("alert").inner_text()
    assert_accessible(page)


def test_the_language_of_the_session_comes_first_without_a_question(stand: Stand) -> None:
    session = stand.open_session(locale="en")
    assert '<html lang="en">' in send(f"{stand.url}/pay/{session.id}", None).text
    assert '<html lang="nl">' in send(f"{stand.url}/pay/{session.id}?lang=nl", None).text


def test_going_back_leaves_the_session_open(stand: Stand, page: Page, site: Site) -> None:
    session = stand.open_session(cancel_url=site.url)
    assert session.url is not None
    page.goto(session.url)
    page.get_by_role("link", name="Niet betalen, ga terug").click()
    assert page.url == site.url
    assert stand.client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_what_a_campaign_is_called_is_text_and_never_markup(stand: Stand) -> None:
    price = {
        "currency": "eur",
        "unit_amount": 500,
        "product_data": {"name": "<script>alert('$pay')</script>"},
    }
    session = stand.open_session(line_items=[{"quantity": 2, "price_data": price}])
    shown = send(f"{stand.url}/pay/{session.id}", None).text
    assert "<script" not in shown
    assert "2 × &lt;script&gt;" in shown
    assert "€\N{NO-BREAK SPACE}10,00" in shown


def test_an_expired_session_and_an_unknown_one_say_so(stand: Stand, page: Page) -> None:
    session = stand.open_session()
    stand.client.v1.checkout.sessions.expire(session.id)
    page.goto(f"{stand.url}/pay/{session.id}")
    assert page.inner_text("h1") == "Deze betaalpagina is verlopen"
    assert_accessible(page)
    answer = page.goto(f"{stand.url}/pay/cs_test_nobody")
    assert answer is not None
    assert answer.status == 404
    assert_accessible(page)


def test_an_outcome_that_is_not_a_button_pays_nothing(stand: Stand) -> None:
    session = stand.open_session()
    assert stand.press(session, "free").status == 400
    assert stand.client.v1.charges.list().data == []


def test_amounts_are_written_as_each_language_does() -> None:
    assert euros(123456, language="nl") == "€\N{NO-BREAK SPACE}1.234,56"
    assert euros(5, language="en") == "€\N{NO-BREAK SPACE}0.05"
