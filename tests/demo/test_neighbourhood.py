"""The demo neighbourhood: that its books are right, that it shows what there is to show, and that it is the same every time."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.apps import apps
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.db.models import CharField, TextField
from django.test import override_settings
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from books import checks
from campaigns import receipts
from campaigns.models import Campaign, Pledge, Receipt, State
from cheques import opening
from cheques import operations as cheques
from cheques.models import Cheque, ChequeRun
from common import files
from demo.neighbourhood import story
from demo.neighbourhood.people import SIGN_INS
from demo.neighbourhood.posting import UNTOUCHED
from ledger import queries as books
from ledger.chart import Code
from payments import payouts
from payments.models import BankLine, Donation, PayeeAccount, Payout
from payments.queries import guesses
from payments.sandbox.server import serve
from people.models import Organisation, User
from tests import databases

MARLOES, IDRIS = "marloes@demo.buurtpot.example", "idris@demo.buurtpot.example"
ENGLISH = {
    "the",
    "and",
    "with",
    "for",
    "from",
    "this",
    "your",
    "you",
    "neighbours",
    "street",
    "money",
    "bench",
}
APPS = ("people", "places", "programmes", "campaigns", "cheques", "payments")


@dataclass(frozen=True)
class Told:
    """The story was told twice, in two databases and for two days; the tests look at the second."""

    now: datetime
    files: Path
    first_figures: dict[str, object]


@contextmanager
def stand_in(state: Path) -> Iterator[None]:
    with (
        serve(
            state=state, secret_key=site.STRIPE_SECRET_KEY, webhook_secret=site.STRIPE_WEBHOOK_SECRET
        ) as url,
        override_settings(STRIPE_API_BASE=url),
    ):
        yield


@pytest.fixture(scope="module")
def told(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    now, folder = timezone.now(), tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder):
        with databases.cloned(f"{databases.TEMPLATE}_demo"), stand_in(folder / "first.jsonl"):
            story.tell(now=now - timedelta(days=3))
            first_figures = figures()
        with databases.cloned(f"{databases.TEMPLATE}_demo"), stand_in(folder / "second.jsonl"):
            story.tell(now=now)
            with django_db_blocker.block():
                yield Told(now, folder, first_figures)


def figures() -> dict[str, object]:
    """What the demo amounts to, without its dates and its secrets."""
    gifts = Pledge.objects.values_list("campaign__title", "amount_cents", "name", "state")
    return {
        "accounts": {code: books.total(code=code) for code in Code},
        "campaigns": sorted(Campaign.objects.values_list("title", "state", "given_cents", "times_given")),
        "gifts": Counter(gifts),
        "cheques": Counter(Cheque.objects.values_list("dwelling__street", "dwelling__house_number", "state")),
        "bank": sorted(BankLine.objects.values_list("kind", "credit", "amount_cents")),
    }


@pytest.mark.django_db
def test_the_books_of_the_demo_are_right(told: Told) -> None:
    found = checks.run()
    assert [check for check in found if not check.ok] == []
    assert "every donation is what Stripe says it is" in [check.name for check in found]


@pytest.mark.django_db
def test_the_check_would_see_a_demo_whose_books_are_wrong(told: Told) -> None:
    Campaign.objects.filter(state=State.COLLECTING).update(given_cents=1)
    assert "every campaign counts its pledges" in [check.name for check in checks.run() if not check.ok]


@pytest.mark.django_db
def test_told_again_on_another_day_it_comes_to_the_same_cent(told: Told) -> None:
    assert figures() == told.first_figures


@pytest.mark.django_db
def test_there_are_campaigns_in_every_state(told: Told) -> None:
    states = Counter(Campaign.objects.values_list("state", flat=True))
    assert set(states) == set(State)
    assert sum(states[state] for state in (State.COLLECTING, State.REACHED, State.PAID, State.DONE)) >= 12


@pytest.mark.django_db
def test_the_second_round_is_half_way(told: Told) -> None:
    first, second = (
        Cheque.objects.filter(
            run__name__startswith=name, run__rules__programme__organisation__slug="de-klinker"
        )
        for name in ("Eerste ronde", "Tweede ronde")
    )
    assert (first.count(), second.count()) == (320, 320)
    assert Counter(first.values_list("state", flat=True)) == {"activated": 147, "expired": 173}
    assert Counter(second.values_list("state", flat=True)) == {"activated": 112, "made": 208}
    assert all(run.activate_before > told.now for run in ChequeRun.objects.filter(name__startswith="Tweede"))


@pytest.mark.django_db
def test_each_of_the_two_people_finds_something_that_the_other_made(told: Told) -> None:
    run = ChequeRun.objects.get(state=ChequeRun.State.PREPARED)
    payout = Payout.objects.get(state=Payout.State.PROPOSED)
    account = PayeeAccount.objects.get(approved_by=None)
    assert (run.made_by.email, payout.made_by.email) == (IDRIS, MARLOES)
    assert account.initiator.campaigns.get().state == State.REACHED
    payouts.approve(payout_id=payout.pk, by=User.objects.get(email=IDRIS), now=told.now)
    assert Payout.objects.filter(state=Payout.State.SENT).exists()


@pytest.mark.django_db
def test_something_waits_at_every_other_desk(told: Told) -> None:
    assert Receipt.objects.filter(state=Receipt.State.SUBMITTED).count() == 1
    assert Campaign.objects.filter(state=State.SUBMITTED).count() == 1
    unknown = BankLine.objects.filter(kind=BankLine.Kind.UNKNOWN, credit=True)
    assert (unknown.filter(recognised_at=None).count(), unknown.exclude(recognised_at=None).count()) == (1, 1)
    fits = guesses(unknown.get(recognised_at=None))[0]
    assert (fits.same_amount, fits.same_name, fits.arrived_cents) == (True, True, 0)
    assert set(BankLine.objects.values_list("kind", flat=True)) == set(BankLine.Kind) - {
        BankLine.Kind.RETURNED
    }
    assert Cheque.objects.filter(frozen=True).count() == 1


@pytest.mark.django_db
def test_what_is_done_has_photos_a_report_and_a_receipt_for_every_euro(
    told: Told, settings: Settings
) -> None:
    settings.MEDIA_ROOT = told.files
    done = Campaign.objects.filter(state=State.DONE)
    assert done.count() == 3
    for campaign in done:
        assert sum(receipts.unaccounted(campaign).values()) == 0
        assert campaign.report.people_reached > 0
        assert campaign.photos.count() == 2
        kept = [photo.file for photo in campaign.photos.all()] + [bon.file for bon in campaign.receipts.all()]
        for file in kept:
            assert Image.open(io.BytesIO(files.read(file))).width > 500


@pytest.mark.django_db
def test_a_campaign_that_failed_gave_everything_back(told: Told) -> None:
    pledges = Pledge.objects.filter(campaign__state=State.FAILED)
    assert set(pledges.values_list("state", flat=True)) == {Pledge.State.RETURNED}
    donations = Donation.objects.filter(campaign__state=State.FAILED)
    assert set(donations.values_list("state", flat=True)) == {Donation.State.REFUNDED}


@pytest.mark.django_db
def test_the_first_letters_open_cheques_that_nobody_has_used(told: Told, settings: Settings) -> None:
    settings.MEDIA_ROOT = told.files
    run = ChequeRun.objects.get(name__startswith="Tweede ronde")
    pdf = run.documents.get(file__isnull=False).file
    assert pdf is not None
    pages = PdfReader(io.BytesIO(files.read(pdf))).pages
    assert len(pages) == 34
    for page in pages[: UNTOUCHED["lindehof"]]:
        code = re.search(r"\b(?:[0-9A-Z]{4}[\s-]+){3}[0-9A-Z]{4}\b", page.extract_text())
        assert code is not None
        cheque = opening.cheque_of_code(code[0], address_block="127.0.0", now=told.now)
        cheques.activate(cheque_id=cheque.pk, now=told.now)


@pytest.mark.django_db
def test_every_round_that_was_issued_has_its_letters(told: Told) -> None:
    issued = ChequeRun.objects.exclude(state=ChequeRun.State.PREPARED)
    assert set(issued.values_list("state", flat=True)) == {ChequeRun.State.PRINTED}
    made = {run.name: sum(document.letters for document in run.documents.all()) for run in issued}
    assert made == {run.name: run.dwellings for run in issued}
    cheques_made = Cheque.objects.filter(run__in=issued)
    assert cheques_made.filter(selector__isnull=False, letter__isnull=False).count() == cheques_made.count()


@pytest.mark.django_db
def test_nobody_is_named_who_could_not_have_told_a_name(told: Told) -> None:
    assert set(Pledge.objects.filter(fund__kind="programme").values_list("name", flat=True)) == {""}
    assert Pledge.objects.filter(fund__kind="donations").exclude(name="").exists()


@pytest.mark.django_db
def test_whoever_is_on_the_list_can_sign_in(told: Told) -> None:
    assert {row.email for row in SIGN_INS} == set(User.objects.values_list("email", flat=True))
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == len(SIGN_INS)
    for row in SIGN_INS:
        assert is_mfa_enabled(User.objects.get(email=row.email)) == (row.role != "initiator")


@pytest.mark.django_db
def test_the_other_corporation_has_a_look_and_money_of_its_own(told: Told) -> None:
    noorderwal = Organisation.objects.get(slug="noorderwal-wonen")
    assert (noorderwal.corners, noorderwal.paving, noorderwal.brand) == ("square", "water", "#0B4A5E")
    pledges = Pledge.objects.filter(campaign__rules__programme__organisation=noorderwal)
    assert set(pledges.values_list("fund__organisation", flat=True)) == {noorderwal.pk}


def english(text: str) -> set[str]:
    """English words in a text; the provider's ids (`cs_test_…`) are drawn by chance and are no text."""
    if re.fullmatch(r"[a-z]{2,4}_\w+", text):
        return set()
    return ENGLISH & set(re.findall(r"[a-z]+", text.lower()))


@pytest.mark.django_db
def test_every_text_is_dutch(told: Told) -> None:
    texts = [
        str(text)
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, CharField | TextField)
        for text in model._default_manager.values_list(field.name, flat=True)
    ]
    assert "Een gereedschapskast voor de Lavendelstraat" in texts
    assert [text for text in texts if english(text)] == []


def test_english_would_be_seen() -> None:
    assert english("A bench for the neighbours")


@pytest.mark.django_db
def test_made_a_second_time_it_says_so_and_changes_nothing(told: Told) -> None:
    before, said = figures(), io.StringIO()
    call_command("make_demo", stdout=said)
    assert said.getvalue() == "The demo is here already. Nothing was changed.\n"
    assert figures() == before


@pytest.mark.django_db
def test_a_demo_that_was_broken_off_is_not_taken_for_a_whole_one(told: Told) -> None:
    Authenticator.objects.all().delete()
    with pytest.raises(CommandError, match="broken off"):
        call_command("make_demo")
