"""What the books call by a code, in the words of who checks them: kinds of entries, subjects, things, samples."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from books.evidence import Thing
from books.sampling import Flow, Method

Words = str | Promise

KINDS: Final[dict[str, Words]] = {
    "bank charges": _("Bank charges"),
    "bank funding": _("Deposit on the bank"),
    "bank opening": _("Opening balance of the bank"),
    "bank leftover": _("Leftover received on the bank"),
    "bank line recognised": _("Unidentified receipt recognised"),
    "bank payout": _("Payout left the bank"),
    "bank returned": _("Payout sent back by the bank"),
    "bank stripe": _("Payout by Stripe to the bank"),
    "bank unknown": _("Unidentified line of the bank"),
    "cheque activated": _("Cheque activated"),
    "cheques expired": _("Cheques expired"),
    "cheques issued": _("Cheques issued"),
    "costs borne": _("Payment costs borne by the operator"),
    "donation": pgettext_lazy("entry", "Donation"),
    "donation refunded": _("Donation refunded"),
    "donation too late": _("Donation that came too late"),
    "donations returned": _("Donations to be refunded"),
    "gift": _("Gift from a purse"),
    "gifts returned": _("Gifts back to purses"),
    "match": _("Match by a sponsor"),
    "match returned": _("Match back to the sponsor"),
    "payout approved": _("Payout approved"),
    "receipt approved": _("Receipt approved"),
    "refund failed": _("Refund that came back"),
    "reversal": _("Reversal"),
}

SUBJECTS: Final[dict[str, Words]] = {
    "campaign": pgettext_lazy("subject", "campaign"),
    "cheque": pgettext_lazy("subject", "cheque"),
    "donation": pgettext_lazy("subject", "donation"),
    "line": pgettext_lazy("subject", "bank line"),
    "neighbourhood": pgettext_lazy("subject", "neighbourhood"),
    "payout": pgettext_lazy("subject", "payout"),
    "programme": pgettext_lazy("subject", "programme"),
    "purse": pgettext_lazy("subject", "purse"),
    "receipt": pgettext_lazy("subject", "receipt"),
    "run": pgettext_lazy("subject", "issue of cheques"),
    "statement": pgettext_lazy("subject", "statement"),
}

THINGS: Final[dict[Thing, Words]] = {
    Thing.BANK_LINE: _("Line of the bank statement"),
    Thing.RUN: _("Issue of cheques"),
    Thing.CHEQUE: _("Cheque"),
    Thing.CAMPAIGN: _("Campaign"),
    Thing.MATCH: _("Match"),
    Thing.DONATION: pgettext_lazy("entry", "Donation"),
    Thing.PAYOUT: _("Payout"),
    Thing.RECEIPT: _("Receipt"),
    Thing.PROGRAMME: _("Programme"),
}

FLOWS: Final[dict[Flow, Words]] = {
    Flow.ALL: _("All transfers"),
    Flow.DEPOSITS: _("Deposits into a budget (1000 to 2000)"),
    Flow.ACTIVATED: _("Cheques activated (2100 to 2200)"),
    Flow.GIFTS: _("Gifts from purses (2200 to 2300)"),
    Flow.DONATIONS: _("Donations (1100 to 2300)"),
    Flow.PAYOUTS: _("Payouts that left the bank (2500 to 1000)"),
    Flow.RECEIPTS: _("Shown with receipts or returned (9510 to 9500)"),
}

METHODS: Final[dict[Method, Words]] = {
    Method.MONETARY: _("By euro (monetary-unit)"),
    Method.RANDOM: _("By transfer (random)"),
}


def kind_words(kind: str) -> Words:
    """What an entry of this kind is called; the kind itself where nobody thought of a name."""
    return KINDS.get(kind, kind)


def subject_words(key: str) -> str:
    """The subject of an account or the source of an entry: "initiatief 3", "cheque 1/55"."""
    prefix, _colon, rest = key.partition(":")
    if prefix not in SUBJECTS:
        return key
    # A line of the bank is named by a fingerprint: its beginning says enough.
    return f"{SUBJECTS[prefix]} {rest.replace(':', '/')[:12]}"


def kinds_called(text: str) -> list[str]:
    """The kinds of entries with this in what they are called, in the books or in the language of who looks."""
    part = text.casefold()
    return [kind for kind, words in KINDS.items() if part in kind or part in str(words).casefold()]


def sources_called(text: str) -> list[str]:
    """The other way round than `subject_words`: "bon 12" is "receipt:12"."""
    called, _space, rest = text.strip().rpartition(" ")
    prefixes = [prefix for prefix, words in SUBJECTS.items() if str(words).casefold() == called.casefold()]
    return [f"{prefix}:{rest.replace('/', ':')}" for prefix in prefixes]
