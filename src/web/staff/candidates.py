"""Campaigns whose pot can be paid out, and what stands in the way; for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from campaigns.models import Campaign, State
from ledger import queries as books
from ledger.chart import Code
from payments import payouts
from payments.models import PayeeAccount, Payout
from people.models import Organisation


@dataclass(frozen=True)
class Candidate:
    """A campaign that reached its target. `account`: the newest that its initiator gave."""

    campaign: Campaign
    payable_cents: int
    account: PayeeAccount | None
    short_cents: int  # not on the bank yet: Stripe still holds it

    @property
    def ready(self) -> bool:
        return self.payable_cents > 0 and self.account is not None and self.account.approved_by_id is not None


def campaigns_to_pay(organisation: Organisation) -> QuerySet[Campaign]:
    """Reached, and no payout under way."""
    under_way = Payout.objects.exclude(state__in=Payout.CALLED_OFF).values("campaign_id")
    return (
        Campaign.objects.filter(rules__programme__organisation=organisation, state=State.REACHED)
        .exclude(pk__in=under_way)
        .select_related("initiator", "neighbourhood")
        .order_by("pk")
    )


def candidates(campaigns: Sequence[Campaign]) -> list[Candidate]:
    """In a fixed number of queries."""
    parts = payouts.payable(campaigns)
    cash = _cash({part.fund_id for of_campaign in parts.values() for part in of_campaign})
    accounts = _accounts(campaigns)
    return [
        Candidate(
            campaign=campaign,
            payable_cents=sum(part.amount_cents for part in parts[campaign.key]),
            account=accounts.get(campaign.initiator_id),
            short_cents=sum(
                max(part.amount_cents - cash.get(part.fund_id, 0), 0) for part in parts[campaign.key]
            ),
        )
        for campaign in campaigns
    ]


def _cash(fund_ids: set[int]) -> dict[int, int]:
    """Fund id -> cents on the bank that no payout is waiting for."""
    banks = dict(
        books.accounts_of(fund_ids=fund_ids).filter(kind_id=int(Code.BANK)).values_list("pk", "fund_id")
    )
    balances = books.balances(list(banks))
    on_their_way = dict(
        books.accounts_of(fund_ids=fund_ids)
        .filter(kind_id=int(Code.PAYOUTS))
        .order_by("fund_id")
        .values_list("fund_id")
        .annotate(cents=Sum("balance_cents"))
    )
    return {fund_id: balances[pk] - on_their_way.get(fund_id, 0) for pk, fund_id in banks.items()}


def _accounts(campaigns: Sequence[Campaign]) -> dict[int, PayeeAccount]:
    """Initiator id -> their newest account."""
    newest = (
        PayeeAccount.objects.filter(initiator_id__in={campaign.initiator_id for campaign in campaigns})
        .order_by("initiator_id", "-made_at", "-pk")
        .distinct("initiator_id")
    )
    return {account.initiator_id: account for account in newest}
