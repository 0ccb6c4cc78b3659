"""Reads for who checks the books: totals per code, entries in some funds, what moved for a subject."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from ledger.chart import Code
from ledger.models import Account, Entry, Fund, Transfer
from ledger.queries import NOT_UNDONE, TRIAL, TrialLine

# Memorandum accounts stand outside the balance.
MEMORANDUM = int(Code.UNACCOUNTED)


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def all_funds() -> QuerySet[Fund]:
    return Fund.objects.order_by("pk")


# Materialized: else the code is pushed into the sums and the planner walks all transfers for each account.
BY_CODE = """
WITH trial (account_id, code, fund_id, key, name, opening, debit, credit) AS MATERIALIZED ({trial})
SELECT code, count(*), min(account_id), sum(opening)::bigint, sum(debit)::bigint, sum(credit)::bigint
FROM trial WHERE opening <> 0 OR debit > 0 OR credit > 0 GROUP BY code ORDER BY code
"""
OF_CODE = """
WITH trial (account_id, code, fund_id, key, name, opening, debit, credit) AS MATERIALIZED ({trial})
SELECT * FROM trial WHERE code = %(code)s AND (opening <> 0 OR debit > 0 OR credit > 0)
ORDER BY abs(opening + CASE WHEN code IN (SELECT k.code FROM ledger_kind k WHERE k.debit_side) THEN debit - credit
                       ELSE credit - debit END) DESC, name, account_id
LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True)
class CodeTotal:
    """A row of the trial balance for all accounts of one code: `accounts` of them, `account_id` is the first.

    `line` has the amounts in cents; only its code counts besides.
    """

    accounts: int
    account_id: int
    line: TrialLine


def trial_by_code(*, fund_ids: Collection[int], since: date, until: date) -> list[CodeTotal]:
    """The trial balance in a row per code, without accounts on which nothing stood or moved. Both days included."""
    period = {"funds": list(fund_ids), "since": since, "until": until}
    return [
        CodeTotal(accounts, account_id, TrialLine(account_id, code, 0, "", "", opening, debit, credit))
        for code, accounts, account_id, opening, debit, credit in _rows(BY_CODE.format(trial=TRIAL), period)
    ]


def trial_of_code(
    *, fund_ids: Collection[int], code: int, since: date, until: date, limit: int, offset: int = 0
) -> list[TrialLine]:
    """The accounts under one code, the largest closing balance first."""
    period = {"funds": list(fund_ids), "since": since, "until": until}
    page = {"code": code, "limit": limit, "offset": offset}
    return [TrialLine(*row) for row in _rows(OF_CODE.format(trial=TRIAL), period | page)]


@dataclass(frozen=True)
class Sought:
    """What entries are looked for; each that is given may match. `cents`: of one transfer. `sources`: any of them."""

    number: int | None = None
    cents: int | None = None
    text: str = ""
    entry_ids: Collection[int] = field(default_factory=tuple)
    sources: Collection[str] = field(default_factory=tuple)

    def condition(self, transfers: QuerySet[Transfer]) -> Q:
        found = Q(pk__in=self.entry_ids) | Q(source__in=self.sources)
        if self.number is not None:
            found |= Q(pk=self.number)
        if self.cents is not None:
            found |= Q(Exists(transfers.filter(amount_cents=self.cents)))
        if self.text:
            found |= Q(source__icontains=self.text) | Q(kind__icontains=self.text)
        return found


def entries(
    *, fund_ids: Collection[int], since: date, until: date, sought: Sought | None = None
) -> QuerySet[Entry]:
    """Entries with a transfer in these funds, newest first. Both days included."""
    transfers = Transfer.objects.filter(entry=OuterRef("pk"), fund_id__in=fund_ids)
    found = Entry.objects.filter(Exists(transfers), effective_on__range=(since, until))
    if sought is not None:
        found = found.filter(sought.condition(transfers))
    return found.select_related("made_by", "approved_by").order_by("-pk")


# An entry moves money; one that only moves memorandum accounts is counted by those.
AMOUNTS = """
SELECT t.entry_id, coalesce(sum(t.amount_cents) FILTER (WHERE d.code < %(memorandum)s), sum(t.amount_cents))::bigint
FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id
WHERE t.entry_id = ANY(%(entries)s) AND t.fund_id = ANY(%(funds)s) GROUP BY t.entry_id
"""


def amounts(*, entry_ids: Collection[int], fund_ids: Collection[int]) -> dict[int, int]:
    """Entry id -> what it moves in these funds, in cents."""
    parameters = {"entries": list(entry_ids), "funds": list(fund_ids), "memorandum": MEMORANDUM}
    return dict(_rows(AMOUNTS, parameters))


@dataclass(frozen=True)
class OtherFund:
    """What an entry or a subject moved in a fund that is somebody else's: a total, and whose."""

    kind: str
    organisation: str
    cents: int


OTHERS_OF_ENTRY = """
SELECT f.kind, o.name,
       coalesce(sum(t.amount_cents) FILTER (WHERE d.code < %(memorandum)s), sum(t.amount_cents))::bigint
FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id
JOIN ledger_fund f ON f.id = t.fund_id JOIN people_organisation o ON o.id = f.organisation_id
WHERE t.entry_id = %(entry)s AND t.fund_id <> ALL(%(funds)s)
GROUP BY f.kind, o.name ORDER BY o.name, f.kind
"""
OTHERS_OF_SUBJECT = """
SELECT f.kind, o.name, sum(t.amount_cents)::bigint
FROM ledger_account a JOIN ledger_transfer t ON (t.credit_id = a.id AND NOT a.debit_side) OR (t.debit_id = a.id AND a.debit_side)
JOIN ledger_fund f ON f.id = a.fund_id JOIN people_organisation o ON o.id = f.organisation_id
WHERE a.key = %(key)s AND a.code = %(code)s AND a.key <> '' AND a.fund_id <> ALL(%(funds)s)
GROUP BY f.kind, o.name ORDER BY o.name, f.kind
"""


def others_of_entry(*, entry_id: int, fund_ids: Collection[int]) -> list[OtherFund]:
    """What an entry moves outside these funds."""
    parameters = {"entry": entry_id, "funds": list(fund_ids), "memorandum": MEMORANDUM}
    return [OtherFund(*row) for row in _rows(OTHERS_OF_ENTRY, parameters)]


def others_of_subject(*, account: Account, fund_ids: Collection[int]) -> list[OtherFund]:
    """What came onto the accounts of the same subject and code outside these funds."""
    parameters = {"key": account.key, "code": account.code, "funds": list(fund_ids)}
    return [OtherFund(*row) for row in _rows(OTHERS_OF_SUBJECT, parameters)]


@dataclass(frozen=True)
class Touched:
    """The accounts of one code that an entry moves: how many, of how many subjects, one of each, and their funds."""

    code: int
    accounts: int
    subjects: int
    account_id: int
    key: str
    fund_ids: list[int]


TOUCHED = """
SELECT a.code, count(DISTINCT a.id), count(DISTINCT a.key), min(a.id), min(a.key), array_agg(DISTINCT a.fund_id)
FROM ledger_transfer t JOIN ledger_account a ON a.id IN (t.debit_id, t.credit_id)
WHERE t.entry_id = %(entry)s AND t.fund_id = ANY(%(funds)s) GROUP BY a.code ORDER BY a.code
"""


def touched(*, entry_id: int, fund_ids: Collection[int]) -> dict[int, Touched]:
    """Code -> what the entry does there, in these funds."""
    found = (Touched(*row) for row in _rows(TOUCHED, {"entry": entry_id, "funds": list(fund_ids)}))
    return {one.code: one for one in found}


@dataclass(frozen=True)
class Flow:
    """Transfers of one kind of entry between two codes: how much, how many, and their first and last entry."""

    kind: str
    debit_code: int
    credit_code: int
    cents: int
    times: int
    first_entry_id: int
    last_entry_id: int
    on: date


FLOWS = """
SELECT e.kind, d.code, c.code, sum(t.amount_cents)::bigint, count(*), min(e.id), max(e.id), max(e.effective_on)
FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
WHERE t.fund_id = ANY(%(funds)s) AND {which}
GROUP BY e.kind, d.code, c.code ORDER BY max(e.id)
"""


def flows(*, account_ids: Collection[int], fund_ids: Collection[int]) -> list[Flow]:
    """What moved on these accounts and was not undone, in the order in which it last happened."""
    parameters = {"accounts": list(account_ids), "funds": list(fund_ids)}
    which = f"(t.debit_id = ANY(%(accounts)s) OR t.credit_id = ANY(%(accounts)s)) AND {NOT_UNDONE}"
    return [Flow(*row) for row in _rows(FLOWS.format(which=which), parameters)]


def flows_of_entry(*, entry_id: int, fund_ids: Collection[int]) -> list[Flow]:
    """What one entry moves, between which codes."""
    parameters = {"entry": entry_id, "funds": list(fund_ids)}
    return [Flow(*row) for row in _rows(FLOWS.format(which="t.entry_id = %(entry)s"), parameters)]


def accounts_moved(*, entry_id: int, code: Code, fund_ids: Collection[int]) -> QuerySet[Transfer, Any]:
    """The accounts of one code that an entry takes from, to be used inside another query."""
    moved = Transfer.objects.filter(entry_id=entry_id, fund_id__in=fund_ids, debit__kind_id=int(code))
    return moved.values("debit")


def accounts_of_subjects(*, keys: Collection[str], fund_ids: Collection[int]) -> list[int]:
    """The ids of all accounts of these subjects in these funds."""
    found = Account.objects.filter(key__in=keys, fund_id__in=fund_ids)
    return list(found.values_list("pk", flat=True))


def budget_accounts(*, fund_ids: Collection[int]) -> list[int]:
    """The ids of the accounts on which the deposits of these funds arrive."""
    found = Account.objects.filter(kind_id=int(Code.BUDGET), fund_id__in=fund_ids)
    return list(found.values_list("pk", flat=True))


def reversal_of(*, entry_id: int) -> int | None:
    """The id of the entry that reverses this one, if one does."""
    return Entry.objects.filter(reverses_id=entry_id).values_list("pk", flat=True).first()
