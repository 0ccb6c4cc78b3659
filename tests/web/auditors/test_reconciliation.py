"""The page that puts the books beside the bank and Stripe, and explains the difference."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from books.bank_differences import bank_explained
from books.differences import Line, Reason
from books.tasks import ask_stripe
from config.celery import app
from ledger import operations as ledger
from ledger.chart import Code, FundKind
from payments import gateway
from people.models import AccessLog, Organisation, Role
from tests import cast
from tests.books.road import travelled
from tests.cast import NOW
from tests.standin import Stripe
from tests.web.auditors.conftest import Desk
from tests.web.auditors.test_balance import text
from tests.web.clock import Clock
from tests.web.signing_in import signed_in
from web.auditors import views_reconciliation

BALANCE = "/controle/"
PAGE = "/controle/afstemming/"
FILE = "/controle/afstemming/afstemming.csv"


@pytest.fixture(autouse=True)
def nothing_kept(stripe_is_away: None, worker: None) -> None:
    """The worker asks Stripe as soon as it is told to."""
    cache.clear()


def made_up(organisation: Organisation, cents: int, *, code: Code = Code.BANK, key: str = "made up") -> int:
    """An entry that nobody outside knows of."""
    fund = ledger.fund_of(organisation=organisation, kind=FundKind.OPERATOR, name="Eigen", now=NOW)
    account, means = (ledger.account(fund_id=fund.pk, code=one) for one in (code, Code.OPERATOR_MEANS))
    moves = [ledger.Move(account, means, cents)]
    return ledger.post(key=key, kind="=made up", moves=moves, now=NOW).entry_id


@pytest.mark.django_db
def test_right_books_say_that_nothing_is_open_at_the_bank_nor_at_stripe(
    client: Client, stripe: Stripe
) -> None:
    road = travelled()
    page = text(signed_in(client, road.here.mees).get(PAGE))
    assert page.count("Niets open: € 0,00") == 2
    assert "verklaart" not in page
    assert page.count("Verschil € 0,00") == 2


@pytest.mark.django_db
def test_nobody_waits_for_stripe_at_a_page(
    client: Client, stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page is there before Stripe was asked; after that what was told is shown while it is asked again."""
    mees = signed_in(client, travelled().here.mees)
    clock = Clock(monkeypatch)
    app.conf.task_always_eager = False
    with no_call_to_stripe():
        page = text(mees.get(PAGE))
        assert "Stripe wordt gevraagd" in page
        assert "Verschil onbekend" in page
        assert "Stripe antwoordt niet" not in page
        assert "wordt gevraagd Grootboek 1100 0,00 Saldo bij Stripe onbekend" in text(mees.get(BALANCE))
        clock.advance(timedelta(seconds=61))  # and nobody is there to ask
        page = text(mees.get(PAGE))
        assert ("Stripe kon niet worden gevraagd" in page, "Stripe wordt gevraagd" in page) == (True, False)
        assert "niet gevraagd Grootboek 1100 0,00 Saldo bij Stripe" in text(mees.get(BALANCE))
    ask_stripe()
    clock.advance(timedelta(minutes=5))
    with no_call_to_stripe():
        assert text(mees.get(PAGE)).count("Niets open: € 0,00") == 2
        assert "Stripe, alle organisaties samen gelijk" in text(mees.get(BALANCE))


@contextmanager
def no_call_to_stripe() -> Iterator[None]:
    with patch.object(gateway, "balance_cents", side_effect=AssertionError("Stripe was asked")):
        yield


def test_where_stripe_is_away_the_page_says_so_and_claims_nothing(mees: Client) -> None:
    page = text(mees.get(PAGE))
    assert "Stripe antwoordt niet" in page
    assert "Verschil onbekend" in page


def test_the_auditor_of_the_operator_sees_each_line_with_its_entry(olga: Client, desk: Desk) -> None:
    entry_id = made_up(desk.road.here.operator, 700)
    response = olga.get(PAGE)
    # The fund of Noorderwal was filled by an entry that no bank knows of.
    assert "Verschil € 130,00" in text(response)
    assert "Alle regels samen 130,00" in text(response)
    assert [row.line.cents for row in response.context["bank"].page] == [12_300, 700]
    assert f'href="/controle/boeking/{entry_id}/"' in response.content.decode()


def test_an_auditor_of_a_host_sees_own_lines_and_the_total_of_the_others(
    mees: Client, otto: Client, desk: Desk
) -> None:
    made_up(desk.road.here.operator, 700)
    response = otto.get(PAGE)
    page = text(response)
    assert "Grootboek 1000, uw eigen fondsen 123,00" in page
    assert "1 regel van een andere organisatie: € 7,00" in page
    assert [row.line.cents for row in response.context["bank"].page] == [12_300]
    response = mees.get(PAGE)
    assert "2 regels van andere organisaties: samen € 130,00" in text(response)
    assert "Noorderwal" not in text(response)
    assert "=made up" not in text(response)
    assert list(response.context["bank"].page) == []


@pytest.mark.django_db
def test_what_is_on_its_way_for_all_is_told_to_the_auditor_of_a_host_as_a_total(
    client: Client, stripe: Stripe
) -> None:
    here = cast.world()
    stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
    stripe.control("payouts")
    page = text(signed_in(client, here.mees).get(PAGE))
    assert "Onderweg naar de bank 1 regel van een andere organisatie: € 19,65" in page


def test_a_line_without_a_day_shows_none(olga: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(Reason.KEPT_BALANCE, cents=700)
    found = replace(bank_explained(), ledger_cents={}, stated_cents=-700, lines=(line,))
    monkeypatch.setattr(views_reconciliation, "bank_explained", lambda: found)
    assert '<td class="figures" data-label="Datum"></td>' in olga.get(PAGE).content.decode()


def test_lines_are_sought_and_leafed_through(olga: Client, desk: Desk) -> None:
    entries = [
        made_up(desk.road.here.operator, 100 + number, key=f"made up {number}") for number in range(30)
    ]
    response = olga.get(PAGE)
    assert (len(response.context["bank"].page), "bank-page=2" in response.content.decode()) == (25, True)
    assert len(olga.get(PAGE, {"bank-page": "2"}).context["bank"].page) == 6
    found = olga.get(PAGE, {"q": str(entries[-1])})
    assert [row.line.entry_id for row in found.context["bank"].page] == [entries[-1]]
    assert "Alle regels samen" not in text(found)
    nothing = text(olga.get(PAGE, {"q": "nergens"}))
    assert "Probeer een ander woord" in nothing
    assert "Niets open" not in nothing


def test_every_look_is_written_down(mees: Client) -> None:
    mees.get(PAGE)
    mees.get(FILE)
    kinds = AccessLog.objects.order_by("pk").values_list("what", flat=True)
    assert list(kinds) == ["reconciliation", "reconciliation file"]
    log = text(mees.get("/controle/inzage/"))
    assert "Afstemming met de bank en Stripe" in log
    assert "Afstemming als bestand" in log


def test_the_file_holds_the_lines_and_no_formula(olga: Client, otto: Client, desk: Desk) -> None:
    entry_id = made_up(desk.road.here.operator, 700)
    rows = list(csv.reader(io.StringIO(olga.get(FILE).content.decode("utf-8-sig")), delimiter=";"))
    (ours,) = [row for row in rows if row[3] == str(entry_id)]
    assert ours[0] == "Bank"
    assert (ours[4], ours[7:]) == ("'=made up", ["7,00", "", "7,00"])
    assert ["Bank", "Verschil", *[""] * 7, "130,00"] in rows
    theirs = otto.get(FILE).content.decode()
    assert str(entry_id) not in [row.split(";")[3] for row in theirs.splitlines()]
    assert "1 regel van andere organisaties" in theirs or "1 regel van een andere organisatie" in theirs


def test_the_number_of_queries_does_not_grow_with_the_lines(olga: Client, desk: Desk) -> None:
    counts = []
    for number in range(2):
        for one in range(1 + 9 * number):
            made_up(desk.road.here.operator, 100, key=f"{number} {one}")
        olga.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            olga.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 9


@pytest.mark.django_db
def test_who_is_no_auditor_finds_nothing(client: Client) -> None:
    here = cast.world()
    for user in (here.karin, here.thea, cast.person("Sanne", here.klinker, Role.SPONSOR)):
        signed_in(client, user)
        assert (client.get(PAGE).status_code, client.get(FILE).status_code) == (404, 404)
