"""Files that are kept: stored once by the hash of their content. Pictures are drawn anew, so nothing hides in them."""

import hashlib
import io
import struct
from datetime import date, datetime
from functools import partial
from typing import Any, BinaryIO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from PIL import Image, ImageFile, UnidentifiedImageError

from common.models import StoredFile

MAX_PIXELS = 50_000_000
MAX_SIDE = 1600
MAX_BYTES = 10 * 1024 * 1024
ORIENTATION = 0x0112
# How to turn a picture that was taken in this orientation (EXIF 2.3, tag 274).
UPRIGHT: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises on damaged content; struct.error is its word for a damaged EXIF block.
UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    struct.error,
    Image.DecompressionBombError,
)


class NotAPicture(ValueError):
    """The upload is no picture that we can read, is too large, or is broken."""


def store(
    *, content: bytes, name: str, mime_type: str, now: datetime, keep_until: date | None = None
) -> StoredFile:
    """Keeps the content; the same content twice is one file, kept until the latest of the days asked for."""
    digest = hashlib.sha256(content).hexdigest()
    file = _row(digest, len(content), name, mime_type, now, keep_until)
    if not default_storage.exists(file.path):
        default_storage.save(file.path, ContentFile(content))
    return file


def store_large(
    *, opened: BinaryIO, name: str, mime_type: str, now: datetime, keep_until: date | None = None
) -> StoredFile:
    """The same for a file that is too large for memory: from its beginning, a part at a time."""
    opened.seek(0)
    digest = hashlib.file_digest(cast(Any, opened), "sha256").hexdigest()
    file = _row(digest, opened.tell(), name, mime_type, now, keep_until)
    if not default_storage.exists(file.path):
        opened.seek(0)
        default_storage.save(file.path, File(opened))
    return file


def _row(
    digest: str, size: int, name: str, mime_type: str, now: datetime, keep_until: date | None
) -> StoredFile:
    file, created = StoredFile.objects.get_or_create(
        content_hash=digest,
        defaults={
            "name": name[-150:],
            "mime_type": mime_type,
            "size": size,
            "stored_at": now,
            "keep_until": keep_until,
        },
    )
    if not created and keep_until is not None:
        shorter = StoredFile.objects.filter(Q(keep_until=None) | Q(keep_until__lt=keep_until), pk=file.pk)
        shorter.update(keep_until=keep_until)
        file.refresh_from_db(fields=["keep_until"])
    return file


def opened(file: StoredFile) -> "File[bytes]":
    """The content to read from, for what is too large for memory. Raises as `read`."""
    found = default_storage.open(file.path, "rb")
    # A storage elsewhere gives no file that `file_digest` takes.
    digest = hashlib.sha256()
    for part in found.chunks():
        digest.update(part)
    if digest.hexdigest() != file.content_hash:
        found.close()
        raise ValueError(f"stored file {file.pk} has changed")
    found.seek(0)
    return found


def read(file: StoredFile) -> bytes:
    """The content. Raises FileNotFoundError when the storage lost it, ValueError when it is no longer what was stored."""
    with default_storage.open(file.path, "rb") as opened:
        content: bytes = opened.read()
    if hashlib.sha256(content).hexdigest() != file.content_hash:
        raise ValueError(f"stored file {file.pk} has changed")
    return content


@transaction.atomic
def remove(file: StoredFile) -> None:
    """Takes the row away and, once that is certain, the content. Raises ProtectedError while something refers to the file."""
    path = file.path
    file.delete()
    transaction.on_commit(partial(default_storage.delete, path))


def redrawn_picture(content: bytes) -> bytes:
    """The picture as a fresh JPEG of at most 1600 pixels a side, upright, without metadata. Raises NotAPicture."""
    if len(content) > MAX_BYTES:
        raise NotAPicture
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns it on for the whole process
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise NotAPicture
            # By hand: Pillow's own exif_transpose writes the EXIF block anew and stumbles over a damaged one.
            turn = UPRIGHT.get(opened.getexif().get(ORIENTATION))
            picture = _on_white(opened)
    except UNREADABLE as error:
        raise NotAPicture from error
    if turn is not None:
        picture = picture.transpose(turn)
    picture.info.clear()  # a JPEG's comment would be written along
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency: what was see-through becomes paper, not black."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGB", picture.size, "white")
    layer = picture.convert("RGBA")
    paper.paste(layer, mask=layer)
    return paper
