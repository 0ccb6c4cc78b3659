"""What sponsors would add to a gift now, in words that explain it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from campaigns.matching import match
from campaigns.models import Campaign, Pledge
from ledger import queries as books
from ledger.chart import Code
from ledger.operations import AMSTERDAM
from programmes.models import Grant
from web.look.formats import euro


@dataclass(frozen=True)
class Offer:
    """A sponsor's grant as it stands for one campaign. In cents: `added` to it before, `left` in the grant."""

    grant: Grant
    added_cents: int
    left_cents: int

    @property
    def still_cents(self) -> int:
        """The most that it can still add to this campaign."""
        return max(min(self.grant.per_campaign_cents - self.added_cents, self.left_cents), 0)

    @property
    def sentence(self) -> str:
        return _(
            "%(sponsor)s adds %(added)s to every %(unit)s of a neighbour, up to %(most)s. %(left)s of that is left."
        ) % {
            "sponsor": self.grant.organisation.name,
            "added": euro(self.grant.match_percent),
            "unit": euro(100),
            "most": euro(self.grant.per_campaign_cents),
            "left": euro(self.still_cents),
        }


def offers(*, campaign: Campaign, with_cheque: bool, now: datetime) -> list[Offer]:
    """The grants that match a gift to this campaign today and have something left, in the order in which they match."""
    today = now.astimezone(AMSTERDAM).date()
    grants = Grant.objects.filter(
        host_id=campaign.rules.programme.organisation_id, starts_on__lte=today, ends_on__gte=today
    ).select_related("organisation")
    if with_cheque:
        grants = grants.filter(matches_cheques=True)
    found = list(grants.order_by("pk"))
    if not found:
        return []
    added = dict(
        Pledge.objects.filter(campaign=campaign, grant__in=found, state=Pledge.State.STANDING)
        .values_list("grant_id")
        .annotate(cents=Sum("amount_cents"))
    )
    funds = [grant.fund_id for grant in found]
    left = books.balances_by_key(keys=[""], code=Code.BUDGET, fund_ids=funds)[""]
    made = [Offer(grant, added.get(grant.pk, 0), left.get(grant.fund_id, 0)) for grant in found]
    return [offer for offer in made if offer.still_cents > 0]


def added_to(gift_cents: int, *, room_cents: int, offers: Sequence[Offer]) -> int:
    """What sponsors would add to a gift, in cents, if it were given now."""
    room_cents = max(room_cents - gift_cents, 0)
    total_cents = 0
    for offer in offers:
        added = match(
            gift_cents=gift_cents,
            percent=offer.grant.match_percent,
            added_cents=offer.added_cents,
            per_campaign_cents=offer.grant.per_campaign_cents,
            left_cents=offer.left_cents,
            room_cents=room_cents,
        ).amount_cents
        room_cents -= added
        total_cents += added
    return total_cents
