"""Verbs of a campaign: open, submit, review, fail, tell, finish."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from campaigns.models import BudgetLine, Campaign, FinalReport, Initiator, Photo, Pledge, State, Theme, Update
from common.models import StoredFile
from people.models import User
from places.models import Neighbourhood
from programmes.models import Rules


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


class TooLate(CampaignError):
    """Its last day to collect has passed. It needs a later one first."""


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


def introduce(
    *, user: User, kind: Initiator.Kind | str, name: str, registration_number: str = ""
) -> Initiator:
    """Who opens campaigns: the person, or a legal entity that the person speaks for. The same again: the first row."""
    found, _ = Initiator.objects.get_or_create(
        user=user, kind=kind, name=name.strip(), registration_number=registration_number
    )
    return found


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
    target_cents = _target(rules, lines)
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
    _write_lines(campaign, lines)
    return campaign


def _target(rules: Rules, lines: Sequence[PlannedLine]) -> int:
    if not lines:
        raise NothingPlanned
    target_cents = sum(line.amount_cents for line in lines)
    if rules.max_target_cents is not None and target_cents > rules.max_target_cents:
        raise TargetTooHigh(target_cents, rules.max_target_cents)
    return target_cents


def _write_lines(campaign: Campaign, lines: Sequence[PlannedLine]) -> None:
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


def _free_slug(title: str) -> str:
    slug = slugify(title)[:100] or "initiatief"
    # "nieuw" is the address of the page that a campaign starts on.
    taken = {"nieuw", *Campaign.objects.filter(slug__startswith=slug).values_list("slug", flat=True)}
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"


@transaction.atomic
def change(
    *,
    campaign_id: int,
    initiator: Initiator,
    neighbourhood: Neighbourhood,
    title: str,
    summary: str,
    story: str,
    theme: Theme | str,
    lines: Sequence[PlannedLine],
    deadline: datetime,
) -> Campaign:
    """Writes the whole plan anew, under the rules it was opened with. Its address stays.

    Only before it is submitted, or after it was not approved: what neighbours gave to does not change.
    Raises NotInThatState, NothingPlanned, TargetTooHigh.
    """
    campaign = locked(campaign_id)
    expect(campaign, State.DRAFT, State.REFUSED)
    campaign.target_cents = _target(campaign.rules, lines)
    campaign.initiator = initiator
    campaign.neighbourhood = neighbourhood
    campaign.title = title
    campaign.summary = summary
    campaign.story = story
    campaign.theme = theme
    campaign.deadline = deadline
    campaign.save(
        update_fields=[
            "target_cents",
            "initiator",
            "neighbourhood",
            "title",
            "summary",
            "story",
            "theme",
            "deadline",
        ]
    )
    campaign.budget_lines.all().delete()
    _write_lines(campaign, lines)
    return campaign


@transaction.atomic
def submit(*, campaign_id: int, now: datetime) -> Campaign:
    """To be reviewed. Raises NotInThatState, TooLate."""
    campaign = locked(campaign_id)
    expect(campaign, State.DRAFT, State.REFUSED)
    _expect_time_left(campaign, now)
    campaign.state = State.SUBMITTED
    campaign.submitted_at = now
    campaign.save(update_fields=["state", "submitted_at"])
    return campaign


@transaction.atomic
def approve(*, campaign_id: int, by: User, now: datetime) -> Campaign:
    """It collects from now on. Raises NotInThatState, OwnCampaign, TooLate."""
    return _review(campaign_id, State.COLLECTING, "", by, now)


@transaction.atomic
def refuse(*, campaign_id: int, by: User, reason: str, now: datetime) -> Campaign:
    """It goes back to its initiator with the reason, to be mended and sent again."""
    return _review(campaign_id, State.REFUSED, reason, by, now)


def _expect_time_left(campaign: Campaign, now: datetime) -> None:
    if campaign.deadline <= now:
        raise TooLate(campaign)


def _review(campaign_id: int, outcome: State, reason: str, by: User, now: datetime) -> Campaign:
    campaign = locked(campaign_id)
    expect(campaign, State.SUBMITTED)
    if Initiator.objects.filter(pk=campaign.initiator_id, user=by).exists():
        raise OwnCampaign(campaign)
    if outcome == State.COLLECTING:
        _expect_time_left(campaign, now)
    campaign.state = outcome
    campaign.reviewed_by = by
    campaign.reviewed_at = now
    campaign.review_reason = reason
    campaign.save(update_fields=["state", "reviewed_by", "reviewed_at", "review_reason"])
    return campaign


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


@transaction.atomic
def close_pot(*, campaign_id: int, now: datetime) -> None:
    """A payout of what is in the pot was proposed: nothing more goes in, so that what two people agree to is all of it."""
    campaign = locked(campaign_id)
    expect(campaign, State.REACHED)
    campaign.pot_closed_at = campaign.pot_closed_at or now
    campaign.save(update_fields=["pot_closed_at"])


@transaction.atomic
def open_pot(*, campaign_id: int) -> None:
    """The payout was refused or taken back: money that arrives late is taken again."""
    campaign = locked(campaign_id)
    campaign.pot_closed_at = None
    campaign.save(update_fields=["pot_closed_at"])


@transaction.atomic
def mark_paid(*, campaign_id: int) -> Campaign:
    """Its money has left for the initiator or a supplier. Again, after the bank returned it: also when all was accounted for."""
    campaign = locked(campaign_id)
    expect(campaign, State.REACHED, State.PAID, State.DONE)
    if campaign.state == State.REACHED:
        campaign.state = State.PAID
        campaign.save(update_fields=["state"])
    return campaign


@transaction.atomic
def mark_unpaid(*, campaign_id: int) -> Campaign:
    """Its money came back, to be sent anew or put back into the pot. One that has accounted for all of it stays done."""
    campaign = locked(campaign_id)
    expect(campaign, State.REACHED, State.PAID, State.DONE)
    if campaign.state == State.PAID:
        campaign.state = State.REACHED
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


@transaction.atomic
def tell(*, campaign: Campaign, title: str, text: str, now: datetime) -> Update:
    """News for everybody to read. The same words again: the first one."""
    locked(campaign.pk)
    known = Update.objects.filter(campaign=campaign, title=title, text=text).first()
    return known or Update.objects.create(campaign=campaign, title=title, text=text, published_at=now)


@transaction.atomic
def add_photo(*, campaign: Campaign, file: StoredFile, caption: str, now: datetime) -> Photo:
    """A photo on the campaign's page. The same photo again: the first one, with the words it had."""
    locked(campaign.pk)
    known = Photo.objects.filter(campaign=campaign, file=file).first()
    return known or Photo.objects.create(campaign=campaign, file=file, caption=caption, added_at=now)


def report(*, campaign: Campaign, text: str, people_reached: int, now: datetime) -> FinalReport:
    written, _ = FinalReport.objects.update_or_create(
        campaign=campaign, defaults={"text": text, "people_reached": people_reached, "written_at": now}
    )
    return written
