"""Mails about campaigns and money. Called after the domain call, by whoever made it; nothing is sent twice by itself."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Receipt
from cheques.runs import last_day
from common import mail
from payments.models import Payout
from web.look.formats import euro, long_date


def campaign_approved(campaign: Campaign) -> None:
    """To the initiator: neighbours can give from now on."""
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            _("Your initiative is open: %(title)s") % {"title": campaign.title},
            [
                _("Your plan is approved. From now on neighbours can give."),
                _("You collect %(target)s, until %(day)s.")
                % {"target": euro(campaign.target_cents), "day": long_date(last_day(campaign.deadline))},
                _("Give your bank account now. Then we can pay you as soon as your target is reached."),
            ],
        )


def campaign_refused(campaign: Campaign) -> None:
    """To the initiator: why not, and how to go on."""
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            _("Your plan was not approved yet: %(title)s") % {"title": campaign.title},
            [
                _("%(host)s read your plan and cannot approve it like this. They write:")
                % {"host": campaign.host.name},
                campaign.review_reason,
                _("You can change your plan and send it again."),
            ],
        )


def payout_confirmed(payout: Payout) -> None:
    """To the initiator: the money is there; keep the receipts."""
    campaign = payout.campaign
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            _("%(amount)s was paid: %(title)s")
            % {"amount": euro(payout.amount_cents), "title": campaign.title},
            [
                _("We paid %(amount)s to %(holder)s, account ending in %(last)s.")
                % {"amount": euro(payout.amount_cents), "holder": payout.holder, "last": payout.iban[-4:]},
                _("Keep every receipt. Take a photo of it and hand it in on your page."),
            ],
        )


def receipt_decided(receipt: Receipt) -> None:
    """To the initiator: approved, or not and why."""
    campaign = receipt.campaign
    words = {"supplier": receipt.supplier, "amount": euro(receipt.amount_cents)}
    with translation.override(campaign.initiator.user.language):
        if receipt.state == Receipt.State.APPROVED:
            subject = _("Your receipt of %(supplier)s is approved") % words
            paragraphs = [_("The receipt of %(supplier)s for %(amount)s is approved. Thank you.") % words]
        else:
            subject = _("Your receipt of %(supplier)s is not approved") % words
            paragraphs = [
                _("The receipt of %(supplier)s for %(amount)s is not approved. The reason:") % words,
                receipt.reason,
                _("Hand in another receipt, or send the money back."),
            ]
        _to_initiator(campaign, subject, paragraphs)


def _to_initiator(campaign: Campaign, subject: str, paragraphs: Sequence[str]) -> None:
    user = campaign.initiator.user
    _send(
        to=user.email,
        language=user.language,
        subject=subject,
        paragraphs=[_("Hello %(name)s,") % {"name": user.name or campaign.initiator.name}, *paragraphs],
        url=_link("mine_campaign", campaign.slug),
        action=_("Go to your initiative"),
    )


def _link(name: str, argument: str) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=[argument])}"


def _send(*, to: str, language: str, subject: str, paragraphs: Sequence[str], url: str, action: str) -> None:
    mail.send(
        to=to,
        subject=subject,
        template="mail/letter",
        context={"paragraphs": paragraphs, "url": url, "action": action},
        language=language,
    )
