"""A running site and a browser that looks at its pages: held against axe-core, measured, and kept as pictures."""

from collections.abc import Callable
from dataclasses import dataclass, field

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from people.models import User
from tests.browsing import DESK, PHONE, complaints
from tests.running import RunningSite

FOLDER = settings.ROOT / "build" / "pictures"
Act = Callable[[Page], None]
# Photos below the fold come when they are scrolled to; a picture of the whole page does not scroll.
ALL_PHOTOS = """Promise.all([...document.images].map(image => {
    image.loading = "eager";
    return image.decode().catch(() => null);
}))"""

# Words of links without an address, and of those to a part of this page that is not there.
NOWHERE = """[...document.querySelectorAll("a")].filter(link => {
    if (!link.getAttribute("href")) return true;
    const here = link.origin === location.origin && link.pathname === location.pathname && link.search === location.search;
    return here && link.hash && !document.getElementById(link.hash.slice(1));
}).map(link => link.textContent.trim())"""


@dataclass(frozen=True)
class Shot:
    """A page as somebody sees it. `who`: None for anyone. `act`: what to do there before looking."""

    name: str
    path: str
    who: User | None = None
    act: Act | None = None


@dataclass
class Gallery:
    site: RunningSite
    browser: Browser
    keep: bool
    contexts: dict[int, BrowserContext] = field(default_factory=dict)

    def context(self, who: User | None) -> BrowserContext:
        """A browser in which this person has just signed in; for anyone a fresh one."""
        if who is not None and who.pk in self.contexts:
            return self.contexts[who.pk]
        made = self.browser.new_context(viewport=PHONE, locale="nl-NL")
        made.set_default_timeout(10_000)
        if who is not None:
            made.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": _session_of(who), "url": self.site.url}]
            )
            self.contexts[who.pk] = made
        return made

    def look(self, shot: Shot) -> list[str]:
        """What is wrong with the page on a phone, and then as wide as a desk.

        Loading a page and axe-core take a second each and a new size next to nothing, so both are done once, on the phone.
        """
        context = self.context(shot.who)
        page = context.new_page()
        page.goto(self.site.url + shot.path)
        if shot.act is not None:
            shot.act(page)
        wrong = [f"{shot.name}: {found}" for found in complaints(page)]
        wrong += [f"{shot.name}: “{words}” leads nowhere" for words in page.evaluate(NOWHERE)]
        for name, size in (("phone", PHONE), ("desk", DESK)):
            page.set_viewport_size(size)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append(f"{shot.name} ({name}): scrolls sideways")
            if self.keep:
                page.evaluate(ALL_PHOTOS)
                page.screenshot(path=FOLDER / f"{shot.name}-{name}.png", full_page=True)
        page.close()
        if shot.who is None:
            context.close()
        return wrong


def _session_of(who: User) -> str:
    """The key of a session in which they have just shown who they are, so that pages about signing in open too."""
    client = Client()
    client.force_login(who)
    request = HttpRequest()
    request.session = client.session
    method = "mfa" if is_mfa_enabled(who) else "code"
    record_authentication(request, who, method=method, reauthenticated=True)
    request.session.save()
    return str(request.session.session_key)
