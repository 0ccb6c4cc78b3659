"""The books as files. They are read by another role on another connection, so the data is committed."""

import csv
import io
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pyxaf
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from lxml import etree
from pytest_django.fixtures import Settings

from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.exports import journal, sealed, xaf
from ledger.exports.output import written_whole
from people.models import Organisation
from tests.books.road import Road
from tests.cast import NOW, TODAY
from tests.ledger.conftest import NEW_YEAR

XSD = site.ROOT.parent / "shared" / "data" / "xsd" / "XmlAuditfileFinancieel4.0.xsd"
TAG = f"{{{xaf.NAMESPACE}}}"


def audit_file(*, year: int = 2026, extract_for: Organisation | None = None) -> bytes:
    out = io.BytesIO()
    xaf.write(out, year=year, made_on=TODAY, extract_for=extract_for)
    return out.getvalue()


def texts(content: bytes, tag: str) -> list[str]:
    return [found.text or "" for found in etree.fromstring(content).iter(TAG + tag)]


def test_the_whole_books_pass_every_rule_of_the_audit_file(road: Road) -> None:
    for year in (2026, 2027):
        assert list(pyxaf.validate(audit_file(year=year)).findings) == []


def test_an_extract_for_one_organisation_balances_by_itself_and_says_what_it_is(road: Road) -> None:
    content = audit_file(extract_for=road.here.klinker)
    assert list(pyxaf.validate(content).findings) == []
    assert texts(content, "companyName") == ["Stichting Buurtpot (uittreksel voor Woonstichting De Klinker)"]
    assert texts(content, "softwareDesc") == ["Buurtpot (uittreksel)"]
    assert set(texts(content, "custSupID")) == {f"ORG-{road.here.klinker.pk}"}
    assert "Gemeente Oeverdam" not in content.decode()
    assert "Gemeente Oeverdam" in audit_file().decode()


def test_the_file_holds_the_tax_number_of_the_operator_where_it_is_known(
    road: Road, settings: Settings
) -> None:
    settings.OPERATOR_TAX_NUMBER = ""
    assert texts(audit_file(), "taxRegIdent") == ["onbekend"]
    settings.OPERATOR_TAX_NUMBER = "854123456"
    assert texts(audit_file(), "taxRegIdent") == ["854123456"]


@pytest.mark.skipif(not XSD.exists(), reason="the schema is not among the shared data")
def test_the_file_fits_the_schema_of_the_tax_office(road: Road) -> None:
    schema = etree.XMLSchema(etree.parse(XSD))
    for year in (2026, 2027):
        schema.assertValid(etree.fromstring(audit_file(year=year)))
    with pytest.raises(etree.DocumentInvalid):
        schema.assertValid(etree.fromstring(audit_file().replace(b"<effDate>2026-11-23</effDate>", b"", 1)))


def test_the_totals_of_the_file_are_those_of_the_trial_balance(road: Road) -> None:
    funds = [fund.pk for fund in books.funds_of(organisation_id=road.here.klinker.pk)]
    trial = books.trial_balance(fund_ids=funds, since=date(2026, 1, 1), until=date(2026, 12, 31))
    extract = audit_file(extract_for=road.here.klinker)
    total = f"{sum(line.debit_cents for line in trial) / 100:.2f}"
    assert texts(extract, "totalDebit") == texts(extract, "totalCredit") == ["0.00", total]
    assert texts(extract, "linesCount") == ["0", str(len(texts(extract, "trLine")))]
    assert len(texts(audit_file(), "trLine")) > len(texts(extract, "trLine"))


def test_the_opening_balance_is_what_stood_there_before_the_year_began(road: Road) -> None:
    opening = etree.fromstring(audit_file(year=2027)).find(f".//{TAG}openingBalance")
    assert opening is not None
    found = {
        line.findtext(f"{TAG}accID"): (line.findtext(f"{TAG}amnt"), line.findtext(f"{TAG}amntTp"))
        for line in opening.iter(f"{TAG}obLine")
    }
    assert found["1000"] == (f"{books.total(code=Code.BANK) / 100:.2f}", "D")
    # The ten euros that went back in the new year still stood on the budget.
    assert found["2000"] == (f"{(books.total(code=Code.BUDGET) + 1_000) / 100:.2f}", "C")
    assert texts(audit_file(year=2026), "obLine") == []


def test_costs_of_one_year_are_no_costs_of_the_next(road: Road) -> None:
    """A fee of € 0,32 in 2026: in 2027 it stands under the result of earlier years, and the opening balance closes."""
    costs, clearing = (
        ledger.account(fund_id=road.programme.fund_id, code=code)
        for code in (Code.PAYMENT_COSTS, Code.STRIPE_CLEARING)
    )
    ledger.post(key="fee", kind="donation", moves=[ledger.Move(costs, clearing, 32)], now=NOW)
    content = audit_file(year=2027)
    assert list(pyxaf.validate(content).findings) == []
    lines = {
        line.findtext(f"{TAG}accID"): (line.findtext(f"{TAG}amnt"), line.findtext(f"{TAG}amntTp"))
        for line in etree.fromstring(content).iter(f"{TAG}obLine")
    }
    assert "4000" not in lines
    assert lines[str(xaf.EARLIER_RESULT)] == ("0.32", "D")
    assert lines["1100"] == ("0.32", "C")
    assert xaf.EARLIER_RESULT not in set(Code)
    assert list(pyxaf.validate(audit_file(year=2026)).findings) == []


def test_entries_stand_in_the_journal_of_their_kind_and_with_their_campaign(road: Road) -> None:
    root = etree.fromstring(audit_file())
    journals = {
        journal.findtext(f"{TAG}jrnID"): [
            found.findtext(f"{TAG}Source") for found in journal.iter(f"{TAG}transaction")
        ]
        for journal in root.iter(f"{TAG}journal")
    }
    assert journals["BANK"] == ["bank funding", "bank funding", "bank payout", "bank leftover"]
    assert {"cheques issued", "gift", "match", "payout approved", "receipt approved"} <= set(journals["MEMO"])
    pots = [
        line.findtext(f"{TAG}project")
        for line in root.iter(f"{TAG}trLine")
        if line.findtext(f"{TAG}accID") == "2300"
    ]
    assert set(pots) == {road.campaign.key}


def test_no_words_of_people_and_no_secret_references_leave_with_a_file(road: Road) -> None:
    out = io.BytesIO()
    journal.write_csv(out)
    sealed.write(out, made_at=NOW)
    content = (out.getvalue() + audit_file() + audit_file(year=2027)).decode()
    assert "own words" not in content
    assert "secret reference" not in content
    assert "Yildiz" not in content


def test_a_year_without_entries_is_refused(road: Road) -> None:
    with pytest.raises(xaf.NoEntries) as refused:
        audit_file(year=2025)
    assert refused.value.year == 2025


def test_the_number_of_queries_does_not_grow_with_the_books(road: Road) -> None:
    for year, lines in ((2026, 60), (2027, 2)):
        with CaptureQueriesContext(connections["reader"]) as asked:
            assert len(texts(audit_file(year=year), "trLine")) >= lines
        assert len(asked) == 11


def test_a_cell_of_the_journal_is_never_taken_for_a_formula(road: Road) -> None:
    out = io.BytesIO()
    count = journal.write_csv(out)
    read = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    assert len(read) == count
    assert read[-1]["source"].startswith("'=HYPERLINK")
    for text in ("=1", "+1", "-1", "@x", "\tx", "\rx"):
        assert journal.guarded(text) == f"'{text}"
    assert journal.guarded("campaign:1") == "campaign:1"


def test_no_part_of_a_cell_is_a_formula_for_a_spreadsheet_that_divides_lines_elsewhere() -> None:
    """A Dutch one reads a semicolon as the next cell also where these files have commas, and a quote may stand in between."""
    for text, written in (
        ("Feest;=1+1", "Feest;'=1+1"),
        ('Feest;"=1+1";-2', "Feest;\"'=1+1\";'-2"),
        ("Feest,@x\t+1\r\n-1", "Feest,'@x\t'+1\r\n'-1"),
        ("Zomerfeest; 5 - 7 jaar, Oost-West", "Zomerfeest; 5 - 7 jaar, Oost-West"),
    ):
        assert journal.guarded(text) == written
        cells = [cell for row in csv.reader(io.StringIO(written), delimiter=";") for cell in row]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_an_auditors_journal_says_who_and_what_by_name_and_the_operators_shell_gives_numbers(
    road: Road,
) -> None:
    out, bare = io.BytesIO(), io.BytesIO()
    with translation.override(
        "nl"
    ):  # an account without a name of its own has one in the language of who asks
        journal.write_csv(out, names=True)
    journal.write_csv(bare)
    (issued, *_) = [
        row for row in csv.DictReader(io.StringIO(out.getvalue().decode())) if row["kind"] == "cheques issued"
    ]
    assert (issued["made_by_name"], issued["approved_by_name"]) == ("Karin", "Youssef")
    assert issued["fund_name"] == "Buurtcheques 2026"
    assert (issued["debit_name"], issued["credit_name"]) == (
        "Budget, nog niet uitgegeven",
        "Uitgifte november",
    )
    assert "Bank op het Irisplein" in out.getvalue().decode()
    assert "Karin" not in bare.getvalue().decode()


def test_the_journal_as_csv_holds_every_transfer_of_the_funds_and_days_asked_for(road: Road) -> None:
    out = io.BytesIO()
    journal.write_csv(out, fund_ids=[road.programme.fund_id], since=NEW_YEAR)
    read = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    assert [(row["debit_code"], row["credit_code"], row["amount_cents"]) for row in read] == [
        ("2000", "2700", "1000")
    ]


def test_the_commands_write_files(road: Road, tmp_path: Path) -> None:
    call_command("export_auditfile", year=2026, output=tmp_path / "books.xaf")
    call_command("export_auditfile", year=2026, organisation="de-klinker", output=tmp_path / "extract.xaf")
    call_command("export_journal", format="csv", output=tmp_path / "journal.csv")
    formats = ("csv", "jsonl", "xlsx", "beancount")
    for one in formats:
        call_command("export_journal", format=one, output=tmp_path / f"journal.{one}")
    journals = {f"journal.{one}" for one in formats}
    assert {path.name for path in tmp_path.iterdir()} == {"books.xaf", "extract.xaf"} | journals
    assert all((tmp_path / name).stat().st_size > 1_000 for name in journals)
    assert (tmp_path / "books.xaf").stat().st_size > (tmp_path / "extract.xaf").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("options", "told"),
    [({"organisation": "nobody"}, "no organisation nobody"), ({"year": 2025}, "Nothing was booked in 2025")],
)
def test_a_command_that_is_refused_says_why_and_leaves_the_file_that_was_there(
    road: Road, tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    target = tmp_path / "books.xaf"
    target.write_text("of last week")
    with pytest.raises(CommandError, match=told):
        call_command("export_auditfile", **({"year": 2026, "output": target} | options))
    assert [path.name for path in tmp_path.iterdir()] == ["books.xaf"]
    assert target.read_text() == "of last week"


def test_a_folder_that_is_not_there_is_said_so(road: Road, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing"):
        call_command("export_journal", format="csv", output=tmp_path / "missing" / "journal.csv")


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    with written_whole(tmp_path / "a") as file:
        file.write(b"whole")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_the_file_names_the_version_of_the_software() -> None:
    project = tomllib.loads((site.ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == xaf.VERSION
