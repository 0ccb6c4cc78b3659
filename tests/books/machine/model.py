"""The books as they should be: a dictionary of balances, and what the rules of the design make of each step.

No database, no Django, none of the site's own code: it says again, in other words, what must happen. A step that is refused
raises `Refused` with the name of the refusal and changes nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

BANK, CLEARING, BUDGET, CHEQUES, PURSES, POTS = 1000, 1100, 2000, 2100, 2200, 2300
PAYOUTS, REFUNDS, TO_RETURN, RESERVES, UNKNOWN, MEANS = 2500, 2600, 2700, 2800, 2900, 3000
COSTS, LOSSES, UNSHOWN, CONTRA = 4000, 4900, 9500, 9510
DEBIT_SIDE = {BANK, CLEARING, COSTS, LOSSES, UNSHOWN}
UNGUARDED = {BANK, CLEARING, MEANS, COSTS, LOSSES}

# (code, subject) of an account in a fund.
Place = tuple[int, str]


class Refused(Exception):
    """`name`: the class of the refusal that the site must give."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def refuse(condition: bool, name: str) -> None:
    if condition:
        raise Refused(name)


def shared(cents: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder; of equal ones the first."""
    whole = sum(weights)
    parts = [cents * weight // whole for weight in weights]
    while sum(parts) < cents:
        lacking = [cents * weight - part * whole for weight, part in zip(weights, parts, strict=True)]
        parts[lacking.index(max(lacking))] += 1
    return parts


@dataclass(eq=False)
class Cheque:
    account: str
    cents: int
    activate_before: datetime
    valid_until: datetime
    pk: int = 0
    state: str = "made"
    frozen: bool = False

    @property
    def purse(self) -> Place:
        return PURSES, f"purse:{self.pk}"


@dataclass(eq=False)
class Run:
    accounts: list[str]
    cents: int
    maker: str
    activate_before: datetime
    valid_until: datetime
    pk: int = 0
    state: str = "prepared"


@dataclass(eq=False)
class Donation:
    campaign: "Campaign"
    cents: int
    pk: int = 0
    state: str = "intended"
    fee: int = 0
    refund_status: str = ""
    refund_asked: bool = False
    tries: int = 0

    @property
    def refund(self) -> Place:
        return REFUNDS, f"donation:{self.pk}"


@dataclass(eq=False)
class Pledge:
    fund: str
    source: Place
    cents: int
    match: bool = False
    donation: Donation | None = None


@dataclass(eq=False)
class Part:
    fund: str
    cents: int
    costs: int


@dataclass(eq=False)
class Payout:
    campaign: "Campaign"
    maker: str
    iban: str
    parts: list[Part]
    pk: int = 0
    state: str = "proposed"

    @property
    def cents(self) -> int:
        return sum(part.cents for part in self.parts)

    @property
    def way(self) -> Place:
        return PAYOUTS, f"payout:{self.pk}"


@dataclass(eq=False)
class Receipt:
    campaign: "Campaign"
    cents: int
    pk: int = 0
    state: str = "submitted"


@dataclass(eq=False)
class Campaign:
    target: int
    deadline: datetime
    pk: int = 0
    state: str = "collecting"
    pot_closed: bool = False
    pledges: list[Pledge] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"campaign:{self.pk}"

    @property
    def given(self) -> int:
        return sum(pledge.cents for pledge in self.pledges)

    @property
    def room(self) -> int:
        return max(self.target - self.given, 0)

    def takes_gifts(self, now: datetime) -> bool:
        return self.state == "collecting" and now < self.deadline


@dataclass(frozen=True)
class Grant:
    """What the sponsor adds to gifts."""

    fund: str
    percent: int
    per_campaign: int
    to_cheques: bool
    until: date


@dataclass(eq=False)
class Line:
    """A line of a statement, as the bank means it. `kind`: funding, leaving, returned, leftover, stripe, charges, unknown."""

    kind: str
    cents: int
    credit: bool
    on: date
    fund: str = ""
    payout: Payout | None = None
    stripe_id: str = ""
    pk: int = 0
    account: str = ""
    state: str = "booked"


@dataclass
class Books:
    """All of it. `funds`: in the order in which the site splits over them."""

    grants: list[Grant]
    neighbourhood: str = ""
    funds: list[str] = field(default_factory=list)
    cents: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    runs: list[Run] = field(default_factory=list)
    cheques: list[Cheque] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    donations: list[Donation] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    unknown: list[Line] = field(default_factory=list)
    gifts: dict[tuple[int, str], Campaign] = field(default_factory=dict)
    stripe_booked: set[str] = field(default_factory=set)
    iban: str = ""
    iban_approved: bool = False
    closed_until: date = date.min

    # Balances

    def at(self, fund: str, place: Place) -> int:
        return self.cents[(fund, *place)]

    def move(self, fund: str, debit: Place, credit: Place, cents: int) -> None:
        self.cents[(fund, *debit)] += cents if debit[0] in DEBIT_SIDE else -cents
        self.cents[(fund, *credit)] += -cents if credit[0] in DEBIT_SIDE else cents

    def total(self, fund: str, code: int) -> int:
        return sum(cents for (of, its, _), cents in self.cents.items() if (of, its) == (fund, code))

    def unsound(self) -> list[object]:
        """What the model itself must never come to: a guarded account below zero, a fund whose sides differ."""
        wrong: list[object] = [
            (account, cents)
            for account, cents in self.cents.items()
            if cents < 0 and account[1] not in UNGUARDED
        ]
        sides: Counter[str] = Counter()
        for (fund, code, _), cents in self.cents.items():
            sides[fund] += cents if code in DEBIT_SIDE else -cents
        return [*wrong, *[(fund, cents) for fund, cents in sides.items() if cents]]

    # Cheques

    def prepare(self, run: Run) -> None:
        self.runs.append(run)

    def issue(self, run: Run, by: str, now: datetime) -> None:
        refuse(run.state != "prepared", "NotPrepared")
        refuse(run.maker == by, "OwnRun")
        refuse(now >= run.activate_before, "TooLate")
        refuse(self.at("klinker", (BUDGET, "")) < run.cents * len(run.accounts), "BudgetTooSmall")
        run.state = "issued"
        for account in run.accounts:
            self.move("klinker", (BUDGET, ""), (CHEQUES, account), run.cents)
            self.cheques.append(Cheque(account, run.cents, run.activate_before, run.valid_until))

    def cancel(self, run: Run) -> None:
        refuse(run.state != "prepared", "NotPrepared")
        run.state = "cancelled"

    def activate(self, cheque: Cheque, now: datetime) -> None:
        refuse(cheque.frozen, "Frozen")
        refuse(cheque.state == "activated", "AlreadyActivated")
        refuse(cheque.state == "expired" or now >= cheque.activate_before, "Expired")
        cheque.state = "activated"
        self.move("klinker", (CHEQUES, cheque.account), cheque.purse, cheque.cents)

    def expire(self, now: datetime) -> int:
        late = [one for one in self.cheques if one.state == "made" and now >= one.activate_before]
        for cheque in late:
            cheque.state = "expired"
            self.move("klinker", (CHEQUES, cheque.account), (BUDGET, ""), cheque.cents)
        return len(late)

    # Gifts

    def give(self, cheque: Cheque, campaign: Campaign, cents: int, key: str, now: datetime) -> None:
        """Once for each key of a purse: the same again is the first gift."""
        refuse(cheque.frozen, "Frozen")
        refuse(now >= cheque.valid_until, "PurseExpired")
        first = self.gifts.get((cheque.pk, key))
        if first is campaign:
            return
        refuse(cents > self.at("klinker", cheque.purse), "PurseTooSmall")
        refuse(not campaign.takes_gifts(now) or campaign.room == 0, "TakesNoGifts")
        refuse(first is not None, "KeyReused")
        self.gifts[cheque.pk, key] = campaign
        self._pledge(campaign, Pledge("klinker", cheque.purse, min(cents, campaign.room)), now)

    def _pledge(self, campaign: Campaign, pledge: Pledge, now: datetime) -> None:
        self.move(pledge.fund, pledge.source, (POTS, campaign.key), pledge.cents)
        campaign.pledges.append(pledge)
        for grant in self.grants:
            self._match(campaign, pledge, grant, now.date())
        if campaign.state == "collecting" and campaign.room == 0:
            campaign.state = "reached"

    def _match(self, campaign: Campaign, gift: Pledge, grant: Grant, today: date) -> None:
        if today > grant.until or (gift.donation is None and not grant.to_cheques):
            return
        added = sum(one.cents for one in campaign.pledges if one.match and one.fund == grant.fund)
        left = self.at(grant.fund, (BUDGET, ""))
        wanted = gift.cents * grant.percent // 100
        cents = min(wanted, grant.per_campaign - added, left, campaign.room)
        if cents > 0:
            self.move(grant.fund, (BUDGET, ""), (POTS, campaign.key), cents)
            campaign.pledges.append(Pledge(grant.fund, (BUDGET, ""), cents, match=True))

    # Donations

    def intend(self, donation: Donation, now: datetime) -> None:
        refuse(not donation.campaign.takes_gifts(now), "TakesNoGifts")
        self.donations.append(donation)

    def paid(self, donation: Donation, fee: int, now: datetime) -> None:
        """Stripe says so. What can no longer go into the pot goes back, and its fee is the operator's."""
        if donation.state != "intended":
            return
        campaign, donation.fee = donation.campaign, fee
        if fee:
            self.move("donations", (COSTS, campaign.key), (CLEARING, ""), fee)
        if campaign.state in ("collecting", "reached") and not campaign.pot_closed:
            donation.state = "paid"
            pledge = Pledge("donations", (CLEARING, ""), donation.cents, donation=donation)
            self._pledge(campaign, pledge, now)
        else:
            donation.state = "refunding"
            self.move("donations", (CLEARING, ""), donation.refund, donation.cents)
            self._bear(campaign, fee)

    def page_closed(self, donation: Donation) -> None:
        if donation.state == "intended":
            donation.state = "failed"

    def _bear(self, campaign: Campaign, cents: int) -> None:
        if cents:
            self.move("operator", (LOSSES, ""), (BANK, ""), cents)
            self.move("donations", (BANK, ""), (COSTS, campaign.key), cents)

    def refund(self, donation: Donation, said: str) -> None:
        """`said`: what Stripe says of the refund; "refused" where it would not begin."""
        if donation.state == "refunding":
            donation.refund_asked = said != "refused"
            donation.refund_status = said
            if said == "succeeded":
                donation.state = "refunded"
                self.move("donations", donation.refund, (CLEARING, ""), donation.cents)
        elif donation.state == "refunded" and said == "failed":
            donation.state = "refunding"
            donation.refund_status = said
            self.move("donations", (CLEARING, ""), donation.refund, donation.cents)

    def give_up(self, donation: Donation) -> None:
        given_up = donation.refund_status in ("failed", "refused")
        refuse(donation.state != "refunding" or not given_up, "NotGivenUp")
        donation.refund_asked = False
        donation.refund_status = ""
        donation.tries += 1

    # Failing

    def fail(self, campaign: Campaign) -> None:
        if campaign.state == "failed":
            return
        refuse(campaign.state != "collecting", "NotInThatState")
        campaign.state = "failed"
        for pledge in campaign.pledges:
            home = pledge.source if pledge.donation is None else pledge.donation.refund
            self.move(pledge.fund, (POTS, campaign.key), home, pledge.cents)
            if pledge.donation is not None:
                pledge.donation.state = "refunding"
        campaign.pledges = []
        self._bear(campaign, self.at("donations", (COSTS, campaign.key)))

    def fail_due(self, now: datetime) -> int:
        due = [one for one in self.campaigns if one.state == "collecting" and now >= one.deadline]
        for campaign in sorted(due, key=lambda one: one.deadline):
            self.fail(campaign)
        return len(due)

    # Payouts

    def account(self, iban: str) -> None:
        if iban != self.iban:
            self.iban, self.iban_approved = iban, False

    def propose(self, payout: Payout) -> Payout:
        """Gives the payout that is open already, where there is one."""
        campaign = payout.campaign
        refuse(campaign.state != "reached", "NotInThatState")
        for known in campaign.payouts:
            if known.state not in ("refused", "withdrawn"):
                return known
        refuse(not self.iban_approved, "NoApprovedAccount")
        for fund in self.funds:
            pot = self.at(fund, (POTS, campaign.key))
            costs = self.at(fund, (COSTS, campaign.key))
            if pot > costs:
                payout.parts.append(Part(fund, pot - costs, costs))
        refuse(not payout.parts, "NothingToPay")
        payout.iban = self.iban
        campaign.pot_closed = True
        campaign.payouts.append(payout)
        return payout

    def counts(self, payout: Payout) -> bool:
        return self.iban_approved and payout.iban == self.iban

    def approve(self, payout: Payout, by: str) -> None:
        self._decide(payout, by)
        refuse(not self.counts(payout), "AccountChanged")
        for part in payout.parts:
            on_their_way = self.total(part.fund, PAYOUTS) + part.cents
            refuse(on_their_way > self.at(part.fund, (BANK, "")), "CashNotThere")
        payout.state = "approved"
        self._out(payout, 1)

    def _out(self, payout: Payout, sign: int) -> None:
        """Out of the pot, or back into it with -1."""
        key = payout.campaign.key
        for part in payout.parts:
            self.move(part.fund, (POTS, key), payout.way, sign * part.cents)
            self.move(part.fund, (UNSHOWN, key), (CONTRA, key), sign * part.cents)
            self.move(part.fund, (POTS, key), (COSTS, key), sign * part.costs)

    def _decide(self, payout: Payout, by: str) -> None:
        refuse(payout.maker == by, "OwnProposal")
        refuse(payout.state != "proposed", "NotProposed")

    def refuse_payout(self, payout: Payout, by: str) -> None:
        self._decide(payout, by)
        payout.state = "refused"
        payout.campaign.pot_closed = False

    def withdraw(self, payout: Payout) -> None:
        refuse(payout.state != "approved", "NotApproved")
        unshown = (UNSHOWN, payout.campaign.key)
        refuse(any(self.at(part.fund, unshown) < part.cents for part in payout.parts), "AccountedFor")
        payout.state = "withdrawn"
        self._out(payout, -1)
        self._unpaid(payout.campaign)
        payout.campaign.pot_closed = False

    def _unpaid(self, campaign: Campaign) -> None:
        campaign.state = "reached" if campaign.state == "paid" else campaign.state

    def send(self) -> list[Payout]:
        ready = [one for one in self.payouts if one.state == "approved" and self.counts(one)]
        refuse(not ready, "NoneApproved")
        for payout in ready:
            payout.state = "sent"
        return ready

    @property
    def payouts(self) -> list[Payout]:
        return [payout for campaign in self.campaigns for payout in campaign.payouts]

    # Accounting for it

    def hand_in(self, receipt: Receipt) -> None:
        refuse(receipt.campaign.state != "paid", "NotInThatState")
        refuse(receipt.cents > 2 * receipt.campaign.given, "FarMoreThanThePot")
        self.receipts.append(receipt)

    def approve_receipt(self, receipt: Receipt) -> None:
        campaign = receipt.campaign
        refuse(receipt.state != "submitted", "DecidedAlready")
        refuse(campaign.state not in ("paid", "done"), "NotInThatState")
        receipt.state = "approved"
        self._show(campaign, self.unshown(campaign), receipt.cents)

    def refuse_receipt(self, receipt: Receipt) -> None:
        refuse(receipt.state != "submitted", "DecidedAlready")
        receipt.state = "refused"

    def unshown(self, campaign: Campaign) -> dict[str, int]:
        """Fund -> cents paid out and not yet accounted for."""
        return {fund: self.at(fund, (UNSHOWN, campaign.key)) for fund in self.funds}

    def _show(self, campaign: Campaign, by_fund: dict[str, int], cents: int) -> dict[str, int]:
        """Takes at most so much off what is to be accounted for; gives what was taken off in each fund."""
        counted = min(cents, sum(by_fund.values()))
        parts = shared(counted, list(by_fund.values())) if counted else [0] * len(by_fund)
        for fund, part in zip(by_fund, parts, strict=True):
            self.move(fund, (CONTRA, campaign.key), (UNSHOWN, campaign.key), part)
        if campaign.state == "paid" and not sum(self.unshown(campaign).values()):
            campaign.state = "done"
        return dict(zip(by_fund, parts, strict=True))

    # The bank

    def take_in(self, lines: Sequence[Line]) -> None:
        """What left before what came in. A line of a closed day is booked on another: no balance differs by it."""
        for line in sorted(lines, key=lambda one: one.credit):
            self._book(line)

    def _book(self, line: Line) -> None:
        payout = line.payout
        if line.kind == "funding":
            own = (MEANS, "") if line.fund == "operator" else (BUDGET, "")
            self.move(line.fund, (BANK, ""), own, line.cents)
        elif line.kind == "leaving" and payout and (payout.state, payout.cents) == ("sent", line.cents):
            self._left(payout)
        elif line.kind == "returned" and payout and (payout.state, payout.cents) == ("confirmed", line.cents):
            self._came_back(payout)
        elif line.kind == "leftover" and payout and (paid := self._paid_of(payout.campaign, line.cents)):
            self._leftover(paid, line.cents)
        elif line.kind == "stripe" and line.stripe_id not in self.stripe_booked:
            self.stripe_booked.add(line.stripe_id)
            debit, credit = (BANK, CLEARING) if line.credit else (CLEARING, BANK)
            self.move("donations", (debit, ""), (credit, ""), line.cents)
        elif line.credit:
            self.unknown.append(line)
            self.move("suspense", (BANK, ""), (UNKNOWN, line.account), line.cents)
        else:
            self.move("operator", (LOSSES, ""), (BANK, ""), line.cents)

    def _left(self, payout: Payout) -> None:
        payout.state = "confirmed"
        for part in payout.parts:
            self.move(part.fund, payout.way, (BANK, ""), part.cents)
        if payout.campaign.state == "reached":
            payout.campaign.state = "paid"

    def _came_back(self, payout: Payout) -> None:
        payout.state = "approved"
        for part in payout.parts:
            self.move(part.fund, (BANK, ""), payout.way, part.cents)
        self._unpaid(payout.campaign)

    def _paid_of(self, campaign: Campaign, cents: int) -> Payout | None:
        """A leftover bears the reference of any payout of the campaign; it belongs to the one that was paid."""
        for payout in campaign.payouts:
            if payout.state == "confirmed" and cents <= payout.cents:
                return payout
        return None

    def _leftover(self, payout: Payout, cents: int) -> None:
        campaign = payout.campaign
        still = self.unshown(campaign)
        off = self._show(campaign, {part.fund: still[part.fund] for part in payout.parts}, cents)
        more = shared(cents - sum(off.values()), [part.cents for part in payout.parts])
        for part, extra in zip(payout.parts, more, strict=True):
            home = (RESERVES, self.neighbourhood) if part.fund == "donations" else (TO_RETURN, "")
            self.move(part.fund, (BANK, ""), home, off[part.fund] + extra)

    def recognise(self, line: Line, fund: str) -> None:
        refuse(line.state == "recognised", "NotOpen")
        line.state = "recognised"
        self.move("suspense", (UNKNOWN, line.account), (BANK, ""), line.cents)
        self.move(fund, (BANK, ""), (BUDGET, ""), line.cents)

    def close_until(self, day: date) -> None:
        self.closed_until = day
