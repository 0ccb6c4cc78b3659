"""What a line of a bank statement is: a grant, a payout that left or came back, a leftover, Stripe's, or nobody knows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import gateway, payouts
from payments.bank.statement import Line
from payments.models import BankLine, Donation, Payout, StripePayout
from people.models import Organisation
from programmes.models import FundingRequest

STRIPE_PAYOUT = re.compile(r"\bpo_[A-Za-z0-9_]+")
BANK_CHARGES = re.compile(r"CHRG|/COMM|/FEES")


@dataclass(frozen=True)
class Booking:
    """What a line turned out to be."""

    kind: BankLine.Kind
    moves: list[ledger.Move]
    payout: Payout | None = None
    stripe_payout_id: str = ""
    reference: str = ""
    funding_request: FundingRequest | None = None


def booking_of(
    line: Line, operator: Organisation, stripe: dict[str, list[gateway.BalanceTransaction]], now: datetime
) -> Booking:
    """What to book for a line. `stripe`: what the payouts by Stripe that it may name are made of."""
    of_its_side = _recognise_credit if line.credit else _recognise_debit
    return of_its_side(line, operator, stripe, now)


def _recognise_credit(
    line: Line, operator: Organisation, stripe: dict[str, list[gateway.BalanceTransaction]], now: datetime
) -> Booking:
    returned = Payout.objects.filter(
        end_to_end_id=line.end_to_end_id, state=Payout.State.CONFIRMED, amount_cents=line.amount_cents
    ).first()
    if line.sent_back and returned is not None:
        moves = [
            ledger.Move(move.credit, move.debit, move.amount_cents)
            for move in payouts.moves_confirmed(returned)
        ]
        return Booking(BankLine.Kind.RETURNED, moves, payout=returned)
    for reference in line.rf_references:
        request = FundingRequest.objects.select_related("fund").filter(reference=reference).first()
        if request is not None:
            moves = funding_moves(request, line.amount_cents)
            return Booking(BankLine.Kind.FUNDING, moves, reference=reference, funding_request=request)
        # Of any payout of the campaign: one that was taken back may have told its reference already.
        payout = Payout.objects.filter(
            campaign__payouts__leftover_reference=reference, state=Payout.State.CONFIRMED
        ).first()
        if payout is not None and line.amount_cents <= payout.amount_cents:
            moves = payouts.moves_leftover(payout, line.amount_cents)
            return Booking(BankLine.Kind.LEFTOVER, moves, payout=payout, reference=reference)
    from_stripe = _recognise_stripe(line, stripe)
    if from_stripe is not None:
        return from_stripe
    fund = ledger.fund_of(organisation=operator, kind=FundKind.SUSPENSE, name="Vraagposten", now=now)
    unknown = ledger.account(
        fund_id=fund.pk,
        code=Code.UNIDENTIFIED,
        key=f"line:{line.fingerprint[:32]}",
    )
    bank = ledger.account(fund_id=fund.pk, code=Code.BANK)
    return Booking(BankLine.Kind.UNKNOWN, [ledger.Move(bank, unknown, line.amount_cents)])


def funding_moves(request: FundingRequest, amount_cents: int) -> list[ledger.Move]:
    """A budget or grant that arrives; the operator's own money where the request is for the operator's fund."""
    code = Code.OPERATOR_MEANS if request.fund.kind == FundKind.OPERATOR else Code.BUDGET
    bank = ledger.account(fund_id=request.fund_id, code=Code.BANK)
    return [ledger.Move(bank, ledger.account(fund_id=request.fund_id, code=code), amount_cents)]


def _recognise_stripe(line: Line, stripe: dict[str, list[gateway.BalanceTransaction]]) -> Booking | None:
    """A payout by Stripe, each once; or what Stripe takes back from the bank when its balance is below zero."""
    for payout_id in STRIPE_PAYOUT.findall(line.remittance):
        moves = _stripe_moves(stripe.get(payout_id, []), line.signed_cents)
        if moves and not StripePayout.objects.filter(payout_id=payout_id).exists():
            return Booking(BankLine.Kind.STRIPE, moves, stripe_payout_id=payout_id)
    return None


def _stripe_moves(transactions: Sequence[gateway.BalanceTransaction], signed_cents: int) -> list[ledger.Move]:
    """From clearing to bank, per fund of the donations in the payout; none when they do not sum to what the bank says."""
    # By charge: a refund that was tried more than once has more ids than a donation remembers.
    hosts = dict(
        Donation.objects.filter(
            balance_transaction_id__isnull=False,
            charge_id__in=[transaction_.charge_id for transaction_ in transactions],
        ).values_list("charge_id", "campaign__rules__programme__organisation_id")
    )
    net_by_host: dict[int, int] = {}
    for transaction_ in transactions:
        host_id = hosts.get(transaction_.charge_id)
        if host_id is None:
            return []
        net_by_host[host_id] = net_by_host.get(host_id, 0) + transaction_.net_cents
    net = {
        books.fund_id_of_kind(organisation_id=host_id, kind=FundKind.DONATIONS): cents
        for host_id, cents in net_by_host.items()
    }
    if sum(net.values()) != signed_cents:
        return []
    moves = []
    for fund_id, cents in sorted(net.items()):
        bank = ledger.account(fund_id=fund_id, code=Code.BANK)
        clearing = ledger.account(fund_id=fund_id, code=Code.STRIPE_CLEARING)
        if cents > 0:
            moves.append(ledger.Move(bank, clearing, cents))
        elif cents < 0:
            moves.append(ledger.Move(clearing, bank, -cents))
    return moves


def _recognise_debit(
    line: Line, operator: Organisation, stripe: dict[str, list[gateway.BalanceTransaction]], now: datetime
) -> Booking:
    payout = Payout.objects.filter(
        end_to_end_id=line.end_to_end_id, state=Payout.State.SENT, amount_cents=line.amount_cents
    ).first()
    if payout is not None:
        return Booking(BankLine.Kind.PAYOUT, payouts.moves_confirmed(payout), payout=payout)
    to_stripe = _recognise_stripe(line, stripe)
    if to_stripe is not None:
        return to_stripe
    # The bank's word is booked whatever it was for; what nobody can explain is the operator's loss until it is.
    fund = ledger.fund_of(organisation=operator, kind=FundKind.OPERATOR, name=operator.name, now=now)
    costs = ledger.account(fund_id=fund.pk, code=Code.OPERATOR_COSTS)
    kind = BankLine.Kind.CHARGES if BANK_CHARGES.search(line.transaction_code) else BankLine.Kind.UNKNOWN
    return Booking(
        kind, [ledger.Move(costs, ledger.account(fund_id=fund.pk, code=Code.BANK), line.amount_cents)]
    )
