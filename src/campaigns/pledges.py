"""Verbs of gifts: booked into a campaign's pot, matched by sponsors, and booked back when it failed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from campaigns import matching
from campaigns.models import Campaign, Pledge, State
from campaigns.operations import CampaignError, locked
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from programmes.models import Grant


class TakesNoGifts(CampaignError):
    """It is not collecting, its deadline has passed, or its target is reached."""


@dataclass(frozen=True)
class Gift:
    """What is to be booked from an account into a campaign's pot.

    `key` makes it happen once. A gift that may be cut is cut to the room under the target; one that may not (money that has
    arrived already) is taken as long as the pot is open. `moves`: more transfers of the same entry (the provider's fee).
    """

    campaign_id: int
    key: str
    kind: str
    source_account_id: int
    fund_id: int
    amount_cents: int
    name: str = ""
    message: str = ""
    ledger_source: str = ""
    moves: tuple[ledger.Move, ...] = ()
    cut_to_room: bool = True

    def fits(self, campaign: Campaign, now: datetime) -> int:
        """What the campaign takes of it now, in cents; 0 when it takes nothing."""
        if self.cut_to_room:
            return min(self.amount_cents, campaign.room_cents) if campaign.takes_gifts(now) else 0
        return self.amount_cents if campaign.pot_is_open else 0


def pledge(*, gift: Gift, now: datetime) -> Pledge:
    """Gives to a campaign, and lets sponsors add to it. The same key gives the first pledge.

    Raises TakesNoGifts, and what the ledger raises.
    """
    made = pledge_all(key=gift.key, gifts=[gift], now=now)
    if not made:
        raise TakesNoGifts(Campaign.objects.get(pk=gift.campaign_id))
    return made[0]


@transaction.atomic
def pledge_all(*, key: str, gifts: Sequence[Gift], now: datetime) -> list[Pledge]:
    """Several gifts of one kind, as one entry in the books with this `key`, in the order given.

    Gives the pledges made; a gift for which a campaign has no room is left out. Again: the first pledges.
    """
    # In id order, so that two that give to the same campaigns do not wait for each other in a ring.
    ids = sorted({gift.campaign_id for gift in gifts})
    campaigns = {campaign.pk: campaign for campaign in _locked_all(ids)}
    known = list(Pledge.objects.filter(key__in=[gift.key for gift in gifts]).order_by("pk"))
    if known:
        return known
    made: list[Pledge] = []
    moves: list[ledger.Move] = []
    pots = _pots(gifts, campaigns)
    for gift in gifts:
        campaign = campaigns[gift.campaign_id]
        amount_cents = gift.fits(campaign, now)
        if amount_cents == 0:
            continue
        moves += [
            ledger.Move(gift.source_account_id, pots[gift.fund_id, campaign.key], amount_cents),
            *gift.moves,
        ]
        made.append(_pledged(campaign, gift, amount_cents, now))
    if not made:
        return []
    ledger.post(key=key, kind=gifts[0].kind, source=_source(gifts), moves=moves, now=now)
    Pledge.objects.bulk_create(made)
    for campaign in campaigns.values():
        _add_matches(campaign, [one for one in made if one.campaign_id == campaign.pk], gifts[0].kind, now)
    for campaign in campaigns.values():
        if campaign.state == State.COLLECTING and campaign.given_cents >= campaign.target_cents:
            campaign.state = State.REACHED
    Campaign.objects.bulk_update(campaigns.values(), ["given_cents", "times_given", "state"])
    return made


def _locked_all(ids: Sequence[int]) -> list[Campaign]:
    found = Campaign.objects.select_for_update(of=("self",), no_key=True).select_related("rules__programme")
    return list(found.filter(pk__in=ids).order_by("pk"))


def _pots(gifts: Sequence[Gift], campaigns: Mapping[int, Campaign]) -> dict[tuple[int, str], int]:
    """(fund, key of the campaign) -> the pot's account."""
    pots = {}
    for fund_id in {gift.fund_id for gift in gifts}:
        names = {
            campaigns[gift.campaign_id].key: campaigns[gift.campaign_id].title
            for gift in gifts
            if gift.fund_id == fund_id
        }
        for key, account_id in ledger.accounts(fund_id=fund_id, code=Code.POTS, names=names).items():
            pots[fund_id, key] = account_id
    return pots


def _source(gifts: Sequence[Gift]) -> str:
    return gifts[0].ledger_source or f"campaign:{gifts[0].campaign_id}"


def _pledged(
    campaign: Campaign,
    gift: Gift,
    amount_cents: int,
    now: datetime,
    matches: Pledge | None = None,
    grant: Grant | None = None,
) -> Pledge:
    campaign.given_cents += amount_cents
    campaign.times_given += 1
    return Pledge(
        campaign=campaign,
        key=gift.key,
        source_id=gift.source_account_id,
        fund_id=gift.fund_id,
        amount_cents=amount_cents,
        given_at=now,
        name=gift.name,
        message=gift.message,
        matches=matches,
        grant=grant,
    )


def _add_matches(campaign: Campaign, made: Sequence[Pledge], kind: str, now: datetime) -> None:
    if not made or campaign.room_cents == 0:
        return
    for grant in _grants_for(campaign, kind, now):
        for pledged in made:
            _match(campaign, pledged, grant, now)


def _grants_for(campaign: Campaign, kind: str, now: datetime) -> list[Grant]:
    today = now.astimezone(ledger.AMSTERDAM).date()
    found = Grant.objects.filter(
        host_id=campaign.rules.programme.organisation_id, starts_on__lte=today, ends_on__gte=today
    )
    if kind == "gift":
        found = found.filter(matches_cheques=True)
    return list(found.order_by("pk"))


def _match(campaign: Campaign, made: Pledge, grant: Grant, now: datetime) -> None:
    # One match of a grant at a time: the sum stays within its money, and each is explained by what was left.
    lock_grants([grant.fund_id])
    budget = ledger.account(fund_id=grant.fund_id, code=Code.BUDGET)
    added = Pledge.objects.filter(campaign=campaign, grant=grant, state=Pledge.State.STANDING).aggregate(
        cents=Sum("amount_cents", default=0)
    )
    found = matching.match(
        gift_cents=made.amount_cents,
        percent=grant.match_percent,
        added_cents=added["cents"],
        per_campaign_cents=grant.per_campaign_cents,
        left_cents=books.balance(budget),
        room_cents=campaign.room_cents,
    )
    if found.amount_cents == 0:
        return
    gift = Gift(
        campaign_id=campaign.pk,
        key=f"match:{grant.pk}:{made.key}",
        kind="match",
        source_account_id=budget,
        fund_id=grant.fund_id,
        amount_cents=found.amount_cents,
        name=grant.organisation.name,
    )
    pot = ledger.account(fund_id=grant.fund_id, code=Code.POTS, key=campaign.key, name=campaign.title)
    ledger.post(
        key=gift.key,
        kind=gift.kind,
        source=campaign.key,
        moves=[ledger.Move(budget, pot, found.amount_cents)],
        now=now,
    )
    _pledged(campaign, gift, found.amount_cents, now, matches=made, grant=grant).save()


def lock_grants(fund_ids: Collection[int]) -> None:
    """The grants of these funds, until the transaction ends: always in one order, and before anything is booked on their budgets.

    Gifts, closings and statements each book on the budgets of several grants, in an order of their own.
    """
    found = Grant.objects.select_for_update(no_key=True).filter(fund_id__in=fund_ids).order_by("pk")
    list(found.values_list("pk"))


def return_released(
    *,
    campaign_id: int,
    pledges: Sequence[Pledge],
    kind: str,
    now: datetime,
    targets: dict[int, int] | None = None,
) -> None:
    """Books released pledges back to the accounts they came from, as one entry, and marks them returned.

    `targets`: pledge id -> another account of the same fund to go to. Runs inside the caller's transaction.
    """
    if not pledges:
        return
    campaign = locked(campaign_id)
    pots = {
        fund_id: ledger.account(fund_id=fund_id, code=Code.POTS, key=campaign.key)
        for fund_id in {released.fund_id for released in pledges}
    }
    moves = [
        ledger.Move(
            debit=pots[released.fund_id],
            credit=(targets or {}).get(released.pk, released.source_id),
            amount_cents=released.amount_cents,
        )
        for released in pledges
    ]
    ids = sorted(released.pk for released in pledges)
    ledger.post(key=f"{kind}:{campaign.pk}:{ids[0]}", kind=kind, source=campaign.key, moves=moves, now=now)
    Pledge.objects.filter(pk__in=ids).update(state=Pledge.State.RETURNED)
    campaign.given_cents -= sum(released.amount_cents for released in pledges)
    campaign.times_given -= len(pledges)
    campaign.save(update_fields=["given_cents", "times_given"])


@transaction.atomic
def return_matches(*, campaign_id: int, now: datetime) -> None:
    """What sponsors added to a failed campaign goes back to their budget."""
    matches = list(
        Pledge.objects.filter(campaign_id=campaign_id, state=Pledge.State.RELEASED, grant__isnull=False)
    )
    lock_grants({released.fund_id for released in matches})
    return_released(campaign_id=campaign_id, pledges=matches, kind="match returned", now=now)
