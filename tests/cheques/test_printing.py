"""Letters of a run: codes, hashes and file of a document come together or not at all."""

import re
from collections.abc import Iterator
from functools import partial

import pypdfium2
import pytest
import zxingcpp
from django.conf import settings as site
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from cheques import codes, letters, opening, printing, tasks
from cheques import operations as cheques
from cheques.models import Cheque, ChequeRun, LetterDocument
from common import files
from common.models import StoredFile
from people.models import Organisation
from tests import cast
from tests.cast import NOW
from tests.crowd import at_once


def street(count: int) -> ChequeRun:
    """The Irisplein has so many cheques, and no letters yet."""
    here = cast.world()
    cast.dwellings(here, count)
    return cast.issued(here, cast.funded(here))


def pages(document: LetterDocument) -> list[pypdfium2.PdfPage]:
    assert document.file is not None
    return list(pypdfium2.PdfDocument(files.read(document.file)))


def made(run: ChequeRun) -> LetterDocument:
    document = printing.make_document(run_id=run.pk, now=NOW)
    assert document is not None
    return document


@pytest.mark.django_db
def test_each_letter_has_the_codes_of_the_cheque_of_the_dwelling_it_goes_to() -> None:
    run = street(3)
    document = made(run)
    assert (document.number, document.letters, document.cheques.count()) == (1, 3, 3)
    assert printing.make_document(run_id=run.pk, now=NOW) is None
    run.refresh_from_db()
    assert run.state == ChequeRun.State.PRINTED

    for number, page in enumerate(pages(document), start=1):
        (code,) = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
        address, _, fragment = code.text.partition("#")
        assert address == f"{site.SITE_URL}/c"
        scanned = opening.cheque_of_token(fragment)
        words = " ".join(page.get_textpage().get_text_range().split())
        found = re.search(r"\b(?:[0-9A-Z]{4} ){3}[0-9A-Z]{4}\b", words)
        assert found is not None
        assert opening.cheque_of_code(found.group(), address_block="192.0.2.0/24", now=NOW) == scanned
        assert scanned.dwelling is not None
        assert (scanned.dwelling.house_number, f"Irisplein {number} " in words) == (number, True)
        assert cheques.activate(cheque_id=scanned.pk, now=NOW).cheque.pk == scanned.pk


@pytest.mark.django_db
def test_a_hundred_and_one_cheques_are_two_documents_in_order_of_address() -> None:
    run = street(101)
    first, second = made(run), made(run)
    assert printing.make_document(run_id=run.pk, now=NOW) is None
    assert [(one.number, one.letters, len(pages(one))) for one in (first, second)] == [
        (1, 100, 100),
        (2, 1, 1),
    ]
    (last,) = second.cheques.select_related("dwelling")
    assert last.dwelling is not None
    assert last.dwelling.house_number == 101
    run.refresh_from_db()
    assert run.state == ChequeRun.State.PRINTED
    selectors = set(run.cheques.values_list("selector", flat=True))
    assert (len(selectors), None in selectors) == (101, False)


@pytest.mark.django_db
def test_broken_off_half_way_there_are_neither_codes_nor_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    run = street(3)

    def power_cut(*_args: object, **_named: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        # The letters are set and the file is stored: the last step fails.
        broken.setattr(type(Cheque.objects), "bulk_update", power_cut)
        with pytest.raises(SystemExit):
            printing.make_document(run_id=run.pk, now=NOW)
    assert not LetterDocument.objects.exists()
    assert not StoredFile.objects.exists()
    assert not run.cheques.exclude(selector=None, token_digest=None, letter=None).exists()
    run.refresh_from_db()
    assert run.state == ChequeRun.State.ISSUED
    assert made(run).letters == 3


@pytest.mark.django_db
def test_a_selector_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = street(3)
    one, two, three = run.cheques.order_by("dwelling__house_number")
    Cheque.objects.filter(pk=one.pk).update(selector="000000", state=Cheque.State.VOIDED)
    # Chance gives the taken one, then twice the same, and then two that are free.
    chance = iter([bytes(100), bytes([1] * 100), bytes([1] * 100), bytes([2] * 100)])
    drawn = partial(codes.draw, token_bytes=lambda count: _part(chance, count))
    monkeypatch.setattr(codes, "draw", drawn)
    document = made(run)
    assert list(document.cheques.order_by("dwelling__house_number").values_list("pk", "selector")) == [
        (two.pk, "111111"),
        (three.pk, "222222"),
    ]


def _part(chance: Iterator[bytes], count: int) -> bytes:
    """A draw asks for symbols and then for a salt, which may be anything."""
    return bytes(count) if count == codes.SALT_BYTES else next(chance)[:count]


@pytest.mark.django_db
def test_a_cheque_that_is_no_longer_waiting_gets_no_letter() -> None:
    run = street(3)
    used, revoked, good = run.cheques.order_by("pk")
    cheques.activate(cheque_id=used.pk, now=NOW)
    Cheque.objects.filter(pk=revoked.pk).update(state=Cheque.State.VOIDED)
    assert list(made(run).cheques.all()) == [good]


@pytest.mark.django_db
def test_the_letter_says_what_it_is_worth_and_until_when() -> None:
    (page,) = pages(made(street(1)))
    words = " ".join(page.get_textpage().get_text_range().split()).replace("\N{NO-BREAK SPACE}", " ")
    for said in ("Woonstichting De Klinker", "€ 7,50", "31 december 2026", "30 juni 2027", "Irisplein 1"):
        assert said in words


@pytest.mark.django_db
def test_the_letter_sends_people_to_the_host_by_its_own_helpline_desk_and_host_name() -> None:
    run = street(1)
    Organisation.objects.filter(slug="de-klinker").update(host_name="klinker.example")
    (page,) = pages(made(run))
    (code,) = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
    assert code.text.startswith("https://klinker.example/c#")
    words = " ".join(page.get_textpage().get_text_range().split())
    assert "Of ga naar klinker.example/c en typ uw code." in words
    assert "Bel 0800 000 00 20. Of kom met deze brief langs bij buurthuis De Spil, Tulpstraat 2." in words


@pytest.mark.django_db
def test_the_longest_helpline_and_desk_fit_a_letter() -> None:
    run = street(1)
    organisation = Organisation.objects.get(slug="de-klinker")
    organisation.helpline = "0800 000 00 20 (werkdag)"
    organisation.desk = "wijkcentrum De Nieuwe Oosterkade, Burgemeester Jansenlaan 12"
    assert (len(organisation.helpline), len(organisation.desk)) == (24, 60)
    organisation.full_clean()
    organisation.save()
    assert len(pages(made(run))) == 1


def test_two_workers_on_one_run_make_each_letter_once(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_LETTERS", 2)
    run = street(5)
    outcomes = at_once(*[lambda: tasks.make_letters(run.pk)] * 2)
    assert outcomes == [None, None]
    documents = list(run.documents.all())
    assert [(one.number, one.letters) for one in documents] == [(1, 2), (2, 2), (3, 1)]
    assert run.cheques.filter(letter__in=documents).count() == 5
    run.refresh_from_db()
    assert run.state == ChequeRun.State.PRINTED


def test_who_finds_a_run_taken_does_not_wait_for_it(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_LETTERS", 2)
    run = street(3)

    def another() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        tasks.make_letters(run.pk)

    with transaction.atomic():
        made(run)
        assert at_once(another) == [None]
    # Now it is free; the document that was made stays, and the rest is made.
    assert at_once(another) == [None]
    assert list(run.documents.values_list("number", "letters")) == [(1, 2), (2, 1)]
    run.refresh_from_db()
    assert run.state == ChequeRun.State.PRINTED


def test_letters_that_were_left_undone_are_made_by_the_sweep(
    own_database: str, worker: None, settings: Settings
) -> None:
    run = street(2)
    tasks.sweep()
    run.refresh_from_db()
    assert (run.state, run.documents.count()) == (ChequeRun.State.PRINTED, 1)
    tasks.sweep()
    assert run.documents.count() == 1
