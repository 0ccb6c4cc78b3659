"""Where whole cents meet the outside: splits that lose nothing, and amounts as people type and read them."""

import re
from collections.abc import Sequence
from decimal import Decimal

from djmoney.money import Money


class NotAnAmount(ValueError):
    """`text` cannot be read as euros and cents."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


TYPED = re.compile(r"(?:€\s*)?(?P<euros>\d{1,3}(?:\.\d{3})+|\d{1,9})(?:[,.](?P<cents>\d{1,2}))?(?:,-+)?")


def cents_of(text: str) -> int:
    """Cents of an amount as people in the Netherlands type it: "7,50", "€ 1.234,50", "12", "7.5". Raises NotAnAmount."""
    found = TYPED.fullmatch(text.strip().replace("\u00a0", " "))
    if found is None:
        raise NotAnAmount(text)
    euros = int(found["euros"].replace(".", ""))
    return euros * 100 + int((found["cents"] or "0").ljust(2, "0"))


def money(amount_cents: int) -> Money:
    return Money(Decimal(amount_cents) / 100, "EUR")


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in parts proportional to the whole `weights` (>= 0, not all 0), by largest remainder; the first wins a tie.

    The parts sum to `total`, asserted.
    """
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    if sum(parts) != total:
        raise AssertionError(f"{parts} do not sum to {total}")
    return parts
