"""Payouts: proposed by one person, approved by another, sent as a SEPA file, confirmed by the bank's statement."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Exists, Q

from campaigns import operations as campaigns
from campaigns import receipts
from campaigns.models import Campaign, State
from common.money import split
from common.references import new_rf
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import payees
from payments.models import BankLine, Payout, PayoutPart
from people.models import Organisation, User

if TYPE_CHECKING:
    from ledger.models import Entry


class NoApprovedAccount(Exception):
    """The initiator gave no bank account, or nobody has approved it yet."""

    def __init__(self, initiator_id: int) -> None:
        super().__init__(f"initiator {initiator_id}")
        self.initiator_id = initiator_id


class NotApproved(Exception):
    """Only an approved payout that is not at the bank can be withdrawn. `state` is what it is."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class AccountedFor(Exception):
    """Receipts for this payout were approved, so the money was spent: it cannot go back into the pot."""

    def __init__(self, payout_id: int) -> None:
        super().__init__(f"payout {payout_id}")
        self.payout_id = payout_id


class AccountChanged(Exception):
    """The initiator's account that counts is not the one that the payout goes to (any more). It must be proposed anew."""

    def __init__(self, payout_id: int) -> None:
        super().__init__(f"payout {payout_id}")
        self.payout_id = payout_id


class PartsDoNotSum(Exception):
    """The funds would pay another amount than the payee gets. Both in cents."""

    def __init__(self, parts_cents: int, amount_cents: int) -> None:
        super().__init__(f"{parts_cents}, not {amount_cents}")
        self.parts_cents = parts_cents
        self.amount_cents = amount_cents


class NothingToPay(Exception):
    """The pot is empty, or its payment costs eat it up."""


class NotProposed(Exception):
    """It was decided before. `state` is what it became."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class CashNotThere(Exception):
    """The fund's money is not on the bank yet (Stripe still holds it). Both in cents."""

    def __init__(self, cash_cents: int, wanted_cents: int) -> None:
        super().__init__(f"{cash_cents} < {wanted_cents}")
        self.cash_cents = cash_cents
        self.wanted_cents = wanted_cents


def payable(campaigns: Collection[Campaign]) -> dict[str, list[PayoutPart]]:
    """Key of the campaign -> what each fund would pay out now, unsaved: its part of the pot less the costs that the pot bears."""
    keys = [campaign.key for campaign in campaigns]
    pots = books.balances_by_key(keys=keys, code=Code.POTS)
    costs = books.balances_by_key(keys=keys, code=Code.PAYMENT_COSTS)
    return {
        key: [
            PayoutPart(fund_id=fund_id, amount_cents=cents - borne, costs_cents=borne)
            for fund_id, cents in sorted(pots[key].items())
            if cents > (borne := costs[key].get(fund_id, 0))
        ]
        for key in keys
    }


@transaction.atomic
def propose(*, campaign_id: int, by: User, now: datetime) -> Payout:
    """The whole pot to the initiator's approved account. Again while it is open: the same payout.

    Raises NotInThatState, NoApprovedAccount, NothingToPay.
    """
    campaign = campaigns.locked(campaign_id)
    campaigns.expect(campaign, State.REACHED)
    known = Payout.objects.filter(campaign=campaign).exclude(state__in=Payout.CALLED_OFF).first()
    if known is not None:
        return known
    account = payees.account_of(campaign.initiator_id)
    if account is None:
        raise NoApprovedAccount(campaign.initiator_id)
    parts = payable([campaign])[campaign.key]
    if not parts:
        raise NothingToPay
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('payments_payout', 'id'))")
        number = cursor.fetchone()[0]
    payout = Payout.objects.create(
        pk=number,
        campaign=campaign,
        holder=account.holder,
        iban=account.iban,
        amount_cents=sum(part.amount_cents for part in parts),
        end_to_end_id=f"BUURTPOT-{number}",
        leftover_reference=new_rf(f"20{number:08d}"),
        made_by=by,
        made_at=now,
    )
    for part in parts:
        part.payout = payout
    PayoutPart.objects.bulk_create(parts)
    campaigns.close_pot(campaign_id=campaign.pk, now=now)
    return payout


def hold_the_bank() -> Organisation:
    """The operator, with its row locked until the transaction ends: one at a time books on the bank accounts of several funds.

    Taken first of all. A statement books line by line and a payout needs the cash of all its funds to hold still: in the order of
    their funds the two could each wait for the other.
    """
    return Organisation.objects.select_for_update(no_key=True).get(is_operator=True)


def _to_decide(payout_id: int, by: User) -> Payout:
    campaign_id = Payout.objects.values_list("campaign_id", flat=True).get(pk=payout_id)
    campaign = campaigns.locked(campaign_id)
    payout = Payout.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=payout_id)
    payout.campaign = campaign
    if payout.made_by_id == by.pk:
        raise payees.OwnProposal
    if campaign.initiator.user_id == by.pk:
        raise campaigns.OwnCampaign(campaign)
    if payout.state != Payout.State.PROPOSED:
        raise NotProposed(payout.state)
    return payout


@transaction.atomic
def approve(*, payout_id: int, by: User, now: datetime) -> Payout:
    """Takes the money out of the pot and puts it on its way.

    Raises OwnProposal, OwnCampaign, NotProposed, AccountChanged, PartsDoNotSum, CashNotThere.
    """
    hold_the_bank()
    payout = _to_decide(payout_id, by)
    campaign = payout.campaign
    payees.lock(campaign.initiator_id)
    if goes_elsewhere(payout):
        raise AccountChanged(payout.pk)
    parts = list(payout.parts.all())
    parts_cents = sum(part.amount_cents for part in parts)
    if parts_cents != payout.amount_cents:
        raise PartsDoNotSum(parts_cents, payout.amount_cents)
    moves: list[ledger.Move] = []
    for part in parts:
        moves += _moves_out(campaign, payout, part)
    try:
        ledger.post(
            key=f"payout:{payout.pk}",
            kind="payout approved",
            source=f"payout:{payout.pk}",
            moves=moves,
            made_by=payout.made_by,
            approved_by=by,
            now=now,
        )
    except ledger.NotEnoughCash as error:
        raise CashNotThere(error.detail["cash"], error.detail["on_their_way"]) from error
    return _decide(payout, Payout.State.APPROVED, by, now)


def goes_elsewhere(payout: Payout) -> bool:
    """Whether the initiator's account that counts now is another than the one of the payout, or none."""
    return not Payout.objects.filter(Exists(payees.that_counts()), pk=payout.pk).exists()


def _moves_out(campaign: Campaign, payout: Payout, part: PayoutPart) -> list[ledger.Move]:
    def account(code: Code, key: str) -> int:
        return ledger.account(fund_id=part.fund_id, code=code, key=key, name=campaign.title)

    pot = account(Code.POTS, campaign.key)
    moves = [
        ledger.Move(pot, account(Code.PAYOUTS, f"payout:{payout.pk}"), part.amount_cents),
        ledger.Move(
            account(Code.UNACCOUNTED, campaign.key),
            account(Code.UNACCOUNTED_CONTRA, campaign.key),
            part.amount_cents,
        ),
    ]
    if part.costs_cents:
        moves.append(ledger.Move(pot, account(Code.PAYMENT_COSTS, campaign.key), part.costs_cents))
    return moves


@transaction.atomic
def refuse(*, payout_id: int, by: User, reason: str, now: datetime) -> Payout:
    """Raises OwnProposal, OwnCampaign, NotProposed."""
    payout = _to_decide(payout_id, by)
    campaigns.open_pot(campaign_id=payout.campaign_id)
    payout.reason = reason
    return _decide(payout, Payout.State.REFUSED, by, now)


@transaction.atomic
def withdraw(*, payout_id: int, by: User, reason: str, now: datetime) -> Payout:
    """An approved payout that is not at the bank, or that the bank sent back, goes back into the pot as if it had not been made.

    One person may: it only undoes. What comes next is proposed anew, to the account that counts then.
    Raises NotApproved, AccountedFor.
    """
    campaign = campaigns.locked(Payout.objects.values_list("campaign_id", flat=True).get(pk=payout_id))
    payout = Payout.objects.select_for_update(of=("self",)).get(pk=payout_id)
    if payout.state != Payout.State.APPROVED:
        raise NotApproved(payout.state)
    approval = books.entries_by_source(source=f"payout:{payout.pk}").get(kind="payout approved")
    try:
        ledger.reverse(key=f"payout withdrawn:{payout.pk}", entry_id=approval.pk, made_by=by, now=now)
    except ledger.Overdrawn as error:
        raise AccountedFor(payout.pk) from error
    campaigns.mark_unpaid(campaign_id=campaign.pk)
    campaigns.open_pot(campaign_id=campaign.pk)
    payout.state = Payout.State.WITHDRAWN
    payout.reason = reason
    payout.save(update_fields=["state", "reason"])
    return payout


def taken_back_by(payout: Payout) -> "Entry | None":
    """The entry that took it back into the pot: by whom, and when. None where nobody did."""
    undone = books.entries_by_source(source=f"payout:{payout.pk}").filter(reverses__kind="payout approved")
    return undone.select_related("made_by").first()


def _decide(payout: Payout, state: Payout.State, by: User, now: datetime) -> Payout:
    payout.state = state
    payout.approved_by = by
    payout.approved_at = now
    payout.save(update_fields=["state", "reason", "approved_by", "approved_at"])
    return payout


def moves_confirmed(payout: Payout) -> list[ledger.Move]:
    """The transfers for a payout that the bank's statement shows leaving."""
    moves = []
    for part in payout.parts.all():
        way = ledger.account(fund_id=part.fund_id, code=Code.PAYOUTS, key=f"payout:{payout.pk}")
        bank = ledger.account(fund_id=part.fund_id, code=Code.BANK)
        moves.append(ledger.Move(debit=way, credit=bank, amount_cents=part.amount_cents))
    return moves


def confirm(*, payout: Payout, on: date) -> None:
    """Marks a payout as paid. Runs inside the import's transaction."""
    payout.state = Payout.State.CONFIRMED
    payout.confirmed_on = on
    payout.save(update_fields=["state", "confirmed_on"])
    campaigns.mark_paid(campaign_id=payout.campaign_id)


def returned_on(payout: Payout) -> date | None:
    """The day on which the bank sent it back, last; None if it never did."""
    lines = BankLine.objects.filter(kind=BankLine.Kind.RETURNED, end_to_end_id=payout.end_to_end_id)
    return lines.order_by("-pk").values_list("booked_on", flat=True).first()


def came_back(*, payout: Payout) -> None:
    """The bank returned it: the money is on its way again, to be sent anew. Runs inside the import's transaction."""
    payout.state = Payout.State.APPROVED
    payout.confirmed_on = None
    payout.save(update_fields=["state", "confirmed_on"])
    campaigns.mark_unpaid(campaign_id=payout.campaign_id)


def lock_campaigns(*, bank_references: Collection[str]) -> None:
    """The campaigns whose payouts bear one of these end-to-end ids or leftover references, until the transaction ends.

    Before anything is booked, and always in one order: who approves a receipt has the campaign first and the accounts after.
    """
    concerned = Payout.objects.filter(
        Q(end_to_end_id__in=bank_references) | Q(leftover_reference__in=bank_references)
    )
    for campaign_id in concerned.order_by("campaign_id").values_list("campaign_id", flat=True).distinct():
        campaigns.locked(campaign_id)


def finish(*, payout: Payout, now: datetime) -> None:
    """A leftover arrived: the campaign is done when nothing is left to account for. Runs inside the import's transaction."""
    receipts.finish_when_accounted(campaign=campaigns.locked(payout.campaign_id), now=now)


def moves_leftover(payout: Payout, amount_cents: int) -> list[ledger.Move]:
    """The transfers for money that came back: to each fund, and off what is still to be accounted for.

    Its campaign is locked: what is accounted for may not change between the reading and the booking.

    It is split by what each fund has not seen accounted for yet, so that nothing stays behind by rounding. More than that may
    come back (a receipt was approved and the thing was returned): the rest is split by what each fund paid.
    """
    campaign = payout.campaign
    parts = list(payout.parts.select_related("fund").order_by("fund_id"))
    left = receipts.unaccounted(campaign)
    open_cents = [left.get(part.fund_id, 0) for part in parts]
    off_cents = min(amount_cents, sum(open_cents))
    off = split(off_cents, open_cents) if off_cents else [0] * len(parts)
    more = split(amount_cents - off_cents, [part.amount_cents for part in parts])
    moves = [
        ledger.Move(
            ledger.account(fund_id=part.fund_id, code=Code.BANK), _home_of_leftover(campaign, part), cents
        )
        for part, cents in zip(parts, map(sum, zip(off, more, strict=True)), strict=True)
        if cents
    ]
    by_fund = {part.fund_id: cents for part, cents in zip(parts, off, strict=True)}
    return [*moves, *receipts.account_for(campaign=campaign, cents_by_fund=by_fund)]


def _home_of_leftover(campaign: Campaign, part: PayoutPart) -> int:
    """Donations go to the neighbourhood's reserve, all else to who funded it."""
    if part.fund.kind != FundKind.DONATIONS:
        return ledger.account(fund_id=part.fund_id, code=Code.TO_RETURN)
    place = campaign.neighbourhood
    key = f"neighbourhood:{place.pk}"
    return ledger.account(fund_id=part.fund_id, code=Code.RESERVES, key=key, name=place.name)
