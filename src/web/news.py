"""What people must hear and no request tells them: found by the state it is in, whoever brought it there."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import F, Model, Q
from django.utils import timezone

from books.models import Export
from campaigns.models import Campaign, State
from ledger import heads
from payments.models import Donation, Payout
from people.models import Membership, Role, User
from web import mails
from web.initiators.facts import account_by, facts_of

logger = logging.getLogger(__name__)

STAYS_NEWS = timedelta(days=30)
WAITED_FOR = timedelta(minutes=1)  # who asked for a file that took longer looks at something else by then
REMINDED_BEFORE = timedelta(days=7)


def tell(*, now: datetime) -> None:
    """Mails about what happened to the money. Again: nothing twice."""
    since = now - STAYS_NEWS
    for mail, about in _news(since):
        try:
            mail(about, now=now)
        except Exception:  # one that cannot be told must not keep the others from being told
            logger.exception("no mail about %s %s", about._meta.label, about.pk)


def _news(since: datetime) -> Iterator[tuple[Callable[..., None], Model]]:
    """What to mail, about what."""
    campaigns = Campaign.objects.select_related("initiator__user", "rules__programme__organisation")
    for campaign in campaigns.filter(state=State.REACHED):
        yield mails.campaign_reached, campaign
    for campaign in campaigns.filter(state=State.FAILED, closed_at__gte=since):
        yield mails.campaign_failed, campaign
    for donation in _returned(since):
        yield mails.donation_returned, donation
    paid = Payout.objects.filter(state=Payout.State.CONFIRMED, confirmed_on__gte=timezone.localdate(since))
    for payout in paid.select_related("campaign__initiator__user"):
        yield mails.payout_confirmed, payout

    slow = Export.objects.filter(state=Export.State.READY, ended_at__gt=F("asked_at") + WAITED_FOR)
    for export in slow.select_related("user"):
        yield mails.export_ready, export


def _returned(since: datetime) -> list[Donation]:
    """Donations that are given back, of people who left their address."""
    back = Donation.objects.filter(state__in=[Donation.State.REFUNDING, Donation.State.REFUNDED])
    back = back.filter(Q(campaign__closed_at__gte=since) | Q(settled_at__gte=since)).exclude(email="")
    return list(back.select_related("campaign"))


def remind(*, now: datetime) -> None:
    """Mails about what waits for somebody. Again: nothing twice."""
    _remind_of_receipts(now)
    today = timezone.localdate(now)
    staff = Membership.objects.current(now).filter(role=Role.STAFF, user__is_active=True)
    held = staff.select_related("user", "organisation").order_by("user_id", "organisation_id")
    for user, memberships in groupby(held, key=lambda membership: membership.user):
        organisations = [membership.organisation for membership in memberships]
        mails.waits_for_second_person(user, organisations, today=today, now=now)


def _remind_of_receipts(now: datetime) -> None:
    """Once in the week before the last day, and once after it."""
    today = timezone.localdate(now)
    paid = list(
        Campaign.objects.filter(state=State.PAID).select_related(
            "initiator__user", "rules__programme__organisation"
        )
    )
    facts = facts_of(paid)
    for campaign in paid:
        to_show_cents = facts[campaign.pk].to_show_cents
        last = account_by(campaign, facts[campaign.pk].payout)
        if last is None or not to_show_cents:
            continue
        if today > last:
            mails.receipts_late(campaign, to_show_cents=to_show_cents, last=last, now=now)
        elif today >= last - REMINDED_BEFORE:
            mails.receipts_due(campaign, to_show_cents=to_show_cents, last=last, now=now)


def mail_heads(*, now: datetime) -> None:
    """Mails every auditor the newest head of the day before, if they did not get it yet. Again: nothing twice.

    Which head that is, is fixed for the day: so there is one mail a day, and none when nothing was sealed since the last.
    """
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    seal = heads.newest(before=midnight)
    if seal is None:
        return
    current = Membership.objects.current(now).filter(role=Role.AUDITOR)
    for auditor in User.objects.filter(pk__in=current.values("user"), is_active=True).order_by("pk"):
        mails.newest_head(auditor, seal, now=now)
