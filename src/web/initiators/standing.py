"""How a campaign stands for its initiator: what happens now, how long that takes, and what there is to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, FinalReport, Receipt, State, Update
from cheques.runs import last_day
from ledger import queries as books
from ledger.chart import Code
from payments.models import PayeeAccount, Payout
from web.look.formats import euro, long_date

QUIET = timedelta(days=21)
"""After so long without news, neighbours wonder."""


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
        .exclude(state=Payout.State.REFUSED)
        .order_by("pk")
    }
    unaccounted = books.balances_by_key(keys=[campaign.key for campaign in campaigns], code=Code.UNACCOUNTED)
    waiting = Q(state=Receipt.State.SUBMITTED)
    receipts = {
        row["campaign"]: row
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
            waiting_cents=receipts.get(campaign.pk, {}).get("waiting_cents", 0),
            refused_receipts=receipts.get(campaign.pk, {}).get("refused", 0),
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


@dataclass(frozen=True)
class Duty:
    """One thing that the initiator still has to do. `url`: where."""

    campaign: Campaign
    icon: str
    title: str
    text: str
    url: str


def duties(campaign: Campaign, facts: Facts, now: datetime) -> list[Duty]:
    """The most pressing first."""
    found = [
        _plan(campaign),
        _account(campaign, facts),
        _receipts(campaign, facts),
        _report(campaign, facts),
        _news(campaign, facts, now),
    ]
    return [duty for duty in found if duty is not None]


def _plan(campaign: Campaign) -> Duty | None:
    if campaign.state == State.REFUSED:
        url = reverse("mine_campaign", args=[campaign.slug])
        return Duty(
            campaign,
            "pencil",
            _("Read why your plan was not approved"),
            _("Change it and send it again."),
            url,
        )
    if campaign.state == State.DRAFT:
        url = reverse("submit_campaign", args=[campaign.slug])
        return Duty(
            campaign, "pencil", _("Send your plan"), _("Only you see it now. Check it and send it."), url
        )
    return None


def _account(campaign: Campaign, facts: Facts) -> Duty | None:
    if campaign.state not in (State.COLLECTING, State.REACHED) or facts.account is not None:
        return None
    text = _("Without it we cannot pay you. Do it now: a second person checks it first.")
    url = reverse("give_account", args=[campaign.slug])
    return Duty(campaign, "bank", _("Give your bank account"), text, url)


def _receipts(campaign: Campaign, facts: Facts) -> Duty | None:
    if campaign.state != State.PAID or not facts.to_show_cents:
        return None
    day = account_by(campaign, facts.payout)
    text = _("At the latest on %(day)s.") % {"day": long_date(day)} if day else ""
    if facts.refused_receipts:
        again = ngettext(
            "%(count)s receipt was not approved.",
            "%(count)s receipts were not approved.",
            facts.refused_receipts,
        )
        text = f"{again % {'count': facts.refused_receipts}} {text}".strip()
    title = _("Hand in receipts for %(amount)s") % {"amount": euro(facts.to_show_cents)}
    return Duty(campaign, "camera", title, text, reverse("hand_in_receipt", args=[campaign.slug]))


def _report(campaign: Campaign, facts: Facts) -> Duty | None:
    if campaign.state not in (State.PAID, State.DONE) or facts.has_report:
        return None
    url = reverse("write_report", args=[campaign.slug])
    return Duty(campaign, "flag", _("Tell how it went"), _("A few sentences are enough."), url)


def _news(campaign: Campaign, facts: Facts, now: datetime) -> Duty | None:
    if campaign.state not in (State.COLLECTING, State.REACHED):
        return None
    since = facts.last_news_at or campaign.reviewed_at or campaign.made_at
    if now - since < QUIET:
        return None
    text = _("The last time was on %(day)s.") % {"day": long_date(since)} if facts.last_news_at else ""
    url = reverse("tell_news", args=[campaign.slug])
    return Duty(campaign, "heart", _("Tell your neighbours how it goes"), text, url)


@dataclass(frozen=True)
class Standing:
    """What happens now. `tone` as of a notice."""

    tone: str
    title: str
    text: str


def standing(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    """In the initiator's words: what is going on, since when, and who has to move."""
    told = {
        State.DRAFT: _draft,
        State.SUBMITTED: _submitted,
        State.REFUSED: _refused,
        State.COLLECTING: _collecting,
        State.REACHED: _reached,
        State.PAID: _paid,
        State.DONE: _done,
        State.FAILED: _failed,
    }
    return told[State(campaign.state)](campaign, facts, now)


def since(moment: datetime, now: datetime) -> str:
    """`today`, `since yesterday`, `12 days now`."""
    days = (timezone.localdate(now) - timezone.localdate(moment)).days
    if days < 1:
        return _("since today")
    return ngettext("for %(count)s day now", "for %(count)s days now", days) % {"count": days}


def _draft(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    return Standing("info", _("Your plan is not sent yet"), _("Only you can see it. Check it and send it."))


def _submitted(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    sent = campaign.submitted_at or campaign.made_at
    text = _("%(host)s has it since %(day)s, so %(long)s. You get a mail. You need to do nothing.")
    words = {"host": campaign.host.name, "day": long_date(sent), "long": since(sent, now)}
    return Standing("wait", _("Your plan is being read"), text % words)


def _refused(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    return Standing("bad", _("Your plan was not approved yet"), campaign.review_reason)


def _collecting(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    day = long_date(last_day(campaign.deadline))
    if now >= campaign.deadline:
        return Standing(
            "wait",
            _("The time is over"),
            _("Collecting ended on %(day)s. We are closing the pot.") % {"day": day},
        )
    text = _("Neighbours can give until %(day)s. Tell people about it: hang up a note, knock on a door.")
    title = _("%(amount)s to go") % {"amount": euro(campaign.room_cents)}
    return Standing("info", title, text % {"day": day})


def _reached(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    title = _("Your target is reached")
    if facts.account is None:
        return Standing("wait", title, _("We can pay you as soon as we have your bank account."))
    if facts.account.approved_at is None:
        text = _("A second person looks at your bank account, %(long)s. After that we pay you.")
        return Standing("wait", title, text % {"long": since(facts.account.made_at, now)})
    if facts.payout is None:
        return Standing(
            "ok", title, _("Two people of %(host)s prepare the payout.") % {"host": campaign.host.name}
        )
    texts = {
        Payout.State.PROPOSED: _("Your payout is ready, %(long)s. A second person has to agree."),
        Payout.State.APPROVED: _(
            "Your payout is approved, %(long)s. It goes to the bank with the next file."
        ),
        Payout.State.SENT: _("Your money is on its way to your account."),
    }
    moment = facts.payout.approved_at or facts.payout.made_at
    text = texts.get(Payout.State(facts.payout.state), "")
    return Standing("ok", title, text % {"long": since(moment, now)} if text else "")


def _paid(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    day = account_by(campaign, facts.payout)
    title = _("You have the money")
    if facts.payout is not None and facts.payout.confirmed_on is not None:
        title = _("%(amount)s was paid on %(day)s") % {
            "amount": euro(facts.payout.amount_cents),
            "day": long_date(facts.payout.confirmed_on),
        }
    if not facts.to_show_cents:
        return Standing(
            "wait",
            title,
            _("You handed in receipts for all of it. %(host)s looks at them.") % {"host": campaign.host.name},
        )
    text = _("Carry out your plan and keep your receipts. Hand them in here before %(day)s.")
    return Standing("info", title, text % {"day": long_date(day)} if day else "")


def _done(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    return Standing(
        "ok", _("Every euro is accounted for"), _("Thank you. Everybody can see what the money went to.")
    )


def _failed(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    text = _("Everybody who gave gets the money back. You may try again with a smaller plan or more time.")
    return Standing("bad", _("The target was not reached"), text)
