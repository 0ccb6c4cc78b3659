"""The list of entries with its search, and one entry with all that is behind it."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cheques import operations as cheques
from ledger import audit
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from people.models import AccessLog
from tests import cast
from tests.books.road import picture
from tests.cast import NOW
from tests.web.auditors.conftest import Desk
from tests.web.auditors.test_balance import text
from web.look.formats import whole


def entry(desk: Desk, kind: str) -> Any:
    """The first of a kind in De Klinker's funds."""
    return books.entries_of(fund_ids=[desk.road.programme.fund_id]).filter(kind=kind).order_by("pk")[0]


def found(client: Client, typed: str) -> str:
    return text(client.get("/controle/boekingen/", {"q": typed}))


def test_the_list_has_the_newest_entry_first_with_its_people_and_its_own_amount(
    mees: Client, desk: Desk
) -> None:
    page = text(mees.get("/controle/boekingen/"))
    payout = entry(desk, "payout approved")
    assert (
        f"{whole(payout.pk)} 23-11-2026 Uitbetaling goedgekeurd 20,00 uitbetaling {desk.road.payout.pk} Karin Youssef"
        in page
    )
    # An entry that moves the memorandum only is counted by that.
    assert f"Bon goedgekeurd 18,67 bon {desk.road.receipt.pk} Fatma Karin" in page
    # Of the 30,00 that was paid out 10,00 is somebody else's.
    assert "Geboekt in uw fondsen" in page
    assert page.index("Rest ontvangen op de bank") < page.index("Cheques uitgegeven")
    assert "Bijdrage van een sponsor" not in page


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("payout approved", "30,00"),
        ("gift", "5,00"),
        ("bank funding", "{request}"),
        ("bank payout", "{end_to_end}"),
        ("payout approved", "{end_to_end}"),
        ("bank leftover", "2,00"),
        ("cheques issued", "{number}"),
        ("receipt approved", "receipt"),
    ],
)
def test_an_entry_is_found_by_number_amount_or_reference(
    mees: Client, desk: Desk, kind: str, typed: str
) -> None:
    sought = typed.format(
        request=desk.road.programme.fund.funding_requests.get().reference,
        end_to_end=desk.road.payout.end_to_end_id.lower(),
        number=entry(desk, "cheques issued").pk,
    )
    assert (
        f'href="/controle/boeking/{entry(desk, kind).pk}/"'
        in mees.get("/controle/boekingen/", {"q": sought}).content.decode()
    )


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("nl", "Bon goedgekeurd"),
        ("nl", "bon GOED"),
        ("nl", "bon {id}"),
        ("nl", "receipt approved"),
        ("en", "Receipt {id}"),
    ],
)
def test_an_entry_is_found_by_the_words_that_stand_on_the_page(
    mees: Client, desk: Desk, language: str, typed: str
) -> None:
    mees.cookies["django_language"] = language
    page = mees.get("/controle/boekingen/", {"q": typed.format(id=desk.road.receipt.pk)})
    assert [row.kind for row, _amount in page.context["rows"]] == ["receipt approved"]


def test_a_search_finds_nothing_of_somebody_else(otto: Client, desk: Desk) -> None:
    for typed in (
        "30,00",
        desk.road.payout.end_to_end_id,
        str(entry(desk, "cheques issued").pk),
        "gift",
        "Bon",
    ):
        assert "Er is niets gevonden" in found(otto, typed)
    assert "Storting op de bank" in found(otto, "123")


def test_a_strange_search_finds_nothing_and_breaks_nothing(mees: Client) -> None:
    for typed in ("\0", "%", "9" * 30, "'; --", "=1+1", "€ 99,99"):
        assert mees.get("/controle/boekingen/", {"q": typed}).status_code == 200
    assert 'value="zzz"' in mees.get("/controle/boekingen/", {"q": "zzz"}).content.decode()


def test_long_books_are_leafed_through_with_older_and_newest(mees: Client, desk: Desk) -> None:
    fund_id = desk.road.programme.fund_id
    budget, back = (ledger.account(fund_id=fund_id, code=code) for code in (Code.BUDGET, Code.TO_RETURN))
    for number in range(60):
        ledger.post(key=f"n{number}", kind=f"note {number}", moves=[ledger.Move(budget, back, 1)], now=NOW)
    first = mees.get("/controle/boekingen/")
    assert text(first).count("note") == 50
    older = mees.get("/controle/boekingen/", {"before": first.context["rows"][-1][0].pk})
    assert text(older).count("note") == 10
    assert "Nieuwste" in text(older)


def test_an_entry_tells_what_was_booked_by_whom_and_why(mees: Client, desk: Desk) -> None:
    page = text(mees.get(f"/controle/boeking/{entry(desk, 'payout approved').pk}/"))
    assert "Uitbetaling goedgekeurd" in page
    assert "Buurtcheques 2026 2300 Bank op het Irisplein" in page
    assert "Totaal van de boeking in uw fondsen, 2 overboekingen 20,00" in page
    assert "In andere fondsen: Gemeente Oeverdam (Bijdrage) 10,00" in page
    assert "Rekeninghouder F. Yildiz IBAN NL91ABNA0417164300" in page
    assert "Gemaakt door Karin, 23-11-2026" in page
    assert "Goedgekeurd door Youssef, 23-11-2026" in page


def test_the_way_of_a_gift_goes_from_the_deposit_to_the_receipt(mees: Client, desk: Desk) -> None:
    page = text(mees.get(f"/controle/boeking/{entry(desk, 'gift').pk}/"))
    stops = [
        "100,00 op 1000",
        "5,00 op 2100",
        "5,00 op 2200",
        "5,00 op 2300",
        "20,00 op 2500",
        "18,67 op 9500",
    ]
    places = [page.index(stop) for stop in stops]
    assert places == sorted(places)
    assert "deze boeking" in page


def test_a_big_entry_comes_a_page_at_a_time_with_its_total(mees: Client, desk: Desk) -> None:
    fund_id = desk.road.programme.fund_id
    names = {f"cheque:9:{number}": "Klein" for number in range(30)}
    small = ledger.open_accounts(fund_id=fund_id, code=Code.CHEQUES, names=names)
    budget = ledger.account(fund_id=fund_id, code=Code.BUDGET)
    moves = [ledger.Move(budget, account, 1) for account in small.values()]
    posted = ledger.post(
        key="small",
        kind="cheques issued",
        moves=moves,
        made_by=desk.road.here.karin,
        approved_by=desk.road.here.youssef,
        now=NOW,
    )
    page = text(mees.get(f"/controle/boeking/{posted.entry_id}/"))
    assert page.count("Klein") == 25
    assert "30 overboekingen 0,30" in page
    assert text(mees.get(f"/controle/boeking/{posted.entry_id}/", {"page": 2})).count("Klein") == 5


def test_a_reversal_and_what_it_reverses_point_at_each_other(mees: Client, desk: Desk) -> None:
    shown = entry(desk, "receipt approved")
    undone = ledger.reverse(key="undo", entry_id=shown.pk, now=NOW).entry_id
    assert f"Deze boeking is teruggedraaid met boeking {whole(undone)}" in text(
        mees.get(f"/controle/boeking/{shown.pk}/")
    )
    assert f"Deze boeking draait boeking {whole(shown.pk)} terug" in text(
        mees.get(f"/controle/boeking/{undone}/")
    )


def test_an_entry_of_a_stranger_is_not_found(mees: Client, otto: Client, desk: Desk) -> None:
    (match,) = audit.entries(fund_ids=[desk.road.grant.fund_id], since=cast.TODAY, until=cast.TODAY).filter(
        kind="match"
    )[:1]
    assert mees.get(f"/controle/boeking/{match.pk}/").status_code == 404
    receipt = entry(desk, "receipt approved").pk
    assert otto.get(f"/controle/boeking/{receipt}/").status_code == 404
    assert otto.get(f"/controle/boeking/{receipt}/bon/").status_code == 404


def test_the_picture_of_a_receipt_opens_for_who_may_see_its_entry(mees: Client, desk: Desk) -> None:
    shown = entry(desk, "receipt approved").pk
    assert f"/controle/boeking/{shown}/bon/" in mees.get(f"/controle/boeking/{shown}/").content.decode()
    response = mees.get(f"/controle/boeking/{shown}/bon/")
    assert (response["Content-Type"], response.content) == ("image/jpeg", picture())
    assert "no-store" in response["Cache-Control"]
    assert mees.get(f"/controle/boeking/{entry(desk, 'gift').pk}/bon/").status_code == 404
    assert AccessLog.objects.filter(what=AccessLog.What.ENTRY_RECEIPT, number=shown).count() == 1


def test_a_receipt_that_was_changed_in_the_storage_is_told_to_the_auditor(mees: Client, desk: Desk) -> None:
    with default_storage.open(desk.road.receipt.file.path, "wb") as opened:
        opened.write(b"something else")
    response = mees.get(f"/controle/boeking/{entry(desk, 'receipt approved').pk}/bon/")
    assert response.status_code == 404
    assert "Dit bestand is veranderd" in text(response)


def test_a_document_that_is_no_picture_is_downloaded_and_never_shown(mees: Client, desk: Desk) -> None:
    desk.road.receipt.file.mime_type = "text/html"
    desk.road.receipt.file.save()
    response = mees.get(f"/controle/boeking/{entry(desk, 'receipt approved').pk}/bon/")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_who_looked_is_a_list_with_oneself_in_it_and_nobody_of_elsewhere(
    mees: Client, otto: Client, desk: Desk
) -> None:
    mees.get("/controle/boekingen/")
    otto.get("/controle/boekingen/")
    page = text(mees.get("/controle/inzage/"))
    assert "Mees Lijst van boekingen" in page
    assert "Mees Inzage" in page
    assert "Otto" not in page


def test_the_number_of_queries_does_not_grow_with_the_books(mees: Client, desk: Desk) -> None:
    def count() -> list[int]:
        counts = []
        shown = entry(desk, "payout approved").pk
        for path in ("boekingen/", "boekingen/?q=5,00", f"boeking/{shown}/", "inzage/"):
            with CaptureQueriesContext(connection) as asked:
                assert mees.get(f"/controle/{path}").status_code == 200
            counts.append(len(asked))
        return counts

    before = count()
    other = cast.campaign(desk.road.here, desk.road.programme, title="Bloembakken")
    for cheque in desk.road.run.cheques.filter(purse=None):
        purse = cheques.activate(cheque_id=cheque.pk, now=NOW)
        cheques.give(purse_id=purse.pk, campaign_id=other.pk, amount_cents=100, key="a", now=NOW)
    assert count() == before
    assert max(before) <= 25
