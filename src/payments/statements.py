"""Bank statements: taken in whole or not at all, each line recognised and booked once."""

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from campaigns import pledges
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import donations, gateway, payouts, recognition
from payments.bank import camt053
from payments.bank import iban as ibans
from payments.bank.camt053 import Line, Statement
from payments.models import BankLine, BankStatement, Donation, StripePayout
from people.models import Organisation, User
from programmes.models import FundingRequest

logger = logging.getLogger(__name__)


class OtherAccount(camt053.StatementRefused):
    """The statement is of an account that is not ours. Both IBANs."""

    def __init__(self, found: str, ours: str) -> None:
        super().__init__(f"{found}, not {ours}")
        self.found = found
        self.ours = ours


class DoesNotConnect(camt053.StatementRefused):
    """Its opening balance is not the closing balance of the statement before. Both in cents."""

    def __init__(self, expected_cents: int, found_cents: int) -> None:
        super().__init__(f"{found_cents}, expected {expected_cents}")
        self.expected_cents = expected_cents
        self.found_cents = found_cents


class ChangedSince(camt053.StatementRefused):
    """A statement of this name and day was taken in before, and said something else."""

    def __init__(self, identification: str) -> None:
        super().__init__(identification)
        self.identification = identification


@dataclass(frozen=True)
class Imported:
    """`created` is False for a statement that was taken in before: nothing was booked."""

    statement: BankStatement
    created: bool


def import_statement(*, content: bytes, by: User | None, now: datetime) -> list[Imported]:
    """Takes in a file of camt.053 statements. All of it or nothing.

    The first statement of all may open above or below zero: the operator had its account before it had this platform. What was
    on it is the operator's own, and is booked once. Every later one begins where the one before ended.

    Raises camt053.StatementRefused and its kinds, gateway.GatewayDown (a line is Stripe's, and Stripe does not answer).
    """
    statements = camt053.parse(content)
    # Asked before the transaction begins: what Stripe's payouts are made of.
    stripe = {
        payout_id: _transactions_of(payout_id, now)
        for statement in statements
        for line in statement.lines
        for payout_id in recognition.STRIPE_PAYOUT.findall(line.remittance)
        if not StripePayout.objects.filter(payout_id=payout_id).exists()
    }
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        operator = payouts.hold_the_bank()
        lines = [line for statement in statements for line in statement.lines]
        named = {found for line in lines for found in (line.end_to_end_id, *line.rf_references) if found}
        payouts.lock_campaigns(bank_references=named)
        asked = FundingRequest.objects.filter(reference__in=named)
        pledges.lock_grants(asked.values_list("fund_id", flat=True))
        return [_take_in(statement, operator, stripe, digest, by, now) for statement in statements]


def _transactions_of(payout_id: str, now: datetime) -> list[gateway.BalanceTransaction]:
    """What a payout is made of; nothing where Stripe does not know it: anybody can write such a word to the bank."""
    try:
        found = gateway.transactions_of_payout(payout_id)
    except gateway.GatewayRefused:
        return []
    _settle_first({one.charge_id for one in found if one.charge_id}, now)
    return found


def _settle_first(charge_ids: set[str], now: datetime) -> None:
    """Whose payment Stripe sent to the bank already is booked before the payout, also where no event of it has come yet."""
    settled = Donation.objects.filter(charge_id__in=charge_ids, balance_transaction_id__isnull=False)
    for charge_id in sorted(charge_ids.difference(settled.values_list("charge_id", flat=True))):
        try:
            donation = donations.of_charge(charge_id)
            if donation is not None:
                donations.follow_up(donation=donation, now=now)
        except (gateway.GatewayRefused, donations.Mismatch) as error:
            logger.warning("charge %s in a payout is not booked: %s", charge_id, error)


def _take_in(
    statement: Statement,
    operator: Organisation,
    stripe: dict[str, list[gateway.BalanceTransaction]],
    digest: str,
    by: User | None,
    now: datetime,
) -> Imported:
    ours = ibans.compact(settings.OPERATOR_IBAN)
    if statement.iban != ours:
        raise OtherAccount(statement.iban, ours)
    of_that_day = BankStatement.objects.filter(
        iban=statement.iban, identification=statement.identification, closing_on=statement.closing_on
    )
    known = of_that_day.filter(
        opening_cents=statement.opening_cents, closing_cents=statement.closing_cents
    ).first()
    if known is not None:
        if set(known.lines.values_list("fingerprint", flat=True)) != {
            line.fingerprint for line in statement.lines
        }:
            raise ChangedSince(statement.identification)
        return Imported(known, created=False)
    twin = _under_another_name(statement)
    if twin is not None:
        return Imported(twin, created=False)
    # The same page with other lines: its lines would be booked twice.
    if of_that_day.filter(opening_cents=statement.opening_cents, lines__isnull=False).exists():
        raise ChangedSince(statement.identification)
    last = BankStatement.objects.order_by("-pk").first()
    if last is not None and statement.opening_cents != last.closing_cents:
        raise DoesNotConnect(last.closing_cents, statement.opening_cents)
    row = BankStatement.objects.create(
        identification=statement.identification,
        iban=statement.iban,
        opening_on=statement.opening_on,
        opening_cents=statement.opening_cents,
        closing_on=statement.closing_on,
        closing_cents=statement.closing_cents,
        content_hash=digest,
        imported_by=by,
        imported_at=now,
    )
    if last is None and row.opening_cents:
        _book_opening(row, operator, by, now)
    # What left before what came in: a bank that puts the newest first shows a payment after its return.
    for line in sorted(statement.lines, key=lambda line: line.credit):
        _book(row, line, operator, stripe, by, now)
    return Imported(row, created=True)


def _under_another_name(statement: Statement) -> BankStatement | None:
    """One of the same day with the very same lines: some banks name an export anew each time it is made.

    Where a balance changes, the second does not connect. So only those that came to nothing are looked for.
    """
    if statement.opening_cents != statement.closing_cents:
        return None
    facts = Counter(
        (line.booked_on, line.signed_cents, line.end_to_end_id[:35], line.counterparty_iban)
        for line in statement.lines
    )
    alike = BankStatement.objects.filter(
        iban=statement.iban,
        closing_on=statement.closing_on,
        opening_cents=statement.opening_cents,
        closing_cents=statement.closing_cents,
    ).exclude(identification=statement.identification)
    for known in alike:
        lines = (
            (
                line.booked_on,
                line.amount_cents if line.credit else -line.amount_cents,
                line.end_to_end_id,
                line.counterparty_iban,
            )
            for line in known.lines.all()
        )
        if facts and facts == Counter(lines):
            return known
    return None


def _book_opening(statement: BankStatement, operator: Organisation, by: User | None, now: datetime) -> None:
    """What the account held before the first statement: the operator's own means, or its debt."""
    fund = ledger.fund_of(organisation=operator, kind=FundKind.OPERATOR, name=operator.name, now=now)
    bank, means = (ledger.account(fund_id=fund.pk, code=code) for code in (Code.BANK, Code.OPERATOR_MEANS))
    cents = statement.opening_cents
    move = ledger.Move(bank, means, cents) if cents > 0 else ledger.Move(means, bank, -cents)
    ledger.post_fact(
        key="bank opening",
        kind="bank opening",
        source=f"statement:{statement.pk}",
        moves=[move],
        on=statement.opening_on,
        made_by=by,
        now=now,
    )


def _book(
    statement: BankStatement,
    line: Line,
    operator: Organisation,
    stripe: dict[str, list[gateway.BalanceTransaction]],
    by: User | None,
    now: datetime,
) -> None:
    booking = recognition.booking_of(line, operator, stripe, now)
    posted = ledger.post_fact(
        key=f"bank:{line.fingerprint}",
        kind=f"bank {booking.kind.value}",
        source=f"statement:{statement.pk}",
        moves=booking.moves,
        on=line.booked_on,
        note=line.remittance,
        made_by=by,
        now=now,
    )
    row = BankLine.objects.create(
        statement=statement,
        position=line.position,
        fingerprint=line.fingerprint,
        credit=line.credit,
        amount_cents=line.amount_cents,
        booked_on=line.booked_on,
        counterparty=line.counterparty_name[:140],
        counterparty_iban=line.counterparty_iban,
        reference=booking.reference or next(iter(line.rf_references), ""),
        end_to_end_id=line.end_to_end_id[:35],
        remittance=line.remittance,
        kind=booking.kind,
        funding_request=booking.funding_request,
        entry_id=posted.entry_id,
    )
    _follow(row, booking, now)


def _follow(row: BankLine, booking: recognition.Booking, now: datetime) -> None:
    payout = booking.payout
    if booking.kind == BankLine.Kind.STRIPE:
        StripePayout.objects.create(
            payout_id=booking.stripe_payout_id,
            amount_cents=row.amount_cents if row.credit else -row.amount_cents,
            bank_line=row,
        )
    elif booking.kind == BankLine.Kind.PAYOUT and payout is not None:
        payouts.confirm(payout=payout, on=row.booked_on)
    elif booking.kind == BankLine.Kind.RETURNED and payout is not None:
        payouts.came_back(payout=payout)
    elif booking.kind == BankLine.Kind.LEFTOVER and payout is not None:
        payouts.finish(payout=payout, now=now)


class NotOpen(Exception):
    """The line was recognised before, or never was a question."""

    def __init__(self, line_id: int) -> None:
        super().__init__(f"line {line_id}")
        self.line_id = line_id


@transaction.atomic
def recognise(*, line_id: int, request: FundingRequest, by: User, now: datetime) -> BankLine:
    """Settles an unknown receipt with the request it answers: from suspense, over the bank. Raises NotOpen."""
    operator = payouts.hold_the_bank()
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=line_id)
    if line.kind != BankLine.Kind.UNKNOWN or not line.credit or line.recognised_at is not None:
        raise NotOpen(line.pk)
    suspense = books.fund_id_of_kind(organisation_id=operator.pk, kind=FundKind.SUSPENSE)
    unknown = ledger.account(fund_id=suspense, code=Code.UNIDENTIFIED, key=f"line:{line.fingerprint[:32]}")
    ledger.post(
        key=f"recognised:{line.fingerprint}",
        kind="bank line recognised",
        source=f"statement:{line.statement_id}",
        moves=[
            ledger.Move(unknown, ledger.account(fund_id=suspense, code=Code.BANK), line.amount_cents),
            *recognition.funding_moves(request, line.amount_cents),
        ],
        made_by=by,
        now=now,
    )
    line.funding_request = request
    line.recognised_by = by
    line.recognised_at = now
    line.save(update_fields=["funding_request", "recognised_by", "recognised_at"])
    return line
