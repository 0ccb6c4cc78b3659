"""What became of a budget before it came into a pot: issued, activated, expired, still there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from books.pots import Passed, number
from books.ways import Kind, Node, Strand
from ledger.chart import Code
from ledger.tracing import Moved

GONE = {Code.BUDGET, Code.TO_RETURN}
"""Where the value of a cheque or purse that expires goes."""

TOGETHER = {Kind.PAYOUT: Node(Kind.PAYOUTS), Kind.RECEIPT: Node(Kind.RECEIPTS)}
"""From above a payout or a receipt is one of many."""


@dataclass
class Run:
    """What became of one run of cheques, in cents. `expired`: by where it went to."""

    issued_cents: int = 0
    activated_cents: int = 0
    expired: Counter[Node] = field(default_factory=Counter)
    expired_purses: Counter[Node] = field(default_factory=Counter)

    def strands(self, run: Node, fund: Node, given_cents: int) -> Iterable[Strand]:
        """All of it but what was given."""
        purses = Node(Kind.PURSES, run.id)
        outstanding = self.issued_cents - self.activated_cents - self.expired.total()
        in_purses = self.activated_cents - given_cents - self.expired_purses.total()
        yield Strand((fund, run, Node(Kind.OUTSTANDING)), outstanding)
        yield Strand((fund, run, purses, Node(Kind.IN_PURSES)), in_purses)
        for node, cents in self.expired.items():
            yield Strand((fund, run, node), cents)
        for node, cents in self.expired_purses.items():
            yield Strand((fund, run, purses, node), cents)


def strands_of_run(
    run_id: int, fund_id: int, passed: Sequence[Passed], rows: Iterable[Moved]
) -> list[Strand]:
    """The whole of one run, from the budget on."""
    run = Node(Kind.RUN, run_id)
    mine = [one for one in passed if one.source == run]
    found = _runs(row for row in rows if row.group == f"run:{run_id}")[run]
    return [*_given(mine), *found.strands(run, Node(Kind.FUND, fund_id), _given_cents(mine)[run])]


def strands_of_fund(
    fund_id: int, passed: Sequence[Passed], rows: Sequence[Moved]
) -> tuple[list[Strand], int]:
    """The whole of one fund, and how much its budget got from outside in cents.

    What was issued beyond that was issued before and came back.
    """
    fund = Node(Kind.FUND, fund_id)
    mine = [one for one in passed if one.fund_id == fund_id]
    rows = [row for row in rows if row.fund_id == fund_id]
    given = _given_cents(mine)
    strands = _given(mine)
    runs = _runs(rows)
    for run, found in runs.items():
        strands += found.strands(run, fund, given[run])
    deposited = 0
    used = sum(run.issued_cents for run in runs.values()) + given[Node(Kind.MATCH, fund_id)]
    for row in rows:
        if row.code != Code.BUDGET or row.other_code in (Code.CHEQUES, Code.PURSES, Code.POTS):
            continue
        if row.inward:
            deposited += row.cents
        else:
            kind = Kind.TO_RETURN if row.other_code == Code.TO_RETURN else Kind.ELSEWHERE
            strands.append(Strand((fund, Node(kind)), row.cents))
            used += row.cents
    strands.append(Strand((fund, Node(Kind.UNISSUED)), max(deposited - used, 0)))
    return strands, deposited


def _runs(rows: Iterable[Moved]) -> dict[Node, Run]:
    runs: dict[Node, Run] = {}
    for row in rows:
        if row.code not in (Code.CHEQUES, Code.PURSES):
            continue
        run = runs.setdefault(Node(Kind.RUN, number(row.group)), Run())
        cents = row.cents if row.inward else -row.cents
        if row.code == Code.CHEQUES and row.other_code == Code.BUDGET and row.inward:
            run.issued_cents += cents
        elif row.code == Code.CHEQUES and row.other_code == Code.PURSES:
            run.activated_cents -= cents
        elif row.other_code in GONE:
            expired = run.expired if row.code == Code.CHEQUES else run.expired_purses
            expired[Node(Kind.EXPIRED, row.other_code)] -= cents
    return runs


def _given(passed: Iterable[Passed]) -> list[Strand]:
    """Gifts, seen from the fund. What was given back was never given."""
    return [
        Strand(
            (
                *_before(one),
                Node(Kind.CAMPAIGN, one.campaign_id),
                *(TOGETHER.get(node.kind, node) for node in one.after),
            ),
            one.cents,
        )
        for one in passed
        if one.after != (Node(Kind.GIVEN_BACK),)
    ]


def _before(one: Passed) -> tuple[Node, ...]:
    fund = Node(Kind.FUND, one.fund_id)
    if one.source.kind is Kind.RUN:
        return fund, one.source, Node(Kind.PURSES, one.source.id)
    if one.source.kind is Kind.MATCH:
        return fund, one.source
    return (Node(Kind.DONATIONS),) if one.source.kind is Kind.DONATION else (one.source,)


def _given_cents(passed: Iterable[Passed]) -> Counter[Node]:
    """Source -> what of it was given and not given back."""
    found: Counter[Node] = Counter()
    for one in passed:
        if one.after != (Node(Kind.GIVEN_BACK),):
            found[one.source] += one.cents
    return found
