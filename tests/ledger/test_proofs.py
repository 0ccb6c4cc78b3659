"""The proof of a cheque out of an issue of very many: the same lines as when all were read, without reading all."""

from collections.abc import Collection
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from django.core.cache import cache

from ledger import operations as ledger
from ledger.chart import Code
from ledger.exports import sealed
from ledger.exports.sealed import BLOCK, of_accounts
from tests.cast import NOW
from tests.ledger.sealing import KEY, exported, public, seal, verified
from tests.ledger.small_books import SmallBooks, book, small_books


@pytest.fixture
def small(own_database: str) -> SmallBooks:
    cache.clear()
    small = small_books()
    book("arrived", (small.bank, small.budget, 10_000))
    return small


def issued(small: SmallBooks, count: int, mine: Collection[int]) -> int:
    """Issues so many cheques, of which those at these places are mine; gives my account."""
    account = ledger.account(fund_id=small.fund, code=Code.CHEQUES, key=f"mine of {count}", name="Mine")
    moves = [(small.budget, account if place in mine else small.cheque, 1) for place in range(count)]
    book(f"issued {count}", *moves, by=small.two)
    return account


def read_for(account: int) -> tuple[bytes, int]:
    """The proof, and how many transfers were read for it."""
    out = BytesIO()
    read: list[int] = []
    sealed.write(out, made_at=NOW, chosen=of_accounts([account], name="mine"), told=read.append)
    return out.getvalue(), sum(read)


def test_a_proof_reads_the_neighbours_in_its_block_and_not_the_whole_issue(small: SmallBooks) -> None:
    mine = issued(small, 6 * BLOCK + 10, [700])
    seal()
    first, read_first = read_for(mine)
    again, read_again = read_for(mine)
    assert again == first
    # Once all are read, to make the nodes that are kept; from then on one block, and the last that is not whole.
    assert read_first == 6 * BLOCK + 10 + BLOCK + 10
    assert read_again == BLOCK + 10


@pytest.mark.parametrize(
    ("count", "mine"),
    [
        (3, [1]),
        (BLOCK - 1, [0]),
        (BLOCK, [BLOCK - 1]),
        (2 * BLOCK, [0, 5]),
        (2 * BLOCK, [2 * BLOCK - 1]),
        (2 * BLOCK + 1, [2 * BLOCK]),
        (18 * BLOCK, [17 * BLOCK]),
        (4 * BLOCK + 100, [3, BLOCK + 7, 4 * BLOCK + 99]),
    ],
)
def test_it_is_the_same_file_as_when_all_are_read_and_the_verifier_takes_it(
    small: SmallBooks, tmp_path: Path, count: int, mine: list[int]
) -> None:
    account = issued(small, count, mine)
    seal()
    few = of_accounts([account], name="mine")
    for name in ("first.jsonl", "kept.jsonl"):
        proof = exported(tmp_path / name, few)
        assert proof.read_bytes() == exported(tmp_path / "all.jsonl", replace(few, few=False)).read_bytes()
        found = verified(proof, "--key", public(KEY))
        assert found.status == 0, found.said
        assert f"1 entries with {len(mine)} transfers" in found.said
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_bytes(proof.read_bytes().replace(b'"amount_cents": 1}', b'"amount_cents": 2}', 1))
    assert verified(wrong, "--key", public(KEY)).status == 1
