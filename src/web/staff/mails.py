"""E-mail to initiators about what staff decided."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Receipt
from cheques.runs import last_day
from common import mail


def campaign_approved(campaign: Campaign) -> None:
    _send(campaign, "campaign_approved", {"deadline": last_day(campaign.deadline)})


def campaign_refused(campaign: Campaign) -> None:
    _send(campaign, "campaign_refused", {"reason": campaign.review_reason})


def receipt_refused(receipt: Receipt) -> None:
    _send(receipt.campaign, "receipt_refused", {"receipt": receipt, "reason": receipt.reason})


def _send(campaign: Campaign, template: str, more: dict[str, Any]) -> None:
    user = campaign.initiator.user
    with translation.override(user.language):
        subject = _subject(template) % {"title": campaign.title}
        url = settings.SITE_URL + reverse("mine_campaign", args=[campaign.slug])
    mail.send(
        to=user.email,
        subject=subject,
        template=f"web/staff/mail/{template}",
        context={"campaign": campaign, "name": campaign.initiator.name, "url": url, **more},
        language=user.language,
    )


def _subject(template: str) -> str:
    subjects = {
        "campaign_approved": _("Your campaign is approved: %(title)s"),
        "campaign_refused": _("Your campaign needs a change: %(title)s"),
        "receipt_refused": _("We have a question about a receipt: %(title)s"),
    }
    return subjects[template]
