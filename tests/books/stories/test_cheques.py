"""Cheques and purses: issued, activated, expired, voided, reissued."""

from datetime import timedelta

from cheques import operations as cheques
from cheques.models import Cheque
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.models import Entry
from programmes.models import Programme
from tests import cast
from tests.books.stories.table import tells
from tests.books.stories.telling import balances, booked, give, newest, post, street
from tests.campaigns.giving import purses
from tests.cast import NOW

PURSES_DIFFER = "every purse holds what was activated less what was given"


def account(programme: Programme, code: Code) -> int:
    return ledger.account(fund_id=programme.fund_id, code=code)


@tells("run issued")
def test_a_run_to_three_dwellings_is_one_entry(here: cast.World) -> None:
    """Karin prepares cheques of € 7,50 for the Irisplein, Youssef issues them: one entry with a transfer for each letter."""
    cast.dwellings(here, 3)
    programme = cast.funded(here)
    cast.issued(here, programme)
    entry = Entry.objects.get(kind="cheques issued")
    assert booked(entry.pk) == [(Code.BUDGET, Code.CHEQUES, 750)] * 3
    assert (entry.made_by, entry.approved_by) == (here.karin, here.youssef)
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 97_750, Code.CHEQUES: 2_250}


@tells("cheque activated")
def test_henk_activates_his_cheque(here: cast.World) -> None:
    """Henk types the code of his letter: the cheque is a purse of € 7,50 now. The letters of the others still wait."""
    cast.dwellings(here, 3)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    assert newest("cheque activated") == [(Code.CHEQUES, Code.PURSES, 750)]
    assert books.balance(purse.account_id) == 750
    assert balances(programme.fund_id) == {
        Code.BANK: 100_000,
        Code.BUDGET: 97_750,
        Code.CHEQUES: 1_500,
        Code.PURSES: 750,
    }


@tells("cheque expires while the programme runs")
def test_a_letter_that_nobody_used_is_budget_again(here: cast.World) -> None:
    """Of two letters one lay behind the door until after the last day. Its € 7,50 can be issued again; the purse stays."""
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    run = cast.issued(here, programme)
    purses(run, 1)
    assert cheques.expire(now=run.activate_before) == 1
    assert newest("cheques expired") == [(Code.CHEQUES, Code.BUDGET, 750)]
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 99_250, Code.PURSES: 750}


@tells("cheque expires after the programme")
def test_a_letter_that_expires_after_the_programme_closed_is_the_funders(here: cast.World) -> None:
    """The programme was closed before the last day to activate came. There is no budget to go back to: De Klinker gets it."""
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    run = cast.issued(here, programme)
    Programme.objects.filter(pk=programme.pk).update(closed_at=NOW)
    assert cheques.expire(now=run.activate_before) == 1
    assert newest("cheques expired") == [(Code.CHEQUES, Code.TO_RETURN, 750)]
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 99_250, Code.TO_RETURN: 750}


@tells("cheque is voided")
def test_a_letter_to_a_house_that_was_torn_down_is_voided(here: cast.World) -> None:
    """Number 1 was torn down while its letter was in the post. Over the ledger: the site has no page to void a cheque yet."""
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    cheque = cast.issued(here, programme).cheques.get()
    entry = post("cheque voided", (cheque.account_id, account(programme, Code.BUDGET), 750))
    Cheque.objects.filter(pk=cheque.pk).update(state=Cheque.State.VOIDED)
    assert booked(entry) == [(Code.CHEQUES, Code.BUDGET, 750)]
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 100_000}


@tells("purse is voided while the programme runs", red=(PURSES_DIFFER,))
def test_a_purse_that_was_opened_by_a_thief_is_voided(here: cast.World) -> None:
    """Somebody emptied a letter box and activated what was in it. The € 7,50 is budget again, for a new letter.

    Over the ledger: no row says of a purse that it was voided, so the check of purses still misses the € 7,50.
    """
    programme, (purse,) = street(here)
    entry = post("purse voided", (purse.account_id, account(programme, Code.BUDGET), 750))
    assert booked(entry) == [(Code.PURSES, Code.BUDGET, 750)]
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 100_000}


@tells("reissued")
def test_a_lost_letter_is_sent_anew(here: cast.World) -> None:
    """The letter of number 1 got wet. One entry empties the old cheque into the new one.

    Over the ledger: the site has no page to reissue a cheque yet.
    """
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    old = cast.issued(here, programme).cheques.get()
    anew = ledger.account(fund_id=programme.fund_id, code=Code.CHEQUES, key="cheque:anew")
    entry = post("cheque reissued", (old.account_id, anew, 750))
    Cheque.objects.filter(pk=old.pk).update(state=Cheque.State.VOIDED)
    Cheque.objects.create(run=old.run, account_id=anew)
    assert booked(entry) == [(Code.CHEQUES, Code.CHEQUES, 750)]
    assert books.balances([old.account_id, anew]) == {old.account_id: 0, anew: 750}
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 99_250, Code.CHEQUES: 750}


@tells("purse expires after the programme", red=(PURSES_DIFFER,))
def test_what_is_left_in_a_purse_after_partial_use_goes_to_the_funder(here: cast.World) -> None:
    """Henk gave € 5,00 of his € 7,50 to the bench. At the programme's end the other € 2,50 is De Klinker's; the gift stands.

    Over the ledger: no row says of a purse that it has ended, so the check of purses still misses the € 2,50.
    """
    programme, (purse,) = street(here)
    bench = cast.campaign(here, programme)
    give(purse, bench, 500)
    Programme.objects.filter(pk=programme.pk).update(closed_at=purse.valid_until)
    entry = post("purse expired", (purse.account_id, account(programme, Code.TO_RETURN), 250))
    assert booked(entry) == [(Code.PURSES, Code.TO_RETURN, 250)]
    assert books.balance(purse.account_id) == 0
    assert balances(programme.fund_id) == {
        Code.BANK: 100_000,
        Code.BUDGET: 99_250,
        Code.POTS: 500,
        Code.TO_RETURN: 250,
    }


@tells("cheque expires while the programme runs", "gift from a purse")
def test_a_run_of_which_a_part_was_used_expires_for_the_rest_only(here: cast.World) -> None:
    """Four letters: one purse is given whole, one for a part, two letters stay closed. Only those two are budget again."""
    cast.dwellings(here, 4)
    programme = cast.funded(here)
    run = cast.issued(here, programme)
    whole, part = purses(run, 2)
    bench = cast.campaign(here, programme)
    give(whole, bench, 750)
    give(part, bench, 100)
    late = run.activate_before + timedelta(days=1)
    assert (cheques.expire(now=late), cheques.expire(now=late)) == (2, 0)
    assert newest("cheques expired") == [(Code.CHEQUES, Code.BUDGET, 750)] * 2
    assert balances(programme.fund_id) == {
        Code.BANK: 100_000,
        Code.BUDGET: 98_500,
        Code.PURSES: 650,
        Code.POTS: 850,
    }
