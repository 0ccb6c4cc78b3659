"""A real browser: the system's Chromium, at the size of a phone or of a desk."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str:
    """Where the system's Chromium is. Raises FileNotFoundError."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("chromium: see requirements/debian-test.txt")
    return found


@contextmanager
def a_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=ARGUMENTS,
            env={**os.environ, "LANGUAGE": "nl"},  # its own words in Dutch, where the language is there
        )
        try:
            yield browser
        finally:
            browser.close()


def complaints(page: Page) -> list[str]:
    """What axe-core has against the page as it stands: rule, what it is about, and where."""
    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        "resultTypes": ["violations"],  # what passes need not be described, node by node
    }
    found = Axe().run(page, options=options)
    return [
        f"{violation['id']}: {violation['help']} at {violation['nodes'][0]['target']}"
        for violation in found.response["violations"]
    ]
