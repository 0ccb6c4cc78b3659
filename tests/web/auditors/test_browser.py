"""The auditor's tables by keyboard, and all pages as they are seen, heard and read on a phone."""

from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.test import Client
from playwright.sync_api import Page, expect

from tests.browsing import DESK, PHONE, a_browser, complaints
from tests.running import running_site
from tests.web.auditors.conftest import opened
from tests.web.auditors.test_entries import entry
from tests.web.signing_in import signed_in

YEAR = "?since=2026-01-01&until=2026-12-31"
SAMPLE = f"steekproef/{YEAR}&flow=all&method=monetary&size=5&seed=1"


@pytest.mark.slow
def test_the_books_are_read_by_keyboard_and_by_everybody(own_database: str, tmp_path: Path) -> None:
    desk = opened()
    cookie = signed_in(Client(), desk.mees).cookies[site_settings.SESSION_COOKIE_NAME].value
    kinds = ("gift", "payout approved", "receipt approved", "bank funding")
    paths = [YEAR, f"{YEAR}&open=2100", "?until=2020-01-01", "boekingen/", "boekingen/?q=zzz", "inzage/"]
    paths += ["steekproef/", SAMPLE, f"{SAMPLE}&size=0", f"{SAMPLE}&until=2026-01-02"]
    paths += [f"boeking/{entry(desk, kind).pk}/" for kind in kinds]
    with running_site(own_database, tmp_path / "run") as site, a_browser() as browser:
        context = browser.new_context(base_url=f"{site.url}/controle/", viewport=DESK, locale="nl-NL")
        context.add_cookies([{"name": site_settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}])
        page = context.new_page()
        read_by_keyboard(page)
        sampled_by_keyboard(page)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            for path in paths:
                page.goto(path)
                assert complaints(page) == [], path
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def read_by_keyboard(page: Page) -> None:
    """Down to the third row, open, into the first account under it, back, close, and on to the search field."""
    page.goto(YEAR)
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#rekening-2100")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**open=2100**")
    expect(page.locator("#rekening-2100")).to_be_focused()
    expect(page.locator(".row-sub")).to_have_count(6)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rekening/**")
    page.go_back()
    page.locator("#rekening-2100").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".row-sub")).to_have_count(0)
    page.wait_for_load_state()  # the script of the new page hears the next key
    page.keyboard.press("/")
    expect(page.locator("#filter_q")).to_be_focused()
    page.keyboard.type("5,00/")
    expect(page.locator("#filter_q")).to_have_value("5,00/")


def sampled_by_keyboard(page: Page) -> None:
    """Every field of the form in the order in which it is read, then Enter, and from a row to its entry."""
    page.goto("steekproef/")
    page.locator("#sample_fund").focus()
    order = ["sample_fund"]
    while order[-1] != "":
        page.keyboard.press("Tab")  # a day has three stops and a calendar
        at = page.evaluate("document.activeElement.id")
        if at != order[-1]:
            order.append(at)
    fields = ["fund", "since", "until", "flow", "method", "size", "seed"]
    assert order == [*(f"sample_{name}" for name in fields), ""]
    expect(page.get_by_role("button", name="Trek")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_url("**seed=1**")
    expect(page.get_by_role("heading", name="Wat getrokken is")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/boeking/**")
