"""All state of the stand-in: records in memory, every commit a line in a journal that a restart reads back.

A line reaches the operating system before anyone is answered. That survives the death of the process
(`kill -9`), not of the machine, which is enough for a stand-in.
"""

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# A JSON object with at least `object` (its kind) and `id`. Never changed in place: a new state, a new record.
# A kind that begins with an underscore is ours; Stripe's API does not show it.
Record = dict[str, Any]


class NotFound(LookupError):
    def __init__(self, kind: str, record_id: str) -> None:
        super().__init__(f"no such {kind}: {record_id}")
        self.kind = kind
        self.record_id = record_id


class JournalDamaged(Exception):
    """A line that was written whole cannot be read. Only an unfinished *last* line is dropped."""

    def __init__(self, path: Path, line_number: int) -> None:
        super().__init__(f"{path}: line {line_number} is not a journal line")
        self.path = path
        self.line_number = line_number


class JournalInUse(Exception):
    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: another process writes this journal")
        self.path = path


class StoreClosed(Exception):
    """A request came in while the server was going down."""


class Journal:
    """An append-only file of JSON lines, one line a commit, held by one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab+", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise JournalInUse(path) from error

    def read(self) -> Iterator[list[Record]]:
        """Every commit, oldest first. Cuts off an unfinished last line: nobody was told that it happened."""
        whole = 0
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    break
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise JournalDamaged(self._path, number) from error
                whole += len(line)
        self._file.truncate(whole)

    def append(self, records: list[Record]) -> None:
        line = json.dumps(records, separators=(",", ":")).encode() + b"\n"
        start = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(line) != len(line):
                raise OSError(f"{self._path}: a line was not written whole")
        except OSError:
            self._file.truncate(
                start
            )  # a disk that is full must not leave half a line for the next one to join
            raise

    def close(self) -> None:
        self._file.close()


@dataclass
class Shelf:
    """The records of one kind, in order of arrival."""

    records: dict[str, Record] = field(default_factory=dict)
    arrival: list[str] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)

    def put(self, record: Record) -> None:
        record_id = record["id"]
        if record_id not in self.place:
            self.place[record_id] = len(self.arrival)
            self.arrival.append(record_id)
        self.records[record_id] = record


@dataclass(frozen=True)
class Cursor:
    """Which page of a list, newest first. `after`: older than this id; `before`: just newer than it."""

    limit: int
    after: str | None = None
    before: str | None = None


class Change:
    """One commit in the making. What is put becomes visible to others, and lasting, all at once."""

    def __init__(
        self,
        shelves: dict[str, Shelf],
        *,
        now: int,
        listeners: int = 0,
        request_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        self.now = now
        self.listeners = listeners
        self.request_id = request_id
        self.idempotency_key = idempotency_key
        self._shelves = shelves
        self._staged: dict[tuple[str, str], Record] = {}

    @property
    def staged(self) -> list[Record]:
        return list(self._staged.values())

    def put(self, record: Record) -> Record:
        self._staged[record["object"], record["id"]] = record
        return record

    def discard(self) -> None:
        self._staged.clear()

    def find(self, kind: str, record_id: str) -> Record | None:
        staged = self._staged.get((kind, record_id))
        return staged or self._shelf(kind).records.get(record_id)

    def get(self, kind: str, record_id: str) -> Record:
        """Raises `NotFound`."""
        record = self.find(kind, record_id)
        if record is None:
            raise NotFound(kind, record_id)
        return record

    def committed(self, kind: str) -> list[Record]:
        """All records of a kind, oldest first, without what this change has staged."""
        return list(self._shelf(kind).records.values())

    def page(self, kind: str, *, keep: Callable[[Record], bool], cursor: Cursor) -> tuple[list[Record], bool]:
        """One page of committed records, newest first, and whether more follow. Raises `NotFound`."""
        shelf = self._shelf(kind)
        for edge in (cursor.after, cursor.before):
            if edge is not None and edge not in shelf.place:
                raise NotFound(kind, edge)
        if cursor.before is not None:
            places = range(shelf.place[cursor.before] + 1, len(shelf.arrival))
        else:
            newest = shelf.place[cursor.after] if cursor.after is not None else len(shelf.arrival)
            places = range(newest - 1, -1, -1)
        found: list[Record] = []
        for place in places:
            record = shelf.records[shelf.arrival[place]]
            if keep(record):
                found.append(record)
            if len(found) > cursor.limit:
                break
        shown = found[: cursor.limit]
        return (shown[::-1] if cursor.before is not None else shown), len(found) > cursor.limit

    def _shelf(self, kind: str) -> Shelf:
        return self._shelves.get(kind) or Shelf()


class Store:
    def __init__(self, path: Path) -> None:
        """Reads the journal back. Raises `JournalInUse`, `JournalDamaged`."""
        self._lock = threading.Lock()
        self._shelves: dict[str, Shelf] = {}
        self._closed = False
        self._journal = Journal(path)
        try:
            for records in self._journal.read():
                self._keep(records)
        except JournalDamaged:
            self._journal.close()
            raise

    @contextmanager
    def change(
        self,
        *,
        now: int,
        listeners: int = 0,
        request_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Iterator[Change]:
        """One request's turn: alone, and all or nothing. An exception inside leaves everything as it was.

        Raises `StoreClosed`.
        """
        with self._lock:
            if self._closed:
                raise StoreClosed
            change = Change(
                self._shelves,
                now=now,
                listeners=listeners,
                request_id=request_id,
                idempotency_key=idempotency_key,
            )
            yield change
            if change.staged:
                self._journal.append(change.staged)
                self._keep(change.staged)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._journal.close()

    def _keep(self, records: list[Record]) -> None:
        for record in records:
            self._shelves.setdefault(record["object"], Shelf()).put(record)
