"""Single changes to sealed rows by somebody with every right, and forgeries that make everything after it fit but the signature.

Each is found by `verify_books.py` in an export made afterwards, and the first bad entry is named: in a forgery, where every hash
fits again, the first of the seal from which on no signature is the operator's. And who takes away the seals, so that the worker
itself signs other books, gets no signature.

`python -m tests.faults.tampering` prints lines of JSON.
"""

# ruff: noqa: S608 - the names of tables and columns come from here

import argparse
import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

TABLES = (
    "ledger_entry",
    "ledger_transfer",
    "ledger_account",
    "ledger_fund",
    "ledger_seal",
    "ledger_signature",
    "ledger_key",
)
ENTRIES = 300
PER_SEAL = 30

# Column -> another value, of what is sealed of an entry.
OF_ENTRY = {
    "kind": "kind || 'x'",
    "source": "source || 'x'",
    "effective_on": "effective_on - 1",
    "booked_at": "booked_at + interval '1 second'",
    "made_by_id": "CASE WHEN made_by_id IS NULL THEN 1 END",
    "reverses_id": "CASE WHEN reverses_id IS NULL THEN id - 1 END",
    "key": "key || 'x'",
    "note_commitment": "CASE WHEN note_commitment IS NULL THEN root END",
    "root": "set_byte(root, 5, 255 - get_byte(root, 5))",
    "id": "-id",
}
OF_TRANSFER = {
    "amount_cents": "amount_cents + 1",
    "debit_id": "credit_id",
    "credit_id": "CASE WHEN credit_id = %(account)s THEN debit_id ELSE %(account)s END",
    "fund_id": "%(fund)s - fund_id",
    "entry_id": "-entry_id",
}
OF_SEAL = {
    "root": "set_byte(root, 5, 255 - get_byte(root, 5))",
    "previous": "set_byte(previous, 5, 255 - get_byte(previous, 5))",
    "entries": "entries + 1",
    "last_entry_id": "last_entry_id + 1",
    "sealed_at": "sealed_at + interval '1 second'",
    "number": "number + 1000",
}


@dataclass(frozen=True)
class Books:
    """What is in the books that are tampered with. `head`: published before."""

    entry_ids: list[int]
    firsts: dict[int, int]
    head: str
    fund: int
    other_fund: int
    account: int


@dataclass
class Tally:
    tried: int = 0
    missed: int = 0
    misnamed: int = 0

    def count(self, told: "tuple[bool, int | None]", expected: int, what: str) -> None:
        found, named = told
        self.tried += 1
        if not found:
            self.missed += 1
            sys.stderr.write(f"not found: {what}\n")
        elif named != expected:
            self.misnamed += 1
            sys.stderr.write(f"{what}: named {named}, expected {expected}\n")


def run(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def sealed_books() -> Iterator[Books]:
    """Some three hundred entries in ten seals, on a database that is thrown away; the guards are off, as for a superuser."""
    from ledger.models import Seal
    from tests import databases
    from tests.ledger.sealing import seal
    from tests.ledger.small_books import book, small_books

    with databases.cloned(f"{databases.TEMPLATE}_tampered"):
        small = small_books()
        book("arrived", (small.bank, small.budget, 10_000_000), note="woorden van mensen")
        for number in range(1, ENTRIES):
            if number % 10 == 1:
                cheques = [(small.budget, small.cheque, 750)] * (number % 40 + 1)
                book(f"issued {number}", *cheques, by=small.two)
            elif number % 10 == 5:
                book(f"of the town {number}", (small.other_bank, small.other_budget, number), note="dank")
            else:
                book(f"gift {number}", (small.clearing, small.pot, number))
            if number % PER_SEAL == 0:
                seal()
        seal()
        for table in TABLES:
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for (constraint,) in run(
                "SELECT conname FROM pg_constraint WHERE contype = 'f' AND %s::regclass IN (conrelid, confrelid)"
                " AND conrelid = %s::regclass",
                [table, table],
            ):
                run(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
            run(f"CREATE TABLE kept_{table} AS TABLE {table}")
        for constraint in ("transfer_between_two_accounts", "transfer_amount_above_zero"):
            run(f"ALTER TABLE ledger_transfer DROP CONSTRAINT {constraint}")
        for table, constraint in run(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
            " AND confrelid IN ('ledger_entry'::regclass, 'ledger_seal'::regclass)"
        ):
            run(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
        seals = list(Seal.objects.order_by("number"))
        yield Books(
            entry_ids=[entry for one in seals for entry in one.entry_ids],
            firsts={one.number: one.entry_ids[0] for one in seals},
            head=seals[-1].head.hex(),
            fund=small.fund,
            other_fund=small.other_fund,
            account=small.to_return,
        )


def put_back() -> None:
    for table in TABLES:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        run(f"DELETE FROM {table}")
        run(f"INSERT INTO {table} SELECT * FROM kept_{table}")


def told(head: str | None) -> tuple[bool, int | None]:
    """Whether an export is found wrong, and the entry that is named. An export that cannot be made is a find without a name."""
    from ledger.exports import sealed
    from tests.cast import NOW
    from tests.ledger.sealing import KEY, public
    from tests.ledger.verifier import verify_books

    out = BytesIO()
    try:
        sealed.write(out, made_at=NOW)
    except RuntimeError as error:
        return True, int(str(error).split()[1])
    out.seek(0)
    checked = verify_books.Books(keys=[public(KEY)], expect_head=head, witnesses=[])
    try:
        checked.read(out)
    except verify_books.Wrong as wrong:
        return True, wrong.entry
    return False, None


def change_one(books: Books, chance: random.Random) -> tuple[str, int]:
    """Makes one change; gives what it was, and the entry that should be named."""
    entry = chance.choice(books.entry_ids)
    parameters = {"entry": entry, "account": books.account, "fund": books.fund + books.other_fund}
    kind = chance.choice(
        (
            "edit",
            "edit",
            "edit",
            "transfer",
            "transfer",
            "delete",
            "insert",
            "swap",
            "seal",
            "line",
            "subject",
        )
    )
    if kind == "edit":
        column = chance.choice(sorted(OF_ENTRY))
        run(f"UPDATE ledger_entry SET {column} = {OF_ENTRY[column]} WHERE id = %(entry)s", parameters)
        return f"{column} of entry {entry}", -entry if column == "id" else entry
    if kind == "transfer":
        column = chance.choice(sorted(OF_TRANSFER))
        run(
            f"UPDATE ledger_transfer SET {column} = {OF_TRANSFER[column]} WHERE id ="
            " (SELECT max(id) FROM ledger_transfer WHERE entry_id = %(entry)s)",
            parameters,
        )
        return f"{column} of the last transfer of entry {entry}", entry
    if kind == "delete":
        run("DELETE FROM ledger_transfer WHERE entry_id = %(entry)s", parameters)
        run("DELETE FROM ledger_entry WHERE id = %(entry)s", parameters)
        return f"entry {entry} gone", entry
    if kind == "line":
        run(
            "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
            " SELECT entry_id, fund_id, debit_id, credit_id, 1 FROM ledger_transfer WHERE entry_id = %(entry)s LIMIT 1",
            parameters,
        )
        return f"a transfer more in entry {entry}", entry
    return more(kind, books, entry, chance)


def more(kind: str, books: Books, entry: int, chance: random.Random) -> tuple[str, int]:
    if kind == "insert":
        # Between two entries there is no number left, so those after it move up by one: all of that is one insertion.
        run("UPDATE ledger_transfer SET entry_id = -(entry_id + 1) WHERE entry_id >= %s", [entry])
        run("UPDATE ledger_transfer SET entry_id = -entry_id WHERE entry_id < 0")
        run("UPDATE ledger_entry SET id = -(id + 1) WHERE id >= %s", [entry])
        run("UPDATE ledger_entry SET id = -id WHERE id < 0")
        run(
            "INSERT INTO ledger_entry (id, key, kind, source, effective_on, booked_at, root)"
            " SELECT %s, 'put in', kind, source, effective_on, booked_at, root FROM ledger_entry WHERE id = %s",
            [entry, entry + 1],
        )
        run(
            "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
            " SELECT %s, fund_id, debit_id, credit_id, amount_cents FROM ledger_transfer WHERE entry_id = %s",
            [entry, entry + 1],
        )
        return f"an entry put in at {entry}", entry
    if kind == "swap":
        other = chance.choice([one for one in books.entry_ids if one != entry])
        for table, column in (("ledger_entry", "id"), ("ledger_transfer", "entry_id")):
            run(f"UPDATE {table} SET {column} = -%s WHERE {column} = %s", [entry, entry])
            run(f"UPDATE {table} SET {column} = %s WHERE {column} = %s", [entry, other])
            run(f"UPDATE {table} SET {column} = %s WHERE {column} = -%s", [other, entry])
        return f"entries {entry} and {other} swapped", min(entry, other)
    if kind == "subject":
        account, first = chance.choice(
            run(
                "SELECT a.id, min(t.entry_id) FROM ledger_account a JOIN ledger_transfer t ON a.id IN (t.debit_id, t.credit_id)"
                " GROUP BY a.id ORDER BY a.id"
            )
        )
        run("UPDATE ledger_account SET key = key || 'x' WHERE id = %s", [account])
        return f"the subject of account {account}", first
    number = chance.choice(sorted(books.firsts))
    column = chance.choice([*sorted(OF_SEAL), "gone"])
    if column == "gone":
        run("DELETE FROM ledger_signature WHERE seal_id = %s", [number])
        run("DELETE FROM ledger_seal WHERE number = %s", [number])
    else:
        run(f"UPDATE ledger_seal SET {column} = {OF_SEAL[column]} WHERE number = %s", [number])
    # The first entry of the next seal then stands in this one.
    first = books.firsts.get(number + 1) if column == "last_entry_id" else None
    return f"{column} of seal {number}", first or books.firsts[number]


def tampered(changes: int, seed: int) -> dict[str, Any]:
    """Single random changes."""
    chance, tally = random.Random(seed), Tally()
    with sealed_books() as books:
        untouched, _ = told(books.head)
        for _turn in range(changes):
            what, expected = change_one(books, chance)
            tally.count(told(books.head), expected, what)
            put_back()
        in_order_again, _ = told(books.head)
    return _line("tampering", tally, changes, "single changes to sealed rows", untouched or in_order_again)


def forged(forgeries: int, seed: int) -> dict[str, Any]:
    """A change, after which every root, list, head and signature is made anew, with another key than the operator's."""
    from tests.ledger.sealing import OTHER_KEY
    from tests.ledger.test_seals import hash_anew

    chance, tally = random.Random(seed), Tally()
    with sealed_books() as books:
        untouched, _ = told(None)
        for _turn in range(forgeries):
            entry = chance.choice(books.entry_ids)
            number = max(one for one, first in books.firsts.items() if first <= entry)
            run("UPDATE ledger_transfer SET amount_cents = amount_cents + 1 WHERE entry_id = %s", [entry])
            hash_anew(from_seal=number, signer=OTHER_KEY)
            tally.count(told(None), books.firsts[number], f"forgery from entry {entry}")
            put_back()
    return _line(
        "forgery", tally, forgeries, "changes after which all is hashed anew without the key", untouched
    )


def resealed(forgeries: int, seed: int) -> dict[str, Any]:
    """A change, after which all fits and the seals from there on are gone: the worker, with the real key, is to make new ones."""
    from ledger.kept import Astray
    from ledger.models import Seal
    from tests.ledger.sealing import seal
    from tests.ledger.test_seals import ROOTS_ANEW

    chance, tally = random.Random(seed), Tally()
    with sealed_books() as books, TemporaryDirectory() as folder:
        head_file = Path(folder) / "seal.head"
        seal(head_file=head_file)
        for _turn in range(forgeries):
            entry = chance.choice(books.entry_ids)
            number = max(one for one, first in books.firsts.items() if first <= entry)
            run("UPDATE ledger_transfer SET amount_cents = amount_cents + 1 WHERE entry_id = %s", [entry])
            run(ROOTS_ANEW)
            run("DELETE FROM ledger_signature WHERE seal_id >= %s", [number])
            run("DELETE FROM ledger_seal WHERE number >= %s", [number])
            try:
                seal(head_file=head_file)
                refused = False
            except Astray:
                refused = not Seal.objects.filter(number__gte=number).exists()
            tally.count((refused, entry), entry, f"seals anew from entry {entry}")
            # The control: a worker that keeps nothing signs them, and no key tells.
            if refused:
                seal()
            signed_without, _ = told(None)
            put_back()
            tally.count((not signed_without, entry), entry, "the control")
    return _line(
        "resealing",
        tally,
        2 * forgeries,
        "times that the worker was to sign other books, or its control",
        False,
    )


def _line(name: str, tally: Tally, wanted: int, what: str, red_without: bool) -> dict[str, Any]:
    bad = tally.missed + tally.misnamed
    return {
        "name": name,
        "value": bad,
        "unit": "not found, or found under another entry",
        "against": f"{tally.tried} {what}; {tally.missed} not found, {tally.misnamed} misnamed",
        "ratio": float(bad),
        "target": 0.0,
        "ok": not bad and tally.tried == wanted and not red_without,
    }


def results(*, changes: int = 1_000, forgeries: int = 100, seed: int = 1) -> list[dict[str, Any]]:
    from tests import databases

    databases.make_template()
    try:
        return [tampered(changes, seed), forged(forgeries, seed), resealed(forgeries, seed)]
    finally:
        databases.drop(databases.TEMPLATE)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--forgeries", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    lines = results(changes=asked.changes, forgeries=asked.forgeries, seed=asked.seed)
    sys.stdout.writelines(json.dumps(line) + "\n" for line in lines)
    return 0 if all(line["ok"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
