"""The trial balance and the lines of an account, as the auditor sees them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cheques import operations as cheques
from ledger import asof
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from people.models import AccessLog
from tests import cast
from tests.cast import NOW
from tests.web.auditors.conftest import Desk
from tests.web.signing_in import signed_in
from web.auditors import views_balance

YEAR = {"since": "2026-01-01", "until": "2026-12-31"}


def text(response: Any) -> str:
    """What stands on the page, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\u00a0", " ")


def pot(desk: Desk) -> int:
    accounts = books.accounts_of(fund_ids=[desk.road.programme.fund_id])
    return accounts.get(key=desk.road.campaign.key, kind_id=int(Code.POTS)).pk


def test_the_balance_has_a_row_for_each_code_and_closes(mees: Client) -> None:
    page = text(mees.get("/controle/", YEAR))
    # Opening, debit, credit, closing debit. In: 100,00 and a leftover of 1,33; out: 20,00.
    assert "1000 Bank 0,00 101,33 20,00 81,33" in page
    assert "2100 Buurtcheques, niet geactiveerd 0,00 20,00 30,00 10,00" in page
    assert "Totaal balans 0,00 211,33 211,33 81,33 81,33" in page
    assert "Totaal memorandum 0,00 40,00 40,00 0,00 0,00" in page


def test_nothing_of_another_organisation_is_in_the_balance(mees: Client, otto: Client, desk: Desk) -> None:
    assert "Noorderwal" not in text(mees.get("/controle/", YEAR))
    page = text(otto.get("/controle/", YEAR))
    assert "1000 Bank 0,00 123,00 0,00 123,00" in page
    assert "Potten" not in page
    foreign = otto.get("/controle/", YEAR | {"fund": desk.road.programme.fund_id})
    assert "2100" not in text(foreign)


def test_the_auditor_of_the_operator_sees_all_funds(olga: Client) -> None:
    page = text(olga.get("/controle/", YEAR))
    # 100,00 and 50,00 and 123,00 in, 30,00 out, 2,00 back.
    assert "1000 Bank 0,00 275,00 30,00 245,00" in page


def test_a_code_opens_in_place_by_a_link_and_closes_again(mees: Client, desk: Desk) -> None:
    closed = mees.get("/controle/", YEAR)
    assert f"/controle/rekening/{pot(desk)}/" in closed.content.decode()  # the only account of its code
    assert "cheque 1/" not in text(closed)
    opened = mees.get("/controle/", YEAR | {"open": "2100"})
    assert text(opened).count("Uitgifte november cheque") == 6
    assert 'aria-expanded="true"' in opened.content.decode()
    assert "#rekening-2100" in opened.content.decode()


def test_many_accounts_under_a_code_come_a_page_at_a_time(mees: Client, desk: Desk) -> None:
    fund_id = desk.road.programme.fund_id
    names = {f"cheque:9:{number}": f"Klein {number}" for number in range(40)}
    small = ledger.open_accounts(fund_id=fund_id, code=Code.CHEQUES, names=names)
    budget = ledger.account(fund_id=fund_id, code=Code.BUDGET)
    moves = [ledger.Move(budget, account, 1) for account in small.values()]
    ledger.post(
        key="small",
        kind="cheques issued",
        moves=moves,
        made_by=desk.road.here.karin,
        approved_by=desk.road.here.youssef,
        now=NOW,
    )
    # Six of the road and forty small ones: the largest first, twenty at a time.
    first = text(mees.get("/controle/", YEAR | {"open": "2100"}))
    assert (first.count("Uitgifte november cheque"), first.count("Klein")) == (2, 18)
    assert "De rekeningen hierna: u ziet er 20 van de 46" in first
    last = text(mees.get("/controle/", YEAR | {"open": "2100", "page": "3"}))
    assert (last.count("Uitgifte november cheque"), last.count("Klein")) == (4, 2)
    assert "De rekeningen hiervoor" in last


def test_the_period_moves_amounts_into_the_opening_balance(mees: Client) -> None:
    page = text(mees.get("/controle/", {"since": "2027-01-01", "until": "2027-12-31"}))
    assert "1000 Bank 81,33 0,00 0,00 81,33" in page
    empty = text(mees.get("/controle/", {"since": "2025-01-01", "until": "2025-12-31"}))
    assert "Er is nog niets geboekt" in empty


def test_a_period_that_cannot_be_keeps_what_was_typed_and_says_what_to_do(mees: Client) -> None:
    response = mees.get("/controle/", {"since": "2026-12-31", "until": "2026-01-01"})
    assert response.status_code == 200
    assert "Deze dag ligt voor de eerste dag. Kies een latere dag." in text(response)
    assert 'value="2026-12-31"' in response.content.decode()
    assert (
        mees.get("/controle/", {"since": "gisteren", "fund": "x", "open": "y", "page": "z"}).status_code
        == 200
    )


def test_the_bank_stands_beside_the_statement_and_stripe_is_not_reachable(mees: Client, worker: None) -> None:
    cache.clear()
    page = text(mees.get("/controle/", YEAR))
    # Noorderwal's deposit is in the books and on no statement.
    assert re.search(r"Grootboek 1000 245,00 Afschrift 2026-\d+, 23-11-2026 122,00 Verschil 123,00", page)
    assert re.search(
        r"niet bereikbaar Grootboek 1100 0,00 Saldo bij Stripe, \S+ uur onbekend Verschil onbekend", page
    )
    assert "Grootboek 2900 0,00 Oudste post Nog te herkennen 0,00" in page
    # Not of the funds that are chosen above it.
    assert "Bank, alle organisaties samen" in page
    assert "Stripe, alle organisaties samen" in page


@pytest.mark.django_db
def test_without_a_statement_the_bank_is_not_said_to_be_equal(client: Client) -> None:
    page = text(signed_in(client, cast.world().mees).get("/controle/"))
    assert "Bank, alle organisaties samen nog geen afschrift" in page
    assert "gelijk" not in page


def test_a_search_goes_on_in_the_list_of_entries(mees: Client) -> None:
    response = mees.get("/controle/", {"q": "7,50"})
    assert (response.status_code, response["Location"]) == (302, "/controle/boekingen/?q=7%2C50")


def test_an_account_shows_its_lines_with_the_balance_after_each(mees: Client, desk: Desk) -> None:
    page = text(mees.get(f"/controle/rekening/{pot(desk)}/"))
    assert "2300 Bank op het Irisplein" in page
    assert "Uitbetaling goedgekeurd" in page
    assert re.search(r"Gift uit saldo initiatief \d+ 2200 Uitgifte november 0,00 5,00 20,00", page)
    assert re.search(r"Gift uit saldo initiatief \d+ 2200 Uitgifte november 0,00 5,00 5,00", page)
    assert "Beginsaldo 0,00" in page
    # Four gifts in, one payout: what came in and went out over all pages, and what is left.
    assert "Alle 5 regels van deze periode, en het eindsaldo 20,00 20,00 0,00" in page


def test_an_account_opens_with_what_stood_there_before_the_period(mees: Client, desk: Desk) -> None:
    budget = ledger.account(fund_id=desk.road.programme.fund_id, code=Code.BUDGET)
    page = text(mees.get(f"/controle/rekening/{budget}/", {"since": "2027-01-01", "until": "2027-12-31"}))
    assert "fonds Buurtcheques 2026, 01-01-2027 tot en met 31-12-2027" in page
    assert "Beginsaldo 70,00" in page
    assert "Er bewoog niets op deze rekening in deze periode. Kies een langere periode." in page
    assert "Alle 0 regels van deze periode, en het eindsaldo 0,00 0,00 70,00" in page


def test_lines_come_a_page_at_a_time_and_the_balance_goes_on(mees: Client, desk: Desk) -> None:
    fund_id = desk.road.programme.fund_id
    clearing, many = (
        ledger.account(fund_id=fund_id, code=code, key=key)
        for code, key in ((Code.STRIPE_CLEARING, ""), (Code.POTS, "campaign:many"))
    )
    for number in range(120):
        ledger.post(key=f"m{number}", kind="donation", moves=[ledger.Move(clearing, many, 100)], now=NOW)

    def follow(response: Any, link: str) -> Any:
        (query,) = re.findall(
            rf'href="(\?[^"]*)#regels"[^>]*>(?:\s|<[^>]+>)*{link}', response.content.decode()
        )
        return mees.get(f"/controle/rekening/{many}/{query.replace('&amp;', '&')}")

    first = mees.get(f"/controle/rekening/{many}/", YEAR)
    assert "Vorige" not in text(first)
    assert "50,00" in text(first)
    second = follow(first, "Volgende")
    assert "Saldo voor deze regels 50,00" in text(second)
    last = follow(second, "Laatste regels")
    assert "Saldo voor deze regels 70,00" in text(last)
    assert "Alle 120 regels van deze periode, en het eindsaldo 0,00 120,00 120,00" in text(last)
    assert "Saldo voor deze regels 20,00" in text(follow(last, "Vorige"))
    assert "Beginsaldo 0,00" in text(follow(last, "Eerste regels"))
    for nonsense in (
        {"after": "gisteren"},
        {"before": "2026-02-30.1"},
        {"after": "2099-01-01.1"},
        {"last": ""},
    ):
        assert mees.get(f"/controle/rekening/{many}/", YEAR | nonsense).status_code == 200


def test_the_books_are_shown_as_they_were_booked_up_to_a_moment(mees: Client, desk: Desk) -> None:
    before = {"moment": timezone.localtime(NOW - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")}
    assert "Er is nog niets geboekt" in text(mees.get("/controle/", YEAR | before))
    now = {"moment": timezone.localtime(NOW + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")}
    page = mees.get("/controle/", YEAR | now)
    assert "1000 Bank 0,00" in text(page)
    assert "31-12-2026, zoals geboekt tot en met 23-11-2026, 14.01 uur, bedragen in euro" in text(page)
    assert f"moment={now['moment'].replace(':', '%3A')}" in page.content.decode()
    account = text(mees.get(f"/controle/rekening/{pot(desk)}/", YEAR | before))
    assert "Alle 0 regels van deze periode, en het eindsaldo 0,00 0,00 0,00" in account
    csv = mees.get("/controle/balans.csv", YEAR | before)
    assert b"101,33" not in b"".join(csv.streaming_content)  # type: ignore[attr-defined]
    assert mees.get("/controle/", YEAR | {"moment": "straks"}).status_code == 200
    log = text(mees.get("/controle/inzage/"))
    assert "01-01-2026 tot en met 31-12-2026, zoals geboekt tot en met 23-11-2026, 13.59 uur" in log


def test_of_more_accounts_than_can_be_sorted_each_page_reads_its_own(
    mees: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asof, "MOST_SORTED", 3)
    first = mees.get("/controle/", YEAR | {"open": "2100"})
    assert text(first).count("Uitgifte november cheque") == 6
    monkeypatch.setattr(views_balance, "ACCOUNTS_AT_ONCE", 4)
    first, second = (mees.get("/controle/", YEAR | {"open": "2100", "page": number}) for number in (1, 2))
    assert text(first).count("Uitgifte november cheque") == 4
    assert "De rekeningen hierna, op volgorde van hun onderwerp" in text(first)
    assert text(second).count("Uitgifte november cheque") == 2
    assert "De rekeningen hierna" not in text(second)


def test_of_a_pot_that_others_paid_too_their_totals_are_shown(mees: Client, desk: Desk) -> None:
    page = text(mees.get(f"/controle/rekening/{pot(desk)}/"))
    assert "Uit andere fondsen kwam op dezelfde rekening: Gemeente Oeverdam (Bijdrage) 10,00" in page
    assert "2,50" not in page  # no single match


def test_of_a_pot_with_money_of_an_own_other_fund_that_is_shown_too(mees: Client, desk: Desk) -> None:
    road = desk.road
    fund = ledger.fund_of(
        organisation=road.here.klinker, kind=FundKind.DONATIONS, name="Donaties", now=NOW
    ).pk
    clearing = ledger.account(fund_id=fund, code=Code.STRIPE_CLEARING)
    theirs = ledger.account(fund_id=fund, code=Code.POTS, key=road.campaign.key)
    ledger.post(key="gift", kind="donation", moves=[ledger.Move(clearing, theirs, 700)], now=NOW)
    page = text(mees.get(f"/controle/rekening/{pot(desk)}/"))
    assert "(Bijdrage) 10,00; Woonstichting De Klinker (Donaties) 7,00" in page


def test_an_account_of_a_stranger_is_not_found(mees: Client, otto: Client, desk: Desk) -> None:
    theirs = books.accounts_of(fund_ids=[desk.road.grant.fund_id])[0]
    assert mees.get(f"/controle/rekening/{theirs.pk}/").status_code == 404
    assert otto.get(f"/controle/rekening/{pot(desk)}/").status_code == 404
    assert mees.get("/controle/rekening/99999999999999999999/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/controle/", "/controle/boekingen/", "/controle/inzage/", "/controle/balans.csv"]
)
def test_only_an_auditor_with_a_second_step_comes_in(client: Client, desk: Desk, path: str) -> None:
    assert client.get(path)["Location"].startswith(reverse("account_login"))
    client.force_login(desk.road.here.karin)
    assert client.get(path).status_code == 404
    client.force_login(desk.mees)
    assert client.get(path)["Location"] == reverse("mfa_activate_totp")


def test_nothing_can_be_sent_to_these_pages(mees: Client) -> None:
    assert mees.post("/controle/").status_code == 405


def test_every_look_is_written_down(mees: Client, desk: Desk) -> None:
    mees.get("/controle/", YEAR)
    mees.get(f"/controle/rekening/{pot(desk)}/")
    assert "Rekening 2300 Bank op het Irisplein, 01-01-" in text(mees.get("/controle/inzage/"))
    looks = (
        AccessLog.objects.exclude(what=AccessLog.What.LOG).order_by("pk").values_list("user__name", "what")
    )
    assert list(looks) == [("Mees", AccessLog.What.BALANCE), ("Mees", AccessLog.What.ACCOUNT)]


def test_the_number_of_queries_does_not_grow_with_the_books(mees: Client, desk: Desk) -> None:
    def count() -> list[int]:
        counts = []
        for path in ("/controle/?open=2200", f"/controle/rekening/{pot(desk)}/"):
            with CaptureQueriesContext(connection) as asked:
                assert mees.get(path).status_code == 200
            counts.append(len(asked))
        return counts

    before = count()
    other = cast.campaign(desk.road.here, desk.road.programme, title="Bloembakken")
    for cheque in desk.road.run.cheques.filter(purse=None):
        purse = cheques.activate(cheque_id=cheque.pk, now=NOW)
        cheques.give(purse_id=purse.pk, campaign_id=other.pk, amount_cents=100, key="a", now=NOW)
    assert count() == before
    assert max(before) <= 18
