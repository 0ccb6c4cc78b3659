"""Lists of staff: cut in pages and never silently, searched, and ordered as somebody asks."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Initiator
from payments import payees, payouts
from tests import cast
from tests.cast import NOW
from tests.web.staff import street
from tests.web.staff.street import Street, as_
from web.staff import paging

PAYOUTS = reverse("staff_payouts")
RUNS = reverse("staff_runs")


@pytest.fixture
def pages_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of anything is a page more."""
    whole = paging.page_of
    for views in ("views_payouts", "views_bank", "views_dwellings"):
        monkeypatch.setattr(
            f"web.staff.{views}.page_of",
            lambda request, found, rows=1, name="page": whole(request, found, 1, name),
        )


@pytest.mark.usefixtures("pages_of_one")
def test_every_campaign_that_waits_for_its_money_is_on_some_page(here: Street) -> None:
    titles = {"Speeltoestel", "Hinkelbaan"}
    street.filled(here.world, here.programme, here.issued, "Speeltoestel", places=(4, 6))
    street.filled(here.world, here.programme, here.issued, "Hinkelbaan", places=(6, 8))
    client = as_(here.world.karin)
    seen = [client.get(PAYOUTS, {"ready-page": page}).context["candidates"] for page in (1, 2)]
    assert [len(found) for found in seen] == [1, 1]
    assert {one.campaign.title for found in seen for one in found} == titles
    assert "?ready-page=2" in client.get(PAYOUTS).content.decode()
    (found,) = client.get(PAYOUTS, {"q": "hinkel"}).context["candidates"]
    assert found.campaign.title == "Hinkelbaan"


@pytest.mark.usefixtures("pages_of_one")
def test_payouts_and_accounts_that_wait_are_paged_each_by_itself(here: Street) -> None:
    another = street.filled(here.world, here.programme, here.issued, "Speeltoestel", places=(4, 6))
    payouts.propose(campaign_id=another.pk, by=here.world.karin, now=NOW)
    for number, name in enumerate(("Henk", "Ingrid")):
        initiator = Initiator.objects.create(user=cast.person(name), name=name)
        Campaign.objects.filter(pk=(another.pk, here.reached.pk)[number]).update(initiator=initiator)
        payees.give_account(
            initiator=initiator, holder=name, iban="NL20INGB0001234567", by=initiator.user, now=NOW
        )
    answer = as_(here.world.youssef).get(PAYOUTS, {"account-page": 2})
    assert (answer.context["proposed_page"].number, answer.context["accounts"].number) == (1, 2)
    assert answer.context["proposed_page"].paginator.count == answer.context["accounts"].paginator.count == 2
    assert [account.holder for account in answer.context["accounts"]] == ["Ingrid"]
    page = answer.content.decode()
    assert "?account-page=2&amp;payout-page=2" in page
    assert "?account-page=1" in page


def runs_of(here: Street, **asked: str) -> list[str]:
    return [run.name for run in as_(here.world.karin).get(RUNS, asked).context["page"]]


def test_a_list_is_ordered_as_asked_and_turned_round(here: Street) -> None:
    november, december = "Uitgifte november", "Uitgifte december"
    assert runs_of(here, sort="name") == [december, november]
    assert runs_of(here, sort="-name") == [november, december]
    assert runs_of(here) == [december, november]


@pytest.mark.parametrize("sort", ["", "-", "--name", "rules__programme__organisation", "?", "\0", "pk"])
def test_by_what_no_link_names_nothing_is_ordered(sort: str, here: Street) -> None:
    assert runs_of(here, sort=sort) == runs_of(here)


def test_a_link_turns_the_order_round_and_searching_keeps_it(here: Street) -> None:
    page = as_(here.world.karin).get(RUNS, {"sort": "name", "q": "uitgifte", "page": "1"}).content.decode()
    assert 'href="?sort=-name&amp;q=uitgifte" aria-current="true"' in page
    assert 'href="?sort=amount&amp;q=uitgifte"' in page
    assert '<input type="hidden" name="sort" value="name">' in page
    assert 'name="page"' not in page


@pytest.mark.parametrize("q", ["december", "DECEMBER"])
def test_a_run_is_found_by_its_name(q: str, here: Street) -> None:
    assert runs_of(here, q=q) == ["Uitgifte december"]
    assert "Geen uitgifte gevonden" in as_(here.world.karin).get(RUNS, {"q": "niets"}).content.decode()


def test_a_payout_is_found_by_campaign_initiator_or_holder(here: Street) -> None:
    client = as_(here.world.karin)
    for q in ("irisplein", "fatma", "F. YILDIZ"):
        assert [one.campaign for one in client.get(PAYOUTS, {"q": q}).context["page"]] == [here.paid]
    assert "Geen uitbetaling gevonden" in client.get(PAYOUTS, {"q": "niets"}).content.decode()


def test_a_statement_is_found_by_its_number_and_ordered_by_what_is_unknown(here: Street) -> None:
    client = as_(here.world.thea)
    bank = reverse("staff_bank")
    (found,) = client.get(bank, {"q": here.statement.identification}).context["page"]
    assert found == here.statement
    assert client.get(bank, {"sort": "unknown"}).context["page"][0] == here.statement
    assert client.get(bank, {"sort": "-unknown"}).context["page"][0] != here.statement
    assert "Geen afschrift gevonden" in client.get(bank, {"q": "niets"}).content.decode()


@pytest.mark.usefixtures("pages_of_one")
def test_every_neighbourhood_code_is_on_some_page(here: Street) -> None:
    cast.neighbourhood("Vogelbuurt", "BU05020102")
    client = as_(here.world.karin)
    url = reverse("staff_import_dwellings")
    names = [one.name for page in (1, 2) for one in client.get(url, {"page": page}).context["page"]]
    assert names == ["Bloemenbuurt", "Vogelbuurt"]
    for q in ("vogel", "bu05020102"):
        assert [one.name for one in client.get(url, {"q": q}).context["page"]] == ["Vogelbuurt"]


def another_payout(here: Street) -> None:
    campaign = street.filled(here.world, here.programme, here.issued, "Speeltoestel", places=(4, 6))
    payout = payouts.propose(campaign_id=campaign.pk, by=here.world.karin, now=NOW)
    payouts.refuse(payout_id=payout.pk, by=here.world.youssef, reason="Eerst bellen.", now=NOW)
    payouts.propose(campaign_id=campaign.pk, by=here.world.karin, now=NOW)


def another_run(here: Street) -> None:
    street.prepared(here.world, here.programme, name="Uitgifte januari")


def another_statement(here: Street) -> None:
    street.arrive(777)


@pytest.mark.parametrize(
    ("who", "name", "more"),
    [
        ("karin", "staff_payouts", another_payout),
        ("karin", "staff_runs", another_run),
        ("karin", "staff_tasks", another_run),
        ("karin", "staff_home", another_run),
        ("thea", "staff_bank", another_statement),
    ],
)
def test_a_longer_list_costs_no_more_queries(
    who: str,
    name: str,
    more: Callable[[Street], None],
    here: Street,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = as_(getattr(here.world, who))
    url = reverse(name)
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        client.get(url, {"sort": "made"})
    more(here)
    with django_assert_num_queries(len(before)):
        client.get(url, {"sort": "made"})
