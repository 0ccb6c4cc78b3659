"""Thea takes in statements, also strange ones, and finds out what unknown money is for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from common import mail
from common.models import Mail
from common.references import format_rf
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from ledger.models import Period
from payments.bank import camt053, camt053_writer
from payments.models import BankLine, BankStatement, WebhookEvent
from payments.statements import import_statement
from people.models import AccessLog, User
from programmes.models import FundingRequest
from tests import cast
from tests.cast import NOW, World
from tests.post import delivered
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
    assert (found.ledger_cents, found.statement_cents, found.difference_cents) == (100_777, 100_777, 0)
    assert BankStatement.objects.get().imported_by == here.thea


def test_mails_that_cannot_be_sent_are_shown(here: World, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for minutes in (59, 61):
        mail.send(
            key=f"news:{minutes}",
            to="fatma@example.nl",
            subject="Nieuws",
            template="mail/letter",
            context={},
            language="nl",
            now=NOW - timedelta(minutes=minutes),
        )
    delivered()
    answer = as_(here.thea).get(BANK)
    assert answer.context["stuck_since"] == [NOW - timedelta(minutes=61)]
    assert "1 mail kan niet worden verstuurd, sinds 23 november 2026" in answer.content.decode()
    Mail.objects.update(sent_at=NOW)
    assert "kan niet worden verstuurd" not in as_(here.thea).get(BANK).content.decode()


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


def test_a_refusal_stands_in_the_form_that_was_refused_and_the_list_stays_where_it_is(here: World) -> None:
    for amount_cents in (100, 200):
        street.arrive(amount_cents)
    page = take_in(here.thea, b"Dit is geen XML").content.decode()
    form = page[page.index("card-act") : page.index("</form>", page.index("card-act"))]
    assert "Dit is geen XML-bestand." in form
    # The page answers at the address of the form, where nobody can look.
    assert f'href="{BANK}?sort=closing"' in page
    assert f'action="{BANK}"' in page


def test_a_statement_that_does_not_connect_is_told_with_what_to_do(here: World) -> None:
    take_in(here.thea, small())
    (statement,) = camt053.parse(small())
    answer = take_in(
        here.thea, camt053_writer.write(replace(statement, opening_cents=5_000, closing_cents=5_777))
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "het begint met €\u00a050,00 en het vorige eindigde met €\u00a07,77." in page
    assert "Er ontbreekt een afschrift." in page
    assert books.total(code=Code.BANK) == 777


def test_a_statement_of_a_closed_year_is_taken_in(here: World) -> None:
    Period.objects.create(
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        closed_at=NOW,
        made_by=here.thea,
        approved_by=here.karin,
    )
    answer = take_in(here.thea, small())
    assert answer.status_code == 200
    assert BankStatement.objects.count() == 1


def test_a_refund_that_failed_is_shown_and_can_be_tried_again(here: World) -> None:
    client = as_(here.thea)
    assert "Terugbetalingen die niet lukten" not in client.get(BANK).content.decode()
    donation = street.failed_refund(cast.campaign(here, cast.programme(here)))
    page = client.get(BANK).content.decode()
    for words in ("Terugbetalingen die niet lukten", donation.campaign.title, "€\u00a020,00", "py_1"):
        assert words in page
    address = reverse("staff_refund_again", args=[donation.pk])
    page = client.post(address, follow=True).content.decode()
    assert "We vragen Stripe opnieuw om €\u00a020,00 terug te geven." in page
    assert "Terugbetalingen die niet lukten" not in page
    page = client.post(address, follow=True).content.decode()
    assert "Er is niets veranderd." in page
    donation.refresh_from_db()
    assert (donation.refund_id, donation.refund_status, donation.refund_tries) == (None, "", 1)


def test_a_refund_that_waits_for_the_donor_is_shown_without_a_button(here: World) -> None:
    campaign = cast.campaign(here, cast.programme(here))
    donation = street.failed_refund(campaign, status="requires_action")
    page = as_(here.thea).get(BANK).content.decode()
    assert "Terugbetalingen die niet lukten" in page
    assert reverse("staff_refund_again", args=[donation.pk]) not in page


def test_messages_of_stripe_that_could_not_be_booked_are_shown(here: World) -> None:
    WebhookEvent.objects.create(
        event_id="evt_good", kind="x", object_id="cs_1", received_at=NOW, processed_at=NOW
    )
    WebhookEvent.objects.create(
        event_id="evt_bad", kind="x", object_id="cs_2", received_at=NOW, processed_at=NOW, error="Mismatch"
    )
    WebhookEvent.objects.create(event_id="evt_stuck", kind="x", object_id="cs_3", received_at=NOW, tries=6)
    page = as_(here.thea).get(BANK).content.decode()
    assert "evt_good" not in page
    for words in (
        "Berichten van Stripe die niet zijn opgelost",
        "evt_bad",
        "Mismatch",
        "evt_stuck",
        "6 keer",
    ):
        assert words in page


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


def test_the_bank_page_says_equal_only_when_there_is_a_statement(here: World) -> None:
    page = as_(here.thea).get(BANK).content.decode()
    assert "nog geen afschrift" in page
    assert "gelijk" not in page
    take_in(here.thea, small())
    page = as_(here.thea).get(BANK).content.decode()
    assert "nog geen afschrift" not in page
    assert "gelijk" in page


def test_the_bank_page_tells_a_difference(here: World) -> None:
    take_in(here.thea, small())
    fund = ledger.fund_of(organisation=here.operator, kind=FundKind.OPERATOR, name="Eigen", now=NOW)
    bank, means = (ledger.account(fund_id=fund.pk, code=code) for code in (Code.BANK, Code.OPERATOR_MEANS))
    ledger.post(key="made up", kind="made up", moves=[ledger.Move(bank, means, 77)], now=NOW)
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


def test_that_requests_are_alike_is_said_only_above_some(here: World) -> None:
    request_of(here, 100_000)
    alike = "Deze aanvragen hebben hetzelfde bedrag of dezelfde naam."
    client = as_(here.thea)
    assert alike in client.get(reverse("staff_line", args=[street.arrive(100_000).pk])).content.decode()
    strange = reverse("staff_line", args=[street.arrive(50_000).pk])
    assert alike not in client.get(strange).content.decode()
    # Found by searching, they need not be alike.
    found = client.get(strange, {"q": "klinker"})
    assert found.context["guesses"]
    assert alike not in found.content.decode()


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
    page = client.get(reverse("staff_line", args=[line.pk])).content.decode()
    assert f"Voor Buurtcheques 2026, gevraagd onder {format_rf(request.reference)}." in page


def test_before_money_of_another_name_is_booked_a_notice_says_so(here: World) -> None:
    request = request_of(here, 100_000)
    notice = "Let op: de betaler heet anders"
    client = as_(here.thea)

    def question(payer: str) -> str:
        line = street.arrive(100_000, counterparty_name=payer)
        page: str = client.get(reverse("staff_recognise", args=[line.pk, request.pk])).content.decode()
        return page

    assert notice in question("Gemeente Oeverdam")
    assert notice not in question(here.klinker.name.upper())
    assert notice not in question("")


def test_before_a_request_gets_more_than_it_asked_a_notice_says_so(here: World) -> None:
    request = request_of(here, 100_000)
    notice = "Deze aanvraag was al helemaal binnen"
    client = as_(here.thea)
    first = street.arrive(100_000)
    url = reverse("staff_recognise", args=[first.pk, request.pk])
    assert notice not in client.get(url).content.decode()
    client.post(url)
    again = reverse("staff_recognise", args=[street.arrive(100_000).pk, request.pk])
    assert notice in client.get(again).content.decode()


def test_recognised_money_counts_for_the_programme_that_asked(here: World) -> None:
    request = request_of(here, 100_000)
    line = street.arrive(100_000)
    as_(here.thea).post(reverse("staff_recognise", args=[line.pk, request.pk]))
    programme = here.klinker.programmes.get()
    page = as_(here.karin).get(reverse("staff_programme", args=[programme.pk]))
    funding = page.context["funding"]
    assert [(one.request, one.arrived_cents, one.open_cents) for one in funding.asked] == [
        (request, 100_000, 0)
    ]
    assert (funding.arrived_cents, funding.open_cents) == (100_000, 0)


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
    advice = "Vraag uw bank wat het was. Bel daarna de beheerder van het platform."
    assert advice in client.get(reverse("staff_line", args=[line.pk])).content.decode()
    page = client.post(reverse("staff_recognise", args=[line.pk, request.pk]), follow=True).content.decode()
    assert "Deze regel was al herkend." in page


def test_a_look_at_a_statement_is_written_down(here: World) -> None:
    statement = street.arrive(777).statement
    as_(here.thea).get(reverse("staff_statement", args=[statement.pk]))
    assert AccessLog.objects.get(what=AccessLog.What.BANK_STATEMENT, number=statement.pk).user == here.thea


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
