"""Bank statements: taken in whole or not at all, each line recognised and booked once."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings as site
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from books import closing
from campaigns import pledges, receipts
from campaigns.models import Campaign, Pledge, State
from common.money import split
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from ledger.models import Entry, Period
from payments import gateway, payment_files, payouts, refunds, statements
from payments.bank import camt053_writer
from payments.bank.camt053 import Line, NotAStatement, Statement
from payments.models import BankLine, BankStatement, Donation, Payout, StripePayout
from payments.queries import arrived_by_request
from payments.statements import import_statement
from people.models import Organisation, OrganisationKind
from programmes import operations as programmes
from tests import cast
from tests.books.soundness import assert_sound
from tests.campaigns.giving import gift, grant, purses
from tests.cast import NOW, TODAY
from tests.crowd import at_once, kinds
from tests.ledger.roles import refusal as denied
from tests.ledger.together import Beside, beside
from tests.payments.paying import account, approved, handed_in, leaving, paid_out, take_in
from tests.standin import Stripe

OTHER_IBAN = "NL91ABNA0417164300"


def written(
    *lines: Line, opening_cents: int = 0, identification: str = "2026-061", iban: str = ""
) -> Statement:
    return Statement(
        identification=identification,
        sequence_number=None,
        iban=iban or site.OPERATOR_IBAN,
        opening_cents=opening_cents,
        opening_on=TODAY,
        closing_cents=opening_cents + sum(line.signed_cents for line in lines),
        closing_on=TODAY,
        created_at=NOW,
        lines=lines,
    )


def content(*lines: Line, opening_cents: int = 0, identification: str = "2026-061", iban: str = "") -> bytes:
    return camt053_writer.write(
        written(*lines, opening_cents=opening_cents, identification=identification, iban=iban)
    )


def taken_in(file: bytes) -> list[statements.Imported]:
    return import_statement(content=file, by=None, now=NOW)


def moved(line: BankLine) -> list[tuple[int, int, int]]:
    """Debit, credit, cents of each transfer of a line."""
    found = books.transfers_of(entry_ids=[line.entry_id])
    return [(one.debit.code, one.credit.code, one.amount_cents) for one in found]


def bench(here: cast.World, *, title: str = "Bank op het Irisplein") -> Campaign:
    """€ 20,00 from De Klinker's cheques and € 10,00 from the municipality: at its target."""
    cast.dwellings(here, 4)
    programme = cast.funded(here)
    stack = purses(cast.issued(here, programme), 4)
    grant(here, amount_cents=50_000, percent=50)
    campaign = cast.campaign(here, programme, target_cents=3_000, title=title)
    for purse in stack:
        pledges.pledge(gift=gift(purse, campaign, 500), now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == State.REACHED
    return campaign


# Recognising


def test_a_budget_that_arrives_under_its_reference_can_be_issued(here: cast.World) -> None:
    programme = cast.programme(here, budget_cents=100_000)
    reference = programme.fund.funding_requests.get().reference
    ((imported),) = import_statement(
        content=content(
            cast.line(60_000, structured_reference=reference), cast.line(40_000, remittance=reference)
        ),
        by=here.thea,
        now=NOW,
    )
    lines = list(imported.statement.lines.all())
    assert [(line.kind, line.reference) for line in lines] == [(BankLine.Kind.FUNDING, reference)] * 2
    request = programme.fund.funding_requests.get()
    assert arrived_by_request([request.pk]) == {request.pk: sum(line.amount_cents for line in lines)}
    assert [moved(line) for line in lines] == [
        [(Code.BANK, Code.BUDGET, 60_000)],
        [(Code.BANK, Code.BUDGET, 40_000)],
    ]
    assert imported.statement.imported_by == lines[0].entry.made_by == here.thea
    assert books.total(code=Code.BUDGET, fund_ids=[programme.fund_id]) == 100_000
    assert_sound()


def test_a_line_is_booked_on_the_day_of_the_bank(here: cast.World) -> None:
    (line,) = take_in(cast.line(500, on=date(2026, 11, 20), remittance="?"))
    assert line.entry.effective_on == line.booked_on == date(2026, 11, 20)
    assert line.entry.note.text == "?"


def test_the_operators_own_money_is_its_own_means(here: cast.World) -> None:
    fund = ledger.fund_of(organisation=here.operator, kind=FundKind.OPERATOR, name="Eigen", now=NOW)
    request = programmes.request_funding(fund_id=fund.pk, amount_cents=5_000, made_by=here.thea, now=NOW)
    (line,) = take_in(cast.line(5_000, structured_reference=request.reference))
    assert moved(line) == [(Code.BANK, Code.OPERATOR_MEANS, 5_000)]
    assert_sound()


def test_what_nobody_knows_lies_apart_until_somebody_recognises_it(here: cast.World) -> None:
    programme = cast.programme(here)
    (line,) = take_in(cast.line(100_000, remittance="budget 2026", counterparty_name="De Klinker"))
    assert (line.kind, moved(line)) == (BankLine.Kind.UNKNOWN, [(Code.BANK, Code.UNIDENTIFIED, 100_000)])
    assert books.total(code=Code.BUDGET) == 0
    # Who paid stands on the line of the statement. The books hold no names: they are kept for seven years.
    fund = books.funds_of(organisation_id=here.operator.pk).get(kind=FundKind.SUSPENSE)
    year = (date(2026, 1, 1), date(2026, 12, 31))
    accounts = books.trial_balance(fund_ids=[fund.pk], since=year[0], until=year[1])
    assert {(one.code, one.closing_cents, one.name) for one in accounts if one.code != 1000} == {
        (2900, 100_000, "")
    }

    request = programme.fund.funding_requests.get()
    known = statements.recognise(line_id=line.pk, request=request, by=here.thea, now=NOW)

    assert (known.funding_request, known.recognised_by, known.recognised_at) == (request, here.thea, NOW)
    entry = books.entries_by_source(source=f"statement:{line.statement_id}").get(kind="bank line recognised")
    settled = [(one.debit.code, one.credit.code) for one in books.transfers_of(entry_ids=[entry.pk])]
    assert settled == [(Code.UNIDENTIFIED, Code.BANK), (Code.BANK, Code.BUDGET)]
    assert books.total(code=Code.BUDGET, fund_ids=[programme.fund_id]) == 100_000
    assert (books.total(code=Code.UNIDENTIFIED), books.total(code=Code.BANK)) == (0, 100_000)
    with pytest.raises(statements.NotOpen) as twice:
        statements.recognise(line_id=line.pk, request=request, by=here.thea, now=NOW)
    assert twice.value.line_id == line.pk
    assert_sound()


def test_only_an_unknown_receipt_can_be_recognised(here: cast.World) -> None:
    request = cast.programme(here).fund.funding_requests.get()
    known, left = take_in(
        cast.line(1_000, structured_reference=request.reference), cast.line(200, credit=False, remittance="?")
    )
    for line in (known, left):
        with pytest.raises(statements.NotOpen):
            statements.recognise(line_id=line.pk, request=request, by=here.thea, now=NOW)


def test_what_leaves_unexplained_and_the_banks_charges_are_the_operators(here: cast.World) -> None:
    charges, unknown = take_in(
        cast.line(250, credit=False, transaction_code="ACMT-MDOP-CHRG"),
        cast.line(1_000, credit=False, remittance="?", end_to_end_id="BUURTPOT-99"),
    )
    assert (charges.kind, moved(charges)) == (BankLine.Kind.CHARGES, [(Code.OPERATOR_COSTS, Code.BANK, 250)])
    assert (unknown.kind, moved(unknown)) == (
        BankLine.Kind.UNKNOWN,
        [(Code.OPERATOR_COSTS, Code.BANK, 1_000)],
    )
    assert (books.total(code=Code.OPERATOR_COSTS), books.total(code=Code.BANK)) == (1_250, -1_250)
    assert_sound()


def test_a_payout_is_confirmed_by_the_line_that_shows_it_leaving(here: cast.World) -> None:
    payout = approved(here, bench(here))
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    assert books.total(code=Code.PAYOUTS) == 3_000
    (line,) = take_in(leaving(payout))
    payout.refresh_from_db()
    assert (line.kind, moved(line)) == (
        BankLine.Kind.PAYOUT,
        [(Code.PAYOUTS, Code.BANK, 2_000), (Code.PAYOUTS, Code.BANK, 1_000)],
    )
    assert (payout.state, payout.confirmed_on) == (Payout.State.CONFIRMED, TODAY)
    assert payout.campaign.state == State.PAID
    assert books.total(code=Code.PAYOUTS) == 0
    assert_sound()


def test_a_payout_of_another_amount_or_that_was_not_sent_is_not_confirmed(here: cast.World) -> None:
    payout = approved(here, bench(here))
    (not_sent,) = take_in(leaving(payout))
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    (too_little,) = take_in(
        cast.line(payout.amount_cents - 1, credit=False, end_to_end_id=payout.end_to_end_id)
    )
    payout.refresh_from_db()
    assert payout.state == Payout.State.SENT
    assert {not_sent.kind, too_little.kind} == {BankLine.Kind.UNKNOWN}
    assert_sound()


def returned(payout: Payout) -> Line:
    return cast.line(payout.amount_cents, end_to_end_id=payout.end_to_end_id, return_reason="AC04")


def test_a_payout_that_the_bank_returns_is_on_its_way_again(here: cast.World) -> None:
    payout = paid_out(here, bench(here))
    (line,) = take_in(returned(payout))
    payout.refresh_from_db()
    assert (line.kind, moved(line)) == (
        BankLine.Kind.RETURNED,
        [(Code.BANK, Code.PAYOUTS, 2_000), (Code.BANK, Code.PAYOUTS, 1_000)],
    )
    assert (payout.state, payout.confirmed_on) == (Payout.State.APPROVED, None)
    assert books.total(code=Code.PAYOUTS) == 3_000
    assert_sound()
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    take_in(leaving(payout))
    payout.refresh_from_db()
    assert (payout.state, books.total(code=Code.PAYOUTS)) == (Payout.State.CONFIRMED, 0)
    assert_sound()


def test_a_return_that_stands_above_its_payment_is_a_return_all_the_same(here: cast.World) -> None:
    """Some banks put the newest line first."""
    payout = approved(here, bench(here))
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    came_back, left = take_in(returned(payout), leaving(payout))
    payout.refresh_from_db()
    assert (came_back.kind, left.kind) == (BankLine.Kind.RETURNED, BankLine.Kind.PAYOUT)
    assert (payout.state, books.total(code=Code.PAYOUTS)) == (Payout.State.APPROVED, 3_000)
    assert_sound()


def show(here: cast.World, campaign: Campaign, amount_cents: int) -> None:
    """Fatma hands in a receipt, Karin approves it."""
    receipt = handed_in(here, campaign, amount_cents)
    receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)


def test_a_payout_returned_after_all_was_accounted_for_can_still_be_sent_anew(here: cast.World) -> None:
    """Fatma had bought the bench before her bank sent the money back."""
    campaign = bench(here)
    payout = paid_out(here, campaign)
    show(here, campaign, 3_000)
    take_in(returned(payout))
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    take_in(leaving(payout))
    payout.refresh_from_db()
    campaign.refresh_from_db()
    assert (payout.state, campaign.state) == (Payout.State.CONFIRMED, State.DONE)
    assert_sound()


def test_a_leftover_goes_back_to_each_fund_that_paid_by_largest_remainder(here: cast.World) -> None:
    campaign = bench(here)
    payout = paid_out(here, campaign)
    show(here, campaign, 2_899)
    (line,) = take_in(cast.line(101, structured_reference=payout.leftover_reference))
    # 101 × 2/3 and 101 × 1/3: the odd cent goes where the larger fraction is.
    assert split(101, [2_000, 1_000]) == [67, 34]
    assert (line.kind, line.reference) == (BankLine.Kind.LEFTOVER, payout.leftover_reference)
    assert sorted(moved(line)) == sorted(
        [
            (Code.BANK, Code.TO_RETURN, 67),
            (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED, 67),
            (Code.BANK, Code.TO_RETURN, 34),
            (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED, 34),
        ]
    )
    campaign.refresh_from_db()
    assert (sum(receipts.unaccounted(campaign).values()), campaign.state) == (0, State.DONE)
    assert_sound()


def test_a_leftover_beyond_what_is_still_to_be_shown_is_booked_all_the_same(here: cast.World) -> None:
    campaign = bench(here)
    payout = paid_out(here, campaign)
    show(here, campaign, 3_000)
    take_in(cast.line(300, structured_reference=payout.leftover_reference))
    assert books.total(code=Code.TO_RETURN) == 300
    # More than was ever paid out is not ours: somebody has to look at it.
    (strange,) = take_in(cast.line(3_001, structured_reference=payout.leftover_reference))
    assert strange.kind == BankLine.Kind.UNKNOWN
    assert_sound()


# Stripe's payouts


def from_stripe(payout: dict[str, object], amount_cents: int | None = None) -> Line:
    cents = int(str(payout["amount"])) if amount_cents is None else amount_cents
    return cast.line(
        abs(cents), credit=cents > 0, remittance=f"STRIPE {payout['id']} thanks", counterparty_name="Stripe"
    )


def test_a_payout_by_stripe_goes_from_clearing_to_the_bank_of_each_fund(
    stripe: Stripe, here: cast.World
) -> None:
    stripe.given(cast.campaign(here, cast.programme(here)), 2_000)
    noorderwal = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Noorderwal", slug="noorderwal"
    )
    here.klinker, klinker = noorderwal, here.klinker
    stripe.given(cast.campaign(here, cast.programme(here), title="Moestuin"), 3_000)
    paid = stripe.control("payouts")

    (line,) = take_in(from_stripe(paid))

    assert (line.kind, moved(line)) == (
        BankLine.Kind.STRIPE,
        [(Code.BANK, Code.STRIPE_CLEARING, 1_965), (Code.BANK, Code.STRIPE_CLEARING, 2_965)],
    )
    for organisation, cents in ((klinker, 1_965), (noorderwal, 2_965)):
        fund_id = books.fund_id_of_kind(organisation_id=organisation.pk, kind=FundKind.DONATIONS)
        assert books.total(code=Code.BANK, fund_ids=[fund_id]) == cents
    assert books.total(code=Code.STRIPE_CLEARING) == 0
    assert StripePayout.objects.get().amount_cents == 4_930
    assert_sound()


def test_what_stripe_takes_back_goes_the_other_way(stripe: Stripe, here: cast.World) -> None:
    """The donations went to the bank already when the campaign failed: the refunds come out of the bank."""
    campaign = cast.campaign(here, cast.programme(here))
    donation = stripe.given(campaign, 2_000)
    take_in(from_stripe(stripe.control("payouts")))
    closing.close_failed(campaign_id=campaign.pk, now=NOW)
    donation.refresh_from_db()
    refunds.refund(donation=donation, now=NOW)
    paid = stripe.control("payouts")
    assert paid["amount"] == -2_000
    (line,) = take_in(from_stripe(paid))
    assert (line.kind, moved(line)) == (BankLine.Kind.STRIPE, [(Code.STRIPE_CLEARING, Code.BANK, 2_000)])
    assert (books.total(code=Code.STRIPE_CLEARING), books.total(code=Code.BANK)) == (0, -35)
    assert StripePayout.objects.get(amount_cents__lt=0).amount_cents == -2_000
    assert_sound()


def test_a_payout_by_stripe_with_a_refund_that_failed_is_recognised(stripe: Stripe, here: cast.World) -> None:
    """The first attempt and its failure are in the payout, and the donation remembers the second attempt only."""
    campaign = cast.campaign(here, cast.programme(here))
    donation = stripe.given(campaign, 2_000)
    closing.close_failed(campaign_id=campaign.pk, now=NOW)
    donation.refresh_from_db()
    donation = refunds.refund(donation=donation, now=NOW)
    stripe.control(f"refunds/{donation.refund_id}/fail")
    donation = refunds.follow(donation=donation, now=NOW)
    (line,) = take_in(from_stripe(stripe.control("payouts")))
    assert moved(line) == [(Code.BANK, Code.STRIPE_CLEARING, 1_965)]
    donation = refunds.refund(donation=refunds.give_up(donation_id=donation.pk), now=NOW)
    assert donation.state == Donation.State.REFUNDED
    (line,) = take_in(from_stripe(stripe.control("payouts")))
    assert moved(line) == [(Code.STRIPE_CLEARING, Code.BANK, 2_000)]
    assert books.total(code=Code.STRIPE_CLEARING) == 0
    assert_sound()


def test_a_payout_by_stripe_costs_no_more_queries_for_more_donations(
    stripe: Stripe, here: cast.World
) -> None:
    campaign = cast.campaign(here, cast.programme(here))

    def queries(donated: int) -> int:
        for _ in range(donated):
            stripe.given(campaign, 500)
        file = cast.statement(from_stripe(stripe.control("payouts")))
        with CaptureQueriesContext(connection) as captured:
            ((imported),) = taken_in(file)
        assert imported.statement.lines.get().kind == BankLine.Kind.STRIPE
        return len(captured)

    queries(1)
    assert queries(1) == queries(4)


def test_a_payout_that_is_not_stripes_or_not_ours_or_of_another_amount_lies_apart(
    stripe: Stripe, here: cast.World
) -> None:
    campaign = cast.campaign(here, cast.programme(here))
    stripe.given(campaign, 2_000)
    paid = stripe.control("payouts")
    unknown, wrong, right, again = take_in(
        from_stripe({"id": "po_madeup", "amount": 500}),
        from_stripe(paid, 1_964),
        from_stripe(paid),
        from_stripe(paid),
    )
    assert [line.kind for line in (unknown, wrong, right, again)] == [
        BankLine.Kind.UNKNOWN,
        BankLine.Kind.UNKNOWN,
        BankLine.Kind.STRIPE,
        BankLine.Kind.UNKNOWN,
    ]
    (later,) = take_in(from_stripe(paid))
    assert later.kind == BankLine.Kind.UNKNOWN
    assert books.total(code=Code.STRIPE_CLEARING) == 0


def test_a_payment_whose_event_never_came_is_booked_before_the_payout_that_it_is_in(
    stripe: Stripe, here: cast.World
) -> None:
    paid = stripe.pay(cast.campaign(here, cast.programme(here)), 2_000)
    (line,) = take_in(from_stripe(stripe.control("payouts")))
    assert (line.kind, moved(line)) == (BankLine.Kind.STRIPE, [(Code.BANK, Code.STRIPE_CLEARING, 1_965)])
    paid.refresh_from_db()
    assert (paid.state, books.total(code=Code.STRIPE_CLEARING)) == (Donation.State.PAID, 0)
    assert_sound()


def test_a_payment_that_does_not_fit_its_donation_leaves_the_payout_unknown(
    stripe: Stripe, here: cast.World
) -> None:
    paid = stripe.pay(cast.campaign(here, cast.programme(here)), 2_000)
    Donation.objects.filter(pk=paid.pk).update(amount_cents=2_001)
    (line,) = take_in(from_stripe(stripe.control("payouts")))
    assert line.kind == BankLine.Kind.UNKNOWN
    assert (books.total(code=Code.UNIDENTIFIED), books.total(code=Code.POTS)) == (1_965, 0)


def test_while_stripe_is_down_a_statement_with_its_payout_is_not_taken_in(
    here: cast.World, settings: Settings
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(gateway.GatewayDown):
        take_in(cast.line(100, remittance="?"), from_stripe({"id": "po_1", "amount": 500}))
    assert not BankStatement.objects.exists()


# What is not taken in


@pytest.mark.parametrize(
    ("file", "reason_code"),
    [
        (b"", "empty"),
        (b"IBAN;Bedrag\nNL20;7,50", "not_xml"),
        (b"PK\x03\x04rest of a zip", "zip"),
        (content(cast.line(750))[:-40], "cut_off"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>', "doctype"),
        (b'<!DOCTYPE x [<!ENTITY e "ha"><!ENTITY f "&e;&e;">]><Document>&f;</Document>', "doctype"),
        (b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'/>", "other_root"),
    ],
)
def test_what_is_no_statement_is_refused_by_name(here: cast.World, file: bytes, reason_code: str) -> None:
    with pytest.raises(NotAStatement) as refusal:
        taken_in(file)
    assert refusal.value.reason_code == reason_code
    assert not BankStatement.objects.exists()


def test_a_statement_of_another_account_is_refused(here: cast.World) -> None:
    with pytest.raises(statements.OtherAccount) as refusal:
        taken_in(content(cast.line(750), iban=OTHER_IBAN))
    assert (refusal.value.found, refusal.value.ours) == (OTHER_IBAN, site.OPERATOR_IBAN)
    assert not BankLine.objects.exists()


def test_a_statement_that_does_not_connect_is_refused(here: cast.World) -> None:
    taken_in(content(cast.line(750)))
    with pytest.raises(statements.DoesNotConnect) as refusal:
        taken_in(content(cast.line(100), opening_cents=700, identification="2026-062"))
    assert (refusal.value.expected_cents, refusal.value.found_cents) == (750, 700)
    assert (BankStatement.objects.count(), books.total(code=Code.BANK)) == (1, 750)
    assert_sound()


def test_the_same_statement_again_books_nothing(here: cast.World) -> None:
    file = content(cast.line(750), cast.line(750))
    (first,) = taken_in(file)
    (again,) = taken_in(file)
    assert (first.created, again.created, again.statement) == (True, False, first.statement)
    # Equal lines are two lines.
    assert (BankLine.objects.count(), books.total(code=Code.BANK)) == (2, 1_500)
    assert_sound()


def test_a_statement_of_the_same_name_that_says_something_else_is_refused(here: cast.World) -> None:
    taken_in(content(cast.line(750)))
    with pytest.raises(statements.ChangedSince) as refusal:
        taken_in(content(cast.line(7_500)))
    assert refusal.value.identification == "2026-061"
    assert books.total(code=Code.BANK) == 750


def test_a_statement_that_came_to_nothing_is_not_taken_in_again_with_other_lines(here: cast.World) -> None:
    """Its closing balance connects to its own opening balance, so only its name tells that it was here."""
    taken_in(content(cast.line(750), cast.line(750, credit=False, remittance="?")))
    with pytest.raises(statements.ChangedSince):
        taken_in(content(cast.line(750)))
    assert books.total(code=Code.BANK) == 0


@pytest.mark.parametrize("opening_cents", [40_000, -5_000])
def test_what_the_account_held_before_the_first_statement_is_the_operators_own(
    here: cast.World, opening_cents: int
) -> None:
    """Stichting Buurtpot had its account before it had this platform."""
    taken_in(content(cast.line(750, remittance="?"), opening_cents=opening_cents))
    own = books.fund_id_of_kind(organisation_id=here.operator.pk, kind=FundKind.OPERATOR)
    assert books.total(code=Code.OPERATOR_MEANS, fund_ids=[own]) == opening_cents
    assert books.total(code=Code.BANK) == opening_cents + 750
    entry = books.entries_by_source(source=f"statement:{BankStatement.objects.get().pk}").get(
        kind="bank opening"
    )
    assert (entry.key, entry.effective_on) == ("bank opening", TODAY)
    assert_sound()
    # Once: what follows connects, or is refused.
    taken_in(content(cast.line(50), opening_cents=opening_cents + 750, identification="2026-062"))
    with pytest.raises(statements.DoesNotConnect):
        taken_in(content(cast.line(50), opening_cents=opening_cents, identification="2026-063"))
    assert books.total(code=Code.OPERATOR_MEANS) == opening_cents
    assert_sound()


def a_year_later(file: Statement) -> bytes:
    day = date(2027, 11, 23)
    lines = tuple(replace(line, booked_on=day, value_on=day) for line in file.lines)
    return camt053_writer.write(replace(file, opening_on=day, closing_on=day, lines=lines))


def test_a_bank_that_numbers_from_1_again_each_year_is_taken_in(here: cast.World) -> None:
    taken_in(content(cast.line(750), identification="1"))
    file = a_year_later(written(cast.line(50), opening_cents=750, identification="1"))
    assert [one.created for one in taken_in(file)] == [True]
    assert [one.created for one in taken_in(file)] == [False]
    assert books.total(code=Code.BANK) == 800
    assert_sound()


def test_the_pages_that_a_bank_sends_under_one_number_are_all_taken_in(here: cast.World) -> None:
    pages = [content(cast.line(750)), content(cast.line(50), opening_cents=750)]
    assert [taken_in(page)[0].created for page in [*pages, *pages]] == [True, True, False, False]
    assert books.total(code=Code.BANK) == 800
    assert_sound()


def test_a_statement_under_another_name_is_known_by_its_lines(here: cast.World) -> None:
    """What came in went out again, so the balance alone would let it be taken in twice."""
    cast.receive(500, reference=cast.programme(here).fund.funding_requests.get().reference)
    lines = cast.line(100), cast.line(100, credit=False)
    taken_in(content(*lines, opening_cents=500, identification="2026-062"))
    (again,) = taken_in(content(*lines, opening_cents=500, identification="export 2"))
    assert (again.statement.identification, again.created) == ("2026-062", False)
    others = cast.line(100), cast.line(60, credit=False), cast.line(40, credit=False)
    assert taken_in(content(*others, opening_cents=500, identification="export 3"))[0].created
    assert_sound()


def test_a_statement_without_lines_of_a_known_name_is_not_the_one_that_was_taken_in(here: cast.World) -> None:
    taken_in(content())
    with pytest.raises(statements.DoesNotConnect):
        taken_in(content(opening_cents=9_900))
    assert taken_in(content())[0].created is False
    later = a_year_later(written())
    assert taken_in(later)[0].created is True
    assert BankStatement.objects.count() == 2


def test_what_the_bank_says_of_a_closed_day_is_booked_on_the_first_open_day(here: cast.World) -> None:
    """Money rules 4 and 8 meet: a fact of the bank is never refused, and a closed day takes no entries."""
    Period.objects.create(
        starts_on=date(2026, 1, 1),
        ends_on=TODAY,
        closed_at=NOW,
        made_by=here.thea,
        approved_by=here.karin,
    )
    file = content(cast.line(750), opening_cents=500)
    (taken,) = taken_in(file)
    assert (taken.created, books.total(code=Code.BANK)) == (True, 1_250)
    assert taken.statement.lines.get().booked_on == TODAY  # as the bank says it
    days = Entry.objects.filter(kind__startswith="bank").values_list("effective_on", flat=True)
    assert set(days) == {TODAY + timedelta(days=1)}
    # Again, after more was closed: nothing new.
    Period.objects.create(
        starts_on=TODAY + timedelta(days=1),
        ends_on=TODAY + timedelta(days=30),
        closed_at=NOW,
        made_by=here.thea,
        approved_by=here.karin,
    )
    assert [one.created for one in taken_in(file)] == [False]
    assert books.total(code=Code.BANK) == 1_250


def test_what_the_bank_said_is_not_changed_and_not_removed(here: cast.World) -> None:
    (line,) = take_in(cast.line(750, remittance="?"))
    for statement in (
        "UPDATE payments_bankstatement SET closing_cents = 1",
        "DELETE FROM payments_bankstatement",
        "UPDATE payments_bankline SET amount_cents = 1",
        "DELETE FROM payments_bankline",
        "UPDATE payments_payoutpart SET amount_cents = 1",
        "DELETE FROM payments_payoutpart",
    ):
        assert denied(statement).sqlstate == "42501", statement  # insufficient_privilege
    request = cast.programme(here).fund.funding_requests.get()
    for half, broken in (
        ({"recognised_by": here.thea}, "bank_line_recognised"),
        ({"recognised_by": here.thea, "recognised_at": NOW}, "bank_line_of_a_funder"),
        ({"funding_request": request}, "bank_line_of_a_funder"),
    ):
        with pytest.raises(IntegrityError, match=broken), transaction.atomic():
            BankLine.objects.filter(pk=line.pk).update(**half)
    BankLine.objects.filter(pk=line.pk).update(
        recognised_by=here.thea, recognised_at=NOW, funding_request=request
    )
    other = programmes.request_funding(
        fund_id=request.fund_id, amount_cents=5_000, made_by=here.karin, now=NOW
    )
    for change in ({"funding_request": other}, {"recognised_by": here.karin}, {"funding_request": None}):
        with pytest.raises(IntegrityError, match="answers a request already"), transaction.atomic():
            BankLine.objects.filter(pk=line.pk).update(**change)


def test_of_a_file_with_two_statements_both_are_taken_in_or_neither(here: cast.World) -> None:
    first = content(cast.line(750)).decode()
    connects = content(cast.line(50), opening_cents=750, identification="2026-062").decode()
    does_not = content(cast.line(50), opening_cents=760, identification="2026-062").decode()

    def together(second: str) -> bytes:
        one, other = (text[text.index("<Stmt>") : text.index("</Stmt>") + 7] for text in (first, second))
        return first.replace(one, one + other).encode()

    with pytest.raises(statements.DoesNotConnect):
        taken_in(together(does_not))
    assert (BankStatement.objects.count(), books.total(code=Code.BANK)) == (0, 0)
    assert [one.created for one in taken_in(together(connects))] == [True, True]
    assert (BankStatement.objects.count(), books.total(code=Code.BANK)) == (2, 800)
    assert_sound()


# At the same moment


def test_the_same_statement_taken_in_by_many_at_once_is_booked_once(own_database: str) -> None:
    cast.world()
    file = content(cast.line(750), cast.line(250, credit=False))
    outcomes = at_once(*[lambda: taken_in(file)[0].created] * 8)
    assert sorted(map(str, outcomes)) == ["False"] * 7 + ["True"]
    assert (BankStatement.objects.count(), books.total(code=Code.BANK)) == (1, 500)
    assert_sound()


def test_two_statements_that_follow_the_same_one_cannot_both_be_true(own_database: str) -> None:
    cast.world()
    taken_in(content(cast.line(750)))
    rivals = [
        content(cast.line(cents), opening_cents=750, identification=f"2026-06{cents}") for cents in (2, 3)
    ]
    outcomes = at_once(*(lambda file=file: taken_in(file) for file in rivals))
    assert kinds(outcomes) == ["DoesNotConnect", "list"]
    assert_sound()


def test_a_statement_and_a_payout_over_the_same_funds_wait_for_each_other_in_turn(own_database: str) -> None:
    """The payout needs the cash of two funds to hold still; the statement books on the second of them, then on the first."""
    here = cast.world()
    campaign = bench(here)
    account(here, campaign)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    lines = []
    for part in payout.parts.order_by("-fund_id"):
        asked = programmes.request_funding(
            fund_id=part.fund_id, amount_cents=100, made_by=here.karin, now=NOW
        )
        lines.append(cast.line(100, structured_reference=asked.reference))
    assert len(lines) == 2
    with transaction.atomic():
        take_in(lines[0])
        approving = beside(lambda: payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW))
        assert approving.waits()
        take_in(lines[1])
    assert approving.result().state == Payout.State.APPROVED
    assert_sound()


def test_a_gift_that_two_sponsors_match_waits_for_a_statement_with_money_of_both(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement books on the second grant first, the gift on the first."""
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    made = [grant(here, amount_cents=50_000, percent=percent) for percent in (10, 20)]
    campaign = cast.campaign(here, programme, target_cents=30_000)
    asked = [one.fund.funding_requests.get().reference for one in made]
    book = statements._book
    giving: list[Beside[Pledge]] = []

    def booked(*line: Any) -> None:
        book(*line)
        if not giving:
            giving.append(beside(lambda: pledges.pledge(gift=gift(purse, campaign, 500), now=NOW)))
            assert giving[0].waits()

    monkeypatch.setattr(statements, "_book", booked)
    lines = take_in(*(cast.line(100, structured_reference=one) for one in asked[::-1]))
    assert [line.kind for line in lines] == [BankLine.Kind.FUNDING] * 2
    assert giving[0].result().matched_by.count() == 2
    assert_sound()


def test_who_recognises_waits_for_a_statement_on_the_same_fund(own_database: str) -> None:
    here = cast.world()
    payout = paid_out(here, bench(here))
    (unknown,) = take_in(cast.line(700, remittance="?"))
    asked = payout.parts.order_by("fund_id")[0].fund.funding_requests.get()
    with transaction.atomic():
        take_in(cast.line(100, structured_reference=asked.reference))
        recognising = beside(
            lambda: statements.recognise(line_id=unknown.pk, request=asked, by=here.thea, now=NOW)
        )
        assert recognising.waits()
        take_in(returned(payout))
    assert recognising.result().funding_request == asked
    assert_sound()


def test_a_leftover_waits_for_the_receipt_that_is_being_approved(own_database: str) -> None:
    here = cast.world()
    campaign = bench(here)
    payout = paid_out(here, campaign)
    line = cast.line(3_000, structured_reference=payout.leftover_reference)
    with transaction.atomic():
        show(here, campaign, 2_000)
        importing = beside(lambda: take_in(line))
        assert importing.waits()
    (taken,) = importing.result()
    assert taken.kind == BankLine.Kind.LEFTOVER
    campaign.refresh_from_db()
    assert (campaign.state, books.total(code=Code.UNACCOUNTED)) == (State.DONE, 0)
    assert books.total(code=Code.TO_RETURN) == 3_000
    assert_sound()


def test_leftovers_and_receipts_at_once_are_all_booked(own_database: str) -> None:
    here = cast.world()
    campaign = bench(here)
    payout = paid_out(here, campaign)
    for receipt_cents in (300, 301, 302):
        outcomes = at_once(
            lambda: take_in(cast.line(700, structured_reference=payout.leftover_reference)),
            partial(show, here, campaign, receipt_cents),
        )
        assert kinds(outcomes) == ["NoneType", "list"]
    assert books.total(code=Code.UNACCOUNTED) == 0
    assert_sound()


def test_a_line_that_two_recognise_at_once_is_settled_once(own_database: str) -> None:
    here = cast.world()
    request = cast.programme(here).fund.funding_requests.get()
    (line,) = take_in(cast.line(100_000, remittance="budget"))
    outcomes = at_once(
        *(
            lambda by=by: statements.recognise(
                line_id=line.pk, request=request, by=by, now=NOW + timedelta(minutes=1)
            )
            for by in (here.thea, here.karin, here.youssef)
        )
    )
    assert kinds(outcomes) == ["BankLine", "NotOpen", "NotOpen"]
    assert books.total(code=Code.BUDGET) == 100_000
    assert_sound()
