"""Closing: a campaign that failed gives everything back, whoever gave it."""

from datetime import datetime
from functools import partial

from django.db import transaction

from campaigns import operations as campaigns
from campaigns.models import Campaign, State
from cheques import operations as cheques
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import donations
from payments.models import Donation
from payments.tasks import refund
from people.models import Organisation


@transaction.atomic
def close_failed(*, campaign_id: int, now: datetime) -> Campaign:
    """The target is not reached: gifts return to purses, matches to their sponsors, donations to who gave them.

    The payment costs of the donations are the operator's from now on. Raises NotInThatState.
    """
    campaign = campaigns.fail(campaign_id=campaign_id, now=now)
    cheques.take_back_released(campaign_id=campaign_id, now=now)
    campaigns.return_matches(campaign_id=campaign_id, now=now)
    if donations.take_back_released(campaign_id=campaign_id, now=now):
        _bear_costs(campaign, now)
        waiting = Donation.objects.filter(campaign=campaign, state=Donation.State.REFUNDING)
        for donation_id in waiting.values_list("pk", flat=True):
            transaction.on_commit(partial(refund.delay, donation_id))
    return campaign


def _bear_costs(campaign: Campaign, now: datetime) -> None:
    """A settlement: the operator's fund pays the provider's fee of a campaign that failed, over the bank."""
    costs = books.balances_by_key(keys=[campaign.key], code=Code.PAYMENT_COSTS)[campaign.key]
    operator = Organisation.objects.get(is_operator=True)
    own = ledger.fund_of(organisation=operator, kind=FundKind.OPERATOR, name=operator.name, now=now).pk
    moves: list[ledger.Move] = []
    for fund_id, cents in costs.items():
        if cents <= 0:
            continue
        moves += [
            ledger.Move(
                ledger.account(fund_id=own, code=Code.OPERATOR_COSTS), ledger.account(fund_id=own, code=Code.BANK), cents
            ),
            ledger.Move(
                ledger.account(fund_id=fund_id, code=Code.BANK),
                ledger.account(fund_id=fund_id, code=Code.PAYMENT_COSTS, key=campaign.key),
                cents,
            ),
        ]
    if moves:
        ledger.post(key=f"costs:{campaign.pk}", kind="costs borne", source=campaign.key, moves=moves, now=now)


def close_due(*, now: datetime) -> int:
    """Closes every campaign whose deadline passed below its target, each in a transaction of its own. Gives how many."""
    due = Campaign.objects.filter(state=State.COLLECTING, deadline__lte=now).order_by("deadline")
    ids = list(due.values_list("pk", flat=True))
    for campaign_id in ids:
        close_failed(campaign_id=campaign_id, now=now)
    return len(ids)
