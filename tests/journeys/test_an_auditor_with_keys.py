"""Mees checks the books with the keyboard alone: from a receipt to where its money came from, then a sample and its pack."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Page, expect

from people.models import User
from tests.books.road import travelled
from tests.browsing import DESK, a_browser, complaints
from tests.journeys.visitor import Visitor, app_codes_of
from tests.running import running_site, wait_until
from tests.web.signing_in import give_second_factor

MOST_TABS = 150
FOCUSED = "() => (document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || '').trim()"


class Keys:
    """Somebody who has a keyboard and no mouse. Every page they come to is held against axe-core."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, wanted: str | re.Pattern[str]) -> None:
        """Tabs on until what has the focus is called so."""
        passed = []
        for _turn in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            name = self.page.evaluate(FOCUSED)
            if re.search(wanted, name):
                return
            passed.append(name)
        raise AssertionError(f"no Tab leads to {wanted}: {passed}")

    def enter(self, wanted: str | re.Pattern[str]) -> None:
        """Follows the link or presses the button that is called so."""
        self.open(wanted)
        self.look()

    def open(self, wanted: str | re.Pattern[str]) -> None:
        """What follows may be a document by itself, and no page of ours."""
        self.reach(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def back(self, to: str) -> None:
        """What Alt and the left arrow do in a browser; one without a window has no such key."""
        self.page.go_back()
        assert self.page.url == to
        self.look()

    def enter_in_row(self, wanted: str) -> None:
        """Follows the link in the row of a table that says this."""
        self._enter_in("tr", wanted, "")

    def enter_in_card(self, title: str, wanted: str) -> None:
        self._enter_in("section.followed-card", title, wanted)

    def _enter_in(self, around: str, says: str, wanted: str) -> None:
        for _turn in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            there = self.page.evaluate(
                "around => [document.activeElement.closest(around)?.innerText || '', document.activeElement.innerText || '']",
                around,
            )
            if says in there[0] and re.search(wanted, there[1].strip()):
                with self.page.expect_navigation():
                    self.page.keyboard.press("Enter")
                self.look()
                return
        raise AssertionError(f"no Tab leads to {wanted or 'a link'} beside {says}: {self.page.url}")

    def field(self, name: str) -> None:
        """Tabs on to a field of a form."""
        for _turn in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("() => document.activeElement.name") == name:
                return
        raise AssertionError(f"no Tab leads to the field {name}")

    def fill(self, name: str, text: str) -> None:
        self.field(name)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def reads(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def look(self) -> None:
        found = complaints(self.page)
        assert found == [], f"{self.page.url}: {found}"


@pytest.mark.usefixtures("own_database")
def test_from_a_suspicious_receipt_to_the_pack_that_is_verified_elsewhere(
    own_database: str, tmp_path: Path
) -> None:
    road = travelled()
    here = road.here
    EmailAddress.objects.create(user=here.mees, email=here.mees.email, verified=True, primary=True)
    give_second_factor(here.mees)
    with a_browser() as browser, running_site(own_database, tmp_path / "run") as site:
        site.manage("seal")
        visitor = Visitor(browser, site)
        visitor.page.set_viewport_size(DESK)
        mees = Keys(visitor.page)
        sign_in(mees, visitor, here.mees)
        from_receipt_to_programme(mees)
        pack = sample_and_pack(mees, visitor, tmp_path)
    verified_elsewhere(pack, tmp_path / "elsewhere")


def sign_in(mees: Keys, visitor: Visitor, user: User) -> None:
    """From the front page, with the code from the mail and the one of the app: every link, field and button is reached by Tab."""
    visitor.go("/")
    mees.enter("^Inloggen")
    mees.fill("login", user.email)
    mees.fill("code", visitor.mailed_code(user, ask=lambda: mees.enter("^Stuur mij een code")))
    mees.enter("^Ga verder")
    (code,) = app_codes_of(user)
    mees.fill("code", code)
    mees.enter("^Inloggen")
    mees.enter("^Naar de boeken")


def from_receipt_to_programme(mees: Keys) -> None:
    """The receipt, who approved it, its document, the payout with its two people, the bank line, and the programme that paid."""
    mees.enter("^Boekingen")
    mees.enter_in_row("Bon goedgekeurd")
    mees.reads("Bon goedgekeurd", "Goedgekeurd door")
    mees.enter("^Volg dit geld")
    mees.reads("Volg", "Wat erachter staat", "Goedgekeurd door", "Regel van het afschrift")
    receipt = mees.page.url
    mees.open("^Bekijk de bon")
    mees.back(receipt)
    # The bank line by the entry it was booked with, and back.
    mees.enter_in_card("Regel van het afschrift", "^Boeking")
    mees.reads("Bank")
    mees.back(receipt)
    mees.enter_in_card("Uitbetaling", "^Volg dit geld")
    mees.reads("Uitbetaling", "Gemaakt door", "Goedgekeurd door")
    mees.back(receipt)
    mees.enter("^Storting|^Budget|^Buurtcheques")


def sample_and_pack(mees: Keys, visitor: Visitor, folder: Path) -> Path:
    """Twenty-five with seed 1, and the pack as the worker makes it."""
    mees.enter("^Steekproef$")
    mees.fill("size", "25")
    mees.fill("seed", "1")
    mees.enter("^Trek")
    mees.reads("Wat getrokken is")
    mees.enter("bewijsdossier")
    wait_until(lambda: _ready(mees), "the pack is not ready")
    mees.reach("^Download")
    with mees.page.expect_download() as download:
        mees.page.keyboard.press("Enter")
    pack = folder / "pack.zip"
    download.value.save_as(pack)
    return pack


def _ready(mees: Keys) -> bool:
    mees.page.reload()
    return mees.page.get_by_role("link", name="Download").count() > 0


def verified_elsewhere(pack: Path, folder: Path) -> None:
    """On a machine without the project: an empty folder, Python, and what is in the pack."""
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)
    (manifest,) = folder.rglob("manifest.sha256")
    subprocess.run(["sha256sum", "--check", "--quiet", manifest.name], cwd=manifest.parent, check=True)
    command = [sys.executable, "-I", "verify_books.py", "journal.jsonl"]
    done = subprocess.run(command, cwd=manifest.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("head ")
