"""Who makes something does not approve it: the database refuses, whatever the pages say. By plain SQL, as the application."""

# ruff: noqa: S608 - the names of tables and columns come from the lists below

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from ledger.models import Period
from programmes.models import Waiver
from tests import databases
from tests.books.copies import ANOTHER_PAYOUT, copied
from tests.books.road import Road, travelled
from tests.cast import NOW, TODAY
from tests.ledger.roles import NO_RIGHT, as_owner, refusal, run

# Of what was made by one and approved by another on the road: table, who made it, who approved it, the rule's name.
APPROVED = {
    "cheque run": ("cheques_chequerun", "made_by_id", "approved_by_id", "chequerun_maker_is_not_approver"),
    "payout": ("payments_payout", "made_by_id", "approved_by_id", "payout_maker_is_not_approver"),
    "bank account": (
        "payments_payeeaccount",
        "made_by_id",
        "approved_by_id",
        "payeeaccount_maker_is_not_approver",
    ),
    "receipt": ("campaigns_receipt", "submitted_by_id", "decided_by_id", "receipt_submitter_does_not_decide"),
    "waiver": ("programmes_waiver", "made_by_id", "approved_by_id", "waiver_maker_is_not_approver"),
}
# What counts only once a second person has decided: table, how it began, who decides and when, the rule's name.
DECIDED = {
    "cheque run": (
        "cheques_chequerun",
        "state = 'prepared'",
        "approved",
        "run_is_issued_by_a_second_person",
    ),
    "payout": (
        "payments_payout",
        "state = 'proposed', confirmed_on = NULL",
        "approved",
        "payout_is_decided_by_a_second_person",
    ),
    "receipt": ("campaigns_receipt", "state = 'submitted'", "decided", "receipt_decided_by_somebody"),
}
WITH_A_TIME = {
    "cheque run": ("cheques_chequerun", "chequerun_approval_has_a_time"),
    "payout": ("payments_payout", "payout_approval_has_a_time"),
    "bank account": ("payments_payeeaccount", "payeeaccount_approval_has_a_time"),
    "waiver": ("programmes_waiver", "waiver_approval_has_a_time"),
}


@pytest.fixture(scope="module")
def travelled_once(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Road]:
    """The road in a database of its own, with a waiver besides."""
    name = f"{databases.TEMPLATE}_two_people"
    folder = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), databases.cloned(name), folder:
        road = travelled()
        Waiver.objects.create(
            rules=road.programme.rules,
            rule="max_target_cents",
            reason="Het plein is groter dan gedacht.",
            made_by=road.here.karin,
            made_at=NOW,
            approved_by=road.here.youssef,
            approved_at=NOW,
        )
        yield road


@pytest.fixture
def road(travelled_once: Road) -> Iterator[Road]:
    """What the test changes is rolled back."""
    with transaction.atomic():
        assert run("SELECT current_user") == [("buurtpot_app",)]
        yield travelled_once
        transaction.set_rollback(True)


@pytest.mark.parametrize(("table", "maker", "approver", "rule"), APPROVED.values(), ids=APPROVED.keys())
def test_the_maker_is_not_the_approver(road: Road, table: str, maker: str, approver: str, rule: str) -> None:
    before = run(f"SELECT {maker} <> {approver} FROM {table}")
    assert before == [(True,)]
    assert refusal(f"UPDATE {table} SET {approver} = {maker}").diag.constraint_name == rule
    turned = refusal(f"UPDATE {table} SET {maker} = {approver}")
    # Of a run, a payout and a bank account the application does not write the maker at all.
    assert rule == turned.diag.constraint_name or turned.sqlstate == NO_RIGHT
    run(f"UPDATE {table} SET {approver} = %s", road.here.bea.pk)  # the control: somebody else may


@pytest.mark.parametrize(("table", "first", "decided", "rule"), DECIDED.values(), ids=DECIDED.keys())
def test_what_was_decided_keeps_its_second_person(
    road: Road, table: str, first: str, decided: str, rule: str
) -> None:
    nobody = f"UPDATE {table} SET {decided}_by_id = NULL, {decided}_at = NULL"
    assert refusal(nobody).diag.constraint_name == rule
    run(f"{nobody}, {first}")  # the control: nobody has decided yet


@pytest.mark.parametrize(("table", "rule"), WITH_A_TIME.values(), ids=WITH_A_TIME.keys())
def test_an_approval_has_a_person_and_a_time(road: Road, table: str, rule: str) -> None:
    assert refusal(f"UPDATE {table} SET approved_at = NULL").diag.constraint_name == rule
    run(f"UPDATE {table} SET approved_at = now()")


def test_who_closes_a_period_does_not_approve_the_closing(road: Road) -> None:
    here = road.here
    dates = {"starts_on": TODAY, "ends_on": TODAY, "closed_at": NOW}
    with pytest.raises(IntegrityError, match="period_maker_is_not_approver"), transaction.atomic():
        Period.objects.create(**dates, made_by=here.thea, approved_by=here.thea)
    with pytest.raises(IntegrityError, match="approved_by_id"), transaction.atomic():
        Period.objects.create(**dates, made_by=here.thea)
    Period.objects.create(**dates, made_by=here.thea, approved_by=here.karin)


# Amounts that no form should have let through.
AMOUNTS = {
    "a gift of nothing": ("campaigns_pledge", "amount_cents = 0", "pledge_above_zero"),
    "a gift of less": ("campaigns_pledge", "amount_cents = -1", None),
    "a receipt of nothing": ("campaigns_receipt", "amount_cents = 0", "receipt_above_zero"),
    "a plan without a target": ("campaigns_campaign", "target_cents = 0", "campaign_target_above_zero"),
    "a request for nothing": ("programmes_fundingrequest", "amount_cents = 0", "funding_request_above_zero"),
}


@pytest.mark.parametrize(("table", "change", "rule"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_an_amount_that_cannot_be_is_refused(road: Road, table: str, change: str, rule: str | None) -> None:
    error = refusal(f"UPDATE {table} SET {change}")
    assert error.sqlstate == "23514"  # check_violation
    assert rule in (error.diag.constraint_name, None)
    column = change.split(" = ")[0]
    run(f"UPDATE {table} SET {column} = {column} + 1")


SPARE_ENTRY = "(SELECT max(id) FROM ledger_entry WHERE id NOT IN (SELECT entry_id FROM payments_bankline))"
# The same of what is written once: table, what makes a copy a new row, the amount, the rule's name.
AMOUNTS_WRITTEN_ONCE = {
    "a payout of nothing": ("payments_payout", ANOTHER_PAYOUT, "amount_cents", "payout_above_zero"),
    "a bank line of nothing": (
        "payments_bankline",
        {"fingerprint": "'f'", "position": "99::int", "entry_id": SPARE_ENTRY},
        "amount_cents",
        "bank_line_above_zero",
    ),
    "a run without value": ("cheques_chequerun", {}, "value_cents", "run_value_above_zero"),
    "a run to nobody": ("cheques_chequerun", {}, "dwellings", "run_has_dwellings"),
    "rules without value": (
        "programmes_rules",
        {"version": "2"},
        "cheque_value_cents",
        "rules_cheque_value_above_zero",
    ),
}


@pytest.mark.parametrize(
    ("table", "new", "column", "rule"), AMOUNTS_WRITTEN_ONCE.values(), ids=AMOUNTS_WRITTEN_ONCE.keys()
)
def test_an_amount_that_cannot_be_is_not_written_either(
    road: Road, table: str, new: dict[str, str], column: str, rule: str
) -> None:
    assert refusal(copied(table, new | {column: "0"})).diag.constraint_name == rule
    run(copied(table, new | {column: "1"}))


# What was approved or published stays what it was: table, a change that the application may not make.
STAYS = {
    "the holder of a bank account": ("payments_payeeaccount", "holder = 'K. de Wit'"),
    "its number": ("payments_payeeaccount", "iban = 'NL20INGB0001234567'"),
    "whose account it is": ("payments_payeeaccount", "initiator_id = initiator_id"),
    "who a payout goes to": ("payments_payout", "holder = 'K. de Wit'"),
    "the account it goes to": ("payments_payout", "iban = 'NL20INGB0001234567'"),
    "how much it is": ("payments_payout", "amount_cents = amount_cents + 1"),
    "which campaign it is of": ("payments_payout", "campaign_id = campaign_id"),
    "who proposed it": ("payments_payout", "made_by_id = made_by_id"),
    "the rules of a programme": ("programmes_rules", "cheque_value_cents = cheque_value_cents + 1"),
    "when they were published": ("programmes_rules", "published_at = published_at"),
}


@pytest.mark.parametrize(("table", "change"), STAYS.values(), ids=STAYS.keys())
def test_what_was_approved_or_published_stays_what_it_was(road: Road, table: str, change: str) -> None:
    assert refusal(f"UPDATE {table} SET {change}").sqlstate == NO_RIGHT
    with as_owner():
        run(f"UPDATE {table} SET {change}")  # the control: it is the missing right that refuses


def test_approval_is_not_taken_back_to_change_what_was_approved(road: Road) -> None:
    proposed = ", state = 'proposed', confirmed_on = NULL"
    for table, before in (("payments_payeeaccount", ""), ("payments_payout", proposed)):
        run(f"UPDATE {table} SET approved_by_id = NULL, approved_at = NULL{before}")
        assert refusal(f"UPDATE {table} SET iban = 'NL20INGB0001234567'").sqlstate == NO_RIGHT


def test_published_rules_are_not_removed_to_be_published_anew(road: Road) -> None:
    newest = "DELETE FROM programmes_rules WHERE version = 2"
    assert refusal(newest).sqlstate == NO_RIGHT
    with as_owner():  # the control: no campaign, run or waiver refers to them, so nothing else would refuse
        run(copied("programmes_rules", {"version": "2"}))
        run(newest)


def test_where_a_payment_stands_may_change(road: Road) -> None:
    """The control of the rights above: what the application must go on writing."""
    run("UPDATE payments_payeeaccount SET approved_by_id = approved_by_id, approved_at = approved_at")
    run(
        "UPDATE payments_payout SET state = state, reason = reason, approved_by_id = approved_by_id,"
        " approved_at = approved_at, run_id = run_id, confirmed_on = confirmed_on"
    )


INTENDED = (
    "INSERT INTO payments_donation (reference, campaign_id, amount_cents, name, message, email, language, state,"
    " made_at, fee_cents, refund_status, refund_tries, session_tries)"
    " VALUES (gen_random_uuid(), %s, %s, '', '', '', 'nl', 'intended', now(), 0, '', 0, 0)"
)


@pytest.mark.parametrize(
    ("cents", "allowed"), [(0, False), (99, False), (100, True), (1_000_000, True), (1_000_001, False)]
)
def test_a_donation_is_between_one_and_ten_thousand_euro(road: Road, cents: int, allowed: bool) -> None:
    if allowed:
        run(INTENDED, road.campaign.pk, cents)
    else:
        error = refusal(INTENDED, road.campaign.pk, cents)
        assert error.diag.constraint_name == "donation_between_1_and_10000_euro"


def test_a_donation_is_not_paid_without_a_gift_and_stripes_word(road: Road) -> None:
    run(INTENDED, road.campaign.pk, 500)
    error = refusal("UPDATE payments_donation SET state = 'paid'")
    assert error.diag.constraint_name == "donation_paid_has_a_pledge_and_stripes_word"
    run(
        "UPDATE payments_donation SET state = 'paid', pledge_id = %s, balance_transaction_id = 'txn_1'",
        road.gift.pk,
    )
