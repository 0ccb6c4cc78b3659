"""The chart of accounts: one list in the code, the same in the database, and accounts that behave by it."""

import pytest

from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import CHART, Code, Side
from ledger.models import Account, Kind
from ledger.tracing import places
from tests.ledger.small_books import SmallBooks, book

MEMORANDUM = {Code.UNACCOUNTED, Code.UNACCOUNTED_CONTRA}


@pytest.mark.django_db
def test_the_database_holds_the_same_chart() -> None:
    stored = {(kind.code, kind.debit_side, kind.guarded, kind.pooled) for kind in Kind.objects.all()}
    assert stored == {
        (kind.code, kind.side is Side.DEBIT, kind.guarded, kind.pooled) for kind in CHART.values()
    }


def test_every_code_has_a_place_in_the_chart() -> None:
    assert set(CHART) == set(Code)
    assert all(kind.code == code and str(kind.name) for code, kind in CHART.items())


def test_no_two_codes_share_a_national_code_and_memoranda_have_none() -> None:
    given = [kind.rgs for kind in CHART.values() if kind.rgs]
    assert len(given) == len(set(given))
    assert not any(CHART[code].rgs for code in MEMORANDUM)


def test_the_bank_and_stripe_are_never_refused_and_what_is_owed_always_guarded() -> None:
    assert not CHART[Code.BANK].guarded
    assert not CHART[Code.STRIPE_CLEARING].guarded
    owed = [kind for code, kind in CHART.items() if 2000 <= code < 3000]
    assert len(owed) == 9
    assert all(kind.guarded and kind.side is Side.CREDIT for kind in owed)


@pytest.mark.parametrize("code", list(Code), ids=lambda code: code.name)
def test_an_account_is_opened_as_its_kind_says(small: SmallBooks, code: Code) -> None:
    opened = ledger.account(fund_id=small.fund, code=code, key="subject:1", name="Een naam")
    account = Account.objects.get(pk=opened)
    kind = CHART[code]
    assert (account.fund_id, account.code, account.key, account.name) == (
        small.fund,
        code,
        "subject:1",
        "Een naam",
    )
    assert (account.debit_side, account.guarded, account.pooled) == (
        kind.side is Side.DEBIT,
        kind.guarded,
        kind.pooled,
    )
    assert account.balance_cents == (None if kind.pooled else 0)
    assert books.balance(opened) == 0


@pytest.mark.parametrize("code", list(Code), ids=lambda code: code.name)
def test_a_balance_counts_on_the_accounts_own_side(small: SmallBooks, code: Code) -> None:
    account = ledger.account(fund_id=small.fund, code=code, key="subject:1")
    against = small.clearing
    if CHART[code].side is Side.DEBIT:
        book("up", (account, against, 700))
        book("down", (against, account, 200))
    else:
        book("cash", (small.bank, small.to_return, 1_000))
        book("up", (against, account, 700), by=small.two)
        book("down", (account, against, 200), by=small.two)
    assert books.balance(account) == 500


def test_opening_again_gives_the_same_account_and_leaves_it_as_it_is(small: SmallBooks) -> None:
    first = ledger.account(fund_id=small.fund, code=Code.PURSES, key="purse:7", name="Irisplein 7")
    book("filled", (small.bank, first, 750))
    again = ledger.open_accounts(
        fund_id=small.fund, code=Code.PURSES, names={"purse:7": "Een andere naam", "purse:8": "Irisplein 8"}
    )
    assert again["purse:7"] == first != again["purse:8"]
    assert Account.objects.get(pk=first).name == "Irisplein 7"
    assert books.balances(again.values()) == {first: 750, again["purse:8"]: 0}


def test_the_same_subject_has_an_account_per_fund_and_code(small: SmallBooks) -> None:
    opened = {
        ledger.account(fund_id=fund, code=code, key="campaign:7")
        for fund in (small.fund, small.other_fund)
        for code in (Code.POTS, Code.PAYMENT_COSTS)
    }
    assert len(opened) == 4
    found = places(keys=["campaign:7"], codes=list(Code))
    assert {place.account_id for place in found} == opened
    assert [place.code for place in places(keys=["campaign:7"], codes=[Code.POTS])] == [2300, 2300]


def test_a_long_name_is_cut_to_what_fits(small: SmallBooks) -> None:
    opened = ledger.account(fund_id=small.fund, code=Code.POTS, key="campaign:8", name="lang " * 100)
    assert len(Account.objects.get(pk=opened).name) == 200
