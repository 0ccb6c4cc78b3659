"""The ways of money as a picture can show them: strands of cents from stop to stop, and the graph that they make together."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from common.money import split


class Kind(StrEnum):
    """The stops, from the deposit to the receipt. Those after `PAYOUTS` are ends: there the money is now."""

    DEPOSIT = "deposit"
    AGAIN = "issued again"
    FUND = "fund"
    RUN = "run"
    MATCH = "match"
    DONATION = "donation"
    DONATIONS = "donations"
    FROM_RESERVE = "from the reserve"
    OTHER_FUND = "other fund"
    FROM_ELSEWHERE = "from elsewhere"
    PURSES = "purses"
    CAMPAIGN = "campaign"
    PAYOUT = "payout"
    PAYOUTS = "payouts"
    RECEIPT = "receipt"
    RECEIPTS = "receipts"
    WAITING = "waiting for a receipt"
    LEFTOVER = "leftover to return"
    LEFTOVER_KEPT = "leftover to the reserve"
    COSTS = "costs"
    IN_POT = "in the pot"
    IN_PURSES = "in purses"
    OUTSTANDING = "cheques outstanding"
    UNISSUED = "not issued"
    EXPIRED = "expired"
    TO_RETURN = "to return"
    GIVEN_BACK = "given back"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, order=True)
class Node:
    """A stop. `id` is of the thing itself (a run, a payout, an entry of a deposit); 0 where there is one of the kind.

    Below zero: several that are shown as one.
    """

    kind: Kind
    id: int = 0


@dataclass(frozen=True)
class About:
    """What is known of a stop: its name, the entry where it was booked, and how many things it is.

    `fund_kind`: of somebody else's fund, whose name is the `label` then.
    """

    label: str = ""
    fund_kind: str = ""
    entry_id: int | None = None
    count: int = 1


NOTHING_KNOWN = About()


@dataclass(frozen=True)
class Strand:
    """`cents` > 0 that went by these stops; at the last one they still are."""

    stops: tuple[Node, ...]
    cents: int


@dataclass(frozen=True)
class Edge:
    start: Node
    end: Node
    cents: int


@dataclass(frozen=True)
class Ways:
    """What went by the subject. By its making, what enters a stop is what leaves it, and what still is there is at an end."""

    subject: Node
    strands: tuple[Strand, ...]
    about: Mapping[Node, About] = field(default_factory=dict)

    @property
    def cents(self) -> int:
        return sum(strand.cents for strand in self.strands)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        found: Counter[tuple[Node, Node]] = Counter()
        for strand in self.strands:
            for pair in zip(strand.stops, strand.stops[1:], strict=False):
                found[pair] += strand.cents
        return tuple(Edge(start, end, cents) for (start, end), cents in sorted(found.items(), key=_in_order))

    @cached_property
    def passing(self) -> Mapping[Node, int]:
        """Stop -> what went by it, or is there, in cents."""
        found: Counter[Node] = Counter()
        for strand in self.strands:
            for node in strand.stops:
                found[node] += strand.cents
        return dict(sorted(found.items(), key=lambda one: order(one[0])))

    def of(self, kind: Kind) -> list[tuple[Node, int]]:
        """The stops of one kind, with what went by each."""
        return [(node, cents) for node, cents in self.passing.items() if node.kind is kind]

    def known(self, node: Node) -> About:
        return self.about.get(node, NOTHING_KNOWN)

    def only(self, subject: Node) -> "Ways":
        """The strands that go by this stop."""
        return Ways(subject, tuple(strand for strand in self.strands if subject in strand.stops), self.about)

    def folded(self, most: int) -> "Ways":
        """At most so many stops of a kind: the largest keep their name, the others are one. Never the subject."""
        renamed: dict[Node, Node] = {}
        about = dict(self.about)
        for kind in Kind:
            found = [one for one in self.of(kind) if one[0] != self.subject]
            if len(found) <= most:
                continue
            small = sorted(found, key=lambda one: (-one[1], one[0]))[most - 1 :]
            together = Node(kind, -1)
            renamed |= dict.fromkeys((node for node, _cents in small), together)
            about[together] = About(count=sum(self.known(node).count for node, _cents in small))
        if not renamed:
            return self
        strands = (
            Strand(tuple(renamed.get(node, node) for node in strand.stops), strand.cents)
            for strand in self.strands
        )
        return Ways(self.subject, tuple(strands), about)


KINDS = list(Kind)


def order(node: Node) -> tuple[int, bool, int]:
    """By kind, what is put together last."""
    return KINDS.index(node.kind), node.id < 0, node.id


def _in_order(one: tuple[tuple[Node, Node], int]) -> tuple[tuple[int, bool, int], ...]:
    return order(one[0][0]), order(one[0][1])


def spread(
    rows: Sequence[int], columns: Sequence[int], *, eligible: Sequence[Collection[int]] | None = None
) -> list[list[int]]:
    """What of each row went to each column, in whole cents, so that rows and columns keep their sums. A row of parts per column.

    `columns` come in the order in which they happened. Each is split over what the rows have left by then, by largest
    remainder: nothing that comes later changes an earlier split. `eligible`: per column the rows that it can be of; all of them
    where those have too little. What no column takes is nobody's: the columns sum to at most the rows.
    """
    left = list(rows)
    parts = []
    for at, cents in enumerate(columns):
        allowed = eligible[at] if eligible else range(len(rows))
        weights = [cents_left if row in allowed else 0 for row, cents_left in enumerate(left)]
        if sum(weights) < cents:
            weights = list(left)
        part = split(cents, weights) if cents else [0] * len(rows)
        left = [cents_left - taken for cents_left, taken in zip(left, part, strict=True)]
        if any(cents_left < 0 for cents_left in left):
            raise AssertionError(f"{columns} take more than there is in {rows}")
        parts.append(part)
    return parts
