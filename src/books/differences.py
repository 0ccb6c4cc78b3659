"""What the books and the outside world differ in, line by line: shared by the bank's part and Stripe's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Reason(StrEnum):
    """Why an amount is on one side and not, or not as much, on the other."""

    NO_LINE = "entry without a bank line"
    LINE_AMOUNT = "bank line of another amount"
    LINE_NOT_BOOKED = "bank line not booked"
    OPENING = "opening balance not booked"
    GAP = "statement does not connect"
    SUM = "statement does not add up"
    KEPT_BALANCE = "kept balance"
    OTHER_DAY = "booked on another day"
    NOT_BOOKED = "payment not booked"
    FEE = "other fee"
    AMOUNT = "other amount"
    NOT_AT_STRIPE = "not at Stripe"
    REFUND_NOT_BOOKED = "refund not booked"
    PAYOUT_UNDER_WAY = "payout under way"
    PAYOUT_LATE = "payout late"
    PAYOUT_SEEN = "payout seen and not booked"
    OTHER_MOVEMENT = "other movement at Stripe"
    UNKNOWN_ENTRY = "entry that Stripe knows nothing of"
    STRIPES_SUM = "movements at Stripe do not add up"


class NotExplained(Exception):
    """The lines do not sum to the difference. Both in cents. It cannot be, so nothing may be shown as if it were right."""

    def __init__(self, difference_cents: int, explained_cents: int) -> None:
        super().__init__(f"{explained_cents} of {difference_cents}")
        self.difference_cents = difference_cents
        self.explained_cents = explained_cents


@dataclass(frozen=True)
class Line:
    """`cents`: how much more there is in the books because of it, below zero for less.

    `booked_cents` and `stated_cents`: what the books and the other side have for it; None where they have nothing.
    `organisation_ids`: whose money it is; None for what is about the account as a whole, which every auditor may see.
    `number`: of the line in its statement. `kind`: of the entry, or Stripe's own word for a movement that we do not know.
    """

    reason: Reason
    cents: int
    organisation_ids: frozenset[int] | None = None
    on: date | None = None
    booked_cents: int | None = None
    stated_cents: int | None = None
    entry_id: int | None = None
    kind: str = ""
    bank_line_id: int | None = None
    statement: str = ""
    number: int | None = None
    booked_on: date | None = None
    stripe_id: str = ""


@dataclass(frozen=True)
class Explained:
    """An account of the books over all funds beside what is stated elsewhere, and the difference explained to the cent.

    `ledger_cents`: organisation id -> cents in its funds. `stated_cents` is None where nobody answered: nothing is claimed then.
    `on_its_way`: what has left there and may not be here yet; no difference. Raises NotExplained.
    """

    ledger_cents: Mapping[int, int]
    stated_cents: int | None
    on_its_way: tuple[Line, ...]
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        explained_cents = sum(line.cents for line in self.lines)
        if self.difference_cents not in (None, explained_cents):
            raise NotExplained(self.difference_cents or 0, explained_cents)

    @property
    def answered(self) -> bool:
        return self.stated_cents is not None

    @property
    def all_ledger_cents(self) -> int:
        return sum(self.ledger_cents.values())

    @property
    def on_its_way_cents(self) -> int:
        return sum(line.cents for line in self.on_its_way)

    @property
    def difference_cents(self) -> int | None:
        if self.stated_cents is None:
            return None
        return self.all_ledger_cents - self.stated_cents - self.on_its_way_cents


@dataclass(frozen=True)
class Shown:
    """The lines that somebody may see, and the total of those of others."""

    lines: list[Line]
    others: int
    others_cents: int

    @property
    def cents(self) -> int:
        return sum(line.cents for line in self.lines)


def seen_by(lines: Sequence[Line], organisation_id: int | None) -> Shown:
    """An organisation sees what is also its own, or about the whole account; None sees everything."""
    own: list[Line] = []
    others: list[Line] = []
    for line in lines:
        whose = line.organisation_ids
        is_own = organisation_id is None or whose is None or organisation_id in whose
        (own if is_own else others).append(line)
    return Shown(own, len(others), sum(line.cents for line in others))
