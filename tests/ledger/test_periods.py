"""Closing the books by two people. What a closed day refuses is told in test_posting and test_concurrency."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from ledger import operations as ledger
from ledger import periods
from ledger.models import ClosingProposal, Entry, Period
from tests.cast import NOW
from tests.crowd import at_once, kinds
from tests.ledger.small_books import SmallBooks, book, small_books

OCTOBER = date(2026, 10, 31)
YEAR = date(2026, 1, 1)


def proposed(small: SmallBooks, ends_on: date = OCTOBER) -> ClosingProposal:
    return periods.propose(ends_on=ends_on, by=small.karin, now=NOW)


def test_karin_proposes_and_youssef_closes(small: SmallBooks) -> None:
    book("in October", (small.bank, small.budget, 100), on=OCTOBER)
    assert periods.open_from() == YEAR
    proposal = proposed(small)
    assert periods.waiting() == proposal
    assert periods.entry_count(since=proposal.starts_on, until=proposal.ends_on) == 1
    period = periods.approve(proposal_id=proposal.pk, by=small.youssef, now=NOW)
    assert (period.starts_on, period.ends_on) == (YEAR, OCTOBER)
    assert (period.made_by, period.approved_by) == (small.karin, small.youssef)
    assert periods.waiting() is None
    assert periods.open_from() == date(2026, 11, 1)
    with pytest.raises(ledger.PeriodClosed):
        book("too late", (small.bank, small.budget, 100), on=OCTOBER)


def test_the_next_closing_goes_on_where_the_last_one_ended(small: SmallBooks) -> None:
    periods.approve(proposal_id=proposed(small).pk, by=small.youssef, now=NOW)
    assert proposed(small, date(2026, 11, 22)).starts_on == date(2026, 11, 1)


def test_who_proposed_does_not_approve(small: SmallBooks) -> None:
    proposal = proposed(small)
    with pytest.raises(periods.SamePerson):
        periods.approve(proposal_id=proposal.pk, by=small.karin, now=NOW)
    assert not Period.objects.exists()
    with pytest.raises(IntegrityError, match="period_maker_is_not_approver"), transaction.atomic():
        Period.objects.create(
            starts_on=YEAR, ends_on=OCTOBER, closed_at=NOW, made_by=small.karin, approved_by=small.karin
        )


def test_a_day_that_is_not_over_is_not_closed(small: SmallBooks) -> None:
    late = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)  # a minute to midnight in Amsterdam
    for day in (date(2026, 11, 23), date(2026, 11, 24), date.max):
        with pytest.raises(periods.NotOver):
            periods.propose(ends_on=day, by=small.karin, now=late)
    over = periods.propose(ends_on=date(2026, 11, 23), by=small.karin, now=late + timedelta(minutes=1))
    assert periods.waiting() == over


def test_what_is_closed_or_lies_before_the_books_is_not_closed(small: SmallBooks) -> None:
    with pytest.raises(periods.NothingToClose):
        proposed(small, date(2025, 12, 31))
    periods.approve(proposal_id=proposed(small).pk, by=small.youssef, now=NOW)
    with pytest.raises(periods.NothingToClose) as refused:
        proposed(small)
    assert refused.value.open_from == date(2026, 11, 1)


def test_before_the_first_fund_there_is_nothing_to_close(db: None) -> None:
    assert periods.open_from() is None


def test_one_closing_at_a_time(small: SmallBooks) -> None:
    first = proposed(small)
    with pytest.raises(periods.ProposedAlready) as refused:
        proposed(small, date(2026, 11, 1))
    assert refused.value.proposal_id == first.pk
    periods.withdraw(proposal_id=first.pk, now=NOW)
    assert periods.waiting() is None
    assert proposed(small, date(2026, 11, 1)).ends_on == date(2026, 11, 1)


def test_what_was_decided_is_not_decided_again(small: SmallBooks) -> None:
    withdrawn = proposed(small)
    periods.withdraw(proposal_id=withdrawn.pk, now=NOW)
    approved = proposed(small)
    periods.approve(proposal_id=approved.pk, by=small.youssef, now=NOW)
    for proposal in (withdrawn, approved):
        with pytest.raises(periods.DecidedAlready):
            periods.approve(proposal_id=proposal.pk, by=small.youssef, now=NOW)
        with pytest.raises(periods.DecidedAlready):
            periods.withdraw(proposal_id=proposal.pk, now=NOW)


def test_no_day_is_closed_twice_whoever_writes(small: SmallBooks) -> None:
    periods.approve(proposal_id=proposed(small).pk, by=small.youssef, now=NOW)
    with pytest.raises(IntegrityError, match="period_is_closed_once"), transaction.atomic():
        Period.objects.create(
            starts_on=OCTOBER, ends_on=OCTOBER, closed_at=NOW, made_by=small.karin, approved_by=small.youssef
        )


def test_of_two_who_propose_or_approve_at_once_one_does(own_database: str) -> None:
    small = small_books()
    tries = at_once(*[partial(proposed, small)] * 4)
    assert kinds(tries) == ["ClosingProposal", "ProposedAlready", "ProposedAlready", "ProposedAlready"]
    proposal = ClosingProposal.objects.get()
    approving = partial(periods.approve, proposal_id=proposal.pk, by=small.youssef, now=NOW)
    approvals = at_once(*[approving] * 4)
    assert kinds(approvals) == ["DecidedAlready", "DecidedAlready", "DecidedAlready", "Period"]
    assert Period.objects.count() == 1


def test_a_fact_of_a_closed_day_is_booked_on_the_first_open_one(small: SmallBooks) -> None:
    def fact() -> ledger.Posted:
        return ledger.post_fact(
            key="bank:1", kind="bank", moves=[ledger.Move(small.bank, small.budget, 100)], on=OCTOBER, now=NOW
        )

    periods.approve(proposal_id=proposed(small).pk, by=small.youssef, now=NOW)
    posted = fact()
    assert posted.created
    assert Entry.objects.get(pk=posted.entry_id).effective_on == date(2026, 11, 1)
    periods.approve(proposal_id=proposed(small, date(2026, 11, 10)).pk, by=small.youssef, now=NOW)
    assert fact() == ledger.Posted(posted.entry_id, created=False)
    with pytest.raises(ledger.KeyReused):
        ledger.post_fact(
            key="bank:1", kind="bank", moves=[ledger.Move(small.bank, small.budget, 101)], on=OCTOBER, now=NOW
        )


def test_one_usually_closes_up_to_the_end_of_last_month(small: SmallBooks) -> None:
    assert periods.usual_day(now=datetime(2026, 12, 31, 23, tzinfo=UTC)) == date(2026, 12, 31)
    assert periods.usual_day(now=NOW) == OCTOBER
    periods.approve(proposal_id=proposed(small).pk, by=small.youssef, now=NOW)
    assert periods.usual_day(now=NOW) is None
