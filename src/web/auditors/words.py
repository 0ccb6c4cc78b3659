"""The words of the auditor's pages: for kinds of entries, for what is behind them, for the stops of a euro's way."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from books.evidence import Fact, Name
from books.follow import Step, Stop
from books.models import Export
from books.ways import Kind
from books.words import Words
from ledger.chart import FundKind
from web.look.formats import amount, clock_time, short_date

NAMES: Final[dict[Name, Words]] = {
    Name.ACCOUNT_HOLDER: _("Account holder"),
    Name.ACTIVATED_AT: _("Activated"),
    Name.AGREEMENT: _("Performance agreement"),
    Name.AMOUNT: _("Amount"),
    Name.ANSWERS: _("For the request"),
    Name.BALANCE_TRANSACTION: _("Transaction at Stripe"),
    Name.BOOKED_ON: _("Booked by the bank"),
    Name.BOUGHT_ON: _("Date on the receipt"),
    Name.CHARGE: _("Payment at Stripe"),
    Name.CONFIRMED_ON: _("Left the bank"),
    Name.COUNTERPARTY: _("Other party"),
    Name.DEADLINE: _("Collects up to and including"),
    Name.DESCRIPTION: _("Bought"),
    Name.DWELLINGS: _("Dwellings"),
    Name.END_TO_END_ID: _("End-to-end reference"),
    Name.FEE: _("Fee of Stripe"),
    Name.FIRST_DAY: _("First day"),
    Name.HOST: _("Organisation"),
    Name.IBAN: _("IBAN"),
    Name.INITIATOR: _("Initiator"),
    Name.LAST_DAY: _("Last day"),
    Name.MATCHES: _("On a gift of"),
    Name.PERCENT: _("Percentage"),
    Name.REASON: _("Reason"),
    Name.RECOGNISED_BY: _("Recognised by"),
    Name.REFERENCE: _("Payment reference"),
    Name.REMITTANCE: _("Description by the payer"),
    Name.SETTLED_AT: _("Received by Stripe"),
    Name.SPONSOR: _("Sponsor"),
    Name.STATE: _("State"),
    Name.STATEMENT_HASH: _("Hash of the statement (SHA-256)"),
    Name.STRIPE_PAYOUT: _("Payout by Stripe"),
    Name.SUPPLIER: _("Shop or supplier"),
    Name.TARGET: _("Target"),
    Name.VALUE: _("Value of a cheque"),
}


EXPORTS: Final[dict[str, Words]] = {
    Export.Kind.CSV: _("Journal (CSV)"),
    Export.Kind.XLSX: _("Journal (Excel)"),
    Export.Kind.JSONL: _("Journal with seals (JSON lines)"),
    Export.Kind.XAF: _("Audit file (XAF 4.0)"),
    Export.Kind.BEANCOUNT: _("Journal (Beancount)"),
    Export.Kind.PACK: _("Evidence pack (ZIP)"),
}
WHOLE_HISTORY: Final = _("the whole history")

EXPORT_STATES: Final[dict[str, Words]] = {
    Export.State.WAITING: _("Waits for its turn"),
    Export.State.WORKING: _("Is being made"),
    Export.State.READY: _("Ready"),
    Export.State.FAILED: _("Did not work. Ask for it again."),
    Export.State.CANCELLED: _("Cancelled"),
    Export.State.REMOVED: _("Its days are over. Ask for it again."),
}


@dataclass(frozen=True)
class StopWords:
    """What a stop is called, and its picture."""

    words: Words
    icon: str


STOPS: Final[dict[Stop, StopWords]] = {
    Stop.DEPOSIT: StopWords(_("Deposit"), "bank-building"),
    Stop.ISSUED: StopWords(_("Cheques issued"), "cheque"),
    Stop.EXPIRED: StopWords(_("Expired, back to the budget"), "cheque"),
    Stop.ACTIVATED: StopWords(_("Activated"), "purse"),
    Stop.GIFT: StopWords(pgettext_lazy("stop", "Gift"), "pot"),
    Stop.DONATION: StopWords(pgettext_lazy("entry", "Donation"), "pot"),
    Stop.MATCH: StopWords(_("Match"), "pot"),
    Stop.GIVEN_BACK: StopWords(_("Given back"), "purse"),
    Stop.PAID_OUT: StopWords(_("Payout approved"), "house"),
    Stop.LEFT: StopWords(_("Left the bank"), "bank-building"),
    Stop.ACCOUNTED: StopWords(_("Shown with receipts"), "receipt"),
    Stop.LEFTOVER: StopWords(_("Leftover returned"), "bank-building"),
}


FOLLOWED: Final[dict[Kind, Words]] = {
    Kind.FUND: _("Budget of fund %(id)s"),
    Kind.RUN: _("Issue of cheques %(id)s"),
    Kind.CAMPAIGN: _("Campaign %(id)s"),
    Kind.PAYOUT: _("Payout %(id)s"),
    Kind.RECEIPT: _("Receipt %(id)s"),
    Kind.DONATION: _("Donation %(id)s"),
    Kind.DEPOSIT: _("Bank line %(id)s"),
}


def followed_words(kind: Kind, id: int, name: str = "") -> str:
    """What is followed: "Bon 12, Bouwmarkt"."""
    return ", ".join(word for word in (str(FOLLOWED[kind]) % {"id": id}, name) if word)


def fund_words(kind: str) -> Words:
    """What kind of fund it is."""
    return FundKind(kind).label


def period_words(since: date, until: date, booked_by: datetime | None = None) -> str:
    period = gettext("%(since)s to %(until)s") % {"since": short_date(since), "until": short_date(until)}
    if booked_by is None:
        return period
    moment = {"period": period, "day": short_date(booked_by), "time": clock_time(booked_by)}
    return gettext("%(period)s, as booked up to %(day)s, %(time)s") % moment


def fact_words(fact: Fact) -> str:
    """The value of a fact as it is written."""
    value = fact.value
    if isinstance(value, datetime):
        return f"{short_date(value)}, {clock_time(value)}"
    if isinstance(value, date):
        return short_date(value)
    if isinstance(value, int):
        return amount(value) if fact.name.endswith("_cents") else str(value)
    return value


@dataclass(frozen=True)
class WayRow:
    """A stop as it is shown. `solid`: the line to the next is drawn whole, since that happened too.

    `times` is 0 where a number would say nothing: a payout from two funds is one payout.
    """

    step: Step
    words: Words
    icon: str
    solid: bool
    times: int


COUNTED: Final = {
    Stop.DEPOSIT,
    Stop.ISSUED,
    Stop.ACTIVATED,
    Stop.EXPIRED,
    Stop.GIFT,
    Stop.DONATION,
    Stop.MATCH,
}


def way_rows(way: tuple[Step, ...]) -> list[WayRow]:
    last = max((place for place, step in enumerate(way) if step.done), default=-1)
    return [
        WayRow(
            step,
            STOPS[step.stop].words,
            STOPS[step.stop].icon if step.done else "to-come",
            place < last,
            step.times if step.stop in COUNTED and step.times > 1 else 0,
        )
        for place, step in enumerate(way)
    ]
