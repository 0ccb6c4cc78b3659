"""The tree that seals stand on (docs/canonical-form.md): sixteen hashes make a node.

The database makes the roots (`ledger_tree`); what is here hides the leaves that somebody may not see.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

WIDTH = 16
NODE = b"\x01"


def hidden(leaves: Sequence[bytes], start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """The fewest whole nodes that stand for the leaves from `start` up to `stop`: height and hash, in order.

    A node of height h stands for 16 ** h leaves, and begins at a multiple of that.
    """
    while start < stop:
        height = 0
        while start % WIDTH ** (height + 1) == 0 and start + WIDTH ** (height + 1) <= stop:
            height += 1
        yield height, node(leaves[start : start + WIDTH**height])
        start += WIDTH**height


def node(leaves: Sequence[bytes]) -> bytes:
    """The hash that stands for these leaves, all under one node."""
    while len(leaves) > 1:
        leaves = [
            sha256(NODE + b"".join(leaves[place : place + WIDTH])).digest()
            for place in range(0, len(leaves), WIDTH)
        ]
    return leaves[0]
