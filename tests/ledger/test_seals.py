"""Seals: what is in them, when they are made, and what somebody finds who has nothing but an export, a key and a head."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from io import BytesIO, TextIOWrapper
from itertools import product
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connections, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from ledger import operations as ledger
from ledger import seals, tree
from ledger.chart import Code
from ledger.exports.sealed import Chosen, of_accounts, of_funds
from ledger.models import Entry, Key, Seal, Signature
from tests.cast import NOW
from tests.ledger import sealing
from tests.ledger.roles import APPEND_ONLY, NO_RIGHT, refusal, run
from tests.ledger.sealing import KEY, OTHER_KEY, exported, public, seal, verified
from tests.ledger.small_books import SmallBooks, book, small_books, undo
from tests.ledger.test_concurrency import without
from tests.ledger.together import beside
from tests.ledger.verifier import Tree, verify_books


@pytest.fixture
def small(own_database: str) -> SmallBooks:
    """Committed, since seals look at what others see: a deposit, an issue of three cheques by two people, and gifts."""
    small = small_books()
    book("arrived", (small.bank, small.budget, 10_000), note="woorden van mensen")
    book("issued", *[(small.budget, small.cheque, 750)] * 3, by=small.two)
    book("activated", (small.cheque, small.purse, 750))
    book("given", (small.purse, small.pot, 500))
    book("of the town", (small.other_bank, small.other_budget, 4_000))
    return small


def as_superuser_would(sql: str, *parameters: object) -> None:
    """Past every trigger, for good: the database is thrown away after the test."""
    application = connections["default"]
    connections["default"] = connections["owner"]
    try:
        with transaction.atomic():
            run("SET CONSTRAINTS ALL IMMEDIATE")
            for table in ("ledger_entry", "ledger_transfer", "ledger_seal", "ledger_signature", "ledger_key"):
                run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            run(sql, *parameters)
            for table in ("ledger_entry", "ledger_transfer", "ledger_seal", "ledger_signature", "ledger_key"):
                run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    finally:
        connections["default"] = application


# What a seal is.


def test_a_seal_holds_the_entries_since_the_one_before_and_names_it(small: SmallBooks) -> None:
    assert seal() == [1]
    book("one more", (small.bank, small.budget, 100))
    assert seal() == [2]
    first, second = Seal.objects.order_by("number")
    assert (first.entries, second.entries) == (5, 1)
    assert second.previous == first.head == sha256(seals.line_of(1).encode()).digest()
    assert first.previous == bytes(32)
    assert first.entry_ids == sorted(first.entry_ids) == list(Entry.objects.values_list("pk", flat=True)[:5])
    (signature,) = second.signatures.all()
    KEY.public_key().verify(signature.signature, seals.line_of(2).encode())


def test_when_nothing_was_booked_there_is_nothing_to_seal(small: SmallBooks) -> None:
    assert (seal(), seal()) == ([1], [])


def test_many_entries_are_sealed_in_several_seals(small: SmallBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "MOST_ENTRIES", 2)
    assert seal() == [1, 2, 3]
    assert list(Seal.objects.order_by("number").values_list("entries", flat=True)) == [2, 2, 1]


def test_a_leaf_is_the_hash_of_a_line_that_anyone_can_hash(small: SmallBooks, tmp_path: Path) -> None:
    """The line of a transfer and of an entry, as docs/canonical-form.md has them."""
    seal()
    lines = exported(tmp_path / "journal.jsonl").read_bytes().splitlines()
    entry = next(line for line in lines if line.startswith(b'{"entry"'))
    transfer = lines[lines.index(entry) + 1]
    assert json.loads(transfer) == {
        "fund": small.fund,
        "organisation": small.klinker.pk,
        "currency": "EUR",
        "debit": small.bank,
        "debit_code": 1000,
        "debit_subject": "",
        "credit": small.budget,
        "credit_code": 2000,
        "credit_subject": "",
        "amount_cents": 10_000,
    }
    (first,) = Entry.objects.order_by("pk")[:1]
    commitment = first.note_commitment
    assert commitment is not None
    assert json.loads(entry) == {
        "entry": first.pk,
        "key": sha256(b"arrived").hexdigest(),
        "kind": "test",
        "source": "",
        "effective_on": "2026-11-23",
        "booked_at": "2026-11-23T13:00:00Z",
        "made_by": None,
        "approved_by": None,
        "reverses": None,
        "note": commitment.hex(),
        "root": sha256(transfer).hexdigest(),
    }
    assert Seal.objects.get().leaves[:32] == sha256(entry).digest()


@given(st.integers(1, 700), st.data())
def test_hidden_nodes_stand_for_the_leaves_that_they_hide(count: int, data: st.DataObject) -> None:
    leaves = [sha256(str(number).encode()).digest() for number in range(count)]
    start = data.draw(st.integers(0, count))
    stop = data.draw(st.integers(start, count))
    whole, partly = Tree(), Tree()
    for leaf in leaves:
        whole.add(leaf)
    for leaf in leaves[:start]:
        partly.add(leaf)
    for height, node in tree.hidden(leaves, start, stop):
        partly.add(node, height)
    for leaf in leaves[stop:]:
        partly.add(leaf)
    assert partly.root() == whole.root()


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 255, 256, 257, 272, 4_097])
def test_the_database_and_the_verifier_grow_the_same_tree(db: None, count: int) -> None:
    leaves = [sha256(str(number).encode()).digest() for number in range(count)]
    grown = Tree()
    for leaf in leaves:
        grown.add(leaf)
    [(root,)] = run("SELECT ledger_tree(%s)", b"".join(leaves))
    assert bytes(root) == grown.root()


# When it is made.


def test_a_seal_waits_for_an_entry_under_way_and_the_writers_do_not_wait_for_it(
    small: SmallBooks, tmp_path: Path
) -> None:
    head_file = tmp_path / "seal.head"
    seal(head_file=head_file)
    with transaction.atomic():
        under_way = book("under way", (small.bank, small.pot, 100)).entry_id
        later = beside(partial(book, "later", (small.bank, small.pot, 200))).result().entry_id
        impatient = partial(seals.seal, key=KEY, head_file=head_file, holder=sealing.OPERATOR, now=NOW)
        assert beside(partial(impatient, patience=0.1)).result() == []
        sealing_now = beside(partial(seal, head_file=head_file))
        beside(partial(book, "while it waits", (small.bank, small.pot, 300))).result()
    assert sealing_now.result() == [2]
    assert under_way < later
    assert Seal.objects.get(number=2).entry_ids[:2] == [under_way, later]


def test_a_long_transaction_that_books_nothing_is_not_waited_for(small: SmallBooks) -> None:
    with transaction.atomic():
        run("SELECT count(*) FROM ledger_entry")
        run("UPDATE ledger_fund SET name = name")
        assert beside(seal).result() == [1]


def test_an_entry_that_was_rolled_back_leaves_no_hole(small: SmallBooks) -> None:
    seal()
    with transaction.atomic():
        gone = book("gone", (small.bank, small.budget, 100)).entry_id
        transaction.set_rollback(True)
    kept = book("kept", (small.bank, small.budget, 100)).entry_id
    assert seal() == [2]
    assert gone < kept
    assert Seal.objects.get(number=2).entry_ids == [kept]


def test_a_seal_without_a_signature_does_not_last(small: SmallBooks) -> None:
    with pytest.raises(DatabaseError, match="seal 1 is not signed"), transaction.atomic():
        run("SELECT ledger_seal(ledger_mark(), 10, now())")
    assert not Seal.objects.exists()


def test_a_witness_alone_does_not_make_a_seal(small: SmallBooks) -> None:
    witness = seals.add_witness(public=bytes.fromhex(public(OTHER_KEY)), holder="Huurders", now=NOW)

    @transaction.atomic
    def sealed_by_the_witness() -> None:
        run("SELECT ledger_seal(ledger_mark(), 10, now())")
        Signature.objects.create(seal_id=1, key=witness, signature=b"", signed_at=NOW)

    with pytest.raises(DatabaseError, match="not signed"):
        sealed_by_the_witness()


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("INSERT INTO ledger_seal (number) VALUES (7)", NO_RIGHT),
        ("UPDATE ledger_seal SET root = ''", NO_RIGHT),
        ("DELETE FROM ledger_seal", NO_RIGHT),
        ("TRUNCATE ledger_seal CASCADE", NO_RIGHT),
        ("UPDATE ledger_signature SET signature = ''", NO_RIGHT),
        ("DELETE FROM ledger_signature", NO_RIGHT),
        ("UPDATE ledger_key SET public = ''", NO_RIGHT),
        ("UPDATE ledger_key SET witness = true", NO_RIGHT),
        ("DELETE FROM ledger_key", NO_RIGHT),
    ],
)
def test_the_application_does_not_change_what_is_sealed(
    small: SmallBooks, statement: str, state: str
) -> None:
    seal()
    assert refusal(statement).sqlstate == state


@pytest.mark.parametrize("table", ["ledger_seal", "ledger_signature", "ledger_key"])
def test_nor_does_the_owner_by_mistake(small: SmallBooks, table: str) -> None:
    seal()
    application = connections["default"]
    connections["default"] = connections["owner"]
    try:
        assert refusal(f"TRUNCATE {table} CASCADE").sqlstate == APPEND_ONLY
    finally:
        connections["default"] = application


# Keys.


def test_another_key_does_not_seal(small: SmallBooks) -> None:
    seal()
    with pytest.raises(seals.UnknownKey):
        seal(OTHER_KEY)


def test_a_key_that_is_rotated_in_seals_from_then_on_and_the_old_one_vouches_for_it(
    small: SmallBooks, tmp_path: Path
) -> None:
    seal()
    seals.rotate(old=KEY, new=OTHER_KEY, holder=sealing.OPERATOR, now=NOW + timedelta(days=1))
    book("later", (small.bank, small.budget, 100))
    with pytest.raises(seals.UnknownKey):
        seal(KEY)
    assert seal(OTHER_KEY) == [2]
    journal = exported(tmp_path / "journal.jsonl")
    for known in (KEY, OTHER_KEY):
        assert verified(journal, "--key", public(known)).status == 0


def test_a_key_that_nothing_vouches_for_must_be_known_in_another_way(
    small: SmallBooks, tmp_path: Path
) -> None:
    seal()
    seals.rotate(old=None, new=OTHER_KEY, holder=sealing.OPERATOR, now=NOW)
    book("later", (small.bank, small.budget, 100))
    later = book("and one more", (small.bank, small.budget, 100)).entry_id - 1
    seal(OTHER_KEY)
    journal = exported(tmp_path / "journal.jsonl")
    refused = verified(journal, "--key", public(KEY))
    assert (refused.status, refused.said.startswith(f"WRONG entry {later}: seal 2 is signed by")) == (1, True)
    # Who knows the new key believes the chain behind it as well.
    assert verified(journal, "--key", public(OTHER_KEY)).status == 0


def test_a_key_file_is_for_its_owner_alone_and_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "seal.pem"
    made = seals.make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public(seals.load_key(path)) == public(made)
    with pytest.raises(FileExistsError):
        seals.make_key(path)
    assert [found.name for found in tmp_path.iterdir()] == ["seal.pem"]


@pytest.mark.parametrize(
    "content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "seal.pem"
    path.write_bytes(content)
    with pytest.raises(seals.NotAKey):
        seals.load_key(path)
    with pytest.raises(seals.KeyMissing):
        seals.load_key(tmp_path / "none.pem")


def test_the_commands_seal_and_rotate(small: SmallBooks, tmp_path: Path, settings: Settings) -> None:
    settings.SEAL_KEY_FILE = tmp_path / "seal.pem"
    settings.SEAL_HEAD_FILE = tmp_path / "seal.head"
    settings.DEBUG = False
    with pytest.raises(CommandError, match="no key to seal with"):
        call_command("seal")
    seals.make_key(settings.SEAL_KEY_FILE)
    call_command("adopt_seal_head")
    call_command("seal")
    assert Seal.objects.count() == 1
    call_command("rotate_seal_key", tmp_path / "new.pem")
    book("later", (small.bank, small.budget, 100))
    with pytest.raises(CommandError, match="does not seal"):
        call_command("seal")
    settings.SEAL_KEY_FILE = tmp_path / "new.pem"
    call_command("seal")
    assert Seal.objects.count() == 2


# Witnesses.


@pytest.fixture
def tenants() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))


def test_a_witness_signs_a_head_and_the_verifier_says_up_to_where(
    small: SmallBooks, tenants: Ed25519PrivateKey, tmp_path: Path
) -> None:
    seal()
    seals.add_witness(public=bytes.fromhex(public(tenants)), holder="Huurdersvereniging", now=NOW)
    unsigned = exported(tmp_path / "before.jsonl")
    assert verified(unsigned, "--witness", public(tenants)).status == 1
    by = bytes.fromhex(public(tenants))
    signature = tenants.sign(seals.line_of(1).encode())
    for _ in range(2):
        seals.cosign(number=1, public=by, signature=signature, now=NOW)
    assert Signature.objects.count() == 2
    journal = exported(tmp_path / "journal.jsonl")
    found = verified(journal, "--key", public(KEY), "--witness", public(tenants))
    assert found.status == 0
    signed = f"witness {public(tenants)} (in this file: Huurdersvereniging) signed up to seal 1\n"
    assert signed in found.said
    assert "not signed by this witness" not in found.said
    # Nobody has signed the newest seal: it is seconds old.
    for number in range(2):
        book(f"later {number}", (small.bank, small.budget, 100))
        seal()
    later = exported(tmp_path / "later.jsonl")
    found = verified(later, "--key", public(KEY), "--witness", public(tenants))
    assert found.status == 0
    assert f"{signed}after it: 2 seals over 2 entries, since 2026-11-23T13:00:00Z, not signed" in found.said
    # A name in the file is nobody's word.
    unasked = verified(later, "--key", public(KEY))
    assert (
        "a key that this file calls Huurdersvereniging signed up to seal 1; whose it is is not"
        in unasked.said
    )
    stranger = verified(later, "--witness", public(OTHER_KEY))
    assert (stranger.status, stranger.said) == (
        1,
        f"WRONG witness {public(OTHER_KEY)} signed no seal in this file\n",
    )


def test_a_witness_says_nothing_of_what_lies_before_a_gap(
    small: SmallBooks, tenants: Ed25519PrivateKey, tmp_path: Path
) -> None:
    by = bytes.fromhex(public(tenants))
    seals.add_witness(public=by, holder="Huurdersvereniging", now=NOW)
    for number in range(3):
        seal()
        book(f"ours {number}", (small.bank, small.budget, 1))
    chosen = of_accounts([small.other_budget], name="a proof")
    seals.cosign(number=2, public=by, signature=tenants.sign(seals.line_of(2).encode()), now=NOW)
    # A witness signs once a day, so what it signed is seldom among the seals of a proof.
    unproven = verified(exported(tmp_path / "none.jsonl", chosen), "--witness", by.hex())
    assert unproven.status == 0
    assert f"not proven: that witness {by.hex()} (in this file: Huurdersvereniging) signed" in unproven.said
    assert "not proven: that there are no other books: " in unproven.said
    assert verified(tmp_path / "none.jsonl", "--witness", public(OTHER_KEY)).status == 1
    seals.cosign(number=3, public=by, signature=tenants.sign(seals.line_of(3).encode()), now=NOW)
    proof = exported(tmp_path / "proof.jsonl", chosen)
    found = verified(proof, "--key", public(KEY), "--witness", by.hex())
    assert (found.status, "signed up to seal 3" in found.said) == (0, True)
    assert "before a gap in this extract: 1 seals, not signed by this witness nor reached" in found.said
    # With both a head and a witness there are no other books as far as either reaches.
    first = Seal.objects.get(number=1).head.hex()
    found = verified(proof, "--key", public(KEY), "--witness", by.hex(), "--expect-head", first)
    assert (found.status, "no other books" in found.said) == (0, False)


@pytest.mark.parametrize("vouches", ["for a witness", "as a witness"])
def test_a_key_that_seals_and_a_key_of_a_witness_vouch_for_each_other_in_no_file(
    small: SmallBooks, tenants: Ed25519PrivateKey, tmp_path: Path, vouches: str
) -> None:
    """Whoever got the operator's signature under a witness's key, or a witness's under a new one, cannot seal with it."""
    seal()
    seals.add_witness(public=bytes.fromhex(public(tenants)), holder="Huurdersvereniging", now=NOW)
    heading, *lines = exported(tmp_path / "journal.jsonl").read_bytes().splitlines()
    place = next(
        number
        for number, line in enumerate(lines)
        if line.startswith(f'{{"key": "{public(tenants)}'.encode())
    )
    signer = KEY
    if vouches == "as a witness":
        place, signer = place + 1, tenants
        lines.insert(place, lines[0].replace(public(KEY).encode(), public(OTHER_KEY).encode()))
    endorsed = {"signature": signer.sign(lines[place]).hex(), "by": public(signer)}
    lines.insert(place + 1, json.dumps(endorsed).encode())
    found = verified(changed(tmp_path / "journal.jsonl", [heading, *lines]), "--key", public(KEY))
    assert (found.status, found.said) == (
        1,
        "WRONG a key of a witness does not belong to the keys that seal\n",
    )


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'{"seal": 1,', b'{"seal": 1, "key": "00",'),
        (b'{"seal": 1,', b'{"seal": 2, "seal": 1,'),
        (b'{"seal": 1,', b'{"seal":1,'),
        (b'"witness": false, ', b'"witness": false, "witness": false, '),
    ],
)
def test_a_line_that_is_signed_has_one_form(
    small: SmallBooks, tmp_path: Path, right: bytes, wrong: bytes
) -> None:
    """Signed by the operator's own key, as by a worker that signs what it is handed."""
    seal()
    lines = exported(tmp_path / "journal.jsonl").read_bytes().replace(right, wrong).splitlines()
    for number, line in enumerate(lines):
        if line.startswith(b'{"signature"'):
            lines[number] = json.dumps(
                {"signature": KEY.sign(lines[number - 1]).hex(), "by": public(KEY)}
            ).encode()
    found = verified(changed(tmp_path / "journal.jsonl", lines), "--key", public(KEY))
    assert (found.status, "not in its form" in found.said) == (1, True)


def test_a_signature_stands_under_a_key_or_a_seal(small: SmallBooks, tmp_path: Path) -> None:
    seal()
    lines = exported(tmp_path / "journal.jsonl").read_bytes().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(b'{"entry"'))
    lines.insert(first + 2, json.dumps({"signature": KEY.sign(lines[1]).hex(), "by": public(KEY)}).encode())
    found = verified(changed(tmp_path / "journal.jsonl", lines), "--key", public(KEY))
    assert (found.status, "a signature under nothing" in found.said) == (1, True)


def test_what_a_witness_did_not_sign_is_refused(small: SmallBooks, tenants: Ed25519PrivateKey) -> None:
    seal()
    by = bytes.fromhex(public(tenants))
    with pytest.raises(seals.UnknownKey):
        seals.cosign(number=1, public=by, signature=bytes(64), now=NOW)
    seals.add_witness(public=by, holder="Huurdersvereniging", now=NOW)
    for wrong in (bytes(64), b"", tenants.sign(b"something else")):
        with pytest.raises(seals.BadSignature):
            seals.cosign(number=1, public=by, signature=wrong, now=NOW)
    with pytest.raises(Seal.DoesNotExist):
        seals.cosign(number=2, public=by, signature=bytes(64), now=NOW)
    with pytest.raises(seals.UnknownKey):  # the operator is no witness
        seals.cosign(number=1, public=bytes.fromhex(public(KEY)), signature=bytes(64), now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        seals.add_witness(public=by, holder="Somebody else", now=NOW)
    with pytest.raises(ValueError, match="32 bytes"):
        seals.add_witness(public=b"short", holder="Huurdersvereniging", now=NOW)


# What an auditor finds.


def test_the_whole_books_are_right_and_say_what_is_not_sealed_yet(small: SmallBooks, tmp_path: Path) -> None:
    seal()
    book("just now", (small.bank, small.budget, 100))
    journal = exported(tmp_path / "journal.jsonl")
    found = verified(journal, "--key", public(KEY))
    assert found.status == 0
    assert found.head == Seal.objects.get().head.hex()
    assert "the whole books: 6 entries with 8 transfers, 1 seals over 5 entries" in found.said
    assert "not sealed yet: 1 entries since 2026-11-23T13:00:00Z, 0 minutes" in found.said
    assert verified(journal, "--key", public(KEY), "--expect-head", found.head).status == 0
    later = verified(journal, "--key", public(KEY), "--expect-head", "0" * 64)
    assert (later.status, "up to seal 1 of 2026-11-23T13:00:00Z: a later head cannot be" in later.said) == (
        1,
        True,
    )
    # As a PDF gives it; and what is no head checks nothing, so it is refused.
    spaced = f" {found.head[:30].upper()}\n{found.head[30:]} "
    assert verified(journal, "--key", public(KEY).upper(), "--expect-head", spaced).status == 0
    for option, typed in product(("--expect-head", "--key", "--witness"), ("", " ", found.head[:12])):
        with pytest.raises(SystemExit, match="2"):
            verify_books.main([str(journal), option, typed])
    assert verified(journal, "--key", public(OTHER_KEY)).status == 1


def test_entries_that_have_no_seal_are_told_and_after_a_day_they_are_wrong(
    small: SmallBooks, tmp_path: Path
) -> None:
    seal()
    first = book("no seal", (small.bank, small.budget, 100)).entry_id
    book("nor this", (small.bank, small.budget, 100))
    journal = exported(tmp_path / "journal.jsonl")
    made_at = journal.read_bytes()
    for at, status, said in (
        (
            "2026-11-23T13:00:00Z",
            0,
            "2 entries since 2026-11-23T13:00:00Z, 0 minutes before this file was made",
        ),
        ("2026-11-24T13:00:00Z", 0, "1440 minutes before"),
        (
            "2026-11-26T13:00:01Z",
            1,
            f"WRONG entry {first}: 2 entries from here on have no seal, the first since 2026-11-23T13:00:00Z:"
            " 3 days before this file was made",
        ),
        ("2026-11-26T13:00:01", 1, "cannot be read"),
    ):
        journal.write_bytes(
            made_at.replace(b'"made_at": "2026-11-23T13:00:00Z"', f'"made_at": "{at}"'.encode())
        )
        found = verified(journal, "--key", public(KEY))
        assert (found.status, said in found.said) == (status, True), found.said


def test_a_line_without_end_is_not_read_to_its_end(small: SmallBooks, tmp_path: Path) -> None:
    seal()
    lines = exported(tmp_path / "journal.jsonl").read_bytes().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(b'{"entry"'))
    endless = changed(tmp_path / "journal.jsonl", [*lines[: first + 2], b'{"hidden": ['])
    with endless.open("rb+") as file:
        file.truncate(endless.stat().st_size - 1)
        file.truncate(1_000_000_000)  # a hole: no byte of it stands on the disk
    limited = subprocess.run(
        ["sh", "-c", f"ulimit -v 250000; {sys.executable} -I {sealing.VERIFIER} {endless}"],
        capture_output=True,
        text=True,
        check=False,
    )
    entry = Seal.objects.get().entry_ids[0]
    assert (limited.returncode, limited.stdout) == (
        1,
        f"WRONG entry {entry}: a line of more than 16,000,000 bytes\n",
    )


def test_a_head_of_last_year_is_in_the_chain_of_today(small: SmallBooks, tmp_path: Path) -> None:
    seal()
    before = Seal.objects.get().head.hex()
    for number in range(3):
        book(f"later {number}", (small.bank, small.budget, 100))
        seal()
    found = verified(exported(tmp_path / "journal.jsonl"), "--key", public(KEY), "--expect-head", before)
    assert found.status == 0
    # It says nothing of what came after it: who has the key can make that anew.
    assert (
        "is one of these: seal 1\nafter it: 3 seals over 3 entries, since 2026-11-23T13:00:00Z, of"
        in found.said
    )
    assert "not proven: that there are no other books in 3 of these seals" in found.said


def test_what_says_that_it_was_booked_before_a_seal_that_does_not_hold_it_is_named(
    small: SmallBooks, tmp_path: Path
) -> None:
    """Booked after the seal of 14.00, with a booking time of before it: an hour is let pass, for what takes long."""
    seal()

    def booked(key: str, at: datetime) -> int:
        moves = [ledger.Move(small.bank, small.budget, 1)]
        return ledger.post(key=key, kind="test", moves=moves, now=at).entry_id

    booked("took long", NOW - timedelta(hours=1))
    early = [booked(f"early {nr}", NOW - timedelta(hours=1, seconds=1, milliseconds=nr)) for nr in range(11)]
    for _still_unsealed in range(2):
        found = verified(exported(tmp_path / "journal.jsonl"), "--key", public(KEY))
        named = ", ".join(map(str, early[:10]))
        assert found.status == 0
        assert "look at: 11 entries say that they were booked more than an hour before" in found.said
        assert f"does not hold them: {named} …\n" in found.said
        seal()


# By which statement, and which entry is named: counted from the first.
TAMPERINGS: dict[str, tuple[str, int]] = {
    "an amount": ("UPDATE ledger_transfer SET amount_cents = 751 WHERE entry_id = %s", 2),
    "an account": ("UPDATE ledger_transfer SET credit_id = credit_id + 1 WHERE entry_id = %s", 3),
    "a kind": ("UPDATE ledger_entry SET kind = 'other' WHERE id = %s", 3),
    "a source": ("UPDATE ledger_entry SET source = 'run:1' WHERE id = %s", 0),
    "a day": ("UPDATE ledger_entry SET effective_on = '2026-11-22' WHERE id = %s", 1),
    "a moment": ("UPDATE ledger_entry SET booked_at = booked_at + interval '1 microsecond' WHERE id = %s", 1),
    "a person": ("UPDATE ledger_entry SET made_by_id = NULL WHERE id = %s", 1),
    "a key": ("UPDATE ledger_entry SET key = 'other' WHERE id = %s", 4),
    "a promise about words": ("UPDATE ledger_entry SET note_commitment = NULL WHERE id = %s", 0),
    "a root": ("UPDATE ledger_entry SET root = decode(repeat('00', 32), 'hex') WHERE id = %s", 2),
    "whose fund it is": (
        "UPDATE ledger_fund SET organisation_id = (SELECT max(id) FROM people_organisation) WHERE %s > 0"
        " AND id = (SELECT min(id) FROM ledger_fund)",
        0,
    ),
    "what an account is for": (
        "UPDATE ledger_account SET key = 'purse:2' WHERE key = 'purse:1' AND %s > 0",
        2,
    ),
    "a line less": (
        "DELETE FROM ledger_transfer WHERE id = (SELECT max(id) FROM ledger_transfer WHERE entry_id = %s)",
        1,
    ),
    "a line more": (
        "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
        " SELECT entry_id, fund_id, debit_id, credit_id, 1 FROM ledger_transfer WHERE entry_id = %s",
        3,
    ),
    "an entry less": (
        "WITH gone AS (DELETE FROM ledger_transfer WHERE entry_id = %s RETURNING entry_id)"
        " DELETE FROM ledger_entry WHERE id IN (SELECT entry_id FROM gone)",
        2,
    ),
    "the last entry less": (
        "WITH gone AS (DELETE FROM ledger_transfer WHERE entry_id = %s RETURNING entry_id)"
        " DELETE FROM ledger_entry WHERE id IN (SELECT entry_id FROM gone)",
        4,
    ),
}


@pytest.mark.parametrize(("statement", "place"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_what_is_changed_after_sealing_is_found_and_named(
    small: SmallBooks, tmp_path: Path, statement: str, place: int
) -> None:
    seal()
    book("after it", (small.bank, small.budget, 100))
    seal()
    entry_id = Seal.objects.get(number=1).entry_ids[place]
    assert verified(exported(tmp_path / "right.jsonl"), "--key", public(KEY)).status == 0  # the control
    as_superuser_would(statement, entry_id)
    found = verified(exported(tmp_path / "wrong.jsonl"), "--key", public(KEY))
    assert found.status == 1
    assert found.said.startswith(f"WRONG entry {entry_id}: ")


def test_an_entry_put_in_between_is_found_and_named(small: SmallBooks, tmp_path: Path) -> None:
    with transaction.atomic():
        book("rolled back", (small.bank, small.budget, 1))
        transaction.set_rollback(True)
    last = book("last", (small.bank, small.budget, 1)).entry_id
    seal()
    as_superuser_would(
        "INSERT INTO ledger_entry (id, key, kind, source, effective_on, booked_at, root)"
        " SELECT id - 1, 'in between', kind, source, effective_on, booked_at, root FROM ledger_entry WHERE id = %s",
        last,
    )
    as_superuser_would(
        "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
        " SELECT entry_id - 1, fund_id, debit_id, credit_id, amount_cents FROM ledger_transfer WHERE entry_id = %s",
        last,
    )
    found = verified(exported(tmp_path / "wrong.jsonl"), "--key", public(KEY))
    assert found.said.startswith(f"WRONG entry {last - 1}: ")


SEALS_CHANGED: dict[str, str] = {
    "a seal less": "DELETE FROM ledger_signature WHERE seal_id = 1; DELETE FROM ledger_seal WHERE number = 1",
    "a root": "UPDATE ledger_seal SET root = decode(repeat('00', 32), 'hex') WHERE number = 1",
    "a moment": "UPDATE ledger_seal SET sealed_at = sealed_at + interval '1 second' WHERE number = 1",
    "the one before": "UPDATE ledger_seal SET previous = decode(repeat('11', 32), 'hex') WHERE number = 1",
    "how many": "UPDATE ledger_seal SET entries = entries - 1 WHERE number = 1",
    "the list": "UPDATE ledger_seal SET leaves = set_byte(leaves, 3, 255 - get_byte(leaves, 3)) WHERE number = 1",
    "a signature": "UPDATE ledger_signature SET signature = set_byte(signature, 3, 255 - get_byte(signature, 3))"
    " WHERE seal_id = 1",
    "no signature": "DELETE FROM ledger_signature WHERE seal_id = 1",
}


@pytest.mark.parametrize("statement", SEALS_CHANGED.values(), ids=SEALS_CHANGED.keys())
def test_a_seal_that_is_changed_is_found_from_its_first_entry_on(
    small: SmallBooks, tmp_path: Path, statement: str
) -> None:
    seal()
    book("after it", (small.bank, small.budget, 100))
    seal()
    first = Seal.objects.get(number=1).entry_ids[0]
    for part in statement.split("; "):
        as_superuser_would(part)
    found = verified(exported(tmp_path / "wrong.jsonl"), "--key", public(KEY))
    # Of a seal that lost its signatures the next one still vouches, through the chain.
    assert (found.status, found.said.startswith(f"WRONG entry {first}: ")) == (
        (0, False) if statement == SEALS_CHANGED["no signature"] else (1, True)
    )


def test_who_hashes_all_anew_but_lacks_the_key_is_found(small: SmallBooks, tmp_path: Path) -> None:
    """The attacker changes an entry and makes every root, list, seal and head after it fit, and signs with a key of their own."""
    seal()
    second = book("after it", (small.bank, small.budget, 100)).entry_id
    seal()
    book("third", (small.bank, small.budget, 100))
    seal()
    as_superuser_would("UPDATE ledger_transfer SET amount_cents = 90 WHERE entry_id = %s", second)
    hash_anew(from_seal=2, signer=OTHER_KEY)
    journal = exported(tmp_path / "wrong.jsonl")
    found = verified(journal, "--key", public(KEY))
    assert found.said.startswith(f"WRONG entry {second}: seal 2 is signed by {public(OTHER_KEY)}")
    # The control: with the key, nobody could tell without a head from elsewhere.
    hash_anew(from_seal=2, signer=KEY)
    assert verified(exported(tmp_path / "forged.jsonl"), "--key", public(KEY)).status == 0


ROOTS_ANEW = (
    "UPDATE ledger_entry e SET root = (SELECT ledger_tree(string_agg(ledger_leaf("
    "ledger_transfer_line(f, d, c, t.amount_cents)), ''::bytea ORDER BY t.id)) FROM ledger_transfer t"
    " JOIN ledger_fund f ON f.id = t.fund_id JOIN ledger_account d ON d.id = t.debit_id"
    " JOIN ledger_account c ON c.id = t.credit_id WHERE t.entry_id = e.id)"
)


def hash_anew(*, from_seal: int, signer: Ed25519PrivateKey) -> None:
    as_superuser_would(ROOTS_ANEW)
    Key.objects.get_or_create(
        public=bytes.fromhex(public(signer)), defaults={"holder": "x", "witness": False, "since": NOW}
    )
    key = Key.objects.get(public=bytes.fromhex(public(signer)))
    for number in (
        Seal.objects.filter(number__gte=from_seal).order_by("number").values_list("number", flat=True)
    ):
        as_superuser_would(
            "UPDATE ledger_seal s SET previous = coalesce((SELECT b.head FROM ledger_seal b WHERE b.number = s.number - 1),"
            " s.previous), leaves = (SELECT string_agg(ledger_leaf(ledger_entry_line(e)), ''::bytea ORDER BY e.id)"
            " FROM ledger_entry e WHERE e.id = ANY (s.entry_ids)) WHERE s.number = %s",
            number,
        )
        as_superuser_would("UPDATE ledger_seal SET root = ledger_tree(leaves) WHERE number = %s", number)
        as_superuser_would(
            "UPDATE ledger_seal s SET head = ledger_leaf(ledger_seal_line(s)) WHERE number = %s", number
        )
        as_superuser_would(
            "UPDATE ledger_signature SET signature = %s, key_id = %s WHERE seal_id = %s",
            signer.sign(seals.line_of(number).encode()),
            key.pk,
            number,
        )


# In the file itself.


def changed(journal: Path, lines: list[bytes]) -> Path:
    wrong = journal.with_name("wrong.jsonl")
    wrong.write_bytes(b"\n".join(lines) + b"\n")
    return wrong


def test_any_line_that_is_left_out_doubled_or_moved_is_found(small: SmallBooks, tmp_path: Path) -> None:
    seal()
    book("after it", (small.bank, small.budget, 100))
    seal()
    head = Seal.objects.get(number=2).head.hex()
    options = ("--key", public(KEY), "--expect-head", head)
    journal = exported(tmp_path / "journal.jsonl")
    assert verified(journal, *options).status == 0
    lines = journal.read_bytes().splitlines()
    for place in range(len(lines)):
        without = changed(journal, lines[:place] + lines[place + 1 :])
        # A list only helps to name, and of two signatures the later vouches for the earlier.
        if not lines[place].startswith((b'{"sealed"', b'{"signature"')):
            assert verified(without, *options).status == 1, lines[place]
        twice = changed(journal, lines[: place + 1] + lines[place:])
        if not lines[place].startswith((b'{"sealed"', b'{"signature"')):
            assert verified(twice, *options).status == 1, lines[place]


def test_any_symbol_that_is_changed_is_found(small: SmallBooks, tmp_path: Path) -> None:
    seal()
    journal = exported(tmp_path / "journal.jsonl")
    options = ("--key", public(KEY), "--expect-head", Seal.objects.get().head.hex())
    content = journal.read_bytes()
    # From the first entry on: what is before it is a heading, which nobody signs.
    start = content.index(b'{"sealed"')
    for place in range(start, len(content), 97):
        flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        wrong = tmp_path / "wrong.jsonl"
        wrong.write_bytes(flipped)
        assert verified(wrong, *options).status == 1, content[place - 20 : place + 20]


def test_a_file_that_is_cut_off_is_no_file(small: SmallBooks, tmp_path: Path) -> None:
    seal()
    journal = exported(tmp_path / "journal.jsonl")
    assert (
        verified(changed(journal, journal.read_bytes().splitlines()[:-1])).said
        == "WRONG the file is cut off\n"
    )
    for other in (b"", b"{}\n", b"\xff\xfe\n", b"[1, 2]\n", b'{"end": true}\n'):
        wrong = tmp_path / "other.jsonl"
        wrong.write_bytes(other)
        assert verified(wrong).status == 1


# Extracts.


def of_fund(fund: int) -> Chosen:
    return of_funds([fund], name="one fund")


def test_an_extract_shows_one_fund_and_hides_the_others_behind_hashes(
    small: SmallBooks, tmp_path: Path
) -> None:
    mixed = book("both", (small.bank, small.budget, 11), (small.other_bank, small.other_budget, 13)).entry_id
    seal()
    extract = exported(tmp_path / "extract.jsonl", of_fund(small.other_fund))
    text = extract.read_text()
    assert f'"fund": {small.fund},' not in text
    assert text.count('{"entry"') == 2
    assert f'{{"entry": {mixed},' in text
    found = verified(extract, "--key", public(KEY), "--expect-head", Seal.objects.get().head.hex())
    assert found.status == 0, found.said
    assert 'that calls itself "one fund": 2 entries with 2 transfers, 1 seals over 6 entries' in found.said
    lines = extract.read_bytes().replace(b'"amount_cents": 13', b'"amount_cents": 31').splitlines()
    wrong = changed(extract, lines)
    assert verified(wrong, "--key", public(KEY)).said.startswith(f"WRONG entry {mixed}: ")


@pytest.mark.parametrize("where", ["an extract", "the whole books", "the whole books, called an extract"])
def test_a_list_of_what_was_sealed_excuses_no_transfer(small: SmallBooks, tmp_path: Path, where: str) -> None:
    mixed = book("both", (small.bank, small.budget, 11), (small.other_bank, small.other_budget, 13)).entry_id
    seal()
    chosen = of_fund(small.other_fund) if where == "an extract" else None
    journal = exported(tmp_path / "journal.jsonl", chosen)
    heading, *lines = journal.read_bytes().replace(b'"amount_cents": 13', b'"amount_cents": 31').splitlines()
    if where == "the whole books, called an extract":
        heading = heading.replace(b'"extract": null', b'"extract": "mine"')
        heading = heading.replace(b'"whole_funds": null', b'"whole_funds": []')
    if where == "an extract":
        first = next(number for number, line in enumerate(lines) if line.startswith((b'{"ent', b'{"hid')))
        lines.insert(first, b'{"sealed": []}')
    found = verified(changed(journal, [heading, *lines]), "--key", public(KEY))
    assert found.status == 1
    if where == "the whole books":
        assert found.said.startswith(f"WRONG entry {mixed}: its transfers are not those")
    else:
        assert "only the whole books list what was sealed" in found.said


@pytest.mark.parametrize(
    "nodes",
    [b'[[1000000000, "00"]]', b'[[1e400, "00"]]', b'[[-1, "00"]]', b'[[0, "00"]]', b"[" * 100_000],
    ids=["tall", "endless", "negative", "short", "deep"],
)
def test_what_is_in_no_tree_is_told_and_not_tried(small: SmallBooks, tmp_path: Path, nodes: bytes) -> None:
    seal()
    extract = exported(tmp_path / "extract.jsonl", of_fund(small.other_fund))
    lines = extract.read_bytes().splitlines()
    lines.insert(-1, b'{"hidden": ' + nodes + b"}")
    assert verified(changed(extract, lines), "--key", public(KEY)).said.startswith("WRONG")


def test_an_extract_of_one_cheque_out_of_a_large_issue_is_small(small: SmallBooks, tmp_path: Path) -> None:
    """The proof for who holds a cheque: its own lines, and the nodes beside them."""
    issued = book(
        "large", *[(small.budget, small.cheque, 1)] * 2_000, (small.budget, small.purse, 2), by=small.two
    ).entry_id
    for number in range(40):
        book(f"others {number}", (small.bank, small.budget, 1))
    seal()
    chosen = Chosen(
        "t.entry_id = %(entry)s AND t.credit_id = %(purse)s",
        {"entry": issued, "purse": small.purse},
        "a cheque",
    )
    extract = exported(tmp_path / "proof.jsonl", chosen)
    assert extract.stat().st_size < 8_000
    found = verified(extract, "--key", public(KEY))
    assert found.status == 0, found.said
    assert "balances were not checked" in found.said


def test_a_kept_head_and_either_key_work_on_the_extract_of_a_fund(small: SmallBooks, tmp_path: Path) -> None:
    """Every seal stands in it, also those in which nothing of the fund is, so the chain has no gap."""
    seal()
    for number in range(3):
        book(f"ours {number}", (small.bank, small.budget, 1))
        seal()
    kept = Seal.objects.get(number=3).head.hex()
    seals.rotate(old=KEY, new=OTHER_KEY, holder=sealing.OPERATOR, now=NOW + timedelta(days=1))
    book("ours again", (small.bank, small.budget, 1))
    seal(OTHER_KEY)
    extract = exported(tmp_path / "extract.jsonl", of_fund(small.other_fund))
    for key in (KEY, OTHER_KEY):
        found = verified(extract, "--key", public(key), "--expect-head", kept)
        assert found.status == 0, found.said
        assert "1 entries with 1 transfers, 5 seals over 9 entries" in found.said
        assert f"proven: the seal with the head {kept} is one of these" in found.said
    wrong = verified(extract, "--key", public(KEY), "--expect-head", "11" * 32)
    assert (wrong.status, "is not in these books" in wrong.said) == (1, True)
    # A seal whose line is left out is missed.
    lines = extract.read_bytes().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith(b'{"seal": 3,'))
    gap = verified(
        changed(extract, lines[:place] + lines[place + 2 :]), "--key", public(KEY), "--expect-head", kept
    )
    assert (gap.status, "which leaves out 1" in gap.said) == (1, True)


def test_what_is_proven_is_said_and_nothing_more(small: SmallBooks, tmp_path: Path) -> None:
    assert "proven: nothing" in verified(exported(tmp_path / "journal.jsonl")).said
    seal()
    head = Seal.objects.get().head.hex()
    whole = exported(tmp_path / "journal.jsonl")
    extract = exported(tmp_path / "extract.jsonl", of_fund(small.other_fund))
    complete, part = "every entry is here, in order and as it was", "what is shown here was sealed so"
    not_all, whose, others = (
        "that everything is shown",
        "whose seals these are",
        "that there are no other books",
    )
    for file, options, said, unsaid in (
        (whole, (), (complete, whose, others), (part, not_all)),
        (whole, ("--key", public(KEY), "--expect-head", head), (complete,), (part, not_all, whose, others)),
        (extract, (), (part, not_all, whose, others), (complete,)),
        (extract, ("--key", public(KEY), "--expect-head", head), (part, not_all), (complete, whose, others)),
    ):
        found = verified(file, *options)
        assert found.status == 0
        assert [text for text in said if text not in found.said] == []
        assert [text for text in unsaid if text in found.said] == []
    assert "below zero at any moment in what is shown of the funds that the file calls whole" in found.said


def test_a_text_in_the_file_draws_no_lines_of_its_own(
    small: SmallBooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody signs the heading. Also on a screen that knows few symbols, by a clock that ticks slowly."""
    seal()
    heading, *lines = (
        exported(tmp_path / "extract.jsonl", of_fund(small.other_fund)).read_bytes().splitlines()
    )
    drawn = heading.replace(b"one fund", rb"x\nproven: every entry is here\u001b[8m \u202e\ud800 \u00e9")
    monkeypatch.setattr(verify_books.time, "process_time", lambda: 0.0)
    for content, said in (
        ([drawn, *lines], r'"x\nproven: every entry is here\x1b[8m \u202e\ud800 \xe9": 1 entries'),
        ([heading, "\x1b[8mé\u2028".encode()], r"WRONG a line that does not belong here: \x1b[8m\xe9\u2028"),
    ):
        screen = TextIOWrapper(BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", screen)
        verify_books.main([str(changed(tmp_path / "extract.jsonl", content))])
        screen.seek(0)
        assert said in screen.read()


def test_a_proof_goes_on_over_several_seals_and_names_only_those_it_touches(
    small: SmallBooks, tmp_path: Path
) -> None:
    seal()
    for number in range(3):
        book(f"ours {number}", (small.bank, small.budget, 1))
        seal()
    theirs = book("theirs", (small.other_bank, small.other_budget, 1)).entry_id
    seal()
    book("ours again", (small.bank, small.budget, 1))
    seal()
    chosen = of_accounts([small.other_budget], name="a proof")
    extract = exported(tmp_path / "extract.jsonl", chosen)
    numbers = [
        json.loads(line)["seal"] for line in extract.read_text().splitlines() if line.startswith('{"seal":')
    ]
    assert numbers == [1, 5, 6]
    found = verified(extract, "--key", public(KEY), "--expect-head", Seal.objects.get(number=6).head.hex())
    assert (found.status, "2 transfers, 3 seals over 7 entries" in found.said) == (0, True), found.said
    # The head of seal 6 stands for seal 5 too; between that and seal 1 is a gap, over which no link is checked.
    assert "before a gap in this extract: 1 seals, of which this head says nothing" in found.said
    assert "not proven: that there are no other books in 1 of these seals" in found.said
    left_out = verified(extract, "--key", public(KEY), "--expect-head", Seal.objects.get(number=2).head.hex())
    assert (
        left_out.status,
        "this extract, which leaves out 3 and goes up to seal 6 of" in left_out.said,
    ) == (1, True)
    unsealed = book("not yet", (small.other_bank, small.other_budget, 1)).entry_id
    assert theirs < unsealed
    again = verified(exported(tmp_path / "again.jsonl", chosen), "--key", public(KEY))
    assert again.status == 0
    assert "not sealed yet: 1 entries" in again.said


def test_an_account_below_zero_is_found_also_when_it_was_sealed_so(small: SmallBooks, tmp_path: Path) -> None:
    """Somebody with every right booked it, and the worker sealed it."""
    entry = book("too much", (small.bank, small.budget, 100)).entry_id
    as_superuser_would(
        "UPDATE ledger_transfer SET debit_id = %s, credit_id = %s, amount_cents = 501 WHERE entry_id = %s",
        small.pot,
        small.to_return,
        entry,
    )
    hash_roots = (
        "UPDATE ledger_entry e SET root = (SELECT ledger_leaf(ledger_transfer_line(f, d, c, t.amount_cents))"
        " FROM ledger_transfer t JOIN ledger_fund f ON f.id = t.fund_id JOIN ledger_account d ON d.id = t.debit_id"
        " JOIN ledger_account c ON c.id = t.credit_id WHERE t.entry_id = e.id) WHERE e.id = %s"
    )
    as_superuser_would(hash_roots, entry)
    seal()
    found = verified(exported(tmp_path / "journal.jsonl"), "--key", public(KEY))
    assert found.said == (
        f"WRONG entry {entry}: account 2300 campaign:1 of fund {small.fund} goes to -1 cents\n"
    )


def test_a_settlement_that_makes_money_is_found_also_when_it_was_sealed_so(
    small: SmallBooks, tmp_path: Path
) -> None:
    # A fund that moves money of its own settles nothing with another.
    savings = ledger.account(fund_id=small.fund, code=Code.BANK, key="savings")
    book("put away", (savings, small.bank, 5), (small.other_budget, small.other_bank, 3), by=small.two)
    seal()
    right = verified(exported(tmp_path / "right.jsonl"), "--key", public(KEY))
    assert right.status == 0, right.said
    without("v_settles AND v_row.cents <> 0", instead="false")
    costs = ledger.account(fund_id=small.fund, code=Code.PAYMENT_COSTS, key="campaign:1")
    entry = book(
        "from nowhere", (costs, small.bank, 4), (small.other_bank, small.other_budget, 5), by=small.two
    ).entry_id
    seal()
    found = verified(exported(tmp_path / "journal.jsonl"), "--key", public(KEY))
    assert found.said == (
        f"WRONG entry {entry}: what its funds settle with each other leaves 1 cents over the bank\n"
    )


def test_a_reversal_that_is_reversed_is_found_also_when_it_was_sealed_so(
    small: SmallBooks, tmp_path: Path
) -> None:
    without("e.id = p_reverses AND e.reverses_id IS NOT NULL", instead="false")
    undone = undo("undone", book("wrong", (small.bank, small.budget, 5)).entry_id).entry_id
    entry = undo("undone undone", undone).entry_id
    seal()
    found = verified(exported(tmp_path / "journal.jsonl"), "--key", public(KEY))
    assert found.said.startswith(f"WRONG entry {entry}: it reverses entry {undone}, which is")


def test_a_reversal_that_is_no_mirror_is_found_also_when_it_was_booked_so(
    small: SmallBooks, tmp_path: Path
) -> None:
    """Its hashes fit: somebody with every right made it so before it was sealed."""
    with transaction.atomic():
        gone = book("gone", (small.bank, small.budget, 1)).entry_id
        transaction.set_rollback(True)
    undo("right", book("many", *[(small.bank, small.budget, 5), (small.bank, small.pot, 7)] * 9).entry_id)
    wrong = book("wrong", (small.bank, small.budget, 5)).entry_id
    entry = undo("undone", wrong).entry_id
    assert verified(exported(tmp_path / "right.jsonl")).status == 0  # the control
    for named, cents in ((gone, 5), (wrong, 4)):
        as_superuser_would("UPDATE ledger_entry SET reverses_id = %s WHERE id = %s", named, entry)
        as_superuser_would("UPDATE ledger_transfer SET amount_cents = %s WHERE entry_id = %s", cents, entry)
        as_superuser_would(ROOTS_ANEW)
        found = verified(exported(tmp_path / "wrong.jsonl"))
        assert found.said == f"WRONG entry {entry}: it does not mirror entry {named}, which it reverses\n"


def test_the_seal_is_made_of_bytes_that_the_public_key_knows(small: SmallBooks) -> None:
    seal()
    known = Ed25519PublicKey.from_public_bytes(bytes(Key.objects.get().public))
    known.verify(Signature.objects.get().signature, seals.line_of(1).encode())
