"""A table as CSV that is sent while it is read: in parts, so that it is never whole in memory or on disk."""

import csv
import io
from collections.abc import Iterable, Iterator

PART = 1 << 15  # characters


def csv_parts(rows: Iterable[Iterable[object]], *, delimiter: str = ",") -> Iterator[bytes]:
    """In UTF-8, some kilobytes at a time."""
    text = io.StringIO(newline="")
    written = csv.writer(text, delimiter=delimiter)
    for row in rows:
        written.writerow(row)
        if text.tell() > PART:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()
