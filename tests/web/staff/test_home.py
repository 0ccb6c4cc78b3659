"""Karin looks where the budget is and what waits for a second person."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cheques import operations as cheques
from cheques import runs
from payments import payees
from places.models import Dwelling
from programmes import operations as programmes
from tests import cast
from tests.cast import NOW
from tests.web.clock import Clock
from tests.web.staff import street
from tests.web.staff.street import Street, as_
from web.staff import overview

HOME = reverse("staff_home")


def test_the_stages_add_up_to_what_was_received(here: Street) -> None:
    budget = as_(here.world.karin).get(HOME).context["budget"]
    words = [(stage.label, stage.cents) for stage in budget.bar.stages]
    assert words == [
        ("Nog niet uitgegeven", 12_500),
        ("Bij bewoners, niet actief", 4_500),
        ("Bewaard door bewoners", 0),
        ("In potten van initiatieven", 1_500),
        ("Uitbetaling onderweg", 0),
        ("Uitbetaald", 1_500),
    ]
    assert budget.received_cents == budget.bar.total_cents == 20_000
    assert (budget.waiting_cents, budget.after_waiting_cents) == (7_500, 5_000)


def test_cheques_are_counted_per_neighbourhood(here: Street) -> None:
    purse = cheques.activate(cheque_id=here.cheque.pk, now=NOW)
    assert purse.valid_until > NOW
    funnel = as_(here.world.karin).get(HOME).context["funnel"]
    (row,) = funnel.rows
    assert (row.name, row.sent, row.given, row.saved, row.waiting) == ("Bloemenbuurt", 10, 4, 1, 5)
    assert (funnel.sent_cents, funnel.given_cents, funnel.saved_cents, funnel.waiting_cents) == (
        7_500,
        3_000,
        750,
        3_750,
    )


def test_percentages_are_rounded_to_the_nearest() -> None:
    assert [overview.Earlier("", active, 8).percent for active in (0, 3, 5, 8)] == [0, 38, 63, 100]
    row = overview.FunnelRow(name="", slug="", sent=3, given=1, saved=1, longest=3)
    assert row.active_percent == 67


def test_after_the_last_day_a_cheque_is_no_longer_not_active_yet(
    here: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    for page in (HOME, reverse("staff_run", args=[here.issued.pk])):
        clock.now = here.issued.activate_before - timedelta(seconds=1)
        assert "Nog niet actief" in as_(here.world.karin).get(page).content.decode()
        clock.now = here.issued.activate_before
        html = as_(here.world.karin).get(page).content.decode()
        assert "Nog niet actief" not in html
        assert "Verlopen, het geld gaat terug" in html


def test_who_made_something_sees_a_lock_and_a_colleague_sees_a_button(here: Street) -> None:
    titles = {"Uitgifte Uitgifte december", "Uitbetaling Winterlichtjes"}
    own = as_(here.world.karin).get(HOME).context["tasks"]
    assert {(task.title, bool(task.barred)) for task in own} == {(title, True) for title in titles}
    seen = as_(here.world.youssef).get(HOME)
    assert {(task.title, bool(task.barred)) for task in seen.context["tasks"]} == {
        (title, False) for title in titles
    }
    lock = "U hebt dit zelf gemaakt. Daarom moet een collega beslissen."
    assert lock in as_(here.world.karin).get(HOME).content.decode()
    assert lock not in seen.content.decode()


def test_an_account_that_waits_is_the_newest_one_of_its_initiator(here: Street) -> None:
    for iban in ("NL20INGB0001234567", "NL69INGB0123456789"):
        payees.give_account(
            initiator=here.paid.initiator, holder="F. Yildiz", iban=iban, by=here.world.fatma, now=NOW
        )
    waiting = overview.accounts_to_approve(here.world.klinker)
    assert [account.iban for account in waiting] == ["NL69INGB0123456789"]


@pytest.mark.django_db
def test_a_new_host_is_told_what_to_do_first() -> None:
    here = cast.world()
    page = as_(here.karin).get(HOME).content.decode()
    assert "U hebt nog geen regeling" in page
    assert reverse("staff_new_programme") in page
    cast.programme(here)
    page = as_(here.karin).get(HOME).content.decode()
    assert "Het budget is nog niet binnen" in page


def test_of_several_programmes_one_is_chosen(here: Street) -> None:
    other = programmes.make_programme(
        organisation=here.world.klinker,
        name="Buurtcheques 2027",
        starts_on=date(2027, 1, 1),
        ends_on=date(2027, 12, 31),
        budget_cents=10_000,
        rules=programmes.RuleSet(cheque_value_cents=500),
        made_by=here.world.karin,
        now=NOW,
    )
    client = as_(here.world.karin)
    assert client.get(HOME).context["programme"] == other
    assert client.get(HOME, {"programme": here.programme.pk}).context["programme"] == here.programme
    for strange in ("x", "0", "99999999999999999999"):
        assert client.get(HOME, {"programme": strange}).context["programme"] == other


def test_more_neighbourhoods_and_tasks_cost_no_more_queries(
    here: Street, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def look() -> None:
        overview.funnel_of(here.issued, now=NOW)
        list(overview.tasks_for(here.world.karin, here.world.klinker))

    with django_assert_num_queries(8):
        look()
    place = cast.neighbourhood("Lindeveld", "BU05020107")
    Dwelling.objects.filter(house_number__gt=5).update(neighbourhood=place)
    for name in ("Een", "Twee", "Drie"):
        runs.prepare(
            rules=here.programme.rules,
            name=name,
            neighbourhoods=[place],
            last_day_to_activate=date(2027, 1, 31),
            made_by=here.world.youssef,
            now=NOW,
        )
    assert len(overview.funnel_of(here.issued, now=NOW).rows) == 2
    with django_assert_num_queries(8):
        look()


def test_of_much_that_waits_the_first_are_shown_with_the_way_to_all(here: Street) -> None:
    client = as_(here.world.youssef)
    assert "Toon alle" not in client.get(HOME).content.decode()
    for number in range(12):
        street.prepared(here.world, here.programme, name=f"Ronde {number}")
    seen = client.get(HOME)
    assert (len(seen.context["tasks"]), seen.context["task_count"]) == (5, 14)
    assert "Toon alle 14" in seen.content.decode()
    pages = [client.get(reverse("staff_tasks"), {"page": page}).context["page"] for page in (1, 2)]
    titles = [task.title for page in pages for task in page]
    assert titles == [task.title for task in overview.tasks_for(here.world.youssef, here.world.klinker)]
    assert (len(titles), len(set(titles)), titles[-1]) == (14, 14, "Uitbetaling Winterlichtjes")
