"""The journal with its seals as JSON lines: what `verify_books.py` reads. The lines are those that were hashed and signed.

Whole, or an extract in which what one may not see stands as hashes only (docs/canonical-form.md).
"""

import json
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, BinaryIO, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import connections

from ledger import tree
from ledger.exports.reading import AT_ONCE, READER, Told, one_moment

FORMAT = 1

KEYS = """
SELECT ledger_key_line(k), encode(k.endorsement, 'hex'), encode(o.public, 'hex')
FROM ledger_key k LEFT JOIN ledger_key o ON o.id = k.endorsed_by_id ORDER BY k.id
"""
ENTRIES = "SELECT e.id, ledger_entry_line(e) FROM ledger_entry e {which} ORDER BY e.id"
# Of an entry that is shown all transfers come along: those that are not shown give their hashes.
TRANSFERS = """
SELECT t.entry_id, ledger_transfer_line(f, d, c, t.amount_cents), {shown}, 0, 0
FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id JOIN ledger_fund f ON f.id = t.fund_id
JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
{which} ORDER BY t.entry_id, t.id
"""
# Of an entry of very many, only the blocks in which one is shown, and the last where it is not whole. The other blocks are nodes,
# and those are kept: a cheque's proof does not format the hundred thousand that were issued with it.
SOME_TRANSFERS = """
WITH placed AS MATERIALIZED (
    SELECT t.id, t.entry_id, {shown} AS shown, (row_number() OVER (PARTITION BY t.entry_id ORDER BY t.id) - 1) / {block} AS block,
           count(*) OVER (PARTITION BY t.entry_id) / {block} AS whole
    FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id {which}
),
near AS MATERIALIZED (
    SELECT * FROM placed
    WHERE block = whole OR (entry_id, block) IN (SELECT entry_id, block FROM placed WHERE shown)
)
SELECT n.entry_id, ledger_transfer_line(f, d, c, t.amount_cents), n.shown, n.block, n.whole
FROM near n JOIN ledger_transfer t ON t.id = n.id JOIN ledger_fund f ON f.id = t.fund_id
JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
-- Or the planner takes them for half of all transfers.
WHERE t.id = ANY(ARRAY(SELECT id FROM near)) ORDER BY n.entry_id, n.id
"""
HEIGHT = 2  # of the nodes that are kept
BLOCK = tree.WIDTH**HEIGHT
KEPT_SECONDS = 30 * 24 * 3600
PICKED = """(
    SELECT t.entry_id FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id WHERE {condition}
)"""
SIGNATURES = """ARRAY(
    SELECT ARRAY[encode(g.signature, 'hex'), encode(k.public, 'hex')]
    FROM ledger_signature g JOIN ledger_key k ON k.id = g.key_id WHERE g.seal_id = s.number ORDER BY k.witness, k.id
)"""
SEALS = """
SELECT s.number, s.last_entry_id, ledger_seal_line(s), {signatures}, s.entry_ids, s.leaves
FROM ledger_seal s ORDER BY s.number
"""
# Of a seal in which no picked entry lies nothing is needed but its line and who signed it, or not even that. The last of all
# always comes along: its head is the one that is published. OFFSET: it is asked once of each seal.
SOME_SEALS = """
SELECT s.number, s.last_entry_id, ledger_seal_line(s), {signatures},
       CASE WHEN touch.touched THEN s.entry_ids ELSE '{{}}' END, CASE WHEN touch.touched THEN s.leaves ELSE '' END
FROM ledger_seal s
JOIN (SELECT number, lag(last_entry_id, 1, 0::bigint) OVER (ORDER BY number) AS after, max(number) OVER () AS newest
      FROM ledger_seal) AS span ON span.number = s.number
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM {picked} AS picked WHERE picked.entry_id > span.after AND picked.entry_id <= s.last_entry_id
    ) AS touched OFFSET 0) AS touch
WHERE {all} OR touch.touched OR s.number = span.newest ORDER BY s.number
"""


@dataclass(frozen=True)
class Chosen:
    """Which transfers an extract shows: SQL over `t` (the transfer) and `e` (its entry), and what the file calls it.

    `funds`: ids of those that are in it from their first entry to their last, so that their balances can be checked.
    `few`: it shows few transfers of an entry, which may have very many.
    `chain`: every seal stands in it, also those in which nothing is shown, so that any head that was kept is found.
    """

    condition: str
    parameters: dict[str, Any]
    name: str
    funds: Collection[int] = ()
    few: bool = False
    chain: bool = False


class Seal(NamedTuple):
    number: int
    last_entry_id: int
    line: str
    signatures: list[list[str]]  # in hexadecimal, each with the public key
    entry_ids: list[int]
    leaves: bytes

    def leaf(self, place: int) -> bytes:
        return self.leaves[32 * place : 32 * place + 32]


def of_funds(fund_ids: Collection[int], *, name: str) -> Chosen:
    """All of these funds: an organisation's extract."""
    return Chosen("t.fund_id = ANY(%(funds)s)", {"funds": list(fund_ids)}, name, fund_ids, chain=True)


def of_accounts(account_ids: Collection[int], *, name: str) -> Chosen:
    """All that moved on these accounts: the proof for who holds a cheque."""
    touched = "(t.debit_id = ANY(%(accounts)s) OR t.credit_id = ANY(%(accounts)s))"
    return Chosen(touched, {"accounts": list(account_ids)}, name, few=True)


def write(out: BinaryIO, *, made_at: datetime, chosen: Chosen | None = None, told: Told | None = None) -> int:
    """Writes all entries, or those that are chosen, with the seals that they lie in; gives the number of transfers shown.

    `told` is called now and then with the number of transfers read since the last call.
    """
    with one_moment():
        _write(out, _header(made_at, chosen))
        for line, endorsement, by in _rows(KEYS):
            _write(out, line)
            if endorsement:
                _write_signature(out, endorsement, by)
        journal = _Journal(out, chosen, told)
        for row in _rows(*_seals(chosen), at_once=1):
            seal = Seal(*row)
            journal.write_up_to(seal)
            _write(out, seal.line)
            for signature, by in seal.signatures:
                _write_signature(out, signature, by)
        journal.write_rest()
        _write(out, json.dumps({"end": True, "entries": journal.entries, "transfers": journal.transfers}))
    return journal.transfers


def _seals(chosen: Chosen | None) -> tuple[str, dict[str, Any] | None]:
    if chosen is None:
        return SEALS.format(signatures=SIGNATURES), None
    picked = PICKED.format(condition=chosen.condition)
    which = "true" if chosen.chain else "false"
    return SOME_SEALS.format(signatures=SIGNATURES, picked=picked, all=which), chosen.parameters


class _Journal:
    """The entries and their transfers, read side by side and written seal by seal."""

    def __init__(self, out: BinaryIO, chosen: Chosen | None, told: Told | None) -> None:
        self.out = out
        self.is_whole = chosen is None
        self.entries = self.transfers = 0
        which = f"WHERE e.id IN {PICKED.format(condition=chosen.condition)}" if chosen else ""
        shown = f"({chosen.condition})" if chosen else "true"
        parameters = chosen.parameters if chosen else None
        self._told = told
        self._entries = _rows(ENTRIES.format(which=which), parameters)
        transfers = SOME_TRANSFERS if chosen and chosen.few else TRANSFERS
        found = _rows(transfers.format(which=which, shown=shown, block=BLOCK), parameters, told=told)
        self._transfers = groupby(found, key=itemgetter(0))
        self._next = next(self._entries, None)

    def write_up_to(self, seal: Seal) -> None:
        """The entries of a seal; in an extract the others as nodes, and nothing where none is shown."""
        if self.is_whole:
            self._write_list(seal)
        leaves = [] if self.is_whole else [seal.leaf(place) for place in range(len(seal.entry_ids))]
        place = 0
        while self._next is not None and self._next[0] <= seal.last_entry_id:
            if not self.is_whole:
                at = bisect_left(seal.entry_ids, self._next[0])
                _write_hidden(self.out, leaves, place, at)
                place = at + 1
            self._write_next()
        if place:
            _write_hidden(self.out, leaves, place, len(leaves))

    def _write_list(self, seal: Seal) -> None:
        """Which entry each leaf is of, so that the one that was changed can be named. Piece by piece: it may be of megabytes."""
        self.out.write(b'{"sealed": [')
        for place, entry_id in enumerate(seal.entry_ids):
            self.out.write(
                b'%s[%d, "%s"]' % (b", " if place else b"", entry_id, seal.leaf(place).hex().encode())
            )
        self.out.write(b"]}\n")

    def write_rest(self) -> None:
        """What is not sealed yet."""
        while self._next is not None:
            self._write_next()

    def _write_next(self) -> None:
        assert self._next is not None  # noqa: S101  # both callers look
        entry_id, line = self._next
        _write(self.out, line)
        self.entries += 1
        of_entry, rows = next(self._transfers, (None, iter(())))
        if of_entry != entry_id:
            raise RuntimeError(f"entry {entry_id} has no transfers")
        if self.is_whole:
            for _, transfer, *_ in rows:
                _write(self.out, transfer)
                self.transfers += 1
        else:
            self._write_some(entry_id, list(rows))
        self._next = next(self._entries, None)

    def _write_some(self, entry_id: int, transfers: Sequence[tuple[int, str, bool, int, int]]) -> None:
        """Those that are shown, and the others as nodes. A run of a hundred thousand that are hidden is a few lines."""
        whole = transfers[-1][-1]
        read = {block for *_, block, _ in transfers}
        nodes = _blocks(entry_id, self._told) if set(range(whole)) - read else []
        nodes_before: list[tuple[int, bytes]] = []
        done = 0
        for block, some in groupby(transfers, key=itemgetter(3)):
            nodes_before += _hidden_blocks(nodes, done, block)
            done = block + 1
            lines = [(line, shown) for _, line, shown, *_ in some]
            leaves = [sha256(line.encode()).digest() for line, _ in lines]
            place = 0
            for shown, run in groupby(lines, key=itemgetter(1)):
                length = sum(1 for _ in run)
                if shown:
                    _write_nodes(self.out, nodes_before)
                    nodes_before = []
                    for line, _ in lines[place : place + length]:
                        _write(self.out, line)
                    self.transfers += length
                else:
                    nodes_before += tree.hidden(leaves, place, place + length)
                place += length
        _write_nodes(self.out, [*nodes_before, *_hidden_blocks(nodes, done, whole)])


def _hidden_blocks(nodes: Sequence[bytes], start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    return ((HEIGHT + height, node) for height, node in tree.hidden(nodes, start, stop))


def _blocks(entry_id: int, told: Told | None) -> list[bytes]:
    """The node over each whole block of an entry's transfers. They are kept under the root that they make."""
    [(root,)] = _rows("SELECT encode(root, 'hex') FROM ledger_entry WHERE id = %(id)s", {"id": entry_id})
    kept: list[bytes] | None = cache.get(f"sealed:blocks:{root}")
    if kept is None:
        which = TRANSFERS.format(which="WHERE t.entry_id = %(id)s", shown="false")
        leaves = [sha256(line.encode()).digest() for _, line, *_ in _rows(which, {"id": entry_id}, told=told)]
        whole = len(leaves) // BLOCK
        kept = [tree.node(leaves[BLOCK * place : BLOCK * (place + 1)]) for place in range(whole)]
        cache.set(f"sealed:blocks:{root}", kept, KEPT_SECONDS)
    return kept


def _header(made_at: datetime, chosen: Chosen | None) -> str:
    return json.dumps(
        {
            "books": settings.OPERATOR_NAME,
            "format": FORMAT,
            "made_at": made_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "extract": chosen.name if chosen else None,
            "whole_funds": sorted(chosen.funds) if chosen else None,
        },
        ensure_ascii=False,
    )


def _rows(
    sql: str, parameters: dict[str, Any] | None = None, at_once: int = AT_ONCE, told: Told | None = None
) -> Iterator[Any]:
    """From a cursor at the server, so that memory stays small."""
    with connections[READER].chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(at_once):
            yield from rows
            if told is not None:
                told(len(rows))


def _write(out: BinaryIO, line: str) -> None:
    out.write(line.encode() + b"\n")


def _write_hidden(out: BinaryIO, leaves: Sequence[bytes], start: int, stop: int) -> None:
    _write_nodes(out, list(tree.hidden(leaves, start, stop)))


def _write_nodes(out: BinaryIO, nodes: Sequence[tuple[int, bytes]]) -> None:
    if nodes:
        _write(out, json.dumps({"hidden": [[height, node.hex()] for height, node in nodes]}))


def _write_signature(out: BinaryIO, signature: str, by: str) -> None:
    """Over the line before it; several may follow each other."""
    _write(out, json.dumps({"signature": signature, "by": by}))
