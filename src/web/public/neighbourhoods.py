"""A neighbourhood as anyone may see it: its campaigns, its money, and what may be taken along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from campaigns.models import Campaign, State
from cheques.runs import last_day
from people.models import Organisation
from places.models import Neighbourhood
from web.look.flow import Flow
from web.public.flows import flow_of
from web.public.stories import Money
from web.public.whereabouts import Position, positions

ORDER = [State.COLLECTING, State.REACHED, State.PAID, State.DONE, State.FAILED]


@dataclass(frozen=True)
class NeighbourhoodMoney:
    """Everything that was given to campaigns of one neighbourhood, and where it is."""

    place: Neighbourhood
    campaigns: Sequence[Campaign]
    positions: Sequence[Position]

    @cached_property
    def money(self) -> Money:
        return Money(self.positions)

    @cached_property
    def flow(self) -> Flow | None:
        title = _("How the money flows in %(place)s") % {"place": self.place.name}
        return flow_of(title=title, campaigns=self.campaigns, positions=self.positions)

    @property
    def funded(self) -> int:
        """How many campaigns got something."""
        return len({one.campaign_id for one in self.positions})

    @property
    def holding(self) -> int:
        """How many campaigns have money in their pot."""
        return len({one.campaign_id for one in self.positions if one.pot_cents})

    @property
    def since(self) -> datetime | None:
        return min((campaign.made_at for campaign in self.campaigns), default=None)


def money_of(place: Neighbourhood, *, host: Organisation | None) -> NeighbourhoodMoney:
    """Four queries. `host`: only the campaigns of this organisation."""
    campaigns = sorted(
        public_campaigns(place, host=host).order_by("deadline", "pk"),
        key=lambda one: ORDER.index(State(one.state)),
    )
    return NeighbourhoodMoney(place, campaigns, positions(campaigns))


def public_campaigns(place: Neighbourhood, *, host: Organisation | None) -> QuerySet[Campaign]:
    found = Campaign.objects.public().filter(neighbourhood=place)
    if host is not None:
        found = found.filter(rules__programme__organisation=host)
    return found.select_related("initiator", "rules__programme__organisation")


@dataclass(frozen=True)
class PlaceCard:
    """A neighbourhood in a list, with whose it is and what it collects now.

    `closes_on`: the last day of the first campaign to close.
    """

    place: Neighbourhood
    hosts: str
    collecting: int
    given_cents: int
    closes_on: date | None


def place_cards(places: Sequence[Neighbourhood]) -> list[PlaceCard]:
    """Of neighbourhoods as `collecting_places` gives them. One query."""
    hosts: dict[int, list[str]] = {place.pk: [] for place in places}
    rows = (
        Campaign.objects.public()
        .filter(neighbourhood__in=hosts)
        .order_by("rules__programme__organisation__name")
        .values_list("neighbourhood_id", "rules__programme__organisation__name")
        .distinct()
    )
    for pk, name in rows:
        hosts[pk].append(name)
    return [_place_card(place, ", ".join(hosts[place.pk])) for place in places]


def _place_card(place: Neighbourhood, hosts: str) -> PlaceCard:
    found = vars(place)  # with what the query added
    deadline = found["first_deadline"]
    return PlaceCard(
        place=place,
        hosts=hosts,
        collecting=found["collecting"],
        given_cents=found["given_cents"],
        closes_on=last_day(deadline) if deadline is not None else None,
    )


def collecting_places(*, host: Organisation | None, search: str, now: datetime) -> QuerySet[Neighbourhood]:
    """Neighbourhoods with campaigns or cheques, with what they collect now: `collecting`, `given_cents`, `first_deadline`."""
    campaigns = Q(campaigns__state=State.COLLECTING, campaigns__deadline__gt=now)
    public = Q(campaigns__state__in=ORDER)
    if host is not None:
        campaigns &= Q(campaigns__rules__programme__organisation=host)
        public &= Q(campaigns__rules__programme__organisation=host)
    found = Neighbourhood.objects.filter(public).select_related("district__municipality")
    if search:
        found = found.filter(Q(name__icontains=search) | Q(district__name__icontains=search))
    return found.annotate(
        collecting=Count("campaigns", filter=campaigns),
        given_cents=Sum("campaigns__given_cents", filter=campaigns, default=0),
        first_deadline=Min("campaigns__deadline", filter=campaigns),
    ).order_by("district__municipality__name", "name")
