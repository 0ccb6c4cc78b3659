"""The auditor's tables by keyboard, and all pages for who sees, hears or reads on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from ledger import queries as books
from people.models import User
from tests.browsing import DESK, PHONE, a_browser, complaints
from tests.running import running_site
from tests.web.auditors.conftest import opened
from tests.web.auditors.test_entries import entry
from tests.web.signing_in import session_of


@contextmanager
def at_the_site(user: User, database: str, run_dir: Path) -> Iterator[Page]:
    """A browser in which this user has signed in."""
    with running_site(database, run_dir) as site, a_browser() as browser:
        context = browser.new_context(base_url=site.url, viewport=DESK, locale="nl-NL")
        context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": site.url}])
        yield context.new_page()
