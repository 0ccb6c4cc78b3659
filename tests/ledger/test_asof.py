"""The books as they stood, on a day and at a moment; and the totals of days that make it quick."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import asof, days, statements
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.checks import all_checks
from ledger.models import AccountDay, CodeDay, Summed
from ledger.operations import Move
from ledger.queries import AccountLine
from ledger.statements import Statement, place_of
from tests.ledger.roles import NO_RIGHT, refusal, run
from tests.ledger.small_books import SmallBooks

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def booked(key: str, *moves: tuple[int, int, int], on: date, at: datetime) -> int:
    return ledger.post(
        key=key, kind="test", moves=[Move(*move) for move in moves], effective_on=on, now=at
    ).entry_id


def amsterdam(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=AMSTERDAM)


@pytest.fixture
def march(small: SmallBooks) -> SmallBooks:
    """A gift in the last minute of 31 March; one just after midnight, when it is not April yet in UTC; and on 2 April a gift
    that counts for 31 March."""
    booked("gift", (small.clearing, small.pot, 1_000), on=date(2026, 3, 31), at=amsterdam(3, 31, 23, 59))
    booked("after midnight", (small.clearing, small.pot, 200), on=date(2026, 4, 1), at=amsterdam(4, 1, 0, 30))
    booked("backdated", (small.clearing, small.pot, 30), on=date(2026, 3, 31), at=amsterdam(4, 2, 12))
    return small


@pytest.fixture(params=["nothing added up", "half", "all"])
def summed(request: pytest.FixtureRequest, march: SmallBooks) -> SmallBooks:
    """The same answers, wherever the totals are."""
    if request.param == "half":
        run("SELECT ledger_sum(ledger_mark(), 2)")
    if request.param == "all":
        days.add_up()
    return march


def pot(small: SmallBooks, *, on: date = date.max, booked_by: datetime | None = None) -> int:
    return asof.balances(account_ids=[small.pot], on=on, booked_by=booked_by)[small.pot]


def test_a_day_has_what_counts_for_it_whenever_it_was_booked(summed: SmallBooks) -> None:
    assert pot(summed, on=date(2026, 3, 30)) == 0
    assert pot(summed, on=date(2026, 3, 31)) == 1_030
    assert pot(summed, on=date(2026, 4, 1)) == 1_230
    assert pot(summed) == 1_230 == books.balance(summed.pot)


def test_a_moment_has_what_was_booked_by_then_whatever_it_counts_for(summed: SmallBooks) -> None:
    assert pot(summed, booked_by=amsterdam(3, 31, 23, 58)) == 0
    assert pot(summed, booked_by=amsterdam(3, 31, 23, 59)) == 1_000
    assert pot(summed, booked_by=amsterdam(4, 1, 0, 29)) == 1_000
    # In UTC it is 22:30 on 31 March.
    assert pot(summed, booked_by=datetime(2026, 3, 31, 22, 30, tzinfo=UTC)) == 1_200
    assert pot(summed, booked_by=amsterdam(4, 2, 11, 59)) == 1_200
    assert pot(summed, booked_by=amsterdam(4, 2, 12)) == 1_230


def test_the_end_of_march_is_known_as_it_was_known_then(summed: SmallBooks) -> None:
    assert pot(summed, on=date(2026, 3, 31), booked_by=amsterdam(4, 2, 11, 59)) == 1_000
    trial = asof.trial_by_code(
        fund_ids=[summed.fund],
        since=date(2026, 4, 1),
        until=date(2026, 4, 30),
        booked_by=amsterdam(4, 1, 8),
    )
    assert [
        (one.line.code, one.line.opening_cents, one.line.debit_cents, one.line.credit_cents, one.account_id)
        for one in trial
    ] == [(1100, 1_000, 200, 0, summed.clearing), (2300, 1_000, 0, 200, summed.pot)]


def test_a_statement_is_in_the_order_of_the_days_with_the_balance_after_each_line(summed: SmallBooks) -> None:
    found = statements.statement(account_id=summed.pot, since=date(2026, 3, 31), until=date(2026, 4, 30))
    assert (found.opening_cents, found.credit_cents, found.lines, found.closing_cents) == (0, 1_230, 3, 1_230)
    assert [line.balance_cents for line in statements.page(found).lines] == [1_000, 1_030, 1_230]
    april = statements.statement(account_id=summed.pot, since=date(2026, 4, 1), until=date(2026, 4, 30))
    assert (april.opening_cents, april.lines) == (1_030, 1)
    assert [line.balance_cents for line in statements.page(april).lines] == [1_230]
    known = statements.statement(
        account_id=summed.pot, since=date.min, until=date.max, booked_by=amsterdam(4, 1, 8)
    )
    assert [line.balance_cents for line in statements.page(known).lines] == [1_000, 1_200]
    assert list(statements.lines(known)) == statements.page(known).lines


# The totals themselves.


def test_days_begin_in_amsterdam_and_each_pair_of_days_is_one_row(march: SmallBooks) -> None:
    days.add_up()
    rows = AccountDay.objects.filter(account=march.pot).order_by("effective_on", "booked_on")
    assert list(rows.values_list("effective_on", "booked_on", "credit_cents", "lines")) == [
        (date(2026, 3, 31), date(2026, 3, 31), 1_000, 1),
        (date(2026, 3, 31), date(2026, 4, 2), 30, 1),
        (date(2026, 4, 1), date(2026, 4, 1), 200, 1),
    ]


def test_what_is_added_up_in_small_steps_is_the_same(march: SmallBooks) -> None:
    days.add_up(at_once=1)
    small_steps = set(CodeDay.objects.values_list()), set(AccountDay.objects.values_list())
    assert all(check.ok for check in all_checks())
    with transaction.atomic():
        assert Summed.objects.get().up_to_transfer_id == run("SELECT max(id) FROM ledger_transfer")[0][0]
    days.add_up()
    assert small_steps == (set(CodeDay.objects.values_list()), set(AccountDay.objects.values_list()))


def test_an_account_of_one_cheque_or_purse_has_no_totals_of_its_own(small: SmallBooks) -> None:
    booked("filled", (small.bank, small.purse, 750), on=date(2026, 3, 1), at=amsterdam(3, 1, 9))
    days.add_up()
    assert set(AccountDay.objects.values_list("account_id", flat=True)) == {small.bank}
    assert set(CodeDay.objects.values_list("kind_id", flat=True)) == {Code.BANK, Code.PURSES}
    assert asof.balances(account_ids=[small.purse]) == {small.purse: 750}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger_codeday (fund_id, code, effective_on, booked_on, debit_cents, credit_cents, lines,"
        " first_transfer_id, last_transfer_id) VALUES (1, 1000, now(), now(), 1, 0, 1, 1, 1)",
        "UPDATE ledger_accountday SET debit_cents = 1",
        "DELETE FROM ledger_codeday",
        "TRUNCATE ledger_accountday",
        "UPDATE ledger_summed SET up_to_transfer_id = 0",
    ],
)
def test_the_application_cannot_write_totals(statement: str) -> None:
    assert refusal(statement).sqlstate == NO_RIGHT


# Against a plain sum.

DAYS = [date(2026, 3, 28) + timedelta(days=number) for number in range(6)]
# Around two midnights, and the hour that the clock of Amsterdam skips.
MOMENTS = [
    amsterdam(3, 28, 23, 59),
    amsterdam(3, 29, 0, 0),
    amsterdam(3, 29, 1, 59),
    amsterdam(3, 29, 3, 0),
    amsterdam(3, 30, 0, 0),
    amsterdam(3, 30, 1, 0),
    amsterdam(3, 31, 12),
]
# Which two accounts, in which direction, cents, the day on which it counts, the moment at which it is booked.
EVENTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 999), st.sampled_from(DAYS), st.sampled_from(MOMENTS)),
    max_size=14,
)


def by_code(small: SmallBooks, since: date, until: date, moment: datetime | None) -> set[tuple[int, ...]]:
    """From the lines themselves, in no other way than the file of the trial balance."""
    sums: Counter[tuple[int, int]] = Counter()
    lines = books.trial_balance(
        fund_ids=[small.fund, small.other_fund], since=since, until=until, booked_by=moment
    )
    for line in lines:
        for place, cents in enumerate((line.opening_cents, line.debit_cents, line.credit_cents)):
            sums[line.code, place] += cents
    rows = {(code, *(sums[code, place] for place in range(3))) for code, _ in sums}
    return {row for row in rows if any(row[1:])}


def paged(found: Statement, limit: int) -> Iterator[AccountLine]:
    page = statements.page(found, limit=limit)
    assert (page.opening_cents, page.earlier) == (found.opening_cents, False)
    yield from page.lines
    while page.later:
        stood = page.lines[-1].balance_cents
        page = statements.page(found, after=place_of(page.lines[-1]), limit=limit)
        assert (page.opening_cents, page.earlier) == (stood, True)
        yield from page.lines


def paged_back(found: Statement, limit: int) -> list[AccountLine]:
    page = statements.page(found, last=True, limit=limit)
    result = page.lines
    while page.earlier:
        page = statements.page(found, before=place_of(page.lines[0]), limit=limit)
        assert page.later
        result = page.lines + result
    return result


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=EVENTS,
    stops=st.lists(st.integers(0, 14), max_size=3),
    period=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)),
    moment=st.none() | st.sampled_from(MOMENTS),
    limit=st.integers(1, 4),
)
def test_the_books_as_they_stood_are_a_plain_sum(
    small: SmallBooks,
    events: list[tuple[int, int, date, datetime]],
    stops: list[int],
    period: tuple[date, date],
    moment: datetime | None,
    limit: int,
) -> None:
    since, until = sorted(period)
    ways = [
        (small.bank, small.budget),
        (small.clearing, small.pot),
        (small.bank, small.clearing),
        (small.bank, small.purse),
    ]
    with transaction.atomic():
        for number, (way, cents, on, at) in enumerate(events):
            booked(str(number), (*ways[way], cents), on=on, at=at)
        for stop in stops:
            run("SELECT ledger_sum(ledger_mark(), %s)", stop)
        assert all(check.ok for check in all_checks())
        funds = [small.fund, small.other_fund]
        trial = asof.trial_by_code(fund_ids=funds, since=since, until=until, booked_by=moment)
        assert {
            (one.line.code, one.line.opening_cents, one.line.debit_cents, one.line.credit_cents)
            for one in trial
        } == by_code(small, since, until, moment)
        whole = books.trial_balance(fund_ids=funds, since=since, until=until, booked_by=moment)
        with transaction.atomic():
            by_account = asof.trial_by_account(fund_ids=funds, since=since, until=until, booked_by=moment)
            assert list(by_account) == whole
        for code in (Code.BANK, Code.POTS, Code.PURSES):
            under = asof.trial_of_code(
                fund_ids=funds, code=code, since=since, until=until, booked_by=moment, limit=20
            )
            assert set(under.lines) == {
                line
                for line in whole
                if line.code == code and (line.opening_cents or line.debit_cents or line.credit_cents)
            }
        for account_id in (small.clearing, small.purse):
            found = statements.statement(account_id=account_id, since=since, until=until, booked_by=moment)
            lines = list(statements.lines(found))
            assert found.lines == len(lines)
            assert found.closing_cents == (lines[-1].balance_cents if lines else found.opening_cents)
            assert list(paged(found, limit)) == lines
            assert paged_back(found, limit) == lines
        transaction.set_rollback(True)
