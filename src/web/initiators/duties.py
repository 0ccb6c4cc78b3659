"""What an initiator still has to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, State
from web.initiators.facts import Facts, account_by
from web.look.formats import euro, long_date

QUIET = timedelta(days=21)
"""After so long without news, neighbours wonder."""


@dataclass(frozen=True)
class Duty:
    """One thing that the initiator still has to do. `url`: where."""

    campaign: Campaign
    icon: str
    title: str
    text: str
    url: str


def duties(campaigns: Sequence[Campaign], facts: Mapping[int, Facts], now: datetime) -> list[Duty]:
    """Of all these campaigns, the most pressing first. `facts`: by campaign id."""
    found = [
        duty(campaign, facts[campaign.pk], now)
        for duty in (_refused, _account, _receipts, _report, _draft, _news)
        for campaign in campaigns
    ]
    return [duty for duty in found if duty is not None]


def _refused(campaign: Campaign, facts: Facts, now: datetime) -> Duty | None:
    if campaign.state != State.REFUSED:
        return None
    title = _("Read why your plan was not approved")
    url = reverse("mine_campaign", args=[campaign.slug])
    return Duty(campaign, "pencil", title, _("Change it and send it again."), url)


def _draft(campaign: Campaign, facts: Facts, now: datetime) -> Duty | None:
    if campaign.state != State.DRAFT:
        return None
    text = _("Only you see it now. Check it and send it.")
    url = reverse("submit_campaign", args=[campaign.slug])
    return Duty(campaign, "pencil", _("Send your plan"), text, url)


def _account(campaign: Campaign, facts: Facts, now: datetime) -> Duty | None:
    if campaign.state not in (State.COLLECTING, State.REACHED) or facts.account is not None:
        return None
    text = _("Without it we cannot pay you. Do it now: a second person checks it first.")
    url = reverse("give_account", args=[campaign.slug])
    return Duty(campaign, "bank", _("Give your bank account"), text, url)


def _receipts(campaign: Campaign, facts: Facts, now: datetime) -> Duty | None:
    if campaign.state != State.PAID or not facts.to_show_cents:
        return None
    day = account_by(campaign, facts.payout)
    text = ""
    if day:
        late = timezone.localdate(now) > day
        text = _("You are late: this was due on %(day)s.") if late else _("At the latest on %(day)s.")
        text %= {"day": long_date(day)}
    if facts.refused_receipts:
        again = ngettext(
            "%(count)s receipt was not approved.",
            "%(count)s receipts were not approved.",
            facts.refused_receipts,
        )
        text = f"{again % {'count': facts.refused_receipts}} {text}".strip()
    title = _("Hand in receipts for %(amount)s") % {"amount": euro(facts.to_show_cents)}
    return Duty(campaign, "camera", title, text, reverse("hand_in_receipt", args=[campaign.slug]))


def _report(campaign: Campaign, facts: Facts, now: datetime) -> Duty | None:
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
