"""What was signed last lies where the database does not come: the worker signs what goes on from there, and nothing else."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from ledger import kept, seals
from ledger import tasks as ledger_tasks
from ledger.models import Key, Seal, Signature
from tests.cast import NOW
from tests.ledger import sealing
from tests.ledger.sealing import KEY, OTHER_KEY, exported, public, verified
from tests.ledger.small_books import SmallBooks, book
from tests.ledger.test_seals import ROOTS_ANEW, as_superuser_would
from tests.ledger.test_seals import small as small
from tests.ledger.together import beside


@pytest.fixture
def head_file(tmp_path: Path) -> Path:
    return tmp_path / "seal.head"


def seal(head_file: Path) -> list[int]:
    return sealing.seal(head_file=head_file)


def pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def take_away(*numbers: int) -> None:
    as_superuser_would("DELETE FROM ledger_signature WHERE seal_id = ANY(%s)", list(numbers))
    as_superuser_would("DELETE FROM ledger_seal WHERE number = ANY(%s)", list(numbers))


def make_anew(*numbers: int) -> None:
    """A superuser changes an amount, makes every root fit, and throws away the seals: the worker is to make others."""
    last = Seal.objects.order_by("number").last()
    assert last is not None
    as_superuser_would(
        "UPDATE ledger_transfer SET amount_cents = amount_cents + 1 WHERE entry_id = %s", last.last_entry_id
    )
    as_superuser_would(ROOTS_ANEW)
    take_away(*numbers)


def test_what_is_signed_last_is_kept(small: SmallBooks, head_file: Path) -> None:
    assert seal(head_file) == [1]
    book("later", (small.bank, small.budget, 100))
    assert seal(head_file) == [2]
    assert head_file.read_text() == f"{seals.line_of(2)}\n"


@pytest.mark.parametrize("numbers", [(1, 2), (2,)], ids=["all seals", "the newest"])
def test_who_makes_the_books_anew_gets_no_signature(
    small: SmallBooks, head_file: Path, tmp_path: Path, numbers: tuple[int, ...]
) -> None:
    seal(head_file)
    book("later", (small.bank, small.budget, 100))
    seal(head_file)
    head = Seal.objects.get(number=2).head.hex()
    make_anew(*numbers)
    with pytest.raises(kept.Astray):
        seal(head_file)
    assert not Seal.objects.filter(number__in=numbers).exists()
    # The control: a worker that keeps nothing signs it, and only a head from elsewhere tells.
    sealing.seal()
    forged = exported(tmp_path / "forged.jsonl")
    assert verified(forged, "--key", public(KEY)).status == 0
    assert verified(forged, "--key", public(KEY), "--expect-head", head).status == 1


def test_seals_that_are_made_anew_are_found_also_when_nothing_new_is_booked(
    small: SmallBooks, head_file: Path
) -> None:
    seal(head_file)
    as_superuser_would("UPDATE ledger_seal SET sealed_at = sealed_at + interval '1 second'")
    with pytest.raises(kept.Astray):
        seal(head_file)


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace('"seal": 2', '"seal": 3'),
        lambda line: line.replace('"previous": "', '"previous": "00').replace('", "entries"', '"', 1),
        lambda line: line.replace(kept.parse(line).previous, "11" * 32),
        lambda line: line.replace("2026-11-23", "2026-11-22"),
        lambda line: line[:-1] + ', "seal": 2}',
        lambda line: line + "\n",
        lambda line: " " + line,
        lambda line: seals._key_line(bytes.fromhex(public(OTHER_KEY)), sealing.OPERATOR, NOW),
        lambda line: "",
    ],
    ids=["number", "form", "before", "moment", "twice", "line end", "space", "key", "nothing"],
)
def test_no_other_line_is_signed_whatever_the_database_hands_over(
    small: SmallBooks, head_file: Path, change: Callable[[str], str]
) -> None:
    seal(head_file)
    first = seals.line_of(1)
    right = first.replace('"seal": 1', '"seal": 2').replace("00" * 32, kept.parse(first).head)
    last = kept.Kept(head_file)
    with pytest.raises(kept.Astray):
        last.sign(change(right), key=KEY, now=NOW)
    assert head_file.read_text() == f"{first}\n"
    last.sign(right, key=KEY, now=NOW)  # the control


def test_a_line_that_was_signed_and_did_not_last_is_made_again_to_the_letter(
    small: SmallBooks, head_file: Path
) -> None:
    """The worker dies between keeping the line and the commit."""
    with (
        patch.object(Signature.objects, "create", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        seal(head_file)
    signed = head_file.read_text()
    assert not Seal.objects.exists()
    book("later", (small.bank, small.budget, 100))
    later = NOW + timedelta(minutes=1)
    made = seals.seal(key=KEY, head_file=head_file, holder=sealing.OPERATOR, now=later)
    assert made == [1, 2]
    assert f"{seals.line_of(1)}\n" == signed
    assert list(Seal.objects.order_by("number").values_list("entries", flat=True)) == [5, 1]


def test_a_line_that_did_not_last_is_not_made_again_over_other_entries(
    small: SmallBooks, head_file: Path
) -> None:
    with (
        patch.object(Signature.objects, "create", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        seal(head_file)
    as_superuser_would(
        "UPDATE ledger_transfer SET amount_cents = amount_cents + 1 WHERE id = (SELECT max(id) FROM ledger_transfer)"
    )
    as_superuser_would(ROOTS_ANEW)
    with pytest.raises(kept.Astray):
        seal(head_file)


def test_two_workers_of_one_machine_seal_each_entry_once(small: SmallBooks, head_file: Path) -> None:
    first, second = beside(partial(seal, head_file)), beside(partial(seal, head_file))
    assert sorted(first.result() + second.result()) == [1]


def test_a_new_key_goes_on_from_what_the_old_one_signed(small: SmallBooks, head_file: Path) -> None:
    seal(head_file)
    seals.rotate(old=KEY, new=OTHER_KEY, holder=sealing.OPERATOR, now=NOW)
    book("later", (small.bank, small.budget, 100))
    assert sealing.seal(OTHER_KEY, head_file) == [2]
    make_anew(1, 2)
    with pytest.raises(kept.Astray):
        sealing.seal(OTHER_KEY, head_file)


@pytest.mark.parametrize("decimals", [0, 120_000, 123_456])
def test_a_key_signs_for_the_next_over_a_line_of_its_own(
    small: SmallBooks, tmp_path: Path, decimals: int
) -> None:
    """Not over what the database would hand over; that reads the same, as the verifier finds."""
    seal(tmp_path / "seal.head")
    since = NOW.replace(microsecond=decimals)
    with patch("ledger.seals.connection.cursor", side_effect=AssertionError):
        line = seals._key_line(bytes.fromhex(public(OTHER_KEY)), 'Stichting "Été"', since)
    key = seals.rotate(old=KEY, new=OTHER_KEY, holder='Stichting "Été"', now=since)
    assert key.endorsement is not None
    KEY.public_key().verify(key.endorsement, line.encode())
    assert verified(exported(tmp_path / "journal.jsonl"), "--key", public(KEY)).status == 0


# Where it begins.


def test_without_the_file_nothing_is_signed_until_the_operator_says_from_where(
    small: SmallBooks, head_file: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after an upgrade: the books are sealed, and nothing is kept."""
    sealing.seal()
    head = Seal.objects.get().head.hex()
    settings.DEBUG, settings.SEAL_HEAD_FILE = False, head_file
    settings.SEAL_KEY_FILE = tmp_path / "seal.pem"
    settings.SEAL_KEY_FILE.write_bytes(pem(KEY))
    book("later", (small.bank, small.budget, 100))
    with pytest.raises(CommandError, match="adopt_seal_head"):
        call_command("seal")
    for wrong in ((), ("11" * 32,)):
        with pytest.raises(CommandError, match=head):
            call_command("adopt_seal_head", *wrong)
    call_command("adopt_seal_head", head.upper())
    assert head in capsys.readouterr().out
    call_command("seal")
    assert Seal.objects.count() == 2
    with pytest.raises(CommandError, match="move it away"):
        call_command("adopt_seal_head", head)
    settings.SEAL_HEAD_FILE = tmp_path / "nowhere" / "seal.head"
    for command in ("seal", "adopt_seal_head"):
        with pytest.raises(CommandError, match="nowhere"):
            call_command(command)


def test_on_ones_own_machine_key_and_file_are_made_for_each_database(
    small: SmallBooks, tmp_path: Path, settings: Settings
) -> None:
    settings.SEAL_KEY_FILE = tmp_path / "run" / "seal.pem"
    settings.SEAL_HEAD_FILE = tmp_path / "run" / "seal.head"
    settings.DEBUG = True
    call_command("seal")
    call_command("seal")
    assert Key.objects.count() == Seal.objects.count() == 1
    assert seals.head_file().read_text() == f"{seals.line_of(1)}\n"
    make_anew(1)
    with pytest.raises(CommandError, match="not the books that were sealed"):
        call_command("seal")


def test_the_worker_says_loudly_why_it_does_not_sign(
    small: SmallBooks,
    head_file: Path,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.DEBUG, settings.SEAL_HEAD_FILE = False, head_file
    settings.SEAL_KEY_FILE = tmp_path / "seal.pem"
    settings.SEAL_KEY_FILE.write_bytes(pem(KEY))
    ledger_tasks.seal()
    seals.adopt(head_file, head=None)
    ledger_tasks.seal()
    make_anew(1)
    ledger_tasks.seal()
    assert [(record.levelno, record.getMessage()[:34]) for record in caplog.records] == [
        (logging.ERROR, "the books are not sealed: " + str(head_file)[:8]),
        (logging.CRITICAL, "THE BOOKS ARE NOT THOSE THAT WERE "),
    ]
