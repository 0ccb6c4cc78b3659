"""From a full pot to the last receipt: bank accounts, payouts by two people, receipts, and what comes back."""

from datetime import datetime
from functools import partial

from campaigns import receipts
from campaigns.models import Receipt
from common import files
from demo.bank import leftover_line, payout_line
from demo.neighbourhood import paper
from demo.neighbourhood.campaigns.plan import Bill, Fate, Plan
from demo.neighbourhood.following import initiator_of
from demo.neighbourhood.stage import PLANS, Stage, host_of
from ledger.operations import AMSTERDAM
from payments import payees, payment_files, payouts
from payments.models import PayeeAccount, Payout

# Right check digits, and account numbers that no bank gives out: they fail the test of eleven.
IBANS = {
    "soraya": "NL57INGB0009000012",
    "gerrit": "NL18RABO0309000021",
    "aylin": "NL85ABNA0509000031",
    "tom": "NL50INGB0009000041",
    "wilma": "NL63TRIO0209000051",
    "kruidenrand": "NL05RABO0309000061",
}


def plan_payouts(stage: Stage) -> None:
    days, agenda = stage.days, stage.agenda
    for plan in PLANS:
        if plan.fate == Fate.REACHED:
            agenda.plan(days.at(1, 20, 45), partial(_give_account, stage, plan))
        if plan.fate >= Fate.PROPOSED:
            agenda.plan(days.at(plan.payout + 3, 20), partial(_give_account, stage, plan))
            agenda.plan(days.office(plan.payout, 9, 5), partial(_approve_account, stage, plan))
            agenda.plan(days.office(plan.payout, 9, 40), partial(_propose, stage, plan))
        if plan.fate >= Fate.SENT:
            agenda.plan(days.office(plan.payout - 1, 11, 10), partial(_approve, stage, plan))
            agenda.plan(days.office(plan.payout - 2, 14), partial(_send, stage, plan))
        if plan.fate >= Fate.PAID:
            agenda.plan(days.office(plan.payout - 3, 15), partial(_leaves, stage, plan))
        for bill in plan.bills:
            agenda.plan(days.at(bill.ago, 20, 15), partial(_hand_in, stage, plan, bill))
            if not bill.waits:
                agenda.plan(days.office(bill.ago - 3, 11), partial(_decide, stage, plan, bill))
        if plan.leftover is not None:
            agenda.plan(days.office(plan.leftover, 12), partial(_comes_back, stage, plan))


def _give_account(stage: Stage, plan: Plan, now: datetime) -> None:
    """Once: who was paid before keeps the account."""
    initiator = initiator_of(stage, plan)
    if not initiator.payee_accounts.exists():
        payees.give_account(
            initiator=initiator, holder=initiator.name, iban=IBANS[plan.initiator], by=initiator.user, now=now
        )


def _approve_account(stage: Stage, plan: Plan, now: datetime) -> None:
    account = PayeeAccount.objects.get(initiator=initiator_of(stage, plan))
    payees.approve_account(account_id=account.pk, by=stage.desk(host_of(plan)).maker, now=now)


def _propose(stage: Stage, plan: Plan, now: datetime) -> None:
    payouts.propose(campaign_id=stage.campaigns[plan.key], by=stage.desk(host_of(plan)).maker, now=now)


def _approve(stage: Stage, plan: Plan, now: datetime) -> None:
    payout = Payout.objects.get(campaign_id=stage.campaigns[plan.key])
    payouts.approve(payout_id=payout.pk, by=stage.desk(host_of(plan)).approver, now=now)


def _send(stage: Stage, plan: Plan, now: datetime) -> None:
    payout = Payout.objects.get(campaign_id=stage.campaigns[plan.key])
    day = now.astimezone(AMSTERDAM).date()
    payment_files.make_run(execute_on=day, by=stage.people["willem"], now=now, only=[payout.pk])


def _leaves(stage: Stage, plan: Plan, now: datetime) -> None:
    payout = Payout.objects.get(campaign_id=stage.campaigns[plan.key])
    stage.bank.lines.append(payout_line(payout, now))


def _hand_in(stage: Stage, plan: Plan, bill: Bill, now: datetime) -> None:
    # Bought in the morning, handed in at night. A second photo of the same receipt shows the first one's date.
    again = Receipt.objects.filter(campaign_id=stage.campaigns[plan.key], supplier=bill.shop, state="refused")
    bought_on = again[0].bought_on if again else now.astimezone(AMSTERDAM).date()
    picture = paper.till_receipt(
        shop=bill.shop, lines=bill.lines, bought_on=bought_on, blurred=bool(bill.refused)
    )
    receipts.hand_in(
        campaign_id=stage.campaigns[plan.key],
        file=files.store(
            content=files.redrawn_picture(picture), name="bon.jpg", mime_type="image/jpeg", now=now
        ),
        supplier=bill.shop,
        description=bill.what,
        bought_on=bought_on,
        amount_cents=bill.cents,
        by=stage.campaign(plan).initiator.user,
        now=now,
    )


def _decide(stage: Stage, plan: Plan, bill: Bill, now: datetime) -> None:
    by = stage.desk(host_of(plan)).maker
    receipt = Receipt.objects.get(
        campaign_id=stage.campaigns[plan.key], description=bill.what, amount_cents=bill.cents
    )
    if bill.refused:
        receipts.refuse(receipt_id=receipt.pk, by=by, reason=bill.refused, now=now)
    else:
        receipts.approve(receipt_id=receipt.pk, by=by, now=now)


def _comes_back(stage: Stage, plan: Plan, now: datetime) -> None:
    payout = Payout.objects.get(campaign=stage.campaign(plan))
    stage.bank.lines.append(leftover_line(payout, now))
