"""Karin makes a programme, asks for its budget and changes its rules."""

from typing import Any

import pytest
from django.urls import reverse

from common.references import format_rf
from ledger.chart import FundKind
from payments.bank import epc_qr
from people.models import Organisation, Role
from programmes.models import FundingRequest, Programme
from tests import cast
from tests.books.road import travelled
from tests.cast import World
from tests.web.staff.street import as_

NEW = reverse("staff_new_programme")


@pytest.fixture
def here(db: None) -> World:
    return cast.world()


def told(**other: str) -> dict[str, str]:
    return {
        "name": "Buurtcheques 2027",
        "starts_on": "2027-01-01",
        "ends_on": "2027-12-31",
        "budget": "84.000,00",
        "cheque_value": "7,50",
        "days_to_activate": "42",
        "max_target": "2.500",
        "days_to_account": "28",
        "conditions": "Geen kosten vooraf.",
        **other,
    }


def test_a_programme_is_made_with_its_rules_and_a_request(here: World) -> None:
    answer = as_(here.karin).post(NEW, told(), follow=True)
    programme = Programme.objects.get()
    rules = programme.rules
    assert (programme.organisation, programme.fund.kind, programme.made_by) == (
        here.klinker,
        FundKind.PROGRAMME,
        here.karin,
    )
    assert (rules.cheque_value_cents, rules.max_target_cents) == (750, 250_000)
    request = FundingRequest.objects.get()
    assert request.amount_cents == 8_400_000
    page = answer.content.decode()
    assert "De regeling Buurtcheques 2027 staat er." in page
    assert format_rf(request.reference) in page
    assert "Stichting Buurtpot" in page


def test_the_picture_to_scan_pays_what_is_still_open(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = cast.programme(here, budget_cents=100_000)
    request = programme.fund.funding_requests.get()
    cast.receive(40_000, reference=request.reference)
    drawn: list[str] = []

    def draw(payload: str) -> str:
        drawn.append(payload)
        return "<svg/>"

    monkeypatch.setattr(epc_qr, "svg", draw)
    page = as_(here.karin).get(reverse("staff_programme", args=[programme.pk]))
    assert "\nEUR600.00\n" in drawn[0]
    assert drawn[0].endswith(request.reference)
    funding = page.context["funding"]
    assert (funding.asked_cents, funding.arrived_cents, funding.open_cents) == (100_000, 40_000, 60_000)


@pytest.mark.django_db
def test_what_came_back_is_named_where_the_stages_do_not_add_up_without_it() -> None:
    road = travelled()
    for page in (
        reverse("staff_programme", args=[road.programme.pk]),
        reverse("staff_home"),
    ):
        answer = as_(road.here.karin).get(page)
        budget = answer.context["budget"]
        assert budget.bar.total_cents + budget.to_return_cents == budget.received_cents
        assert budget.to_return_cents == 133
        assert "€\u00a01,33 kwam terug" in answer.content.decode()


def test_a_paid_programme_asks_for_nothing(here: World) -> None:
    programme = cast.funded(here)
    page = as_(here.karin).get(reverse("staff_programme", args=[programme.pk])).content.decode()
    assert "Alles is binnen" in page
    assert "data:image/svg+xml" not in page


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": ""}, "name", "Vul dit in."),
        ({"ends_on": "2026-12-31"}, "ends_on", "De laatste dag ligt vóór de eerste dag."),
        ({"budget": "veel"}, "budget", "Schrijf het bedrag zo: 7,50."),
        ({"budget": "5"}, "budget", "Het budget is kleiner dan één cheque."),
        ({"cheque_value": "0"}, "cheque_value", "Kies een bedrag van"),
        ({"cheque_value": "99999999"}, "cheque_value", "Kies een bedrag van"),
        ({"cheque_value": "-7,50"}, "cheque_value", "Schrijf het bedrag zo: 7,50."),
        ({"days_to_activate": "0"}, "days_to_activate", "1"),
        ({"days_to_account": "99999999999999999999"}, "days_to_account", "365"),
        ({"starts_on": "2026-02-30"}, "starts_on", "datum"),
        ({"name": "a\0b"}, "name", "Null"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    wrong: dict[str, str], field: str, words: str, here: World
) -> None:
    answer = as_(here.karin).post(NEW, told(**wrong))
    assert words in str(answer.context["form"].errors[field])
    assert "Geen kosten vooraf." in answer.content.decode()
    assert not Programme.objects.exists()


def test_a_form_sent_twice_makes_one_programme(here: World) -> None:
    client = as_(here.karin)
    client.post(NEW, told())
    answer = client.post(NEW, told())
    assert "U hebt al een regeling met deze naam." in answer.content.decode()
    assert Programme.objects.count() == 1
    assert FundingRequest.objects.count() == 1


def test_another_host_may_use_the_same_name(here: World) -> None:
    other = Organisation.objects.create(kind="corporation", name="Noorderwal", slug="noorderwal")
    nora = cast.person("Nora", other, Role.STAFF)
    as_(here.karin).post(NEW, told())
    as_(nora).post(NEW, told())
    assert Programme.objects.filter(name="Buurtcheques 2027").count() == 2


def ask(client: Any, programme: Programme, **fields: str) -> Any:
    return client.post(reverse("staff_more_funding", args=[programme.pk]), fields, follow=True)


def test_more_budget_gets_a_reference_of_its_own_once(here: World) -> None:
    programme = cast.funded(here)
    client = as_(here.karin)
    assert "U vroeg" in ask(client, programme, amount="250", seen="1").content.decode()
    assert "Deze aanvraag was al gemaakt." in ask(client, programme, amount="250", seen="1").content.decode()
    amounts = programme.fund.funding_requests.order_by("pk").values_list("amount_cents", flat=True)
    assert list(amounts) == [100_000, 25_000]


def test_a_wrong_amount_for_more_budget_is_told(here: World) -> None:
    programme = cast.funded(here)
    page = ask(as_(here.karin), programme, amount="nog wat", seen="1").content.decode()
    assert "Schrijf het bedrag zo: 7,50." in page
    assert 'value="nog wat"' in page


def test_new_rules_are_a_new_version_and_the_old_one_stays(here: World) -> None:
    programme = cast.funded(here)
    url = reverse("staff_new_rules", args=[programme.pk])
    client = as_(here.karin)
    assert 'value="7,50"' in client.get(url).content.decode()
    answer = client.post(url, told(cheque_value="10", version="1"), follow=True)
    assert "De nieuwe regels gelden nu." in answer.content.decode()
    values = programme.versions.order_by("version").values_list("version", "cheque_value_cents")
    assert list(values) == [(1, 750), (2, 1_000)]


def test_rules_that_somebody_changed_meanwhile_are_not_written_over(here: World) -> None:
    programme = cast.funded(here)
    url = reverse("staff_new_rules", args=[programme.pk])
    as_(here.youssef).post(url, told(cheque_value="10", version="1"))
    answer = as_(here.karin).post(url, told(cheque_value="5", version="1"), follow=True)
    assert "Deze regels zijn intussen veranderd." in answer.content.decode()
    assert programme.rules.cheque_value_cents == 1_000


def test_what_an_empty_page_asks_for_stands_on_it_once(here: World) -> None:
    client = as_(here.karin)
    for page, next_page in (
        ("staff_home", "staff_new_programme"),
        ("staff_programmes", "staff_new_programme"),
        ("staff_dwellings", "staff_import_dwellings"),
    ):
        html = client.get(reverse(page)).content.decode()
        assert html.count(f'href="{reverse(next_page)}"') == 1, page
