"""An account over a period, by effective date: what stood there, what moved, what stands there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections, transaction

from ledger.models import Account
from ledger.queries import AccountLine

AT_ONCE = 2000

MOVED = """
FROM ledger_account a
JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
JOIN ledger_entry e ON e.id = t.entry_id
"""
SIGNED = "CASE WHEN (t.debit_id = a.id) = a.debit_side THEN t.amount_cents ELSE -t.amount_cents END"
OPENING = f"""
SELECT coalesce(sum({SIGNED}) FILTER (WHERE e.effective_on < %(since)s), 0)::bigint,
       coalesce(sum(t.amount_cents) FILTER (WHERE e.effective_on >= %(since)s AND t.debit_id = a.id), 0)::bigint,
       coalesce(sum(t.amount_cents) FILTER (WHERE e.effective_on >= %(since)s AND t.credit_id = a.id), 0)::bigint,
       count(*) FILTER (WHERE e.effective_on >= %(since)s)
{MOVED} WHERE a.id = %(account)s AND e.effective_on <= %(until)s
"""
LINES = f"""
SELECT t.id, t.entry_id, e.kind, e.source, e.effective_on, e.booked_at, other.code, other.id, other.name,
       CASE WHEN t.debit_id = a.id THEN t.amount_cents ELSE 0 END,
       CASE WHEN t.credit_id = a.id THEN t.amount_cents ELSE 0 END,
       (%(opening)s + sum({SIGNED}) OVER (ORDER BY e.effective_on, t.id))::bigint
{MOVED}
JOIN ledger_account other ON other.id = CASE WHEN t.debit_id = a.id THEN t.credit_id ELSE t.debit_id END
WHERE a.id = %(account)s AND e.effective_on BETWEEN %(since)s AND %(until)s
ORDER BY e.effective_on, t.id
"""


@dataclass(frozen=True)
class Statement:
    """Amounts in cents; the two balances count on the account's own side. `lines`: how many there are. Both days included."""

    account: Account
    since: date
    until: date
    opening_cents: int
    debit_cents: int
    credit_cents: int
    lines: int

    @property
    def closing_cents(self) -> int:
        moved = self.debit_cents - self.credit_cents
        return self.opening_cents + (moved if self.account.debit_side else -moved)


def statement(*, account_id: int, since: date, until: date, using: str = "default") -> Statement:
    """The balances of a period and what lies between them. Raises Account.DoesNotExist."""
    account = Account.objects.using(using).select_related("fund__organisation").get(pk=account_id)
    with connections[using].cursor() as cursor:
        cursor.execute(OPENING, {"account": account_id, "since": since, "until": until})
        return Statement(account, since, until, *cursor.fetchone())


def lines(found: Statement, *, using: str = "default") -> Iterator[AccountLine]:
    """In the order of the days, each with the balance after it. A few thousand in memory at a time."""
    parameters: dict[str, Any] = {
        "account": found.account.pk,
        "since": found.since,
        "until": found.until,
        "opening": found.opening_cents,
    }
    with transaction.atomic(using=using), connections[using].chunked_cursor() as cursor:
        cursor.execute(LINES, parameters)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from (AccountLine(*row) for row in rows)
