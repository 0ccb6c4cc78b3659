"""Files for the auditor's own tools. They are read on another connection, so the data is committed."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pypdf
import pytest
import pyxaf
from django.test import Client

from books.models import Export
from common.money import cents_of
from ledger import asof, heads, statements
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.exports import parts, statement, trial
from people.models import AccessLog
from tests.cast import NOW
from tests.ledger.sealing import seal
from tests.web.auditors.conftest import Desk
from tests.web.signing_in import signed_in


@pytest.fixture
def desk(committed_desk: Desk) -> Desk:
    return committed_desk


def body(response: Any) -> bytes:
    content = b"".join(response.streaming_content)
    response.close()
    return content


def rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).decode())))


def press(client: Client, kind: str) -> Any:
    """The button of a file on the page of the balance: all that its form holds is sent. Gives the page that follows."""
    page = client.get("/controle/", {"since": "2026-01-01", "until": "2026-12-31"}).content.decode()
    (form,) = [part for part in page.split("<form")[1:] if f'name="kind" value="{kind}"' in part]
    fields = dict(re.findall(r'name="(kind|fund|since|until)" value="([^"]*)"', form.split("</form>")[0]))
    return client.post("/controle/bestanden/", fields, follow=True)


def taken(client: Client, answer: Any) -> Any:
    """What is to be downloaded on the page of files, newest first."""
    found = re.search(r'href="(/controle/bestanden/\d+/)"', answer.content.decode())
    assert found is not None
    return client.get(found[1])


def test_an_auditor_takes_an_extract_and_the_operators_auditor_the_whole_books(
    mees: Client, olga: Client, worker: None
) -> None:
    response = taken(mees, press(mees, "xaf"))
    assert response["Content-Disposition"] == 'attachment; filename="auditfile-de-klinker-2026.xaf"'
    extract, whole = body(response), body(taken(olga, press(olga, "xaf")))
    for content in (extract, whole):
        assert list(pyxaf.validate(content).findings) == []
    assert b"uittreksel voor Woonstichting De Klinker" in extract
    assert b"Gemeente Oeverdam" not in extract
    assert b"uittreksel" not in whole
    assert b"Gemeente Oeverdam" in whole


def test_the_journal_holds_the_own_funds_and_the_days_asked_for(
    mees: Client, otto: Client, desk: Desk, worker: None
) -> None:
    journal = rows(taken(mees, press(mees, "csv")))
    assert {row["fund"] for row in journal} == {str(desk.road.programme.fund_id)}
    assert "cheques issued" in {row["kind"] for row in journal}
    assert {"Karin", "Youssef"} <= {row["made_by_name"] for row in journal} | {
        row["approved_by_name"] for row in journal
    }
    assert [row["amount_cents"] for row in rows(taken(otto, press(otto, "csv")))] == ["12300"]


def test_what_is_as_large_as_the_books_is_made_by_the_worker_and_not_while_somebody_waits(
    mees: Client,
) -> None:
    for kind in ("csv", "xaf"):
        assert "Wacht op zijn beurt" in press(mees, kind).content.decode()
    assert [export.kind for export in Export.objects.order_by("pk")] == ["csv", "xaf"]


@pytest.mark.parametrize("what", ["balance", "statement"])
def test_a_table_is_sent_while_it_is_read(
    mees: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Nothing is read before the first byte is asked for, and no more than a part at a time."""
    monkeypatch.setattr(parts, "PART", 1)
    read: list[int] = []
    bank = books.accounts_of(fund_ids=[desk.road.programme.fund_id]).get(kind_id=int(Code.BANK))
    path, module, name = {
        "balance": ("balans.csv", asof, "trial_by_account"),
        "statement": (f"rekening/{bank.pk}/afschrift.csv", statements, "lines"),
    }[what]
    reads = getattr(module, name)

    def counted(*args: object, **kwargs: object) -> Iterator[object]:
        for line in reads(*args, **kwargs):
            read.append(1)
            yield line

    monkeypatch.setattr(module, name, counted)
    response: Any = mees.get(f"/controle/{path}")
    assert read == []
    sent = iter(response.streaming_content)
    while not read:
        next(sent)
    assert len(read) == 1
    assert len(list(sent)) > 1
    response.close()


def test_a_workbook_of_very_many_accounts_says_what_to_take(
    mees: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "MOST_IN_WORKBOOK", 3)
    answer = mees.get("/controle/balans.xlsx", follow=True)
    assert "Neem de CSV, of kies één fonds." in answer.content.decode()
    assert not AccessLog.objects.filter(what=AccessLog.What.BALANCE_FILE).exists()


def test_the_balance_as_a_file_opens_in_a_dutch_spreadsheet_and_closes(mees: Client) -> None:
    file = body(mees.get("/controle/balans.csv", {"since": "2026-01-01", "until": "2026-12-31"}))
    assert file.startswith(codecs.BOM_UTF8)
    balance = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))
    debit, credit = (sum(cents_of(row[side]) for row in balance) for side in ("Debet", "Credit"))
    assert debit == credit > 0
    (bank,) = [row for row in balance if row["Code"] == "1000"]
    assert (bank["Eindsaldo debet"], bank["Eindsaldo credit"]) == ("81,33", "")
    [pot] = [row for row in balance if row["Code"] == "2300"]
    assert pot["Naam"] == "Bank op het Irisplein"
    assert pot["Onderwerp"].startswith("initiatief ")


def test_a_download_is_a_look_too(desk: Desk) -> None:
    mees = signed_in(Client(), desk.mees)
    for path in ("balans.csv", "balans.xlsx"):
        body(mees.get(f"/controle/{path}"))
    assert [look.what for look in AccessLog.objects.all()] == [AccessLog.What.BALANCE_FILE] * 2


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


def test_balances_and_lines_are_of_one_moment_on_the_page_and_on_paper(
    mees: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Money arrives between the reading of the balances and that of the lines."""
    fund_id = desk.road.programme.fund_id
    bank, budget = (ledger.account(fund_id=fund_id, code=code) for code in (Code.BANK, Code.BUDGET))
    path = f"/controle/rekening/{bank}/"

    def after_a_deposit(read: Callable[..., Any]) -> Callable[..., Any]:
        def late(*of: Any, **how: Any) -> Any:
            ledger.post(key=read.__name__, kind="test", moves=[ledger.Move(bank, budget, 500)], now=NOW)
            return read(*of, **how)

        return late

    for name in ("page", "lines"):
        monkeypatch.setattr(statements, name, after_a_deposit(getattr(statements, name)))
    year = {"since": "2026-01-01", "until": "2026-12-31"}
    shown = mees.get(path, year).context
    assert shown["page"].lines[-1].balance_cents == shown["statement"].closing_cents
    (attached,) = pypdf.PdfReader(
        io.BytesIO(body(mees.get(f"{path}afschrift.pdf", year)))
    ).attachments.values()
    *_, last, closing = csv.DictReader(io.StringIO(attached[0].decode()))
    assert last["balance_cents"] == closing["balance_cents"]


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
    *_, closing, last = rows(mees.get(f"{pages[1]}afschrift.csv"))
    assert (closing["kind"], closing["source"]) == ("closing balance", "")
    assert (last["kind"], last["source"], last["balance_cents"]) == ("latest sealed head", head, "")
    assert len(last) == len(closing) == len(statement.HEADINGS)


def test_a_statement_too_long_for_paper_says_what_to_do(
    mees: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "MOST_LINES", 1)
    bank = books.accounts_of(fund_ids=[desk.road.programme.fund_id]).get(kind_id=int(Code.BANK))
    answer = mees.get(f"/controle/rekening/{bank.pk}/afschrift.pdf", {"since": "2026-01-01"}, follow=True)
    assert "Kies een kortere periode, of neem de CSV." in answer.content.decode()
    assert 'value="2026-01-01"' in answer.content.decode()
    assert not AccessLog.objects.filter(what=AccessLog.What.STATEMENT).exists()
