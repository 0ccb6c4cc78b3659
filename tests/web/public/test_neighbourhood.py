"""A neighbourhood's page: its amounts are those of the books, and few gifts are not told apart."""

import csv
import io
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from books import closing
from campaigns.models import Campaign, Theme
from ledger import queries as books
from ledger.chart import Code
from people.models import Organisation
from tests import cast
from tests.cast import NOW
from tests.web.public.conftest import Square
from web.public import neighbourhoods
from web.public.flows import few_together, too_few
from web.public.pots import FEW, SCENES


def shown(client: Client, slug: str = "bloemenbuurt", query: str = "") -> str:
    answer = client.get(reverse("neighbourhood", args=[slug]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_its_three_amounts_are_those_of_the_books(client: Client, square: Square) -> None:
    done = square.campaign("Vogelhuisje", 4_500)
    square.cheque_gifts(done, 6)
    square.pay_out(done)
    square.receipt(done, 4_000)
    square.cheque_gifts(square.bench, 7)
    html = shown(client)
    assert "€97.50" in html  # 6 and 7 cheques
    assert "€52.50" in html  # in the pot
    assert "€40.00" in html  # with a receipt
    assert "€5.00 is paid out and waits for a receipt." in html
    money = neighbourhoods.money_of(square.world.bloemenbuurt, host=None).money
    assert money.pot_cents == books.total(code=Code.POTS)
    assert money.waiting_cents == books.total(code=Code.UNACCOUNTED)


def test_what_came_in_is_where_it_is_now_also_after_a_leftover(square: Square) -> None:
    square.municipality_matches(cheques_too=True)
    done = square.campaign("Vogelhuisje", 7_501)
    square.cheque_gifts(done, 6)
    square.pay_out(done)
    square.receipt(done, 3_333)
    square.leftover(done, 1_001)
    found = neighbourhoods.money_of(square.world.bloemenbuurt, host=None)
    money = found.money
    assert money.given_cents == 7_501
    assert money.paid_cents == 7_501
    assert (money.spent_cents, money.returned_cents) == (3_333, 1_001)
    assert money.waiting_cents == books.total(code=Code.UNACCOUNTED)
    assert found.flow is not None
    assert found.flow.total_cents == 7_501


def test_with_few_gifts_there_is_no_picture(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, FEW - 1)
    html = shown(client)
    assert "Few gifts until now" in html
    assert "<figure" not in html
    square.cheque_gifts(square.bench, 1)
    assert "<figure" in shown(client)


def test_a_pot_with_few_gifts_has_no_ribbon_of_its_own(square: Square) -> None:
    quiet, busy = square.campaign("Vogelhuisje"), square.campaign("Moestuin")
    square.cheque_gifts(quiet, 2)
    square.cheque_gifts(busy, 6)
    square.cheque_gifts(square.bench, 9)
    flow = neighbourhoods.money_of(square.world.bloemenbuurt, host=None).flow
    assert flow is not None
    assert len(flow.pots) == 2
    assert "Bank op het Irisplein" in flow.pots
    assert flow.total_cents == 17 * 750


@given(st.dictionaries(st.integers(0, 20), st.integers(1, 40), max_size=12))
def test_what_is_put_together_counts_five_gifts_or_is_everything(times: dict[int, int]) -> None:
    few = too_few(times)
    together = sum(times[key] for key in few)
    assert {key for key, count in times.items() if count < FEW} <= few
    assert not few or together >= FEW or few == set(times)


def test_what_few_gifts_have_at_one_end_is_put_together_with_another_end(square: Square) -> None:
    done = square.campaign("Vogelhuisje", 3 * 750)
    square.cheque_gifts(done, 3)
    square.pay_out(done)
    square.receipt(done, 2_000)
    busy, busier = square.campaign("Moestuin"), square.campaign("Geveltuin")
    square.cheque_gifts(busy, 6)
    square.cheque_gifts(busier, 8)
    flow = neighbourhoods.money_of(square.world.bloemenbuurt, host=None).flow
    assert flow is not None
    # Three gifts paid for the bird house: what they have with a receipt and without is told with what is in the pots.
    assert flow.ends == ("Still in the pot; spent, with a receipt; paid out, receipt to follow",)
    assert flow.total_cents == 17 * 750


def test_origins_are_put_together_sooner_than_the_ends(square: Square) -> None:
    square.municipality_matches(cheques_too=True)
    done = square.campaign("Vogelhuisje", 8 * 750)
    square.cheque_gifts(done, 4)
    square.pay_out(done)
    square.receipt(done, 6_000)
    square.cheque_gifts(square.bench, 6)
    flow = neighbourhoods.money_of(square.world.bloemenbuurt, host=None).flow
    assert flow is not None
    # Four neighbours and four matches paid for the bird house: eight gifts together.
    assert flow.ends == ("Still in the pot", "Spent, with a receipt")
    assert [origin.name for origin in flow.origins] == ["Neighbourhood cheques, Gemeente Oeverdam"]


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 3), st.integers(0, 4)), st.sets(st.integers(0, 5), min_size=1), max_size=12
    )
)
def test_no_cell_is_of_few_gifts_unless_its_whole_row_is(cells: dict[tuple[int, int], set[int]]) -> None:
    # A row has groups of gifts of its own: the number of one says how many it is.
    table = {(row, at): {10 * row + one: 1 + one for one in groups} for (row, at), groups in cells.items()}
    together = few_together(table)
    for row in {row for row, _column in table}:
        of_row = {column: gifts for (at, column), gifts in table.items() if at == row}
        merged = {one: times for at in of_row if at in together for one, times in of_row[at].items()}
        whole = {one: times for gifts in of_row.values() for one, times in gifts.items()}
        for at, gifts in of_row.items():
            assert at in together or sum(gifts.values()) >= FEW
        assert not merged or sum(merged.values()) >= FEW or merged == whole


def test_its_campaigns_stand_in_the_order_of_their_states(client: Client, square: Square) -> None:
    failed = square.campaign("Muziek op de stoep")
    closing.close_failed(campaign_id=failed.pk, now=NOW)
    html = shown(client)
    assert html.index("Bank op het Irisplein") < html.index("Muziek op de stoep")
    assert "Target not reached" in html


def test_what_is_not_public_is_not_shown(client: Client, square: Square) -> None:
    Campaign.objects.filter(pk=square.bench.pk).update(state="submitted")
    assert "Bank op het Irisplein" not in shown(client)


def test_many_campaigns_come_in_pages(client: Client, square: Square) -> None:
    for number in range(14):
        square.campaign(f"Plan {number}")
    assert "Page 1 of 2" in shown(client)
    assert "Page 2 of 2" in shown(client, query="?page=2")


def test_ten_campaigns_cost_as_many_queries_as_two(
    client: Client, square: Square, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    square.cheque_gifts(square.bench, 6)
    shown(client)
    with django_assert_max_num_queries(9) as few:
        shown(client)
    for number in range(9):
        square.cheque_gifts(square.campaign(f"Plan {number}"), 2)
    with django_assert_max_num_queries(len(few.captured_queries)):
        shown(client)


def test_the_table_can_be_taken_along(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, 6)
    answer = client.get(reverse("neighbourhood_csv", args=["bloemenbuurt"]))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "From whom (in euro)"
    assert rows[1] == ["Neighbourhood cheques", "45,00", "45,00"]
    assert rows[-1][-1] == "45,00"
    assert answer["Content-Disposition"] == 'attachment; filename="bloemenbuurt.csv"'


def test_a_place_without_anything_offers_nothing_to_take_along(client: Client, square: Square) -> None:
    cast.neighbourhood("Dahliahof", code="BU05020102")
    html = shown(client, "dahliahof")
    assert "You may take it all along" not in html
    assert "Do you have an idea?" in html
    assert "Do you have an idea too?" in shown(client)


def test_with_few_gifts_there_is_nothing_to_take_along(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, 2)
    answer = client.get(reverse("neighbourhood_csv", args=["bloemenbuurt"]))
    assert "Fewer than five gifts" in answer.content.decode()
    assert "15,00" not in answer.content.decode()


def test_a_neighbourhood_that_does_not_exist_is_not_found(client: Client, square: Square) -> None:
    answer = client.get(reverse("neighbourhood", args=["atlantis"]))
    assert answer.status_code == 404
    assert "This page is not here" in answer.content.decode()


def test_the_front_page_says_what_each_neighbourhood_collects(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, 6)
    html = client.get(reverse("home")).content.decode()
    assert "Bloemenbuurt" in html
    assert "€45.00" in html
    assert "in the pot. 1 campaign still collects." in html
    assert "You can give until 14 December 2026." in html
    square.campaign("Moestuin")
    assert "The first stops after 14 December 2026." in client.get(reverse("home")).content.decode()
    assert "Woonstichting De Klinker" in html
    assert 'action="/cheque/openen/"' in html


def test_the_front_page_finds_a_neighbourhood_by_its_name(client: Client, square: Square) -> None:
    elsewhere = cast.neighbourhood("Dahliahof", code="BU05020102")
    garden = square.campaign("Moestuin")
    Campaign.objects.filter(pk=garden.pk).update(neighbourhood=elsewhere)
    html = client.get(reverse("home") + "?q=dahl").content.decode()
    assert "Dahliahof" in html
    assert "Bloemenbuurt" not in html
    assert "No neighbourhood with this name" in client.get(reverse("home") + "?q=zzz").content.decode()


def test_on_a_host_name_of_its_own_an_organisation_shows_only_its_own(client: Client, square: Square) -> None:
    Organisation.objects.create(
        kind="corporation", name="Noorderwal Wonen", slug="noorderwal", host_name="noorderwal.testserver"
    )
    Organisation.objects.filter(slug="de-klinker").update(host_name="testserver")
    assert "Bloemenbuurt" in client.get(reverse("home")).content.decode()
    Organisation.objects.filter(slug="de-klinker").update(host_name="klinker.testserver")
    Organisation.objects.filter(slug="noorderwal").update(host_name="testserver")
    html = client.get(reverse("home")).content.decode()
    assert "Bloemenbuurt" not in html
    assert "Noorderwal Wonen" in html
    assert "Bank op het Irisplein" not in shown(client)


def test_a_campaign_past_its_last_day_is_not_counted_as_collecting(client: Client, square: Square) -> None:
    Campaign.objects.update(deadline=NOW - timedelta(days=1))
    assert "Nobody collects here now." in client.get(reverse("home")).content.decode()


def test_every_theme_has_a_drawing() -> None:
    assert set(SCENES) == set(Theme)
