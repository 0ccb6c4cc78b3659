"""Where a campaign's money came from and where it went, for anyone."""

import csv
import io

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from books import closing
from tests.cast import NOW
from tests.web.public.conftest import Square
from web.public.pots import FEW


def shown(client: Client, square: Square) -> str:
    answer = client.get(reverse("campaign_money", args=[square.bench.slug]))
    assert answer.status_code == 200
    return answer.content.decode()


def rows(client: Client, square: Square) -> list[list[str]]:
    answer = client.get(reverse("campaign_money_csv", args=[square.bench.slug]))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{square.bench.slug}.csv"'
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_it_tells_who_gave_and_where_it_is_now(client: Client, square: Square) -> None:
    done = square.campaign("Vogelhuisje", 4_500)
    square.bench = done
    square.cheque_gifts(done, 6)
    square.pay_out(done)
    square.receipt(done, 4_000)
    html = shown(client, square)
    assert "€45.00 came in" in html
    assert "<figure" in html
    assert rows(client, square) == [
        ["From whom (in euro)", "Spent, with a receipt", "Paid out, receipt to follow", "Together"],
        ["Neighbourhood cheques", "40,00", "5,00", "45,00"],
        ["All together", "40,00", "5,00", "45,00"],
    ]


def test_with_few_gifts_nobody_is_told_apart(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, FEW - 1)
    html = shown(client, square)
    assert "Few gifts until now" in html
    assert "<figure" not in html
    assert rows(client, square) == [["Fewer than five gifts were made here."]]


def test_of_a_campaign_that_failed_everybody_has_it_back(client: Client, square: Square) -> None:
    square.cheque_gifts(square.bench, FEW)
    closing.close_failed(campaign_id=square.bench.pk, now=NOW)
    assert "Everybody gets the money back" in shown(client, square)


def test_the_page_of_the_campaign_leads_there(client: Client, square: Square) -> None:
    page = client.get(reverse("campaign", args=[square.bench.slug])).content.decode()
    assert reverse("campaign_money", args=[square.bench.slug]) in page


def test_what_is_not_public_is_not_found(client: Client, square: Square) -> None:
    type(square.bench).objects.filter(pk=square.bench.pk).update(state="submitted")
    for name in ("campaign_money", "campaign_money_csv"):
        assert client.get(reverse(name, args=[square.bench.slug])).status_code == 404


def test_many_gifts_cost_as_many_queries_as_few(
    client: Client, square: Square, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    square.cheque_gifts(square.bench, 5)
    shown(client, square)
    with django_assert_max_num_queries(8) as few:
        shown(client, square)
    square.cheque_gifts(square.bench, 3)
    with django_assert_max_num_queries(len(few.captured_queries)):
        shown(client, square)
