"""Every page of the road, with data, without, and with an error, at the size of a phone and of a desk.

Each is held against axe-core and must not scroll sideways. With `--pictures` (`make pictures`) each also becomes a picture in
`build/pictures/`, to be looked at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import Campaign, State
from cheques.models import Cheque, ChequeRun
from ledger import queries as books
from payments.models import BankLine, Donation, Payout
from people.models import Membership, Role, User
from programmes.models import Grant, Programme
from tests import cast, databases
from tests.browsing import DESK, PHONE, a_browser, complaints
from tests.running import RunningSite, running_site
from tests.web.residents.letters import letter
from tests.web.signing_in import give_second_factor

FOLDER = settings.ROOT / "build" / "pictures"
SIZES = {"phone": PHONE, "desk": DESK}
Act = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    """A page as somebody sees it. `who`: None for anyone. `act`: what to do there before looking."""

    name: str
    path: str
    who: User | None = None
    act: Act | None = None


@dataclass
class Gallery:
    """A running site, and a browser to look at it."""

    site: RunningSite
    browser: Browser
    keep: bool
    contexts: dict[tuple[str, int | None], BrowserContext] = field(default_factory=dict)

    def context(self, size: str, who: User | None) -> BrowserContext:
        """A browser of this size in which this person has signed in; for anyone a fresh one."""
        key = (size, who.pk if who else None)
        if who is None or key not in self.contexts:
            made = self.browser.new_context(viewport=SIZES[size], locale="nl-NL")
            made.set_default_timeout(10_000)
            if who is not None:
                client = Client()
                client.force_login(who)
                cookie = client.cookies[settings.SESSION_COOKIE_NAME]
                made.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.site.url}])
            self.contexts[key] = made
        return self.contexts[key]

    def look(self, shot: Shot) -> list[str]:
        """What is wrong with the page at either size."""
        wrong = []
        for size in SIZES:
            page = self.context(size, shot.who).new_page()
            page.goto(self.site.url + shot.path)
            if shot.act is not None:
                shot.act(page)
            wrong += [f"{shot.name} ({size}): {found}" for found in complaints(page)]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append(f"{shot.name} ({size}): scrolls sideways")
            if self.keep:
                page.screenshot(path=FOLDER / f"{shot.name}-{size}.png", full_page=True)
            page.close()
        return wrong


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def gallery(
    request: pytest.FixtureRequest,
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gallery]:
    """The demo, served."""
    folder = tmp_path_factory.mktemp("demo")
    settings.MEDIA_ROOT = folder / "files"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        django_db_blocker.unblock(),
        databases.cloned(f"{databases.TEMPLATE}_demo") as database,
        running_site(database, folder / "run") as site,
    ):
        site.manage("make_demo")
        yield Gallery(site, browser, bool(request.config.getoption("--pictures")))


@pytest.fixture(scope="module")
def bare(
    request: pytest.FixtureRequest,
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gallery]:
    """A site where nothing has happened yet: De Klinker has a neighbourhood, and people."""
    folder = tmp_path_factory.mktemp("bare")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        django_db_blocker.unblock(),
        databases.cloned(f"{databases.TEMPLATE}_bare") as database,
        running_site(database, folder / "run") as site,
    ):
        yield Gallery(site, browser, bool(request.config.getoption("--pictures")))


def submit(page: Page, selector: str = "main form button") -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def type_code(code: str) -> Act:
    def act(page: Page) -> None:
        page.locator("main [name=code]").first.fill(code)
        submit(page)

    return act


def upload(name: str, content: bytes, button: str = "main form[enctype] button") -> Act:
    def act(page: Page) -> None:
        page.locator("main [type=file]").set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": content}
        )
        submit(page, button)

    return act


def somebody(role: Role, slug: str = "de-klinker") -> User:
    return Membership.objects.filter(role=role, organisation__slug=slug).order_by("pk")[0].user


def public_shots() -> list[Shot]:
    shots = [
        Shot("home", "/"),
        Shot("help", "/hulp/"),
        Shot("trail", "/elke-euro/"),
        Shot("privacy", "/privacy/"),
    ]
    shots += [Shot("accessibility", "/toegankelijkheid/"), Shot("not-found", "/nergens/")]
    for state in [State.COLLECTING, State.REACHED, State.PAID, State.DONE, State.FAILED]:
        campaign = Campaign.objects.filter(
            state=state, rules__programme__organisation__slug="de-klinker"
        ).latest("pk")
        shots.append(Shot(f"campaign-{state}", f"/initiatief/{campaign.slug}/"))
    busy = Campaign.objects.filter(state=State.COLLECTING).order_by("-times_given")[0]
    shots.append(Shot("neighbourhood", f"/buurt/{busy.neighbourhood.slug}/"))
    shots.append(Shot("campaign-gifts", f"/initiatief/{busy.slug}/giften/"))
    elsewhere = Campaign.objects.get(
        state=State.COLLECTING, rules__programme__organisation__slug="noorderwal-wonen"
    )
    shots.append(Shot("campaign-other-organisation", f"/initiatief/{elsewhere.slug}/"))
    paid = Donation.objects.filter(state=Donation.State.PAID).latest("pk")
    shots.append(Shot("donation-paid", f"/donatie/{paid.reference}/"))

    def nothing(page: Page) -> None:
        page.locator("#donate [name=choice][value=other]").check(force=True)
        page.locator("#donate [name=other]").fill("0")
        submit(page, "#donate button")

    shots.append(Shot("campaign-wrong-amount", f"/initiatief/{busy.slug}/", act=nothing))
    return shots


def resident_shots() -> list[Shot]:
    def waiting() -> Cheque:
        fresh = Cheque.objects.filter(state=Cheque.State.MADE, run__activate_before__gt=timezone.now())
        return fresh.order_by("?")[0]

    first, second, stopped = letter(waiting()), letter(waiting()), letter(waiting())
    expired = Cheque.objects.filter(state=Cheque.State.EXPIRED).order_by("pk")[0]
    late = letter(expired)
    Cheque.objects.filter(pk=stopped.cheque.pk).update(frozen=True)

    def active(page: Page) -> None:
        type_code(first.code)(page)
        if "/cheque/saldo/" not in page.url:
            submit(page)

    def giving(page: Page) -> None:
        active(page)
        page.locator("main a", has_text="Geef een deel").first.click()

    def too_much(page: Page) -> None:
        giving(page)
        page.locator("main [name=amount]:visible").fill("99,00")
        submit(page, "main button:has-text('Geef dit bedrag')")

    return [
        Shot("cheque-landing", "/c"),
        Shot("cheque-unknown", "/c", act=type_code("0000 0000 0000 0000")),
        Shot(
            "cheque-mistyped", "/c", act=type_code(first.code[:-1] + ("0" if first.code[-1] != "0" else "1"))
        ),
        Shot("cheque-too-short", "/c", act=type_code("ABC")),
        Shot("cheque-made", "/c", act=type_code(second.code)),
        Shot("cheque-expired", "/c", act=type_code(late.code)),
        Shot("cheque-frozen", "/c", act=type_code(stopped.code)),
        Shot("purse", "/c", act=active),
        Shot("purse-give", "/c", act=giving),
        Shot("purse-give-too-much", "/c", act=too_much),
    ]


def account_shots() -> list[Shot]:
    def wrong(page: Page) -> None:
        page.locator("main [name=login]").fill("geen adres")
        submit(page)

    def ask(page: Page, name: str) -> None:
        page.locator("main [name=login]").fill(f"{name}@demo.buurtpot.example")
        submit(page)

    def code(page: Page) -> None:
        ask(page, "soraya")

    def wrong_code(page: Page) -> None:
        ask(page, "gerrit")
        page.locator("main [name=code]").fill("000000")
        submit(page)

    return [
        Shot("sign-in", "/account/inloggen/"),
        Shot("sign-in-wrong", "/account/inloggen/", act=wrong),
        Shot("sign-in-code", "/account/inloggen/", act=code),
        Shot("sign-in-code-wrong", "/account/inloggen/", act=wrong_code),
        Shot("sign-up", "/account/nieuw/"),
        Shot("mailbox", "/demo/postvak/"),
        Shot("components", "/demo/onderdelen/"),
    ]


def initiator_shots() -> list[Shot]:
    shots = []
    for state in State.values:
        campaign = Campaign.objects.filter(state=state).order_by("pk")[0]
        shots.append(Shot(f"mine-{state}", f"/mijn/initiatief/{campaign.slug}/", campaign.initiator.user))
    user = User.objects.get(email="soraya@demo.buurtpot.example")
    paid = Campaign.objects.filter(state=State.PAID).order_by("pk")[0]
    owner = paid.initiator.user
    draft = Campaign.objects.filter(state=State.DRAFT)[0]

    def empty(page: Page) -> None:
        submit(page, "main form[data-plan] .button-wide")

    return [
        *shots,
        Shot("mine", "/mijn/", user),
        Shot("mine-details", "/mijn/gegevens/", user),
        Shot("mine-new", "/mijn/initiatief/nieuw/", user),
        Shot("mine-new-wrong", "/mijn/initiatief/nieuw/", user, empty),
        Shot("mine-check", f"/mijn/initiatief/{draft.slug}/versturen/", draft.initiator.user),
        Shot("mine-account", f"/mijn/initiatief/{paid.slug}/rekening/", owner),
        Shot("mine-receipt", f"/mijn/initiatief/{paid.slug}/bon/", owner),
        Shot("mine-receipt-wrong", f"/mijn/initiatief/{paid.slug}/bon/", owner, lambda page: submit(page)),
        Shot("mine-news", f"/mijn/initiatief/{paid.slug}/nieuws/", owner),
        Shot("mine-photo", f"/mijn/initiatief/{paid.slug}/foto/", owner),
        Shot("mine-report", f"/mijn/initiatief/{paid.slug}/verslag/", owner),
    ]


def staff_shots() -> list[Shot]:
    staff, broker = somebody(Role.STAFF), somebody(Role.BROKER)
    treasurer = somebody(Role.TREASURER, "buurtpot")
    sponsor = somebody(Role.SPONSOR, "gemeente-oeverdam")
    run = ChequeRun.objects.filter(state=ChequeRun.State.PRINTED).order_by("pk")[0]
    waiting = ChequeRun.objects.filter(state=ChequeRun.State.PREPARED).order_by("pk")[0]
    payout = Payout.objects.filter(state=Payout.State.PROPOSED).order_by("pk")[0]
    submitted = Campaign.objects.filter(state=State.SUBMITTED).order_by("pk")[0]
    receipt = (
        Campaign.objects.filter(receipts__state="submitted").order_by("pk")[0].receipts.get(state="submitted")
    )
    line = BankLine.objects.filter(kind="unknown", recognised_at__isnull=True).order_by("pk")[0]
    programme = Programme.objects.filter(organisation__slug="de-klinker").order_by("pk")[0]
    grant = Grant.objects.order_by("pk")[0]
    wrong_list = b"straat;huisnummer;postcode;plaats;buurtcode\nIrisplein;nul;9;Oeverdam;BU1\n"
    return [
        Shot("staff-home", "/beheer/", staff),
        Shot("staff-home-other-organisation", "/beheer/", somebody(Role.STAFF, "noorderwal-wonen")),
        Shot("staff-programmes", "/beheer/regelingen/", staff),
        Shot("staff-programme", f"/beheer/regelingen/{programme.pk}/", staff),
        Shot("staff-new-programme", "/beheer/regelingen/nieuw/", staff),
        Shot("staff-new-programme-wrong", "/beheer/regelingen/nieuw/", staff, lambda page: submit(page)),
        Shot("staff-addresses", "/beheer/adressen/", staff),
        Shot("staff-import-wrong", "/beheer/adressen/inlezen/", staff, upload("lijst.csv", wrong_list)),
        Shot("staff-runs", "/beheer/uitgiften/", staff),
        Shot("staff-new-run", "/beheer/uitgiften/nieuw/", staff),
        Shot("staff-run", f"/beheer/uitgiften/{run.pk}/", staff),
        Shot("staff-run-waiting", f"/beheer/uitgiften/{waiting.pk}/", staff),
        Shot("staff-issue", f"/beheer/uitgiften/{waiting.pk}/uitgeven/", staff),
        Shot("staff-cheques", "/beheer/cheques/", staff),
        Shot("staff-cheque", f"/beheer/cheques/{run.cheques.order_by('pk')[0].pk}/", staff),
        Shot("staff-campaigns", "/beheer/initiatieven/", broker),
        Shot("staff-review", f"/beheer/initiatieven/{submitted.slug}/", broker),
        Shot("staff-payouts", "/beheer/uitbetalingen/", staff),
        Shot("staff-payout", f"/beheer/uitbetalingen/{payout.pk}/", staff),
        Shot("staff-approve-payout", f"/beheer/uitbetalingen/{payout.pk}/goedkeuren/", staff),
        Shot("staff-receipts", "/beheer/bonnen/", staff),
        Shot("staff-receipt", f"/beheer/bonnen/{receipt.pk}/", staff),
        Shot("bank", "/beheer/bank/", treasurer),
        Shot("bank-wrong", "/beheer/bank/", treasurer, upload("afschrift.xml", b"geen xml")),
        Shot("bank-statement", f"/beheer/bank/afschriften/{line.statement_id}/", treasurer),
        Shot("bank-lines", "/beheer/bank/regels/", treasurer),
        Shot("bank-line", f"/beheer/bank/regels/{line.pk}/", treasurer),
        Shot("bank-files", "/beheer/bank/betaalbestanden/", treasurer),
        Shot("sponsor", "/beheer/bijdragen/", sponsor),
        Shot("sponsor-grant", f"/beheer/bijdragen/{grant.pk}/", sponsor),
    ]


def auditor_shots() -> list[Shot]:
    auditor = somebody(Role.AUDITOR)
    programme = Programme.objects.filter(organisation__slug="de-klinker").order_by("pk")[0]
    pot = books.accounts_of(fund_ids=[programme.fund_id]).filter(kind_id=2300).order_by("pk")[0]
    entry = books.entries_of(fund_ids=[programme.fund_id]).filter(kind="gift").order_by("-pk")[0]
    return [
        Shot("auditor-balance", "/controle/", auditor),
        Shot("auditor-account", f"/controle/rekening/{pot.pk}/", auditor),
        Shot("auditor-entries", "/controle/boekingen/", auditor),
        Shot("auditor-entries-none", "/controle/boekingen/?q=nergens", auditor),
        Shot("auditor-entry", f"/controle/boeking/{entry.pk}/", auditor),
        Shot("auditor-log", "/controle/inzage/", auditor),
    ]


def bare_shots() -> list[Shot]:
    here = cast.world()
    for user in (here.karin, here.bea, here.mees, here.thea):
        give_second_factor(user)
    staff = [
        "",
        "regelingen/",
        "adressen/",
        "adressen/inlezen/",
        "uitgiften/",
        "uitgiften/nieuw/",
        "cheques/",
    ]
    staff += ["initiatieven/", "uitbetalingen/", "bonnen/"]
    shots = [
        Shot(f"bare-staff-{path.strip('/').replace('/', '-') or 'home'}", f"/beheer/{path}", here.karin)
        for path in staff
    ]
    return [
        *shots,
        Shot("bare-home", "/"),
        Shot("bare-neighbourhood", f"/buurt/{here.bloemenbuurt.slug}/"),
        Shot("bare-mine", "/mijn/", here.fatma),
        Shot("bare-bank", "/beheer/bank/", here.thea),
        Shot("bare-bank-lines", "/beheer/bank/regels/", here.thea),
        Shot("bare-bank-files", "/beheer/bank/betaalbestanden/", here.thea),
        Shot("bare-auditor", "/controle/", here.mees),
        Shot("bare-auditor-entries", "/controle/boekingen/", here.mees),
    ]


@pytest.mark.parametrize(
    "shots", [public_shots, resident_shots, account_shots, initiator_shots, staff_shots, auditor_shots]
)
def test_every_page_of_the_demo_is_open_to_everyone(
    gallery: Gallery, shots: Callable[[], list[Shot]]
) -> None:
    assert "\n".join(wrong for shot in shots() for wrong in gallery.look(shot)) == ""


def test_every_page_is_open_to_everyone_before_anything_has_happened(bare: Gallery) -> None:
    assert "\n".join(wrong for shot in bare_shots() for wrong in bare.look(shot)) == ""
