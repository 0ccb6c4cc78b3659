"""Following the euro from any end: a programme's fund, a cheque run, a campaign, a payout, a receipt, a donation, a bank line.

What each fund gave, paid out and accounted for is as the books say. Inside one fund, each payment and each receipt is of all that
was given, in the order in which it was booked, by largest remainder over what of every gift was not used before
(`ways.spread`). So a receipt's split never changes afterwards, and seen from the gift it is the same. What a fund put in is
of all its deposits, pro rata.

What a reversal undid did not happen. What a campaign that failed gave back is shown on the campaign; seen from a fund or a
cheque run it was never given. A fixed number of queries for each end.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast, Concat

from books.budgets import strands_of_fund, strands_of_run
from books.naming import key_of, names
from books.pots import Passed, number, passed_by_pots
from books.ways import Kind, Node, Strand, Ways, spread
from campaigns.models import Campaign, Pledge, Receipt
from cheques.models import Cheque, ChequeRun
from common.money import split
from ledger import tracing
from ledger.chart import Code, FundKind
from ledger.tracing import Moved
from payments.models import BankLine, Donation, Payout

FOLLOWED = {
    Kind.FUND,
    Kind.RUN,
    Kind.CAMPAIGN,
    Kind.PAYOUT,
    Kind.RECEIPT,
    Kind.DONATION,
    Kind.DEPOSIT,
}
"""The ends to begin from. A deposit has the id of its bank line; so has any other line of the bank here."""

OF_CAMPAIGN = {Kind.PAYOUT: Payout, Kind.RECEIPT: Receipt, Kind.DONATION: Donation}

POTS = (Code.POTS, Code.UNACCOUNTED)


class Unfollowable(Exception):
    """A line of the bank that is of no programme, grant or payout: Stripe's, the bank's own charges, or nobody knows."""

    def __init__(self, line_id: int) -> None:
        super().__init__(f"bank line {line_id}")
        self.line_id = line_id


@dataclass(frozen=True)
class Subject:
    """What is followed. `campaign_ids`: all that its money can have gone by.

    `fund_id`: where it is seen from above the pots; `run_id`: where it is one run of that fund.
    """

    node: Node
    campaign_ids: Collection[int]
    fund_id: int | None = None
    run_id: int | None = None


def subject_of(*, kind: Kind, id: int) -> Subject:
    """Raises ObjectDoesNotExist where there is no such thing, Unfollowable."""
    if kind is Kind.FUND:
        return Subject(Node(kind, id), _campaigns_of_fund(id), fund_id=id)
    if kind is Kind.RUN:
        run = ChequeRun.objects.select_related("rules__programme").get(pk=id)
        purses = Cheque.objects.filter(run=run, purse__isnull=False).values("purse__account")
        campaigns = set(Pledge.objects.filter(source__in=purses).values_list("campaign_id", flat=True))
        return Subject(Node(kind, id), campaigns, fund_id=run.rules.programme.fund_id, run_id=id)
    if kind is Kind.CAMPAIGN:
        return Subject(Node(kind, Campaign.objects.only("pk").get(pk=id).pk), [id])
    if kind is Kind.DEPOSIT:
        return _subject_of_line(BankLine.objects.select_related("funding_request").get(pk=id))
    campaigns_of = OF_CAMPAIGN[kind]._default_manager.values_list("campaign_id", flat=True)
    return Subject(Node(kind, id), [campaigns_of.get(pk=id)])


def is_of(subject: Subject, *, fund_ids: Collection[int]) -> bool:
    """Whether money of these funds is in it, or can be: theirs is the programme of its campaign.

    A donation is of the fund of donations that it came into, whatever else its campaign got.
    """
    if subject.fund_id is not None:
        return subject.fund_id in fund_ids
    campaigns = Campaign.objects.filter(pk__in=subject.campaign_ids)
    if campaigns.filter(rules__programme__fund__in=fund_ids).exists():
        return True
    keys = [f"campaign:{campaign_id}" for campaign_id in subject.campaign_ids]
    pots = tracing.places(keys=keys, codes=[Code.POTS])
    return subject.node.kind is not Kind.DONATION and any(place.fund_id in fund_ids for place in pots)


def _campaigns_of_fund(fund_id: int) -> set[int]:
    return {number(place.key) for place in tracing.places_of_fund(fund_id=fund_id, codes=[Code.POTS])}


def _subject_of_line(line: BankLine) -> Subject:
    if line.funding_request is not None:
        fund_id = line.funding_request.fund_id
        return Subject(Node(Kind.DEPOSIT, line.pk), _campaigns_of_fund(fund_id), fund_id=fund_id)
    payout = payout_of(line)
    if payout is None:
        raise Unfollowable(line.pk)
    return Subject(Node(Kind.PAYOUT, payout.pk), [payout.campaign_id])


def payout_of(line: BankLine) -> Payout | None:
    """The payout that left or came back by this line, or whose leftover it is."""
    if line.kind in (BankLine.Kind.PAYOUT, BankLine.Kind.RETURNED):
        return Payout.objects.filter(end_to_end_id=line.end_to_end_id).first()
    if line.kind != BankLine.Kind.LEFTOVER:
        return None
    # It may bear the reference of one that was taken back: the money is of the one that was paid.
    named = Payout.objects.filter(campaign__payouts__leftover_reference=line.reference)
    return named.exclude(state__in=Payout.CALLED_OFF).order_by("-pk").first()


def follow(*, subject: Subject, fund_ids: Collection[int] | None = None) -> Ways:
    """What went by one thing. Of other funds than these only how much of each went the same way; None: all are shown."""
    rows = _moved(subject)
    owners = tracing.owners(fund_ids={row.fund_id for row in rows} | {subject.fund_id or 0})
    passed = passed_by_pots(
        [row for row in rows if row.code in POTS],
        shows=lambda fund_id: fund_ids is None or fund_id in fund_ids,
        keeps_leftover=lambda fund_id: owners[fund_id].kind == FundKind.DONATIONS,
    )
    strands = _strands(subject, passed, [row for row in rows if row.code not in POTS])
    together: Counter[tuple[Node, ...]] = Counter()
    for strand in strands:
        together[strand.stops] += strand.cents
    found = tuple(Strand(stops, cents) for stops, cents in together.items() if cents)
    whole = Ways(subject.node, found, names(found, rows, owners))
    return whole if subject.node.kind in (Kind.FUND, Kind.CAMPAIGN) else whole.only(subject.node)


def _moved(subject: Subject) -> list[Moved]:
    """All transfers that matter, by the groups that are told apart, in one query."""
    keys = [f"campaign:{campaign_id}" for campaign_id in subject.campaign_ids]
    groups = {place.account_id: place.key for place in tracing.places(keys=keys, codes=POTS)}
    given = Pledge.objects.filter(campaign_id__in=subject.campaign_ids).values("source")
    cheques = Q(purse__account__in=given)
    codes = [*POTS]
    if subject.fund_id is not None:
        cheques |= Q(run=subject.run_id) if subject.run_id else Q(run__rules__programme__fund=subject.fund_id)
        codes += [Code.CHEQUES, Code.PURSES]
    if subject.fund_id is not None and subject.run_id is None:
        codes.append(Code.BUDGET)
        budget = tracing.places_of_fund(fund_id=subject.fund_id, codes=[Code.BUDGET])
        groups |= {place.account_id: "" for place in budget}
    found = Cheque.objects.filter(cheques).annotate(
        group=Concat(Value("run:"), Cast("run_id", TextField()), output_field=TextField())
    )
    many = [found.filter(purse__isnull=False).values_list("purse__account_id", "group")]
    if subject.fund_id is not None:
        many.append(found.values_list("account_id", "group"))
    return tracing.moved(groups=groups, codes=codes, many=many)


def _strands(subject: Subject, passed: Sequence[Passed], rows: Sequence[Moved]) -> list[Strand]:
    if subject.fund_id is None:
        return _with_deposits([_strand(one) for one in passed])
    if subject.run_id is not None:
        return _with_deposits(strands_of_run(subject.run_id, subject.fund_id, passed, rows))
    strands, deposited_cents = strands_of_fund(subject.fund_id, passed, rows)
    return _with_deposits(strands, deposited_cents=deposited_cents)


def _strand(one: Passed) -> Strand:
    from_fund = one.source.kind in (Kind.RUN, Kind.MATCH)
    fund = (Node(Kind.FUND, one.fund_id),) if from_fund else ()
    return Strand((*fund, one.source, Node(Kind.CAMPAIGN, one.campaign_id), *one.after), one.cents)


def _with_deposits(strands: Sequence[Strand], *, deposited_cents: int | None = None) -> list[Strand]:
    """Each strand that begins at a fund, divided over what was paid into that fund.

    `deposited_cents`: of the one fund that is here whole; then what is more than that was issued before and came back.
    """
    by_fund: dict[int, list[Strand]] = {}
    for strand in strands:
        if strand.stops[0].kind is Kind.FUND and strand.cents:
            by_fund.setdefault(strand.stops[0].id, []).append(strand)
    found = [strand for strand in strands if strand.stops[0].kind is not Kind.FUND]
    deposits = _deposits(by_fund)
    for fund_id, of_fund in by_fund.items():
        columns = [strand.cents for strand in of_fund]
        sources = _sources(deposits.get(fund_id, {}), sum(columns), deposited_cents)
        if not sources:
            found += of_fund
            continue
        for strand, parts in zip(of_fund, spread(list(sources.values()), columns), strict=True):
            found += [
                Strand((node, *strand.stops), part) for node, part in zip(sources, parts, strict=True) if part
            ]
    return found


def _sources(lines: dict[Node, int], cents: int, deposited_cents: int | None) -> dict[Node, int]:
    """What each deposit is of `cents`. Together they are all of it."""
    if deposited_cents is None:
        return dict(zip(lines, split(cents, list(lines.values())), strict=True)) if lines else {}
    without_line = deposited_cents - sum(lines.values())
    if without_line < 0:
        lines, without_line = {}, deposited_cents
    return {
        node: part
        for node, part in {
            **lines,
            Node(Kind.DEPOSIT): without_line,
            Node(Kind.AGAIN): cents - deposited_cents,
        }.items()
        if part > 0
    }


def _deposits(fund_ids: Collection[int]) -> dict[int, dict[Node, int]]:
    """Fund id -> what was paid into it by each line of the bank, oldest first."""
    lines = list(
        BankLine.objects.filter(funding_request__fund__in=fund_ids).select_related("funding_request")
    )
    booked = tracing.standing(keys=[key_of(line) for line in lines])
    found: dict[int, dict[Node, int]] = {}
    for line in sorted(lines, key=lambda line: line.pk):
        if line.funding_request is not None and key_of(line) in booked:
            found.setdefault(line.funding_request.fund_id, {})[Node(Kind.DEPOSIT, line.pk)] = (
                line.amount_cents
            )
    return found
