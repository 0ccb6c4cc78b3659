"""Karin hands in the list of dwellings, also when it is a mess."""

import codecs
import random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from places.imports import MAX_BYTES
from places.models import Dwelling, DwellingImport
from tests import cast
from tests.cast import World
from tests.web.staff.street import as_
from web.staff import views_dwellings

TAKE_IN = reverse("staff_import_dwellings")
LIST = reverse("staff_dwellings")
HEADER = "straat;huisnummer;postcode;plaats;buurtcode"
GOOD = "Irisplein;12;3071 AB;Oeverdam;BU05020101"


@pytest.fixture
def here(db: None) -> World:
    return cast.world()


def hand_in(here: World, content: bytes) -> Any:
    upload = SimpleUploadedFile("adressen.csv", content, "text/csv")
    return as_(here.karin).post(TAKE_IN, {"file": upload}, follow=True)


def test_a_list_is_taken_in_and_says_how_many(here: World) -> None:
    page = hand_in(
        here, f"{HEADER}\n{GOOD}\nIrisplein;14;3071AB;Oeverdam;BU05020101\n".encode()
    ).content.decode()
    assert "De lijst is ingelezen: 2 adressen." in page
    assert (Dwelling.objects.count(), DwellingImport.objects.get().made_by) == (2, here.karin)


def test_the_same_list_twice_adds_nothing(here: World) -> None:
    content = f"{HEADER}\n{GOOD}\n".encode()
    hand_in(here, content)
    page = hand_in(here, content).content.decode()
    assert "0 zijn nieuw, 1 zijn bijgewerkt." in page
    assert Dwelling.objects.count() == 1


def test_the_example_can_be_taken_in_as_it_is(here: World) -> None:
    example = as_(here.karin).get(reverse("staff_example_list"))
    assert example.content.startswith(codecs.BOM_UTF8)
    assert "De lijst is ingelezen: 2 adressen." in hand_in(here, example.content).content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"naam;telefoon\nHenk;06", "Deze kolom kennen wij niet."),
        (b"straat;huisnummer\nIrisplein;1", "Deze kolom ontbreekt."),
        (f"{HEADER}\nIrisplein;12;30 AB;Oeverdam;BU05020101".encode(), "Dit is geen postcode."),
        (f"{HEADER}\nIrisplein;twaalf;3071 AB;Oeverdam;BU05020101".encode(), "Dit is geen huisnummer."),
        (f"{HEADER}\n{GOOD}\n{GOOD}".encode(), "Dit adres staat al op regel 2."),
        (f"{HEADER}\nIrisplein;12;3071 AB;Oeverdam;BU99999999".encode(), "Deze buurtcode kennen wij niet."),
        (
            f"{HEADER}\n{GOOD.replace('Iris', 'Françoise')}".encode("latin-1"),
            "Letters met accenten zijn beschadigd.",
        ),
        (f"{HEADER}\n{GOOD}".encode("utf-16"), "Dit is geen tekstbestand."),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "Dit is geen tekstbestand."),
        (f"{HEADER}\n=cmd();12;3071 AB;Oeverdam;BU05020101".encode(), "Een waarde mag niet beginnen met"),
        (f"{HEADER}\n".encode(), "Er staan geen adressen onder de eerste regel."),
        (
            f'{HEADER}\n"Irisplein;12;3071 AB;Oeverdam;BU05020101'.encode(),
            "een aanhalingsteken te veel of te weinig",
        ),
        (f"{HEADER}\n{GOOD};meer".encode(), "Deze regel heeft 6 cellen."),
        (f"{HEADER}\n{'x' * 101};12;3071 AB;Oeverdam;BU05020101".encode(), "Er passen hoogstens 100 tekens."),
    ],
)
def test_a_list_with_a_fault_shows_it_and_leaves_nothing_behind(
    content: bytes, words: str, here: World
) -> None:
    answer = hand_in(here, content)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Er is niets ingelezen" in page
    assert not Dwelling.objects.exists()


def test_every_fault_is_listed_with_its_line(here: World) -> None:
    lines = [f"Irisplein;{number};fout{number};Oeverdam;BU05020101" for number in range(1, 4)]
    answer = hand_in(here, "\n".join([HEADER, GOOD, *lines]).encode())
    assert [row["fault"].line for row in answer.context["faults"]] == [3, 4, 5]
    assert "er zitten 3 fouten in adressen.csv" in answer.content.decode()


def test_what_stands_in_a_list_cannot_write_the_page(here: World) -> None:
    page = hand_in(
        here, f"{HEADER}\n{GOOD.replace('3071 AB', '<script>alert(1)</script>')}".encode()
    ).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_of_very_many_faults_the_page_shows_the_first_and_says_how_many_there_are(here: World) -> None:
    lines = [GOOD.replace("3071 AB", f"fout{number}") for number in range(1_234)]
    answer = hand_in(here, "\n".join([HEADER, *lines]).encode())
    page = answer.content.decode()
    assert len(answer.context["faults"]) == page.count("Dit is geen postcode.") == 200
    assert "er zitten 1234 fouten in adressen.csv" in page
    assert "Dit zijn de eerste 200 van 1.234 fouten." in page


def test_all_faults_on_the_page_need_no_word_about_a_rest(here: World) -> None:
    """The control of the test above."""
    lines = [GOOD.replace("3071 AB", f"fout{number}") for number in range(200)]
    page = hand_in(here, "\n".join([HEADER, *lines]).encode()).content.decode()
    assert page.count("Dit is geen postcode.") == 200
    assert "Dit zijn de eerste" not in page


def test_a_wrong_byte_does_not_hide_the_faults_of_other_lines(here: World) -> None:
    lines = [GOOD.replace("3071 AB", "30"), GOOD.replace("Iris", "Café"), GOOD.replace("12", "twaalf")]
    answer = hand_in(here, "\n".join([HEADER, *lines]).encode("latin-1"))
    assert [row["fault"].line for row in answer.context["faults"]] == [2, 3, 4]
    page = answer.content.decode()
    for words in (
        "Dit is geen postcode.",
        "Letters met accenten zijn beschadigd.",
        "Dit is geen huisnummer.",
    ):
        assert words in page


NOISE = random.Random(7).randbytes(MAX_BYTES)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(NOISE, "Dit is geen tekstbestand.", id="with NULs"),
        pytest.param(NOISE.replace(b"\0", b"x"), "Letters met accenten zijn beschadigd.", id="without"),
    ],
)
def test_ten_megabytes_of_noise_are_refused_and_leave_nothing_behind(
    content: bytes, words: str, here: World
) -> None:
    answer = hand_in(here, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert len(answer.context["faults"]) <= 200
    assert not Dwelling.objects.exists()
    assert not DwellingImport.objects.exists()


@pytest.mark.parametrize(("too_many_bytes", "is_read"), [(1, False), (0, True)])
def test_a_list_that_is_too_large_is_not_read(
    too_many_bytes: int, is_read: bool, here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WasRead(Exception):
        pass

    def read(**_fields: object) -> None:
        raise WasRead

    monkeypatch.setattr(views_dwellings, "import_dwellings", read)
    content = b"x" * (MAX_BYTES + too_many_bytes)
    if is_read:
        with pytest.raises(WasRead):
            hand_in(here, content)
        return
    answer = hand_in(here, content)
    assert answer.status_code == 422
    assert "Het bestand is te groot. Het mag hoogstens 10 MB zijn." in answer.content.decode()
    assert not Dwelling.objects.exists()
    assert not DwellingImport.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"file": "no file at all"}])
def test_without_a_file_the_form_asks_for_one(fields: dict[str, str], here: World) -> None:
    answer = as_(here.karin).post(TAKE_IN, fields)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


@pytest.mark.parametrize(
    ("q", "count"),
    [
        ("irisplein", 30),
        ("irisplein 7", 1),
        ("3071 AB 12", 1),
        ("3071ab", 30),
        ("Lindelaan", 0),
        ("%", 0),
        ("9" * 30, 0),
    ],
)
def test_addresses_are_found_by_street_number_and_postcode(q: str, count: int, here: World) -> None:
    cast.dwellings(here, 30)
    answer = as_(here.karin).get(LIST, {"q": q})
    assert answer.context["page"].paginator.count == count
    if not count:
        assert "Geen adres gevonden" in answer.content.decode()


def test_a_long_list_has_pages_and_costs_no_more_queries(
    here: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_(here.karin)
    assert "Er zijn nog geen adressen" in client.get(LIST).content.decode()
    listed = cast.dwellings(here, 60)
    with django_assert_num_queries(9):
        first = client.get(LIST)
    assert len(first.context["page"]) == 25
    assert client.get(LIST, {"page": "3"}).context["page"].number == 3
    assert client.get(LIST, {"page": "niets"}).context["page"].number == 1
    assert client.get(LIST, {"buurt": "bloemenbuurt", "q": "irisplein"}).context["page"].paginator.count == 60
    Dwelling.objects.filter(pk__in=[one.pk for one in listed[10:]]).delete()
    with django_assert_num_queries(9):
        assert len(client.get(LIST).context["page"]) == 10
