"""The bank of the demo's past: remembers what moved, and its statements are taken in like any other."""

from dataclasses import dataclass, field
from datetime import datetime

from demo.bank import statement
from payments.bank.statement import Line
from payments.statements import import_statement
from people.models import User

CHARGES = "ACMT-MDOP-CHRG"


@dataclass
class Bank:
    """The account of the platform's foundation. `lines`: what the next statement shows."""

    treasurer: User
    lines: list[Line] = field(default_factory=list)

    def close_day(self, now: datetime) -> None:
        """Takes in the statement of what moved since the one before; nothing if nothing did."""
        if self.lines:
            import_statement(content=statement(self.lines, now), by=self.treasurer, now=now)
            self.lines.clear()
