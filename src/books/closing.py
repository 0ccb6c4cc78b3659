"""Closing: a campaign that failed gives everything back, whoever gave it."""

import logging
from datetime import datetime
from functools import partial

from django.db import transaction

from campaigns import operations as campaigns
from campaigns import pledges
from campaigns.models import Campaign, State
from cheques import operations as cheques
from ledger import queries as books
from ledger.chart import Code
from payments import costs, donations
from payments.models import Donation
from payments.tasks import refund

logger = logging.getLogger(__name__)


@transaction.atomic
def close_failed(*, campaign_id: int, now: datetime) -> Campaign:
    """The target is not reached: gifts return to purses, matches to their sponsors, donations to who gave them.

    The payment costs of the donations are the operator's from now on. Raises NotInThatState.
    """
    campaign = campaigns.fail(campaign_id=campaign_id, now=now)
    cheques.take_back_released(campaign_id=campaign_id, now=now)
    pledges.return_matches(campaign_id=campaign_id, now=now)
    if donations.take_back_released(campaign_id=campaign_id, now=now):
        pot_costs = books.balances_by_key(keys=[campaign.key], code=Code.PAYMENT_COSTS)[campaign.key]
        costs.bear(key=f"costs:{campaign.pk}", campaign=campaign, cents_by_fund=pot_costs, now=now)
        waiting = Donation.objects.filter(campaign=campaign, state=Donation.State.REFUNDING)
        for donation_id in waiting.values_list("pk", flat=True):
            transaction.on_commit(partial(refund.delay, donation_id), robust=True)
    return campaign


def close_due(*, now: datetime) -> int:
    """Closes every campaign whose deadline passed below its target, each in a transaction of its own. Gives how many.

    One that cannot be closed is logged as an error and keeps none of the others waiting.
    """
    due = Campaign.objects.filter(state=State.COLLECTING, deadline__lte=now).order_by("deadline")
    closed = 0
    for campaign_id in list(due.values_list("pk", flat=True)):
        try:
            close_failed(campaign_id=campaign_id, now=now)
            closed += 1
        except Exception:
            logger.exception("campaign %s cannot be closed", campaign_id)
    return closed
