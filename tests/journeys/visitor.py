"""Somebody with a browser: signs in as people do, fills in forms by their fields, presses the one button."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from people.models import User
from tests.browsing import PHONE, complaints
from tests.running import RunningSite, wait_until
from web import demo_pages

SIGN_IN = "/account/inloggen/"
CODE = re.compile(r"^\s*([0-9]{6}|[A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", re.MULTILINE)


def app_codes_of(user: User) -> list[str]:
    """What the app of somebody with a second factor shows now; nothing for who has none."""
    return [app.code for app in demo_pages.app_codes() if app.user == user]


class Visitor:
    """One person, with a browser of their own, on a phone, in Dutch. Every page they see is held against axe-core."""

    def __init__(self, browser: Browser, site: RunningSite) -> None:
        self.site = site
        self.page = browser.new_context(viewport=PHONE, locale="nl-NL").new_page()
        self.page.set_default_timeout(10_000)

    def go(self, path: str) -> None:
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        self.look()

    def look(self) -> None:
        found = complaints(self.page)
        assert found == [], f"{self.page.url}: {found}"

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"main [name='{name}']:visible").first.fill(value)

    def tick(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"main [name='{name}'][value='{value}']").check(force=True)

    def attach(self, name: str, file_name: str, content: bytes, mime_type: str) -> None:
        self.page.locator(f"main [name='{name}']").set_input_files(
            {"name": file_name, "mimeType": mime_type, "buffer": content}
        )

    def press(self, text: str) -> None:
        """Presses the button with this text, and looks at the page that follows."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=text).first.click()
        self.look()

    def follow(self, text: str) -> None:
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=text).first.click()
        self.look()

    def reads(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def download(self, text: str) -> bytes:
        with self.page.expect_download() as download:
            self.page.locator("main").get_by_role("link", name=text).first.click()
        return Path(download.value.path()).read_bytes()

    def sign_in(self, user: User) -> None:
        """By a code from the mail, and one from the app where the person has one."""
        self.go(SIGN_IN)
        self.fill(login=user.email)
        self.fill(code=self.mailed_code(user, ask=lambda: self.press("Stuur mij een code")))
        self.press("Ga verder")
        for code in app_codes_of(user):
            self.fill(code=code)
            self.press("Inloggen")

    def mailed_code(self, user: User, *, ask: Callable[[], None]) -> str:
        """The one that comes when it is asked for."""
        before = len(self._codes(user))
        ask()
        wait_until(lambda: len(self._codes(user)) > before, "no mail with a code")
        return self._codes(user)[0]

    def mails_to(self, user: User) -> list[demo_pages.Mail]:
        """Newest first."""
        return [mail for mail in demo_pages.mails(self.site.run_dir / "mail") if mail.to == user.email]

    def _codes(self, user: User) -> list[str]:
        """Of all that were mailed to this person, newest first."""
        found = (CODE.search(mail.text) for mail in self.mails_to(user))
        return [code.group(1) for code in found if code is not None]
