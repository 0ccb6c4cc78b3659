"""Files that take a while. They are read on another connection, so the data is committed."""

import io
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
import pyxaf
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from books import exports
from books.models import SILENCE, Export
from books.tasks import sweep_exports
from common.models import StoredFile
from people.models import Organisation, User
from tests import databases
from tests.books.road import Road, travelled
from tests.cast import NOW

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def road(own_database: str) -> Road:
    return travelled()


def asked(
    road: Road,
    kind: Export.Kind = Export.Kind.CSV,
    *,
    by: User | None = None,
    organisation: Organisation | None = None,
    since: date = YEAR[0],
    until: date = YEAR[1],
) -> Export:
    return exports.ask(
        user=by or road.here.mees,
        organisation=organisation or road.here.klinker,
        kind=kind,
        fund_id=None,
        since=since,
        until=until,
        language="nl",
        now=timezone.now(),
    )


def made(export: Export) -> Export:
    exports.make(export_id=export.pk)
    export.refresh_from_db()
    return export


def content(export: Export) -> bytes:
    assert export.file is not None
    with default_storage.open(export.file.path, "rb") as opened:
        found: bytes = opened.read()
    return found


def kept_files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", Export.Kind)
def test_each_kind_of_file_is_made_and_kept_for_a_week(road: Road, kind: Export.Kind) -> None:
    export = made(asked(road, kind))
    assert export.state == Export.State.READY
    assert export.done == export.expected > 10
    assert export.file is not None
    assert export.file.size == len(content(export)) > 1_000
    assert export.file.keep_until == timezone.localdate() + timedelta(days=7)
    names = ("dagboek-de-klinker", "auditfile-de-klinker-2026", "bewijsdossier-de-klinker-2026")
    assert exports.file_name(export).startswith(names)


def test_the_workbook_is_in_the_words_of_the_pages(road: Road) -> None:
    with zipfile.ZipFile(io.BytesIO(content(made(asked(road, Export.Kind.XLSX))))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert {"Storting op de bank", "Cheque geactiveerd", "bon 1"} <= set(
        re.findall(r"<t[^>]*>([^<]*)</t>", sheet)
    )
    assert "bank funding" not in sheet


def test_an_audit_file_for_one_organisation_is_an_extract_and_for_the_operator_whole(road: Road) -> None:
    extract = content(made(asked(road, Export.Kind.XAF)))
    whole = content(made(asked(road, Export.Kind.XAF, by=road.here.thea, organisation=road.here.operator)))
    assert list(pyxaf.validate(extract).findings) == list(pyxaf.validate(whole).findings) == []
    assert b"uittreksel" in extract
    assert b"uittreksel" not in whole


def test_a_journal_of_one_organisation_holds_nothing_of_another(road: Road) -> None:
    for kind in (Export.Kind.CSV, Export.Kind.JSONL, Export.Kind.BEANCOUNT):
        ours = content(made(asked(road, kind)))
        theirs = content(made(asked(road, kind, by=road.here.thea, organisation=road.here.operator)))
        assert len(ours) < len(theirs)
        Export.objects.update(state=Export.State.REMOVED, file=None, ended_at=NOW)


def test_an_empty_period_is_said_at_once_and_nothing_is_written_down(road: Road) -> None:
    with pytest.raises(exports.NothingBooked):
        asked(road, since=date(2019, 1, 1), until=date(2019, 12, 31))
    assert not Export.objects.exists()


def test_nobody_has_more_than_three_made_at_once(road: Road) -> None:
    for _ in range(3):
        asked(road)
    with pytest.raises(exports.TooManyAtOnce):
        asked(road)
    exports.cancel(export_id=Export.objects.order_by("pk")[0].pk, now=timezone.now())
    asked(road)


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[Export], object]) -> None:
    """Lets something happen after the first part of a file was written, before its writer looks at the row."""

    def write(export: Export, out: BinaryIO, told: Callable[[int], object]) -> None:
        out.write(b"half of it")
        happens(export)
        told(5)
        out.write(b"the other half")

    monkeypatch.setitem(exports.WRITERS, Export.Kind.CSV, write)
    monkeypatch.setattr(exports, "EVERY", timedelta(0))


def test_cancelled_half_way_it_leaves_nothing_behind(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept_files()
    meanwhile(monkeypatch, lambda export: exports.cancel(export_id=export.pk, now=timezone.now()))
    export = made(asked(road))
    assert (export.state, export.file) == (Export.State.CANCELLED, None)
    assert kept_files() == before
    assert not StoredFile.objects.filter(mime_type="text/csv").exists()
    assert not exports.cancel(export_id=export.pk, now=timezone.now())


def test_cancelled_at_the_very_end_it_leaves_nothing_behind_either(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept_files()

    def write(export: Export, out: BinaryIO, told: Callable[[int], object]) -> None:
        out.write(b"all of it")
        exports.cancel(export_id=export.pk, now=timezone.now())

    monkeypatch.setitem(exports.WRITERS, Export.Kind.CSV, write)
    export = made(asked(road))
    assert (export.state, export.file) == (Export.State.CANCELLED, None)
    assert kept_files() == before


def test_one_can_see_how_far_it_is(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    def write(export: Export, out: BinaryIO, told: Callable[[int], object]) -> None:
        for _ in range(2):
            told(export.expected // 2)
            now = Export.objects.get(pk=export.pk)
            seen.append((now.done, now.percent))

    monkeypatch.setitem(exports.WRITERS, Export.Kind.CSV, write)
    monkeypatch.setattr(exports, "EVERY", timedelta(0))
    export = made(asked(road))
    half = export.expected // 2
    assert [done for done, _percent in seen] == [half, 2 * half]
    assert 40 <= seen[0][1] <= 50
    assert seen[1][1] <= 99


def test_what_goes_wrong_is_a_state_and_not_a_file(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(export: Export, out: BinaryIO, told: Callable[[int], object]) -> None:
        raise OSError("the disk is full")

    monkeypatch.setitem(exports.WRITERS, Export.Kind.CSV, write)
    export = made(asked(road))
    assert (export.state, export.file) == (Export.State.FAILED, None)


def silent(export: Export) -> None:
    """As a worker leaves it that was killed."""
    Export.objects.filter(pk=export.pk).update(
        state=Export.State.WORKING, tries=1, done=3, alive_at=timezone.now() - SILENCE - timedelta(seconds=1)
    )


def test_what_a_killed_worker_left_is_made_again_by_the_sweeper(road: Road, worker: None) -> None:
    export = asked(road)
    silent(export)
    sweep_exports()
    export.refresh_from_db()
    assert (export.state, export.tries) == (Export.State.READY, 2)


def test_a_worker_that_really_is_killed_leaves_no_file_and_another_makes_it(
    road: Road, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With -9, in the middle of writing: a process of its own that stops in the middle and is killed there."""
    export = asked(road)
    before = kept_files()
    program = (
        "import django, sys, time; django.setup()\n"
        "from books import exports\n"
        "def write(export, out, told):\n"
        "    out.write(b'half of it'); print('half way', flush=True); time.sleep(60)\n"
        "exports.WRITERS['csv'] = write\n"
        f"exports.make(export_id={export.pk})\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment(own_database),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"half way\n"
    process.kill()
    process.wait()
    process.stdout.close()
    export.refresh_from_db()
    assert (export.state, export.tries) == (Export.State.WORKING, 1)
    assert kept_files() == before
    # Not at once: it could still be alive.
    assert made(export).tries == 1
    Export.objects.filter(pk=export.pk).update(alive_at=timezone.now() - SILENCE - timedelta(seconds=1))
    assert made(export).state == Export.State.READY


def environment(database: str) -> dict[str, str]:
    own = {"PYTHONPATH": str(settings.ROOT / "src"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return os.environ | databases.environment(database) | own


def test_a_worker_that_was_only_slow_changes_nothing_any_more(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(export: Export) -> None:
        Export.objects.filter(pk=export.pk).update(tries=export.tries + 1)

    meanwhile(monkeypatch, overtaken)
    export = made(asked(road))
    # The other one has it now.
    assert (export.state, export.tries, export.file) == (Export.State.WORKING, 2, None)


def test_a_file_that_takes_three_workers_with_it_is_given_up(road: Road) -> None:
    export = asked(road)
    silent(export)
    Export.objects.filter(pk=export.pk).update(tries=exports.MOST_TRIES)
    assert made(export).state == Export.State.FAILED


def test_two_workers_make_one_file(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = threading.Event()
    go_on = threading.Event()
    times: list[int] = []

    def write(export: Export, out: BinaryIO, told: Callable[[int], object]) -> None:
        times.append(export.pk)
        inside.set()
        go_on.wait(20)

    def work() -> None:
        try:
            exports.make(export_id=export.pk)
        finally:
            connections.close_all()

    monkeypatch.setitem(exports.WRITERS, Export.Kind.CSV, write)
    export = asked(road)
    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(20)
    exports.make(export_id=export.pk)
    go_on.set()
    first.join()
    assert times == [export.pk]


def test_after_a_week_the_file_is_gone_and_that_it_was_asked_for_is_not(road: Road) -> None:
    export = made(asked(road))
    path = export.file.path if export.file else ""
    now = timezone.now()
    assert exports.remove_old(now=now + timedelta(days=6)) == 0
    assert exports.remove_old(now=now + timedelta(days=8)) == 1
    export.refresh_from_db()
    assert (export.state, export.file) == (Export.State.REMOVED, None)
    assert not default_storage.exists(path)


def test_the_same_content_for_two_people_is_removed_with_the_last(road: Road) -> None:
    first, second = (made(asked(road, Export.Kind.BEANCOUNT)) for _ in range(2))
    assert first.file == second.file
    Export.objects.filter(pk=first.pk).update(ended_at=timezone.now() - timedelta(days=8))
    exports.remove_old(now=timezone.now())
    assert content(second)
    assert second.file is not None
    Export.objects.filter(pk=second.pk).update(ended_at=timezone.now() - timedelta(days=8))
    exports.remove_old(now=timezone.now())
    assert not StoredFile.objects.filter(pk=second.file.pk).exists()


def test_a_fund_that_the_organisation_may_not_read_any_more_is_not_in_it(
    road: Road, settings: Settings
) -> None:
    """What one may read is looked up when the file is made."""
    export = asked(road)
    noorderwal = Organisation.objects.create(kind="corporation", name="Noorderwal", slug="noorderwal")
    Export.objects.filter(pk=export.pk).update(organisation=noorderwal)
    lines = content(made(export)).splitlines()
    assert len(lines) == 1
