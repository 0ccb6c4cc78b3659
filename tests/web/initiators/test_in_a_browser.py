"""What needs a browser: passkeys, and the rows of a plan that come without a new page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.browsing import a_browser
from tests.running import running_site, wait_until
from tests.web.clock import Clock
from web import demo_pages


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock | None:
    """A site of its own has the clock of the machine."""
    return None


def code_in_the_mail(folder: Path, count: int) -> str:
    wait_until(lambda: len(demo_pages.mails(folder)) == count, "no mail")
    found = re.search(r"^\d{6}$", demo_pages.mails(folder)[0].text, re.MULTILINE)
    assert found
    return found.group()


def test_a_passkey_is_made_and_then_is_enough(own_database: str, tmp_path: Path) -> None:
    karin = cast.world().karin
    with running_site(own_database, tmp_path / "run") as site, a_browser() as browser:
        url = site.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="nl-NL")
        page = context.new_page()
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        key = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})

        page.goto(f"{url}/account/inloggen/")
        page.fill("[name=login]", karin.email)
        page.click("main form.card button")
        page.fill("[name=code]", code_in_the_mail(site.run_dir / "mail", 1))
        page.click("main form.card button")
        page.goto(f"{url}/account/tweede-stap/webauthn/add/")
        page.click("form[data-passkey=add] button")
        page.wait_for_url("**/recovery-codes/")

        context.clear_cookies()
        page.goto(f"{url}/account/inloggen/")
        page.click("form[data-passkey=login] button")
        page.wait_for_url(f"{url}/beheer/")

        context.clear_cookies()
        device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key["authenticatorId"]})
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        page.goto(f"{url}/account/inloggen/")
        page.click("form[data-passkey=login] button")
        expect(page.locator("form[data-passkey=login] [data-passkey-problem]")).to_be_visible()
        assert page.url == f"{url}/account/inloggen/"


def test_a_row_of_costs_comes_without_a_new_page_and_the_sum_follows(
    own_database: str, tmp_path: Path
) -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    cast.programme(here)
    with running_site(own_database, tmp_path / "run") as site, a_browser() as browser:
        page = browser.new_context(viewport={"width": 390, "height": 844}, locale="nl-NL").new_page()
        page.goto(f"{site.url}/account/inloggen/?next=/mijn/initiatief/nieuw/")
        page.fill("[name=login]", here.fatma.email)
        page.click("main form.card button")
        page.fill("[name=code]", code_in_the_mail(site.run_dir / "mail", 1))
        page.click("main form.card button")
        page.wait_for_url("**/mijn/initiatief/nieuw/")

        page.fill("[name=lines-0-amount]", "1.234,50")
        page.click("[name=add_line]")
        assert page.evaluate("document.activeElement.name") == "lines-3-description"
        page.fill("[name=lines-3-amount]", "12")
        assert page.inner_text("[data-total]").split() == ["€", "1.246,50"]
        page.fill("[name=lines-3-amount]", "twaalf")
        assert page.inner_text("[data-total]").split() == ["€", "1.234,50"]
        assert page.input_value("[name=lines-TOTAL_FORMS]") == "4"
