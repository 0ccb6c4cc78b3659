"""Runs of cheques: prepared by one person, issued by another, as one entry in the books."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from cheques.models import Cheque, ChequeRun
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from people.models import User
from places.models import Dwelling, Neighbourhood
from programmes.models import Programme, Rules


class NoDwellings(Exception):
    """A run for places where no dwelling is on the list."""


class LastDayPassed(Exception):
    """The last day to activate, or the programme itself, is over. `last_day` in Amsterdam."""

    def __init__(self, last_day: date) -> None:
        super().__init__(str(last_day))
        self.last_day = last_day


class NameTaken(Exception):
    """The programme has another run of this name that was not cancelled."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"run {run_id}")
        self.run_id = run_id


class RunError(Exception):
    """A run that cannot do this now."""

    def __init__(self, run: ChequeRun) -> None:
        super().__init__(f"run {run.pk} is {run.state}")
        self.run_id = run.pk
        self.state = run.state


class NotPrepared(RunError):
    """It was issued or cancelled before."""


class OwnRun(RunError):
    """Somebody would issue a run that they prepared themselves."""


class TooLate(RunError):
    """Its last day to activate has passed: nobody could use the letters."""


class NowhereToAsk(RunError):
    """The letters would tell nobody where to ask for help: the host has neither a helpline nor a desk."""


class ListChanged(RunError):
    """The list of dwellings is not what it was when the run was prepared, and so neither is the amount agreed to.

    `dwellings` and `total_cents`: what the run says; `dwellings_now` and `total_now_cents`: what it would become.
    """

    def __init__(self, run: ChequeRun, dwellings_now: int) -> None:
        super().__init__(run)
        self.dwellings = run.dwellings
        self.total_cents = run.total_cents
        self.dwellings_now = dwellings_now
        self.total_now_cents = run.value_cents * dwellings_now


class BudgetTooSmall(RunError):
    """The ledger refuses: the run costs more than the budget not yet issued. Both in cents."""

    def __init__(self, run: ChequeRun, budget_cents: int) -> None:
        super().__init__(run)
        self.total_cents = run.total_cents
        self.budget_cents = budget_cents


def end_of_day(day: date) -> datetime:
    """The first moment after a day in Amsterdam."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), ledger.AMSTERDAM)


def last_day(end: datetime) -> date:
    """The day in Amsterdam that ends at this moment: the other way round."""
    return (end - timedelta(seconds=1)).astimezone(ledger.AMSTERDAM).date()


@transaction.atomic
def prepare(
    *,
    rules: Rules,
    name: str,
    neighbourhoods: Sequence[Neighbourhood],
    last_day_to_activate: date,
    made_by: User,
    now: datetime,
) -> ChequeRun:
    """A run for every dwelling of the programme's host in these neighbourhoods, waiting for a second person.

    Cheques stay valid, once activated, until the programme ends. A name is used once in a programme. The same again, by the same
    person while it waits: the same run. Raises NoDwellings, NameTaken, LastDayPassed.
    """
    programme = Programme.objects.select_for_update(no_key=True).get(pk=rules.programme_id)
    activate_before = end_of_day(min(last_day_to_activate, programme.ends_on))
    places = {place.pk for place in neighbourhoods}
    known = named(programme, name)
    if known is not None:
        same = (known.state, known.made_by_id, known.rules_id, known.activate_before) == (
            ChequeRun.State.PREPARED,
            made_by.pk,
            rules.pk,
            activate_before,
        )
        if same and set(known.neighbourhoods.values_list("pk", flat=True)) == places:
            return known
        raise NameTaken(known.pk)
    if activate_before <= now:
        raise LastDayPassed(last_day(activate_before))
    count = _dwellings(programme.organisation_id, list(places)).count()
    if count == 0:
        raise NoDwellings
    run = ChequeRun.objects.create(
        rules=rules,
        name=name,
        value_cents=rules.cheque_value_cents,
        activate_before=activate_before,
        valid_until=end_of_day(programme.ends_on),
        dwellings=count,
        made_by=made_by,
        made_at=now,
    )
    run.neighbourhoods.set(neighbourhoods)
    return run


def named(programme: Programme, name: str) -> ChequeRun | None:
    """The run of this name that was not cancelled."""
    found = ChequeRun.objects.filter(rules__programme=programme, name=name)
    return found.exclude(state=ChequeRun.State.CANCELLED).order_by("pk").first()


def _dwellings(organisation_id: int, neighbourhood_ids: Sequence[int]) -> QuerySet[Dwelling]:
    found = Dwelling.objects.filter(organisation_id=organisation_id, neighbourhood_id__in=neighbourhood_ids)
    return found.order_by("postcode", "house_number", "addition")


@transaction.atomic
def issue(*, run_id: int, by: User, now: datetime) -> ChequeRun:
    """Books a cheque for each dwelling, as one entry.

    For as many as it was prepared for, since a second person agrees to that number and amount: these do not change while it
    waits, and every page shows them. Raises NotPrepared, OwnRun, TooLate, NowhereToAsk, NoDwellings, ListChanged,
    BudgetTooSmall.
    """
    run = (
        ChequeRun.objects.select_for_update(of=("self",))
        .select_related("rules__programme__organisation")
        .get(pk=run_id)
    )
    if run.state != ChequeRun.State.PREPARED:
        raise NotPrepared(run)
    if run.made_by_id == by.pk:
        raise OwnRun(run)
    if run.activate_before <= now:
        raise TooLate(run)
    programme = run.rules.programme
    if not programme.organisation.can_be_asked:
        raise NowhereToAsk(run)
    places = list(run.neighbourhoods.values_list("pk", flat=True))
    dwellings = list(_dwellings(programme.organisation_id, places).values_list("pk", flat=True))
    if not dwellings:
        raise NoDwellings
    if len(dwellings) != run.dwellings:
        raise ListChanged(run, len(dwellings))
    _book(run, programme.fund_id, dwellings, by, now)
    run.state = ChequeRun.State.ISSUED
    run.approved_by = by
    run.approved_at = now
    run.save(update_fields=["state", "approved_by", "approved_at"])
    return run


def _book(run: ChequeRun, fund_id: int, dwellings: list[int], by: User, now: datetime) -> None:
    keys = {f"cheque:{run.pk}:{dwelling}": dwelling for dwelling in dwellings}
    budget = ledger.account(fund_id=fund_id, code=Code.BUDGET)
    try:
        issued = ledger.issue(
            key=f"run:{run.pk}",
            kind="cheques issued",
            source=f"run:{run.pk}",
            budget=budget,
            subjects=list(keys),
            name=run.name,
            amount_cents=run.value_cents,
            made_by=run.made_by,
            approved_by=by,
            now=now,
        )
    except ledger.Overdrawn as error:
        raise BudgetTooSmall(run, books.balance(budget)) from error
    Cheque.objects.bulk_create(
        [
            Cheque(run=run, dwelling_id=dwelling, account_id=issued.accounts[key])
            for key, dwelling in keys.items()
        ],
        batch_size=2000,
    )


@transaction.atomic
def cancel(*, run_id: int) -> ChequeRun:
    """Takes a prepared run off the table. Raises NotPrepared."""
    run = ChequeRun.objects.select_for_update().get(pk=run_id)
    if run.state != ChequeRun.State.PREPARED:
        raise NotPrepared(run)
    run.state = ChequeRun.State.CANCELLED
    run.save(update_fields=["state"])
    return run
