"""What is known about a campaign besides its own row, for many campaigns at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum

from campaigns.models import Campaign, FinalReport, Receipt, Update
from ledger import queries as books
from ledger.chart import Code
from payments.models import PayeeAccount, Payout


@dataclass(frozen=True)
class Facts:
    """What is known about a campaign besides its own row. In cents; `None` where there is nothing yet."""

    account: PayeeAccount | None
    payout: Payout | None
    unaccounted_cents: int
    waiting_cents: int
    refused_receipts: int
    last_news_at: datetime | None
    has_report: bool

    @property
    def to_show_cents(self) -> int:
        """Paid out, without a receipt that was approved or waits for approval."""
        return max(self.unaccounted_cents - self.waiting_cents, 0)


def facts_of(campaigns: Sequence[Campaign]) -> dict[int, Facts]:
    """Campaign id -> its facts. Six queries, however many campaigns there are."""
    ids = [campaign.pk for campaign in campaigns]
    newest = (
        PayeeAccount.objects.filter(initiator=OuterRef("initiator"))
        .order_by("-made_at", "-pk")
        .values("pk")[:1]
    )
    accounts = {
        account.initiator_id: account
        for account in PayeeAccount.objects.filter(
            initiator__in={campaign.initiator_id for campaign in campaigns}, pk=Subquery(newest)
        )
    }
    payouts = {
        payout.campaign_id: payout
        for payout in Payout.objects.filter(campaign__in=ids)
        .exclude(state__in=Payout.CALLED_OFF)
        .order_by("pk")
    }
    unaccounted = books.balances_by_key(keys=[campaign.key for campaign in campaigns], code=Code.UNACCOUNTED)
    waiting = Q(state=Receipt.State.SUBMITTED)
    receipts = {
        row["campaign"]: (row["waiting_cents"], row["refused"])
        for row in Receipt.objects.filter(campaign__in=ids)
        .values("campaign")
        .annotate(
            waiting_cents=Sum("amount_cents", filter=waiting, default=0),
            refused=Count("pk", filter=Q(state=Receipt.State.REFUSED)),
        )
    }
    news = dict(
        Update.objects.filter(campaign__in=ids).values_list("campaign").annotate(last=Max("published_at"))
    )
    reported = set(FinalReport.objects.filter(campaign__in=ids).values_list("campaign_id", flat=True))
    return {
        campaign.pk: Facts(
            account=accounts.get(campaign.initiator_id),
            payout=payouts.get(campaign.pk),
            unaccounted_cents=sum(unaccounted[campaign.key].values()),
            waiting_cents=receipts.get(campaign.pk, (0, 0))[0],
            refused_receipts=receipts.get(campaign.pk, (0, 0))[1],
            last_news_at=news.get(campaign.pk),
            has_report=campaign.pk in reported,
        )
        for campaign in campaigns
    }


def facts_about(campaign: Campaign) -> Facts:
    return facts_of([campaign])[campaign.pk]


def account_by(campaign: Campaign, payout: Payout | None) -> date | None:
    """The last day for receipts and the report, once the money was paid."""
    if payout is None or payout.confirmed_on is None:
        return None
    return payout.confirmed_on + timedelta(days=campaign.rules.days_to_account)
