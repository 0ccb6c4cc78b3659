"""What stands behind an entry: the line of the statement, the run, the payout, the receipt that it was booked for.

Names of residents and donors and addresses stay out: nobody needs them to check an entry.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from books.ways import Kind
from campaigns.models import Campaign, Pledge, Receipt
from cheques.models import Cheque, ChequeRun
from cheques.runs import last_day
from ledger.tracing import standing as standing_entries
from payments.models import BankLine, Donation, PayeeAccount, Payout
from people.models import User
from programmes.models import Programme

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from ledger.models import Entry


class Thing(StrEnum):
    """The kinds of things that are booked."""

    BANK_LINE = "bank line"
    RUN = "run"
    CHEQUE = "cheque"
    CAMPAIGN = "campaign"
    MATCH = "match"
    DONATION = "donation"
    PAYOUT = "payout"
    RECEIPT = "receipt"
    PROGRAMME = "programme"


class Name(StrEnum):
    """What a fact is about. Facts whose name ends in `_cents` are amounts."""

    ACCOUNT_HOLDER = "account_holder"
    ACTIVATED_AT = "activated_at"
    AGREEMENT = "agreement"
    AMOUNT = "amount_cents"
    ANSWERS = "answers"
    BALANCE_TRANSACTION = "balance_transaction"
    BOOKED_ON = "booked_on"
    BOUGHT_ON = "bought_on"
    CHARGE = "charge"
    CONFIRMED_ON = "confirmed_on"
    COUNTERPARTY = "counterparty"
    DEADLINE = "deadline"
    DESCRIPTION = "description"
    DWELLINGS = "dwellings"
    END_TO_END_ID = "end_to_end_id"
    FEE = "fee_cents"
    FIRST_DAY = "first_day"
    HOST = "host"
    IBAN = "iban"
    INITIATOR = "initiator"
    LAST_DAY = "last_day"
    MATCHES = "matches_cents"
    PERCENT = "percent"
    REASON = "reason"
    RECOGNISED_BY = "recognised_by"
    REFERENCE = "reference"
    REMITTANCE = "remittance"
    SETTLED_AT = "settled_at"
    SPONSOR = "sponsor"
    STATE = "state"
    STATEMENT_HASH = "statement_hash"
    STRIPE_PAYOUT = "stripe_payout"
    SUPPLIER = "supplier"
    TARGET = "target_cents"
    VALUE = "value_cents"


Value = str | int | date | datetime


@dataclass(frozen=True)
class Fact:
    """`value`: cents where the name ends in `_cents`."""

    name: Name
    value: Value


@dataclass(frozen=True)
class Decision:
    """Who made it and who decided, with the times where they are kept. No approver: nobody decided yet, or nobody has to."""

    made_by: str
    made_at: datetime | None
    approved_by: str
    approved_at: datetime | None


@dataclass(frozen=True)
class Evidence:
    """One thing behind an entry. `file_id`: of the stored picture or document, where there is one."""

    thing: Thing
    id: int
    label: str
    facts: tuple[Fact, ...]
    decision: Decision | None = None
    file_id: int | None = None


def evidence(entry: "Entry") -> tuple[Evidence, ...]:
    """The things behind an entry, the nearest first; none for an entry whose source says nothing to us.

    A fixed number of queries: at most three.
    """
    prefix, _, number = entry.source.partition(":")
    find = FINDERS.get(prefix)
    return tuple(find(entry, int(number))) if find is not None and number.isdecimal() else ()


@dataclass(frozen=True)
class Behind:
    """A thing behind something that is followed, with the entry where it was booked; None while it is not."""

    evidence: Evidence
    entry_id: int | None = None


def behind(*, kind: Kind, id: int, campaign_ids: Collection[int]) -> tuple[Behind, ...]:
    """The thing itself, the payouts of its campaign, and the lines of the bank by which those left and came back.

    Of a fund there is nothing. A fixed number of queries: at most four.
    """
    if kind is Kind.DEPOSIT:
        return tuple(Behind(_of_line(line), line.entry_id) for line in _lines().filter(pk=id))
    things = [*OF_KIND[kind](id)] if kind in OF_KIND else []
    payouts: list[Payout] = []
    if kind not in (Kind.FUND, Kind.RUN):
        standing = _payouts().filter(campaign__in=campaign_ids).exclude(state__in=Payout.CALLED_OFF)
        payouts = list(standing.filter(pk=id) if kind is Kind.PAYOUT else standing.order_by("pk"))
    references = [
        reference for payout in payouts for reference in (payout.end_to_end_id, payout.leftover_reference)
    ]
    lines = _lines().filter(Q(end_to_end_id__in=references) | Q(reference__in=references)).order_by("pk")
    things += map(_of_payout, payouts)
    keys = {one: f"{one.thing.value}:{one.id}" for one in things}
    entries = standing_entries(keys=keys.values())
    return (
        *(Behind(one, entries.get(key)) for one, key in keys.items()),
        *(Behind(_of_line(line), line.entry_id) for line in (lines if references else ())),
    )


def campaigns_behind(*, payout_ids: Collection[int], receipt_ids: Collection[int]) -> Iterator[Evidence]:
    """The campaigns of these payouts and receipts, each once."""
    found = Campaign.objects.filter(Q(payouts__in=payout_ids) | Q(receipts__in=receipt_ids))
    for campaign_id in found.order_by("pk").values_list("pk", flat=True).distinct():
        yield from _of_campaign(campaign_id)


def payee_accounts(*, payout_ids: Collection[int]) -> Iterator[tuple[int, str, Decision]]:
    """The bank accounts that these payouts went to: id, holder and number, and who gave and who approved it."""
    paid = Payout.objects.filter(
        pk__in=payout_ids,
        campaign__initiator=OuterRef("initiator"),
        holder=OuterRef("holder"),
        iban=OuterRef("iban"),
    )
    found = PayeeAccount.objects.filter(Exists(paid)).select_related("made_by", "approved_by")
    for account in found.order_by("pk"):
        decision = _decision(account.made_by, account.made_at, account.approved_by, account.approved_at)
        yield account.pk, f"{account.holder}, {account.iban}", decision


def _facts(*pairs: tuple[Name, Value | None]) -> tuple[Fact, ...]:
    """Those that are there."""
    return tuple(Fact(name, value) for name, value in pairs if value not in (None, ""))


def _decision(
    made_by: User | None, made_at: datetime | None, approved_by: User | None, approved_at: datetime | None
) -> Decision:
    return Decision(str(made_by or ""), made_at, str(approved_by or ""), approved_at)


def _bank_line(entry: "Entry", _: int) -> Iterable[Evidence]:
    lines = _lines()
    recognised = entry.key.removeprefix("recognised:")
    found = lines.filter(fingerprint=recognised) if recognised != entry.key else lines.filter(entry=entry.pk)
    line = found.first() or lines.filter(entry=entry.reverses_id).first()
    if line is None:
        return
    yield _of_line(line)
    payouts = _payouts()
    if line.kind in (BankLine.Kind.PAYOUT, BankLine.Kind.RETURNED):
        yield from map(_of_payout, payouts.filter(end_to_end_id=line.end_to_end_id))
    elif line.kind == BankLine.Kind.LEFTOVER:
        yield from map(_of_payout, payouts.filter(leftover_reference=line.reference))


def _lines() -> "QuerySet[BankLine]":
    return BankLine.objects.select_related("statement", "stripe_payout", "recognised_by", "funding_request")


def _of_line(line: BankLine) -> Evidence:
    stripe_payout = getattr(line, "stripe_payout", None)
    return Evidence(
        Thing.BANK_LINE,
        line.pk,
        f"{line.statement.identification} / {line.position}",
        _facts(
            (Name.BOOKED_ON, line.booked_on),
            (Name.AMOUNT, line.amount_cents if line.credit else -line.amount_cents),
            (Name.COUNTERPARTY, line.counterparty),
            (Name.IBAN, line.counterparty_iban),
            (Name.REFERENCE, line.reference),
            (Name.END_TO_END_ID, line.end_to_end_id),
            (Name.REMITTANCE, line.remittance),
            (Name.STRIPE_PAYOUT, stripe_payout.payout_id if stripe_payout else ""),
            (
                Name.ANSWERS,
                line.funding_request.reference if line.recognised_by and line.funding_request else "",
            ),
            (Name.RECOGNISED_BY, str(line.recognised_by or "")),
            (Name.STATEMENT_HASH, line.statement.content_hash),
        ),
    )


def _payouts() -> "QuerySet[Payout]":
    return Payout.objects.select_related("campaign", "made_by", "approved_by")


def _payout(_: "Entry", number: int) -> Iterable[Evidence]:
    return map(_of_payout, _payouts().filter(pk=number))


def _of_payout(payout: Payout) -> Evidence:
    return Evidence(
        Thing.PAYOUT,
        payout.pk,
        payout.campaign.title,
        _facts(
            (Name.STATE, payout.get_state_display()),
            (Name.AMOUNT, payout.amount_cents),
            (Name.ACCOUNT_HOLDER, payout.holder),
            (Name.IBAN, payout.iban),
            (Name.END_TO_END_ID, payout.end_to_end_id),
            (Name.CONFIRMED_ON, payout.confirmed_on),
            (Name.REASON, payout.reason),
        ),
        _decision(payout.made_by, payout.made_at, payout.approved_by, payout.approved_at),
    )


def _run(_: "Entry", number: int) -> Iterable[Evidence]:
    return _of_run(number)


def _of_run(number: int) -> Iterable[Evidence]:
    for run in ChequeRun.objects.filter(pk=number).select_related("made_by", "approved_by"):
        yield Evidence(
            Thing.RUN,
            run.pk,
            run.name,
            _facts(
                (Name.STATE, run.get_state_display()),
                (Name.VALUE, run.value_cents),
                (Name.DWELLINGS, run.dwellings),
                (Name.AMOUNT, run.total_cents),
            ),
            _decision(run.made_by, run.made_at, run.approved_by, run.approved_at),
        )


def _cheque(_: "Entry", number: int) -> Iterable[Evidence]:
    for cheque in Cheque.objects.filter(pk=number).select_related("run"):
        yield Evidence(
            Thing.CHEQUE,
            cheque.pk,
            cheque.run.name,
            _facts(
                (Name.STATE, cheque.get_state_display()),
                (Name.VALUE, cheque.value_cents),
                (Name.ACTIVATED_AT, cheque.activated_at),
            ),
        )


def _campaign(entry: "Entry", number: int) -> Iterable[Evidence]:
    # A match has a pledge under the key of its entry: why it is exactly this much stands there.
    match = Pledge.objects.filter(key=entry.key, grant__isnull=False)
    for pledge in match.select_related("grant__organisation", "matches"):
        if pledge.grant is not None and pledge.matches is not None:
            yield Evidence(
                Thing.MATCH,
                pledge.pk,
                pledge.grant.name,
                _facts(
                    (Name.SPONSOR, pledge.grant.organisation.name),
                    (Name.PERCENT, pledge.grant.match_percent),
                    (Name.MATCHES, pledge.matches.amount_cents),
                    (Name.AMOUNT, pledge.amount_cents),
                ),
            )
    yield from _of_campaign(number)


def _of_campaign(number: int) -> Iterable[Evidence]:
    campaigns = Campaign.objects.select_related(
        "initiator", "reviewed_by", "rules__programme__organisation", "initiator__user"
    )
    for campaign in campaigns.filter(pk=number):
        yield Evidence(
            Thing.CAMPAIGN,
            campaign.pk,
            campaign.title,
            _facts(
                (Name.STATE, campaign.get_state_display()),
                (Name.TARGET, campaign.target_cents),
                (Name.INITIATOR, campaign.initiator.name),
                (Name.HOST, campaign.host.name),
                (Name.DEADLINE, last_day(campaign.deadline)),
            ),
            _decision(
                campaign.initiator.user, campaign.submitted_at, campaign.reviewed_by, campaign.reviewed_at
            ),
        )


def _donation(_: "Entry", number: int) -> Iterable[Evidence]:
    return _of_donation(number)


def _of_donation(number: int) -> Iterable[Evidence]:
    for donation in Donation.objects.filter(pk=number).select_related("campaign"):
        yield Evidence(
            Thing.DONATION,
            donation.pk,
            donation.campaign.title,
            _facts(
                (Name.STATE, donation.get_state_display()),
                (Name.AMOUNT, donation.amount_cents),
                (Name.FEE, donation.fee_cents),
                (Name.SETTLED_AT, donation.settled_at),
                (Name.CHARGE, donation.charge_id),
                (Name.BALANCE_TRANSACTION, donation.balance_transaction_id),
            ),
        )


def _receipt(_: "Entry", number: int) -> Iterable[Evidence]:
    return _of_receipt(number)


def _of_receipt(number: int) -> Iterable[Evidence]:
    receipts = Receipt.objects.select_related("campaign", "submitted_by", "decided_by")
    for receipt in receipts.filter(pk=number):
        yield Evidence(
            Thing.RECEIPT,
            receipt.pk,
            receipt.campaign.title,
            _facts(
                (Name.STATE, receipt.get_state_display()),
                (Name.SUPPLIER, receipt.supplier),
                (Name.DESCRIPTION, receipt.description),
                (Name.BOUGHT_ON, receipt.bought_on),
                (Name.AMOUNT, receipt.amount_cents),
                (Name.REASON, receipt.reason),
            ),
            _decision(receipt.submitted_by, receipt.submitted_at, receipt.decided_by, receipt.decided_at),
            receipt.file_id,
        )


def _programme(_: "Entry", number: int) -> Iterable[Evidence]:
    for programme in Programme.objects.filter(pk=number):
        yield Evidence(
            Thing.PROGRAMME,
            programme.pk,
            programme.name,
            _facts(
                (Name.FIRST_DAY, programme.starts_on),
                (Name.LAST_DAY, programme.ends_on),
                (Name.AGREEMENT, programme.agreement),
            ),
        )


FINDERS: dict[str, Callable[["Entry", int], Iterable[Evidence]]] = {
    "statement": _bank_line,
    "run": _run,
    "cheque": _cheque,
    "campaign": _campaign,
    "donation": _donation,
    "payout": _payout,
    "receipt": _receipt,
    "programme": _programme,
}
"""The first part of an entry's source -> what finds the things behind it."""

OF_KIND: dict[Kind, Callable[[int], Iterable[Evidence]]] = {
    Kind.RUN: _of_run,
    Kind.CAMPAIGN: _of_campaign,
    Kind.DONATION: _of_donation,
    Kind.RECEIPT: _of_receipt,
}
"""The ends that can be followed -> what finds the thing itself. A payout is found with its campaign's."""
