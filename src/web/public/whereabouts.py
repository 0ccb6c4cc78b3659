"""Where the money of campaigns is now: per campaign and per fund, from the pledges and from the books."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum

from campaigns.models import Campaign, Pledge
from ledger.chart import Code
from ledger.outflows import outflows
from web.look.origins import Origin

ORIGINS = {"programme": Origin.CHEQUE, "donations": Origin.GIFT, "grant": Origin.GRANT}


@dataclass(frozen=True)
class Position:
    """What one fund gave to one campaign, and where that is now.

    In cents: `given` = `pot` + `waiting` (paid out, no receipt yet) + `spent` (with a receipt) + `returned` + `costs`.
    """

    campaign_id: int
    kind: str
    owner: str
    times: int
    given_cents: int
    pot_cents: int
    waiting_cents: int
    spent_cents: int
    returned_cents: int
    costs_cents: int

    @property
    def origin(self) -> Origin:
        return ORIGINS.get(self.kind, Origin.FUND)


@dataclass
class _Left:
    paid_cents: int = 0
    costs_cents: int = 0
    spent_cents: int = 0
    returned_cents: int = 0


def positions(campaigns: Sequence[Campaign]) -> list[Position]:
    """Three queries, however many campaigns there are. Gifts that were given back are left out."""
    keys = {campaign.key: campaign.pk for campaign in campaigns}
    left: dict[tuple[int, int], _Left] = defaultdict(_Left)
    # The last step first: what happens in between then only makes what is still in the pot larger, never below zero.
    for flow in outflows(keys=keys, code=Code.UNACCOUNTED):
        here = left[keys[flow.key], flow.fund_id]
        if flow.kind == "receipt approved":
            here.spent_cents += flow.cents
        else:
            here.returned_cents += flow.cents
    for flow in outflows(keys=keys, code=Code.POTS):
        here = left[keys[flow.key], flow.fund_id]
        if flow.to_code == Code.PAYOUTS:
            here.paid_cents += flow.cents
        elif flow.to_code == Code.PAYMENT_COSTS:
            here.costs_cents += flow.cents
    given = (
        Pledge.objects.filter(campaign__in=keys.values(), state=Pledge.State.STANDING)
        .values_list("campaign_id", "fund_id", "fund__kind", "fund__organisation__name")
        .annotate(cents=Sum("amount_cents"), times=Count("pk"))
        .order_by("campaign_id", "fund_id")
    )
    return [
        _position(campaign_id, kind, owner, times, cents, left[campaign_id, fund_id])
        for campaign_id, fund_id, kind, owner, cents, times in given
    ]


def _position(campaign_id: int, kind: str, owner: str, times: int, cents: int, left: _Left) -> Position:
    return Position(
        campaign_id=campaign_id,
        kind=kind,
        owner=owner,
        times=times,
        given_cents=cents,
        pot_cents=cents - left.paid_cents - left.costs_cents,
        waiting_cents=left.paid_cents - left.spent_cents - left.returned_cents,
        spent_cents=left.spent_cents,
        returned_cents=left.returned_cents,
        costs_cents=left.costs_cents,
    )
