"""What a sponsor adds to a gift, and why exactly that much."""

from dataclasses import dataclass
from enum import StrEnum


class Limit(StrEnum):
    """What decided the amount."""

    RATE = "rate"  # the gift times the sponsor's rate
    CAMPAIGN = "campaign"  # the most that the sponsor adds to one campaign
    MONEY = "money"  # what is left of the sponsor's money
    ROOM = "room"  # what the campaign still needs


@dataclass(frozen=True)
class Match:
    """`limit` explains `amount_cents`: which of the four bounds was the lowest."""

    amount_cents: int
    limit: Limit


def match(
    *,
    gift_cents: int,
    percent: int,
    added_cents: int,
    per_campaign_cents: int,
    left_cents: int,
    room_cents: int,
) -> Match:
    """The lowest of four: gift times rate (rounded down), and what campaign, sponsor's money and target leave room for.

    `added_cents`: what this sponsor added to this campaign before. All in cents, >= 0.
    """
    bounds = {
        Limit.RATE: gift_cents * percent // 100,
        Limit.CAMPAIGN: per_campaign_cents - added_cents,
        Limit.MONEY: left_cents,
        Limit.ROOM: room_cents,
    }
    limit = min(bounds, key=lambda bound: bounds[bound])
    return Match(max(bounds[limit], 0), limit)
