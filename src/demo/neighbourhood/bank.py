"""The bank of the demo: remembers what moved, and writes a statement of it that is taken in like any other."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from ledger.operations import AMSTERDAM
from payments.bank import camt053_writer
from payments.bank.statement import Line, Statement
from payments.models import BankStatement
from payments.statements import import_statement
from people.models import User

CHARGES = "ACMT-MDOP-CHRG"


@dataclass
class Bank:
    """The account of the platform's foundation."""

    treasurer: User
    _lines: list[Line] = field(default_factory=list)

    def note(self, amount_cents: int, *, credit: bool, now: datetime, **texts: str) -> None:
        """A movement that the next statement shows. `texts`: fields of Line."""
        day = now.astimezone(AMSTERDAM).date()
        self._lines.append(
            Line(amount_cents=amount_cents, credit=credit, booked_on=day, value_on=day, **texts)  # type: ignore[arg-type]  # only text fields
        )

    def close_day(self, now: datetime) -> None:
        """Takes in the statement of what moved since the one before; nothing if nothing did."""
        if not self._lines:
            return
        day = now.astimezone(AMSTERDAM).date()
        before = BankStatement.objects.order_by("-pk").first()
        number = BankStatement.objects.count() + 1
        opening_cents = before.closing_cents if before else 0
        statement = Statement(
            identification=f"{day.year}-{number:03d}",
            sequence_number=number,
            iban=settings.OPERATOR_IBAN,
            opening_cents=opening_cents,
            opening_on=before.closing_on if before else day,
            closing_cents=opening_cents + sum(line.signed_cents for line in self._lines),
            closing_on=day,
            created_at=now,
            lines=tuple(self._lines),
        )
        import_statement(content=camt053_writer.write(statement), by=self.treasurer, now=now)
        self._lines.clear()
