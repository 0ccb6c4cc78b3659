"""Reads for who checks the books: entries in some funds, what moved for a subject."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connections, router
from django.db.models import Exists, OuterRef, QuerySet

from ledger import asof
from ledger.chart import Code
from ledger.models import Account, Entry, Fund, Transfer
from ledger.queries import NOT_UNDONE

# Memorandum accounts stand outside the balance.
MEMORANDUM = int(Code.UNACCOUNTED)


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connections[router.db_for_read(Transfer)].cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def all_funds() -> QuerySet[Fund]:
    return Fund.objects.order_by("pk")


@dataclass(frozen=True)
class Sought:
    """What entries are looked for; each that is given may match. `cents`: of one transfer. Of the lists: any in them.

    `text`: what was typed, as a source or a key.
    """

    number: int | None = None
    cents: int | None = None
    text: str = ""
    entry_ids: Collection[int] = field(default_factory=tuple)
    sources: Collection[str] = field(default_factory=tuple)
    kinds: Collection[str] = field(default_factory=tuple)
    keys: Collection[str] = field(default_factory=tuple)


def entries(*, fund_ids: Collection[int], since: date, until: date) -> QuerySet[Entry]:
    """Entries with a transfer in these funds, newest first. Both days included. For some of them: `newest`."""
    transfers = Transfer.objects.filter(entry=OuterRef("pk"), fund_id__in=fund_ids)
    found = Entry.objects.filter(Exists(transfers), effective_on__range=(since, until))
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


def others_of_entry(*, entry_id: int, fund_ids: Collection[int]) -> list[OtherFund]:
    """What an entry moves outside these funds."""
    parameters = {"entry": entry_id, "funds": list(fund_ids), "memorandum": MEMORANDUM}
    return [OtherFund(*row) for row in _rows(OTHERS_OF_ENTRY, parameters)]


def others_of_subject(*, account: Account, fund_ids: Collection[int]) -> list[OtherFund]:
    """What came onto the accounts of the same subject and code outside these funds."""
    if not account.key:
        return []
    theirs = Account.objects.filter(key=account.key, kind_id=account.code).exclude(fund_id__in=fund_ids)
    funds = {one.pk: one.fund for one in theirs.select_related("fund__organisation")}
    came: Counter[tuple[str, str]] = Counter()
    for line in asof.trial_of_accounts(account_ids=funds, since=date.min, until=date.max):
        fund = funds[line.account_id]
        came[fund.organisation.name, fund.kind] += (
            line.debit_cents if account.debit_side else line.credit_cents
        )
    return [OtherFund(kind, name, cents) for (name, kind), cents in sorted(came.items()) if cents]


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


# From the side of the bank, which has few lines: OFFSET 0, or the planner may begin with all that came into a budget.
DEPOSITED = """t.id = ANY(ARRAY(
    SELECT paid.id
    FROM (SELECT b.id, b.credit_id FROM ledger_transfer b WHERE b.debit_id = ANY(%(bank)s) OFFSET 0) AS paid
    WHERE paid.credit_id = ANY(%(budget)s)))"""


def deposits(*, fund_ids: Collection[int]) -> list[Flow]:
    """What came over the bank into the budgets of these funds and was not undone."""
    parameters = {
        "bank": _accounts(Code.BANK, fund_ids),
        "budget": budget_accounts(fund_ids=fund_ids),
        "funds": list(fund_ids),
    }
    return [Flow(*row) for row in _rows(FLOWS.format(which=f"{DEPOSITED} AND {NOT_UNDONE}"), parameters)]


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
    return _accounts(Code.BUDGET, fund_ids)


def _accounts(code: Code, fund_ids: Collection[int]) -> list[int]:
    found = Account.objects.filter(kind_id=int(code), fund_id__in=fund_ids)
    return list(found.values_list("pk", flat=True))


def reversal_of(*, entry_id: int) -> int | None:
    """The id of the entry that reverses this one, if one does."""
    return Entry.objects.filter(reverses_id=entry_id).values_list("pk", flat=True).first()
