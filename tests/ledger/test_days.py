"""The totals of days beside those who post; and that what is read does not grow with the lines of an account."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, TypedDict

import pytest
from django.db import connections, transaction

from ledger import asof, audit, days, newest, statements
from ledger import queries as books
from ledger.audit import Sought
from ledger.checks import all_checks
from ledger.models import AccountDay, Checkpoint, Summed
from ledger.operations import Overdrawn, Posted
from tests.cast import NOW
from tests.crowd import at_once, gave
from tests.ledger.roles import NO_RIGHT, refusal, run
from tests.ledger.small_books import SmallBooks, book, small_books
from tests.ledger.together import beside, tried
from tests.rows import rows_read

MARCH = date(2026, 3, 1)
LINES = 100_000
A_DAY = LINES // 250


class Days(TypedDict):
    since: date
    until: date


@pytest.fixture
def small(own_database: str) -> SmallBooks:
    return small_books()


def broken() -> list[str]:
    return [check.name for check in all_checks() if not check.ok]


# Beside those who post.


def test_a_gift_under_way_with_a_lower_number_is_waited_for(small: SmallBooks) -> None:
    def beside_it() -> None:
        book("second", (small.clearing, small.pot, 200))
        days.add_up(patience=0)

    with transaction.atomic():
        book("first", (small.clearing, small.pot, 500))
        beside(beside_it).result()
    assert Summed.objects.get().up_to_transfer_id == 0
    days.add_up()
    assert AccountDay.objects.get(account=small.pot).lines == 2
    assert asof.balances(account_ids=[small.pot]) == {small.pot: 700}
    assert broken() == []


@pytest.mark.parametrize("works", ["ledger_sum({mark}, 100)", "ledger_seal({mark}, 100, now())"])
def test_a_mark_is_not_believed_while_somebody_writes_below_it(small: SmallBooks, works: str) -> None:
    def beside_it() -> None:
        book("second", (small.clearing, small.pot, 200))
        [(mark,)] = run("SELECT ledger_mark()")
        assert refusal("SELECT " + works.format(mark=mark)).sqlstate == "LG012"

    with transaction.atomic():
        book("first", (small.clearing, small.pot, 500))
        beside(beside_it).result()


def test_nor_is_a_mark_that_was_never_made_or_an_older_look_at_the_books(small: SmallBooks) -> None:
    assert refusal("SELECT ledger_sum(1000000, 100)").sqlstate == "LG012"
    assert refusal("INSERT INTO ledger_watermark VALUES (1, 9, 9, now(), '{}')").sqlstate == NO_RIGHT
    with transaction.atomic():
        run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert refusal("SELECT ledger_sum(ledger_mark(), 100)").sqlstate == "LG000"


def test_with_a_mark_that_forgets_who_writes_a_gift_is_lost_and_the_checks_say_so(small: SmallBooks) -> None:
    def beside_it() -> None:
        book("second", (small.clearing, small.pot, 200))
        [(mark,)] = run("SELECT ledger_mark()")
        with connections["owner"].cursor() as owner:
            owner.execute("UPDATE ledger_watermark SET writing = '{}' WHERE id = %s", [mark])
        run("SELECT ledger_sum(%s, 100)", mark)

    with transaction.atomic():
        book("first", (small.clearing, small.pot, 500))
        beside(beside_it).result()
    assert asof.balances(account_ids=[small.pot]) == {small.pot: 200}
    assert broken() == [
        "every day's total of a code is the sum of its lines",
        "every day's total of an account is the sum of its lines",
    ]


def test_who_posts_and_who_spends_does_not_wait_while_totals_are_made(small: SmallBooks) -> None:
    book("gift", (small.clearing, small.pot, 500))
    with transaction.atomic():
        days.add_up()
        spending = beside(partial(book, "spent", (small.pot, small.to_return, 300)))
        assert not spending.waits()
    assert asof.balances(account_ids=[small.pot]) == {small.pot: 200}
    assert broken() == []


def test_while_the_worker_keeps_balances_nobody_spends_what_is_not_there(small: SmallBooks) -> None:
    def works() -> None:
        for _ in range(25):
            days.add_up()
            days.leave_checkpoints(many=1)

    def many(name: str, times: int, move: tuple[int, int, int]) -> list[Posted | Exception]:
        return [tried(partial(book, f"{name} {number}", move)) for number in range(times)]

    gifts = [partial(many, f"in {person}", 10, (small.clearing, small.pot, 100)) for person in range(10)]
    takes = [partial(many, f"out {person}", 20, (small.pot, small.to_return, 150)) for person in range(4)]
    given = gave(at_once(*gifts, *takes, works))
    taken = [one for tries in given[10:-1] for one in tries or ()]
    taken += many("the rest", 100, (small.pot, small.to_return, 150))
    assert {type(one) for one in taken} == {Posted, Overdrawn}
    assert sum(isinstance(one, Posted) for one in taken) == 10_000 // 150
    days.add_up()
    days.leave_checkpoints(many=1)
    assert books.balance(small.pot) == 10_000 % 150
    assert broken() == []


# Balances to start from.


def test_a_pot_with_many_gifts_gets_a_balance_to_start_from(small: SmallBooks) -> None:
    for number in range(3):
        book(f"gift {number}", (small.clearing, small.pot, 100))
    days.add_up()
    days.leave_checkpoints(many=4)
    assert not Checkpoint.objects.exists()
    days.leave_checkpoints(many=3)
    kept = Checkpoint.objects.get(account=small.pot)
    assert (kept.balance_cents, kept.up_to_transfer_id) == (300, Summed.objects.get().up_to_transfer_id)
    assert Checkpoint.objects.get(account=small.clearing).balance_cents == 300
    book("one more", (small.clearing, small.pot, 50))
    assert books.balance(small.pot) == 350
    assert broken() == []


def test_a_balance_kept_by_who_spent_later_stays(small: SmallBooks) -> None:
    book("gift", (small.clearing, small.pot, 500))
    days.add_up()
    book("spent", (small.pot, small.to_return, 300))
    kept = Checkpoint.objects.get(account=small.pot)
    days.leave_checkpoints(many=1)
    again = Checkpoint.objects.get(account=small.pot)
    assert (again.balance_cents, again.up_to_transfer_id) == (kept.balance_cents, kept.up_to_transfer_id)


def test_a_cold_account_gets_no_checkpoint(small: SmallBooks) -> None:
    book("filled", (small.bank, small.budget, 500))
    days.add_up()
    run("SELECT ledger_leave_checkpoint(%s)", small.budget)
    assert not Checkpoint.objects.exists()


# What is read.


@pytest.fixture
def long(small: SmallBooks) -> SmallBooks:
    """A pot with a hundred thousand gifts, 400 a day, written by the owner past the posting function; and a grant before them."""
    book("granted", (small.other_bank, small.other_budget, 500))
    application = connections["default"]
    connections["default"] = connections["owner"]
    run(
        "INSERT INTO ledger_entry (key, kind, source, effective_on, booked_at, root)"
        " SELECT 'gift:' || n, 'gift', '', %s::date + (n - 1) / %s, %s::date + (n - 1) / %s + interval '12 hours', ''"
        " FROM generate_series(1, %s) AS n",
        *(MARCH, A_DAY, MARCH, A_DAY, LINES),
    )
    run(
        "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
        " SELECT id, %s, %s, %s, 5 FROM ledger_entry WHERE kind = 'gift' ORDER BY id",
        *(small.fund, small.clearing, small.pot),
    )
    for table in ("ledger_entry", "ledger_transfer"):
        run(f"ANALYZE {table}")
    connections["default"] = application
    return small


def test_what_is_read_grows_with_a_day_and_not_with_the_account(long: SmallBooks) -> None:
    middle = MARCH + timedelta(days=125)
    period: Days = {"since": middle, "until": MARCH + timedelta(days=200)}
    noon = NOW.replace(year=2026, month=7, day=4, hour=13)
    found = statements.statement(account_id=long.pot, since=MARCH, until=date.max)
    last = statements.page(found, last=True).lines[0]
    ever = newest.Within([long.fund], MARCH, date.max, most=50)
    elsewhere = replace(ever, fund_ids=[long.other_fund])
    questions: dict[str, Callable[[], object]] = {
        "entries of a day": lambda: newest.entries(replace(ever, until=MARCH)),
        "entries of long ago": lambda: newest.entries(elsewhere),
        "a search for nothing": lambda: newest.entries(
            elsewhere, Sought(cents=1, text="none", kinds=["none"])
        ),
        "trial": lambda: asof.trial_by_code(fund_ids=[long.fund], **period),
        "trial at a moment": lambda: asof.trial_by_code(fund_ids=[long.fund], **period, booked_by=noon),
        "count": lambda: asof.transfer_count(fund_ids=[long.fund], **period),
        "accounts": lambda: asof.trial_of_code(fund_ids=[long.fund], code=2300, **period, limit=20),
        "balance at a day": lambda: asof.balances(account_ids=[long.pot], on=middle),
        "balance at a moment": lambda: asof.balances(account_ids=[long.pot], booked_by=noon),
        "statement": lambda: statements.statement(account_id=long.pot, **period),
        "first page": lambda: statements.page(found),
        "page in the middle": lambda: statements.page(found, after=statements.Place(middle, 0)),
        "page before the last": lambda: statements.page(found, before=statements.place_of(last)),
        "last page": lambda: statements.page(found, last=True),
    }
    before = {name: rows_read(question) for name, question in questions.items()}
    assert min(before.values()) >= LINES // 2, before  # so the count counts
    in_march: Any = {"fund_ids": [long.fund], "since": MARCH, "until": date(2026, 3, 31)}
    assert asof.transfer_count(**in_march) == 31 * A_DAY
    days.add_up()
    assert asof.transfer_count(**in_march) == 31 * A_DAY
    assert asof.transfer_count(**in_march | {"fund_ids": []}) == 0
    after = {name: rows_read(question) for name, question in questions.items()}
    # A day of 400 lines, each with its entry; a page looks there for its lines, for the day beside them and for the balance.
    assert max(after.values()) <= 10 * A_DAY, after
    assert after["trial"] == after["count"] == after["balance at a day"] == after["statement"] == 0
    assert (
        rows_read(lambda: list(audit.entries(fund_ids=[long.other_fund], since=MARCH, until=date.max)[:50]))
        > LINES
    )
    assert rows_read(lambda: newest.entries(replace(ever, before=LINES // 2))) <= 3 * 50
    for within in (ever, elsewhere, *(replace(ever, before=LINES // 10 * tenth) for tenth in range(10))):
        all_of_them = audit.entries(fund_ids=within.fund_ids, since=MARCH, until=date.max)
        assert newest.entries(within) == list(all_of_them.filter(pk__lt=within.before)[:50])
    assert found.lines == LINES
    assert statements.page(found, last=True).lines[-1].balance_cents == found.closing_cents == 5 * LINES
