"""Evidence packs: what is in them, what is not, and that somebody without Buurtpot can check them."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pypdf
import pytest
from django.core.files.storage import default_storage
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from books import pack, pack_texts
from books.models import Export
from books.pack import Drawing, Wanted
from books.sampling import Flow, Method, Question
from campaigns.models import Campaign, Receipt
from cheques import operations as cheques
from ledger import heads
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from people.models import Organisation
from tests.books.road import Road, picture, travelled
from tests.books.test_exports import asked, content, made
from tests.books.two_roads import travelled as two_roads
from tests.cast import NOW
from tests.ledger import sealing
from tests.standin import Stripe

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
TWENTY_FIVE = Drawing(Flow.ALL, Question(Method.MONETARY, 25, "1"), 10**9)


@pytest.fixture
def road(own_database: str) -> Road:
    """Thirty dwellings, of which twenty-nine activate their cheque; and Noorderwal's money beside it. All is sealed."""
    road = travelled(dwellings=20)
    for cheque in road.run.cheques.filter(purse=None).order_by("pk")[:14]:
        cheques.activate(cheque_id=cheque.pk, now=NOW)
    noorderwal = Organisation.objects.create(kind="corporation", name="Noorderwal", slug="noorderwal")
    fund = ledger.open_fund(kind=FundKind.PROGRAMME, name="Van Noorderwal", organisation=noorderwal, now=NOW)
    bank, budget = (ledger.account(fund_id=fund.pk, code=code) for code in (Code.BANK, Code.BUDGET))
    ledger.post(key="theirs", kind="bank funding", moves=[ledger.Move(bank, budget, 98_765)], now=NOW)
    sealing.seal()
    return road


def wanted(road: Road, drawing: Drawing | None = None) -> Wanted:
    return Wanted(road.here.klinker.name, {road.programme.fund_id: road.programme.fund.name}, *YEAR, drawing)


def unpacked(folder: Path, what: Wanted, language: pack_texts.Language = "nl") -> Path:
    """The pack, as somebody finds it after unpacking in an empty folder."""
    folder.mkdir(exist_ok=True)
    with ZipFile(_packed(what, language)) as zipped:
        assert zipped.testzip() is None
        zipped.extractall(folder)
    return folder


def _packed(what: Wanted, language: pack_texts.Language = "nl") -> io.BytesIO:
    told: list[int] = []
    out = io.BytesIO()
    with translation.override(language):
        pack.write(out, wanted=what, language=language, made_at=NOW, told=told.append)
    assert told
    return out


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_text("utf-8"))))


def texts(folder: Path) -> str:
    """All that can be read in it, the index too."""
    found = [
        path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.suffix in (".csv", ".json", ".jsonl", ".txt")
    ]
    return "\n".join([*found, index(folder)])


def index(folder: Path, name: str = "index.pdf") -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(folder / name).pages)


def verified(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """With the verifier out of the pack, and nothing else of ours."""
    return subprocess.run(
        [sys.executable, "-I", "verify_books.py", "journal.jsonl", *options],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )


def trusted(folder: Path) -> list[str]:
    """The options of the command that stands in the README."""
    (command,) = [line for line in (folder / "README.txt").read_text().splitlines() if "--key" in line][:1]
    return command.split("journal.jsonl")[1].split()


# A sample of twenty-five with seed 1, checked by somebody who has nothing of ours.


def test_somebody_without_us_checks_a_sample_of_twenty_five(road: Road, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "pack", wanted(road, TWENTY_FIVE))
    for line in (folder / "manifest.sha256").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    checked = subprocess.run(
        ["sha256sum", "--strict", "-c", "manifest.sha256"], cwd=folder, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    sealed_head = bytes(heads.heads()[0].head).hex()
    options = trusted(folder)
    assert options == ["--key", sealing.public(sealing.KEY), "--expect-head", sealed_head]
    answer = verified(folder, *options)
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stdout
    assert answer.stdout.startswith(f"head {sealed_head}\n")
    assert "sample of 25 (monetary), seed 1" in answer.stdout


def one_digit(line: bytes) -> bytes:
    return line.replace(b'"amount_cents": 500}', b'"amount_cents": 501}', 1)


def test_one_byte_of_the_journal_altered_is_found(road: Road, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "pack", wanted(road, TWENTY_FIVE))
    journal = folder / "journal.jsonl"
    before = journal.read_bytes()
    journal.write_bytes(one_digit(before))
    assert journal.read_bytes() != before
    answer = verified(folder, *trusted(folder))
    assert answer.returncode == 1
    assert answer.stdout.startswith("WRONG")
    digest = hashlib.sha256(journal.read_bytes()).hexdigest()
    assert digest not in (folder / "manifest.sha256").read_text()


def test_a_pack_by_another_key_is_found(road: Road, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "pack", wanted(road, TWENTY_FIVE))
    assert verified(folder, "--key", sealing.public(sealing.OTHER_KEY)).returncode == 1


def test_a_sample_holds_its_entries_and_no_others_and_says_how_it_was_drawn(
    road: Road, tmp_path: Path
) -> None:
    folder = unpacked(tmp_path / "pack", wanted(road, TWENTY_FIVE))
    sample = json.loads((folder / "sample.json").read_text())
    drawn = {hit["entry"] for hit in sample["hits"]}
    assert (sample["seed"], sample["size"], sample["method"]) == ("1", 25, "monetary")
    assert sample["interval_cents"] == sample["total_cents"] // 25
    assert sum(hit["times"] for hit in sample["hits"]) in (25, 26)
    assert {int(row["entry"]) for row in rows(folder, "journal.csv")} == drawn
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert {line["entry"] for line in lines if "entry" in line} == drawn
    whole = unpacked(tmp_path / "whole", wanted(road))
    assert drawn < {int(row["entry"]) for row in rows(whole, "journal.csv")}
    text = index(folder)
    assert "De steekproef" in text
    assert "Startgetal 1" in text.replace("\n", " ")
    assert all(str(entry) in text for entry in drawn)


# What is in it.


def test_the_manifest_has_every_file_with_its_hash_and_size(road: Road, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "pack", wanted(road))
    manifest = json.loads((folder / "manifest.json").read_text())
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {file["name"] for file in manifest["files"]} == there - {"manifest.json", "manifest.sha256"}
    for file in manifest["files"]:
        assert file["size"] == (folder / file["name"]).stat().st_size
    assert {
        "README.txt",
        "index.pdf",
        "journal.jsonl",
        "journal.csv",
        "verify_books.py",
        "seals.json",
    } <= there
    assert (folder / "verify_books.py").read_bytes() == sealing.VERIFIER.read_bytes()
    assert (manifest["since"], manifest["until"], manifest["sample"]) == ("2026-01-01", "2026-12-31", None)


def test_a_receipt_lies_in_it_under_its_entry_and_hash(road: Road, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "pack", wanted(road))
    (row,) = rows(folder, "evidence/receipts.csv")
    assert (folder / row["document"]).read_bytes() == picture()
    digest = hashlib.sha256(picture()).hexdigest()[:16]
    assert row["document"] == f"documents/{row['entry']}-receipt-{road.receipt.pk}-{digest}.jpg"
    assert row["document"] in index(folder).replace("\n", "")


def test_who_approved_what_is_in_it_also_the_campaign_and_the_bank_account(
    road: Road, tmp_path: Path
) -> None:
    folder = unpacked(tmp_path / "pack", wanted(road))
    decided = {(row["thing"], row["made_by"], row["approved_by"]) for row in rows(folder, "approvals.csv")}
    assert {
        ("run", "Karin", "Youssef"),
        ("payout", "Karin", "Youssef"),
        ("receipt", "Fatma", "Karin"),
        ("bank account", "Fatma", "Karin"),
    } <= decided
    assert any(thing == "campaign" and approved for thing, _made, approved in decided)
    assert all(
        row["made_at"] and row["approved_at"] for row in rows(folder, "approvals.csv") if row["approved_by"]
    )
    assert any("NL91ABNA0417164300" in row["label"] for row in rows(folder, "approvals.csv"))


def test_what_changes_while_it_is_made_is_not_in_it(road: Road) -> None:
    """The evidence is of the moment of the journal, not of a minute later."""

    def later(_transfers: int) -> None:
        Campaign.objects.update(title="Van later")

    out = io.BytesIO()
    pack.write(out, wanted=wanted(road), language="nl", made_at=NOW, told=later)
    assert Campaign.objects.get().title == "Van later"
    with ZipFile(out) as zipped:
        campaigns = zipped.read("evidence/campaigns.csv").decode()
        assert "Bank op het Irisplein" in campaigns
        assert not [name for name in zipped.namelist() if b"Van later" in zipped.read(name)]


def test_the_lines_of_the_bank_are_in_it_with_the_hash_of_their_statement(road: Road, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "pack", wanted(road))
    lines = rows(folder, "statements/bank_lines.csv")
    assert {row["amount_cents"] for row in lines} == {"10000", "-3000", "200"}
    assert all(len(row["statement_hash"]) == 64 for row in lines)


def test_donations_are_in_it_with_their_numbers_at_stripe(
    own_database: str, stripe: Stripe, tmp_path: Path
) -> None:
    roads = two_roads(stripe)
    klinker = roads.here.klinker
    funds = {fund.pk: fund.name for fund in books.funds_of(organisation_id=klinker.pk)}
    folder = unpacked(tmp_path / "pack", Wanted(klinker.name, funds, *YEAR))
    donations = rows(folder, "evidence/stripe_donations.csv")
    assert {row["charge"] for row in donations} == {roads.henk.charge_id, roads.ria.charge_id}
    assert "Henk" not in texts(folder)
    assert "Ria" not in texts(folder)


def test_in_english_the_index_is_english_and_the_readme_is_both_always(road: Road, tmp_path: Path) -> None:
    dutch = unpacked(tmp_path / "nl", wanted(road, TWENTY_FIVE))
    english = unpacked(tmp_path / "en", wanted(road, TWENTY_FIVE), "en")
    assert "Evidence pack of" in index(english)
    assert "Bewijsdossier van" in index(dutch)
    assert (dutch / "README.txt").read_text() == (english / "README.txt").read_text()
    assert "Bewijsdossier van" in (dutch / "README.txt").read_text()
    assert "Evidence pack of" in (dutch / "README.txt").read_text()


def test_the_index_is_tagged_and_made_to_be_kept(road: Road, tmp_path: Path) -> None:
    reader = pypdf.PdfReader(unpacked(tmp_path / "pack", wanted(road)) / "index.pdf")
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert b"pdfaid:part" in root["/Metadata"].get_data()
    assert reader.pages[0].mediabox.width > reader.pages[0].mediabox.height


def test_many_entries_have_an_index_in_parts(
    road: Road, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "ENTRIES_IN_INDEX", 10)
    folder = unpacked(tmp_path / "pack", wanted(road))
    names = sorted(path.name for path in folder.glob("index*.pdf"))
    assert names[:2] == ["index-001.pdf", "index-002.pdf"]
    told = " ".join(index(folder, name) for name in names)
    assert f"deel 1 van {len(names)}" in told
    assert all(row["entry"] in told for row in rows(folder, "journal.csv"))


# What is not in it.


def test_nothing_of_another_organisation_is_in_it(road: Road, tmp_path: Path) -> None:
    for name, drawing in (("period", None), ("sample", TWENTY_FIVE)):
        folder = unpacked(tmp_path / name, wanted(road, drawing))
        text = texts(folder)
        assert "Noorderwal" not in text
        assert "98765" not in text
        assert "987,65" not in text
        transfers = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
        assert {line["fund"] for line in transfers if "fund" in line} == {road.programme.fund_id}
        assert {row["fund"] for row in rows(folder, "journal.csv")} == {str(road.programme.fund_id)}
        amounts = {line["amount_cents"] for line in transfers if "fund" in line}
        assert not amounts & {1_000, 933, 67}, "the municipality's part of what was paid, shown and sent back"


def test_a_document_that_the_storage_lost_or_changed_is_told_and_the_rest_is_made(
    road: Road, tmp_path: Path
) -> None:
    path = Receipt.objects.get(pk=road.receipt.pk).file.path
    with default_storage.open(path, "wb") as opened:
        opened.write(b"something else")
    changed = unpacked(tmp_path / "changed", wanted(road))
    (row,) = rows(changed, "evidence/receipts.csv")
    assert row["document"].startswith("veranderd in de opslag")
    default_storage.delete(path)
    lost = unpacked(tmp_path / "lost", wanted(road))
    assert rows(lost, "evidence/receipts.csv")[0]["document"] == "kwijt uit de opslag"
    assert not list(lost.glob("documents/*"))


def test_before_anything_is_sealed_the_pack_says_so(own_database: str, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "pack", wanted(travelled()))
    assert json.loads((folder / "seals.json").read_text()) == {"keys": [], "head": None}
    assert "Nothing was sealed yet" in (folder / "README.txt").read_text()
    assert verified(folder).returncode == 0


def test_a_formula_in_a_name_stays_text(road: Road, tmp_path: Path) -> None:
    Receipt.objects.filter(pk=road.receipt.pk).update(supplier="=HYPERLINK(1)", reason="=2")
    folder = unpacked(tmp_path / "pack", wanted(road))
    (row,) = rows(folder, "evidence/receipts.csv")
    assert (row["supplier"], row["reason"]) == ("'=HYPERLINK(1)", "'=2")


# Asked for.


def test_a_pack_is_one_of_the_files_that_are_made_in_the_background(road: Road, tmp_path: Path) -> None:
    export = made(asked(road, Export.Kind.PACK))
    assert export.state == Export.State.READY
    with ZipFile(io.BytesIO(content(export))) as zipped:
        assert "index.pdf" in zipped.namelist()
        assert json.loads(zipped.read("manifest.json"))["organisation"] == road.here.klinker.name


def test_what_is_drawn_is_kept_with_what_was_asked_for() -> None:
    assert pack.as_asked(json.loads(json.dumps(pack.as_kept(TWENTY_FIVE)))) == TWENTY_FIVE


def test_the_number_of_queries_grows_with_the_entries_and_by_four_for_each_at_most(road: Road) -> None:
    """Three at most for what stands behind an entry (books.evidence), and one for its document."""

    def count(size: int) -> tuple[int, int]:
        drawing = Drawing(Flow.ALL, Question(Method.RANDOM, size, "1"), 10**9)
        with (
            CaptureQueriesContext(connections["default"]) as own,
            CaptureQueriesContext(connections["reader"]) as read,
            ZipFile(_packed(wanted(road, drawing))) as zipped,
        ):
            entries = len({hit["entry"] for hit in json.loads(zipped.read("sample.json"))["hits"]})
        return entries, len(own) + len(read)

    few, many = count(2), count(25)
    assert many[0] > few[0]
    assert many[1] - few[1] <= 4 * (many[0] - few[0])
    assert few[1] <= 40
