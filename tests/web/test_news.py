"""Who waits hears it: what happened to their money, and what waits for them. Once, however often we look."""

from datetime import date, datetime, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from books import closing
from campaigns.models import Campaign
from cheques import runs
from payments import donations, payees, payment_files, payouts, refunds
from payments.models import Donation
from payments.statements import import_statement
from people.models import Membership, Organisation, OrganisationKind, Role, User
from tests import cast
from tests.cast import NOW, TODAY
from tests.crowd import at_once, gave
from tests.payments.paying import take_in
from tests.post import delivered
from tests.standin import Stripe
from tests.web.initiators.street import Street, paid, reached, receipt, street
from web import news, tasks

MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=NOW.tzinfo)
DAY = timedelta(days=1)


def told(now: datetime = NOW) -> list[EmailMultiAlternatives]:
    """All mails until now, after we looked twice."""
    news.tell(now=now)
    news.tell(now=now)
    return delivered(now=now)


def reminded(now: datetime = MORNING) -> list[EmailMultiAlternatives]:
    news.remind(now=now)
    news.remind(now=now)
    return delivered(now=now)


def about(mails: list[EmailMultiAlternatives], words: str) -> list[EmailMultiAlternatives]:
    return [mail for mail in mails if words in str(mail.subject)]


def body(mail: EmailMultiAlternatives) -> str:
    return str(mail.body).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def at(db: None) -> Street:
    return street()


# What happened


def test_who_reached_the_target_is_asked_for_a_bank_account(at: Street) -> None:
    campaign = reached(at)
    (mail,) = told()
    assert (mail.to, mail.subject) == ([at.here.fatma.email], "Uw doel is gehaald: Winterlichtjes")
    assert "€ 37,50" in body(mail)
    assert "Geef nu uw bankrekening op." in body(mail)
    assert reverse("mine_campaign", args=[campaign.slug]) in body(mail)
    assert "Geef nu uw bankrekening op." in str(mail.alternatives[0][0])


def test_who_gave_the_bank_account_before_hears_that_there_is_nothing_to_do(at: Street) -> None:
    campaign = reached(at)
    payees.give_account(
        initiator=campaign.initiator,
        holder="F. Yildiz",
        iban="NL91ABNA0417164300",
        by=at.here.fatma,
        now=NOW,
    )
    (mail,) = told()
    assert "Geef nu uw bankrekening op." not in body(mail)
    assert "U hoeft nu niets te doen." in body(mail)


def test_a_campaign_that_still_collects_is_no_news(at: Street) -> None:
    cast.campaign(at.here, at.programme)
    assert told() == []


@pytest.mark.django_db
def test_who_did_not_reach_the_target_hears_it_and_who_donated_gets_the_money_back(stripe: Stripe) -> None:
    here = cast.world()
    User.objects.update(language="en")
    campaign = cast.campaign(here, cast.programme(here))
    gift = with_address(stripe.given(campaign, 2_000), "henk@example.nl")
    stripe.given(campaign, 1_000)  # left no address
    assert told() == []
    closing.close_failed(campaign_id=campaign.pk, now=NOW)
    first, second = told()
    assert (first.to, first.subject) == (
        [here.fatma.email],
        "Your target was not reached: Bank op het Irisplein",
    )
    assert (second.to, second.subject) == (
        ["henk@example.nl"],
        "U krijgt € 20,00 terug: Bank op het Irisplein",
    )
    assert reverse("donation", args=[gift.reference]) in body(second)
    refunds.refund(donation=Donation.objects.get(pk=gift.pk), now=NOW)
    assert len(told(NOW + DAY)) == 2


@pytest.mark.django_db
def test_who_paid_too_late_hears_that_the_money_comes_back(stripe: Stripe) -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.programme(here))
    slow = with_address(stripe.pay(campaign, 2_000), "henk@example.nl")
    closing.close_failed(campaign_id=campaign.pk, now=NOW - 40 * DAY)
    assert told() == []
    donations.follow_up(donation=slow, now=NOW)
    (mail,) = told()
    assert mail.to == ["henk@example.nl"]
    assert "geen geld meer aan toen uw betaling binnenkwam" in body(mail)


def with_address(donation: Donation, email: str) -> Donation:
    Donation.objects.filter(pk=donation.pk).update(email=email)
    donation.refresh_from_db()
    return donation


def test_who_was_paid_hears_it_whoever_took_in_the_statement(at: Street) -> None:
    paid(at)
    (mail,) = about(told(), "is betaald")
    assert mail.to == [at.here.fatma.email]


def test_who_is_paid_anew_after_the_bank_sent_it_back_hears_it_again(at: Street) -> None:
    _, payout = paid(at)
    told()
    take_in(cast.line(payout.amount_cents, end_to_end_id=payout.end_to_end_id, return_reason="AC04"))
    payment_files.make_run(execute_on=TODAY, by=at.here.thea, now=NOW)
    assert len(about(told(), "is betaald")) == 1
    later = TODAY + 3 * DAY
    line = cast.line(payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id, on=later)
    import_statement(content=cast.statement(line, on=later), by=None, now=NOW + 3 * DAY)
    assert len(about(told(NOW + 3 * DAY), "is betaald")) == 2


def test_what_happened_long_ago_is_no_news(at: Street) -> None:
    paid(at)
    campaign = cast.campaign(at.here, at.programme)
    closing.close_failed(campaign_id=campaign.pk, now=NOW)
    assert told(NOW + 31 * DAY) == []
    assert len(told(NOW + 29 * DAY)) == 2


def test_two_workers_that_look_at_once_tell_it_once(own_database: str, worker: None) -> None:
    reached(street())
    gave(at_once(*[tasks.tell] * 4))
    assert len(delivered()) == 1


# What waits


def test_receipts_are_asked_for_a_week_before_the_last_day_and_once_when_they_are_too_late(
    at: Street,
) -> None:
    campaign, payout = paid(at)
    last = TODAY + campaign.rules.days_to_account * DAY
    assert (payout.confirmed_on, last) == (TODAY, date(2026, 12, 21))
    assert reminded(NOW + 20 * DAY) == []
    (asked,) = reminded(NOW + 21 * DAY)
    assert (asked.to, asked.subject) == ([at.here.fatma.email], "Lever uw bonnen in: Winterlichtjes")
    assert "Lever voor € 37,50 aan bonnen in, uiterlijk op 21 december 2026." in body(asked)
    assert len(reminded(NOW + 28 * DAY)) == 1  # the last day itself
    late = reminded(NOW + 29 * DAY)[1]
    assert late.subject == "Uw bonnen zijn te laat: Winterlichtjes"
    assert len(reminded(NOW + 60 * DAY)) == 2


def test_who_handed_in_all_receipts_is_not_asked_for_them(at: Street) -> None:
    campaign, _payout = paid(at)
    receipt(at, campaign, 3_750)
    assert reminded(NOW + 29 * DAY) == []


def test_who_may_be_the_second_person_gets_one_mail_a_day_about_all_that_waits(at: Street) -> None:
    here = at.here
    campaign = reached(at)
    with_run(at)
    account(campaign, here.fatma)
    stranger = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Noorderwal", slug="noorderwal"
    )
    cast.person("Nora", stranger, Role.STAFF)

    mails = {mail.to[0]: mail for mail in reminded()}

    # Karin prepared the run; the account is Fatma's.
    assert set(mails) == {here.karin.email, here.youssef.email}
    assert mails[here.youssef.email].subject == "2 zaken wachten op een tweede persoon"
    assert "Uitgifte Uitgifte december" in body(mails[here.youssef.email])
    assert mails[here.karin.email].subject == "1 zaak wacht op een tweede persoon"
    assert "Uitgifte december" not in body(mails[here.karin.email])
    assert reverse("staff_home") in body(mails[here.karin.email])

    # What comes later on the same day waits for tomorrow.
    with_run(at, name="Uitgifte januari")
    assert len(reminded(MORNING + timedelta(hours=8))) == 2
    assert len(reminded(MORNING + DAY)) == 4


def test_who_works_for_two_hosts_gets_one_mail_and_who_left_gets_none(at: Street) -> None:
    here = at.here
    with_run(at)
    other = Organisation.objects.create(kind=OrganisationKind.CORPORATION, name="Andere", slug="andere")
    Membership.objects.create(user=here.youssef, organisation=other, role=Role.STAFF, since=NOW)
    (mail,) = reminded()
    assert mail.to == [here.youssef.email]
    Membership.objects.filter(user=here.youssef).update(until=NOW)
    assert len(reminded(MORNING + DAY)) == 1


def test_a_payout_that_was_proposed_waits_for_somebody_else(at: Street) -> None:
    campaign = reached(at)
    given = account(campaign, at.here.fatma)
    payees.approve_account(account_id=given, by=at.here.karin, now=NOW)
    payouts.propose(campaign_id=campaign.pk, by=at.here.karin, now=NOW)
    User.objects.update(language="en")
    (mail,) = reminded()
    assert mail.to == [at.here.youssef.email]
    assert mail.subject == "1 thing waits for a second person"
    assert "Payout Winterlichtjes" in body(mail)


def with_run(at: Street, name: str = "Uitgifte december") -> None:
    runs.prepare(
        rules=at.programme.rules,
        name=name,
        neighbourhoods=[at.here.bloemenbuurt],
        last_day_to_activate=date(2027, 1, 31),
        made_by=at.here.karin,
        now=NOW,
    )


def account(campaign: Campaign, by: User) -> int:
    return payees.give_account(
        initiator=campaign.initiator, holder="F. Yildiz", iban="NL91ABNA0417164300", by=by, now=NOW
    ).pk
