"""Closing the books: proposed by one person, decided by another. A closed day takes no entries any more, for good."""

from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from ledger.models import ClosingProposal, Entry, Fund, Period
from ledger.operations import AMSTERDAM
from people.models import User


class NothingToClose(Exception):
    """The books have not begun (`open_from` is None), or that day is closed: then `open_from` is the first open one."""

    def __init__(self, open_from: date | None) -> None:
        super().__init__(open_from)
        self.open_from = open_from


class NotOver(Exception):
    """The day is not over yet: what will still happen on it must be booked."""

    def __init__(self, ends_on: date) -> None:
        super().__init__(ends_on)
        self.ends_on = ends_on


class ProposedAlready(Exception):
    """Another closing waits for a decision. One at a time, so that two never overlap."""

    def __init__(self, proposal_id: int) -> None:
        super().__init__(proposal_id)
        self.proposal_id = proposal_id


class SamePerson(Exception):
    """Who proposes does not approve."""

    def __init__(self, proposal_id: int) -> None:
        super().__init__(proposal_id)
        self.proposal_id = proposal_id


class DecidedAlready(Exception):
    """The proposal was approved or withdrawn."""

    def __init__(self, proposal_id: int) -> None:
        super().__init__(proposal_id)
        self.proposal_id = proposal_id


def open_from() -> date | None:
    """The first day that takes entries; None before the first fund is opened."""
    first = Fund.objects.order_by("first_day").values_list("first_day", flat=True).first()
    if first is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_day(%s)", [first])
        found: date = cursor.fetchone()[0]
    return found


def closed() -> QuerySet[Period]:
    """The closed periods, the latest first."""
    return Period.objects.select_related("made_by", "approved_by").order_by("-ends_on")


def proposals() -> QuerySet[ClosingProposal]:
    return ClosingProposal.objects.select_related("made_by")


def waiting() -> ClosingProposal | None:
    """The proposal that nobody has decided about yet."""
    return proposals().filter(decided_at=None).first()


def entry_count(*, since: date, until: date) -> int:
    """How many entries a closing would fix. Both days included."""
    return Entry.objects.filter(effective_on__range=(since, until)).count()


@transaction.atomic
def propose(*, ends_on: date, by: User, now: datetime) -> ClosingProposal:
    """From the first open day up to and including this one. Raises NothingToClose, NotOver, ProposedAlready."""
    begins = open_from()
    if begins is None or ends_on < begins:
        raise NothingToClose(begins)
    if ends_on >= now.astimezone(AMSTERDAM).date():
        raise NotOver(ends_on)
    # Two at once meet at the unique constraint.
    proposal, created = ClosingProposal.objects.get_or_create(
        starts_on=begins, decided_at=None, defaults={"ends_on": ends_on, "made_by": by, "made_at": now}
    )
    if not created:
        raise ProposedAlready(proposal.pk)
    return proposal


@transaction.atomic
def approve(*, proposal_id: int, by: User, now: datetime) -> Period:
    """Closes. Waits for entries that are under way, and those that come after are refused. Raises SamePerson, DecidedAlready."""
    proposal = _undecided(proposal_id)
    if proposal.made_by_id == by.pk:
        raise SamePerson(proposal.pk)
    period = Period.objects.create(
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        closed_at=now,
        made_by=proposal.made_by,
        approved_by=by,
    )
    proposal.period = period
    _decided(proposal, now)
    return period


@transaction.atomic
def withdraw(*, proposal_id: int, now: datetime) -> None:
    """By the one who made it, or by the one who does not agree. Raises DecidedAlready."""
    _decided(_undecided(proposal_id), now)


def _undecided(proposal_id: int) -> ClosingProposal:
    proposal = ClosingProposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.decided_at is not None:
        raise DecidedAlready(proposal.pk)
    return proposal


def _decided(proposal: ClosingProposal, now: datetime) -> None:
    proposal.decided_at = now
    proposal.save(update_fields=["decided_at", "period"])


def usual_day(*, now: datetime) -> date | None:
    """What one usually closes up to: the end of last month. None when that is closed already."""
    last_month = now.astimezone(AMSTERDAM).date().replace(day=1) - timedelta(days=1)
    begins = open_from()
    return last_month if begins is not None and begins <= last_month else None
