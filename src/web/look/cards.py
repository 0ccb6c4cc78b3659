"""What a card shows: the cheque, the receipt and the steps of a euro's way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from web.look.origins import Origin


@dataclass(frozen=True)
class ChainStep:
    """One step on the way of a euro. `done`: it happened; else it is still to come and drawn dashed."""

    icon: str
    title: str
    text: str = ""
    done: bool = True


@dataclass(frozen=True)
class ChequeCard:
    """A cheque in the hand: worth `amount_cents` > 0. `round_name` as in "oktober 2026".

    `activate_until`: the last day to make it active; None when it is active, and `valid_until` is the day that counts.
    """

    amount_cents: int
    round_name: str
    valid_until: date
    given_by: str
    meant_for: str
    activate_until: date | None = None


@dataclass(frozen=True)
class ReceiptLine:
    """A line with an amount; `note` says which receipt it is, `origin` where the money went back to."""

    label: str
    cents: int
    note: str = ""
    origin: Origin | None = None


@dataclass(frozen=True)
class ReceiptGroup:
    """Lines under one heading, with their sum."""

    heading: str
    lines: tuple[ReceiptLine, ...]
    total_label: str

    @property
    def total_cents(self) -> int:
        return sum(line.cents for line in self.lines)


@dataclass(frozen=True)
class ReceiptCard:
    """Where the money of a campaign went. `closing` is a sentence under the sum of the groups."""

    title: str
    groups: tuple[ReceiptGroup, ...]
    closing: str = ""

    @property
    def total_cents(self) -> int:
        return sum(group.total_cents for group in self.groups)
