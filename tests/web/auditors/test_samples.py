"""Drawing a sample on the auditor's page. The books are read on another connection, so the data is committed."""

import csv
import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from books.models import Export
from ledger import operations as ledger
from ledger import population
from ledger.chart import Code
from people.models import AccessLog
from tests.ledger.small_books import book
from tests.web.auditors.conftest import Desk
from tests.web.auditors.test_balance import text
from tests.web.auditors.test_downloads import body
from tests.web.signing_in import signed_in

PAGE = "/controle/steekproef/"
ASKED = {
    "fund": "",
    "since": "2026-01-01",
    "until": "2026-12-31",
    "flow": "all",
    "method": "monetary",
    "size": "5",
    "seed": "1",
}


@pytest.fixture
def desk(committed_desk: Desk) -> Desk:
    return committed_desk


def drawn(response: Any) -> list[int]:
    return [row.transfer_id for _hit, row, _url in response.context["rows"]]


def test_before_anything_is_asked_there_is_a_form_with_the_seed_still_to_choose(mees: Client) -> None:
    page = mees.get(PAGE)
    assert 'name="seed"' in page.content.decode()
    assert 'value="25"' in page.content.decode()
    assert "Wat getrokken is" not in text(page)
    assert not AccessLog.objects.filter(what=AccessLog.What.SAMPLE).exists()


def test_a_sample_tells_all_that_is_needed_to_draw_it_again(mees: Client, desk: Desk) -> None:
    response = mees.get(PAGE, ASKED)
    page = text(response)
    for words in (
        "Overboekingen in de populatie",
        "Totaal van de populatie",
        "Interval",
        "Start",
        "Startgetal",
    ):
        assert words in page
    own = desk.road.programme.fund_id
    assert {row.fund_id for _hit, row, _url in response.context["rows"]} == {own}
    (look,) = AccessLog.objects.filter(what=AccessLog.What.SAMPLE)
    assert look.about == ASKED | {"size": 5}
    assert "Steekproef: 5 van Alle overboekingen (Per euro (MUS)), startgetal “1”, Alle fondsen" in text(
        mees.get("/controle/inzage/")
    )


def test_each_transfer_leads_to_its_entry_and_to_the_trail_of_its_evidence(mees: Client, desk: Desk) -> None:
    page = mees.get(PAGE, ASKED | {"size": "100"}).content.decode()
    assert f'href="/controle/volg/uitbetaling/{desk.road.payout.pk}/"' in page
    assert f'href="/controle/volg/bon/{desk.road.receipt.pk}/"' in page
    assert 'href="/controle/boeking/' in page


def test_its_address_gives_the_same_sample_after_more_was_booked(mees: Client, desk: Desk) -> None:
    first = mees.get(PAGE, ASKED)
    fund_id = desk.road.programme.fund_id
    bank, budget = (ledger.account(fund_id=fund_id, code=code) for code in (Code.BANK, Code.BUDGET))
    for number in range(5):
        book(f"later {number}", (bank, budget, 900_00))
    assert drawn(mees.get(f"{PAGE}?{first.context['query']}")) == drawn(first)
    assert drawn(mees.get(PAGE, ASKED)) != drawn(first)


def test_while_something_large_is_booked_nothing_is_drawn_and_the_page_says_when_to_come_back(
    mees: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_settled(**_asked: object) -> int:
        raise population.NotSettled

    monkeypatch.setattr(population, "final", not_settled)
    for response in (
        mees.get(PAGE, ASKED),
        mees.get(f"{PAGE}steekproef.csv", ASKED, follow=True),
        mees.post(f"{PAGE}dossier/", ASKED, follow=True),
    ):
        assert response.status_code == 503
        assert "Trek de steekproef over een minuut opnieuw" in text(response)
        assert 'value="1"' in response.content.decode()
    assert not AccessLog.objects.filter(what__startswith="sample").exists()
    assert not Export.objects.exists()


def test_what_is_wrong_stands_at_its_field_and_nothing_is_drawn(mees: Client, desk: Desk) -> None:
    wrong = {
        "size": ["0", "-3", "1001", "2,5", "", "9" * 30],
        "seed": ["", "   ", "x" * 101, "\0"],
        "until": ["2025-01-01", "gisteren", ""],
        "flow": ["", "houses"],
        "method": ["dice"],
        "fund": [str(desk.road.grant.fund_id), "x"],
    }
    for field, values in wrong.items():
        for value in values:
            response = mees.get(PAGE, ASKED | {field: value})
            assert response.status_code == 200
            assert response.context["form"].errors.keys() == {field}, value
            assert "drawn" not in response.context
            assert mees.get(f"{PAGE}steekproef.csv", ASKED | {field: value}).status_code == 302
    assert "Vul een getal in van 1 tot en met 1.000." in text(mees.get(PAGE, ASKED | {"size": "0"}))
    assert mees.get(PAGE, ASKED | {"up_to": "0"}).status_code == 404
    assert not AccessLog.objects.filter(what=AccessLog.What.SAMPLE).exists()


def test_more_than_there_is_gives_all_and_says_so(mees: Client) -> None:
    page = text(mees.get(PAGE, ASKED | {"flow": "gifts", "method": "random", "size": "25"}))
    assert "U vroeg er 25. Er zijn er 4, dus hier staan ze alle." in page


def test_an_empty_period_is_told_kindly(mees: Client) -> None:
    page = text(mees.get(PAGE, ASKED | {"since": "2019-01-01", "until": "2019-12-31"}))
    assert "Er is niets om uit te trekken" in page


def test_a_large_seed_and_a_seed_in_words_are_seeds_too(mees: Client) -> None:
    for seed in ("9" * 100, "Jaarrekening 2026", "=1+1"):
        assert mees.get(PAGE, ASKED | {"seed": seed}).context["drawn"].hits


def test_the_file_has_the_question_on_top_and_holds_no_formula(mees: Client, desk: Desk) -> None:
    shown = mees.get(PAGE, ASKED)
    response = mees.get(f"{PAGE}steekproef.csv?{shown.context['query']}")
    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    told = dict(line for line in lines[: lines.index([])])
    assert told["Startgetal"] == "1"
    assert int(told["Overboekingen in de populatie"]) == shown.context["drawn"].count
    table = lines[lines.index([]) + 1 :]
    assert [int(line[1]) for line in table[1:]] == drawn(shown)
    assert AccessLog.objects.filter(what=AccessLog.What.SAMPLE_FILE).count() == 1
    formula = mees.get(f"{PAGE}steekproef.csv", ASKED | {"seed": "=1+1"}).content.decode()
    assert ";'=1+1" in formula


def test_every_auditor_draws_from_what_is_theirs(otto: Client, olga: Client, desk: Desk) -> None:
    assert [row.amount_cents for _hit, row, _url in otto.get(PAGE, ASKED).context["rows"]] == [12_300]
    funds = {row.fund_id for _h, row, _u in olga.get(PAGE, ASKED | {"size": "1000"}).context["rows"]}
    assert {desk.road.grant.fund_id, desk.road.programme.fund_id} < funds


def test_who_is_no_auditor_does_not_find_it(desk: Desk) -> None:
    karin = signed_in(Client(), desk.road.here.karin)
    assert karin.get(PAGE, ASKED).status_code == 404
    assert karin.get(f"{PAGE}steekproef.csv", ASKED).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_sample(mees: Client) -> None:
    def count(size: int) -> int:
        with (
            CaptureQueriesContext(connections["default"]) as own,
            CaptureQueriesContext(connections["reader"]) as read,
        ):
            assert (
                len(mees.get(PAGE, ASKED | {"size": str(size), "method": "random"}).context["rows"]) == size
            )
        return len(own) + len(read)

    assert count(1) == count(12) <= 20


def test_a_long_sample_comes_a_page_at_a_time(mees: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.auditors.views_samples.ROWS_AT_ONCE", 3)
    first = mees.get(PAGE, ASKED | {"method": "random"})
    second = mees.get(PAGE, ASKED | {"method": "random", "page": "2"})
    assert (len(drawn(first)), len(drawn(second))) == (3, 2)
    assert len(first.context["drawn"].hits) == 5


# Its evidence pack.


def test_a_pack_of_the_sample_on_the_page_is_asked_for_and_made(mees: Client, worker: None) -> None:
    shown = mees.get(PAGE, ASKED)
    answer = mees.post(f"{PAGE}dossier/", shown.context["fields"], follow=True)
    assert answer.redirect_chain == [("/controle/bestanden/", 302)]
    assert "Bewijsdossier (ZIP), steekproef van 5, startgetal “1”" in text(answer)
    (export,) = Export.objects.all()
    assert export.state == Export.State.READY
    with ZipFile(io.BytesIO(body(mees.get(f"/controle/bestanden/{export.pk}/")))) as zipped:
        sample = json.loads(zipped.read("sample.json"))
    assert [hit["transfer_id"] for hit in sample["hits"]] == drawn(shown)
    assert "Bewijsdossier (ZIP) van een steekproef van 5, startgetal “1”" in text(
        mees.get("/controle/inzage/")
    )


def test_a_pack_is_for_who_asked_for_it_alone(mees: Client, otto: Client, olga: Client, worker: None) -> None:
    mees.post(f"{PAGE}dossier/", mees.get(PAGE, ASKED).context["fields"])
    export = Export.objects.get()
    for other in (otto, olga):
        assert other.get(f"/controle/bestanden/{export.pk}/").status_code == 404


def test_who_is_no_auditor_cannot_ask_for_a_pack(desk: Desk) -> None:
    karin = signed_in(Client(), desk.road.here.karin)
    assert karin.post(f"{PAGE}dossier/", ASKED).status_code == 404
    assert not Export.objects.exists()


def test_of_an_empty_sample_or_a_bad_question_no_pack_is_made_and_the_page_says_why(
    mees: Client, desk: Desk
) -> None:
    empty = ASKED | {"since": "2019-01-01", "until": "2019-12-31"}
    assert "Er is niets om uit te trekken" in text(mees.post(f"{PAGE}dossier/", empty, follow=True))
    foreign = ASKED | {"fund": str(desk.road.grant.fund_id)}
    back = mees.post(f"{PAGE}dossier/", foreign, follow=True)
    assert back.context["form"].errors.keys() == {"fund"}
    assert not Export.objects.exists()


def test_a_fourth_pack_at_once_waits_and_the_page_says_so(mees: Client) -> None:
    for _ in range(3):
        mees.post(f"{PAGE}dossier/", ASKED)
    assert "Er worden al drie bestanden" in text(mees.post(f"{PAGE}dossier/", ASKED, follow=True))
    assert Export.objects.count() == 3
