"""States of things, each with one icon and one word, so that the same state looks the same on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Badge:
    """`tone`: info, ok, wait, bad or plain; `word` is what it says."""

    tone: str
    icon: str
    word: str | Promise


@dataclass
class UnknownState(Exception):
    """A badge was asked for a state that is not on the list."""

    state: str


BADGES: Final = {
    # campaigns
    "draft": Badge("plain", "pencil", _("Draft")),
    "in_review": Badge("wait", "clock", _("Being reviewed")),
    "collecting": Badge("info", "pot-small", _("Collecting")),
    "target_reached": Badge("ok", "flag", _("Target reached")),
    "receipts_due": Badge("wait", "clock", _("Paid out, receipts to follow")),
    "done": Badge("ok", "check", _("Done, with receipts")),
    "failed": Badge("bad", "warning", _("Target not reached")),
    "rejected": Badge("bad", "cross", _("Not approved")),
    "withdrawn": Badge("plain", "cross", _("Withdrawn")),
    # cheque runs and cheques
    "printed": Badge("info", "printer", _("Letters printed")),
    "posted": Badge("info", "envelope", _("Posted")),
    "closed": Badge("plain", "lock", _("Closed")),
    "not_activated": Badge("plain", "envelope", pgettext_lazy("cheque", "Not activated yet")),
    "active": Badge("ok", "check", pgettext_lazy("cheque", "Active")),
    "saved": Badge("info", "heart", pgettext_lazy("cheque", "Saved")),
    "given": Badge("ok", "heart", pgettext_lazy("cheque", "Given")),
    "expired": Badge("bad", "warning", _("Expired")),
    "revoked": Badge("bad", "cross", _("Revoked")),
    # decisions, payouts, payments
    "awaiting_second": Badge("wait", "people", _("Waiting for a colleague")),
    "approved": Badge("ok", "check", _("Approved")),
    "on_its_way": Badge("info", "arrow", _("On its way to the bank")),
    "paid_out": Badge("plain", "arrow", _("Paid out")),
    "bank_refused": Badge("bad", "bank", _("Refused by the bank")),
    "returned": Badge("bad", "bank", _("Sent back by the bank")),
    "pending": Badge("wait", "clock", _("Payment in progress")),
    "receipt_due": Badge("wait", "clock", _("Receipt to follow")),
    # the books
    "equal": Badge("ok", "check", _("equal")),
    "different": Badge("bad", "warning", _("different")),
    "open": Badge("wait", "clock", pgettext_lazy("items", "open")),
    "sealed": Badge("ok", "seal", _("sealed")),
}


def badge_for(state: str) -> Badge:
    """Raises `UnknownState`."""
    if state not in BADGES:
        raise UnknownState(state)
    return BADGES[state]
