"""De Klinker's street, twice: in the database through the site's operations, and in the model. Each step is done on both sides.

`Differs` where one side refuses what the other does, or refuses it by another name; `compare` where they came to hold other
balances or states.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from unittest.mock import patch

from django.conf import settings
from django.db import connection
from django.db.models import Model

from books import checks, closing
from campaigns import receipts
from campaigns.models import Campaign, Receipt
from cheques import operations as cheques
from cheques import runs
from cheques.models import Cheque, ChequeRun
from common.models import StoredFile
from ledger import operations as ledger
from ledger.chart import FundKind
from ledger.models import Period
from payments import donations, payees, payment_files, payouts, refunds
from payments.bank import camt053_writer, pain001
from payments.bank.statement import Line, Statement
from payments.models import BankLine, BankStatement, Donation, Payout
from payments.statements import import_statement, recognise
from people.models import User
from places.models import Dwelling
from programmes import operations as programmes
from programmes.models import FundingRequest, Programme
from tests import cast
from tests.books.machine import model
from tests.books.machine.model import Refused
from tests.books.machine.stripe import StripeInMemory
from tests.campaigns.giving import grant
from tests.cast import NOW

T = TypeVar("T")
VALUE_CENTS = 500
IBANS = ("NL91ABNA0417164300", "NL39RABO0300065264")
MATCH_UNTIL = date(2026, 12, 31)

BALANCES = """
SELECT a.fund_id, a.code, a.key, CASE WHEN a.pooled THEN ledger_pooled_balance(a.id, a.debit_side) ELSE a.balance_cents END
FROM ledger_account a
"""
STATES = """
SELECT 'campaign', id, state || CASE WHEN pot_closed_at IS NULL THEN '' ELSE ', closed' END, given_cents, times_given
FROM campaigns_campaign
UNION ALL SELECT 'payout', id, state, amount_cents, 0 FROM payments_payout
UNION ALL SELECT 'donation', id, state || ' ' || refund_status, amount_cents, refund_tries FROM payments_donation
UNION ALL SELECT 'cheque', id, state || CASE WHEN frozen THEN ', frozen' ELSE '' END, 0, 0 FROM cheques_cheque
UNION ALL SELECT 'receipt', id, state, amount_cents, 0 FROM campaigns_receipt
UNION ALL SELECT 'run', id, state, value_cents, dwellings FROM cheques_chequerun
"""


class Differs(AssertionError):
    """The site and the model do not agree about a step."""


@dataclass
class Street:
    """Both sides. `funds`: name in the model -> id in the books. The clock goes on by a second with each step."""

    here: cast.World
    people: dict[str, User]
    programme: Programme
    requests: dict[str, FundingRequest]
    funds: dict[str, int]
    books: model.Books
    stripe: StripeInMemory = field(default_factory=StripeInMemory)
    now: datetime = NOW
    files: int = 0

    def again(self) -> "Street":
        """The same street from here on, with a model and a Stripe of its own; the rows stand in the database."""
        books, stripe = deepcopy((self.books, self.stripe))
        return Street(
            self.here,
            self.people,
            self.programme,
            self.requests,
            self.funds,
            books,
            stripe,
            self.now,
            self.files,
        )

    # Both sides

    def both(self, real: Callable[[], T], modelled: Callable[[T | None], object]) -> None:
        """Does the step in the database, then in the model: with what came of it, None where it was refused.

        What one refuses the other refuses, by the same name.
        """
        self.now += timedelta(seconds=1)
        done, met = None, None
        # What stands in the file for the bank is told elsewhere, and costs a second to write.
        with self.stripe.answering(), patch.object(pain001, "write", lambda **_: b"<pain/>"):
            try:
                done = real()
            except Exception as error:  # noqa: BLE001 - the model says which is right
                met = error
        name = type(met).__name__ if met else "done"
        try:
            modelled(done)
        except Refused as refused:
            if refused.name != name:
                raise Differs(f"{name}, and the model says {refused.name}") from met
        else:
            if met:
                raise Differs(f"{name}, and the model does it") from met

    def compare(self) -> None:
        """Every balance and every state. A few milliseconds, so after each step."""
        names = {fund_id: name for name, fund_id in self.funds.items()}
        with connection.cursor() as cursor:
            cursor.execute(BALANCES)
            found = {(names[fund], code, key): cents for fund, code, key, cents in cursor.fetchall() if cents}
            wanted = {account: cents for account, cents in self.books.cents.items() if cents}
            assert found == wanted
            cursor.execute(STATES)
            assert {(what, pk): tuple(rest) for what, pk, *rest in cursor.fetchall()} == self._states()
        assert self.books.unsound() == []

    def _states(self) -> dict[tuple[str, int], tuple[str, int, int]]:
        books = self.books
        states: dict[tuple[str, int], tuple[str, int, int]] = {}
        for one in books.campaigns:
            pot = ", closed" if one.pot_closed else ""
            states["campaign", one.pk] = (one.state + pot, one.given, len(one.pledges))
        for payout in books.payouts:
            states["payout", payout.pk] = (payout.state, payout.cents, 0)
        for donation in books.donations:
            said = f"{donation.state} {donation.refund_status}"
            states["donation", donation.pk] = (said, donation.cents, donation.tries)
        for cheque in books.cheques:
            states["cheque", cheque.pk] = (cheque.state + (", frozen" if cheque.frozen else ""), 0, 0)
        for receipt in books.receipts:
            states["receipt", receipt.pk] = (receipt.state, receipt.cents, 0)
        for run in books.runs:
            states["run", run.pk] = (run.state, run.cents, len(run.accounts))
        return states

    def settle(self) -> None:
        """The sweep: our side hears all that Stripe has to say. Before that its balance may differ, by what is not heard yet."""
        for donation in list(self.books.donations):
            self.look(donation)
            if donation.refund_asked:
                self.follow(donation)

    def wrong(self) -> dict[str, list[object]]:
        """Name of a check of the site -> what breaks it."""
        found = checks.run(transactions=lambda: self.stripe.transactions)
        return {check.name: check.found for check in found if not check.ok}

    # Cheques

    def prepare(self, places: int, days: int) -> None:
        """A run to the first so many dwellings that stand in neighbourhoods of their own."""
        run_number = len(self.books.runs)
        wanted = self.books_places()[:places]

        def real() -> ChequeRun:
            return runs.prepare(
                rules=self.programme.rules,
                name=f"Uitgifte {run_number}",
                neighbourhoods=[dwelling.neighbourhood for dwelling in wanted],
                last_day_to_activate=self.now.date() + timedelta(days=days),
                made_by=self.people["karin"],
                now=self.now,
            )

        def modelled(made: ChequeRun | None) -> None:
            assert made is not None
            accounts = [f"cheque:{made.pk}:{dwelling.pk}" for dwelling in wanted]
            self.books.prepare(
                model.Run(accounts, VALUE_CENTS, "karin", made.activate_before, made.valid_until, pk=made.pk)
            )

        self.both(real, modelled)

    def books_places(self) -> list[Dwelling]:
        found = Dwelling.objects.filter(organisation=self.here.klinker).select_related("neighbourhood")
        return list(found.order_by("pk"))

    def issue(self, run: model.Run, by: str) -> None:
        self.both(
            lambda: runs.issue(run_id=run.pk, by=self.people[by], now=self.now),
            lambda _: self.books.issue(run, by, self.now),
        )
        made = dict(Cheque.objects.filter(run=run.pk).values_list("account__key", "pk"))
        for cheque in self.books.cheques:
            cheque.pk = cheque.pk or made[cheque.account]

    def cancel(self, run: model.Run) -> None:
        self.both(lambda: runs.cancel(run_id=run.pk), lambda _: self.books.cancel(run))

    def activate(self, cheque: model.Cheque) -> None:
        self.both(
            lambda: cheques.activate(cheque_id=cheque.pk, now=self.now),
            lambda _: self.books.activate(cheque, self.now),
        )

    def freeze(self, cheque: model.Cheque, frozen: bool) -> None:
        def modelled(_: object) -> None:
            cheque.frozen = frozen

        self.both(
            lambda: cheques.set_frozen(
                cheque_id=cheque.pk, frozen=frozen, reason="?", by=self.people["karin"], now=self.now
            ),
            modelled,
        )

    def expire(self) -> None:
        def modelled(count: int | None) -> None:
            assert count == self.books.expire(self.now)

        self.both(lambda: cheques.expire(now=self.now), modelled)

    def give(self, cheque: model.Cheque, campaign: model.Campaign, cents: int, key: str) -> None:
        purse_id = Cheque.objects.values_list("purse_id", flat=True).get(pk=cheque.pk)
        if purse_id is None:
            return
        self.both(
            lambda: cheques.give(
                purse_id=purse_id, campaign_id=campaign.pk, amount_cents=cents, key=key, now=self.now
            ),
            lambda _: self.books.give(cheque, campaign, cents, key, self.now),
        )

    # Campaigns

    def open(self, target: int, days: int) -> None:
        title = f"Plan {len(self.books.campaigns)}"

        def real() -> Campaign:
            opened = cast.campaign(self.here, self.programme, target_cents=target, title=title)
            Campaign.objects.filter(pk=opened.pk).update(deadline=self.now + timedelta(days=days))
            return opened

        self.both(
            real,
            lambda made: self.books.campaigns.append(
                model.Campaign(target, self.now + timedelta(days=days), pk=pk_of(made))
            ),
        )

    def fail(self, campaign: model.Campaign) -> None:
        self.both(
            lambda: closing.close_failed(campaign_id=campaign.pk, now=self.now),
            lambda _: self.books.fail(campaign),
        )

    def fail_due(self) -> None:
        def modelled(count: int | None) -> None:
            assert count == self.books.fail_due(self.now)

        self.both(lambda: closing.close_due(now=self.now), modelled)

    # Donations

    def intend(self, campaign: model.Campaign, cents: int) -> None:
        def real() -> Donation:
            donation = donations.intend(
                campaign=Campaign.objects.get(pk=campaign.pk),
                amount_cents=cents,
                name="",
                message="",
                email="",
                language="nl",
                now=self.now,
            )
            donations.payment_page(donation=donation, return_url="https://x", cancel_url="https://x")
            return donation

        self.both(
            real,
            lambda made: self.books.intend(model.Donation(campaign, cents, pk=pk_of(made)), self.now),
        )

    def pay(self, donation: model.Donation, fee: int) -> None:
        """At Stripe; our side knows nothing until it looks."""
        session = self._row(donation).session_id or ""
        if self.stripe.sessions[session].status == "open":
            self.stripe.pay(session, donation.cents, fee)

    def close_page(self, donation: model.Donation) -> None:
        session = self._row(donation).session_id or ""
        if self.stripe.sessions[session].status == "open":
            self.stripe.close_page(session)

    def look(self, donation: model.Donation) -> None:
        row = self._row(donation)
        session = self.stripe.sessions[row.session_id or ""]

        def modelled(_: object) -> None:
            if session.paid is not None:
                self.books.paid(donation, session.paid.fee_cents, self.now)
            elif session.status == "expired":
                self.books.page_closed(donation)

        self.both(lambda: donations.follow_up(donation=row, now=self.now), modelled)

    def refund(self, donation: model.Donation, outcome: str) -> None:
        """`outcome`: what becomes of it, where Stripe has not decided yet."""
        row = self._row(donation)
        self.stripe.refund_outcome = outcome
        said = self.stripe.said_of_refund(str(row.reference), row.refund_tries)

        def modelled(_: object) -> None:
            if donation.state == "refunding":
                self.books.refund(donation, said)

        self.both(lambda: refunds.refund(donation=row, now=self.now), modelled)

    def move_refund(self, donation: model.Donation, status: str) -> None:
        """At Stripe."""
        refund = self.stripe.refunds.get(self._row(donation).refund_id or "")
        if refund is not None and (refund.status, status) in (
            ("pending", "succeeded"),
            ("pending", "failed"),
            ("succeeded", "failed"),
        ):
            self.stripe.move_refund(refund.refund_id, status)

    def follow(self, donation: model.Donation) -> None:
        """Our side hears that there is news of a refund."""
        row = self._row(donation)
        if row.refund_id is None:
            return
        said = self.stripe.refunds[row.refund_id].status
        self.both(
            lambda: refunds.follow(donation=row, now=self.now), lambda _: self.books.refund(donation, said)
        )

    def give_up(self, donation: model.Donation) -> None:
        self.both(lambda: refunds.give_up(donation_id=donation.pk), lambda _: self.books.give_up(donation))

    def _row(self, donation: model.Donation) -> Donation:
        return Donation.objects.select_related("campaign").get(pk=donation.pk)

    # Payouts

    def account(self, number: int) -> None:
        """Fatma gives one of her two accounts."""
        iban = IBANS[number]
        initiator = Campaign.objects.order_by("pk")[0].initiator
        self.both(
            lambda: payees.give_account(
                initiator=initiator, holder="F. Yildiz", iban=iban, by=self.people["fatma"], now=self.now
            ),
            lambda _: self.books.account(iban),
        )

    def approve_account(self) -> None:
        newest = payees.newest_account(Campaign.objects.order_by("pk")[0].initiator_id)
        if newest is None:
            return

        def modelled(_: object) -> None:
            self.books.iban_approved = True

        self.both(
            lambda: payees.approve_account(account_id=newest.pk, by=self.people["youssef"], now=self.now),
            modelled,
        )

    def propose(self, campaign: model.Campaign, by: str) -> None:
        def modelled(made: Payout | None) -> None:
            wanted = model.Payout(campaign, by, "", [], pk=pk_of(made))
            assert self.books.propose(wanted).pk == wanted.pk

        self.both(
            lambda: payouts.propose(campaign_id=campaign.pk, by=self.people[by], now=self.now), modelled
        )

    def approve(self, payout: model.Payout, by: str) -> None:
        self.both(
            lambda: payouts.approve(payout_id=payout.pk, by=self.people[by], now=self.now),
            lambda _: self.books.approve(payout, by),
        )

    def refuse(self, payout: model.Payout, by: str) -> None:
        self.both(
            lambda: payouts.refuse(payout_id=payout.pk, by=self.people[by], reason="?", now=self.now),
            lambda _: self.books.refuse_payout(payout, by),
        )

    def withdraw(self, payout: model.Payout) -> None:
        self.both(
            lambda: payouts.withdraw(payout_id=payout.pk, by=self.people["karin"], reason="?", now=self.now),
            lambda _: self.books.withdraw(payout),
        )

    def send(self) -> None:
        self.both(
            lambda: payment_files.make_run(execute_on=self.now.date(), by=self.people["thea"], now=self.now),
            lambda _: self.books.send(),
        )

    # Accounting for it

    def hand_in(self, campaign: model.Campaign, cents: int) -> None:
        self.files += 1

        def real() -> Receipt:
            file = StoredFile.objects.create(
                content_hash=f"receipt {self.files}", name="bon.jpg", mime_type="", size=1, stored_at=self.now
            )
            return receipts.hand_in(
                campaign_id=campaign.pk,
                file=file,
                supplier="Bouwmarkt",
                description="Hout",
                bought_on=self.now.date(),
                amount_cents=cents,
                by=self.people["fatma"],
                now=self.now,
            )

        self.both(
            real,
            lambda made: self.books.hand_in(model.Receipt(campaign, cents, pk=pk_of(made))),
        )

    def approve_receipt(self, receipt: model.Receipt) -> None:
        self.both(
            lambda: receipts.approve(receipt_id=receipt.pk, by=self.people["karin"], now=self.now),
            lambda _: self.books.approve_receipt(receipt),
        )

    def refuse_receipt(self, receipt: model.Receipt) -> None:
        self.both(
            lambda: receipts.refuse(receipt_id=receipt.pk, by=self.people["karin"], reason="?", now=self.now),
            lambda _: self.books.refuse_receipt(receipt),
        )

    # The bank

    def statement(self, lines: list[model.Line]) -> None:
        """A statement with these lines is taken in. Payments in what Stripe sent that were not booked yet are booked first."""
        before = BankStatement.objects.order_by("-pk").first()
        opening = before.closing_cents if before else 0
        name = f"statement {before.pk if before else 0}"
        content = camt053_writer.write(
            Statement(
                identification=name,
                sequence_number=1,
                iban=settings.OPERATOR_IBAN,
                opening_cents=opening,
                opening_on=self.now.date(),
                closing_cents=opening + sum(one.cents if one.credit else -one.cents for one in lines),
                closing_on=self.now.date(),
                created_at=self.now,
                lines=tuple(self._written(line) for line in lines),
            )
        )

        def modelled(done: object) -> None:
            self._looked_up(lines)
            if done:
                rows = BankLine.objects.filter(statement__identification=name).order_by("position")
                for line, row in zip(lines, rows, strict=True):
                    line.pk, line.account = row.pk, f"line:{row.fingerprint[:32]}"
            self.books.take_in(lines)

        self.both(lambda: import_statement(content=content, by=None, now=self.now), modelled)

    def _looked_up(self, lines: list[model.Line]) -> None:
        """Payments in a payout by Stripe that no event told us of yet, in the order of their charges."""
        by_reference = {
            str(reference): pk for pk, reference in Donation.objects.values_list("pk", "reference")
        }
        in_payouts = {
            one.charge_id
            for line in lines
            if line.stripe_id and line.stripe_id not in self.books.stripe_booked
            for one in self.stripe.payouts[line.stripe_id]
        }
        paid = {one.paid.charge_id: one for one in self.stripe.sessions.values() if one.paid}
        by_pk = {donation.pk: donation for donation in self.books.donations}
        for charge_id in sorted(in_payouts):
            session = paid[charge_id]
            assert session.paid is not None
            self.books.paid(by_pk[by_reference[session.reference]], session.paid.fee_cents, self.now)

    def _written(self, line: model.Line) -> Line:
        row = Payout.objects.get(pk=line.payout.pk) if line.payout else None
        texts = {
            "funding": lambda: {"structured_reference": self.requests[line.fund].reference},
            "leaving": lambda: {"end_to_end_id": row.end_to_end_id if row else ""},
            "returned": lambda: {"end_to_end_id": row.end_to_end_id if row else "", "return_reason": "AC04"},
            "leftover": lambda: {"structured_reference": row.leftover_reference if row else ""},
            "stripe": lambda: {"remittance": f"STRIPE {line.stripe_id}"},
            "charges": lambda: {"transaction_code": "ACMT-MDOP-CHRG"},
            "unknown": lambda: {"remittance": "?"},
        }[line.kind]()
        return cast.line(line.cents, credit=line.credit, on=line.on, **texts)

    def recognise(self, line: model.Line, fund: str) -> None:
        self.both(
            lambda: recognise(
                line_id=line.pk, request=self.requests[fund], by=self.people["thea"], now=self.now
            ),
            lambda _: self.books.recognise(line, fund),
        )

    def close_until(self, day: date) -> None:
        if day <= self.books.closed_until:
            return
        since = max(self.books.closed_until, NOW.date() - timedelta(days=365))
        self.both(
            lambda: Period.objects.create(
                starts_on=since + timedelta(days=1),
                ends_on=day,
                closed_at=self.now,
                made_by=self.people["karin"],
                approved_by=self.people["youssef"],
            ),
            lambda _: self.books.close_until(day),
        )


def pk_of(made: Model | None) -> int:
    return made.pk if made is not None else 0


def street() -> Street:
    """€ 60,00 of budget, € 20,00 of a sponsor, four purses of € 5,00, two more letters, and a bench of € 12,00 that collects."""
    here = cast.world()
    programme = cast.programme(here, value_cents=VALUE_CENTS)
    sponsor = grant(here, amount_cents=2_000, percent=50, per_campaign_cents=700, received=False)
    own = ledger.fund_of(organisation=here.operator, kind=FundKind.OPERATOR, name="Eigen", now=NOW)
    suspense = ledger.fund_of(organisation=here.operator, kind=FundKind.SUSPENSE, name="Vraagposten", now=NOW)
    funds = {
        "klinker": programme.fund_id,
        "sponsor": sponsor.fund_id,
        "donations": cast.donations_fund(here),
        "operator": own.pk,
        "suspense": suspense.pk,
    }
    requests = {
        "klinker": programme.fund.funding_requests.get(),
        "sponsor": sponsor.fund.funding_requests.get(),
        "operator": programmes.request_funding(fund_id=own.pk, amount_cents=1_000, made_by=None, now=NOW),
    }
    for number in range(6):
        Dwelling.objects.create(
            organisation=here.klinker,
            neighbourhood=cast.neighbourhood(f"Straat {number}", f"BU050202{number:02}"),
            street="Irisplein",
            house_number=number + 1,
            postcode="3071AB",
            town="Oeverdam",
        )
    books = model.Books(
        [model.Grant("sponsor", 50, 700, True, MATCH_UNTIL)],
        neighbourhood=f"neighbourhood:{here.bloemenbuurt.pk}",
        funds=sorted(("klinker", "sponsor", "donations"), key=lambda name: funds[name]),
    )
    people = {name: getattr(here, name) for name in ("karin", "youssef", "fatma", "thea")}
    made = Street(here, people, programme, requests, funds, books)
    _furnish(made)
    return made


def _furnish(made: Street) -> None:
    today = made.now.date()
    made.statement(
        [
            model.Line("funding", 6_000, True, today, fund="klinker"),
            model.Line("funding", 2_000, True, today, fund="sponsor"),
        ]
    )
    made.prepare(6, 30)
    made.issue(made.books.runs[0], "youssef")
    for cheque in made.books.cheques[:4]:
        made.activate(cheque)
    made.open(1_200, 20)
    made.account(0)
    made.approve_account()
    made.compare()
