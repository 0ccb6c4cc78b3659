"""Files that are kept: once, unchanged, and pictures without what hides in them."""

import hashlib
import io
import random
import struct
import zlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from PIL import Image, ImageChops, ImageOps
from pytest_django.fixtures import Settings

from common import files
from common.files import MAX_BYTES, MAX_PIXELS, MAX_SIDE, NotAPicture, redrawn_picture
from common.models import StoredFile
from payments.models import PayoutRun
from tests import cast

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
SECRET = b"Irisplein 12, bij de familie Jansen"
ORIENTATION, DESCRIPTION, GPS = 0x0112, 0x010E, 0x8825


def picture(
    kind: str = "JPEG", *, size: tuple[int, int] = (80, 60), mode: str = "RGB", **options: object
) -> bytes:
    """Every corner has another shade, so that one can see which side is up."""
    across = Image.linear_gradient("L").rotate(90)
    drawn = Image.blend(across, Image.linear_gradient("L"), 0.3).resize(size).convert(mode)
    out = io.BytesIO()
    drawn.save(out, kind, **options)
    return out.getvalue()


def telling_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[DESCRIPTION] = SECRET.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 57.0, 12.5), 3: "E", 4: (4.0, 34.0, 40.1)})
    return exif


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


# Pictures.


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_and_what_is_gone_from_a_redrawn_picture(kind: str) -> None:
    content = picture(kind, exif=telling_exif())
    assert opened(content).getexif().get_ifd(GPS)  # it was there
    assert SECRET in content

    redrawn = redrawn_picture(content)
    assert (opened(redrawn).format, opened(redrawn).size) == ("JPEG", (80, 60))
    assert dict(opened(redrawn).getexif()) == {}
    assert set(opened(redrawn).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert SECRET not in redrawn


def test_a_comment_a_profile_and_what_hangs_behind_a_picture_are_gone() -> None:
    content = picture(comment=SECRET, icc_profile=b"profile" + SECRET, dpi=(300, 300)) + SECRET
    assert content.count(SECRET) == 3
    redrawn = redrawn_picture(content)
    assert SECRET not in redrawn
    assert "icc_profile" not in opened(redrawn).info
    assert redrawn == redrawn_picture(picture())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_drawn_upright_however_the_camera_was_held(kind: str, orientation: int) -> None:
    content = picture(kind, exif=telling_exif(orientation))
    upright = ImageOps.exif_transpose(opened(content)).convert("RGB")  # another's word for it
    redrawn = opened(redrawn_picture(content))
    assert redrawn.size == upright.size == ((60, 80) if orientation >= 5 else (80, 60))
    assert max(high for _, high in ImageChops.difference(redrawn, upright).getextrema()) < 16  # type: ignore[misc]  # three bands


@pytest.mark.parametrize(
    ("size", "becomes"), [((3_200, 800), (1_600, 400)), ((800, 3_200), (400, 1_600)), ((40, 30), (40, 30))]
)
def test_a_picture_is_made_no_larger_than_a_screen_and_never_larger_than_it_was(
    size: tuple[int, int], becomes: tuple[int, int]
) -> None:
    assert max(becomes) <= MAX_SIDE
    assert opened(redrawn_picture(picture(size=size))).size == becomes


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("WEBP", "RGBA")],
)
def test_pictures_of_every_sort_come_out_as_ordinary_ones(kind: str, mode: str) -> None:
    assert opened(redrawn_picture(picture(kind, mode=mode))).mode == "RGB"


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 20,000 by 20,000."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


NO_PICTURES = {
    "nothing": b"",
    "words": b"geen foto",
    "noise": random.Random(7).randbytes(4_000),
    "gif": picture("GIF"),
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "pdf": b"%PDF-1.7\n%%EOF",
    "html that calls itself a picture": b"\xff\xd8\xff<html><script>alert(1)</script></html>",
    "half a picture": picture(size=(400, 300))[:900],
    "bomb": bomb(),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        redrawn_picture(content)


def test_a_picture_is_refused_by_its_size_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    size = (400, 300)
    content = picture("PNG", size=size)
    redrawn_picture(content)
    monkeypatch.setattr(files, "MAX_PIXELS", 400 * 300 - 1)
    with pytest.raises(NotAPicture):
        redrawn_picture(content)
    assert MAX_PIXELS == 50_000_000


def test_an_upload_that_is_too_large_is_refused_whatever_is_in_it() -> None:
    good = picture()
    assert redrawn_picture(good + b"\0" * (MAX_BYTES - len(good)))
    with pytest.raises(NotAPicture):
        redrawn_picture(good + b"\0" * (MAX_BYTES - len(good) + 1))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_drawn_or_refused_and_nothing_else(kind: str) -> None:
    chance = random.Random(kind)
    whole = picture(kind, size=(40, 30), exif=telling_exif(orientation=6))
    refused = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(min(len(damaged), chance.choice((60, 300, len(damaged)))))] = (
                chance.randrange(256)
            )
        try:
            redrawn_picture(bytes(damaged))
        except NotAPicture:
            refused += 1
    assert 0 < refused < 400


# What is kept.


@pytest.mark.django_db
def test_the_same_content_is_kept_once(settings: Settings) -> None:
    first = files.store(
        content=b"een bon", name="bon.jpg", mime_type="image/jpeg", now=NOW, keep_until=date(2033, 12, 31)
    )
    again = files.store(
        content=b"een bon", name="kopie.jpg", mime_type="image/png", now=NOW + timedelta(days=1)
    )
    assert again == first
    assert (again.name, again.mime_type, again.size, again.stored_at) == ("bon.jpg", "image/jpeg", 7, NOW)
    assert again.keep_until == date(2033, 12, 31)
    assert StoredFile.objects.count() == 1
    assert kept(settings.MEDIA_ROOT) == [first.path]


def kept(folder: str | Path) -> list[str]:
    root = Path(folder)
    return [str(path.relative_to(root)) for path in sorted(root.rglob("*")) if path.is_file()]


@pytest.mark.django_db
def test_a_file_lies_under_its_hash_and_not_under_the_name_it_came_with(settings: Settings) -> None:
    file = files.store(content=b"x", name="../../etc/passwd", mime_type="text/plain", now=NOW)
    digest = hashlib.sha256(b"x").hexdigest()
    assert (file.content_hash, file.path) == (digest, f"{digest[:2]}/{digest}")
    assert kept(settings.MEDIA_ROOT) == [file.path]


@pytest.mark.django_db
def test_other_content_under_the_same_name_is_another_file() -> None:
    one = files.store(content=b"een", name="bon.jpg", mime_type="image/jpeg", now=NOW)
    other = files.store(content=b"twee", name="bon.jpg", mime_type="image/jpeg", now=NOW)
    assert (files.read(one), files.read(other)) == (b"een", b"twee")


@pytest.mark.django_db
def test_a_long_name_keeps_its_end() -> None:
    file = files.store(content=b"x", name="a" * 200 + ".jpg", mime_type="image/jpeg", now=NOW)
    assert (len(file.name), file.name[-5:]) == (150, "a.jpg")


@pytest.mark.django_db
def test_a_file_that_was_changed_or_lost_is_not_given_out(settings: Settings) -> None:
    file = files.store(content=b"een bon van 10 euro", name="bon.txt", mime_type="text/plain", now=NOW)
    on_disk = Path(settings.MEDIA_ROOT) / file.path
    on_disk.write_bytes(b"een bon van 90 euro")
    with pytest.raises(ValueError, match="has changed"):
        files.read(file)
    on_disk.unlink()
    with pytest.raises(FileNotFoundError):
        files.read(file)


@pytest.mark.django_db
def test_content_that_the_storage_lost_is_put_back_by_storing_it_again(settings: Settings) -> None:
    file = files.store(content=b"een bon", name="bon.txt", mime_type="text/plain", now=NOW)
    (Path(settings.MEDIA_ROOT) / file.path).unlink()
    files.store(content=b"een bon", name="bon.txt", mime_type="text/plain", now=NOW)
    assert files.read(file) == b"een bon"


@pytest.mark.django_db
def test_the_same_content_is_kept_until_the_latest_day_asked_for() -> None:
    days = (None, date(2033, 12, 31), date(2030, 12, 31), date(2034, 12, 31), None)
    until = [
        files.store(
            content=b"een bon", name="bon.jpg", mime_type="image/jpeg", now=NOW, keep_until=day
        ).keep_until
        for day in days
    ]
    assert until == [None, days[1], days[1], days[3], days[3]]
    assert StoredFile.objects.get().keep_until == days[3]


def test_a_removed_file_is_gone_with_its_row(own_database: str, settings: Settings) -> None:
    file = files.store(content=b"een bon", name="bon.txt", mime_type="text/plain", now=NOW)
    with transaction.atomic():
        files.remove(file)
        assert kept(settings.MEDIA_ROOT) == [file.path]  # not before it is certain
    assert not StoredFile.objects.exists()
    assert kept(settings.MEDIA_ROOT) == []


def test_a_file_that_something_refers_to_is_not_removed(own_database: str, settings: Settings) -> None:
    here = cast.world()
    file = files.store(content=b"betalingen", name="1.xml", mime_type="application/xml", now=NOW)
    PayoutRun.objects.create(file=file, message_id="1", made_by=here.thea, made_at=NOW)
    with pytest.raises(ProtectedError):
        files.remove(file)
    assert files.read(file) == b"betalingen"


def test_what_was_see_through_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(out, "PNG")

    with Image.open(io.BytesIO(files.redrawn_picture(out.getvalue()))) as drawn:
        assert drawn.getpixel((1, 1)) == (255, 255, 255)
