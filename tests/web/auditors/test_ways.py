"""Following the euro on the auditor's pages (the story is in `tests.books.two_roads`)."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from books.ways import Kind
from ledger import queries as books
from ledger import tracing
from ledger.chart import Code
from payments.models import BankLine
from people.models import AccessLog, Role
from tests import cast
from tests.books.two_roads import Roads, hand_in, show, travelled
from tests.standin import Stripe
from tests.web.auditors.test_balance import text
from tests.web.signing_in import signed_in
from web.auditors.views_ways import PATHS

pytestmark = pytest.mark.django_db


@pytest.fixture
def roads(db: None, stripe: Stripe) -> Roads:
    return travelled(stripe)


@pytest.fixture
def mees(client: Client, roads: Roads) -> Client:
    return signed_in(client, roads.here.mees)


def address(kind: Kind, id: int) -> str:
    return f"/controle/volg/{PATHS[kind]}/{id}/"


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def links(html: str) -> list[str]:
    return re.findall(r'href="(/controle/[^"]+)"', html)


def every_end(roads: Roads) -> list[tuple[Kind, int]]:
    line = BankLine.objects.filter(funding_request__fund=roads.a.fund_id).order_by("pk")[0]
    return [
        (Kind.FUND, roads.a.fund_id),
        (Kind.RUN, roads.run_a.pk),
        (Kind.CAMPAIGN, roads.bench.pk),
        (Kind.PAYOUT, roads.bench_payout.pk),
        (Kind.RECEIPT, roads.first.pk),
        (Kind.DONATION, roads.henk.pk),
        (Kind.DEPOSIT, line.pk),
    ]


def test_from_a_receipt_one_comes_to_the_programmes_the_approvals_and_the_bank_line(
    mees: Client, roads: Roads
) -> None:
    answer = mees.get(address(Kind.RECEIPT, roads.first.pk))
    shown, found = text(answer), links(answer.content.decode())
    assert "Cheques Uitgifte november boeking" in shown
    assert "Budget Ontmoeten 2026 7,61" in shown
    # Who handed in and who approved the receipt; who proposed and who approved the payout.
    assert "Gemaakt door Fatma" in shown
    assert "Goedgekeurd door Karin, 23-11-2026" in shown
    assert "Goedgekeurd door Youssef, 23-11-2026" in shown
    left = BankLine.objects.get(kind=BankLine.Kind.PAYOUT, end_to_end_id=roads.bench_payout.end_to_end_id)
    for wanted in (
        address(Kind.FUND, roads.a.fund_id),
        address(Kind.FUND, roads.b.fund_id),
        address(Kind.RUN, roads.run_a.pk),
        address(Kind.CAMPAIGN, roads.bench.pk),
        address(Kind.PAYOUT, roads.bench_payout.pk),
        address(Kind.DONATION, roads.henk.pk),
        address(Kind.DEPOSIT, BankLine.objects.filter(funding_request__fund=roads.a.fund_id)[0].pk),
        f"/controle/bon/{roads.first.pk}/",
        f"/controle/boeking/{left.entry_id}/",
    ):
        assert wanted in found, wanted


def test_every_link_of_a_page_leads_to_a_page(mees: Client, roads: Roads) -> None:
    for kind, id in every_end(roads):
        for link in sorted(set(links(page(mees, address(kind, id))))):
            assert mees.get(link).status_code == 200, link


def test_picture_and_tables_have_the_same_numbers(mees: Client, roads: Roads) -> None:
    for kind, id in every_end(roads):
        html = page(mees, address(kind, id))
        drawn = re.findall(r'class="way-amount"[^>]*>([^<]+)<', html)
        rows = html[html.index("<tbody>") : html.index("</tbody>")].split("<tr>")[1:]
        went_by = [re.findall(r'<td class="number">([^<]+)</td>', row)[:2] for row in rows]
        assert [str(at) for at in range(1, len(drawn) + 1)] == [number for number, _cents in went_by]
        assert [one.removeprefix("€\xa0") for one in drawn] == [cents for _number, cents in went_by]
        assert "style=" not in html


def test_the_file_has_every_leg_of_the_way(mees: Client, roads: Roads) -> None:
    answer = mees.get(f"{address(Kind.RECEIPT, roads.first.pk)}bedragen.csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0] == "Van;Naar;Boeking van waar het heen ging;Bedrag"
    assert f"Donatie {roads.henk.pk};Bank op het Irisplein;;3,30" in rows
    assert any(
        row.startswith(f"Uitbetaling {roads.bench_payout.pk};Bon {roads.first.pk} Bouwmarkt;") for row in rows
    )


def test_a_name_is_never_a_formula_in_the_file(client: Client, roads: Roads) -> None:
    roads.here.klinker.name = "=1+1"
    roads.here.klinker.save()
    signed_in(client, cast.person("Sanne", roads.municipality, Role.AUDITOR))
    file = client.get(f"{address(Kind.CAMPAIGN, roads.bench.pk)}bedragen.csv").content.decode("utf-8-sig")
    assert "'=1+1 (regeling);Bank op het Irisplein;;20,00" in file.splitlines()


def test_a_receipt_that_nobody_approved_can_be_looked_at(mees: Client, roads: Roads) -> None:
    waiting = hand_in(roads.here, roads.bench, 500, "Verfwinkel")
    shown = text(mees.get(address(Kind.RECEIPT, waiting.pk)))
    assert "Voor deze bon telt geen geld als uitgegeven" in shown
    assert "Verfwinkel" in shown
    assert "nog niemand" in shown
    assert mees.get(f"/controle/bon/{waiting.pk}/").headers["Content-Type"] == "image/jpeg"


def test_every_look_is_written_down(mees: Client, roads: Roads) -> None:
    mees.get(address(Kind.RECEIPT, roads.first.pk))
    mees.get(f"{address(Kind.RECEIPT, roads.first.pk)}bedragen.csv")
    mees.get(f"/controle/bon/{roads.first.pk}/")
    looks = AccessLog.objects.order_by("pk").values_list("what", "number")
    assert list(looks) == [(what, roads.first.pk) for what in ("followed", "followed file", "receipt")]
    assert f"Gevolgd: Bon {roads.first.pk}" in text(mees.get("/controle/inzage/"))


def test_the_sponsors_auditor_sees_what_others_put_in_as_a_total(client: Client, roads: Roads) -> None:
    signed_in(client, cast.person("Sanne", roads.municipality, Role.AUDITOR))
    shown = text(client.get(address(Kind.RECEIPT, roads.first.pk)))
    assert "Woonstichting De Klinker (regeling) 10,14" in shown
    assert "Woonstichting De Klinker (donaties) 4,72" in shown
    for kind, id in (
        (Kind.DONATION, roads.henk.pk),
        (Kind.FUND, roads.a.fund_id),
        (Kind.RUN, roads.run_a.pk),
    ):
        assert client.get(address(kind, id)).status_code == 404
    # A campaign without any of its money is not its business.
    assert client.get(address(Kind.CAMPAIGN, roads.boxes.pk)).status_code == 404


def test_a_stranger_finds_nothing(client: Client, roads: Roads) -> None:
    noorderwal = cast.elsewhere(roads.here).klinker
    signed_in(client, cast.person("Otto", noorderwal, Role.AUDITOR))
    for kind, id in every_end(roads):
        assert client.get(address(kind, id)).status_code == 404
        assert client.get(f"{address(kind, id)}bedragen.csv").status_code == 404
    assert client.get(f"/controle/bon/{roads.first.pk}/").status_code == 404
    assert not AccessLog.objects.exists()


def test_the_operators_auditor_sees_it_whole(client: Client, roads: Roads) -> None:
    signed_in(client, cast.person("Olga", roads.here.operator, Role.AUDITOR))
    shown = text(client.get(address(Kind.RECEIPT, roads.first.pk)))
    assert "Budget Samen voor groen 2,53" in shown


def test_what_cannot_be_followed_is_not_found(mees: Client, roads: Roads) -> None:
    stripes = BankLine.objects.get(kind=BankLine.Kind.STRIPE)
    for path in (f"bankregel/{stripes.pk}", "bon/987654", "iets/1"):
        assert mees.get(f"/controle/volg/{path}/").status_code == 404


def test_an_account_and_an_entry_lead_to_the_way_of_their_money(mees: Client, roads: Roads) -> None:
    pot = tracing.places(keys=[roads.bench.key], codes=[Code.POTS])[0]
    assert address(Kind.CAMPAIGN, roads.bench.pk) in links(
        page(mees, f"/controle/rekening/{pot.account_id}/")
    )
    for source, kind, id in (
        (f"receipt:{roads.first.pk}", Kind.RECEIPT, roads.first.pk),
        (f"payout:{roads.bench_payout.pk}", Kind.PAYOUT, roads.bench_payout.pk),
        (f"run:{roads.run_a.pk}", Kind.RUN, roads.run_a.pk),
    ):
        entry = books.entries_by_source(source=source)[0]
        assert address(kind, id) in links(page(mees, f"/controle/boeking/{entry.pk}/"))
    cheque = roads.run_a.cheques.order_by("pk")[0]
    assert address(Kind.RUN, roads.run_a.pk) in links(page(mees, f"/controle/rekening/{cheque.account_id}/"))


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.FUND])
def test_a_page_asks_no_more_when_more_happened(mees: Client, roads: Roads, kind: Kind) -> None:
    path = address(kind, roads.first.pk if kind is Kind.RECEIPT else roads.a.fund_id)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            mees.get(path)
        return len(asked)

    count()
    before = count()
    show(roads.here, roads.bench, 100, "Kassa")
    cast.receive(1_000, reference=roads.a.fund.funding_requests.get().reference)
    assert count() == before <= 40
