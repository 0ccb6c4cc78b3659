"""The life of a campaign: opened, reviewed, given to by payment, told about, and closed where it fails."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from books import closing
from campaigns import operations as campaigns
from campaigns.models import Initiator
from cheques.runs import end_of_day
from common import files
from demo.neighbourhood import payer, photos
from demo.neighbourhood.campaigns.plan import Donation, Fate, News, Plan, Report, Snapshot
from demo.neighbourhood.stage import PLANS, Stage, host_of
from payments import donations, refunds
from payments.models import Donation as DonationMade

# Who speaks for an association signs in under another name than the initiator's.
SPEAKS_FOR = {"kruidenrand": "soraya"}
ASSOCIATION = "Buurtvereniging De Kruidenrand"
PAID_WITHIN = timedelta(minutes=1)


def plan_campaigns(stage: Stage) -> None:
    for plan in PLANS:
        days, agenda = stage.days, stage.agenda
        agenda.plan(days.at(plan.opened, 20, 15), partial(_open, stage, plan))
        if plan.fate >= Fate.SUBMITTED:
            agenda.plan(days.at(plan.opened, 20, 50), partial(_submit, stage, plan))
        if plan.fate >= Fate.REFUSED:
            agenda.plan(days.office(plan.opened - 3, 10, 30), partial(_review, stage, plan))
        for number, donation in enumerate(plan.donations):
            moment = days.at(donation.ago, 10 + number * 4 % 11, donation.ago * 7 % 60)
            agenda.plan(moment, partial(_donate, stage, plan, donation))
        for news in plan.news:
            agenda.plan(days.at(news.ago, 19, news.ago % 60), partial(_tell, stage, plan, news))
        for snapshot in plan.snapshots:
            agenda.plan(days.at(snapshot.ago, 18, 40), partial(_show, stage, plan, snapshot))
        if plan.report is not None:
            agenda.plan(days.at(plan.report.ago, 20, 30), partial(_report, stage, plan, plan.report))
        if plan.fate == Fate.FAILED:
            agenda.plan(days.at(plan.opened - plan.lasts - 1, 0, 10), partial(_close_due, stage))


def initiator_of(stage: Stage, plan: Plan) -> Initiator:
    user = stage.people[SPEAKS_FOR.get(plan.initiator, plan.initiator)]
    if plan.initiator in SPEAKS_FOR:
        return campaigns.introduce(
            user=user, kind=Initiator.Kind.ENTITY, name=ASSOCIATION, registration_number="90000005"
        )
    return campaigns.introduce(user=user, kind=Initiator.Kind.PERSON, name=user.name)


def _open(stage: Stage, plan: Plan, now: datetime) -> None:
    opened = campaigns.open_campaign(
        initiator=initiator_of(stage, plan),
        rules=stage.programmes[host_of(plan)].rules,
        neighbourhood=stage.places[plan.place],
        title=plan.title,
        summary=plan.summary,
        story=plan.story,
        theme=plan.theme,
        lines=plan.lines,
        deadline=end_of_day(stage.days.day(plan.opened - plan.lasts)),
        now=now,
    )
    stage.campaigns[plan.key] = opened.pk


def _submit(stage: Stage, plan: Plan, now: datetime) -> None:
    campaigns.submit(campaign_id=stage.campaigns[plan.key], now=now)


def _review(stage: Stage, plan: Plan, now: datetime) -> None:
    campaign_id, by = stage.campaigns[plan.key], stage.desk(host_of(plan)).reviewer
    if plan.refused:
        campaigns.refuse(campaign_id=campaign_id, by=by, reason=plan.refused, now=now)
    else:
        campaigns.approve(campaign_id=campaign_id, by=by, now=now)


def _donate(stage: Stage, plan: Plan, donation: Donation, now: datetime) -> None:
    # The stand-in lives in the story's time too, or a payment page of months ago would have expired.
    payer.set_clock(now)
    intended = donations.intend(
        campaign=stage.campaign(plan),
        amount_cents=donation.cents,
        name=donation.name,
        message=donation.message,
        email="",
        language="nl",
        now=now,
    )
    donations.payment_page(donation=intended, return_url=settings.SITE_URL, cancel_url=settings.SITE_URL)
    intended.refresh_from_db()
    payer.pay(intended.session_id or "")
    donations.follow_up(donation=intended, now=now + PAID_WITHIN)


def _tell(stage: Stage, plan: Plan, news: News, now: datetime) -> None:
    campaigns.tell(campaign=stage.campaign(plan), title=news.title, text=news.text, now=now)


def _show(stage: Stage, plan: Plan, snapshot: Snapshot, now: datetime) -> None:
    content = files.redrawn_picture(photos.draw(snapshot.scene))
    file = files.store(content=content, name=f"{snapshot.scene}.jpg", mime_type="image/jpeg", now=now)
    campaigns.add_photo(campaign=stage.campaign(plan), file=file, caption=snapshot.caption, now=now)


def _report(stage: Stage, plan: Plan, report: Report, now: datetime) -> None:
    campaigns.report(
        campaign=stage.campaign(plan), text=report.text, people_reached=report.people_reached, now=now
    )


def _close_due(stage: Stage, now: datetime) -> None:
    """What the background worker does otherwise. The refunds are made here, so that they too are dated in the story."""
    payer.set_clock(now)
    closing.close_due(now=now)
    for donation in DonationMade.objects.filter(state=DonationMade.State.REFUNDING):
        refunds.refund(donation=donation, now=now)
