"""Following a euro: from any entry back to the deposit that it came from, and on to the receipt that it became."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Count, F, Sum

from books.evidence import Evidence, evidence
from campaigns.models import Campaign, Pledge, State
from cheques.models import Cheque, ChequeRun, Purse
from ledger import audit
from ledger.chart import Code
from payments.models import BankLine, Payout

if TYPE_CHECKING:
    from ledger.models import Entry


class Stop(StrEnum):
    """The places on a euro's way, in order."""

    DEPOSIT = "deposit"
    ISSUED = "issued"
    EXPIRED = "expired"
    ACTIVATED = "activated"
    GIFT = "gift"
    DONATION = "donation"
    MATCH = "match"
    GIVEN_BACK = "given back"
    PAID_OUT = "paid out"
    LEFT = "left the bank"
    ACCOUNTED = "accounted for"
    LEFTOVER = "leftover"


@dataclass(frozen=True)
class Step:
    """A stop of the way, in the funds that were asked about: `cents` in `times` transfers onto accounts of `code`.

    `on`: the last of them. `entry_id`: where it was one entry. Not `done`: still to come, with nothing of it known.
    """

    stop: Stop
    code: int
    cents: int = 0
    times: int = 1
    on: date | None = None
    entry_id: int | None = None
    label: str = ""
    done: bool = True


@dataclass(frozen=True)
class Followed:
    """What is behind an entry, and the way of its money."""

    evidence: tuple[Evidence, ...]
    way: tuple[Step, ...]


STOPS = {
    (Code.BANK, Code.BUDGET): Stop.DEPOSIT,
    (Code.BUDGET, Code.CHEQUES): Stop.ISSUED,
    (Code.CHEQUES, Code.BUDGET): Stop.EXPIRED,
    (Code.CHEQUES, Code.TO_RETURN): Stop.EXPIRED,
    (Code.CHEQUES, Code.PURSES): Stop.ACTIVATED,
    (Code.PURSES, Code.POTS): Stop.GIFT,
    (Code.RESERVES, Code.POTS): Stop.GIFT,
    (Code.STRIPE_CLEARING, Code.POTS): Stop.DONATION,
    (Code.BUDGET, Code.POTS): Stop.MATCH,
    (Code.POTS, Code.PURSES): Stop.GIVEN_BACK,
    (Code.POTS, Code.BUDGET): Stop.GIVEN_BACK,
    (Code.POTS, Code.REFUNDS): Stop.GIVEN_BACK,
    (Code.POTS, Code.PAYOUTS): Stop.PAID_OUT,
    (Code.PAYOUTS, Code.BANK): Stop.LEFT,
    (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED): Stop.ACCOUNTED,
}
"""Debit and credit of a transfer -> the stop that it is."""

ORDER = list(Stop)
AFTER_THE_POT = {Stop.PAID_OUT, Stop.LEFT, Stop.ACCOUNTED, Stop.LEFTOVER}


def follow(*, entry: "Entry", fund_ids: Collection[int]) -> Followed:
    """Evidence and way of an entry, the way with amounts of these funds only. A fixed number of queries."""
    return Followed(evidence(entry), way(entry=entry, fund_ids=fund_ids))


def way(*, entry: "Entry", fund_ids: Collection[int]) -> tuple[Step, ...]:
    """As near as the entry is to one cheque: the way of that cheque; else of its run, its campaign, or its fund."""
    here = audit.touched(entry_id=entry.pk, fund_ids=fund_ids)
    own = {fund_id for one in here.values() for fund_id in one.fund_ids}
    from_budget = _steps(
        audit.flows(account_ids=audit.budget_accounts(fund_ids=own), fund_ids=own), _deposit_labels(own)
    )
    deposits = [step for step in from_budget if step.stop is Stop.DEPOSIT]
    cheque = _one_cheque(here)
    campaign = _one_campaign(here)
    if cheque is not None:
        steps = [*deposits, *_way_of_cheque(cheque, campaign, fund_ids)]
    elif entry.source.startswith("run:"):
        steps = [*deposits, *_way_of_run(int(entry.source.removeprefix("run:")), from_budget)]
    elif campaign is not None:
        steps = [*deposits, *_way_of_campaign(campaign, fund_ids)]
    else:
        steps = from_budget
    return tuple(sorted(steps, key=lambda step: ORDER.index(step.stop)))
