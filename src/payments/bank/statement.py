"""A bank statement as a value: balances that add up, and lines that each have a name for good."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from common import references


class StatementRefused(ValueError):
    """The file is not taken in; nothing of it counts. What is wrong is in the class and its attributes."""


class DoesNotAddUp(StatementRefused):
    """Opening balance plus lines is not the closing balance; all in cents, signed."""

    def __init__(
        self, *, identification: str, opening_cents: int, lines_cents: int, closing_cents: int
    ) -> None:
        super().__init__(identification, opening_cents, lines_cents, closing_cents)
        self.identification = identification
        self.opening_cents = opening_cents
        self.lines_cents = lines_cents
        self.closing_cents = closing_cents


@dataclass(frozen=True, kw_only=True)
class Line:
    """One movement on the account. Texts are empty where the bank gave none.

    `amount_cents` is above zero; `credit` says whether it came in. `reversal` and `return_reason` (`AC04`:
    account closed) mark money that comes back: then the counterparty is the one of the original payment.
    `transaction_code` is ISO 20022 (`PMNT-RCDT-ESCT`) or the bank's own. `position` (from 1) and
    `fingerprint` are given by the `Statement` that holds the line.
    """

    amount_cents: int
    credit: bool
    booked_on: date
    value_on: date
    reversal: bool = False
    return_reason: str = ""
    account_servicer_reference: str = ""
    end_to_end_id: str = ""
    structured_reference: str = ""
    remittance: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    transaction_code: str = ""
    position: int = 0
    fingerprint: str = ""

    @property
    def signed_cents(self) -> int:
        """What the line does to the balance, in cents."""
        return self.amount_cents if self.credit else -self.amount_cents

    @property
    def sent_back(self) -> bool:
        """Whether the bank marks this as the undoing of an earlier payment."""
        return self.reversal or bool(self.return_reason)

    @property
    def rf_references(self) -> list[str]:
        """RF references in the line, in their own field or typed in the text. See `references.find_rf`."""
        texts = (self.structured_reference, self.remittance, self.end_to_end_id)
        return list(dict.fromkeys(found for text in texts for found in references.find_rf(text)))


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What one account did between two balances; balances in cents, below zero where overdrawn.

    Cannot exist without adding up: raises `DoesNotAddUp`.
    """

    identification: str
    sequence_number: int | None
    iban: str
    currency: str = "EUR"
    opening_cents: int
    opening_on: date
    closing_cents: int
    closing_on: date
    created_at: datetime
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        lines_cents = sum(line.signed_cents for line in self.lines)
        if self.opening_cents + lines_cents != self.closing_cents:
            raise DoesNotAddUp(
                identification=self.identification,
                opening_cents=self.opening_cents,
                lines_cents=lines_cents,
                closing_cents=self.closing_cents,
            )
        object.__setattr__(self, "lines", tuple(self._named_lines()))

    def _named_lines(self) -> Iterator[Line]:
        """The lines with their position and fingerprint (hex SHA-256, unique within the account).

        The fingerprint says which statement this is, what the bank will not say differently about the line,
        and which one of its equals it is. So the same statement again, in the other version of the format or
        in another order, gives the same fingerprints, and two equal lines in it differ.

        - Balances beside the identification: some banks number from 1 again each year, or send several pages
          under one identification.
        - Left out, since they change when a bank sends again: message id, electronic sequence number, time of
          making. Left out, since the versions spell them differently: names, texts, transaction codes.
        - It is *not* the line's content alone: two equal gifts in two statements of one day would be taken
          for one, and money would vanish. Statements that overlap show it: their balances do not join.
        """
        statement = (
            self.iban,
            self.identification,
            self.opening_cents,
            self.closing_cents,
            str(self.closing_on),
        )
        equals: Counter[tuple[str | int, ...]] = Counter()
        for position, line in enumerate(self.lines, start=1):
            facts = (
                str(line.booked_on),
                line.signed_cents,
                line.account_servicer_reference,
                line.end_to_end_id,
            )
            equals[facts] += 1
            name = json.dumps([*statement, *facts, equals[facts]])
            yield replace(line, position=position, fingerprint=hashlib.sha256(name.encode()).hexdigest())
