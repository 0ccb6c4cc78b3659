"""Rounds of cheques: prepared, issued, activated, given, expired; and the letters of one small neighbourhood."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial

from babel.dates import format_date

from cheques import letters, printing, runs
from cheques import operations as cheques
from cheques.models import ChequeRun
from demo.neighbourhood import places
from demo.neighbourhood.people import KLINKER, NOORDERWAL
from demo.neighbourhood.places import BLOEMENBUURT, HAVENKOP, KADEBUURT, LINDEHOF, MOLENKWARTIER
from demo.neighbourhood.rounds import Activation, Giving, Residents, Round, Slot
from demo.neighbourhood.stage import Stage, plans_of
from places.models import Neighbourhood

EVERYWHERE = (BLOEMENBUURT, LINDEHOF, MOLENKWARTIER, KADEBUURT)
# Where the letters of the second round are still here to be opened. The other letters, half a minute of work, were handed over
# and removed: their codes are real, and nobody knows them.
WITH_LETTERS = LINDEHOF
# Of these letters the first dozen wait for who tries the demo.
UNTOUCHED = {LINDEHOF: 12}
FIRST = Round(number=1, host=KLINKER, value_cents=750, first=150, last=113)
SECOND = Round(number=2, host=KLINKER, value_cents=750, first=20, last=0, untouched=UNTOUCHED)
AT_NOORDERWAL = Round(number=1, host=NOORDERWAL, value_cents=500, first=21, last=2)
ACTIVATE_WITHIN_DAYS = 42


def plan_posting(stage: Stage) -> None:
    days, agenda = stage.days, stage.agenda
    for host, ago in ((KLINKER, 180), (NOORDERWAL, 40)):
        agenda.plan(days.office(ago, 10), partial(_move_in, stage, host))
    _plan_run(stage, FIRST, "Eerste ronde", EVERYWHERE, prepared=158)
    agenda.plan(days.at(111, 0, 10), partial(_expire, stage))
    _plan_run(stage, SECOND, "Tweede ronde", EVERYWHERE, prepared=25)
    _plan_run(stage, AT_NOORDERWAL, "Eerste ronde", (HAVENKOP,), prepared=26)
    agenda.plan(days.office(1, 16, 40), partial(_prepare_next, stage))
    for round_ in (FIRST, SECOND, AT_NOORDERWAL):
        activations, givings = Residents(days, round_).plan(plans_of(round_.host))
        for activation in activations:
            agenda.plan(activation.moment, partial(_activate, stage, activation))
        for number, giving in enumerate(givings):
            agenda.plan(giving.moment, partial(_give, stage, giving, f"{round_.number}-{number}"))
        if round_ is SECOND:
            taken = {slot for activation in activations for slot in activation.slots}
            agenda.plan(days.office(2, 13), partial(_freeze, stage, taken))


def _move_in(stage: Stage, host: str, now: datetime) -> None:
    places.move_in(host=stage.organisations[host], made_by=stage.desk(host).maker, now=now)


def _plan_run(stage: Stage, round_: Round, name: str, where: Sequence[str], *, prepared: int) -> None:
    """Prepared by one, issued by another the day after, posted the day after that."""
    days = stage.days
    made: list[ChequeRun] = []

    def prepare(now: datetime) -> None:
        posted_on = days.day(prepared - 2)
        last_day = days.day(prepared - 2 - ACTIVATE_WITHIN_DAYS)
        made.append(_prepare(stage, round_, f"{name}, {_month(posted_on)}", where, last_day, now))

    def issue(now: datetime) -> None:
        run = runs.issue(run_id=made[0].pk, by=stage.desk(round_.host).approver, now=now)
        _remember(stage, run, round_.number, where)

    def make_letters(now: datetime) -> None:
        _hand_over(made[0], kept=stage.places[WITH_LETTERS] if round_ is SECOND else None, now=now)
        while printing.make_document(run_id=made[0].pk, now=now) is not None:
            pass

    days_ago = prepared - 1
    stage.agenda.plan(days.office(prepared, 9, 15), prepare)
    stage.agenda.plan(days.office(days_ago, 10, 20), issue)
    stage.agenda.plan(days.office(days_ago, 10, 25), make_letters)


def _hand_over(run: ChequeRun, *, kept: Neighbourhood | None, now: datetime) -> None:
    """The letters of all but `kept` as they are after the hand-over: hashes of their codes, and no files."""
    gone = list(
        run.cheques.exclude(dwelling__neighbourhood=kept).order_by(
            "dwelling__postcode", "dwelling__house_number", "dwelling__addition"
        )
    )
    for at in range(0, len(gone), letters.MOST_LETTERS):
        lot = gone[at : at + letters.MOST_LETTERS]
        printing.keep(run=run, cheques=lot, drawn=printing.draw(len(lot)), file=None, now=now)


def _prepare(
    stage: Stage, round_: Round, name: str, where: Sequence[str], last_day: date, now: datetime
) -> ChequeRun:
    return runs.prepare(
        rules=stage.programmes[round_.host].rules,
        name=name,
        neighbourhoods=[stage.places[slug] for slug in where],
        last_day_to_activate=last_day,
        made_by=stage.desk(round_.host).maker,
        now=now,
    )


def _month(day: date) -> str:
    return format_date(day, "LLLL y", locale="nl_NL")


def _remember(stage: Stage, run: ChequeRun, number: int, where: Sequence[str]) -> None:
    """Which cheque belongs to which door, in the order in which letters are made."""
    for slug in where:
        found = run.cheques.filter(dwelling__neighbourhood=stage.places[slug]).order_by(
            "dwelling__postcode", "dwelling__house_number", "dwelling__addition"
        )
        for door, cheque_id in enumerate(found.values_list("pk", flat=True)):
            stage.cheques[Slot(number, slug, door)] = cheque_id


def _prepare_next(stage: Stage, now: datetime) -> None:
    """Made by whoever approves otherwise, so that each of the two finds something to decide."""
    runs.prepare(
        rules=stage.programmes[KLINKER].rules,
        name=f"Derde ronde, {_month(stage.days.day(-10))}",
        neighbourhoods=[stage.places[slug] for slug in EVERYWHERE],
        last_day_to_activate=stage.days.day(-10 - ACTIVATE_WITHIN_DAYS),
        made_by=stage.desk(KLINKER).approver,
        now=now,
    )


def _activate(stage: Stage, activation: Activation, now: datetime) -> None:
    ids = [stage.cheques[slot] for slot in activation.slots]
    for slot, purse in zip(activation.slots, cheques.activate_all(cheque_ids=ids, now=now), strict=True):
        stage.purses[slot] = purse.pk


def _give(stage: Stage, giving: Giving, key: str, now: datetime) -> None:
    campaign_id = stage.campaigns[giving.campaign]
    givings = [cheques.Giving(stage.purses[slot], campaign_id, cents) for slot, cents in giving.parts]
    cheques.give_all(givings=givings, key=key, now=now)


def _expire(stage: Stage, now: datetime) -> None:
    """What nobody activated is budget again."""
    cheques.expire(now=now)


def _freeze(stage: Stage, taken: Collection[Slot], now: datetime) -> None:
    """The last door of the Kadebuurt whose cheque nobody activates."""
    slot = max(
        slot for slot in stage.cheques if (slot.round, slot.place) == (2, KADEBUURT) and slot not in taken
    )
    cheques.set_frozen(
        cheque_id=stage.cheques[slot],
        frozen=True,
        reason="De brief is uit de brievenbus gehaald. De bewoner belde op.",
        by=stage.people["jolanda"],
        now=now,
    )
