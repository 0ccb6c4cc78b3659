"""The difference with the bank and with Stripe, explained line by line."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from books import closing, tasks
from books.bank_differences import bank_explained
from books.differences import Explained, Line, NotExplained, Reason, seen_by
from books.stripe_differences import LISTED, StripeExplained, stripe_explained, stripe_explained_lately
from ledger import operations as ledger
from ledger.chart import Code, FundKind
from ledger.queries import entries_by_source, total
from payments import donations, gateway, refunds
from payments.bank import camt053_writer
from payments.bank.camt053 import Statement
from payments.models import BankLine, BankStatement
from payments.statements import import_statement
from tests import cast
from tests.books.road import travelled
from tests.cast import NOW, TODAY
from tests.ledger.roles import as_owner, run, take_away_triggers
from tests.rows import rows_read
from tests.standin import Stripe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def named(lines: tuple[Line, ...]) -> list[tuple[Reason, int]]:
    return [(line.reason, line.cents) for line in lines]


def made_up(here: cast.World, key: str, *, bank: int = 0, clearing: int = 0) -> int:
    """An entry that neither the bank nor Stripe knows, in the operator's own fund."""
    fund = ledger.fund_of(organisation=here.operator, kind=FundKind.OPERATOR, name="Eigen", now=NOW)
    accounts = {
        code: ledger.account(fund_id=fund.pk, code=code)
        for code in (Code.BANK, Code.OPERATOR_MEANS, Code.STRIPE_CLEARING)
    }
    means = accounts[Code.OPERATOR_MEANS]
    sums = {Code.BANK: bank, Code.STRIPE_CLEARING: clearing}
    moves = [ledger.Move(accounts[code], means, cents) for code, cents in sums.items() if cents]
    return ledger.post(key=key, kind="made up", moves=moves, now=NOW).entry_id


def asked() -> StripeExplained:
    found = stripe_explained(now=NOW)
    booked_cents = total(code=Code.STRIPE_CLEARING)
    assert found.difference_cents == booked_cents - gateway.balance_cents() - found.on_its_way_cents
    return found


# The bank.


def test_before_the_first_statement_there_is_nothing_to_explain() -> None:
    found = bank_explained()
    assert (found.difference_cents, found.lines, found.closing_on) == (0, (), None)


def test_right_books_give_nothing_to_explain_after_the_whole_road() -> None:
    travelled()
    found = bank_explained()
    assert (found.difference_cents, found.lines, found.other_days) == (0, (), ())
    assert found.opening_cents + found.received_cents + found.sent_cents == found.stated_cents
    assert found.all_ledger_cents == found.stated_cents == 12_200


def test_an_entry_that_no_line_stands_for_is_named_until_it_is_reversed() -> None:
    here = cast.world()
    entry_id = made_up(here, "made up", bank=700)
    found = bank_explained()
    assert named(found.lines) == [(Reason.NO_LINE, 700)]
    assert (found.difference_cents, found.lines[0].entry_id) == (700, entry_id)
    assert found.lines[0].organisation_ids == frozenset({here.operator.pk})
    ledger.reverse(key="undone", entry_id=entry_id, now=NOW)
    found = bank_explained()
    assert (found.difference_cents, found.lines) == (0, ())


def test_the_reversal_of_what_the_bank_did_is_an_entry_that_no_line_stands_for() -> None:
    cast.funded(cast.world())
    ledger.reverse(key="undone", entry_id=BankLine.objects.get().entry_id, now=NOW)
    found = bank_explained()
    assert named(found.lines) == [(Reason.NO_LINE, -100_000)]
    assert found.difference_cents == -100_000


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_line_whose_amount_was_changed_is_named_with_the_statement_that_no_longer_adds_up() -> None:
    with as_owner():
        cast.funded(cast.world())
        take_away_triggers("payments_bankline")
        run("UPDATE payments_bankline SET amount_cents = 90000")
        found = bank_explained()
        # The two cancel: the statement's closing balance was left as it was.
        assert named(found.lines) == [(Reason.LINE_AMOUNT, 10_000), (Reason.SUM, -10_000)]
        assert found.difference_cents == 0
        take_away_triggers("payments_bankstatement")
        run("UPDATE payments_bankstatement SET closing_cents = 90000")
        found = bank_explained()
        assert named(found.lines) == [(Reason.LINE_AMOUNT, 10_000)]
        (line,) = found.lines
        assert (line.booked_cents, line.stated_cents, line.statement) == (100_000, 90_000, "2026-0001")
        assert found.difference_cents == 10_000


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_line_that_was_taken_away_leaves_an_entry_alone_and_a_statement_that_does_not_add_up() -> None:
    with as_owner():
        cast.funded(cast.world())
        take_away_triggers("payments_bankline")
        run("DELETE FROM payments_bankline")
        found = bank_explained()
        assert named(found.lines) == [(Reason.NO_LINE, 100_000), (Reason.SUM, -100_000)]
        assert found.difference_cents == 0


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_statement_that_does_not_connect_is_named() -> None:
    with as_owner():
        here = cast.world()
        cast.funded(here)
        import_statement(content=cast.statement(cast.line(500, remittance="?")), by=None, now=NOW)
        take_away_triggers("payments_bankstatement")
        last = BankStatement.objects.order_by("-pk")[0]
        run(
            "UPDATE payments_bankstatement SET opening_cents = 100300, closing_cents = 100800 WHERE id = %s",
            last.pk,
        )
        found = bank_explained()
        assert named(found.lines) == [(Reason.GAP, -300)]
        assert (found.difference_cents, found.lines[0].statement) == (-300, last.identification)
        assert found.lines[0].organisation_ids is None


@pytest.mark.django_db(databases=["default", "owner"])
def test_an_opening_balance_that_was_changed_and_a_kept_balance_that_is_wrong_are_named() -> None:
    with as_owner():
        cast.funded(cast.world())
        take_away_triggers("payments_bankstatement", "ledger_checkpoint")
        run("UPDATE payments_bankstatement SET opening_cents = 400, closing_cents = closing_cents + 400")
        assert named(bank_explained().lines) == [(Reason.OPENING, -400)]
        run(
            "INSERT INTO ledger_checkpoint (account_id, up_to_transfer_id, balance_cents)"
            " SELECT a.id, (SELECT max(id) FROM ledger_transfer), 100001 FROM ledger_account a"
            " WHERE a.code = 1000 AND EXISTS (SELECT FROM ledger_transfer t WHERE t.debit_id = a.id)"
        )
        found = bank_explained()
        assert dict(named(found.lines)) == {Reason.OPENING: -400, Reason.KEPT_BALANCE: 1}
        assert found.difference_cents == -399


def test_money_from_before_the_platform_is_explained_by_its_own_entry() -> None:
    cast.world()
    before = Statement(
        identification="2026-0001",
        sequence_number=1,
        iban=settings.OPERATOR_IBAN,
        opening_cents=2_500,
        opening_on=TODAY,
        closing_cents=3_000,
        closing_on=TODAY,
        created_at=NOW,
        lines=(cast.line(500, remittance="?"),),
    )
    import_statement(content=camt053_writer.write(before), by=None, now=NOW)
    found = bank_explained()
    assert (found.opening_cents, found.received_cents, found.stated_cents) == (2_500, 500, 3_000)
    assert (found.difference_cents, found.lines) == (0, ())


def test_a_line_of_a_closed_day_is_shown_beside_and_is_no_difference() -> None:
    here = cast.world()
    made = cast.programme(here)
    asked_for = made.fund.funding_requests.get()
    line = cast.line(1_000, structured_reference=asked_for.reference, on=date(2025, 12, 31))
    import_statement(content=cast.statement(line, on=date(2025, 12, 31)), by=None, now=NOW)
    found = bank_explained()
    assert (found.difference_cents, found.lines) == (0, ())
    (other,) = found.other_days
    assert (other.on, other.booked_on, other.stated_cents) == (date(2025, 12, 31), date(2026, 1, 1), 1_000)


def test_another_host_sees_the_total_of_what_is_not_its_own() -> None:
    here = cast.world()
    cast.funded(here)
    made_up(here, "one", bank=700)
    made_up(here, "two", bank=50)
    lines = bank_explained().lines
    own = seen_by(lines, here.klinker.pk)
    assert (own.lines, own.others, own.others_cents) == ([], 2, 750)
    assert [line.cents for line in seen_by(lines, here.operator.pk).lines] == [700, 50]
    assert len(seen_by(lines, None).lines) == 2


def test_lines_that_do_not_sum_to_the_difference_are_never_shown() -> None:
    with pytest.raises(NotExplained):
        Explained({1: 700}, 0, (), ())
    Explained({1: 700}, None, (), ())


def test_the_bank_is_explained_in_one_query_however_many_lines_there_are() -> None:
    here = cast.world()
    for number in range(5):
        made_up(here, f"made up {number}", bank=100)
    with CaptureQueriesContext(connection) as queries:
        assert len(bank_explained().lines) == 5
    assert len(queries) == 1


# Stripe.


def test_stripe_and_the_books_agree_on_gifts_fees_refunds_and_payouts(stripe: Stripe) -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here))
    stripe.given(campaign, 2_000)
    found = asked()
    assert (found.difference_cents, found.lines, found.stated_cents) == (0, (), 1_965)
    made = stripe.control("payouts")
    found = asked()
    assert (found.difference_cents, found.lines, found.on_its_way_cents) == (0, (), 1_965)
    assert found.on_its_way[0].stripe_id == made["id"]
    line = cast.line(1_965, remittance=f"STRIPE {made['id']}", counterparty_name="Stripe")
    import_statement(content=cast.statement(line), by=None, now=NOW)
    closing.close_failed(campaign_id=campaign.pk, now=NOW)
    for donation in campaign.donations.all():
        refunds.refund(donation=donation, now=NOW)
    found = asked()
    assert (found.difference_cents, found.lines, found.stated_cents) == (0, (), -2_000)
    assert bank_explained().lines == ()


def test_a_gift_that_is_settled_at_stripe_and_not_booked_is_named_for_its_host(stripe: Stripe) -> None:
    here = cast.world()
    donation = stripe.pay(cast.campaign(here, cast.funded(here)), 2_000)
    found = asked()
    assert named(found.lines) == [(Reason.NOT_BOOKED, -1_965)]
    assert found.difference_cents == -1_965
    assert found.lines[0].organisation_ids == frozenset({here.klinker.pk})
    assert found.lines[0].stripe_id.startswith("ch_") or found.lines[0].stripe_id.startswith("py_")
    listed = [
        replace(one, at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) for one in gateway.all_transactions()
    ]
    with patch.object(gateway, "all_transactions", return_value=listed):
        assert asked().lines[0].on == date(2027, 1, 1), "by the Dutch day"
    donations.follow_up(donation=donation, now=NOW)
    assert asked().lines == ()


def test_an_entry_that_stripe_knows_nothing_of_is_named(stripe: Stripe) -> None:
    here = cast.world()
    entry_id = made_up(here, "made up", clearing=300)
    found = asked()
    assert named(found.lines) == [(Reason.UNKNOWN_ENTRY, 300)]
    assert (found.difference_cents, found.lines[0].entry_id) == (300, entry_id)
    ledger.reverse(key="undone", entry_id=entry_id, now=NOW)
    assert asked().lines == ()


def test_until_stripe_answers_the_balance_is_shown_and_no_line_of_the_books_is_read(stripe: Stripe) -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here))
    stripe.given(campaign, 2_000)
    found = stripe_explained_lately(now=NOW)
    assert (found.being_asked, found.stated_cents, found.lines) == (True, None, ())
    assert found.ledger_cents == {here.klinker.pk: 1_965}
    assert rows_read(lambda: stripe_explained_lately(now=NOW)) == 0


def test_several_differences_each_have_their_line_and_sum_to_the_whole(stripe: Stripe) -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here))
    stripe.given(campaign, 2_000)
    stripe.pay(campaign, 1_000)
    made_up(here, "made up", clearing=300)
    found = asked()
    assert sorted(named(found.lines)) == [(Reason.UNKNOWN_ENTRY, 300), (Reason.NOT_BOOKED, -965)]
    assert found.difference_cents == -665


def test_a_payout_that_the_bank_shows_under_another_amount_is_seen_and_not_booked(stripe: Stripe) -> None:
    here = cast.world()
    stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
    made = stripe.control("payouts")
    line = cast.line(1_900, remittance=f"STRIPE {made['id']}", counterparty_name="Stripe")
    import_statement(content=cast.statement(line), by=None, now=NOW)
    found = asked()
    assert named(found.lines) == [(Reason.PAYOUT_SEEN, 1_965)]
    assert (found.lines[0].stripe_id, found.on_its_way) == (made["id"], ())
    assert found.lines[0].bank_line_id == BankLine.objects.order_by("-pk")[0].pk


def test_a_payout_that_is_not_at_the_bank_after_a_month_is_a_difference(stripe: Stripe) -> None:
    here = cast.world()
    stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
    stripe.control("payouts")
    found = stripe_explained(now=NOW + timedelta(days=31))
    assert named(found.lines) == [(Reason.PAYOUT_LATE, 1_965)]
    assert (found.difference_cents, found.on_its_way) == (1_965, ())


def test_a_gift_whose_entry_was_reversed_is_paid_at_stripe_and_not_booked(stripe: Stripe) -> None:
    here = cast.world()
    donation = stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
    (entry,) = entries_by_source(source=f"donation:{donation.pk}")
    ledger.reverse(key="undone", entry_id=entry.pk, now=NOW)
    assert named(asked().lines) == [(Reason.NOT_BOOKED, -1_965)]


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_gift_that_was_booked_for_another_payment_is_named_from_both_sides(stripe: Stripe) -> None:
    with as_owner():
        here = cast.world()
        donation = stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
        run("UPDATE payments_donation SET charge_id = 'ch_of_nobody' WHERE id = %s", donation.pk)
        found = asked()
        assert sorted(named(found.lines)) == [(Reason.NOT_AT_STRIPE, 1_965), (Reason.NOT_BOOKED, -1_965)]
        assert found.difference_cents == 0


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_fee_that_was_booked_too_low_is_named(stripe: Stripe) -> None:
    with as_owner():
        here = cast.world()
        stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
        take_away_triggers("ledger_transfer")
        run("UPDATE ledger_transfer SET amount_cents = 30 WHERE amount_cents = 35")
        found = asked()
        assert named(found.lines) == [(Reason.FEE, 5)]
        assert (found.lines[0].booked_cents, found.lines[0].stated_cents) == (1_970, 1_965)


def test_a_refund_that_stripe_made_and_we_did_not_book_is_named(stripe: Stripe) -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here))
    donation = stripe.given(campaign, 2_000)
    made = gateway.create_refund(
        charge_id=donation.charge_id or "", amount_cents=2_000, reference=str(donation.reference), attempt=0
    )
    found = asked()
    assert named(found.lines) == [(Reason.REFUND_NOT_BOOKED, 2_000)]
    assert found.lines[0].stripe_id == made.refund_id
    assert found.lines[0].organisation_ids == frozenset({here.klinker.pk})


def test_what_was_listed_is_kept_and_only_what_is_newer_is_asked_for(
    stripe: Stripe, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": stripe.url}
    }
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here))
    stripe.given(campaign, 2_000)
    assert stripe_explained(now=NOW).lines == ()

    def never() -> None:
        raise AssertionError("the whole list was asked for again")

    monkeypatch.setattr(gateway, "all_transactions", never)
    stripe.pay(campaign, 1_000)
    assert named(stripe_explained(now=NOW).lines) == [(Reason.NOT_BOOKED, -965)]


def test_a_list_that_was_kept_and_is_not_stripes_is_asked_for_anew(
    stripe: Stripe, settings: Settings
) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": stripe.url}
    }
    here = cast.world()
    stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
    (one,) = gateway.all_transactions()
    cache.set(LISTED, {"txn_made_up": replace(one, balance_transaction_id="txn_made_up")}, 60)
    assert stripe_explained(now=NOW).lines == ()


def test_where_stripe_does_not_answer_nothing_is_claimed(settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    made_up(cast.world(), "made up", clearing=300)
    found = stripe_explained(now=NOW)
    assert (found.stated_cents, found.difference_cents, found.lines) == (None, None, ())
    assert found.all_ledger_cents == 300


def test_queries_and_calls_to_stripe_do_not_grow_with_the_gifts(stripe: Stripe) -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here))
    counts = []
    for number in range(2):
        stripe.pay(campaign, 1_000)
        for _again in range(number * 4):
            stripe.pay(campaign, 1_000)
        with CaptureQueriesContext(connection) as queries:
            stripe_explained(now=NOW)
        counts.append(len(queries))
    assert counts == [2, 2]


def test_the_nightly_check_keeps_the_list_for_who_looks_next(
    stripe: Stripe, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": stripe.url}
    }
    here = cast.world()
    stripe.given(cast.campaign(here, cast.funded(here)), 2_000)
    tasks.check()

    def never() -> None:
        raise AssertionError("the whole list was asked for again")

    monkeypatch.setattr(gateway, "all_transactions", never)
    assert stripe_explained(now=NOW).lines == ()
