"""Mails about campaigns and money. Each is sent once: what it tells about, and to whom, is its key in the outbox.

About a decision it is written in the decision's own transaction, by whoever made the call; all else is found by `web.news`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from books import exports
from books.models import Export
from campaigns.models import Campaign, Receipt
from cheques.runs import last_day
from common import mail
from payments import payees
from payments.models import Donation, Payout
from people.models import Organisation, User
from web.auditors.words import EXPORTS
from web.look.formats import clock_time, euro, long_date, whole
from web.staff import overview

if TYPE_CHECKING:
    from ledger.models import Seal


def campaign_approved(campaign: Campaign, *, now: datetime) -> None:
    """To the initiator: neighbours can give from now on."""
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            f"campaign-approved:{campaign.pk}",
            now,
            _("Your initiative is open: %(title)s") % {"title": campaign.title},
            [
                _("Your plan is approved. From now on neighbours can give."),
                _("You collect %(target)s, until %(day)s.")
                % {"target": euro(campaign.target_cents), "day": long_date(last_day(campaign.deadline))},
                _("Give your bank account now. Then we can pay you as soon as your target is reached."),
            ],
        )


def campaign_refused(campaign: Campaign, *, now: datetime) -> None:
    """To the initiator: why not, and how to go on."""
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            f"campaign-refused:{campaign.pk}:{campaign.reviewed_at}",
            now,
            _("Your plan was not approved yet: %(title)s") % {"title": campaign.title},
            [
                _("%(host)s read your plan and cannot approve it like this. They write:")
                % {"host": campaign.host.name},
                campaign.review_reason,
                _("You can change your plan and send it again."),
            ],
        )


def campaign_reached(campaign: Campaign, *, now: datetime) -> None:
    """To the initiator: the target is reached; give your bank account, or wait."""
    with translation.override(campaign.initiator.user.language):
        if payees.newest_account(campaign.initiator_id) is None:
            paragraphs = [
                _("Give your bank account now."),
                _("A second person looks at it. After that we can pay you."),
            ]
        else:
            paragraphs = [
                _("You need to do nothing now."),
                _("Two people of %(host)s prepare the payout.") % {"host": campaign.host.name},
                _("You get a mail when the money was paid."),
            ]
        _to_initiator(
            campaign,
            f"campaign-reached:{campaign.pk}",
            now,
            _("Your target is reached: %(title)s") % {"title": campaign.title},
            [_("%(amount)s is in your pot.") % {"amount": euro(campaign.given_cents)}, *paragraphs],
        )


def campaign_failed(campaign: Campaign, *, now: datetime) -> None:
    """To the initiator: the target was not reached; everybody gets the money back."""
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            f"campaign-failed:{campaign.pk}",
            now,
            _("Your target was not reached: %(title)s") % {"title": campaign.title},
            [
                _("You could collect until %(day)s. %(target)s was needed.")
                % {"day": long_date(last_day(campaign.deadline)), "target": euro(campaign.target_cents)},
                _(
                    "Everybody who gave gets the money back. You may try again with a smaller plan or more time."
                ),
            ],
        )


def donation_returned(donation: Donation, *, now: datetime) -> None:
    """To who gave with own money and left an address: it comes back, and why."""
    with translation.override(donation.language):
        words = {"amount": euro(donation.amount_cents), "title": donation.campaign.title}
        if donation.pledge_id is None:
            why = _("The campaign took no more money when your payment arrived. You get everything back.")
        else:
            why = _("The target was not reached. That is why you get everything back, without costs.")
        _send(
            key=f"donation-returned:{donation.pk}",
            now=now,
            to=donation.email,
            language=donation.language,
            subject=_("You get %(amount)s back: %(title)s") % words,
            paragraphs=[
                _("Hello %(name)s,") % {"name": donation.name} if donation.name else _("Hello,"),
                _("You gave %(amount)s to %(title)s.") % words,
                why,
                _(
                    "You need not do anything. The money comes back to the account that you paid with. "
                    "Your bank may need some days for that."
                ),
            ],
            url=_link("donation", donation.reference),
            action=_("Look at your gift"),
        )


def payout_confirmed(payout: Payout, *, now: datetime) -> None:
    """To the initiator: the money is there; keep the receipts. Again when the bank returned it and it was sent anew."""
    campaign = payout.campaign
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            f"payout-confirmed:{payout.pk}:{payout.confirmed_on}",
            now,
            _("%(amount)s was paid: %(title)s")
            % {"amount": euro(payout.amount_cents), "title": campaign.title},
            [
                _("We paid %(amount)s to %(holder)s, account ending in %(last)s.")
                % {"amount": euro(payout.amount_cents), "holder": payout.holder, "last": payout.iban[-4:]},
                _("Keep every receipt. Take a photo of it and hand it in on your page."),
            ],
        )


def receipts_due(campaign: Campaign, *, to_show_cents: int, last: date, now: datetime) -> None:
    """To the initiator: receipts are due soon. `last`: the last day to hand them in."""
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            f"receipts-due:{campaign.pk}",
            now,
            _("Hand in your receipts: %(title)s") % {"title": campaign.title},
            [
                _("Hand in receipts for %(amount)s, at the latest on %(day)s.")
                % {"amount": euro(to_show_cents), "day": long_date(last)},
                _("Take a photo of each receipt and hand it in on your page."),
                _("Is there money left over? Send it back. Your page says how."),
            ],
        )


def receipts_late(campaign: Campaign, *, to_show_cents: int, last: date, now: datetime) -> None:
    """To the initiator: receipts are too late. `last`: the day that they were due."""
    with translation.override(campaign.initiator.user.language):
        _to_initiator(
            campaign,
            f"receipts-late:{campaign.pk}",
            now,
            _("Your receipts are too late: %(title)s") % {"title": campaign.title},
            [
                _("Hand in receipts for %(amount)s today.") % {"amount": euro(to_show_cents)},
                _("The last day was %(day)s.") % {"day": long_date(last)},
                _("Is there money left over? Send it back. Your page says how."),
                _("Do you need help? Ask %(host)s.") % {"host": campaign.host.name},
            ],
        )


def waits_for_second_person(
    user: User, organisations: Sequence[Organisation], *, today: date, now: datetime
) -> None:
    """To somebody of staff: what others made and waits for a second person. At most once a day, and not about nothing."""
    with translation.override(user.language):
        tasks = [task for one in organisations for task in overview.tasks_for(user, one) if not task.barred]
        if not tasks:
            return
        _send(
            key=f"waits:{user.pk}:{today}",
            now=now,
            to=user.email,
            language=user.language,
            subject=ngettext(
                "%(count)s thing waits for a second person",
                "%(count)s things wait for a second person",
                len(tasks),
            )
            % {"count": len(tasks)},
            paragraphs=[
                _("Hello %(name)s,") % {"name": user},
                _("Look at this and decide. Who made it may not do that alone."),
                "\n".join(task.title for task in tasks),
            ],
            url=_link("staff_home"),
            action=_("See what waits for you"),
        )


def newest_head(user: User, seal: "Seal", *, now: datetime) -> None:
    """To an auditor: a head to keep, outside our reach."""
    head = bytes(seal.head).hex()
    with translation.override(user.language):
        words = {
            "operator": settings.OPERATOR_NAME,
            "number": whole(seal.number),
            "count": whole(seal.entries),
            "day": long_date(seal.sealed_at),
            "time": clock_time(seal.sealed_at),
        }
        _send(
            key=f"head:{user.pk}:{seal.number}",
            now=now,
            to=user.email,
            language=user.language,
            subject=_("Seal %(number)s on the books of %(operator)s") % words,
            paragraphs=[
                _("Hello %(name)s,") % {"name": user},
                _("Seal %(number)s of %(day)s, %(time)s, was the newest at the end of that day. Its head:")
                % words,
                head,
                ngettext(
                    "%(count)s entry is in it. The head stands for all entries before it too.",
                    "%(count)s entries are in it. The head stands for all entries before them too.",
                    seal.entries,
                )
                % words,
                _("Keep this mail. With this head you see later whether the books of that day were changed."),
                _("Check it on the page of seals, or with a journal that you downloaded:"),
                f"python verify_books.py journal.jsonl --expect-head {head}",
            ],
            url=_link("seal", seal.number),
            action=_("Look at this seal"),
        )


def receipt_decided(receipt: Receipt, *, now: datetime) -> None:
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
        _to_initiator(campaign, f"receipt-decided:{receipt.pk}", now, subject, paragraphs)


def _to_initiator(
    campaign: Campaign, key: str, now: datetime, subject: str, paragraphs: Sequence[str]
) -> None:
    user = campaign.initiator.user
    _send(
        key=key,
        now=now,
        to=user.email,
        language=user.language,
        subject=subject,
        paragraphs=[_("Hello %(name)s,") % {"name": user.name or campaign.initiator.name}, *paragraphs],
        url=_link("mine_campaign", campaign.slug),
        action=_("Go to your initiative"),
    )


def export_ready(export: Export, *, now: datetime) -> None:
    """To who asked for a file that took a while."""
    with translation.override(export.language):
        name = EXPORTS[export.kind]
        _send(
            key=f"export-ready:{export.pk}",
            now=now,
            to=export.user.email,
            language=export.language,
            subject=_("Your file is ready: %(file)s") % {"file": name},
            paragraphs=[
                _("The file that you asked for is ready: %(file)s.") % {"file": name},
                _("It is for you alone. It stays for %(days)s days.") % {"days": exports.KEPT.days},
            ],
            url=_link("auditor_exports"),
            action=_("Go to your files"),
        )


def _link(name: str, *arguments: object) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=arguments)}"


def _send(
    *,
    key: str,
    now: datetime,
    to: str,
    language: str,
    subject: str,
    paragraphs: Sequence[str],
    url: str,
    action: str,
) -> None:
    mail.send(
        key=key,
        now=now,
        to=to,
        subject=subject,
        template="mail/letter",
        context={"paragraphs": paragraphs, "url": url, "action": action},
        language=language,
    )
