"""Verbs of a campaign: open, submit, review, give to, fail, tell, finish."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.text import slugify

from campaigns import matching
from campaigns.models import BudgetLine, Campaign, FinalReport, Initiator, Photo, Pledge, State, Theme, Update
from common.models import StoredFile
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from people.models import User
from places.models import Neighbourhood
from programmes.models import Grant, Rules


@dataclass(frozen=True)
class PlannedLine:
    """`amount_cents`: int, > 0. `category` is one of BudgetLine.Category."""

    description: str
    amount_cents: int
    category: str = BudgetLine.Category.MATERIAL
    supplier: str = ""


class CampaignError(Exception):
    """A campaign that cannot do this now. `campaign_id` says which, `state` what it was."""

    def __init__(self, campaign: Campaign) -> None:
        super().__init__(f"campaign {campaign.pk} is {campaign.state}")
        self.campaign_id = campaign.pk
        self.state = campaign.state


class NotInThatState(CampaignError):
    """The step does not fit the campaign's state (any more)."""


class TakesNoGifts(CampaignError):
    """It is not collecting, its deadline has passed, or its target is reached."""


class OwnCampaign(CampaignError):
    """Somebody would review a campaign of their own."""


class TargetTooHigh(Exception):
    """The plan costs more than the programme's rules allow. Both in cents."""

    def __init__(self, target_cents: int, max_cents: int) -> None:
        super().__init__(f"{target_cents} > {max_cents}")
        self.target_cents = target_cents
        self.max_cents = max_cents


class NothingPlanned(Exception):
    """A plan without a single line."""


def locked(campaign_id: int) -> Campaign:
    """The campaign, with its row locked until the transaction ends."""
    return (
        Campaign.objects.select_for_update(of=("self",), no_key=True)
        .select_related("rules__programme")
        .get(pk=campaign_id)
    )


def expect(campaign: Campaign, *states: State) -> None:
    if campaign.state not in states:
        raise NotInThatState(campaign)


@transaction.atomic
def open_campaign(
    *,
    initiator: Initiator,
    rules: Rules,
    neighbourhood: Neighbourhood,
    title: str,
    summary: str,
    story: str,
    theme: Theme | str,
    lines: Sequence[PlannedLine],
    deadline: datetime,
    now: datetime,
) -> Campaign:
    """A draft. Its target is the sum of its lines. Raises NothingPlanned, TargetTooHigh."""
    if not lines:
        raise NothingPlanned
    target_cents = sum(line.amount_cents for line in lines)
    if rules.max_target_cents is not None and target_cents > rules.max_target_cents:
        raise TargetTooHigh(target_cents, rules.max_target_cents)
    campaign = Campaign.objects.create(
        initiator=initiator,
        rules=rules,
        neighbourhood=neighbourhood,
        title=title,
        slug=_free_slug(title),
        summary=summary,
        story=story,
        theme=theme,
        target_cents=target_cents,
        deadline=deadline,
        made_at=now,
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(
            campaign=campaign,
            position=position,
            description=line.description,
            category=line.category,
            supplier=line.supplier,
            amount_cents=line.amount_cents,
        )
        for position, line in enumerate(lines, start=1)
    )
    return campaign


def _free_slug(title: str) -> str:
    slug = slugify(title)[:100] or "initiatief"
    taken = set(Campaign.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"


@transaction.atomic
def submit(*, campaign_id: int, now: datetime) -> Campaign:
    campaign = locked(campaign_id)
    expect(campaign, State.DRAFT, State.REFUSED)
    campaign.state = State.SUBMITTED
    campaign.submitted_at = now
    campaign.save(update_fields=["state", "submitted_at"])
    return campaign


@transaction.atomic
def approve(*, campaign_id: int, by: User, now: datetime) -> Campaign:
    """It collects from now on. Raises NotInThatState, OwnCampaign."""
    return _review(campaign_id, State.COLLECTING, "", by, now)


@transaction.atomic
def refuse(*, campaign_id: int, by: User, reason: str, now: datetime) -> Campaign:
    """It goes back to its initiator with the reason, to be mended and sent again."""
    return _review(campaign_id, State.REFUSED, reason, by, now)


def _review(campaign_id: int, outcome: State, reason: str, by: User, now: datetime) -> Campaign:
    campaign = locked(campaign_id)
    expect(campaign, State.SUBMITTED)
    if Initiator.objects.filter(pk=campaign.initiator_id, user=by).exists():
        raise OwnCampaign(campaign)
    campaign.state = outcome
    campaign.reviewed_by = by
    campaign.reviewed_at = now
    campaign.review_reason = reason
    campaign.save(update_fields=["state", "reviewed_by", "reviewed_at", "review_reason"])
    return campaign


@dataclass(frozen=True)
class Gift:
    """What is to be booked from an account into a campaign's pot.

    `key` makes it happen once. `moves`: more transfers of the same entry (such as the provider's fee).
    """

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


@transaction.atomic
def pledge(*, campaign_id: int, gift: Gift, now: datetime, made_by: User | None = None) -> Pledge:
    """Gives to a campaign, and lets sponsors add to it.

    A gift that may be cut is cut to the room under the target. One that may not (money that has arrived already) is taken as
    long as the pot is open. The same key gives the first pledge. Raises TakesNoGifts, and what the ledger raises.
    """
    campaign = locked(campaign_id)
    known = Pledge.objects.filter(key=gift.key).first()
    if known is not None:
        return known
    if gift.cut_to_room:
        open_to_it = campaign.takes_gifts(now)
        amount_cents = min(gift.amount_cents, campaign.room_cents)
    else:
        open_to_it = campaign.state in (State.COLLECTING, State.REACHED)
        amount_cents = gift.amount_cents
    if not open_to_it:
        raise TakesNoGifts(campaign)
    made = _book(campaign, gift, amount_cents, now, made_by)
    for grant in _grants_for(campaign, gift, now):
        _match(campaign, made, grant, now)
    if campaign.given_cents >= campaign.target_cents:
        campaign.state = State.REACHED
    campaign.save(update_fields=["given_cents", "times_given", "state"])
    return made


def _book(
    campaign: Campaign,
    gift: Gift,
    amount_cents: int,
    now: datetime,
    made_by: User | None,
    matches: Pledge | None = None,
    grant: Grant | None = None,
) -> Pledge:
    pot = ledger.account(fund_id=gift.fund_id, code=Code.POTS, key=campaign.key, name=campaign.title)
    ledger.post(
        key=gift.key,
        kind=gift.kind,
        source=gift.ledger_source or campaign.key,
        moves=[ledger.Move(debit=gift.source_account_id, credit=pot, amount_cents=amount_cents), *gift.moves],
        made_by=made_by,
        now=now,
    )
    campaign.given_cents += amount_cents
    campaign.times_given += 1
    return Pledge.objects.create(
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


def _grants_for(campaign: Campaign, gift: Gift, now: datetime) -> list[Grant]:
    today = now.astimezone(ledger.AMSTERDAM).date()
    found = Grant.objects.filter(
        host_id=campaign.rules.programme.organisation_id, starts_on__lte=today, ends_on__gte=today
    )
    if gift.kind == "gift":
        found = found.filter(matches_cheques=True)
    return list(found.order_by("pk"))


def _match(campaign: Campaign, made: Pledge, grant: Grant, now: datetime) -> None:
    # One match of a grant at a time: the sum stays within its money, and each is explained by what was left.
    Grant.objects.select_for_update(no_key=True).get(pk=grant.pk)
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
        key=f"match:{grant.pk}:{made.key}",
        kind="match",
        source_account_id=budget,
        fund_id=grant.fund_id,
        amount_cents=found.amount_cents,
        name=grant.organisation.name,
    )
    _book(campaign, gift, found.amount_cents, now, None, matches=made, grant=grant)


@transaction.atomic
def fail(*, campaign_id: int, now: datetime) -> Campaign:
    """The target is not reached: every pledge is released, to be taken back by whoever made it. Again: nothing."""
    campaign = locked(campaign_id)
    if campaign.state == State.FAILED:
        return campaign
    expect(campaign, State.COLLECTING)
    campaign.state = State.FAILED
    campaign.closed_at = now
    campaign.save(update_fields=["state", "closed_at"])
    campaign.pledges.filter(state=Pledge.State.STANDING).update(state=Pledge.State.RELEASED)
    return campaign


def return_released(
    *, campaign_id: int, pledges: Sequence[Pledge], kind: str, now: datetime, targets: dict[int, int] | None = None
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
    matches = list(Pledge.objects.filter(campaign_id=campaign_id, state=Pledge.State.RELEASED, grant__isnull=False))
    return_released(campaign_id=campaign_id, pledges=matches, kind="match returned", now=now)


@transaction.atomic
def mark_paid(*, campaign_id: int) -> Campaign:
    """Its money has left for the initiator or a supplier."""
    campaign = locked(campaign_id)
    expect(campaign, State.REACHED, State.PAID)
    campaign.state = State.PAID
    campaign.save(update_fields=["state"])
    return campaign


@transaction.atomic
def mark_done(*, campaign_id: int, now: datetime) -> Campaign:
    """Every euro is accounted for."""
    campaign = locked(campaign_id)
    expect(campaign, State.PAID)
    campaign.state = State.DONE
    campaign.closed_at = now
    campaign.save(update_fields=["state", "closed_at"])
    return campaign


def tell(*, campaign: Campaign, title: str, text: str, now: datetime) -> Update:
    return Update.objects.create(campaign=campaign, title=title, text=text, published_at=now)


def add_photo(*, campaign: Campaign, file: StoredFile, caption: str, now: datetime) -> Photo:
    return Photo.objects.create(campaign=campaign, file=file, caption=caption, added_at=now)


def report(*, campaign: Campaign, text: str, people_reached: int, now: datetime) -> FinalReport:
    written, _ = FinalReport.objects.update_or_create(
        campaign=campaign, defaults={"text": text, "people_reached": people_reached, "written_at": now}
    )
    return written
