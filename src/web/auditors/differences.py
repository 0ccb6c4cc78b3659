"""The differences with the bank and with Stripe in the words of who reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from books.differences import Line, Reason
from books.ways import Kind
from books.words import Words, kind_words
from web.auditors.views_entries import FOLLOWED_LINES
from web.auditors.views_ways import way_to

REASONS: Final[dict[Reason, Words]] = {
    Reason.NO_LINE: _("Booked, and no line of the bank stands for it"),
    Reason.LINE_AMOUNT: _("The line of the bank has another amount"),
    Reason.LINE_NOT_BOOKED: _("The line of the bank is not booked"),
    Reason.OPENING: _("The opening balance is not booked as the first statement says"),
    Reason.GAP: _("The statement does not begin where the one before ended"),
    Reason.SUM: _("The lines of the statement do not add up to its closing balance"),
    Reason.KEPT_BALANCE: _("The balance that the books keep is not the sum of their entries"),
    Reason.OTHER_DAY: _("Booked on another day than the bank's"),
    Reason.NOT_BOOKED: _("Paid at Stripe and not booked"),
    Reason.FEE: _("Stripe kept another fee than is booked"),
    Reason.AMOUNT: _("Stripe has another amount than is booked"),
    Reason.NOT_AT_STRIPE: _("Booked, and Stripe does not have it"),
    Reason.REFUND_NOT_BOOKED: _("Given back at Stripe and not booked yet"),
    Reason.PAYOUT_UNDER_WAY: _("Sent by Stripe, not on a statement yet"),
    Reason.PAYOUT_LATE: _("Sent by Stripe more than 30 days ago, on no statement"),
    Reason.PAYOUT_SEEN: _("Payout by Stripe that is on a statement and not booked as such"),
    Reason.OTHER_MOVEMENT: _("Movement at Stripe that we do not know"),
    Reason.UNKNOWN_ENTRY: _("Booked, and nothing at Stripe stands for it"),
    Reason.STRIPES_SUM: _("Stripe's movements do not add up to its balance"),
}


@dataclass(frozen=True)
class Row:
    """A line as it is shown. `deposit_url` is empty where there is no line of the bank that can be followed."""

    line: Line
    words: str
    kind: str
    bank_words: str
    entry_url: str
    deposit_url: str

    @property
    def beside_cents(self) -> int:
        """The amount of a line that is no difference: of the bank, or on its way."""
        return self.line.cents or self.line.stated_cents or 0

    def holds(self, text: str) -> bool:
        """Whether what is looked for is a part of it; a number also as the number of its entry."""
        parts = (self.words, self.kind, self.bank_words, self.line.stripe_id, str(self.line.entry_id or ""))
        return any(text.casefold() in part.casefold() for part in parts)


def rows(lines: Sequence[Line], text: str = "") -> list[Row]:
    """The lines in words, those in which the text stands."""
    return [row for row in map(_row, lines) if row.holds(text)]


def _row(line: Line) -> Row:
    followed = line.bank_line_id is not None and line.kind in FOLLOWED_LINES
    return Row(
        line,
        words=str(REASONS[line.reason]),
        kind=str(kind_words(line.kind)) if line.kind else "",
        bank_words=_bank_words(line),
        entry_url=reverse("auditor_entry", args=[line.entry_id]) if line.entry_id else "",
        deposit_url=way_to(Kind.DEPOSIT, line.bank_line_id) if followed and line.bank_line_id else "",
    )


def _bank_words(line: Line) -> str:
    if not line.statement:
        return ""
    if line.number is None:
        return gettext("Statement %(name)s") % {"name": line.statement}
    return gettext("Statement %(name)s, line %(number)s") % {"name": line.statement, "number": line.number}
