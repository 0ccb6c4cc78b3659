"""Reads about campaigns that need more than a queryset."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Sum

from campaigns.models import Campaign, Pledge, State
from people.models import Organisation
from places.models import Neighbourhood


@dataclass(frozen=True)
class Part:
    """What came from one kind of fund. `cents` and `times` over the pledges that stand."""

    kind: str
    name: str
    cents: int
    times: int


def parts(campaign: Campaign) -> list[Part]:
    """Where the money in a pot came from, per fund, programmes first."""
    rows = (
        campaign.pledges.filter(state=Pledge.State.STANDING)
        .values("fund__kind", "fund__organisation__name")
        .annotate(cents=Sum("amount_cents"), times=Count("pk"))
    )
    order = ["programme", "donations", "grant", "operator"]
    found = [
        Part(row["fund__kind"], row["fund__organisation__name"], row["cents"], row["times"]) for row in rows
    ]
    return sorted(found, key=lambda part: (order.index(part.kind), part.name))


def parts_of(campaigns: list[Campaign]) -> dict[int, list[Part]]:
    """The same for many campaigns, in one query."""
    rows = (
        Pledge.objects.filter(campaign__in=campaigns, state=Pledge.State.STANDING)
        .values("campaign_id", "fund__kind", "fund__organisation__name")
        .annotate(cents=Sum("amount_cents"), times=Count("pk"))
        .order_by("campaign_id", "-fund__kind")
    )
    found: dict[int, list[Part]] = {campaign.pk: [] for campaign in campaigns}
    for row in rows:
        part = Part(row["fund__kind"], row["fund__organisation__name"], row["cents"], row["times"])
        found[row["campaign_id"]].append(part)
    return found


def latest_gifts(campaign: Campaign, count: int) -> QuerySet[Pledge]:
    return (
        campaign.pledges.filter(state=Pledge.State.STANDING)
        .select_related("fund")
        .order_by("-given_at")[:count]
    )


def near(neighbourhood: Neighbourhood | None, *, host: Organisation, now: datetime) -> QuerySet[Campaign]:
    """Campaigns of this host that take gifts: those of the neighbourhood first where it is known."""
    found = (
        Campaign.objects.collecting(now)
        .filter(rules__programme__organisation=host)
        .select_related("initiator", "neighbourhood")
    )
    if neighbourhood is not None:
        found = found.filter(neighbourhood__district=neighbourhood.district_id)
    return found.order_by("deadline")


def to_review(host: Organisation) -> QuerySet[Campaign]:
    return Campaign.objects.filter(rules__programme__organisation=host, state=State.SUBMITTED).order_by(
        "submitted_at"
    )
