"""What a sponsor adds: the lowest of four bounds, and which one it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.matching import Limit, Match, match

# The municipality adds half of each gift, at most € 100 for a campaign.
USUAL = {
    "gift_cents": 1_001,
    "percent": 50,
    "added_cents": 2_000,
    "per_campaign_cents": 10_000,
    "left_cents": 50_000,
    "room_cents": 8_000,
}


@pytest.mark.parametrize(
    ("change", "amount_cents", "limit"),
    [
        ({}, 500, Limit.RATE),  # half a cent is not a cent
        ({"percent": 200}, 2_002, Limit.RATE),
        ({"added_cents": 9_900}, 100, Limit.CAMPAIGN),
        ({"added_cents": 10_000}, 0, Limit.CAMPAIGN),
        ({"left_cents": 30}, 30, Limit.MONEY),
        ({"left_cents": 0}, 0, Limit.MONEY),
        ({"room_cents": 7}, 7, Limit.ROOM),
        ({"gift_cents": 1}, 0, Limit.RATE),
        # A sponsor who lowers the bound later takes nothing back.
        ({"per_campaign_cents": 1_000}, 0, Limit.CAMPAIGN),
    ],
)
def test_the_lowest_bound_decides_and_is_named(
    change: dict[str, int], amount_cents: int, limit: Limit
) -> None:
    assert match(**(USUAL | change)) == Match(amount_cents, limit)


cents = st.integers(min_value=0, max_value=10**9)


@given(
    gift_cents=cents,
    percent=st.integers(min_value=1, max_value=500),
    added_cents=cents,
    per_campaign_cents=cents,
    left_cents=cents,
    room_cents=cents,
)
def test_a_match_never_passes_any_bound_and_is_never_below_zero(
    gift_cents: int, percent: int, added_cents: int, per_campaign_cents: int, left_cents: int, room_cents: int
) -> None:
    found = match(
        gift_cents=gift_cents,
        percent=percent,
        added_cents=added_cents,
        per_campaign_cents=per_campaign_cents,
        left_cents=left_cents,
        room_cents=room_cents,
    )
    assert 0 <= found.amount_cents <= min(left_cents, room_cents)
    assert found.amount_cents * 100 <= gift_cents * percent
    assert found.amount_cents <= max(per_campaign_cents - added_cents, 0)
