"""Reads of the books: balances, trial balance, an entry with its transfers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, QuerySet

from ledger.chart import CHART, Code, FundKind, Side
from ledger.models import Account, Entry, Fund, Transfer

# Credits minus debits or the other way round, whichever is the account's own side.
BALANCE = """
SELECT a.id, CASE WHEN a.pooled THEN ledger_pooled_balance(a.id, a.debit_side) ELSE a.balance_cents END
FROM ledger_account a WHERE {where}
"""

# Of entry `e`: what an entry moved and its reversal moved back did not happen, for who follows the money.
NOT_UNDONE = "(e.reverses_id IS NULL AND NOT EXISTS (SELECT FROM ledger_entry r WHERE r.reverses_id = e.id))"


@dataclass(frozen=True)
class TrialLine:
    """A row of the trial balance. Amounts in cents; `opening_cents` counts on the account's own side."""

    account_id: int
    code: int
    fund_id: int
    key: str
    name: str
    opening_cents: int
    debit_cents: int
    credit_cents: int

    @property
    def side(self) -> Side:
        return CHART[Code(self.code)].side

    @property
    def closing_cents(self) -> int:
        """On the account's own side."""
        moved = self.debit_cents - self.credit_cents
        return self.opening_cents + (moved if self.side is Side.DEBIT else -moved)


@dataclass(frozen=True)
class AccountLine:
    """A line of an account: one transfer seen from one side. `balance_cents`: after this line, on the account's own side."""

    transfer_id: int
    entry_id: int
    kind: str
    source: str
    effective_on: date
    booked_at: datetime
    other_code: int
    other_id: int
    other_name: str
    debit_cents: int
    credit_cents: int
    balance_cents: int


def balances(account_ids: Collection[int]) -> dict[int, int]:
    """Account id -> balance in cents on its own side, now."""
    with connection.cursor() as cursor:
        cursor.execute(BALANCE.format(where="a.id = ANY(%s)"), [list(account_ids)])
        return dict(cursor.fetchall())


def balance(account_id: int) -> int:
    return balances([account_id])[account_id]


def balances_by_key(
    *, keys: Collection[str], code: Code, fund_ids: Collection[int] | None = None
) -> dict[str, dict[int, int]]:
    """Key of the subject -> fund id -> balance in cents, for the accounts of one code, in these funds or in all."""
    result: dict[str, dict[int, int]] = {key: {} for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.key, a.fund_id, CASE WHEN a.pooled THEN ledger_pooled_balance(a.id, a.debit_side)"
            " ELSE a.balance_cents END FROM ledger_account a WHERE a.code = %s AND a.key = ANY(%s)"
            " AND (%s::bigint[] IS NULL OR a.fund_id = ANY(%s))",
            [int(code), list(keys), None if fund_ids is None else list(fund_ids), list(fund_ids or [])],
        )
        for key, fund_id, cents in cursor.fetchall():
            result[key][fund_id] = cents
    return result


def total(*, code: Code, fund_ids: Collection[int] | None = None) -> int:
    """The sum of all accounts of one code in cents, in these funds or in all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(CASE WHEN a.pooled THEN ledger_pooled_balance(a.id, a.debit_side)"
            " ELSE a.balance_cents END), 0)::bigint FROM ledger_account a"
            " WHERE a.code = %s AND (%s::bigint[] IS NULL OR a.fund_id = ANY(%s))",
            [int(code), None if fund_ids is None else list(fund_ids), list(fund_ids or [])],
        )
        return int(cursor.fetchone()[0])


def totals_by_organisation(*, code: Code) -> dict[int, int]:
    """Organisation id -> the sum in cents of all accounts of one code in its funds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.organisation_id, sum(CASE WHEN a.pooled THEN ledger_pooled_balance(a.id, a.debit_side)"
            " ELSE a.balance_cents END)::bigint FROM ledger_account a JOIN ledger_fund f ON f.id = a.fund_id"
            " WHERE a.code = %s GROUP BY f.organisation_id",
            [int(code)],
        )
        return dict(cursor.fetchall())


def totals_by_code(*, fund_id: int) -> dict[int, int]:
    """Code -> balance in cents of all accounts of that code in one fund."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, sum(CASE WHEN a.pooled THEN ledger_pooled_balance(a.id, a.debit_side)"
            " ELSE a.balance_cents END)::bigint FROM ledger_account a WHERE a.fund_id = %s GROUP BY a.code",
            [fund_id],
        )
        return dict(cursor.fetchall())


TRIAL = """
SELECT a.id, a.code, a.fund_id, a.key, a.name,
       coalesce(sum(m.signed) FILTER (WHERE m.effective_on < %(since)s), 0)::bigint
           * CASE WHEN a.debit_side THEN 1 ELSE -1 END,
       coalesce(sum(m.signed) FILTER (WHERE m.effective_on >= %(since)s AND m.signed > 0), 0)::bigint,
       coalesce(-sum(m.signed) FILTER (WHERE m.effective_on >= %(since)s AND m.signed < 0), 0)::bigint
FROM ledger_account a
LEFT JOIN (
    SELECT t.debit_id AS account_id, t.amount_cents AS signed, e.effective_on
    FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
    WHERE t.fund_id = ANY(%(funds)s) AND e.effective_on <= %(until)s
      AND (%(moment)s::timestamptz IS NULL OR e.booked_at <= %(moment)s)
    UNION ALL
    SELECT t.credit_id, -t.amount_cents, e.effective_on
    FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
    WHERE t.fund_id = ANY(%(funds)s) AND e.effective_on <= %(until)s
      AND (%(moment)s::timestamptz IS NULL OR e.booked_at <= %(moment)s)
) AS m ON m.account_id = a.id
WHERE a.fund_id = ANY(%(funds)s)
GROUP BY a.id ORDER BY a.code, a.fund_id, a.key, a.id
"""


def trial_balance(
    *, fund_ids: Collection[int], since: date, until: date, booked_by: datetime | None = None
) -> list[TrialLine]:
    """A row for every account of these funds, from the lines themselves and not from cached balances, by effective date.

    `since` and `until`: both days included; the opening balance is what lies before `since`. `booked_by`: as the books stood
    at that moment; None is now. It reads all lines: the other way to come to what `asof` says, to hold beside it.
    """
    with connection.cursor() as cursor:
        cursor.execute(TRIAL, {"funds": list(fund_ids), "since": since, "until": until, "moment": booked_by})
        return [TrialLine(*row) for row in cursor.fetchall()]


def accounts_of(*, fund_ids: Collection[int]) -> QuerySet[Account]:
    return Account.objects.filter(fund_id__in=fund_ids).select_related("fund")


def funds_of(*, organisation_id: int) -> QuerySet[Fund]:
    return Fund.objects.filter(organisation_id=organisation_id).order_by("id")


def fund_id_of_kind(*, organisation_id: int, kind: FundKind | str) -> int:
    """The organisation's one fund of a kind that exists once for each. Raises Fund.DoesNotExist."""
    return Fund.objects.values_list("pk", flat=True).get(organisation_id=organisation_id, kind=kind)


def entries_of(*, fund_ids: Collection[int]) -> QuerySet[Entry]:
    """The entries with at least one transfer in these funds."""
    return Entry.objects.filter(
        pk__in=Transfer.objects.filter(fund_id__in=fund_ids).values("entry_id")
    ).select_related("made_by", "approved_by", "reverses")


def transfers_of(*, entry_ids: Iterable[int], fund_ids: Collection[int] | None = None) -> QuerySet[Transfer]:
    """Transfers with both accounts and their fund; only those in these funds where given."""
    found = Transfer.objects.filter(entry_id__in=list(entry_ids)).select_related(
        "debit", "credit", "fund", "entry"
    )
    return (found if fund_ids is None else found.filter(fund_id__in=fund_ids)).order_by("id")


def entries_by_source(*, source: str) -> QuerySet[Entry]:
    return Entry.objects.filter(source=source).order_by("id")


@dataclass(frozen=True)
class Counts:
    entries: int
    transfers: int


def counts(*, fund_id: int) -> Counts:
    """How many transfers there are in a fund, and how many entries they belong to."""
    found = Transfer.objects.filter(fund_id=fund_id).aggregate(
        entries=Count("entry_id", distinct=True), transfers=Count("pk")
    )
    return Counts(**found)


@dataclass(frozen=True)
class Short:
    """A fund whose cash, less what Stripe will take back of it, does not cover what is on its way. In cents."""

    fund_id: int
    name: str
    bank_cents: int
    clearing_cents: int
    on_their_way_cents: int


SHORT = """
SELECT * FROM (
    SELECT f.id, f.name,
           coalesce(sum(ledger_pooled_balance(a.id, a.debit_side)) FILTER (WHERE a.code = 1000), 0)::bigint AS bank,
           coalesce(sum(ledger_pooled_balance(a.id, a.debit_side)) FILTER (WHERE a.code = 1100), 0)::bigint AS clearing,
           coalesce(sum(a.balance_cents) FILTER (WHERE a.code = 2500), 0)::bigint AS on_their_way
    FROM ledger_fund f JOIN ledger_account a ON a.fund_id = f.id AND a.code IN (1000, 1100, 2500)
    GROUP BY f.id) AS cash
WHERE bank + least(clearing, 0) < on_their_way ORDER BY id
"""


def short_of_cash() -> list[Short]:
    """What facts of the bank and of Stripe made impossible: they are booked and never refused, so here is the alarm."""
    with connection.cursor() as cursor:
        cursor.execute(SHORT)
        return [Short(*row) for row in cursor.fetchall()]


def imbalance(*, fund_id: int) -> int:
    """Debit side less credit side over all accounts of a fund, in cents, by their kept balances: 0 when right."""
    totals = totals_by_code(fund_id=fund_id)
    return sum(cents if CHART[Code(code)].side is Side.DEBIT else -cents for code, cents in totals.items())
