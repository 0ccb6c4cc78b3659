"""Following a euro: from any entry back to the deposit that it came from, and on to the receipt that it became."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Sum

from books.evidence import Evidence, evidence
from campaigns.models import Campaign, Pledge, State
from cheques.models import Cheque, ChequeRun, Purse
from ledger import audit
from ledger.chart import Code
from payments.models import BankLine, Payout

if TYPE_CHECKING:
    from django.db.models import QuerySet

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
    (Code.BANK, Code.PAYOUTS): Stop.LEFT,  # Sent back by the bank: taken off what left.
    (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED): Stop.ACCOUNTED,
}
"""Debit and credit of a transfer -> the stop that it is."""

ORDER = list(Stop)
INTO_THE_POT = {Stop.GIFT, Stop.DONATION, Stop.MATCH}
AFTER_THE_POT = {Stop.PAID_OUT, Stop.LEFT, Stop.ACCOUNTED, Stop.LEFTOVER}


def follow(*, entry: "Entry", fund_ids: Collection[int]) -> Followed:
    """Evidence and way of an entry, the way with amounts of these funds only. A fixed number of queries."""
    return Followed(evidence(entry), way(entry=entry, fund_ids=fund_ids))


def way(*, entry: "Entry", fund_ids: Collection[int]) -> tuple[Step, ...]:
    """As near as the entry is to one cheque: the way of that cheque; else of its run, its campaign, or its fund."""
    here = audit.touched(entry_id=entry.pk, fund_ids=fund_ids)
    own = {fund_id for one in here.values() for fund_id in one.fund_ids}
    deposits = [_with_bank_line(step) for step in _steps(audit.deposits(fund_ids=own))]
    cheque = _one_cheque(here)
    campaign = _one_campaign(here)
    if cheque is not None:
        steps = _way_of_cheque(cheque, campaign, own)
    elif entry.source.startswith("run:"):
        steps = _way_of_run(entry, own)
    elif campaign is not None:
        steps = _way_of_gifts(entry, campaign, own) or _way_of_campaign(campaign, own)
    else:
        moved = audit.flows(account_ids=audit.budget_accounts(fund_ids=own), fund_ids=own)
        steps = [step for step in _steps(moved) if step.stop is not Stop.DEPOSIT]
    return tuple(sorted([*deposits, *steps], key=lambda step: ORDER.index(step.stop)))


def _steps(flows: Iterable[audit.Flow], label: str = "") -> list[Step]:
    """One step for each stop, whatever the kinds of the entries that led to it."""
    found: dict[Stop, Step] = {}
    for flow in flows:
        stop = _stop(flow)
        if stop is None:
            continue
        before = found.get(stop)
        one_entry = flow.first_entry_id == flow.last_entry_id and before is None
        sent_back = stop is Stop.LEFT and flow.debit_code == Code.BANK
        sign = -1 if sent_back else 1
        # The day on which something came back is not the last on which something left.
        on = before.on if before and sent_back else flow.on
        found[stop] = Step(
            stop,
            flow.debit_code if stop is Stop.DEPOSIT or sent_back else flow.credit_code,
            sign * flow.cents + (before.cents if before else 0),
            sign * flow.times + (before.times if before else 0),
            max(on, before.on) if before and before.on and on else on,
            flow.last_entry_id if one_entry else None,
            label,
        )
    return [step for step in found.values() if step.cents > 0]


def _stop(flow: audit.Flow) -> Stop | None:
    stop = STOPS.get((Code(flow.debit_code), Code(flow.credit_code)))
    # What came back over the bank is off the list of what must be accounted for, without a receipt.
    if stop is Stop.ACCOUNTED and flow.kind.startswith("bank "):
        return Stop.LEFTOVER
    return stop


def _with_bank_line(step: Step) -> Step:
    """The deposit with its statement and reference, where it was one."""
    if step.entry_id is None:
        return step
    line = BankLine.objects.filter(entry=step.entry_id).select_related("statement").first()
    words = (line.statement.identification, line.reference) if line else ()
    return replace(step, label=", ".join(word for word in words if word))


def _one_cheque(here: Mapping[int, audit.Touched]) -> Cheque | None:
    """The cheque, when the entry is about one only: by its own account or by that of its purse."""
    found = Cheque.objects.select_related("run", "purse")
    for code, field in ((Code.PURSES, "purse__account"), (Code.CHEQUES, "account")):
        if code in here:
            one = here[code]
            return found.filter(**{field: one.account_id}).first() if one.accounts == 1 else None
    return None


def _one_campaign(here: Mapping[int, audit.Touched]) -> Campaign | None:
    """The campaign, when the entry is about one only: by the subject of an account, or by its payout."""
    for code in (Code.POTS, Code.UNACCOUNTED, Code.PAYMENT_COSTS, Code.PAYOUTS):
        prefix, _, number = here[code].key.partition(":") if code in here else ("", "", "")
        if code in here and here[code].subjects > 1:
            return None
        if prefix == "campaign":
            return Campaign.objects.filter(pk=number).first()
        if prefix == "payout":
            return Campaign.objects.filter(payouts__pk=int(number)).first()
    return None


def _way_of_cheque(cheque: Cheque, campaign: Campaign | None, fund_ids: Collection[int]) -> list[Step]:
    accounts = [cheque.account_id] + ([cheque.purse.account_id] if cheque.purse else [])
    steps = _steps(audit.flows(account_ids=accounts, fund_ids=fund_ids), cheque.run.name)
    if cheque.state == Cheque.State.MADE:
        steps.append(Step(Stop.ACTIVATED, Code.PURSES, done=False))
    given_to = Campaign.objects.filter(pledges__source__in=accounts).distinct()
    campaigns = [campaign] if campaign is not None else list(given_to)
    titles = ", ".join(one.title for one in campaigns)
    steps = [replace(step, label=titles) if step.stop is Stop.GIFT else step for step in steps]
    return steps + [step for step in _way_of_pots(campaigns, fund_ids) if step.stop in AFTER_THE_POT]


def _way_of_run(entry: "Entry", fund_ids: Collection[int]) -> list[Step]:
    run = ChequeRun.objects.get(pk=entry.source.removeprefix("run:"))
    activated = run.cheques.filter(purse__isnull=False).count()
    purses = Purse.objects.filter(cheque__run=run).values("account")
    standing = Pledge.objects.filter(source__in=purses, fund__in=fund_ids).exclude(
        state=Pledge.State.RETURNED
    )
    given = standing.aggregate(cents=Sum("amount_cents", default=0), times=Count("pk"))
    return [
        Step(
            Stop.ISSUED, Code.CHEQUES, run.total_cents, run.dwellings, entry.effective_on, entry.pk, run.name
        ),
        Step(Stop.ACTIVATED, Code.PURSES, activated * run.value_cents, activated, done=activated > 0),
        Step(Stop.GIFT, Code.POTS, given["cents"], given["times"], done=given["times"] > 0),
    ]


def _way_of_gifts(entry: "Entry", campaign: Campaign, fund_ids: Collection[int]) -> list[Step]:
    """Of an entry that gives to a campaign other than from one cheque: a donation, a match, a stack of cheques."""
    moved = _steps(audit.flows_of_entry(entry_id=entry.pk, fund_ids=fund_ids), campaign.title)
    given = [step for step in moved if step.stop in INTO_THE_POT]
    if not given:
        return []
    purses = audit.accounts_moved(entry_id=entry.pk, code=Code.PURSES, fund_ids=fund_ids)
    after = [step for step in _way_of_pots([campaign], fund_ids) if step.stop in AFTER_THE_POT]
    return [*_from_cheques(purses), *given, *after]


def _way_of_campaign(campaign: Campaign, fund_ids: Collection[int]) -> list[Step]:
    pledges = Pledge.objects.filter(campaign=campaign, fund__in=fund_ids, grant__isnull=True)
    return [*_from_cheques(pledges.values("source")), *_way_of_pots([campaign], fund_ids)]


def _from_cheques(purse_accounts: "QuerySet[Any, Any]") -> list[Step]:
    """How the money came into these purses."""
    found = (
        Cheque.objects.filter(purse__account__in=purse_accounts)
        .values(name=F("run__name"))
        .annotate(cents=Sum("run__value_cents"), times=Count("pk"))
        .order_by("run_id")
    )
    runs = list(found)
    if not runs:
        return []
    cents, times = sum(run["cents"] for run in runs), sum(run["times"] for run in runs)
    names = ", ".join(dict.fromkeys(run["name"] for run in runs))
    return [
        Step(Stop.ISSUED, Code.CHEQUES, cents, times, label=names),
        Step(Stop.ACTIVATED, Code.PURSES, cents, times),
    ]


def _way_of_pots(campaigns: Collection[Campaign], fund_ids: Collection[int]) -> list[Step]:
    """What came into the pots of these campaigns and went out of them, and what is still to come."""
    payouts = Payout.objects.filter(campaign__in=campaigns).values_list("pk", flat=True)
    keys = [*(campaign.key for campaign in campaigns), *(f"payout:{pk}" for pk in payouts)]
    accounts = audit.accounts_of_subjects(keys=keys, fund_ids=fund_ids)
    titles = ", ".join(campaign.title for campaign in campaigns)
    steps = _steps(audit.flows(account_ids=accounts, fund_ids=fund_ids), titles)
    passed = {step.stop for step in steps}
    if campaigns and not all(campaign.state == State.FAILED for campaign in campaigns):
        to_come = ((Stop.PAID_OUT, Code.PAYOUTS), (Stop.ACCOUNTED, Code.UNACCOUNTED))
        steps += [Step(stop, code, done=False) for stop, code in to_come if stop not in passed]
    return steps
