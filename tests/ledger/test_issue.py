"""A run of cheques in one go: what it books, and that it promises what opening and posting do."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger import operations as ledger
from ledger import queries as books
from ledger.checks import all_checks
from ledger.models import Account, Entry, Period
from ledger.operations import (
    BadEntry,
    Issued,
    KeyReused,
    LedgerError,
    Overdrawn,
    PeriodClosed,
    TwoPeopleNeeded,
    UnknownAccount,
)
from tests.cast import NOW
from tests.crowd import at_once, gave
from tests.ledger.roles import as_owner, take_away
from tests.ledger.sealing import seal
from tests.ledger.small_books import SmallBooks, book, small_books, undo

FUNCTION = "ledger_issue(text,text,text,date,timestamptz,bigint,bigint,bigint,text[],text,bigint)"
SUBJECTS = ("cheque:a", "cheque:b", "cheque:c")
MOST = 10_000_000_000_000


def issue(
    small: SmallBooks,
    key: str = "run:7",
    subjects: Sequence[str] = SUBJECTS,
    cents: Any = 750,
    **changed: Any,
) -> Issued:
    wanted: dict[str, Any] = {
        "budget": small.budget,
        "made_by": small.karin,
        "approved_by": small.youssef,
    }
    return ledger.issue(
        key=key,
        kind="cheques issued",
        subjects=list(subjects),
        name="Voorjaar",
        amount_cents=cents,
        now=NOW,
        **wanted | changed,
    )


def filled(small: SmallBooks, cents: int = 3_000) -> None:
    book("arrived", (small.bank, small.budget, cents))


def faults() -> list[str]:
    return [check.name for check in all_checks() if not check.ok]


def test_a_run_opens_an_account_for_each_cheque_with_its_amount_on_it(small: SmallBooks) -> None:
    filled(small)
    issued = issue(small)
    entry = Entry.objects.get(pk=issued.entry_id)
    ids = list(issued.accounts.values())
    assert tuple(issued.accounts) == SUBJECTS
    assert ids == sorted(ids)
    assert (entry.key, entry.kind, entry.made_by, entry.approved_by) == (
        "run:7",
        "cheques issued",
        small.karin,
        small.youssef,
    )
    lines = entry.transfers.order_by("pk").values_list("fund_id", "debit_id", "credit_id", "amount_cents")
    assert list(lines) == [(small.fund, small.budget, account, 750) for account in ids]
    assert books.balances([small.budget, *ids]) == {small.budget: 750} | dict.fromkeys(ids, 750)
    assert Account.objects.get(pk=ids[1]).name == "Voorjaar"
    # What is done with any cheque, and with any entry.
    book("activated", (ids[0], small.purse, 750))
    with pytest.raises(Overdrawn):
        book("more than is on it", (ids[1], small.purse, 751))
    with pytest.raises(Overdrawn):
        undo("not issued after all", issued.entry_id)
    book("taken back", (small.purse, ids[0], 750))
    undo("not issued after all", issued.entry_id)
    seal()
    assert books.balance(small.budget) == 3_000
    assert faults() == []


def test_the_same_run_again_is_the_first(small: SmallBooks) -> None:
    filled(small)
    first = issue(small)
    assert issue(small) == Issued(first.entry_id, created=False, accounts=first.accounts)
    assert books.balance(small.budget) == 750


@pytest.mark.parametrize(
    "other",
    [{"cents": 751}, {"subjects": SUBJECTS[:2]}, {"subjects": (*SUBJECTS, "cheque:d")}, {"source": "run:8"}],
    ids=["amount", "fewer", "more", "source"],
)
def test_the_same_key_for_another_run_is_refused_and_both_are_told(
    small: SmallBooks, other: dict[str, Any]
) -> None:
    filled(small)
    first = issue(small)
    with pytest.raises(KeyReused) as refused:
        issue(small, **other)
    assert refused.value.detail["entry"] == first.entry_id
    assert refused.value.detail["first"]["amounts"] == [750, 750, 750]
    assert Account.objects.filter(key__in=(*SUBJECTS, "cheque:d")).count() == 3


REFUSED: dict[str, tuple[type[LedgerError], dict[str, Any]]] = {
    "nothing": (BadEntry, {"cents": 0}),
    "less than nothing": (BadEntry, {"cents": -1}),
    "no whole cents": (BadEntry, {"cents": 7.5}),
    "beyond reason": (BadEntry, {"cents": MOST + 1}),
    "beyond all": (BadEntry, {"cents": 2**63}),
    "no cheques": (BadEntry, {"subjects": ()}),
    "no key": (BadEntry, {"key": ""}),
    "a cheque twice": (BadEntry, {"subjects": ("cheque:a", "cheque:a")}),
    "a cheque that is there": (BadEntry, {"subjects": ("cheque:a", "cheque:1")}),
    "a subject too long": (BadEntry, {"subjects": ("c" * 81,)}),
    "no such budget": (UnknownAccount, {"budget": 987_654_321}),
    "more than there is": (Overdrawn, {"cents": 1_001}),
    "a day before the books": (PeriodClosed, {"effective_on": date(2025, 12, 31)}),
    "a closed day": (PeriodClosed, {"effective_on": date(2026, 10, 31)}),
    "by nobody": (TwoPeopleNeeded, {"made_by": None, "approved_by": None}),
    "approved by nobody": (TwoPeopleNeeded, {"approved_by": None}),
}


@pytest.mark.parametrize(("refusal", "wrong"), REFUSED.values(), ids=REFUSED.keys())
def test_what_a_run_cannot_be_is_refused_and_nothing_of_it_stays(
    small: SmallBooks, refusal: type[LedgerError], wrong: dict[str, Any]
) -> None:
    filled(small)
    Period.objects.create(
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 10, 31),
        closed_at=NOW,
        made_by=small.karin,
        approved_by=small.youssef,
    )
    before = Account.objects.count()
    with pytest.raises(refusal):
        issue(small, **wrong)
    assert (Account.objects.count(), Entry.objects.count()) == (before, 1)
    assert books.balance(small.budget) == 3_000
    issue(small)  # the control: the same without what is wrong


def test_out_of_anything_but_a_budget_no_run_is_issued(small: SmallBooks) -> None:
    for account in (small.pot, small.bank, small.to_return, small.purse):
        with pytest.raises(BadEntry):
            issue(small, budget=account)


def test_who_makes_a_run_does_not_approve_it(small: SmallBooks) -> None:
    filled(small)
    with pytest.raises(IntegrityError, match="entry_maker_is_not_approver"), transaction.atomic():
        issue(small, approved_by=small.karin)


@pytest.mark.django_db(databases=["owner"])
def test_behind_the_function_the_constraint_keeps_the_budget_from_below_zero() -> None:
    with as_owner():
        small = small_books()
        take_away("AND a.balance_cents >= v_total", function=FUNCTION, instead="")
        with pytest.raises(DatabaseError, match="account_guarded_never_below_zero"):
            issue(small)


def test_the_same_run_issued_by_eight_at_once_is_issued_once(own_database: str) -> None:
    small = small_books()
    filled(small, 100_000)
    issued = gave(at_once(*[partial(issue, small, subjects=[f"cheque:{n}" for n in range(2, 102)])] * 8))
    assert [one.created for one in issued].count(True) == 1
    assert len({one.entry_id for one in issued}) == 1
    assert all(one.accounts == issued[0].accounts for one in issued)
    assert books.balance(small.budget) == 25_000
    assert faults() == []


def test_of_two_runs_from_a_budget_for_one_the_second_is_refused(own_database: str) -> None:
    small = small_books()
    filled(small)
    tries = [partial(issue, small, f"run:{n}", [f"cheque:{n}:{m}" for m in range(4)]) for n in (1, 2)]
    assert {type(one) for one in at_once(*tries)} == {Issued, Overdrawn}
    assert books.balance(small.budget) == 0
    assert faults() == []
