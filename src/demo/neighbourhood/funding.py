"""Where the money comes from: budgets, a grant that matches, the foundation's own means, and what the bank adds or keeps."""

from datetime import datetime
from functools import partial

from demo.bank import line, stripe_line
from demo.neighbourhood import payer
from demo.neighbourhood.bank import CHARGES
from demo.neighbourhood.people import KLINKER, MUNICIPALITY, NOORDERWAL, OPERATOR
from demo.neighbourhood.stage import Stage
from ledger import operations as ledger
from ledger.chart import FundKind
from payments.models import BankLine
from payments.statements import recognise
from programmes import operations as programmes
from programmes.models import FundingRequest, Grant

BUDGET_CENTS = {KLINKER: 960_000, NOORDERWAL: 100_000}
CHEQUE_CENTS = {KLINKER: 750, NOORDERWAL: 500}
OWN_MEANS_CENTS = 150_000
EXTRA_CENTS = 25_000
GRANT_CENTS, SECOND_PART_CENTS = 125_000, 75_000
MATCHED_FOR_ONE_CAMPAIGN_CENTS = 30_000
CONDITIONS = (
    "Doe het met minstens twee buren van verschillende adressen. "
    "Maak geen kosten voordat het streefbedrag is gehaald. "
    "Eten en drinken mag tot een kwart van de begroting. "
    "Lever alle bonnen in binnen vier weken na de uitbetaling."
)
# Before payouts that need the donations, since what Stripe still holds cannot be paid out; each with donations since the last.
STRIPE_PAYS_OUT = (126, 118, 111, 46, 20, 11, 7, 3)


def plan_funding(stage: Stage) -> None:
    days, agenda = stage.days, stage.agenda
    agenda.plan(days.office(190, 9), partial(_own_means, stage))
    agenda.plan(days.office(188, 9, 30), partial(_programme, stage, KLINKER, "Prestatieafspraak 4.2"))
    agenda.plan(days.office(176, 11), partial(_grant, stage))
    agenda.plan(days.office(60, 10), partial(_second_part, stage))
    agenda.plan(days.office(50, 11), partial(_recognise, stage))
    agenda.plan(days.office(44, 9), partial(_programme, stage, NOORDERWAL, ""))
    for ago in (90, 30):
        agenda.plan(days.office(ago, 16), partial(_charges, stage))
    for ago in STRIPE_PAYS_OUT:
        agenda.plan(days.office(ago, 6), partial(_stripe_pays_out, stage))
    agenda.plan(days.office(1, 15), partial(_extra, stage))
    for ago in range(190, 0, -1):
        if days.day(ago).weekday() < 5:
            agenda.plan(days.at(ago, 18), stage.bank.close_day)


def _arrives(stage: Stage, request: FundingRequest, who: str, now: datetime) -> None:
    """The funder pays at once, with the reference of the request."""
    stage.bank.lines.append(
        line(
            request.amount_cents,
            now,
            structured_reference=request.reference,
            counterparty_name=stage.organisations[who].name,
        )
    )


def _arrives_bare(stage: Stage, amount_cents: int, who: str, remittance: str, now: datetime) -> None:
    """With some words, and without the reference."""
    name = stage.organisations[who].name
    stage.bank.lines.append(line(amount_cents, now, remittance=remittance, counterparty_name=name))


def _own_means(stage: Stage, now: datetime) -> None:
    operator = stage.organisations[OPERATOR]
    fund = ledger.fund_of(organisation=operator, kind=FundKind.OPERATOR, name=operator.name, now=now)
    request = programmes.request_funding(
        fund_id=fund.pk, amount_cents=OWN_MEANS_CENTS, made_by=stage.people["willem"], now=now
    )
    _arrives(stage, request, OPERATOR, now)


def _programme(stage: Stage, host: str, agreement: str, now: datetime) -> None:
    starts_on = stage.days.day(200).replace(day=1) if host == KLINKER else stage.days.day(45).replace(day=1)
    ends_on = stage.days.day(-330 if host == KLINKER else -200)
    made = programmes.make_programme(
        organisation=stage.organisations[host],
        name=f"Buurtcheques {starts_on.year}",
        starts_on=starts_on,
        ends_on=ends_on,
        budget_cents=BUDGET_CENTS[host],
        rules=programmes.RuleSet(
            cheque_value_cents=CHEQUE_CENTS[host], max_target_cents=200_000, conditions=CONDITIONS
        ),
        made_by=stage.desk(host).maker,
        now=now,
        agreement=agreement,
    )
    stage.programmes[host] = made
    _arrives(stage, made.fund.funding_requests.get(), host, now)


def _grant(stage: Stage, now: datetime) -> None:
    made = programmes.make_grant(
        organisation=stage.organisations[MUNICIPALITY],
        host=stage.organisations[KLINKER],
        name="Samen voor de buurt",
        amount_cents=GRANT_CENTS,
        match_percent=100,
        per_campaign_cents=MATCHED_FOR_ONE_CAMPAIGN_CENTS,
        matches_cheques=False,
        starts_on=stage.days.day(175),
        ends_on=stage.days.day(-200),
        made_by=stage.people["nadia"],
        now=now,
    )
    _arrives(stage, made.fund.funding_requests.get(), MUNICIPALITY, now)


def _second_part(stage: Stage, now: datetime) -> None:
    """Asked for under a reference, paid without it."""
    programmes.request_funding(
        fund_id=Grant.objects.get().fund_id,
        amount_cents=SECOND_PART_CENTS,
        made_by=stage.people["nadia"],
        now=now,
    )
    _arrives_bare(stage, SECOND_PART_CENTS, MUNICIPALITY, "2e deel bijdrage Samen voor de buurt", now)


def _recognise(stage: Stage, now: datetime) -> None:
    recognise(
        line_id=BankLine.objects.get(kind=BankLine.Kind.UNKNOWN).pk,
        request=FundingRequest.objects.get(fund=Grant.objects.get().fund, amount_cents=SECOND_PART_CENTS),
        by=stage.people["willem"],
        now=now,
    )


def _charges(stage: Stage, now: datetime) -> None:
    stage.bank.lines.append(
        line(-685, now, remittance="Kosten zakelijk betaalpakket", transaction_code=CHARGES)
    )


def _stripe_pays_out(stage: Stage, now: datetime) -> None:
    payer.set_clock(now)
    paid = payer.pay_out()
    stage.bank.lines.append(stripe_line(paid.payout_id, paid.amount_cents, now))


def _extra(stage: Stage, now: datetime) -> None:
    """Asked for and paid the same day, without the reference: somebody must recognise it."""
    programmes.request_funding(
        fund_id=stage.programmes[NOORDERWAL].fund_id,
        amount_cents=EXTRA_CENTS,
        made_by=stage.desk(NOORDERWAL).maker,
        now=now,
    )
    _arrives_bare(stage, EXTRA_CENTS, NOORDERWAL, "aanvulling buurtcheques", now)
