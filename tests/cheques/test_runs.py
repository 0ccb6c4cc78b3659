"""Runs: prepared by one person, issued by another, as one entry or not at all."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from cheques import runs
from cheques.models import Cheque, ChequeRun
from ledger import queries as books
from ledger.chart import Code
from people.models import Organisation, OrganisationKind
from places.models import Dwelling
from programmes.models import Programme
from tests import cast
from tests.books.soundness import assert_sound
from tests.cast import NOW
from tests.crowd import at_once, kinds
from tests.ledger.roles import NO_RIGHT
from tests.ledger.roles import refusal as denied


def prepared(
    here: cast.World,
    programme: Programme,
    *,
    last_day: date = date(2026, 12, 31),
    name: str = "Uitgifte november",
) -> ChequeRun:
    return runs.prepare(
        rules=programme.rules,
        name=name,
        neighbourhoods=[here.bloemenbuurt],
        last_day_to_activate=last_day,
        made_by=here.karin,
        now=NOW,
    )


@pytest.mark.django_db
def test_a_run_is_one_entry_with_a_transfer_for_each_dwelling() -> None:
    here = cast.world()
    cast.dwellings(here, 4)
    programme = cast.funded(here, budget_cents=10_000)
    run = prepared(here, programme)
    assert (run.state, run.dwellings, run.total_cents) == (ChequeRun.State.PREPARED, 4, 3_000)
    assert books.total(code=Code.BUDGET) == 10_000

    issued = runs.issue(run_id=run.pk, by=here.youssef, now=NOW)

    assert (issued.state, issued.approved_by, issued.approved_at) == (
        ChequeRun.State.ISSUED,
        here.youssef,
        NOW,
    )
    (entry,) = books.entries_by_source(source=f"run:{run.pk}")
    assert (entry.made_by, entry.approved_by) == (here.karin, here.youssef)
    moved = list(books.transfers_of(entry_ids=[entry.pk]))
    assert [(one.debit.code, one.credit.code, one.amount_cents) for one in moved] == [
        (Code.BUDGET, Code.CHEQUES, 750)
    ] * 4
    assert {one.credit_id for one in moved} == set(run.cheques.values_list("account_id", flat=True))
    assert {cheque.dwelling_id for cheque in run.cheques.all()} == set(
        here.bloemenbuurt.dwellings.values_list("pk", flat=True)
    )
    assert (books.total(code=Code.BUDGET), books.total(code=Code.CHEQUES)) == (7_000, 3_000)
    # Codes are made with the letters, not with the money.
    assert not run.cheques.exclude(selector=None).exists()
    assert_sound()


@pytest.mark.django_db
def test_a_run_over_the_budget_is_refused_by_the_ledger_and_leaves_nothing() -> None:
    here = cast.world()
    cast.dwellings(here, 4)
    programme = cast.funded(here, budget_cents=2_999)
    run = prepared(here, programme)
    with pytest.raises(runs.BudgetTooSmall) as refusal:
        runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    assert (refusal.value.total_cents, refusal.value.budget_cents) == (3_000, 2_999)
    run.refresh_from_db()
    assert (run.state, run.approved_by) == (ChequeRun.State.PREPARED, None)
    assert not Cheque.objects.exists()
    assert not books.accounts_of(fund_ids=[programme.fund_id]).filter(kind_id=Code.CHEQUES).exists()
    assert books.total(code=Code.BUDGET) == 2_999
    # With one cent more it goes through.
    cast.receive(1, reference=programme.fund.funding_requests.get().reference)
    assert runs.issue(run_id=run.pk, by=here.youssef, now=NOW).state == ChequeRun.State.ISSUED
    assert_sound()


@pytest.mark.django_db
def test_a_run_is_not_issued_by_its_maker_nor_twice() -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    run = prepared(here, programme)
    with pytest.raises(runs.OwnRun) as own:
        runs.issue(run_id=run.pk, by=here.karin, now=NOW)
    assert (own.value.run_id, own.value.state) == (run.pk, ChequeRun.State.PREPARED)
    runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    with pytest.raises(runs.NotPrepared) as twice:
        runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    assert twice.value.state == ChequeRun.State.ISSUED
    assert (run.cheques.count(), books.total(code=Code.CHEQUES)) == (2, 1_500)


@pytest.mark.django_db
def test_a_run_whose_letters_would_tell_nobody_where_to_ask_is_not_issued() -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    run = prepared(here, cast.funded(here))
    Organisation.objects.filter(pk=here.klinker.pk).update(helpline="", desk="")
    with pytest.raises(runs.NowhereToAsk):
        runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    assert not Cheque.objects.exists()
    # Either of the two is enough.
    Organisation.objects.filter(pk=here.klinker.pk).update(desk="buurthuis De Spil")
    assert runs.issue(run_id=run.pk, by=here.youssef, now=NOW).state == ChequeRun.State.ISSUED


@pytest.mark.django_db
def test_a_run_whose_last_day_has_passed_is_not_prepared_and_not_issued() -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    run = prepared(here, programme)
    with pytest.raises(runs.LastDayPassed) as refusal:
        prepared(here, programme, name="Te laat", last_day=NOW.date() - timedelta(days=1))
    assert refusal.value.last_day == NOW.date() - timedelta(days=1)
    with pytest.raises(runs.TooLate):
        runs.issue(run_id=run.pk, by=here.youssef, now=run.activate_before)
    assert not Cheque.objects.exists()
    runs.issue(run_id=run.pk, by=here.youssef, now=run.activate_before - timedelta(seconds=1))


@pytest.mark.django_db
def test_what_a_second_person_agreed_to_is_not_changed_afterwards() -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    run = prepared(here, cast.funded(here))
    for column in ("value_cents", "dwellings", "activate_before", "valid_until", "rules_id", "made_by_id"):
        change = f"UPDATE cheques_chequerun SET {column} = {column}"  # noqa: S608 - from the list above
        assert denied(change).sqlstate == NO_RIGHT
    runs.issue(run_id=run.pk, by=here.youssef, now=NOW)


@pytest.mark.django_db
def test_the_database_too_wants_two_people() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    run = prepared(here, cast.funded(here))
    with pytest.raises(IntegrityError, match="chequerun_maker_is_not_approver"), transaction.atomic():
        ChequeRun.objects.filter(pk=run.pk).update(approved_by=here.karin, approved_at=NOW)
    with pytest.raises(IntegrityError, match="run_is_issued_by_a_second_person"), transaction.atomic():
        ChequeRun.objects.filter(pk=run.pk).update(state=ChequeRun.State.ISSUED)


@pytest.mark.django_db
def test_the_same_run_prepared_again_is_the_same_run_and_another_needs_another_name() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    run = prepared(here, programme)
    assert prepared(here, programme) == run
    with pytest.raises(runs.NameTaken) as other_day:
        prepared(here, programme, last_day=date(2027, 1, 31))
    assert other_day.value.run_id == run.pk
    runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    with pytest.raises(runs.NameTaken):
        prepared(here, programme)
    assert prepared(here, programme, name="Uitgifte december") != run
    assert ChequeRun.objects.count() == 2


@pytest.mark.django_db
def test_the_name_of_a_cancelled_run_is_free_again() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    run = runs.cancel(run_id=prepared(here, programme).pk)
    assert prepared(here, programme) != run


def test_a_run_prepared_many_times_at_once_is_one(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    outcomes = at_once(*[lambda: prepared(here, programme)] * 4)
    assert kinds(outcomes) == ["ChequeRun"] * 4
    assert ChequeRun.objects.count() == 1


@pytest.mark.django_db
def test_a_prepared_run_can_be_cancelled_and_then_is_never_issued() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    run = prepared(here, programme)
    assert runs.cancel(run_id=run.pk).state == ChequeRun.State.CANCELLED
    with pytest.raises(runs.NotPrepared):
        runs.cancel(run_id=run.pk)
    with pytest.raises(runs.NotPrepared):
        runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    issued = cast.issued(here, programme)
    with pytest.raises(runs.NotPrepared):
        runs.cancel(run_id=issued.pk)


@pytest.mark.django_db
def test_only_dwellings_of_the_host_get_a_cheque_and_without_any_there_is_no_run() -> None:
    here = cast.world()
    programme = cast.funded(here)
    with pytest.raises(runs.NoDwellings):
        prepared(here, programme)
    own, strange = cast.dwellings(here, 2)
    noorderwal = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Noorderwal", slug="noorderwal"
    )
    Dwelling.objects.filter(pk=strange.pk).update(organisation=noorderwal)
    run = prepared(here, programme)
    assert run.dwellings == 1
    runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    assert run.cheques.get().dwelling_id == own.pk


def on_the_rozenpad(here: cast.World, count: int) -> None:
    """So many more dwellings on the list."""
    Dwelling.objects.bulk_create(
        Dwelling(
            organisation=here.klinker,
            neighbourhood=here.bloemenbuurt,
            street="Rozenpad",
            house_number=number,
            postcode="3071AC",
            town="Oeverdam",
        )
        for number in range(1, count + 1)
    )


@pytest.mark.django_db
def test_a_run_is_issued_for_the_number_and_the_amount_that_it_was_prepared_for_or_not_at_all() -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    run = prepared(here, programme)
    on_the_rozenpad(here, 1)
    with pytest.raises(runs.ListChanged) as refusal:
        runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    told = refusal.value
    assert (told.dwellings, told.total_cents, told.dwellings_now, told.total_now_cents) == (
        2,
        1_500,
        3,
        2_250,
    )
    run.refresh_from_db()
    assert (run.state, run.dwellings, run.approved_by) == (ChequeRun.State.PREPARED, 2, None)
    assert (Cheque.objects.count(), books.total(code=Code.BUDGET)) == (0, 100_000)
    # Less is another amount too.
    Dwelling.objects.filter(street="Rozenpad").delete()
    Dwelling.objects.filter(house_number=2).delete()
    with pytest.raises(runs.ListChanged):
        runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    # One that comes for one that goes changes neither, and gets its cheque.
    on_the_rozenpad(here, 1)
    assert runs.issue(run_id=run.pk, by=here.youssef, now=NOW).total_cents == 1_500
    assert set(run.cheques.values_list("dwelling__street", flat=True)) == {"Irisplein", "Rozenpad"}
    assert_sound()


@pytest.mark.django_db
def test_a_run_to_places_without_a_dwelling_left_is_not_issued() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    run = prepared(here, cast.funded(here))
    elsewhere = cast.neighbourhood("Vogelbuurt", "BU05020102")
    Dwelling.objects.update(neighbourhood=elsewhere)
    with pytest.raises(runs.NoDwellings):
        runs.issue(run_id=run.pk, by=here.youssef, now=NOW)
    assert not Cheque.objects.exists()


@pytest.mark.django_db
def test_days_end_at_midnight_in_amsterdam_and_never_after_the_programme() -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    run = prepared(here, programme, last_day=date(2026, 12, 31))
    assert run.activate_before == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    # The last day of the programme lies in summer.
    assert run.valid_until == datetime(2027, 6, 30, 22, 0, tzinfo=UTC)
    late = prepared(here, programme, last_day=date(2028, 1, 1), name="Later")
    assert late.activate_before == late.valid_until == run.valid_until


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_the_last_day_of_an_end_is_the_day_it_was_made_of(day: date) -> None:
    assert runs.last_day(runs.end_of_day(day)) == day


@pytest.mark.django_db
def test_issuing_takes_as_many_queries_for_sixty_dwellings_as_for_two(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    here = cast.world()
    cast.dwellings(here, 2)
    programme = cast.funded(here)
    small = prepared(here, programme)
    with django_assert_num_queries(12):
        runs.issue(run_id=small.pk, by=here.youssef, now=NOW)
    on_the_rozenpad(here, 58)
    large = prepared(here, programme, name="Uitgifte december")
    with django_assert_num_queries(12):
        runs.issue(run_id=large.pk, by=here.youssef, now=NOW)
    assert large.cheques.count() == 60


def test_of_two_who_issue_at_once_one_does(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 5)
    programme = cast.funded(here)
    run = prepared(here, programme)
    outcomes = at_once(
        *(
            lambda by=by: runs.issue(run_id=run.pk, by=by, now=NOW)
            for by in (here.youssef, here.bea, here.thea)
        )
    )
    assert kinds(outcomes) == ["ChequeRun", "NotPrepared", "NotPrepared"]
    assert (Cheque.objects.count(), books.total(code=Code.CHEQUES)) == (5, 3_750)
    assert_sound()


def test_of_two_runs_for_the_last_of_a_budget_one_is_issued(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 4)
    programme = cast.funded(here, budget_cents=5_999)
    both = [prepared(here, programme, name=name) for name in ("Een", "Twee")]
    outcomes = at_once(*(lambda run=run: runs.issue(run_id=run.pk, by=here.youssef, now=NOW) for run in both))
    assert kinds(outcomes) == ["BudgetTooSmall", "ChequeRun"]
    assert (Cheque.objects.count(), books.total(code=Code.BUDGET)) == (4, 2_999)
    assert_sound()
