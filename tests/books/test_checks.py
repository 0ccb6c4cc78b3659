"""Each rule that `check_books` knows: it holds after the road, and a planted fault is found under its name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import override_settings
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from books import checks
from ledger import days
from ledger import operations as ledger
from ledger.chart import Code
from payments import gateway
from payments.models import Donation
from tests import cast, databases
from tests.books.road import travelled
from tests.books.soundness import assert_sound, wrong
from tests.cast import NOW
from tests.ledger.sealing import seal
from tests.standin import Stripe


@pytest.fixture(scope="module")
def road(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A database in which the whole road was travelled, with a reversal and a cheque that is still out."""
    with (
        django_db_blocker.unblock(),
        databases.cloned(f"{databases.TEMPLATE}_road"),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")),
    ):
        made = travelled()
        fund_id = made.programme.fund_id
        budget, back = (ledger.account(fund_id=fund_id, code=code) for code in (Code.BUDGET, Code.TO_RETURN))
        posted = ledger.post(key="mistake", kind="mistake", moves=[ledger.Move(budget, back, 100)], now=NOW)
        ledger.reverse(key="mended", entry_id=posted.entry_id, now=NOW)
        seal()
        days.add_up()
        yield


@contextmanager
def tampered(*statements: str) -> Iterator[None]:
    """As the owner of the tables, past every trigger and constraint of ours; undone at the end."""
    ours = connections["default"]
    connections["default"] = connections["owner"]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in ("ledger_entry", "ledger_transfer", "ledger_seal", "ledger_signature"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)
                assert cursor.rowcount > 0, statement
            yield
            transaction.set_rollback(True)
    finally:
        connections["default"].close()
        connections["default"] = ours


# Puts money on an account of this code that nothing in the domain stands for.
MONEY_ON = (
    "UPDATE ledger_account SET code = {} WHERE id ="
    " (SELECT min(id) FROM ledger_account WHERE code = 2000 AND balance_cents > 0)"
)


FAULTS = [
    (
        "debits equal credits in every fund and currency",
        "UPDATE ledger_transfer SET credit_id = (SELECT id FROM ledger_account WHERE code = 2000 AND fund_id <>"
        " (SELECT fund_id FROM ledger_transfer ORDER BY id LIMIT 1) LIMIT 1)"
        " WHERE id = (SELECT min(id) FROM ledger_transfer)",
    ),
    (
        "every transfer stays inside one fund",
        "UPDATE ledger_transfer SET fund_id = fund_id + 1 WHERE id = (SELECT min(id) FROM ledger_transfer)",
    ),
    (
        "no guarded account is below zero",
        "UPDATE ledger_transfer SET amount_cents = 999999 WHERE id = (SELECT min(t.id) FROM ledger_transfer t"
        " JOIN ledger_account a ON a.id = t.debit_id AND a.code = 2200)",
    ),
    (
        "every kept balance is the sum of its lines",
        "UPDATE ledger_account SET balance_cents = balance_cents + 1 WHERE code = 2000",
    ),
    (
        "every pooled balance is the sum of its lines",
        "UPDATE ledger_checkpoint SET balance_cents = balance_cents + 1",
    ),
    (
        "every account is as the chart has it",
        "UPDATE ledger_account SET guarded = false WHERE id = (SELECT min(id) FROM ledger_account WHERE code = 2300)",
    ),
    (
        "every transfer belongs to an entry",
        "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
        " SELECT 987654321, fund_id, debit_id, credit_id, amount_cents FROM ledger_transfer ORDER BY id LIMIT 1",
    ),
    (
        "every entry has transfers",
        "DELETE FROM ledger_transfer WHERE entry_id = (SELECT min(id) FROM ledger_entry)",
    ),
    (
        "what one fund settles with another nets to zero over the bank",
        "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
        " SELECT (SELECT max(id) FROM ledger_entry), bank.fund_id, CASE place WHEN 1 THEN bank.id ELSE other.id END,"
        " CASE place WHEN 1 THEN other.id ELSE bank.id END, place"
        " FROM (SELECT id, fund_id, row_number() OVER (ORDER BY id) AS place FROM ledger_account WHERE code = 1000) AS bank"
        " JOIN ledger_account other ON other.fund_id = bank.fund_id AND other.code = 2000 WHERE place <= 2",
    ),
    (
        "every reversal mirrors what it reverses",
        "UPDATE ledger_transfer SET amount_cents = 99 WHERE entry_id ="
        " (SELECT id FROM ledger_entry WHERE reverses_id IS NOT NULL)",
    ),
    (
        "the root of every entry is that of its transfers",
        "UPDATE ledger_entry SET root = decode(repeat('00', 32), 'hex') WHERE id = (SELECT min(id) FROM ledger_entry)",
    ),
    (
        "every seal continues the one before, and its root is that of its leaves",
        "UPDATE ledger_seal SET previous = root",
    ),
    (
        "the leaves of every seal are those of its entries",
        "UPDATE ledger_entry SET source = 'other' WHERE id = (SELECT min(id) FROM ledger_entry)",
    ),
    ("every seal is signed by the operator", "DELETE FROM ledger_signature"),
    (
        "every day's total of a code is the sum of its lines",
        "UPDATE ledger_codeday SET lines = lines + 1 WHERE code = 2000",
    ),
    (
        "every day's total of an account is the sum of its lines",
        "DELETE FROM ledger_accountday WHERE account_id = (SELECT min(account_id) FROM ledger_accountday)",
    ),
    (
        "every cheque is worth in the books what its state says",
        "UPDATE cheques_cheque SET state = 'expired' WHERE state = 'made'",
    ),
    (
        "every purse holds what was activated less what was given",
        "UPDATE campaigns_pledge SET amount_cents = 499 WHERE grant_id IS NULL",
    ),
    (
        "every pot holds its pledges less what was paid out",
        "UPDATE campaigns_pledge SET amount_cents = amount_cents + 1 WHERE grant_id IS NOT NULL",
    ),
    (
        "every payout on its way lies on its account",
        "UPDATE payments_payout SET state = 'sent', confirmed_on = NULL",
    ),
    ("every refund on its way lies on its account", MONEY_ON.format(2600)),
    ("every receipt that nobody knows lies on its account", MONEY_ON.format(2900)),
    (
        "what is paid out, less receipts and leftovers, is not yet accounted for",
        "UPDATE campaigns_receipt SET amount_cents = amount_cents - 1",
    ),
    ("every payout is the sum of its parts", "UPDATE payments_payout SET amount_cents = amount_cents + 1"),
    ("every campaign counts its pledges", "UPDATE campaigns_campaign SET times_given = times_given + 1"),
    (
        "what is paid out and not accounted for stands on both sides",
        "UPDATE ledger_account SET key = key || ' elsewhere' WHERE code = 9510",
    ),
    (
        "every bank line is booked once, for its amount",
        "UPDATE payments_bankline SET amount_cents = amount_cents + 1 WHERE id = (SELECT min(id) FROM payments_bankline)",
    ),
    (
        "every budget or grant that came in is in the fund that asked for it",
        "UPDATE programmes_fundingrequest SET fund_id = (SELECT max(id) FROM ledger_fund WHERE id <> fund_id)"
        " WHERE id = (SELECT min(id) FROM programmes_fundingrequest)",
    ),
    (
        "every statement connects to the one before and adds up",
        "UPDATE payments_bankstatement SET opening_cents = 1 WHERE id = (SELECT min(id) FROM payments_bankstatement)",
    ),
    (
        "the bank account in the books is the last statement's balance",
        "UPDATE payments_bankstatement SET closing_cents = closing_cents - 1"
        " WHERE id = (SELECT max(id) FROM payments_bankstatement)",
    ),
]


@pytest.mark.parametrize(("name", "statement"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_planted_fault_is_found_under_its_name(road: None, name: str, statement: str) -> None:
    assert_sound()
    with tampered(statement):
        found = wrong()
        assert found.get(name), found
    assert_sound()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (2100, "every cheque is worth in the books what its state says"),
        (2200, "every purse holds what was activated less what was given"),
        (2500, "every payout on its way lies on its account"),
    ],
)
def test_money_in_the_books_that_nothing_stands_for_is_found(road: None, code: int, name: str) -> None:
    with tampered(MONEY_ON.format(code)):
        assert wrong().get(name)
    assert_sound()


def test_every_rule_about_the_books_by_themselves_has_its_fault_here(road: None) -> None:
    assert {check.name for check in checks.run()} - {name for name, _ in FAULTS} == set()


def test_the_command_prints_every_rule_and_fails_when_one_is_broken(
    road: None, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed() -> dict[str, Any]:
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return said

    call_command("check_books", json=True)
    said = printed()
    assert (said["ok"], {row["ok"] for row in said["checks"]}) == (True, {True})
    with tampered(FAULTS[3][1]), pytest.raises(SystemExit) as stopped:
        call_command("check_books", json=True)
    said = printed()
    assert (stopped.value.code, said["ok"]) == (1, False)
    assert [row["name"] for row in said["checks"] if not row["ok"]] == [FAULTS[3][0]]
    with tampered(FAULTS[3][1]), pytest.raises(SystemExit):
        call_command("check_books")
    assert f"BAD  {FAULTS[3][0]}" in capsys.readouterr().out


# Donations against Stripe

EVERY_DONATION = "every donation is what Stripe says it is"
EVERY_PAYMENT = "every payment at Stripe is booked"
CLEARING = "the clearing account in the books is Stripe's balance"


@pytest.fixture
def donation(stripe: Stripe, db: None) -> Donation:
    here = cast.world()
    return stripe.given(cast.campaign(here, cast.programme(here)), 2_000)


def test_a_donation_that_is_not_what_stripe_says_is_found(donation: Donation) -> None:
    assert_sound()
    Donation.objects.filter(pk=donation.pk).update(fee_cents=36)
    assert set(wrong()) == {EVERY_DONATION}
    Donation.objects.filter(pk=donation.pk).update(fee_cents=35, balance_transaction_id="txn_made_up")
    assert set(wrong()) == {EVERY_DONATION, EVERY_PAYMENT}


def test_a_payment_that_nobody_booked_is_found(stripe: Stripe, donation: Donation) -> None:
    stripe.pay(donation.campaign, 3_000)
    (unbooked,) = wrong().items()
    assert unbooked[0] == EVERY_PAYMENT
    assert "3000" in str(unbooked[1])


def test_clearing_that_differs_from_stripes_balance_is_found(donation: Donation) -> None:
    fund_id = donation.pledge.fund_id if donation.pledge else 0
    clearing, back = (
        ledger.account(fund_id=fund_id, code=code) for code in (Code.STRIPE_CLEARING, Code.TO_RETURN)
    )
    ledger.post(key="made up", kind="made up", moves=[ledger.Move(clearing, back, 1)], now=NOW)
    assert wrong() == {CLEARING: [{"books": 1_966, "stripe": 1_965}]}


def test_a_refund_made_by_hand_at_stripe_is_named(donation: Donation) -> None:
    gateway.create_refund(charge_id=donation.charge_id or "", amount_cents=500, reference="by hand")
    differs, unknown = checks.clearing_is_the_balance(gateway.all_transactions()).found
    assert differs == {"books": 1_965, "stripe": 1_465}
    assert (unknown["kind"], unknown["net_cents"]) == ("payment_refund", -500)
    assert set(wrong()) == {CLEARING}


def test_when_stripe_does_not_answer_that_is_said_and_not_passed_over(
    donation: Donation, settings: Settings
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert set(wrong()) == {EVERY_DONATION}
    with pytest.raises(gateway.GatewayDown):
        gateway.all_transactions()


def test_where_nobody_ever_gave_by_payment_stripe_is_not_asked(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    cast.funded(cast.world())
    assert_sound()
