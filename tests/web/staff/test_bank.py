"""Thea takes in statements, also strange ones, and finds out what unknown money is for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from ledger import queries as books
from ledger.chart import Code
from payments.bank import camt053, camt053_writer
from payments.models import BankLine, BankStatement
from payments.statements import import_statement
from people.models import AccessLog, User
from programmes.models import FundingRequest
from tests import cast
from tests.cast import NOW, World
from tests.web.staff import street
from tests.web.staff.street import as_

BANK = reverse("staff_bank")


@pytest.fixture
def here(db: None) -> World:
    return cast.world()


def take_in(user: User, content: bytes) -> Any:
    upload = SimpleUploadedFile("afschrift.xml", content, "application/xml")
    return as_(user).post(reverse("staff_import_statement"), {"file": upload}, follow=True)


def test_a_statement_is_taken_in_and_books_and_bank_agree(here: World) -> None:
    programme = cast.programme(here, budget_cents=100_000)
    reference = programme.fund.funding_requests.get().reference
    content = cast.statement(cast.line(100_000, structured_reference=reference), cast.line(777))
    answer = take_in(here.thea, content)
    page = answer.content.decode()
    assert "Ingelezen en geboekt: 2 regels." in page
    assert "1 regel is niet herkend." in page
    found = answer.context["reconciliation"]
    assert (found.books_cents, found.statement_cents, found.difference_cents) == (100_777, 100_777, 0)
    assert BankStatement.objects.get().imported_by == here.thea


def test_twice_the_same_statement_books_nothing_twice_and_says_so(here: World) -> None:
    content = cast.statement(cast.line(777))
    take_in(here.thea, content)
    page = take_in(here.thea, content).content.decode()
    assert "Dit afschrift was al ingelezen." in page
    assert "Er is niets dubbel geboekt." in page
    assert (BankLine.objects.count(), books.total(code=Code.BANK)) == (1, 777)


def small() -> bytes:
    return cast.statement(cast.line(777))


def changed(old: bytes, new: bytes) -> Callable[[], bytes]:
    def content() -> bytes:
        assert old in small()
        return small().replace(old, new, 1)

    return content


def other_account() -> bytes:
    (statement,) = camt053.parse(small())
    return camt053_writer.write(replace(statement, iban="NL91ABNA0417164300"))


def not_connecting() -> bytes:
    (statement,) = camt053.parse(small())
    return camt053_writer.write(replace(statement, opening_cents=5_000, closing_cents=5_777))


def with_entities() -> bytes:
    return small().replace(b"?>", b'?><!DOCTYPE x [<!ENTITY lol SYSTEM "file:///etc/passwd">]>', 1)


@pytest.mark.parametrize(
    ("content", "words", "now"),
    [
        (lambda: b"Dit is geen XML", "Dit is geen XML-bestand.", "Download het afschrift opnieuw"),
        (lambda: b"", "leeg", ""),
        (lambda: b"   \n", "Dit bestand is leeg.", "Download het afschrift opnieuw"),
        (lambda: b"PK\x03\x04 zip", "Dit is een zipbestand.", "Pak het eerst uit."),
        (lambda: b"<html><body/></html>", "Dit XML-bestand is iets anders: html.", "camt.053"),
        (lambda: small()[:-200], "het downloaden is afgebroken", "Download het afschrift opnieuw"),
        (with_entities, "eigen definities (DOCTYPE)", "Download het afschrift opnieuw"),
        (
            other_account,
            "een andere rekening: NL91\u00a0ABNA\u00a00417\u00a01643\u00a000.",
            "NL20\u00a0INGB\u00a00001\u00a02345\u00a067",
        ),
        (
            not_connecting,
            "het begint met €\u00a050,00 en het vorige eindigde met €\u00a00,00.",
            "Er ontbreekt een afschrift.",
        ),
        (changed(b">7.77<", b">7.78<"), "telt niet op", "Er is niets geboekt."),
        (
            changed(b">7.77<", b">7,77<"),
            "een bedrag dat wij niet kunnen lezen: 7,77.",
            "Er is niets geboekt.",
        ),
        (changed(b'Ccy="EUR"', b'Ccy="USD"'), "niet in euro maar in USD", "Er is niets geboekt."),
        (changed(b"<Cd>CLBD</Cd>", b"<Cd>ITBD</Cd>"), "heeft geen eindsaldo", "Er is niets geboekt."),
        (
            changed(b"<CdtDbtInd>CRDT</CdtDbtInd>", b"<CdtDbtInd>X</CdtDbtInd>"),
            "iets wat niet kan",
            "geboekt.",
        ),
    ],
)
def test_a_file_that_is_refused_is_told_with_what_to_do(
    content: Callable[[], bytes], words: str, now: str, here: World
) -> None:
    answer = take_in(here.thea, content())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert now in page
    assert not BankStatement.objects.exists()
    assert books.total(code=Code.BANK) == 0


def test_a_statement_that_says_something_else_now_is_told(here: World) -> None:
    first = small()
    take_in(here.thea, first)
    (statement,) = camt053.parse(first)
    other = camt053_writer.write(replace(statement, lines=(cast.line(700), cast.line(77))))
    page = take_in(here.thea, other).content.decode()
    assert "was al ingelezen, maar toen stond er iets anders in." in page
    assert books.total(code=Code.BANK) == 777


def test_a_file_that_is_too_large_is_not_read(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.staff.views_bank.MAX_BYTES", 10)
    page = take_in(here.thea, small()).content.decode()
    assert "Dit bestand is groter dan 25 MB." in page


def test_when_stripe_does_not_answer_nothing_is_booked(here: World, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    line = cast.line(777, remittance="STRIPE po_123456", counterparty_name="Stripe")
    answer = take_in(here.thea, cast.statement(line))
    assert answer.status_code == 503
    assert "Stripe antwoordt niet" in answer.content.decode()
    assert not BankStatement.objects.exists()


def test_the_bank_page_tells_a_difference(here: World) -> None:
    take_in(here.thea, small())
    BankStatement.objects.update(closing_cents=700)
    page = as_(here.thea).get(BANK).content.decode()
    assert "De boeken en de bank kloppen niet met elkaar" in page
    assert "verschil" in page


def request_of(here: World, amount_cents: int) -> FundingRequest:
    return cast.programme(here, budget_cents=amount_cents).fund.funding_requests.get()


def candidates(here: World, line: BankLine, q: str = "") -> list[tuple[int, bool, bool]]:
    answer = as_(here.thea).get(reverse("staff_line", args=[line.pk]), {"q": q})
    return [(one.request.pk, one.same_amount, one.same_name) for one in answer.context["guesses"]]


def test_an_unknown_receipt_offers_requests_of_the_same_amount_or_name(here: World) -> None:
    request = request_of(here, 100_000)
    assert candidates(here, street.arrive(100_000)) == [(request.pk, True, False)]
    assert candidates(here, street.arrive(50_000, counterparty_name="DE KLINKER WONEN")) == [
        (request.pk, False, True)
    ]
    assert candidates(here, street.arrive(100_000, counterparty_name="de Klinker")) == [
        (request.pk, True, True)
    ]
    assert candidates(here, street.arrive(50_000, counterparty_name="Stichting Iets Anders")) == []


def test_a_request_is_also_found_by_its_reference(here: World) -> None:
    request = request_of(here, 100_000)
    line = street.arrive(50_000)
    spaced = " ".join(request.reference[at : at + 4] for at in range(0, len(request.reference), 4))
    for q in (spaced, request.reference[4:], "buurtcheques", "klinker"):
        assert [pk for pk, *_ in candidates(here, line, q)] == [request.pk]
    assert candidates(here, line, "niets") == []


def test_a_recognised_line_is_booked_once_after_a_question(here: World) -> None:
    request = request_of(here, 100_000)
    line = street.arrive(100_000, counterparty_name="De Klinker")
    client = as_(here.thea)
    url = reverse("staff_recognise", args=[line.pk, request.pk])
    question = client.get(url).content.decode()
    assert "€\u00a01.000,00 boeken voor Buurtcheques 2026?" in question
    assert "Ja, boek €\u00a01.000,00 hier" in question
    assert (
        "Herkend: €\u00a01.000,00 is voor Buurtcheques 2026."
        in client.post(url, follow=True).content.decode()
    )
    assert "Deze regel was al herkend." in client.post(url, follow=True).content.decode()
    assert books.total(code=Code.BUDGET, fund_ids=[request.fund_id]) == 100_000
    assert books.total(code=Code.UNIDENTIFIED) == 0
    line.refresh_from_db()
    assert line.recognised_by == here.thea


def test_recognised_money_counts_for_the_programme_that_asked(here: World) -> None:
    request = request_of(here, 100_000)
    line = street.arrive(100_000)
    as_(here.thea).post(reverse("staff_recognise", args=[line.pk, request.pk]))
    programme = here.klinker.programmes.get()
    page = as_(here.karin).get(reverse("staff_programme", args=[programme.pk]))
    funding = page.context["funding"]
    assert (funding.arrived_cents, funding.without_reference_cents, funding.open_cents) == (
        100_000,
        100_000,
        0,
    )
    assert "Zonder kenmerk, later herkend" in page.content.decode()


def test_what_left_unexplained_offers_no_request(here: World) -> None:
    request = request_of(here, 500)
    street.arrive(1_000)
    content = cast.statement(cast.line(500, credit=False, remittance="kosten"))
    line = import_statement(content=content, by=None, now=NOW)[0].statement.lines.get()
    assert candidates(here, line) == []
    client = as_(here.thea)
    assert (
        "Wij weten niet wat hier is betaald"
        in client.get(reverse("staff_line", args=[line.pk])).content.decode()
    )
    page = client.post(reverse("staff_recognise", args=[line.pk, request.pk]), follow=True).content.decode()
    assert "Deze regel was al herkend." in page


def test_a_look_at_a_statement_is_written_down(here: World) -> None:
    statement = street.arrive(777).statement
    as_(here.thea).get(reverse("staff_statement", args=[statement.pk]))
    assert AccessLog.objects.get(what=f"bank statement {statement.pk}").user == here.thea


def test_open_lines_are_found_by_word_and_cost_no_more_queries(
    here: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_(here.thea)
    url = reverse("staff_lines")
    assert "Elke regel is herkend" in client.get(url).content.decode()
    street.arrive(100, counterparty_name="Winkel 0")
    with django_assert_num_queries(6):
        client.get(url)
    for number in (1, 2):
        street.arrive(100 + number, counterparty_name=f"Winkel {number}")
    with django_assert_num_queries(6):
        assert client.get(url).context["page"].paginator.count == 3
    assert client.get(url, {"q": "winkel 2"}).context["page"].paginator.count == 1
    assert "Geen regel gevonden" in client.get(url, {"q": "niets"}).content.decode()
