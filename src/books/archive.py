"""A ZIP that is written from the first byte to the last, and knows the hash and the size of each file in it."""

import io
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

AT_ONCE = 1 << 16  # bytes: what is written line by line goes to the ZIP in parts
SMALL_ALREADY = (".jpg", ".pdf")


class Kept(NamedTuple):
    """A file in the archive: `sha256` in hexadecimal, `size` in bytes, not compressed."""

    name: str
    sha256: str
    size: int


class Archive:
    """`close` adds the manifest. Names and hashes of the files are all that stays in memory."""

    def __init__(self, out: BinaryIO, *, made_at: datetime) -> None:
        self._zip = ZipFile(out, "w")
        self._at = timezone.localtime(made_at).timetuple()[:6]
        self.files: list[Kept] = []

    def add(self, name: str, write: Callable[[BinaryIO], object]) -> Kept:
        """A file with what `write` writes."""
        info = ZipInfo(name, self._at)
        info.compress_type = ZIP_STORED if name.endswith(SMALL_ALREADY) else ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            hashed = _Hashed(cast(BinaryIO, file))
            with io.BufferedWriter(hashed, AT_ONCE) as buffered:
                write(cast(BinaryIO, buffered))
        kept = Kept(name, hashed.digest.hexdigest(), hashed.size)
        self.files.append(kept)
        return kept

    def put(self, name: str, content: bytes) -> Kept:
        """A file that is small enough for memory."""
        return self.add(name, lambda file: file.write(content))

    def close(self, about: Mapping[str, object]) -> None:
        """Writes `manifest.json`, `about` with all files, and `manifest.sha256` as `sha256sum -c` reads it."""
        listed = {**about, "files": [file._asdict() for file in self.files]}
        told = json.dumps(listed, ensure_ascii=False, indent=1)
        self.put("manifest.json", f"{told}\n".encode())
        lines = "".join(f"{file.sha256}  {file.name}\n" for file in self.files)
        self.put("manifest.sha256", lines.encode())
        self._zip.close()


class _Hashed(io.RawIOBase):
    """Passes on what is written, and hashes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, content: "ReadableBuffer") -> int:
        part = bytes(content)
        self._file.write(part)
        self.digest.update(part)
        self.size += len(part)
        return len(part)
