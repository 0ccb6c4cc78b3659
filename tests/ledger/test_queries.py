"""Reading the books: trial balance, an account with its lines, balances, and how many queries each takes."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind, Side
from ledger.models import Checkpoint, Fund
from ledger.outflows import Outflow, outflows
from tests.cast import NOW, TODAY
from tests.ledger.small_books import SmallBooks, book, lines_of, undo

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 10), date(2026, 10, 10), date(2026, 11, 10)


@pytest.fixture
def quarter(small: SmallBooks) -> SmallBooks:
    """Three months: money in September, cheques in October, gifts in November. Booked in another order."""
    book("arrived", (small.bank, small.budget, 10_000), on=SEPTEMBER)
    book("issued", (small.budget, small.cheque, 3_000), by=small.two, on=OCTOBER)
    book("activated", (small.cheque, small.purse, 2_000), on=NOVEMBER)
    book("given", (small.purse, small.pot, 1_500), on=NOVEMBER)
    book("arrived, found late", (small.bank, small.budget, 500), on=SEPTEMBER)
    book("grant", (small.other_bank, small.other_budget, 5_000), on=OCTOBER)
    return small


def trial(small: SmallBooks, since: date, until: date) -> dict[int, tuple[int, int, int, int]]:
    lines = books.trial_balance(fund_ids=[small.fund], since=since, until=until)
    return {
        line.code: (line.opening_cents, line.debit_cents, line.credit_cents, line.closing_cents)
        for line in lines
        if line.opening_cents or line.debit_cents or line.credit_cents
    }


# The trial balance.


def test_a_trial_balance_opens_with_what_was_before_and_closes_with_what_moved(quarter: SmallBooks) -> None:
    assert trial(quarter, date(2026, 10, 1), date(2026, 10, 31)) == {
        Code.BANK: (10_500, 0, 0, 10_500),
        Code.BUDGET: (10_500, 3_000, 0, 7_500),
        Code.CHEQUES: (0, 0, 3_000, 3_000),
    }
    assert trial(quarter, date(2026, 11, 1), date(2026, 11, 30)) == {
        Code.BANK: (10_500, 0, 0, 10_500),
        Code.BUDGET: (7_500, 0, 0, 7_500),
        Code.CHEQUES: (3_000, 2_000, 0, 1_000),
        Code.PURSES: (0, 1_500, 2_000, 500),
        Code.POTS: (0, 0, 1_500, 1_500),
    }


def test_both_days_of_a_trial_balance_belong_to_it(quarter: SmallBooks) -> None:
    day = timedelta(days=1)
    moved = {Code.CHEQUES: (0, 0, 3_000, 3_000)}
    assert trial(quarter, OCTOBER, OCTOBER).items() >= moved.items()
    assert Code.CHEQUES not in trial(quarter, SEPTEMBER, OCTOBER - day)
    assert trial(quarter, OCTOBER + day, OCTOBER + day)[Code.CHEQUES] == (3_000, 0, 0, 3_000)


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 1, 1), date(2026, 12, 31)), (OCTOBER, OCTOBER), (date(2027, 1, 1), date(2027, 1, 31))],
)
def test_debits_equal_credits_in_every_column(quarter: SmallBooks, since: date, until: date) -> None:
    lines = books.trial_balance(fund_ids=[quarter.fund, quarter.other_fund], since=since, until=until)
    signs = [1 if line.side is Side.DEBIT else -1 for line in lines]
    assert sum(sign * line.opening_cents for sign, line in zip(signs, lines, strict=True)) == 0
    assert sum(sign * line.closing_cents for sign, line in zip(signs, lines, strict=True)) == 0
    assert sum(line.debit_cents - line.credit_cents for line in lines) == 0
    assert {line.fund_id for line in lines} == {quarter.fund, quarter.other_fund}


def test_a_trial_balance_shows_no_other_fund(quarter: SmallBooks) -> None:
    lines = books.trial_balance(fund_ids=[quarter.other_fund], since=SEPTEMBER, until=TODAY)
    assert {(line.fund_id, line.code, line.closing_cents) for line in lines} == {
        (quarter.other_fund, Code.BANK, 5_000),
        (quarter.other_fund, Code.BUDGET, 5_000),
    }
    assert books.trial_balance(fund_ids=[], since=SEPTEMBER, until=TODAY) == []


def test_up_to_today_the_trial_balance_closes_with_the_kept_balances(quarter: SmallBooks) -> None:
    lines = books.trial_balance(fund_ids=[quarter.fund], since=SEPTEMBER, until=TODAY)
    closing = {line.account_id: line.closing_cents for line in lines}
    assert closing == books.balances(closing)


# Balances.


def test_a_pooled_balance_is_the_same_before_and_after_its_checkpoint(small: SmallBooks) -> None:
    book("gift", (small.clearing, small.pot, 1_000))
    assert not Checkpoint.objects.exists()
    assert books.balance(small.pot) == 1_000

    spent = book("spent", (small.pot, small.to_return, 400))
    checkpoint = Checkpoint.objects.get(account=small.pot)
    last = lines_of(small.pot)[-1]
    assert (checkpoint.balance_cents, checkpoint.up_to_transfer_id) == (600, last.transfer_id)
    assert books.balance(small.pot) == 600

    book("another gift", (small.clearing, small.pot, 50))
    assert books.balance(small.pot) == 650
    assert Checkpoint.objects.get(account=small.pot).balance_cents == 600

    undo("not spent", spent.entry_id)
    assert books.balance(small.pot) == 1_050


def test_money_on_its_way_leaves_a_checkpoint_of_the_bank_too(small: SmallBooks) -> None:
    book("deposit", (small.bank, small.budget, 1_000))
    book("gift", (small.clearing, small.pot, 600))
    book("payout", (small.pot, small.way, 600), by=small.two)
    assert Checkpoint.objects.get(account=small.bank).balance_cents == 1_000
    book("left", (small.way, small.bank, 600))
    assert books.balance(small.bank) == 400


def test_who_only_gives_leaves_no_checkpoint(small: SmallBooks) -> None:
    book("gift", (small.clearing, small.pot, 1_000))
    book("charges", (small.clearing, small.bank, 5))
    assert not Checkpoint.objects.exists()


def test_balances_are_summed_by_key_code_and_fund(quarter: SmallBooks) -> None:
    theirs = ledger.account(fund_id=quarter.other_fund, code=Code.POTS, key="campaign:1")
    book("match", (quarter.other_budget, theirs, 700))
    assert books.balances_by_key(keys=["campaign:1", "campaign:none"], code=Code.POTS) == {
        "campaign:1": {quarter.fund: 1_500, quarter.other_fund: 700},
        "campaign:none": {},
    }
    assert books.total(code=Code.POTS) == 2_200
    assert books.total(code=Code.POTS, fund_ids=[quarter.other_fund]) == 700
    assert books.total(code=Code.POTS, fund_ids=[]) == 0
    assert books.totals_by_code(fund_id=quarter.other_fund) == {
        Code.BANK: 5_000,
        Code.BUDGET: 4_300,
        Code.POTS: 700,
    }


def test_the_balances_of_a_fund_weigh_up(quarter: SmallBooks) -> None:
    assert books.imbalance(fund_id=quarter.fund) == 0


def test_what_left_an_account_is_told_by_kind_and_by_where_it_went(quarter: SmallBooks) -> None:
    book("spent", (quarter.pot, quarter.to_return, 400))
    book("spent again", (quarter.pot, quarter.to_return, 50))
    book("back to the purse", (quarter.pot, quarter.purse, 25))
    found = outflows(keys=["campaign:1"], code=Code.POTS)
    assert sorted(found, key=lambda flow: flow.to_code) == [
        Outflow("campaign:1", quarter.fund, "test", Code.PURSES, 25),
        Outflow("campaign:1", quarter.fund, "test", Code.TO_RETURN, 450),
    ]


# Entries and funds.


def test_the_entries_of_a_fund_are_those_with_a_line_in_it(quarter: SmallBooks) -> None:
    both = book(
        "match",
        (quarter.other_budget, quarter.other_bank, 2_000),
        (quarter.bank, quarter.pot, 2_000),
        by=quarter.two,
    ).entry_id
    theirs = books.entries_of(fund_ids=[quarter.other_fund]).order_by("pk")
    assert [entry.key for entry in theirs] == ["grant", "match"]
    assert both in books.entries_of(fund_ids=[quarter.fund]).values_list("pk", flat=True)
    shown = books.transfers_of(entry_ids=[both], fund_ids=[quarter.other_fund])
    assert [(line.debit_id, line.amount_cents) for line in shown] == [(quarter.other_budget, 2_000)]
    assert books.transfers_of(entry_ids=[both]).count() == 2
    assert books.counts(fund_id=quarter.other_fund) == books.Counts(entries=2, transfers=2)


def test_a_fund_of_a_kind_that_is_once_for_each_is_found_again(small: SmallBooks) -> None:
    first = ledger.fund_of(organisation=small.klinker, kind=FundKind.DONATIONS, name="Donaties", now=NOW)
    again = ledger.fund_of(organisation=small.klinker, kind=FundKind.DONATIONS, name="Anders", now=NOW)
    assert (again.pk, again.name) == (first.pk, "Donaties")
    assert books.fund_id_of_kind(organisation_id=small.klinker.pk, kind=FundKind.DONATIONS) == first.pk
    assert [fund.pk for fund in books.funds_of(organisation_id=small.klinker.pk)] == [small.fund, first.pk]
    with pytest.raises(Fund.DoesNotExist):
        books.fund_id_of_kind(organisation_id=small.klinker.pk, kind=FundKind.SUSPENSE)


# How many queries.


def test_reading_takes_one_query_however_many_rows(
    small: SmallBooks, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    purses = ledger.open_accounts(
        fund_id=small.fund, code=Code.PURSES, names={f"purse:{n}": "" for n in range(10, 60)}
    )
    book("filled", *[(small.bank, purse, 100) for purse in purses.values()])
    with django_assert_num_queries(1):
        assert sum(books.balances(purses.values()).values()) == 5_000
    with django_assert_num_queries(1):
        assert len(books.balances_by_key(keys=list(purses), code=Code.PURSES)) == 50
    with django_assert_num_queries(1):
        books.trial_balance(fund_ids=[small.fund], since=SEPTEMBER, until=TODAY)
    with django_assert_num_queries(2):
        entries = books.entries_of(fund_ids=[small.fund])
        lines = books.transfers_of(entry_ids=[entry.pk for entry in entries])
        shown = {(line.entry.key, line.debit.code, line.credit.code, line.fund.name) for line in lines}
    assert shown == {("filled", 1000, 2200, "Buurtcheques")}


def test_posting_takes_one_call_however_many_transfers(small: SmallBooks) -> None:
    book("filled", (small.bank, small.budget, 1_000))
    counts = []
    for number, many in enumerate((1, 200)):
        with CaptureQueriesContext(connection) as captured:
            book(f"issued {number}", *[(small.budget, small.cheque, 1)] * many, by=small.two)
        counts.append(len(captured))
    assert counts == [3, 3]  # the call, inside a savepoint


def test_accounts_that_are_there_are_found_in_one_query(
    small: SmallBooks, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    names = {f"purse:{n}": "" for n in range(10, 60)}
    with django_assert_num_queries(2):  # looked for, then opened
        opened = ledger.accounts(fund_id=small.fund, code=Code.PURSES, names=names)
    with django_assert_num_queries(1):
        assert ledger.accounts(fund_id=small.fund, code=Code.PURSES, names=names) == opened
