"""Karin prepares a run, Youssef issues it, and the letters are made."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from cheques import printing
from cheques.models import Cheque, ChequeRun
from common import files
from people.models import AccessLog, Organisation, Role, User
from places.models import Dwelling
from programmes.models import Programme
from tests import cast
from tests.cast import NOW, World
from tests.web.staff import street
from tests.web.staff.street import Street, as_

NEW = reverse("staff_new_run")
PREPARE = reverse("staff_prepare_run")


def told(here: World, made: Programme, **other: Any) -> dict[str, Any]:
    return {
        "programme": made.pk,
        "name": "Uitgifte december",
        "neighbourhoods": [here.bloemenbuurt.pk],
        "last_day": "2027-01-31",
        **other,
    }


@pytest.fixture
def world(db: None) -> World:
    return cast.world()


@pytest.fixture
def programme(world: World) -> Programme:
    cast.dwellings(world, 10)
    return cast.funded(world, budget_cents=10_000)


def test_a_look_beforehand_tells_number_cost_and_what_is_left_and_keeps_nothing(
    world: World, programme: Programme
) -> None:
    answer = as_(world.karin).get(NEW, told(world, programme))
    assert (answer.context["count"], answer.context["cost_cents"], answer.context["left_cents"]) == (
        10,
        7_500,
        2_500,
    )
    assert "Zet 10 cheques klaar" in answer.content.decode()
    assert not ChequeRun.objects.exists()


def test_from_the_look_one_can_go_back_to_the_form_with_all_that_was_typed(
    world: World, programme: Programme
) -> None:
    client = as_(world.karin)
    back = client.get(NEW, told(world, programme)).context["back"]
    page = client.get(f"{NEW}{back}").content.decode()
    assert 'value="Uitgifte december"' in page
    assert 'value="2027-01-31"' in page


def test_a_run_is_prepared_once_also_when_the_form_is_sent_twice(world: World, programme: Programme) -> None:
    client = as_(world.karin)
    first = client.post(PREPARE, told(world, programme))
    second = client.post(PREPARE, told(world, programme))
    run = ChequeRun.objects.get()
    assert first["Location"] == second["Location"] == reverse("staff_run", args=[run.pk])
    assert (run.dwellings, run.total_cents, run.state) == (10, 7_500, ChequeRun.State.PREPARED)


def test_a_name_that_is_taken_is_told_at_the_look_and_refused_when_sent(
    world: World, programme: Programme
) -> None:
    street.prepared(world, programme)
    client = as_(world.youssef)
    for answer in (client.get(NEW, told(world, programme)), client.post(PREPARE, told(world, programme))):
        assert answer.status_code == 422
        assert "Er is al een uitgifte met deze naam." in str(answer.context["form"].errors["name"])
    assert ChequeRun.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": ""}, "name", "Vul dit in."),
        ({"neighbourhoods": []}, "neighbourhoods", "Vul dit in."),
        ({"neighbourhoods": ["999999"]}, "neighbourhoods", "keuze"),
        ({"last_day": "2026-11-22"}, "last_day", "Deze dag is voorbij."),
        ({"last_day": "2028-01-01"}, "last_day", "De regeling eindigt op 30 juni 2027."),
        ({"last_day": "morgen"}, "last_day", "datum"),
        ({"programme": "999999"}, "programme", "keuze"),
    ],
)
def test_a_wrong_run_is_told_at_the_look_and_refused_when_sent(
    wrong: dict[str, Any], field: str, words: str, world: World, programme: Programme
) -> None:
    client = as_(world.karin)
    for answer in (
        client.get(NEW, told(world, programme, **wrong)),
        client.post(PREPARE, told(world, programme, **wrong)),
    ):
        assert answer.status_code == 422
        assert words in str(answer.context["form"].errors[field])
    assert not ChequeRun.objects.exists()


def test_another_hosts_programme_cannot_be_used(world: World, programme: Programme) -> None:
    other = Organisation.objects.create(kind="corporation", name="Noorderwal", slug="noorderwal")
    nora = cast.person("Nora", other, Role.STAFF)
    assert as_(nora).post(PREPARE, told(world, programme)).status_code == 422
    assert not ChequeRun.objects.exists()


def post(user: User, name: str, run: ChequeRun) -> tuple[Client, str]:
    client = as_(user)
    return client, client.post(reverse(name, args=[run.pk]), follow=True).content.decode()


def test_a_colleague_issues_it_and_the_letters_are_set_to_work(
    world: World,
    programme: Programme,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    run = street.prepared(world, programme)
    question = as_(world.youssef).get(reverse("staff_issue_run", args=[run.pk])).content.decode()
    assert "€\u00a075,00 uitgeven voor Uitgifte december?" in question
    assert "Ja, geef €\u00a075,00 uit" in question
    assert "Gemaakt door Karin" in question
    with django_capture_on_commit_callbacks() as callbacks:
        _client, page = post(world.youssef, "staff_issue_run", run)
    assert len(callbacks) == 1
    assert "Uitgegeven: 10 cheques, samen €\u00a075,00." in page
    assert "0 van 10 brieven zijn gemaakt." in page
    assert run.cheques.count() == 10


def test_who_made_a_run_sees_a_lock_and_cannot_issue_it(world: World, programme: Programme) -> None:
    run = street.prepared(world, programme)
    question = as_(world.karin).get(reverse("staff_issue_run", args=[run.pk])).content.decode()
    assert "U hebt dit zelf gemaakt. Daarom moet een collega beslissen." in question
    assert "Ja, geef" not in question
    _client, page = post(world.karin, "staff_issue_run", run)
    assert "U hebt deze uitgifte zelf gemaakt." in page
    assert not Cheque.objects.exists()


def test_a_run_over_budget_tells_both_amounts(world: World, programme: Programme) -> None:
    cast.issued(world, programme)
    run = street.prepared(world, programme)
    question = as_(world.youssef).get(reverse("staff_issue_run", args=[run.pk])).content.decode()
    assert "Er is nu te weinig budget: €\u00a025,00. De uitgifte kost €\u00a075,00" in question
    assert "Ja, geef" not in question
    _client, page = post(world.youssef, "staff_issue_run", run)
    assert "Er is te weinig budget: de uitgifte kost €\u00a075,00 en er is €\u00a025,00." in page
    assert not run.cheques.exists()


def test_a_run_whose_letters_would_tell_nobody_where_to_ask_says_whom_to_ask_now(
    world: World, programme: Programme
) -> None:
    run = street.prepared(world, programme)
    Organisation.objects.filter(pk=world.klinker.pk).update(helpline="", desk="")
    told = "Op de brief staat nog niet waar bewoners hulp krijgen"
    question = as_(world.youssef).get(reverse("staff_issue_run", args=[run.pk])).content.decode()
    assert told in question
    assert "Ja, geef" not in question
    _client, page = post(world.youssef, "staff_issue_run", run)
    assert told in page
    assert not Cheque.objects.exists()


def test_issued_twice_is_issued_once(
    world: World,
    programme: Programme,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    run = street.prepared(world, programme)
    with django_capture_on_commit_callbacks() as callbacks:
        post(world.youssef, "staff_issue_run", run)
        _client, page = post(world.youssef, "staff_issue_run", run)
    assert "Deze cheques waren al uitgegeven." in page
    assert (run.cheques.count(), len(callbacks)) == (10, 1)


def test_a_prepared_run_can_be_cancelled_and_an_issued_one_cannot(world: World, programme: Programme) -> None:
    run = street.prepared(world, programme)
    _client, page = post(world.karin, "staff_cancel_run", run)
    assert "De uitgifte Uitgifte december is geannuleerd." in page
    _client, page = post(world.youssef, "staff_issue_run", run)
    assert "Deze uitgifte is geannuleerd." in page
    issued = cast.issued(world, programme)
    _client, page = post(world.karin, "staff_cancel_run", issued)
    assert "U kunt deze uitgifte niet meer annuleren." in page
    assert ChequeRun.objects.get(pk=issued.pk).state == ChequeRun.State.ISSUED


def test_a_list_taken_in_between_the_question_and_the_yes_stops_the_run(
    world: World,
    programme: Programme,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    run = street.prepared(world, programme)
    question = as_(world.youssef).get(reverse("staff_issue_run", args=[run.pk])).content.decode()
    assert "€\u00a075,00 uitgeven voor Uitgifte december?" in question
    Dwelling.objects.filter(house_number=1).update(house_number=11)
    Dwelling.objects.bulk_create(
        Dwelling(
            organisation=world.klinker,
            neighbourhood=world.bloemenbuurt,
            street="Rozenpad",
            house_number=number,
            postcode="3071AC",
            town="Oeverdam",
        )
        for number in (1, 2)
    )
    with django_capture_on_commit_callbacks() as callbacks:
        _client, page = post(world.youssef, "staff_issue_run", run)
    assert "De lijst met adressen is veranderd." in page
    assert "Het aantal adressen ging van 10 naar 12." in page
    assert "Het bedrag ging van €\u00a075,00 naar €\u00a090,00." in page
    assert "Annuleer deze uitgifte en maak een nieuwe." in page
    assert not callbacks
    assert not Cheque.objects.exists()


def test_when_all_dwellings_are_gone_from_its_neighbourhoods_a_run_says_so(
    world: World, programme: Programme
) -> None:
    run = street.prepared(world, programme)
    Dwelling.objects.update(neighbourhood=cast.neighbourhood("Elders", "BU05020199"))
    _client, page = post(world.youssef, "staff_issue_run", run)
    assert "In deze buurten zijn geen adressen meer." in page


def test_letters_are_followed_and_downloaded_and_each_download_is_written_down(
    world: World, programme: Programme
) -> None:
    run = cast.issued(world, programme)
    client = as_(world.karin)
    part = reverse("staff_run_letters", args=[run.pk])
    assert f'data-refresh="{part}"' in client.get(part).content.decode()
    while printing.make_document(run_id=run.pk, now=NOW) is not None:
        pass
    done = client.get(part).content.decode()
    assert "Alle brieven zijn gemaakt: 10." in done
    assert "data-refresh" not in done
    answer = client.get(reverse("staff_letters_file", args=[run.pk, 1]))
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="brieven-{run.pk}-1.pdf"'
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    log = AccessLog.objects.get(what=AccessLog.What.LETTERS, number=run.pk, about__document=1)
    assert (log.user, log.organisation) == (world.karin, world.klinker)


def test_letters_that_were_handed_over_are_gone(here: Street) -> None:
    document = here.issued.documents.get()
    kept = document.file
    assert kept is not None
    url = reverse("staff_letters_file", args=[here.issued.pk, 1])
    run_page = reverse("staff_run", args=[here.issued.pk])
    assert "na de overdracht" not in as_(here.world.karin).get(run_page).content.decode()
    document.file = None
    document.save()
    files.remove(kept)
    assert as_(here.world.karin).get(url).status_code == 404
    page = as_(here.world.karin).get(run_page).content.decode()
    assert "De bestanden zijn verwijderd na de overdracht." in page


def test_the_list_of_runs_tells_what_to_do_first(world: World) -> None:
    client = as_(world.karin)
    url = reverse("staff_runs")
    assert "Eerst een regeling, dan een uitgifte" in client.get(url).content.decode()
    made = cast.funded(world)
    assert "Eerst adressen, dan een uitgifte" in client.get(url).content.decode()
    cast.dwellings(world, 3)
    assert "Er zijn nog geen cheques uitgegeven" in client.get(url).content.decode()
    street.prepared(world, made)
    assert "Wacht op collega" in client.get(url).content.decode()
    assert made.ends_on == date(2027, 6, 30)


def test_without_a_programme_there_is_no_form_but_what_to_do_first(world: World) -> None:
    cast.dwellings(world, 1)
    page = as_(world.karin).get(NEW).content.decode()
    assert "Eerst een regeling, dan een uitgifte" in page
    assert reverse("staff_new_programme") in page
    assert "Bekijk wat het kost" not in page
