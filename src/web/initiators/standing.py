"""How a campaign stands for its initiator: what happens now, how long that takes, and who has to move."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, State
from cheques.runs import last_day
from payments.models import Payout
from web.initiators.facts import Facts, account_by
from web.look.formats import euro, long_date


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
        text = _("You handed in receipts for all of it. %(host)s looks at them.")
        return Standing("wait", title, text % {"host": campaign.host.name})
    if day and timezone.localdate(now) > day:
        return Standing("wait", title, _("Your receipts are late. Hand them in now, or send the money back."))
    text = _("Carry out your plan and keep your receipts. Hand them in here, at the latest on %(day)s.")
    return Standing("info", title, text % {"day": long_date(day)} if day else "")


def _done(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    return Standing(
        "ok", _("Every euro is accounted for"), _("Thank you. Everybody can see what the money went to.")
    )


def _failed(campaign: Campaign, facts: Facts, now: datetime) -> Standing:
    text = _("Everybody who gave gets the money back. You may try again with a smaller plan or more time.")
    return Standing("bad", _("The target was not reached"), text)
