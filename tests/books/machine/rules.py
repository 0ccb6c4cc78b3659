"""Hypothesis chooses: any operation, by anybody, about anything on the street, at any moment.

Each rule is drawn about as often as another, so one rule has several small steps of one subject, and what leads to much else
(a gift by card, a payout that goes all the way) is a rule of its own.
"""

from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.books.machine import model
from tests.books.machine.street import Street

T = TypeVar("T")
# Half of the time the first of those with which something is bound to happen.
WHICH = st.one_of(st.just(0), st.integers(0, 7))
BY = st.sampled_from(["karin", "youssef"])
MOSTLY = st.sampled_from([True, True, True, False])
SOMETIMES = st.sampled_from([False, False, False, True])
STAGES = ["collects", "has a gift by card", "failed", "reached", "paid out", "has a receipt", "came back"]
LATE = st.sampled_from([0, 0, 0, 4])  # days between the bank and its statement


class Machine(RuleBasedStateMachine):
    """One story of the street, in a transaction that is rolled back. `start`: the street that every story begins with.

    `stories` counts those that were told to their end.
    """

    start: Street
    stories = 0

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.street = self.start.again()
        self.lines: list[model.Line] = []

    def teardown(self) -> None:
        try:
            self.street.settle()
            self.street.compare()
            assert self.street.wrong() == {}
            Machine.stories += 1
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @invariant()
    def both_sides_are_the_same(self) -> None:
        self.street.compare()

    @property
    def books(self) -> model.Books:
        return self.street.books

    @initialize(stage=st.sampled_from(STAGES), cents=st.integers(100, 500))
    def it_has_come_to(self, stage: str, cents: int) -> None:
        """Every stage in the life of a bench is where some stories begin."""
        if stage != "collects":
            self.somebody_pays(0, cents, 30, True)
        if stage == "failed":
            self.a_campaign_fails(0, False)
        if stage in STAGES[3:]:
            self.neighbours_fill_a_campaign(0)
            self.stripe_pays_out(0, True)
        if stage in STAGES[4:]:
            self.a_payout_goes_all_the_way()
        if stage == "has a receipt":
            self.a_receipt(0, cents, True, True)
        elif stage == "came back":
            self.a_payout_comes_back(0, 0, True)

    # Time

    @rule(days=st.integers(1, 9), closed=SOMETIMES)
    def time_passes(self, days: int, closed: bool) -> None:
        """Sometimes the books are closed up to the day before yesterday."""
        self.street.now += timedelta(days=days)
        if closed:
            self.street.close_until(self.street.now.date() - timedelta(days=2))

    # Cheques

    @rule(which=WHICH, by=BY, step=st.sampled_from(["prepare", "prepare", "issue", "issue", "cancel"]))
    def a_run(self, which: int, by: str, step: str) -> None:
        run = pick(self.books.runs, which, "prepared")
        if step == "issue":
            self.street.issue(run, by)
        elif step == "cancel":
            self.street.cancel(run)
        elif len(self.books.runs) < 4:
            self.street.prepare(which % 6 + 1, which * 4)

    @rule(which=WHICH, step=st.sampled_from(["activate", "activate", "stop", "let go", "expire"]))
    def a_cheque(self, which: int, step: str) -> None:
        if step == "activate":
            self.street.activate(pick(self.books.cheques, which, "made"))
        elif step == "expire":
            self.street.expire()
        else:
            self.street.freeze(pick(self.books.cheques, which), step == "stop")

    # Campaigns and gifts

    @rule(wanted=st.integers(100, 1_500), days=st.integers(1, 40))
    def a_campaign_opens(self, wanted: int, days: int) -> None:
        if len(self.books.campaigns) < 4:
            self.street.open(wanted, days)

    @rule(which=WHICH, to=WHICH, cents=st.integers(1, 600), key=st.sampled_from(["a", "b", "c"]))
    def a_purse_gives(self, which: int, to: int, cents: int, key: str) -> None:
        cheque = pick(self.books.cheques, which, "activated")
        self.street.give(cheque, pick(self.books.campaigns, to, "collecting"), cents, key)

    @rule(which=WHICH)
    def neighbours_fill_a_campaign(self, which: int) -> None:
        """All that the purses hold, so that targets are reached more often than by chance."""
        campaign = pick(self.books.campaigns, which, "collecting")
        for cheque in self.books.cheques:
            held = self.books.at("klinker", cheque.purse)
            if held and campaign.takes_gifts(self.street.now):
                self.street.give(cheque, campaign, held, f"all {self.street.now}")

    @rule(which=WHICH, due=st.booleans())
    def a_campaign_fails(self, which: int, due: bool) -> None:
        if due:
            self.street.fail_due()
        else:
            self.street.fail(pick(self.books.campaigns, which, "collecting"))

    # Donations

    @rule(to=WHICH, cents=st.integers(100, 600), fee=st.integers(0, 120), heard=MOSTLY)
    def somebody_pays(self, to: int, cents: int, fee: int, heard: bool) -> None:
        """At Stripe; most of the time our side hears of it at once."""
        before = len(self.books.donations)
        self.street.intend(pick(self.books.campaigns, to, "collecting", "reached"), cents)
        for donation in self.books.donations[before:]:
            self.street.pay(donation, fee)
            if heard:
                self.street.look(donation)

    @precondition(lambda self: self.books.donations)
    @rule(which=WHICH, step=st.sampled_from(["intend", "pay", "close the page", "look", "look"]))
    def a_donation(self, which: int, step: str) -> None:
        donation = pick(self.books.donations, which, "intended")
        if step == "intend":
            self.street.intend(pick(self.books.campaigns, which, "collecting"), 300)
        elif step == "pay":
            self.street.pay(donation, 25)
        elif step == "close the page":
            self.street.close_page(donation)
        else:
            self.street.look(donation)

    @precondition(lambda self: any(one.state.startswith("refund") for one in self.books.donations))
    @rule(
        which=WHICH,
        step=st.sampled_from(["ask", "ask", "move", "follow", "give up"]),
        outcome=st.sampled_from(["succeeded", "pending", "refused"]),
    )
    def a_refund(self, which: int, step: str, outcome: str) -> None:
        donation = pick(self.books.donations, which, "refunding", "refunded")
        if step == "ask":
            self.street.refund(donation, outcome)
        elif step == "move":
            self.street.move_refund(donation, "succeeded" if outcome == "succeeded" else "failed")
        elif step == "follow":
            self.street.follow(donation)
        else:
            self.street.give_up(donation)

    # Payouts

    @rule(number=st.integers(0, 1), approved=MOSTLY)
    def fatma_gives_an_account(self, number: int, approved: bool) -> None:
        self.street.account(number)
        if approved:
            self.street.approve_account()

    @rule(which=WHICH, by=BY)
    def a_payout_is_proposed(self, which: int, by: str) -> None:
        self.street.propose(pick(self.books.campaigns, which, "reached"), by)

    @precondition(lambda self: self.books.payouts)
    @rule(which=WHICH, by=BY, step=st.sampled_from(["approve", "approve", "refuse", "send"]))
    def a_payout(self, which: int, by: str, step: str) -> None:
        payout = pick(self.books.payouts, which, "proposed")
        if step == "approve":
            self.street.approve(payout, by)
        elif step == "refuse":
            self.street.refuse(payout, by)
        else:
            self.street.send()

    @precondition(lambda self: any(one.state == "approved" for one in self.books.payouts))
    @rule(which=WHICH)
    def a_payout_is_withdrawn(self, which: int) -> None:
        self.street.withdraw(pick(self.books.payouts, which, "approved"))

    @precondition(lambda self: any(one.state == "reached" for one in self.books.campaigns))
    @rule()
    def a_payout_goes_all_the_way(self) -> None:
        """Proposed, approved, sent and shown to leave, as far as it goes: so that much happens after it."""
        for campaign in self.books.campaigns:
            if campaign.state == "reached":
                self.street.propose(campaign, "karin")
        for payout in self.books.payouts:
            if payout.state == "proposed":
                self.street.approve(payout, "youssef")
        self.street.send()
        for payout in self.books.payouts:
            if payout.state == "sent":
                self.a_line("leaving", payout.cents, 0, credit=False, payout=payout)
        self.a_statement_is_taken_in()

    # Accounting for it

    @precondition(lambda self: self.books.payouts)
    @rule(which=WHICH, cents=st.integers(1, 1_500), good=MOSTLY, decided=MOSTLY)
    def a_receipt(self, which: int, cents: int, good: bool, decided: bool) -> None:
        """Handed in; most of the time it is decided about, or an older one is."""
        self.street.hand_in(pick(self.books.payouts, which, "confirmed").campaign, cents)
        if decided and self.books.receipts:
            receipt = pick(self.books.receipts, which, "submitted")
            if good:
                self.street.approve_receipt(receipt)
            else:
                self.street.refuse_receipt(receipt)

    # The bank: its lines wait until there is a statement

    def a_line(self, kind: str, cents: int, late: int, *, credit: bool = True, **about: object) -> None:
        on = self.street.now.date() - timedelta(days=late)
        self.lines.append(model.Line(kind, cents, credit, on, **about))  # type: ignore[arg-type]

    def a_statement_is_taken_in(self) -> None:
        lines, self.lines = self.lines, []
        if lines:
            self.street.statement(lines)

    def and_a_statement(self, soon: bool) -> None:
        if soon:
            self.a_statement_is_taken_in()

    @rule(
        fund=st.sampled_from(["klinker", "sponsor", "operator", "nobody", "charges"]),
        cents=st.integers(1, 3_000),
        late=LATE,
        soon=st.booleans(),
    )
    def money_moves_at_the_bank(self, fund: str, cents: int, late: int, soon: bool) -> None:
        if fund in ("nobody", "charges"):
            self.a_line("unknown" if fund == "nobody" else "charges", cents, late, credit=fund == "nobody")
        else:
            self.a_line("funding", cents, late, fund=fund)
        self.and_a_statement(soon)

    @precondition(lambda self: self.books.payouts)
    @rule(which=WHICH, more=st.sampled_from([0, 0, 0, 1]), late=LATE, soon=MOSTLY)
    def a_payout_leaves(self, which: int, more: int, late: int, soon: bool) -> None:
        payout = pick(self.books.payouts, which, "sent")
        self.a_line("leaving", payout.cents + more, late, credit=False, payout=payout)
        self.and_a_statement(soon)

    @precondition(lambda self: self.books.payouts)
    @rule(which=WHICH, late=LATE, soon=MOSTLY)
    def a_payout_comes_back(self, which: int, late: int, soon: bool) -> None:
        payout = pick(self.books.payouts, which, "confirmed")
        self.a_line("returned", payout.cents, late, payout=payout)
        self.and_a_statement(soon)

    @precondition(lambda self: self.books.payouts)
    @rule(which=WHICH, cents=st.integers(1, 1_200), late=LATE, soon=MOSTLY)
    def a_leftover_comes_back(self, which: int, cents: int, late: int, soon: bool) -> None:
        self.a_line("leftover", cents, late, payout=pick(self.books.payouts, which, "confirmed"))
        self.and_a_statement(soon)

    @rule(late=LATE, soon=MOSTLY)
    def stripe_pays_out(self, late: int, soon: bool) -> None:
        payout_id, cents = self.street.stripe.pay_out()
        if cents:
            self.a_line("stripe", abs(cents), late, credit=cents > 0, stripe_id=payout_id)
        self.and_a_statement(soon)

    @precondition(lambda self: self.books.unknown)
    @rule(which=WHICH, fund=st.sampled_from(["klinker", "sponsor"]))
    def somebody_recognises_a_receipt(self, which: int, fund: str) -> None:
        self.street.recognise(pick(self.books.unknown, which, "booked"), fund)


def pick(things: list[T], which: int, *likely: str) -> T:
    """Those in a state in which something is likely to happen come first."""
    return sorted(things, key=lambda thing: state_of(thing) not in likely)[which % len(things)]


def state_of(thing: Any) -> str:
    return str(thing.state)
