"""What went into a campaign's pots and out of them: which gift paid for which receipt.

A euro in a pot has no name on it. What is exact in the books stays exact: what each fund gave, what of each fund was paid out,
what of each fund a receipt accounts for. Inside one fund, what went out is of all that came in (`ways.spread`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from books.ways import Kind, Node, spread
from ledger.chart import Code
from ledger.tracing import Moved

SOURCES = {
    Code.PURSES: (Kind.RUN, "run:"),
    Code.STRIPE_CLEARING: (Kind.DONATION, "donation:"),
    Code.REFUNDS: (Kind.DONATION, "donation:"),
    Code.RESERVES: (Kind.FROM_RESERVE, "neighbourhood:"),
}
"""The other side of what comes into a pot -> the stop that it is, and how its subject is called in the ledger."""

BACK = {Code.PURSES, Code.BUDGET, Code.REFUNDS}
"""Where a pot's money goes back to when its campaign fails."""


@dataclass(frozen=True)
class Passed:
    """What of one source of one pot went by these stops after it. `cents` > 0."""

    campaign_id: int
    fund_id: int
    source: Node
    after: tuple[Node, ...]
    cents: int


@dataclass(frozen=True)
class Event:
    """Something that takes from a pot, or accounts for what was paid out of it. `entry_id`: of its first entry."""

    node: Node
    cents: int
    entry_id: int


@dataclass
class Pot:
    """One fund's pot of one campaign, each part in the order in which it was booked."""

    given: Counter[Node] = field(default_factory=Counter)
    given_back: Counter[Node] = field(default_factory=Counter)
    out: dict[Node, Event] = field(default_factory=dict)
    accounted: list[Event] = field(default_factory=list)

    def take(self, node: Node, cents: int, entry_id: int) -> None:
        """`cents` below zero: it came back."""
        before = self.out.get(node, Event(node, 0, entry_id))
        self.out[node] = Event(node, before.cents + cents, before.entry_id)

    def passed(self) -> Iterable[tuple[Node, tuple[Node, ...], int]]:
        """Source, the stops after the pot, and how much went there: all that was given, each cent once."""
        for source, cents in sorted(self.given_back.items()):
            yield source, (Node(Kind.GIVEN_BACK),), cents
        sources = [(source, cents - self.given_back[source]) for source, cents in sorted(self.given.items())]
        events = list(self.out.values())
        columns = spread([cents for _source, cents in sources], [event.cents for event in events])
        paid: list[tuple[Node, Event]] = []
        left = [cents for _source, cents in sources]
        for event, parts in zip(events, columns, strict=True):
            for at, part in enumerate(parts):
                left[at] -= part
                if event.node.kind is Kind.PAYOUT:
                    paid.append((sources[at][0], Event(event.node, part, event.entry_id)))
                else:
                    yield sources[at][0], (event.node,), part
        for (source, _cents), cents in zip(sources, left, strict=True):
            yield source, (Node(Kind.IN_POT),), cents
        yield from self._accounted(paid)

    def _accounted(self, paid: Sequence[tuple[Node, Event]]) -> Iterable[tuple[Node, tuple[Node, ...], int]]:
        """A receipt accounts for what was paid out before it."""
        columns = spread(
            [part.cents for _source, part in paid],
            [event.cents for event in self.accounted],
            eligible=[
                {at for at, (_source, part) in enumerate(paid) if part.entry_id < event.entry_id}
                for event in self.accounted
            ],
        )
        for at, (source, part) in enumerate(paid):
            waiting = part.cents
            for event, parts in zip(self.accounted, columns, strict=True):
                waiting -= parts[at]
                yield source, (part.node, event.node), parts[at]
            yield source, (part.node, Node(Kind.WAITING)), waiting


def passed_by_pots(
    rows: Iterable[Moved], *, shows: Callable[[int], bool], keeps_leftover: Callable[[int], bool]
) -> list[Passed]:
    """All that went by the pots that these rows are of.

    `shows`: whether a fund may be seen in full; of another one there is one source, the fund itself.
    `keeps_leftover`: whether what is left of a fund's money stays in the neighbourhood.
    """
    pots: dict[tuple[int, int], Pot] = defaultdict(Pot)
    for row in rows:
        pot = pots[number(row.group), row.fund_id]
        if row.code == Code.UNACCOUNTED:
            if row.inward:
                pot.accounted.append(Event(_accounts(row, keeps_leftover), row.cents, row.first_entry_id))
            continue
        taken = _taken(row)
        if taken is not None:
            pot.take(taken, -row.cents if row.inward else row.cents, row.first_entry_id)
        elif row.inward:
            pot.given[source_of(row, shows)] += row.cents
        else:
            pot.given_back[source_of(row, shows)] += row.cents
    return [
        Passed(campaign_id, fund_id, source, after, cents)
        for (campaign_id, fund_id), pot in sorted(pots.items())
        for source, after, cents in pot.passed()
        if cents
    ]


def source_of(row: Moved, shows: Callable[[int], bool]) -> Node:
    """Where what a pot was given came from."""
    if not shows(row.fund_id):
        return Node(Kind.OTHER_FUND, row.fund_id)
    code = Code(row.other_code)
    if code is Code.BUDGET:
        return Node(Kind.MATCH, row.fund_id)
    kind, word = SOURCES.get(code, (Kind.FROM_ELSEWHERE, ":"))
    named = row.source or row.other
    return Node(kind, number(named)) if named.startswith(word) else Node(Kind.FROM_ELSEWHERE, code)


def _taken(row: Moved) -> Node | None:
    """What takes from a pot; None for what is given to it or given back."""
    code = Code(row.other_code)
    if code is Code.PAYOUTS:
        return Node(Kind.PAYOUT, number(row.other))
    if code is Code.PAYMENT_COSTS:
        return Node(Kind.COSTS)
    return None if row.inward or code in BACK else Node(Kind.ELSEWHERE, code)


def _accounts(row: Moved, keeps_leftover: Callable[[int], bool]) -> Node:
    if row.kind == "receipt approved":
        return Node(Kind.RECEIPT, number(row.source))
    return Node(Kind.LEFTOVER_KEPT) if keeps_leftover(row.fund_id) else Node(Kind.LEFTOVER, row.fund_id)


def number(key: str) -> int:
    """Of "campaign:12" the 12; 0 of a key without."""
    found = key.rpartition(":")[2]
    return int(found) if found.isdecimal() else 0
