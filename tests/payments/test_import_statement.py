"""A bank statement taken in from a shell: what the treasurer uploads on the site."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from ledger import queries as books
from ledger.chart import Code
from payments.bank.camt053 import Line
from payments.models import BankLine, BankStatement
from tests import cast
from tests.books.soundness import assert_sound
from tests.payments.paying import take_in
from tests.payments.test_statements import OTHER_IBAN, content

COMMAND = "import_statement"


def file_of(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "november.xml"
    file.write_bytes(content)
    return file


def told(file: Path) -> dict[str, Any]:
    """What is printed for scripts."""
    out = io.StringIO()
    call_command(COMMAND, str(file), "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def two_lines(here: cast.World) -> tuple[Line, Line]:
    """A budget under its reference, and money that nobody knows."""
    reference = cast.programme(here).fund.funding_requests.get().reference
    return cast.line(100_000, structured_reference=reference), cast.line(4_200, remittance="?")


def test_a_statement_is_taken_in_and_booked(here: cast.World, tmp_path: Path) -> None:
    file = file_of(tmp_path, cast.statement(*two_lines(here)))
    assert told(file) == {
        "ok": True,
        "statements": [{"identification": "2026-0001", "created": True, "lines": 2, "unknown": 1}],
    }
    assert BankStatement.objects.get().imported_by is None
    assert (books.total(code=Code.BUDGET), books.total(code=Code.UNIDENTIFIED)) == (100_000, 4_200)
    assert_sound()


def test_the_same_again_books_nothing(here: cast.World, tmp_path: Path) -> None:
    file = file_of(tmp_path, cast.statement(*two_lines(here)))
    told(file)
    assert told(file)["statements"] == [
        {"identification": "2026-0001", "created": False, "lines": 2, "unknown": 1}
    ]
    assert (BankLine.objects.count(), books.total(code=Code.BANK)) == (2, 104_200)
    assert_sound()


def test_people_read_what_became_of_it(here: cast.World, tmp_path: Path) -> None:
    file = file_of(tmp_path, cast.statement(*two_lines(here)))
    out = io.StringIO()
    for _ in range(2):
        call_command(COMMAND, str(file), stdout=out)
    assert out.getvalue().splitlines() == [
        "2026-0001: 2 lines booked, 1 of them not recognised.",
        "2026-0001: taken in before, nothing booked.",
    ]


def refusal(tmp_path: Path, content: bytes) -> str:
    """What the shell reads; nothing may have been booked."""
    before = (BankStatement.objects.count(), books.total(code=Code.BANK))
    with pytest.raises(CommandError) as refused:
        call_command(COMMAND, str(file_of(tmp_path, content)))
    assert (BankStatement.objects.count(), books.total(code=Code.BANK)) == before
    assert_sound()
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "not a statement (reason_code='empty', found='')"),
        (b"PK\x03\x04", "not a statement (reason_code='zip', found='')"),
        (b"<html/>", "not a statement (reason_code='other_root', found='html')"),
        (content(cast.line(100))[:-40], "not a statement (reason_code='cut_off', found='')"),
        (
            content(cast.line(100), iban=OTHER_IBAN),
            f"other account (found='{OTHER_IBAN}', ours='{site.OPERATOR_IBAN}')",
        ),
    ],
    ids=["empty", "zip", "web page", "cut off", "other account"],
)
def test_a_bad_file_is_refused_in_clear_words_and_books_nothing(
    here: cast.World, tmp_path: Path, content: bytes, found: str
) -> None:
    assert refusal(tmp_path, content) == f"Nothing was booked: {found}."


def test_a_statement_that_does_not_connect_is_refused_to_scripts_too(
    here: cast.World, tmp_path: Path
) -> None:
    take_in(cast.line(5_000))
    gap = content(cast.line(100), opening_cents=6_000)
    told_wrong = "does not connect (expected_cents=5000, found_cents=6000)"
    assert refusal(tmp_path, gap) == f"Nothing was booked: {told_wrong}."
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command(COMMAND, str(file_of(tmp_path, gap)), "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "ok": False,
        "refused": "DoesNotConnect",
        "expected_cents": 5_000,
        "found_cents": 6_000,
    }


def test_what_stands_in_a_file_cannot_steer_the_terminal(here: cast.World, tmp_path: Path) -> None:
    steering = content(cast.line(100)).replace(b">1.00<", ">1\u009b2J<".encode())
    assert "text='1\\x9b2J'" in refusal(tmp_path, steering)


def test_when_stripe_does_not_answer_nothing_is_booked(
    here: cast.World, tmp_path: Path, settings: Settings
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert "Stripe does not answer" in refusal(tmp_path, content(cast.line(100, remittance="po_1")))


def test_a_file_that_is_not_there_is_named(here: cast.World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"december\.xml"):
        call_command(COMMAND, str(tmp_path / "december.xml"))


def test_a_site_without_an_operator_has_no_bank_account(db: None, tmp_path: Path) -> None:
    assert "There is no operator" in refusal(tmp_path, content(cast.line(100)))
