"""What a sponsor would add is what it does add."""

import uuid

import pytest
from django.test import Client

from campaigns.models import Pledge
from cheques import operations as cheques
from cheques.models import Cheque
from tests.cast import NOW
from tests.web.public.conftest import Square
from web.public import matches


@pytest.mark.parametrize("gift_cents", [1, 749])
@pytest.mark.parametrize("target_cents", [300, 1_000, 10_000])
@pytest.mark.parametrize("per_campaign_cents", [200, 30_000])
def test_what_is_promised_is_what_happens(
    client: Client, square: Square, gift_cents: int, target_cents: int, per_campaign_cents: int
) -> None:
    square.municipality_matches(cheques_too=True, per_campaign_cents=per_campaign_cents)
    campaign = square.campaign("Vogelhuisje", target_cents)
    found = matches.offers(campaign=campaign, with_cheque=True, now=NOW)
    gift_cents = min(gift_cents, campaign.room_cents)
    promised = matches.added_to(gift_cents, room_cents=campaign.room_cents, offers=found)
    purse = cheques.activate(cheque_id=Cheque.objects.order_by("pk")[0].pk, now=NOW)
    cheques.give(
        purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=gift_cents, key=uuid.uuid4().hex, now=NOW
    )
    added = sum(match.amount_cents for match in Pledge.objects.filter(grant__isnull=False))
    assert added == promised


def test_a_grant_for_donations_promises_nothing_to_cheques(square: Square) -> None:
    square.municipality_matches(cheques_too=False)
    assert matches.offers(campaign=square.bench, with_cheque=True, now=NOW) == []
    assert len(matches.offers(campaign=square.bench, with_cheque=False, now=NOW)) == 1
