"""Playing real ballots through the real operations: what would have happened with cheques and pots.

One dwelling and one cheque for each voter, one campaign for each project. A cheque is worth the budget divided by the voters,
rounded down. It is divided over the approved projects as evenly as whole cents go, in the order of the ballot; a gift is cut to
the room under the target, and what finds no room stays in the purse. Then the round closes: who is at the target is paid out,
who is below fails and gives everything back.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.text import slugify

from books import closing
from campaigns import operations as campaigns
from campaigns.models import Campaign, Initiator, Pledge, State
from cheques import operations as cheques
from cheques import runs
from cheques.models import Cheque, ChequeRun
from common.money import split
from demo.ballots import Ballots
from ledger import queries as books
from ledger.chart import Code
from ledger.operations import AMSTERDAM
from payments import payees, payment_files, payouts
from payments.bank import camt053_writer
from payments.bank.camt053 import Line, Statement
from payments.models import BankStatement
from payments.statements import import_statement
from people.models import Organisation, OrganisationKind, User
from places.models import District, Municipality, Neighbourhood
from places.operations import import_dwellings
from programmes import operations as programmes
from programmes.models import Programme

VOTERS_IN_A_TRANSACTION = 100
PAYEE_IBAN = "NL91ABNA0417164300"  # the specimen number of the IBAN registry
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What came of it. Counts where no unit is named, else cents and seconds.

    issued = outstanding + activated + expired; activated = purses + given net; given gross = given net + returned;
    paid out = given net; the trial balance (debit side less credit side over the programme's fund) is 0.
    """

    voters: int
    projects: int
    campaigns_funded: int
    issued_cents: int
    outstanding_cents: int
    activated_cents: int
    expired_cents: int
    purses_cents: int
    given_gross_cents: int
    given_net_cents: int
    returned_cents: int
    paid_out_cents: int
    entries: int
    transfers: int
    trial_balance_cents: int
    seconds: float


@dataclass(frozen=True)
class _Stage:
    """Where a replay plays. Made by one person, approved by another, as everywhere."""

    host: Organisation
    place: Neighbourhood
    maker: User
    approver: User
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(AMSTERDAM).date()


def play(*, ballots: Ballots, organisation_name: str, now: datetime) -> Outcome:
    """Plays the ballots in a programme of their own, and gives what the books say afterwards."""
    started = time.monotonic()
    stage = _set_stage(organisation_name, now)
    programme, run = _issue(stage, ballots)
    by_project = _open_campaigns(stage, programme, ballots)
    _vote(stage, run, ballots, by_project)
    opened = list(by_project.values())
    given_gross_cents = _given(opened)
    _close(stage, opened)
    return _outcome(ballots, programme, run, opened, given_gross_cents, time.monotonic() - started)


@transaction.atomic
def _set_stage(organisation_name: str, now: datetime) -> _Stage:
    if not Organisation.objects.filter(is_operator=True).exists():
        Organisation.objects.create(
            kind=OrganisationKind.FOUNDATION,
            name=settings.OPERATOR_NAME,
            slug=slugify(settings.OPERATOR_NAME),
            is_operator=True,
        )
    host, _ = Organisation.objects.get_or_create(
        slug=slugify(organisation_name),
        defaults={
            "name": organisation_name,
            "kind": OrganisationKind.CORPORATION,
            "desk": organisation_name,
        },
    )
    maker, approver = (
        User.objects.get_or_create(email=f"{role}@{host.slug}.example", defaults={"name": role})[0]
        for role in ("maker", "approver")
    )
    town, _ = Municipality.objects.get_or_create(code="GM9999", defaults={"name": "Replay"})
    district, _ = District.objects.get_or_create(
        code="WK999999", defaults={"municipality": town, "name": "Replay", "year": now.year}
    )
    number = Neighbourhood.objects.filter(district=district).count() + 1
    place = Neighbourhood.objects.create(
        district=district,
        code=f"BU9999{number:04d}",
        name=f"{host.name} {number}",
        slug=f"{host.slug}-{number}",
    )
    return _Stage(host, place, maker, approver, now)


def _issue(stage: _Stage, ballots: Ballots) -> tuple[Programme, ChequeRun]:
    programme = programmes.make_programme(
        organisation=stage.host,
        name=f"{ballots.description} {stage.place.pk}",
        starts_on=stage.today,
        ends_on=stage.today + timedelta(days=365),
        budget_cents=ballots.budget_cents,
        rules=programmes.RuleSet(cheque_value_cents=ballots.budget_cents // len(ballots.approvals)),
        made_by=stage.maker,
        now=stage.now,
    )
    reference = programme.fund.funding_requests.get().reference
    _bank(stage, [_line(stage, ballots.budget_cents, credit=True, structured_reference=reference)])
    _move_in(stage, len(ballots.approvals))
    run = runs.prepare(
        rules=programme.rules,
        name=ballots.description[:100],
        neighbourhoods=[stage.place],
        last_day_to_activate=stage.today + timedelta(days=42),
        made_by=stage.maker,
        now=stage.now,
    )
    return programme, runs.issue(run_id=run.pk, by=stage.approver, now=stage.now)


def _move_in(stage: _Stage, voters: int) -> None:
    postcode = f"{1000 + stage.place.pk % 9000} AA"
    rows = [f"Stemstraat;{number};{postcode};Replay;{stage.place.code}" for number in range(1, voters + 1)]
    content = "\n".join(["straat;huisnummer;postcode;plaats;buurtcode", *rows])
    import_dwellings(
        organisation=stage.host,
        content=content.encode(),
        file_name=f"{stage.place.slug}.csv",
        made_by=stage.maker,
        now=stage.now,
    )


def _open_campaigns(stage: _Stage, programme: Programme, ballots: Ballots) -> dict[str, Campaign]:
    initiator, created = Initiator.objects.get_or_create(
        user=stage.maker, defaults={"name": stage.host.name[:70]}
    )
    if created:
        account = payees.give_account(
            initiator=initiator, holder=stage.host.name[:70], iban=PAYEE_IBAN, by=stage.maker, now=stage.now
        )
        payees.approve_account(account_id=account.pk, by=stage.approver, now=stage.now)
    opened = {}
    for project in ballots.projects.values():
        campaign = campaigns.open_campaign(
            initiator=initiator,
            rules=programme.rules,
            neighbourhood=stage.place,
            title=project.name[:100],
            summary=project.name[:200],
            story=project.name,
            theme="green",
            lines=[campaigns.PlannedLine(project.name[:100], project.cost_cents)],
            deadline=stage.now + timedelta(days=42),
            now=stage.now,
        )
        campaigns.submit(campaign_id=campaign.pk, now=stage.now)
        opened[project.project_id] = campaigns.approve(
            campaign_id=campaign.pk, by=stage.approver, now=stage.now
        )
    return opened


def _vote(stage: _Stage, run: ChequeRun, ballots: Ballots, by_project: dict[str, Campaign]) -> None:
    ids = list(Cheque.objects.filter(run=run).order_by("dwelling__house_number").values_list("pk", flat=True))
    voters = list(zip(ids, ballots.approvals.values(), strict=True))
    for number, lot in enumerate(_lots(voters, VOTERS_IN_A_TRANSACTION)):
        purses = cheques.activate_all(cheque_ids=[cheque_id for cheque_id, _approved in lot], now=stage.now)
        givings = [
            cheques.Giving(purse.pk, by_project[project_id].pk, cents)
            for purse, (_cheque_id, approved) in zip(purses, lot, strict=True)
            for project_id, cents in _divide(run.value_cents, approved)
        ]
        if givings:
            cheques.give_all(givings=givings, key=f"ballots-{number}", now=stage.now)


def _divide(value_cents: int, approved: Sequence[str]) -> list[tuple[str, int]]:
    if not approved:
        return []
    shares = zip(approved, split(value_cents, [1] * len(approved)), strict=True)
    return [(project_id, cents) for project_id, cents in shares if cents > 0]


def _lots(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _close(stage: _Stage, opened: list[Campaign]) -> None:
    reached = []
    for campaign in opened:
        campaign.refresh_from_db()
        if campaign.state == State.REACHED:
            payout = payouts.propose(campaign_id=campaign.pk, by=stage.maker, now=stage.now)
            reached.append(payouts.approve(payout_id=payout.pk, by=stage.approver, now=stage.now))
        else:
            closing.close_failed(campaign_id=campaign.pk, now=stage.now)
    if reached:
        payment_files.make_run(
            execute_on=stage.today, by=stage.maker, now=stage.now, only=[payout.pk for payout in reached]
        )
        lines = [
            _line(stage, payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id)
            for payout in reached
        ]
        _bank(stage, lines)


def _line(stage: _Stage, amount_cents: int, *, credit: bool, **texts: str) -> Line:
    return Line(
        amount_cents=amount_cents,
        credit=credit,
        booked_on=stage.today,
        value_on=stage.today,
        counterparty_name=stage.host.name[:70],
        **texts,  # type: ignore[arg-type]  # only text fields are passed
    )


def _bank(stage: _Stage, lines: list[Line]) -> None:
    """The bank writes what happened, and its statement is taken in as any other."""
    before = BankStatement.objects.order_by("-pk").first()
    opening_cents = before.closing_cents if before else 0
    statement = Statement(
        identification=f"REPLAY-{before.pk + 1 if before else 1}",
        sequence_number=None,
        iban=settings.OPERATOR_IBAN,
        opening_cents=opening_cents,
        opening_on=stage.today,
        closing_cents=opening_cents + sum(line.signed_cents for line in lines),
        closing_on=stage.today,
        created_at=stage.now,
        lines=tuple(lines),
    )
    import_statement(content=camt053_writer.write(statement), by=stage.maker, now=stage.now)


def _given(opened: list[Campaign]) -> int:
    given = Pledge.objects.filter(campaign__in=opened).aggregate(cents=Sum("amount_cents", default=0))
    return int(given["cents"])


def _outcome(
    ballots: Ballots,
    programme: Programme,
    run: ChequeRun,
    opened: list[Campaign],
    given_gross_cents: int,
    seconds: float,
) -> Outcome:
    totals = books.totals_by_code(fund_id=programme.fund_id)
    counted = books.counts(fund_id=programme.fund_id)
    by_state = {
        row["state"]: row["cents"]
        for row in run.cheques.order_by().values("state").annotate(cents=Sum("run__value_cents"))
    }
    returned = Pledge.objects.filter(campaign__in=opened, state=Pledge.State.RETURNED)
    return Outcome(
        voters=len(ballots.approvals),
        projects=len(opened),
        campaigns_funded=Campaign.objects.filter(pk__in=[one.pk for one in opened], state=State.PAID).count(),
        issued_cents=run.total_cents,
        outstanding_cents=totals.get(Code.CHEQUES, 0),
        activated_cents=by_state.get(Cheque.State.ACTIVATED, 0),
        expired_cents=by_state.get(Cheque.State.EXPIRED, 0),
        purses_cents=totals.get(Code.PURSES, 0),
        given_gross_cents=given_gross_cents,
        given_net_cents=_standing(opened),
        returned_cents=int(returned.aggregate(cents=Sum("amount_cents", default=0))["cents"]),
        paid_out_cents=totals.get(Code.UNACCOUNTED, 0),
        entries=counted.entries,
        transfers=counted.transfers,
        trial_balance_cents=books.imbalance(fund_id=programme.fund_id),
        seconds=round(seconds, 2),
    )


def _standing(opened: list[Campaign]) -> int:
    standing = Pledge.objects.filter(campaign__in=opened, state=Pledge.State.STANDING)
    return int(standing.aggregate(cents=Sum("amount_cents", default=0))["cents"])


def as_dict(outcome: Outcome) -> dict[str, int | float]:
    return asdict(outcome)
