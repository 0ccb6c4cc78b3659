#!/usr/bin/env python3
"""Checks the books of Buurtpot from an export alone: `python verify_books.py journal.jsonl --key PUBLIC --expect-head HASH`.

Needs Python 3.11 and the package `cryptography`; nothing of Buurtpot. It reads the file line by line and checks that

* every entry is there, in order, unchanged: its hash hangs in the tree of a seal, and every seal names the one before;
* every seal is signed with the operator's key (--key: one that you got in another way than with this file), or with a later key
  that the one before it signed for; and that signatures of witnesses are right (--witness: a key that you got from the witness;
  the report says up to which seal it signed);
* the head that you kept from earlier is in the chain (--expect-head);
* what has no seal yet is no older than a day, by the moment at which the file says it was made;
* no transfer leaves its fund, every amount is above zero, and no account that may not was ever below zero;
* what one fund settles with another nets to zero over the bank; an entry is reversed at most once, a reversal never;
  and in the whole books a reversal mirrors what it reverses.

Exit status 0, the head, what is proven and what is not; or 1 and the first entry that is wrong.
What is hashed stands in docs/canonical-form.md.
"""

import argparse
import json
import re
import sys
import time
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

FORMAT = 1
WIDTH = 16
AT_ONCE = 1_000_000  # bytes that are read
TALLEST = 15  # sixteen to this power are more transfers than any books have
LONGEST_LINE = (
    16_000_000  # bytes: twice the list of a seal of 65,536 entries, the most that are sealed at once
)
# An entry is sealed within a minute. Older ones without a seal, at the moment that the file was made, are something to explain.
UNSEALED_AT_MOST = timedelta(days=1)
# An entry of after a seal that says it was booked longer than this before that seal was made is something to explain too.
EARLY = timedelta(hours=1)
MOST_NAMED = 10
NODE = b"\x01"
NOTHING_BEFORE = "00" * 32
# The chart of accounts: those whose balance is on the debit side, and those that are never below zero.
DEBIT_SIDE = {1000, 1100, 1200, 4000, 4900, 9500}
GUARDED = {2000, 2100, 2200, 2300, 2500, 2600, 2700, 2800, 2900, 9500, 9510}
BANK = 1000
OWN_MONEY = {BANK, 1100}  # a fund's own, at the bank and at Stripe: what moves between these settles nothing
MOST_CENTS = 10_000_000_000_000
# A line is read by its form and not as any JSON: it has these keys in this order, or it is none.
WORD = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
TRANSFER = re.compile(
    rb'\{"fund": (\d+), "organisation": (\d+), "currency": "EUR", "debit": (\d+), "debit_code": (\d+), "debit_subject": (WORD),'
    rb' "credit": (\d+), "credit_code": (\d+), "credit_subject": (WORD), "amount_cents": (-?\d+)\}'.replace(
        b"WORD", WORD
    )
)
KEY = re.compile(
    rb'\{"key": "[0-9a-f]{64}", "holder": WORD, "witness": (?:true|false), "since": "[-:.\dTZ]+"\}'.replace(
        b"WORD", WORD
    )
)
SEAL = re.compile(
    rb'\{"seal": \d+, "previous": "[0-9a-f]{64}", "entries": \d+, "last_entry": \d+, "root": "[0-9a-f]{64}",'
    rb' "sealed_at": "[-:.\dTZ]+"\}'
)
ENTRY = re.compile(
    rb'\{"entry": (\d+), "key": "[0-9a-f]{64}", "kind": WORD, "source": WORD,'
    rb' "effective_on": "[-\d]+", "booked_at": "(\d{4}-\d\d-\d\dT[:.\d]+Z)",'
    rb' "made_by": (\d+|null), "approved_by": (\d+|null), "reverses": (\d+|null), "note": (?:"[0-9a-f]{64}"|null),'
    rb' "root": "([0-9a-f]*)"\}'.replace(b"WORD", WORD)
)


class Wrong(Exception):
    """What is wrong, and the entry where it shows first (None when it is not about an entry)."""

    def __init__(self, what: str, entry: int | None = None) -> None:
        super().__init__(what)
        self.entry = entry


class Tree:
    """Takes leaves, or whole nodes of leaves that are hidden, in order; sixteen make a node. `root()` ends it."""

    def __init__(self) -> None:
        self.levels: list[list[bytes]] = [[]]

    def add(self, node: bytes, height: int = 0) -> None:
        if height:
            while len(self.levels) <= height:
                self.levels.append([])
            if any(self.levels[:height]):
                raise Wrong("a hidden node does not stand where it may")
        self.levels[height].append(node)
        while len(self.levels[height]) == WIDTH:
            above = sha256(NODE + b"".join(self.levels[height])).digest()
            self.levels[height] = []
            height += 1
            if len(self.levels) == height:
                self.levels.append([])
            self.levels[height].append(above)

    def root(self) -> bytes:
        """Of what came in so far; nothing changes by asking."""
        top = max((height for height, level in enumerate(self.levels) if level), default=0)
        below: list[bytes] = []
        for level in self.levels[:top]:
            nodes = level + below
            below = [sha256(NODE + b"".join(nodes)).digest()] if nodes else []
        nodes = self.levels[top] + below
        while len(nodes) > 1:
            nodes = [
                sha256(NODE + b"".join(nodes[at : at + WIDTH])).digest() for at in range(0, len(nodes), WIDTH)
            ]
        return nodes[0] if nodes else b""


@dataclass(slots=True)
class Account:
    """What the transfers say of an account (fund, organisation, code, subject), as it stands there; `cents` on its own side."""

    what: tuple[bytes, bytes, bytes, bytes]
    cents: int = 0
    fund: int = 0
    code: int = 0
    debit_side: bool = False

    def __post_init__(self) -> None:
        self.fund, self.code = int(self.what[0]), int(self.what[2])
        self.debit_side = self.code in DEBIT_SIDE


@dataclass(slots=True)
class Entry:
    """The entry that is being read."""

    id: int
    leaf: bytes
    root: str
    mirror: Tree | None = None  # of a reversal: over its transfers with debit and credit the other way round
    reverses: int = 0
    first: bytes = b""
    tree: Tree | None = None  # made when there is more than one leaf
    hidden: bool = False
    touched: list[Account] = field(default_factory=list)
    over_bank: dict[int, int] = field(
        default_factory=dict
    )  # fund -> cents onto its bank account, but for what was its own

    def add(self, leaf: bytes, height: int = 0) -> None:
        if self.tree is None and not self.first and not height:
            self.first = leaf
            return
        if self.tree is None:
            self.tree = Tree()
            if self.first:
                self.tree.add(self.first)
        self.tree.add(leaf, height)

    def computed_root(self) -> bytes:
        return self.tree.root() if self.tree else self.first


@dataclass
class Reach:
    """How far what came from elsewhere reaches, a head that was kept or the signatures of a witness: over the seals before it
    too, as far as those follow each other here."""

    holder: str = ""
    seal: int = 0  # the last of which it says something
    seals: int = 0  # how many came since, with so many entries
    entries: int = 0
    since: str = ""  # when the first of those was made
    apart: int = 0  # seals before a gap of which it says nothing: what comes after a gap does not reach them

    def pass_by(self, seal: dict[str, Any], named: bool) -> None:
        if named:
            self.seal, self.seals, self.entries, self.since = seal["seal"], 0, 0, ""
            return
        self.seals += 1
        self.entries += seal["entries"]
        self.since = self.since or seal["sealed_at"]

    def leave_gap(self) -> None:
        self.apart += self.seals
        self.seals, self.entries, self.since = 0, 0, ""


@dataclass
class Result:
    head: str = ""
    seals: int = 0
    sealed: int = 0
    sealed_at: str = ""
    left_out: int = 0  # seals of which an extract does not even have the line
    shown: int = 0
    transfers: int = 0
    unsealed: int = 0
    unsealed_since: datetime | None = None
    # Entries that say they were booked well before the seal before them, and the first of those.
    early: int = 0
    early_named: list[int] = field(default_factory=list)
    whole: bool = False
    trusted: bool = False
    witnesses: dict[str, Reach] = field(default_factory=dict)
    kept: Reach = field(default_factory=Reach)  # of the head that is expected
    elsewhere: Reach = field(default_factory=Reach)  # of that head and of the known witnesses together
    funds: dict[int, int] = field(default_factory=dict)


class Books:
    """Reads the lines of one file in order. Raises Wrong at the first that does not fit."""

    def __init__(self, *, keys: Iterable[str], expect_head: str | None, witnesses: Iterable[str]) -> None:
        self.given = set(keys)
        self.trusted: set[str] = set(self.given)
        self.expect_head = expect_head
        self.wanted_witnesses = set(witnesses)
        self.holders: dict[str, str] = {}
        self.is_witness: dict[str, bool] = {}
        self.accounts: dict[bytes, Account] = {}
        self.organisations: dict[bytes, bytes] = {}
        self.reversed: set[int] = set()
        self.reversals: set[int] = set()
        # Of every entry, in the whole books: sixteen bytes each.
        self.ids, self.roots = array("Q"), array("q")
        self.result = Result()
        self.header: dict[str, Any] | None = None
        self.made_at = datetime.min.replace(tzinfo=UTC)
        self.whole_funds: set[int] | None = None  # None: all of them
        self.entry: Entry | None = None
        self.last_id = 0
        self.earliest = b""  # an hour before the last seal, to the second, as an entry writes it
        self.tree = Tree()
        self.in_seal = 0
        self.first_in_seal: int | None = None
        self.listed: list[list[Any]] | None = None
        self.suspect: Wrong | None = None
        self.signed_line = b""  # what a signature that comes next is over: a key or a seal
        self.vouched_for = ""  # the key, when it is one
        self.seal: dict[str, Any] | None = None
        self.signers: set[str] = set()
        self.untrusted: Wrong | None = None  # a seal that no trusted key signed, nor any seal after it
        self.ended = False

    def read(self, file: BinaryIO) -> Result:
        readers = {
            b'{"fun': self.transfer,
            b'{"ent': self.entry_line,
            b'{"hid': self.hidden,
            b'{"sea': self.seal_or_list,
            b'{"sig': self.signature,
            b'{"key': self.key,
            b'{"boo': self.books,
            b'{"end': self.end,
        }
        for raw in iter(partial(file.readline, LONGEST_LINE + 1), b""):
            if len(raw) > LONGEST_LINE:
                raise Wrong(f"a line of more than {LONGEST_LINE:,} bytes", self._here())
            line = raw.rstrip(b"\r\n")
            reader = readers.get(line[:5])
            if reader is None:
                raise Wrong(
                    f"a line that does not belong here: {line[:60].decode(errors='replace')}", self._here()
                )
            if self.ended:
                raise Wrong("there is more after the end")
            if self.header is None and reader != self.books:
                raise Wrong("the file does not begin with its heading")
            try:
                reader(line)
            except (
                ValueError,
                LookupError,
                TypeError,
                AttributeError,
                ArithmeticError,
                RecursionError,
            ) as error:
                raise Wrong(
                    f"a line that cannot be read: {line[:60].decode(errors='replace')}", self._here()
                ) from error
        self._finish()
        return self.result

    def _here(self) -> int | None:
        return self.entry.id if self.entry else None

    # The lines.

    def books(self, line: bytes) -> None:
        if self.header is not None:
            raise Wrong("a second heading")
        self.header = json.loads(line)
        if self.header["format"] != FORMAT:
            raise Wrong(f"this file is of format {self.header['format']}; this verifier reads {FORMAT}")
        self.made_at = moment(self.header["made_at"])
        self.result.whole = self.header["extract"] is None
        if not self.result.whole:
            self.whole_funds = set(self.header["whole_funds"])

    def key(self, line: bytes) -> None:
        if KEY.fullmatch(line) is None:
            raise Wrong("a key that is not in its form")
        row = json.loads(line)
        public = row["key"]
        if public in self.is_witness:
            raise Wrong(f"key {public} stands here twice")
        self.is_witness[public] = row["witness"]
        self.holders[public] = row["holder"]
        if not self.given and not self.trusted and not row["witness"]:
            self.trusted.add(
                public
            )  # nobody gave a key: the first in the file, which proves only that the file fits itself
        if row["witness"]:
            self.result.witnesses[public] = Reach(row["holder"])
        self._leave_seal()
        self.signed_line, self.vouched_for = line, public

    def transfer(self, line: bytes) -> None:
        entry = self.entry
        if entry is None:
            raise Wrong("a transfer without an entry")
        row = TRANSFER.fullmatch(line)
        if row is None:
            raise self._bad("a transfer that is not in its form")
        fund, organisation, debit, debit_code, debit_subject, credit, credit_code, credit_subject, amount = (
            row.groups()
        )
        entry.add(sha256(line).digest())
        if entry.mirror is not None:
            entry.mirror.add(sha256(swapped(row)).digest())
        self.result.transfers += 1
        cents = int(amount)
        if not 0 < cents <= MOST_CENTS:
            raise self._bad(f"an amount of {cents} cents")
        if debit == credit:
            raise self._bad("a transfer from an account to itself")
        one, what = self.accounts.get(debit), (fund, organisation, debit_code, debit_subject)
        if one is None or one.what != what:
            one = self._new_account(debit, what)
        other, what = self.accounts.get(credit), (fund, organisation, credit_code, credit_subject)
        if other is None or other.what != what:
            other = self._new_account(credit, what)
        one.cents += cents if one.debit_side else -cents
        other.cents -= cents if other.debit_side else -cents
        entry.touched += (one, other)
        if one.code == BANK and other.code not in OWN_MONEY:
            entry.over_bank[one.fund] = entry.over_bank.get(one.fund, 0) + cents
        elif other.code == BANK and one.code not in OWN_MONEY:
            entry.over_bank[one.fund] = entry.over_bank.get(one.fund, 0) - cents

    def _new_account(self, number: bytes, what: tuple[bytes, bytes, bytes, bytes]) -> Account:
        if number in self.accounts:
            raise self._bad(f"account {number.decode()} is another one than before (fund, code or subject)")
        if self.organisations.setdefault(what[0], what[1]) != what[1]:
            raise self._bad(f"fund {what[0].decode()} is of another organisation than before")
        account = self.accounts[number] = Account(what)
        return account

    def entry_line(self, line: bytes) -> None:
        self._close_entry()
        self._leave_seal()
        row = ENTRY.fullmatch(line)
        if row is None:
            number_at_least = re.match(rb'\{"entry": (\d+),', line)
            raise Wrong(
                f"an entry that is not in its form, after entry {self.last_id}",
                int(number_at_least[1]) if number_at_least else None,
            )
        number, booked_at, made_by, approved_by, reverses, root = row.groups()
        entry = self.entry = Entry(int(number), sha256(line).digest(), root.decode())
        if self.first_in_seal is None:
            self.first_in_seal = entry.id
        if entry.id <= self.last_id:
            raise self._bad("entries do not stand in order")
        if made_by == approved_by != b"null":
            raise self._bad("one person made and approved it")
        if reverses != b"null":
            undone = int(reverses)
            if undone >= entry.id or undone in self.reversed or undone in self.reversals:
                raise self._bad(
                    f"it reverses entry {undone}, which is reversed already, is a reversal itself or comes later"
                )
            self.reversed.add(undone)
            self.reversals.add(entry.id)
            entry.reverses, entry.mirror = undone, Tree()
        self.last_id = entry.id
        if booked_at < self.earliest:
            self.result.early += 1
            if self.result.early <= MOST_NAMED:
                self.result.early_named.append(entry.id)
        self.result.unsealed += 1
        if self.result.unsealed_since is None:
            self.result.unsealed_since = moment(booked_at.decode())

    def hidden(self, line: bytes) -> None:
        if self.result.whole:
            raise Wrong("the whole books hide nothing", self._here())
        nodes = [(height, bytes.fromhex(node)) for height, node in json.loads(line)["hidden"]]
        if not all(
            type(height) is int and 0 <= height <= TALLEST and len(node) == 32 for height, node in nodes
        ):
            raise Wrong("a node that is in no tree", self._here())
        entry = self.entry
        # Within an entry whose root is not there yet they are transfers, else entries.
        if entry is not None and entry.computed_root().hex() != entry.root:
            entry.hidden = True
            for height, node in nodes:
                entry.add(node, height)
            return
        self._close_entry()
        self._leave_seal()
        for height, node in nodes:
            self.tree.add(node, height)
            self.in_seal += WIDTH**height

    def seal_or_list(self, line: bytes) -> None:
        self._close_entry()
        self._leave_seal()
        if line.startswith(b'{"sealed"'):
            if not self.result.whole:
                raise Wrong("only the whole books list what was sealed", self._here())
            self.listed = json.loads(line)["sealed"]
            return
        if SEAL.fullmatch(line) is None:
            raise Wrong(f"a seal that is not in its form, after seal {self.result.seals}", self.first_in_seal)
        row = json.loads(line)
        shown = self.in_seal > 0
        root = self.tree.root()
        number = row["seal"]
        self._check_place(number, row["previous"])
        if shown or self.result.whole:
            self._check_root(row, root)
        self.result.seals, self.result.head = number, sha256(line).hexdigest()
        self.result.sealed += row["entries"]
        self.result.sealed_at = row["sealed_at"]
        self.earliest = (moment(row["sealed_at"]) - EARLY).isoformat()[:19].encode()
        self.result.unsealed, self.result.unsealed_since = 0, None
        self.signed_line, self.seal, self.signers = line, row | {"first": self.first_in_seal}, set()
        self.tree, self.in_seal, self.first_in_seal, self.listed, self.suspect = Tree(), 0, None, None, None

    def _check_place(self, number: int, previous: str) -> None:
        """It comes after the seal before; in an extract some may be left out."""
        if self.result.whole and number != self.result.seals + 1:
            raise Wrong(f"seal {self.result.seals + 1} is missing", self.first_in_seal)
        if number <= self.result.seals:
            raise Wrong("seals do not stand in order", self.first_in_seal)
        if number == self.result.seals + 1:
            if previous != (self.result.head or NOTHING_BEFORE):
                raise Wrong(f"seal {number} names another one before it", self.first_in_seal)
        elif self.untrusted:
            raise self.untrusted  # what comes after a gap says nothing of what came before
        else:
            self.result.left_out += number - self.result.seals - 1
            for reach in (self.result.kept, self.result.elsewhere, *self.result.witnesses.values()):
                reach.leave_gap()

    def _check_root(self, seal: dict[str, Any], root: bytes) -> None:
        number = seal["seal"]
        if (
            root.hex() == seal["root"]
            and self.in_seal == seal["entries"]
            and (not self.result.whole or self.last_id == seal["last_entry"])
        ):
            if self.suspect:
                raise Wrong(f"the list of seal {number} was changed", self.suspect.entry)
            return
        if self.listed and self.in_seal < len(self.listed) and not self.suspect:
            missing = self.listed[self.in_seal][0]
            raise Wrong(f"entry {missing} is missing", missing)
        if self.suspect:
            raise self.suspect
        raise Wrong(f"what is in seal {number} is not what was sealed", self.first_in_seal)

    def signature(self, line: bytes) -> None:
        row = json.loads(line)
        by = row["by"]
        if not self.signed_line:
            raise Wrong("a signature under nothing", self._here())
        if by not in self.is_witness:
            raise Wrong(f"a signature by a key that is not in the file: {by}", self._first_of_seal())
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(by)).verify(
                bytes.fromhex(row["signature"]), self.signed_line
            )
        except InvalidSignature:
            what = (
                f"the signature of {self.holders[by]} under seal {self.seal['seal']}"
                if self.seal
                else "the signature under a key"
            )
            raise Wrong(f"{what} is wrong", self._first_of_seal()) from None
        if self.seal is None:
            # Who is trusted vouches for the key in the line before. A witness seals nothing: it has no part in that.
            if self.is_witness[by] or self.is_witness[self.vouched_for]:
                raise Wrong("a key of a witness does not belong to the keys that seal")
            if by in self.trusted:
                self.trusted.add(self.vouched_for)
            return
        self.signers.add(by)

    def end(self, line: bytes) -> None:
        row = json.loads(line)
        self._close_entry()
        self._leave_seal()
        self.ended = True
        if (row["entries"], row["transfers"]) != (self.result.shown, self.result.transfers):
            raise Wrong(f"the file says that it has {row['entries']} entries, and has {self.result.shown}")

    # What is checked when something is complete.

    def _close_entry(self) -> None:
        entry, self.entry = self.entry, None
        if entry is None:
            return
        self.result.shown += 1
        if entry.computed_root().hex() != entry.root:
            # No list of what was sealed can be at fault here.
            raise self.suspect or Wrong("its transfers are not those that it was booked with", entry.id)
        if self.listed is not None and self.suspect is None:
            self._compare(entry)
        for account in entry.touched:
            if account.cents < 0 and account.code in GUARDED and self._is_whole(account.fund):
                raise self.suspect or Wrong(
                    f"account {account.code} {json.loads(account.what[3])} of fund {account.fund} goes to {account.cents} cents",
                    entry.id,
                )
        over = entry.over_bank.values()
        if len(over) > 1 and min(over) < 0 < max(over) and sum(over) != 0 and not entry.hidden:
            raise self.suspect or Wrong(
                f"what its funds settle with each other leaves {sum(over)} cents over the bank", entry.id
            )
        if self.result.whole:
            if entry.mirror is not None:
                self._check_mirror(entry, entry.mirror)
            self.ids.append(entry.id)
            self.roots.append(hash(entry.root))
        self.tree.add(entry.leaf)
        self.in_seal += 1

    def _check_mirror(self, entry: Entry, mirror: Tree) -> None:
        """Its transfers are those of the entry that it reverses, in the same order, turned round. So the root tells.

        Of a root Python's own hash is kept: that has a secret of this run, so that nobody makes another with the same."""
        place = bisect_left(self.ids, entry.reverses)
        if self.ids[place : place + 1].tolist() != [entry.reverses] or self.roots[place] != hash(
            mirror.root().hex()
        ):
            raise self.suspect or Wrong(
                f"it does not mirror entry {entry.reverses}, which it reverses", entry.id
            )

    def _compare(self, entry: Entry) -> None:
        """With the list of what was sealed, so that the one that was changed has a name."""
        listed = self.listed or []
        if self.in_seal >= len(listed):
            self._suspect(entry.id, "it was not there when the books were sealed")
            return
        sealed_id, leaf = listed[self.in_seal]
        if leaf != entry.leaf.hex():
            if sealed_id == entry.id:
                self._suspect(entry.id, "it was changed after it was sealed")
            elif sealed_id < entry.id:
                self._suspect(sealed_id, "it was sealed, and is missing")
            else:
                self._suspect(entry.id, "it was not there when the books were sealed")

    def _suspect(self, entry: int, what: str) -> None:
        """The first is kept until the seal tells whether the entry or the list is wrong."""
        self.suspect = self.suspect or Wrong(what, entry)

    def _leave_seal(self) -> None:
        """All signatures of the last seal were read. Who signed a seal vouches for all that come before it in the chain."""
        self.signed_line, self.vouched_for = b"", ""
        if self.seal is None:
            return
        for public, witness in self.result.witnesses.items():
            witness.pass_by(self.seal, public in self.signers)
        kept = self.result.head == self.expect_head
        self.result.kept.pass_by(self.seal, kept)
        self.result.elsewhere.pass_by(self.seal, kept or bool(self.signers & self.wanted_witnesses))
        if self.signers & self.trusted:
            self.untrusted = None
        elif self.untrusted is None:
            names = ", ".join(sorted(self.signers)) or "nobody"
            self.untrusted = Wrong(
                f"seal {self.seal['seal']} is signed by {names}, by no key that is trusted;"
                " if that is an older or newer key of the operator that you know, give it with --key too",
                self.seal["first"],
            )
        self.seal = None

    def _finish(self) -> None:
        if not self.ended:
            raise Wrong("the file is cut off")
        if wrong := self.suspect or self.untrusted:
            raise wrong
        self._check_head()
        if self.given and not self.result.seals:
            raise Wrong("nothing in this file is sealed")
        self._check_unsealed()
        for public in sorted(self.wanted_witnesses):
            found = self.result.witnesses.get(public)
            if found is None or not (found.seal or self.result.left_out):
                raise Wrong(f"witness {public} signed no seal in this file")
        self.result.trusted = bool(self.given)
        for account in self.accounts.values():
            if account.code == BANK:
                self.result.funds[account.fund] = self.result.funds.get(account.fund, 0) + account.cents

    def _check_head(self) -> None:
        if not self.expect_head or self.result.kept.seal:
            return
        if self.result.left_out:
            raise Wrong(
                f"the head {self.expect_head} is none of the seals in this extract, which leaves out {self.result.left_out}"
                f" and goes up to seal {self.result.seals} of {self.result.sealed_at}:"
                " look for it on the page of seals, or in a file that holds them all"
            )
        raise Wrong(
            f"the head {self.expect_head} is not in these books, which go up to seal {self.result.seals}"
            f" of {self.result.sealed_at or 'no moment'}: a later head cannot be in them",
            self.first_in_seal,
        )

    def _check_unsealed(self) -> None:
        since = self.result.unsealed_since
        if since and self.made_at - since > UNSEALED_AT_MOST:
            raise Wrong(
                f"{self.result.unsealed} entries from here on have no seal, the first since {since:%Y-%m-%dT%H:%M:%SZ}:"
                f" {(self.made_at - since).days} days before this file was made",
                self.first_in_seal,
            )

    def _is_whole(self, fund: int) -> bool:
        return self.whole_funds is None or fund in self.whole_funds

    def _first_of_seal(self) -> int | None:
        return self.seal["first"] if self.seal else self.first_in_seal

    def _bad(self, what: str) -> Wrong:
        """An entry that breaks a rule; after one that was changed that comes of it, so that one is named."""
        return self.suspect or Wrong(what, self.entry.id if self.entry else None)


def swapped(transfer: re.Match[bytes]) -> bytes:
    """The line of a transfer with its debit and credit changed places."""
    fund, organisation, *sides, amount = transfer.groups()
    debit, credit = sides[:3], sides[3:]
    return (
        b'{"fund": %b, "organisation": %b, "currency": "EUR", "debit": %b, "debit_code": %b, "debit_subject": %b,'
        b' "credit": %b, "credit_code": %b, "credit_subject": %b, "amount_cents": %b}'
    ) % (fund, organisation, *credit, *debit, amount)


def moment(text: str) -> datetime:
    """In UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.utcoffset() != timedelta():
        raise ValueError("a moment is in UTC")
    return found


def public_key(given: str) -> str:
    """Hexadecimal, as it is or out of a file; or the PEM of a public key in a file."""
    path = Path(given)
    if path.is_file():
        content = path.read_bytes()
        if content.startswith(b"-----BEGIN"):
            key = load_pem_public_key(content)
            if not isinstance(key, Ed25519PublicKey):
                raise ValueError("no Ed25519 key")
            return key.public_bytes_raw().hex()
        given = content.decode().strip()
    return digits(given)


def digits(given: str) -> str:
    """Of a key or a head: copied from a PDF they may have spaces, and capitals. Less of them would be less of a check."""
    found = "".join(given.split()).lower()
    if re.fullmatch("[0-9a-f]{64}", found) is None:
        raise argparse.ArgumentTypeError(
            f"it has 64 hexadecimal digits, and this is {given!r}; a list may show only the first of them"
        )
    return found


def report(result: Result, books: Books) -> Iterator[str]:
    yield f"head {result.head or '(nothing is sealed yet)'}"
    what = (
        "the whole books"
        if result.whole
        else f'an extract that calls itself "{books.header["extract"] if books.header else ""}"'
    )
    seals = result.seals - result.left_out
    yield f"{what}: {result.shown} entries with {result.transfers} transfers, {seals} seals over {result.sealed} entries"
    yield from proven(result, books)
    if result.unsealed_since:
        waited = max(books.made_at - result.unsealed_since, timedelta())
        yield (
            f"not sealed yet: {result.unsealed} entries since {result.unsealed_since:%Y-%m-%dT%H:%M:%SZ},"
            f" {waited.total_seconds() / 60:.0f} minutes before this file was made: nobody signed for these"
        )
    if result.early:
        named = ", ".join(map(str, result.early_named)) + (" …" if result.early > MOST_NAMED else "")
        yield (
            f"look at: {result.early} entries say that they were booked more than an hour before the seal before them was made,"
            f" and that seal does not hold them: {named}"
        )
    for public, witness in sorted(result.witnesses.items()):
        yield from witness_report(public, witness, known=public in books.wanted_witnesses)
    if books.whole_funds is None:
        yield "no guarded account was below zero at any moment"
    elif books.whole_funds:
        yield "no guarded account was below zero at any moment in what is shown of the funds that the file calls whole"
    else:
        yield "balances were not checked: this file does not hold all of any fund"
    for fund, cents in sorted(result.funds.items()):
        yield (
            f"fund {fund}: {cents / 100:.2f} euro at the bank"
            if books._is_whole(fund)
            else f"fund {fund}: in part"
        )


def proven(result: Result, books: Books) -> Iterator[str]:
    """What follows from the file and what does not; nothing more."""
    if not result.seals:
        yield "proven: nothing, since nothing is sealed"
        return
    up_to = f"up to seal {result.seals} of {result.sealed_at}"
    if result.whole:
        yield f"proven {up_to}: every entry is here, in order and as it was when it was sealed; none is left out"
    else:
        yield f"proven {up_to}: what is shown here was sealed so"
        yield "not proven: that everything is shown that belongs here: what is hidden is a hash, and nobody signed the heading"
    if not result.trusted:
        yield "not proven: whose seals these are: they fit the key in the file itself; give the one that you know with --key"
    if books.expect_head:
        yield f"proven: the seal with the head {books.expect_head} is one of these: seal {result.kept.seal}"
        yield from beyond(result.kept, "of which this head says nothing")
    if open_seals := result.elsewhere.seals + result.elsewhere.apart:
        of = f" in {open_seals} of these seals" if result.elsewhere.seal else ""
        yield f"not proven: that there are no other books{of}: who has the key can make them"
        yield "    (give a later head that you kept with --expect-head, or the key of a witness with --witness)"


def beyond(reach: Reach, what: str) -> Iterator[str]:
    """Those that it does not reach."""
    if reach.seals:
        yield f"after it: {reach.seals} seals over {reach.entries} entries, since {reach.since}, {what}"
    if reach.apart:
        yield f"before a gap in this extract: {reach.apart} seals, {what}"


def witness_report(public: str, witness: Reach, *, known: bool) -> Iterator[str]:
    """The name comes from the file, and nothing proves it: who asks for a witness knows the key."""
    if not known:
        if witness.seal:
            yield (
                f"a key that this file calls {witness.holder} signed up to seal {witness.seal}; whose it is is not proven:"
                f" give the one that you know with --witness ({public})"
            )
        return
    if not witness.seal:
        yield (
            f"not proven: that witness {public} (in this file: {witness.holder}) signed: what it did this extract leaves out;"
            " the journal with seals of the whole history holds every seal"
        )
        return
    yield f"witness {public} (in this file: {witness.holder}) signed up to seal {witness.seal}"
    yield from beyond(witness, "not signed by this witness nor reached by a later signature of it")


def plain(text: str) -> str:
    """On one line, of what can be printed: a text in the file could draw other lines over these, or not fit the screen."""
    shown = "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )
    encoding = sys.stdout.encoding or "ascii"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--key", action="append", default=[], type=public_key, metavar="PUBLIC", help="whose seals you trust"
    )
    parser.add_argument(
        "--expect-head", type=digits, metavar="HASH", help="a head that you kept from earlier"
    )
    parser.add_argument(
        "--witness",
        action="append",
        default=[],
        type=public_key,
        metavar="PUBLIC",
        help="says up to which seal this key signed",
    )
    options = parser.parse_args(arguments)
    books = Books(keys=options.key, expect_head=options.expect_head, witnesses=options.witness)
    begun = time.process_time()
    try:
        with options.file.open("rb", buffering=AT_ONCE) as file:
            result = books.read(file)
    except Wrong as wrong:
        at = f"entry {wrong.entry}: " if wrong.entry is not None else ""
        print(plain(f"WRONG {at}{wrong}"))
        return 1
    except OSError as error:
        print(f"{options.file}: {error.strerror}", file=sys.stderr)
        return 2
    for line in report(result, books):
        print(plain(line))
    if spent := time.process_time() - begun:  # some clocks tick so slowly that a small file takes no time
        print(
            f"{result.shown / spent:,.0f} entries a second of one core;"
            " what limits it is Python, which takes the lines one by one"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
