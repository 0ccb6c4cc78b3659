"""Files of the books that take a while: asked for, made by the worker while one can see how far it is, kept some days, gone.

The row is the record. A worker that is killed leaves nothing but a row that grows silent; the sweeper has the file made again.
Whoever writes looks at the row each second: a file that was cancelled, or that another worker took over, is thrown away.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from django.db import transaction
from django.db.models import F, ProtectedError, QuerySet
from django.utils import timezone, translation

from books import pack
from books.models import Export
from books.pack import Drawing
from books.words import kind_words, subject_words
from common import files
from ledger import asof, audit
from ledger import queries as books
from ledger.exports import beancount, journal, sealed, xaf
from ledger.exports.reading import Told
from people.models import Organisation, User

if TYPE_CHECKING:
    from ledger.models import Fund

logger = logging.getLogger(__name__)

KEPT = timedelta(days=7)
EVERY = timedelta(seconds=1)
MOST_TRIES = 3
MOST_AT_ONCE = 3
MIME_TYPES = {
    Export.Kind.CSV: "text/csv",
    Export.Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Export.Kind.JSONL: "application/x-ndjson",
    Export.Kind.XAF: "application/xml",
    Export.Kind.BEANCOUNT: "text/plain",
    Export.Kind.PACK: "application/zip",
}


class NothingBooked(ValueError):
    """There is no transfer in these funds and days, so there is no file to make."""


class TooManyAtOnce(ValueError):
    """Three files are being made already for this person."""


class Stopped(Exception):
    """The file is not wanted any more, or another worker makes it."""


def funds_for(organisation: Organisation) -> list[int]:
    """The funds that an auditor of this organisation may read: for the operator's all of them."""
    return [fund.pk for fund in _funds_for(organisation)]


def _funds_for(organisation: Organisation) -> "QuerySet[Fund]":
    return audit.all_funds() if organisation.is_operator else books.funds_of(organisation_id=organisation.pk)


@transaction.atomic
def ask(
    *,
    user: User,
    organisation: Organisation,
    kind: Export.Kind,
    fund_id: int | None,
    since: date,
    until: date,
    language: str,
    now: datetime,
    drawing: Drawing | None = None,
) -> Export:
    """Writes down that the file is wanted; the caller wakes the worker. Raises NothingBooked, TooManyAtOnce.

    An audit file is of the whole year in which `until` lies and of all funds; JSON lines hold the whole history, for without its
    beginning nobody can verify it. `drawing`: for a pack of a sample.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two requests at once count each other
    if Export.objects.unfinished().filter(user=user).count() >= MOST_AT_ONCE:
        raise TooManyAtOnce
    period: tuple[date | None, date | None] = (since, until)
    if kind == Export.Kind.XAF:
        period, fund_id = (date(until.year, 1, 1), date(until.year, 12, 31)), None
    elif kind == Export.Kind.JSONL:
        period = (None, None)
    fund_ids = [fund_id] if fund_id else funds_for(organisation)
    expected = asof.transfer_count(
        fund_ids=fund_ids, since=period[0] or date.min, until=period[1] or date.max
    )
    if expected == 0:
        raise NothingBooked
    return Export.objects.create(
        user=user,
        organisation=organisation,
        language=language,
        kind=kind,
        fund_id=fund_id,
        since=period[0],
        until=period[1],
        sample=None if drawing is None else pack.as_kept(drawing),
        expected=expected,
        asked_at=now,
    )


def cancel(*, export_id: int, now: datetime) -> bool:
    """Whoever makes the file finds out within a second, and throws it away. False when it had ended already."""
    found = Export.objects.unfinished().filter(pk=export_id)
    return bool(found.update(state=Export.State.CANCELLED, ended_at=now))


def make(*, export_id: int) -> None:
    """Makes the file, from its beginning. Nothing for one that ended, or that another worker makes."""
    export = _claim(export_id, timezone.now())
    if export is None:
        return
    try:
        with TemporaryFile() as opened, translation.override(export.language):
            out = cast(BinaryIO, opened)
            WRITERS[Export.Kind(export.kind)](export, out, Progress(export).tell)
            _finish(export, out)
    except Stopped:
        pass
    except Exception:
        _mine(export).update(state=Export.State.FAILED, ended_at=timezone.now())
        logger.exception("export %s failed", export.pk)


@transaction.atomic
def _claim(export_id: int, now: datetime) -> Export | None:
    export = Export.objects.select_for_update(skip_locked=True).due(now).filter(pk=export_id).first()
    if export is None:
        return None
    if export.tries == MOST_TRIES:
        # It took three workers with it.
        export.state, export.ended_at = Export.State.FAILED, now
        logger.error("export %s is given up after %s tries", export.pk, export.tries)
    else:
        export.state, export.alive_at, export.done = Export.State.WORKING, now, 0
        export.tries += 1
    export.save()
    return export if export.state == Export.State.WORKING else None


def _mine(export: Export) -> "QuerySet[Export]":
    """The row for as long as it is this worker's."""
    return Export.objects.filter(pk=export.pk, state=Export.State.WORKING, tries=export.tries)


@dataclass
class Progress:
    """Writes down how far a file is, once a second. Raises Stopped when it is not wanted any more."""

    export: Export
    done: int = 0
    told_at: datetime = field(default_factory=timezone.now)

    def tell(self, more: int) -> None:
        self.done += more
        now = timezone.now()
        if now - self.told_at >= EVERY:
            self.told_at = now
            if not _mine(self.export).update(done=self.done, alive_at=now):
                raise Stopped


@transaction.atomic
def _finish(export: Export, out: BinaryIO) -> None:
    if not _mine(export).select_for_update().exists():
        raise Stopped
    now = timezone.now()
    file = files.store_large(
        opened=out,
        name=file_name(export),
        mime_type=MIME_TYPES[Export.Kind(export.kind)],
        now=now,
        keep_until=(now + KEPT).date(),
    )
    _mine(export).update(state=Export.State.READY, file=file, done=F("expected"), ended_at=now)


def file_name(export: Export) -> str:
    """Such as dagboek-de-klinker-2026-01-01-2026-12-31.csv."""
    slug = export.organisation.slug
    if export.kind == Export.Kind.XAF and export.until is not None:
        return f"auditfile-{slug}-{export.until.year}.xaf"
    if export.kind == Export.Kind.PACK:
        what = "-steekproef" if export.sample else ""
        return f"bewijsdossier-{slug}{what}-{export.since}-{export.until}.zip"
    days = f"-{export.since}-{export.until}" if export.since else ""
    return f"dagboek-{slug}{days}.{export.kind}"


def _fund_ids(export: Export) -> list[int] | None:
    """As far as the organisation may read *now*; None for the whole books."""
    if export.fund_id is not None:
        return [export.fund_id]
    return None if export.organisation.is_operator else funds_for(export.organisation)


def _csv(export: Export, out: BinaryIO, told: Told) -> None:
    since, until = _days(export)
    journal.write_csv(out, fund_ids=_fund_ids(export), since=since, until=until, names=True, told=told)


def _xlsx(export: Export, out: BinaryIO, told: Told) -> None:
    since, until = _days(export)
    journal.write_xlsx(
        out,
        fund_ids=_fund_ids(export),
        since=since,
        until=until,
        names=True,
        kind_words=kind_words,
        subject_words=subject_words,
        told=told,
    )


def _beancount(export: Export, out: BinaryIO, told: Told) -> None:
    since, until = _days(export)
    beancount.write(out, fund_ids=_fund_ids(export), since=since, until=until, told=told)


def _jsonl(export: Export, out: BinaryIO, told: Told) -> None:
    fund_ids = _fund_ids(export)
    name = export.fund.name if export.fund else export.organisation.name
    chosen = None if fund_ids is None else sealed.of_funds(fund_ids, name=name)
    sealed.write(out, made_at=timezone.now(), chosen=chosen, told=told)


def _xaf(export: Export, out: BinaryIO, told: Told) -> None:
    here = export.organisation
    xaf.write(
        out,
        year=_days(export)[1].year,
        made_on=timezone.localdate(),
        extract_for=None if here.is_operator else here,
        told=told,
    )


def _pack(export: Export, out: BinaryIO, told: Told) -> None:
    since, until = _days(export)
    own = [export.fund] if export.fund else _funds_for(export.organisation)
    pack.write(
        out,
        wanted=pack.Wanted(
            export.organisation.name,
            {fund.pk: fund.name for fund in own},
            since,
            until,
            pack.as_asked(export.sample) if export.sample else None,
        ),
        language="nl" if export.language == "nl" else "en",
        made_at=timezone.now(),
        told=told,
    )


def _days(export: Export) -> tuple[date, date]:
    return export.since or date.min, export.until or date.max


WRITERS: dict[Export.Kind, Callable[[Export, BinaryIO, Told], None]] = {
    Export.Kind.CSV: _csv,
    Export.Kind.XLSX: _xlsx,
    Export.Kind.JSONL: _jsonl,
    Export.Kind.XAF: _xaf,
    Export.Kind.BEANCOUNT: _beancount,
    Export.Kind.PACK: _pack,
}


def remove_old(*, now: datetime) -> int:
    """Takes away the files whose days are over; gives how many."""
    old = Export.objects.filter(state=Export.State.READY, ended_at__lt=now - KEPT)
    count = 0
    for export in old.select_related("file"):
        _remove(export)
        count += 1
    return count


@transaction.atomic
def _remove(export: Export) -> None:
    file = export.file
    Export.objects.filter(pk=export.pk).update(state=Export.State.REMOVED, file=None)
    if file is not None:
        # The same content may be there for somebody else too.
        with suppress(ProtectedError), transaction.atomic():
            files.remove(file)
