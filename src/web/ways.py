"""The ways of money as they are shown: every stop with its number, words and entry, in a picture, in tables, as a file."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from books.ways import About, Kind, Node, Strand, Ways, order
from ledger.chart import CHART, Code, FundKind
from ledger.exports.journal import guarded
from web.look.origins import Origin
from web.look.way_picture import Stop, Thread, WayPicture, columns_of, way_picture

MOST_OF_A_KIND: Final = 6

WORDS: Final[dict[Kind, str | Promise]] = {
    Kind.DEPOSIT: gettext_lazy("Deposit %(name)s"),
    Kind.AGAIN: gettext_lazy("Issued again after it had come back"),
    Kind.FUND: gettext_lazy("Budget %(name)s"),
    Kind.RUN: gettext_lazy("Cheques %(name)s"),
    Kind.MATCH: gettext_lazy("Match from %(name)s"),
    Kind.DONATION: gettext_lazy("Donation %(id)s"),
    Kind.DONATIONS: pgettext_lazy("stop", "Donations"),
    Kind.FROM_RESERVE: gettext_lazy("Neighbourhood reserve %(name)s"),
    Kind.OTHER_FUND: gettext_lazy("%(name)s (%(fund)s)"),
    Kind.FROM_ELSEWHERE: gettext_lazy("From account %(id)s %(account)s"),
    Kind.PURSES: gettext_lazy("Activated of %(name)s"),
    Kind.CAMPAIGN: "%(name)s",
    Kind.PAYOUT: gettext_lazy("Payout %(id)s"),
    Kind.PAYOUTS: pgettext_lazy("stop", "Payouts"),
    Kind.RECEIPT: gettext_lazy("Receipt %(id)s %(name)s"),
    Kind.RECEIPTS: gettext_lazy("Spent, with a receipt"),
    Kind.WAITING: gettext_lazy("Paid out, receipt to follow"),
    Kind.LEFTOVER: gettext_lazy("Left over, for %(name)s"),
    Kind.LEFTOVER_KEPT: gettext_lazy("Left over, for the neighbourhood"),
    Kind.COSTS: gettext_lazy("Costs of payments"),
    Kind.IN_POT: gettext_lazy("Still in the pot"),
    Kind.IN_PURSES: gettext_lazy("Still in the purses"),
    Kind.OUTSTANDING: gettext_lazy("Cheques not yet activated"),
    Kind.UNISSUED: gettext_lazy("Not issued yet"),
    Kind.EXPIRED: gettext_lazy("Expired, back to the budget"),
    Kind.TO_RETURN: gettext_lazy("To return to the funder"),
    Kind.GIVEN_BACK: gettext_lazy("Given back"),
    Kind.ELSEWHERE: gettext_lazy("To account %(id)s %(account)s"),
}

TOGETHER: Final[dict[Kind, str | Promise]] = {
    Kind.DEPOSIT: gettext_lazy("%(count)s other deposits"),
    Kind.RUN: gettext_lazy("%(count)s other issues of cheques"),
    Kind.DONATION: gettext_lazy("%(count)s other donations"),
    Kind.PURSES: gettext_lazy("Activated of %(count)s other issues"),
    Kind.CAMPAIGN: gettext_lazy("%(count)s other campaigns"),
    Kind.PAYOUT: gettext_lazy("%(count)s other payouts"),
    Kind.RECEIPT: gettext_lazy("%(count)s other receipts"),
}
"""What several of a kind are called that are shown as one."""

ORIGINS: Final = {
    Kind.RUN: Origin.CHEQUE,
    Kind.MATCH: Origin.GRANT,
    Kind.DONATION: Origin.GIFT,
    Kind.DONATIONS: Origin.GIFT,
    Kind.FROM_RESERVE: Origin.FUND,
}
OF_FUNDS: Final = {
    FundKind.PROGRAMME: Origin.CHEQUE,
    FundKind.GRANT: Origin.GRANT,
    FundKind.DONATIONS: Origin.GIFT,
}


def words(node: Node, about: About) -> str:
    """What a stop is called."""
    if node.id < 0:
        return str(TOGETHER.get(node.kind, _("%(count)s others"))) % {"count": about.count}
    if node.kind is Kind.DEPOSIT and not node.id:
        return _("Deposit without a line of the bank")
    if node.kind is Kind.EXPIRED and node.id == Code.TO_RETURN:
        return _("Expired, to return to the funder")
    account = CHART[Code(node.id)].name if node.kind in (Kind.FROM_ELSEWHERE, Kind.ELSEWHERE) else ""
    named = {
        "name": about.label,
        "id": node.id,
        "account": account,
        "fund": FundKind(about.fund_kind).label.lower() if about.fund_kind else "",
    }
    return (str(WORDS[node.kind]) % named).strip()


@dataclass(frozen=True)
class Row:
    """A stop in a table, with what went by it. `number`: in the picture. `is_end`: the money is there now."""

    number: int
    node: Node
    words: str
    cents: int
    entry_id: int | None
    is_end: bool
    is_subject: bool


@dataclass(frozen=True)
class Leg:
    """From one stop to the next."""

    start: Row
    end: Row
    cents: int


@dataclass(frozen=True)
class Shown:
    """The picture and the tables beside it. They have the same numbers."""

    picture: WayPicture
    rows: tuple[Row, ...]
    legs: tuple[Leg, ...]
    cents: int


def shown(ways: Ways, *, wording: Callable[[Node, About], str] = words) -> Shown | None:
    """None where no money went by."""
    if not ways.strands:
        return None
    folded = ways.folded(MOST_OF_A_KIND)
    nodes = sorted(folded.passing, key=order)
    # Numbers run by column, as one reads.
    nodes = [nodes[at] for column in columns_of(len(nodes), _threads(folded, nodes)) for at in column]
    starts = {edge.start for edge in folded.edges}
    rows = {
        node: Row(
            number,
            node,
            wording(node, folded.known(node)),
            folded.passing[node],
            folded.known(node).entry_id,
            node not in starts,
            node == folded.subject,
        )
        for number, node in enumerate(nodes, start=1)
    }
    stops = [Stop(row.words, row.cents, row.is_subject) for row in rows.values()]
    legs = [Leg(rows[edge.start], rows[edge.end], edge.cents) for edge in folded.edges]
    return Shown(
        way_picture(stops, _threads(folded, nodes)),
        tuple(rows.values()),
        tuple(sorted(legs, key=lambda leg: (leg.start.number, leg.end.number))),
        folded.cents,
    )


def _threads(ways: Ways, nodes: list[Node]) -> list[Thread]:
    place = {node: at for at, node in enumerate(nodes)}
    grants = {node.id for node, _cents in ways.of(Kind.MATCH)}
    return [
        Thread(_origin(strand, ways, grants), tuple(place[node] for node in strand.stops), strand.cents)
        for strand in ways.strands
    ]


def _origin(strand: Strand, ways: Ways, grants: set[int]) -> Origin:
    for node in strand.stops:
        if node.kind in ORIGINS:
            return ORIGINS[node.kind]
        if node.kind is Kind.OTHER_FUND and node.id > 0:
            return OF_FUNDS.get(FundKind(ways.known(node).fund_kind), Origin.FUND)
        if node.kind is Kind.FUND and node.id in grants:
            return Origin.GRANT
    return Origin.CHEQUE if any(node.kind is Kind.FUND for node in strand.stops) else Origin.FUND


def as_csv(ways: Ways, *, wording: Callable[[Node, About], str] = words) -> str:
    """Every leg of the way, nothing put together, in euros with a decimal comma, for a Dutch spreadsheet."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    rows.writerow(
        [pgettext("stop", "From"), pgettext("stop", "To"), _("Entry of where it went"), _("Amount")]
    )
    for edge in ways.edges:
        known = ways.known(edge.end)
        rows.writerow(
            [
                guarded(wording(edge.start, ways.known(edge.start))),
                guarded(wording(edge.end, known)),
                known.entry_id or "",
                f"{edge.cents // 100},{edge.cents % 100:02d}",
            ]
        )
    return out.getvalue()
