"""Files for the auditor's own tools. They are read on another connection, so the data is committed."""

import codecs
import csv
import io
from typing import Any

import pypdf
import pytest
import pyxaf
from django.test import Client

from common.money import cents_of
from ledger import heads
from ledger import queries as books
from ledger.chart import Code
from ledger.exports import statement
from people.models import AccessLog
from tests.ledger.sealing import seal
from tests.web.auditors.conftest import Desk, opened
from tests.web.signing_in import signed_in


@pytest.fixture
def desk(own_database: str) -> Desk:
    return opened()


def body(response: Any) -> bytes:
    content = b"".join(response.streaming_content)
    response.close()
    return content


def rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).decode())))


def test_an_auditor_takes_an_extract_and_the_operators_auditor_the_whole_books(
    mees: Client, olga: Client
) -> None:
    response = mees.get("/controle/auditfile/2026/")
    assert response["Content-Disposition"] == 'attachment; filename="auditfile-de-klinker-2026.xaf"'
    extract, whole = body(response), body(olga.get("/controle/auditfile/2026/"))
    for content in (extract, whole):
        assert list(pyxaf.validate(content).findings) == []
    assert b"uittreksel voor Woonstichting De Klinker" in extract
    assert b"Gemeente Oeverdam" not in extract
    assert b"uittreksel" not in whole
    assert b"Gemeente Oeverdam" in whole


def test_a_year_without_entries_is_said_so_and_nothing_is_downloaded(mees: Client) -> None:
    response = mees.get("/controle/auditfile/2019/", follow=True)
    assert "In 2019 is niets geboekt." in response.content.decode()
    assert mees.get("/controle/auditfile/0/").status_code == 404
    assert mees.get("/controle/auditfile/99999/").status_code == 404


def test_the_journal_holds_the_own_funds_and_the_days_asked_for(
    mees: Client, otto: Client, desk: Desk
) -> None:
    year = {"since": "2026-01-01", "until": "2026-12-31"}
    journal = rows(mees.get("/controle/dagboek.csv", year))
    assert {row["fund"] for row in journal} == {str(desk.road.programme.fund_id)}
    assert "cheques issued" in {row["kind"] for row in journal}
    assert {"Karin", "Youssef"} <= {row["made_by_name"] for row in journal} | {
        row["approved_by_name"] for row in journal
    }
    assert [row["amount_cents"] for row in rows(otto.get("/controle/dagboek.csv", year))] == ["12300"]
    assert rows(mees.get("/controle/dagboek.csv", {"since": "2025-01-01", "until": "2025-12-31"})) == []


def test_the_balance_as_a_file_opens_in_a_dutch_spreadsheet_and_closes(mees: Client) -> None:
    file = body(mees.get("/controle/balans.csv", {"since": "2026-01-01", "until": "2026-12-31"}))
    assert file.startswith(codecs.BOM_UTF8)
    balance = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))
    debit, credit = (sum(cents_of(row[side]) for row in balance) for side in ("Debet", "Credit"))
    assert debit == credit > 0
    (bank,) = [row for row in balance if row["Code"] == "1000"]
    assert (bank["Eindsaldo debet"], bank["Eindsaldo credit"]) == ("81,33", "")
    assert {row["Naam"] for row in balance if row["Code"] == "2300"} == {"Bank op het Irisplein"}


def test_a_download_is_a_look_too(desk: Desk) -> None:
    mees = signed_in(Client(), desk.mees)
    for path in ("auditfile/2026/", "dagboek.csv", "balans.csv"):
        body(mees.get(f"/controle/{path}"))
    looks = AccessLog.objects.order_by("pk").values_list("what", "number")
    assert list(looks) == [
        (AccessLog.What.AUDIT_FILE, 2026),
        (AccessLog.What.JOURNAL_FILE, None),
        (AccessLog.What.BALANCE_FILE, None),
    ]


def test_an_accounts_statement_is_downloaded_for_a_period_and_logged(mees: Client, desk: Desk) -> None:
    fund_ids = [desk.road.programme.fund_id]
    bank = books.accounts_of(fund_ids=fund_ids).get(kind_id=int(Code.BANK))
    path = f"/controle/rekening/{bank.pk}/afschrift"
    year = {"since": "2026-01-01", "until": "2026-12-31"}
    response = mees.get(f"{path}.pdf", year)
    assert response["Content-Type"] == "application/pdf"
    assert body(response).startswith(b"%PDF-1.7")
    lines = rows(mees.get(f"{path}.csv", year))
    assert lines[-1]["balance_cents"] == str(books.balance(bank.pk))
    looks = [look for look in AccessLog.objects.all() if look.what == AccessLog.What.STATEMENT]
    assert [look.number for look in looks] == [bank.pk, bank.pk]
    assert "Overzicht van rekening 1000 Bank" in mees.get("/controle/inzage/").content.decode()


def test_the_newest_head_is_printed_on_a_statement_and_stands_under_balance_and_account(
    mees: Client, desk: Desk
) -> None:
    bank = books.accounts_of(fund_ids=[desk.road.programme.fund_id]).get(kind_id=Code.BANK)
    pages = ("/controle/", f"/controle/rekening/{bank.pk}/")
    for page in pages:
        assert "Er is nog niets verzegeld" in mees.get(page).content.decode()
    seal()
    head = heads.latest_head() or ""
    for page in pages:
        assert head in mees.get(page).content.decode()
    printed = pypdf.PdfReader(io.BytesIO(body(mees.get(f"{pages[1]}afschrift.pdf"))))
    assert head in "".join(page.extract_text() for page in printed.pages).replace("\n", "")


def test_a_statement_too_long_for_paper_says_what_to_do(
    mees: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "MOST_LINES", 1)
    bank = books.accounts_of(fund_ids=[desk.road.programme.fund_id]).get(kind_id=int(Code.BANK))
    answer = mees.get(f"/controle/rekening/{bank.pk}/afschrift.pdf", {"since": "2026-01-01"}, follow=True)
    assert "Kies een kortere periode, of neem de CSV." in answer.content.decode()
    assert 'value="2026-01-01"' in answer.content.decode()
    assert not AccessLog.objects.filter(what=AccessLog.What.STATEMENT).exists()
