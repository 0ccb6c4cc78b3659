"""Payment costs that no pot can bear: the operator's, by a settlement over the bank."""

from collections.abc import Mapping
from datetime import datetime

from campaigns.models import Campaign
from ledger import operations as ledger
from ledger.chart import Code, FundKind
from people.models import Organisation


def bear(*, key: str, campaign: Campaign, cents_by_fund: Mapping[int, int], now: datetime) -> None:
    """The operator's fund pays what the provider kept of gifts that go back. `cents_by_fund`: fund id -> cents, >= 0."""
    operator = Organisation.objects.get(is_operator=True)
    own = ledger.fund_of(organisation=operator, kind=FundKind.OPERATOR, name=operator.name, now=now).pk
    moves: list[ledger.Move] = []
    for fund_id, cents in cents_by_fund.items():
        if cents == 0:
            continue
        costs = ledger.account(fund_id=own, code=Code.OPERATOR_COSTS)
        pot_costs = ledger.account(fund_id=fund_id, code=Code.PAYMENT_COSTS, key=campaign.key)
        moves += [
            ledger.Move(costs, ledger.account(fund_id=own, code=Code.BANK), cents),
            ledger.Move(ledger.account(fund_id=fund_id, code=Code.BANK), pot_costs, cents),
        ]
    if moves:
        ledger.post(key=key, kind="costs borne", source=campaign.key, moves=moves, now=now)
