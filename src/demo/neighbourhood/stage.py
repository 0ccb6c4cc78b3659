"""What the parts of the story share: who is there, and what has been made so far."""

from dataclasses import dataclass, field

from campaigns.models import Campaign
from demo.neighbourhood.bank import Bank
from demo.neighbourhood.campaigns import bloemenbuurt, havenkop, kadebuurt, lindehof, molenkwartier
from demo.neighbourhood.campaigns.plan import Plan
from demo.neighbourhood.people import KLINKER, NOORDERWAL
from demo.neighbourhood.places import PLACES
from demo.neighbourhood.rounds import Slot
from demo.neighbourhood.timeline import Agenda, Days
from people.models import Organisation, User
from places.models import Neighbourhood
from programmes.models import Programme

PLANS: tuple[Plan, ...] = (
    *bloemenbuurt.PLANS,
    *lindehof.PLANS,
    *molenkwartier.PLANS,
    *kadebuurt.PLANS,
    *havenkop.PLANS,
)


@dataclass(frozen=True)
class Desk:
    """Who does what at a host: one makes, another approves, a third looks at campaigns."""

    maker: User
    approver: User
    reviewer: User


@dataclass
class Stage:
    """`campaigns` by the key of their plan; `cheques` and `purses` by slot, as ids."""

    days: Days
    people: dict[str, User]
    organisations: dict[str, Organisation]
    places: dict[str, Neighbourhood]
    bank: Bank
    agenda: Agenda = field(default_factory=Agenda)
    programmes: dict[str, Programme] = field(default_factory=dict)
    campaigns: dict[str, int] = field(default_factory=dict)
    cheques: dict[Slot, int] = field(default_factory=dict)
    purses: dict[Slot, int] = field(default_factory=dict)

    def campaign(self, plan: Plan) -> Campaign:
        return Campaign.objects.select_related("initiator").get(pk=self.campaigns[plan.key])

    def desk(self, host: str) -> Desk:
        maker, approver, reviewer = {
            KLINKER: ("marloes", "idris", "jolanda"),
            NOORDERWAL: ("hanneke", "tjeerd", "hanneke"),
        }[host]
        return Desk(self.people[maker], self.people[approver], self.people[reviewer])


def host_of(plan: Plan) -> str:
    return next(place.host for place in PLACES if place.slug == plan.place)


def plans_of(host: str) -> list[Plan]:
    return [plan for plan in PLANS if host_of(plan) == host]
