"""The mails that tell people what became of their campaign, receipt and gift."""

import pytest
from django.conf import settings as site
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from campaigns import operations, receipts
from people.models import User
from tests import cast
from tests.cast import NOW
from tests.post import delivered
from tests.web.initiators.street import draft, paid, receipt, street
from web import mails


def letter() -> EmailMultiAlternatives:
    [only] = delivered(now=NOW)
    return only


def html() -> str:
    return str(letter().alternatives[0][0])


@pytest.mark.django_db
def test_an_approval_leads_to_the_campaign_in_text_and_in_html() -> None:
    here = cast.world()
    User.objects.update(language="en")
    campaign = cast.campaign(here, cast.programme(here))
    mails.campaign_approved(campaign, now=NOW)
    address = f"{site.SITE_URL}{reverse('mine_campaign', args=[campaign.slug])}"
    assert letter().to == [here.fatma.email]
    assert letter().subject == "Your initiative is open: Bank op het Irisplein"
    assert address in str(letter().body)
    assert f'href="{address}"' in html()
    assert "€100.00" in str(letter().body)


@pytest.mark.django_db
def test_a_mail_is_in_the_language_of_its_reader() -> None:
    here = cast.world()
    mails.campaign_approved(cast.campaign(here, cast.programme(here)), now=NOW)
    assert letter().subject == "Uw initiatief is open: Bank op het Irisplein"
    assert '<html lang="nl">' in html()


@pytest.mark.django_db
def test_a_refusal_gives_the_reason_and_html_in_it_stays_text() -> None:
    at = street()
    campaign = draft(at)
    operations.submit(campaign_id=campaign.pk, now=NOW)
    refused = operations.refuse(
        campaign_id=campaign.pk, by=at.here.bea, reason="Costs < use & <b>less</b>", now=NOW
    )
    mails.campaign_refused(refused, now=NOW)
    assert "Costs < use & <b>less</b>" in str(letter().body)
    assert "<b>less</b>" not in html()
    assert "&lt;b&gt;less" in html()


@pytest.mark.django_db
def test_a_payout_names_the_account_by_its_last_digits_only() -> None:
    at = street()
    _campaign, payout = paid(at)
    mails.payout_confirmed(payout, now=NOW)
    assert "4300" in str(letter().body)
    assert "NL91ABNA0417164300" not in str(letter().body) + html()


@pytest.mark.django_db
@pytest.mark.parametrize("approved", [True, False])
def test_a_receipt_is_approved_or_refused_with_the_reason(approved: bool) -> None:
    at = street()
    campaign, _payout = paid(at)
    handed_in = receipt(at, campaign, 1_000)
    if approved:
        decided = receipts.approve(receipt_id=handed_in.pk, by=at.here.karin, now=NOW)
    else:
        decided = receipts.refuse(receipt_id=handed_in.pk, by=at.here.karin, reason="Not readable.", now=NOW)
    mails.receipt_decided(decided, now=NOW)
    assert ("Not readable." in str(letter().body)) is not approved
