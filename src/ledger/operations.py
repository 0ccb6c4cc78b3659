"""Verbs of the books: open funds and accounts, post and reverse entries."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn, cast
from zoneinfo import ZoneInfo

import psycopg
from django.db import DatabaseError, DataError, connection, transaction

from ledger.chart import Code, FundKind
from ledger.models import Account, Fund
from people.models import Organisation, User

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Move:
    """One transfer to be posted. Accounts by id; `amount_cents`: int, > 0."""

    debit: int
    credit: int
    amount_cents: int


@dataclass(frozen=True)
class Posted:
    """`created` is False when an entry with the same key and content was there already."""

    entry_id: int
    created: bool


@dataclass(frozen=True)
class Issued(Posted):
    """`accounts`: key of the subject -> id of the account that was opened for it."""

    accounts: dict[str, int]


class LedgerError(Exception):
    """A refusal by the books. `detail` holds what the database said about it: ids and amounts, no words for a screen."""

    def __init__(self, message: str, detail: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.detail = detail


class KeyReused(LedgerError):
    """The key stands for other content. `detail` has both: the first `entry`, and what was offered now."""


class SameKeyAtOnce(LedgerError):
    """Another posted with this key at the same moment. Asked again, its entry is there."""


class BadEntry(LedgerError):
    """No key, no transfers, an amount that is not above zero, or accounts of two funds."""


class PeriodClosed(LedgerError):
    """The effective date lies in a closed period, or before the first one of a fund.

    `detail` has both: the date `on`, and `open_on`, the first day from there that takes entries.
    """


class UnknownAccount(LedgerError):
    """An account or entry that is not there."""


class AccountClosed(LedgerError):
    """An account that takes no entries any more."""


class NotEmpty(LedgerError):
    """Something is on the account that was to be closed, or it keeps no balance (a pot, the bank, Stripe)."""


class Overdrawn(LedgerError):
    """A guarded account would go below zero."""


class NotEnoughCash(LedgerError):
    """Payouts on their way would exceed the bank balance of their fund."""


class ReversedAlready(LedgerError):
    """The entry was reversed before."""


class IsReversal(LedgerError):
    """The entry undid another. It is not undone itself: what it undid is booked anew."""


class TwoPeopleNeeded(LedgerError):
    """Money out of the budget, on its way to a payee or straight to the bank, without a maker and an approver (decision 0009)."""


ERRORS: dict[str, type[LedgerError]] = {
    "LG001": KeyReused,
    "LG002": BadEntry,
    "LG003": PeriodClosed,
    "LG004": UnknownAccount,
    "LG005": AccountClosed,
    "LG006": Overdrawn,
    "LG007": NotEnoughCash,
    "LG008": ReversedAlready,
    # LG009 is what the triggers say of what is append-only: no posting meets it.
    "LG010": TwoPeopleNeeded,
    # LG011 and LG012 are about seals and marks.
    "LG013": IsReversal,
    "LG014": NotEmpty,
}
# What a constraint says when another was first, unseen until then.
MEANWHILE: dict[str, type[LedgerError]] = {
    "entry_key_once": SameKeyAtOnce,
    "account_closed_is_empty": AccountClosed,
}


def open_fund(*, kind: FundKind | str, name: str, organisation: Organisation, now: datetime) -> Fund:
    return Fund.objects.create(kind=kind, name=name, organisation=organisation, **_opening(now))


def fund_of(*, organisation: Organisation, kind: FundKind | str, name: str, now: datetime) -> Fund:
    """The organisation's one fund of a kind that exists once for each (donations, operator, suspense); opened when missing."""
    fund, _ = Fund.objects.get_or_create(
        organisation=organisation, kind=kind, defaults={"name": name, **_opening(now)}
    )
    return fund


def _opening(now: datetime) -> dict[str, Any]:
    """The books of a fund begin with the calendar year in which it is opened."""
    return {"opened_at": now, "first_day": date(now.astimezone(AMSTERDAM).year, 1, 1)}


def open_accounts(*, fund_id: int, code: Code, names: Mapping[str, str]) -> dict[str, int]:
    """Opens accounts of one code in one fund. `names`: key of the subject -> name on the page. Gives key -> account id.

    An account that is there already is left as it is. Raises UnknownAccount when the fund is not there.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_key, account_id FROM ledger_open(%s, %s::smallint, %s::text[], %s::text[])",
            [fund_id, int(code), list(names), [name[:200] for name in names.values()]],
        )
        opened = dict(cursor.fetchall())
    if len(opened) < len(names):
        raise UnknownAccount("ledger: no such fund", {"fund": fund_id})
    return opened


def accounts(*, fund_id: int, code: Code, names: Mapping[str, str]) -> dict[str, int]:
    """Key of the subject -> account id, as `open_accounts`, which is called for what is missing only."""
    found = Account.objects.filter(fund_id=fund_id, kind_id=int(code), key__in=names).values_list("key", "id")
    known = dict(found)
    missing = {key: name for key, name in names.items() if key not in known}
    return known | open_accounts(fund_id=fund_id, code=code, names=missing) if missing else known


def account(*, fund_id: int, code: Code, key: str = "", name: str = "") -> int:
    """The id of one account, opened when missing."""
    return accounts(fund_id=fund_id, code=code, names={key: name})[key]


POST = (
    "SELECT entry_id, created FROM ledger_post"
    "(%s, %s, %s, %s, %s, %s, %s, %s, NULL, %s::bigint[], %s::bigint[], %s::bigint[])"
)
# The driver writes three numbers in less time than three lists of one.
POST_ONE = POST.replace("%s::bigint[]", "ARRAY[%s::bigint]")


def post(
    *,
    key: str,
    kind: str,
    moves: Iterable[Move],
    now: datetime,
    source: str = "",
    effective_on: date | None = None,
    made_by: User | None = None,
    approved_by: User | None = None,
    note: str = "",
) -> Posted:
    """Posts one entry: all its transfers or none.

    `effective_on` defaults to the day of `now` in Amsterdam. Raises the errors above; the transaction around the call
    can go on after each of them.
    """
    moves = list(moves)
    # The driver would round a float, and the books hold whole cents.
    if wrong := [move.amount_cents for move in moves if type(move.amount_cents) is not int]:
        raise BadEntry("ledger: an amount is a whole number of cents", {"amount": repr(wrong[0])})
    said = [*_said(key, kind, source, effective_on, now, made_by, approved_by), note]
    if len(moves) == 1:
        return Posted(*_call(POST_ONE, [*said, moves[0].debit, moves[0].credit, moves[0].amount_cents]))
    debits, credits, amounts = (
        [getattr(move, name) for move in moves] for name in ("debit", "credit", "amount_cents")
    )
    return Posted(*_call(POST, [*said, debits, credits, amounts]))


def issue(
    *,
    key: str,
    kind: str,
    budget: int,
    subjects: Sequence[str],
    name: str,
    amount_cents: int,
    now: datetime,
    source: str = "",
    effective_on: date | None = None,
    made_by: User | None = None,
    approved_by: User | None = None,
) -> Issued:
    """One entry: an amount for each subject out of a budget, to an account for a cheque that it opens and calls `name`.

    `budget`: id of an account of Code.BUDGET. The same key again with another `name` is the first. Raises the errors of `post`;
    BadEntry also when an account for one of the subjects is there already.
    """
    if type(amount_cents) is not int:
        raise BadEntry("ledger: an amount is a whole number of cents", {"amount": repr(amount_cents)})
    entry_id, created, ids = _call(
        "SELECT entry_id, created, accounts FROM ledger_issue"
        # The driver takes long over a list of texts.
        "(%s, %s, %s, %s, %s, %s, %s, %s, array(SELECT json_array_elements_text(%s::json)), %s, %s::bigint)",
        [
            *_said(key, kind, source, effective_on, now, made_by, approved_by),
            budget,
            json.dumps(list(subjects)),
            name[:200],
            amount_cents,
        ],
    )
    return Issued(entry_id, created, dict(zip(subjects, ids, strict=True)))


def post_fact(
    *,
    key: str,
    kind: str,
    moves: Sequence[Move],
    on: date,
    now: datetime,
    source: str = "",
    made_by: User | None = None,
    note: str = "",
) -> Posted:
    """Posts what happened outside: it is never refused for its day.

    What happened on a day that is closed by now is booked on the first day that takes entries. Asked again, also after more
    days were closed, it gives the first entry. Raises the errors of `post`, but PeriodClosed.
    """

    def post_on(day: date) -> Posted:
        return post(
            key=key,
            kind=kind,
            moves=moves,
            now=now,
            source=source,
            effective_on=day,
            made_by=made_by,
            note=note,
        )

    try:
        return post_on(on)
    except PeriodClosed as error:
        return post_on(date.fromisoformat(error.detail["open_on"]))
    except KeyReused as error:
        any_day = {"effective_on": None}
        if error.detail["first"] | any_day != error.detail["offered"] | any_day:
            raise
        return Posted(error.detail["entry"], created=False)


def close_account(*, account_id: int, now: datetime) -> None:
    """The account takes no entries any more. Closed already: it stays so. Raises NotEmpty, UnknownAccount."""
    _call("SELECT ledger_close_account(%s, %s)", [account_id, now])


def reverse(
    *,
    key: str,
    entry_id: int,
    now: datetime,
    effective_on: date | None = None,
    made_by: User | None = None,
    note: str = "",
) -> Posted:
    """Posts the mirror image of an entry, at most once. Raises ReversedAlready, IsReversal, Overdrawn, UnknownAccount."""
    said = [
        key,
        entry_id,
        effective_on or now.astimezone(AMSTERDAM).date(),
        now,
        made_by.pk if made_by else None,
        note,
    ]
    return Posted(*_call("SELECT entry_id, created FROM ledger_reverse(%s, %s, %s, %s, %s, %s)", said))


def _said(
    key: str,
    kind: str,
    source: str,
    effective_on: date | None,
    now: datetime,
    made_by: User | None,
    approved_by: User | None,
) -> list[Any]:
    """What every entry says of itself, as the functions of the books take it."""
    return [
        key,
        kind,
        source,
        effective_on or now.astimezone(AMSTERDAM).date(),
        now,
        made_by.pk if made_by else None,
        approved_by.pk if approved_by else None,
    ]


def _call(sql: str, parameters: Sequence[Any]) -> tuple[Any, ...]:
    """The row that a function of the books gives."""
    try:
        return _asked(sql, parameters)
    except (SameKeyAtOnce, Overdrawn):
        # Another with this key may have come before, and taken what there was. Asked again, the first entry is found.
        return _asked(sql, parameters)


def _asked(sql: str, parameters: Sequence[Any]) -> tuple[Any, ...]:
    # A refusal aborts the statement only, not the caller's transaction: hence the savepoint. Outside a transaction the statement
    # is one by itself.
    savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with savepoint, connection.cursor() as cursor:
            # Django's own cursor writes the parameters into the text; to send them beside it costs half of that, here and there.
            cursor.cursor = psycopg.Cursor(connection.connection)
            cursor.execute(sql, parameters)
            return cast(tuple[Any, ...], cursor.fetchone())
    except DataError as error:
        raise BadEntry("ledger: a number or a text that does not fit", {}) from error
    except DatabaseError as error:
        _translate(error)


def _translate(error: DatabaseError) -> NoReturn:
    cause = error.__cause__
    if isinstance(cause, psycopg.Error):
        refusal = ERRORS.get(cause.sqlstate or "") or MEANWHILE.get(cause.diag.constraint_name or "")
        if refusal:
            detail = json.loads(cause.diag.message_detail or "{}") if cause.sqlstate in ERRORS else {}
            raise refusal(cause.diag.message_primary or "", detail) from error
    raise error
