"""Wijkrand hands in its list of dwellings."""

import hashlib
import io
import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from people.models import Organisation, User
from places.imports import FaultCode, ListRefused
from places.models import Dwelling, DwellingImport, Estate
from places.operations import import_dwellings
from tests import databases
from tests.places import factories

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEADER = "straat;huisnummer;toevoeging;postcode;plaats;buurtcode;complex;vhe;eigen_huurder"


def line(
    number: int, *, street: str = "Bermweg", estate: str = "C14", unit: str = "", own: str = "ja"
) -> str:
    return f"{street};{number};;2907LA;Capelle;BU05020101;{estate};{unit};{own}"


def listing(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


def hand_in(organisation: Organisation, *lines: str, made_by: User | None = None) -> DwellingImport:
    return import_dwellings(
        organisation=organisation, content=listing(*lines), file_name="list.csv", made_by=made_by, now=NOW
    )


@pytest.fixture
def wijkrand(db: None) -> Organisation:
    factories.neighbourhood()
    return factories.wijkrand()


def test_all_of_this_is_done_as_the_applications_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("buurtpot_app",)


def test_a_list_becomes_dwellings_with_their_estates_and_says_who_handed_it_in(
    wijkrand: Organisation,
) -> None:
    alice = User.objects.create_user("alice@wijkrand.example")
    taken_in = hand_in(wijkrand, line(1, unit="V-1"), line(2, own="nee"), line(3, estate=""), made_by=alice)
    assert list(
        wijkrand.dwellings.order_by("house_number").values_list(
            "street", "house_number", "neighbourhood__code", "estate__code", "number_of_unit", "own_tenant"
        )
    ) == [
        ("Bermweg", 1, "BU05020101", "C14", "V-1", True),
        ("Bermweg", 2, "BU05020101", "C14", "", False),
        ("Bermweg", 3, "BU05020101", None, "", True),
    ]
    assert (taken_in.rows, taken_in.added, taken_in.made_by, taken_in.made_at) == (3, 3, alice, NOW)
    content = listing(line(1, unit="V-1"), line(2, own="nee"), line(3, estate=""))
    assert taken_in.content_hash == hashlib.sha256(content).hexdigest()


def test_a_second_list_updates_what_is_known_and_doubles_nothing(wijkrand: Organisation) -> None:
    hand_in(wijkrand, line(1), line(2))
    before = dict(wijkrand.dwellings.values_list("house_number", "pk"))
    taken_in = hand_in(wijkrand, line(2, street="Nieuwe Bermweg", estate="C15", own="nee"), line(3))
    assert (taken_in.rows, taken_in.added) == (2, 1)
    assert list(
        wijkrand.dwellings.order_by("house_number").values_list(
            "house_number", "street", "estate__code", "own_tenant"
        )
    ) == [(1, "Bermweg", "C14", True), (2, "Nieuwe Bermweg", "C15", False), (3, "Bermweg", "C14", True)]
    assert dict(wijkrand.dwellings.values_list("house_number", "pk")).items() >= before.items()


def test_a_list_without_a_column_leaves_what_that_column_said(wijkrand: Organisation) -> None:
    hand_in(wijkrand, line(1, unit="V-1", own="nee"))
    short = b"straat;huisnummer;postcode;plaats;buurtcode\nParkweg;1;2907LA;Capelle;BU05020101"
    import_dwellings(organisation=wijkrand, content=short, file_name="short.csv", made_by=None, now=NOW)
    dwelling = wijkrand.dwellings.select_related("estate").get()
    assert dwelling.street == "Parkweg"
    assert dwelling.estate
    assert (dwelling.estate.code, dwelling.number_of_unit, dwelling.own_tenant) == ("C14", "V-1", False)


def test_a_list_with_an_empty_cell_takes_away_what_was_there(wijkrand: Organisation) -> None:
    hand_in(wijkrand, line(1, unit="V-1"))
    hand_in(wijkrand, line(1, unit="", estate=""))
    dwelling = wijkrand.dwellings.get()
    assert (dwelling.estate, dwelling.number_of_unit) == (None, "")


def test_of_a_list_with_one_fault_nothing_is_taken_in(wijkrand: Organisation) -> None:
    with pytest.raises(ListRefused) as refused:
        hand_in(wijkrand, line(1), line(2), line(0))
    assert [fault.code for fault in refused.value.faults] == [FaultCode.BAD_HOUSE_NUMBER]
    assert not Dwelling.objects.exists()
    assert not Estate.objects.exists()
    assert not DwellingImport.objects.exists()
    # And without the faulty line it is.
    assert hand_in(wijkrand, line(1), line(2)).added == 2


def test_two_corporations_may_have_the_same_address_and_the_same_estate_code(wijkrand: Organisation) -> None:
    havenwaarde = factories.havenwaarde()
    hand_in(wijkrand, line(1))
    assert hand_in(havenwaarde, line(1, street="Bermweg-Zuid")).added == 1
    assert wijkrand.dwellings.get().street == "Bermweg"
    assert {estate.organisation for estate in Estate.objects.all()} == {wijkrand, havenwaarde}


def test_a_long_list_takes_no_more_queries_than_a_short_one(wijkrand: Organisation) -> None:
    counts = []
    for first, last in ((1, 3), (1000, 4000)):
        with CaptureQueriesContext(connection) as queries:
            hand_in(wijkrand, *(line(number, estate=f"C{number}") for number in range(first, last)))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def committed_cast() -> tuple[Organisation, Organisation]:
    factories.neighbourhood()
    return factories.wijkrand(), factories.havenwaarde()


def test_a_list_waits_for_another_of_the_same_organisation_and_for_no_other(own_database: str) -> None:
    wijkrand, havenwaarde = committed_cast()
    with psycopg.connect(databases.url("default", own_database)) as elsewhere:
        elsewhere.execute("SELECT FROM people_organisation WHERE id = %s FOR NO KEY UPDATE", [wijkrand.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            hand_in(wijkrand, line(1))
        assert hand_in(havenwaarde, line(1)).added == 1
    assert hand_in(wijkrand, line(1)).added == 1


def test_a_list_does_not_wait_for_somebody_who_joins_the_organisation(own_database: str) -> None:
    wijkrand, _ = committed_cast()
    with psycopg.connect(databases.url("default", own_database)) as elsewhere:
        # What PostgreSQL itself takes for every new row that refers to the organisation.
        elsewhere.execute("SELECT FROM people_organisation WHERE id = %s FOR KEY SHARE", [wijkrand.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        assert hand_in(wijkrand, line(1)).added == 1


def test_lists_handed_in_at_once_double_nothing_and_count_each_dwelling_once(own_database: str) -> None:
    wijkrand, _ = committed_cast()
    start = threading.Barrier(4)
    added: list[int] = []

    def take_in(first: int) -> None:
        start.wait(timeout=30)
        try:
            added.append(hand_in(wijkrand, *(line(number) for number in range(first, first + 300))).added)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take_in, args=[first]) for first in (1, 101, 201, 301)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(added) == 4
    assert sum(added) == wijkrand.dwellings.count() == 600
    assert wijkrand.estates.count() == 1


def run(*arguments: str | Path) -> dict[str, object]:
    out = io.StringIO()
    call_command("import_dwellings", *map(str, arguments), "--json", stdout=out)
    result: dict[str, object] = json.loads(out.getvalue())
    return result


def test_from_a_shell_a_list_is_taken_in_and_counted(wijkrand: Organisation, tmp_path: Path) -> None:
    file = tmp_path / "march.csv"
    file.write_bytes(listing(line(1), line(2)))
    assert run(file, "--organisation", "wijkrand") == {"ok": True, "rows": 2, "added": 2, "updated": 0}
    assert run(file, "--organisation", "wijkrand") == {"ok": True, "rows": 2, "added": 0, "updated": 2}
    assert {(known.file_name, known.made_by) for known in DwellingImport.objects.all()} == {
        ("march.csv", None)
    }


def test_from_a_shell_a_list_with_faults_is_refused_with_all_of_them(
    wijkrand: Organisation, tmp_path: Path
) -> None:
    file = tmp_path / "march.csv"
    file.write_bytes(listing(line(1), line(2, street="=1+1")))
    out = io.StringIO()
    with pytest.raises(CommandError, match="Nothing was taken in: 1"):
        call_command("import_dwellings", str(file), "--organisation", "wijkrand", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "ok": False,
        "total": 1,
        "faults": [{"line": 3, "column": "straat", "code": "formula", "value": "=1+1"}],
    }


def test_from_a_shell_faults_cannot_steer_the_terminal(wijkrand: Organisation, tmp_path: Path) -> None:
    file = tmp_path / "march.csv"
    file.write_bytes(listing(line(1, street="\x1b[2JBermweg")))
    told = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_dwellings", str(file), "--organisation", "wijkrand", stderr=told)
    assert told.getvalue() == "line 2 straat: unprintable '\\x1b[2JBermweg'\n"


def test_from_a_shell_an_unknown_organisation_or_file_is_named(
    wijkrand: Organisation, tmp_path: Path
) -> None:
    file = tmp_path / "march.csv"
    with pytest.raises(CommandError, match=r"march\.csv"):
        run(file, "--organisation", "wijkrand")
    file.write_bytes(listing(line(1)))
    with pytest.raises(CommandError, match="wijkland"):
        run(file, "--organisation", "wijkland")
