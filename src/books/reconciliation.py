"""The books over all funds beside what the bank says, in one number each. For Stripe, and for the lines: `differences`."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Sum

from ledger import queries as books
from ledger.chart import Code
from payments.models import BankLine, BankStatement


@dataclass(frozen=True)
class Bank:
    """The ledger's 1000 beside the closing balance of the last statement. No statement yet: `closing_on` is None, 0 cents."""

    ledger_cents: int
    statement_cents: int
    statement: str
    closing_on: date | None

    @property
    def difference_cents(self) -> int:
        return self.ledger_cents - self.statement_cents


@dataclass(frozen=True)
class Unidentified:
    """The ledger's 2900 beside the receipts that nobody has recognised: how many, how much, since when."""

    ledger_cents: int
    open_cents: int
    count: int
    oldest_on: date | None


def bank() -> Bank:
    last = BankStatement.objects.order_by("-pk").first()
    return Bank(
        ledger_cents=books.total(code=Code.BANK),
        statement_cents=last.closing_cents if last else 0,
        statement=last.identification if last else "",
        closing_on=last.closing_on if last else None,
    )


def unidentified() -> Unidentified:
    waiting = BankLine.objects.filter(
        kind=BankLine.Kind.UNKNOWN, credit=True, recognised_at__isnull=True
    ).aggregate(cents=Sum("amount_cents", default=0), count=Count("pk"), oldest=Min("booked_on"))
    return Unidentified(
        books.total(code=Code.UNIDENTIFIED), waiting["cents"], waiting["count"], waiting["oldest"]
    )
