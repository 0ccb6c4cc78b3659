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
from tests.books.road import Road, travelled
from tests.cast import NOW, TODAY
from tests.ledger.roles import refusal, run

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
# What counts only once a second person has decided: table, the rule's name.
DECIDED = {
    "cheque run": ("cheques_chequerun", "run_is_issued_by_a_second_person"),
    "payout": ("payments_payout", "payout_is_decided_by_a_second_person"),
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
    for change in (f"{approver} = {maker}", f"{maker} = {approver}"):
        assert refusal(f"UPDATE {table} SET {change}").diag.constraint_name == rule
    run(f"UPDATE {table} SET {approver} = %s", road.here.bea.pk)  # the control: somebody else may


@pytest.mark.parametrize(("table", "rule"), DECIDED.values(), ids=DECIDED.keys())
def test_what_was_decided_keeps_its_second_person(road: Road, table: str, rule: str) -> None:
    nobody = f"UPDATE {table} SET approved_by_id = NULL, approved_at = NULL"
    assert refusal(nobody).diag.constraint_name == rule
    first_state = {"cheques_chequerun": "prepared", "payments_payout": "proposed"}[table]
    run(f"{nobody}, state = %s", first_state)  # the control: nobody has decided yet


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
    "a payout of nothing": ("payments_payout", "amount_cents = 0", "payout_above_zero"),
    "a run without value": ("cheques_chequerun", "value_cents = 0", "run_value_above_zero"),
    "a run to nobody": ("cheques_chequerun", "dwellings = 0", "run_has_dwellings"),
    "rules without value": ("programmes_rules", "cheque_value_cents = 0", "rules_cheque_value_above_zero"),
    "a request for nothing": ("programmes_fundingrequest", "amount_cents = 0", "funding_request_above_zero"),
    "a bank line of nothing": ("payments_bankline", "amount_cents = 0", "bank_line_above_zero"),
}


@pytest.mark.parametrize(("table", "change", "rule"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_an_amount_that_cannot_be_is_refused(road: Road, table: str, change: str, rule: str | None) -> None:
    error = refusal(f"UPDATE {table} SET {change}")
    assert error.sqlstate == "23514"  # check_violation
    assert rule in (error.diag.constraint_name, None)
    column = change.split(" = ")[0]
    run(f"UPDATE {table} SET {column} = {column} + 1")


@pytest.mark.parametrize(
    ("cents", "allowed"), [(0, False), (99, False), (100, True), (1_000_000, True), (1_000_001, False)]
)
def test_a_donation_is_between_one_and_ten_thousand_euro(road: Road, cents: int, allowed: bool) -> None:
    insert = (
        "INSERT INTO payments_donation (reference, campaign_id, amount_cents, name, message, email, language, state,"
        " made_at, fee_cents) VALUES (gen_random_uuid(), %s, %s, '', '', '', 'nl', 'intended', now(), 0)"
    )
    if allowed:
        run(insert, road.campaign.pk, cents)
    else:
        error = refusal(insert, road.campaign.pk, cents)
        assert error.diag.constraint_name == "donation_between_1_and_10000_euro"


def test_a_donation_is_not_paid_without_a_gift_and_stripes_word(road: Road) -> None:
    run(
        "INSERT INTO payments_donation (reference, campaign_id, amount_cents, name, message, email, language, state,"
        " made_at, fee_cents) VALUES (gen_random_uuid(), %s, 500, '', '', '', 'nl', 'intended', now(), 0)",
        road.campaign.pk,
    )
    error = refusal("UPDATE payments_donation SET state = 'paid'")
    assert error.diag.constraint_name == "donation_paid_has_a_pledge_and_stripes_word"
    run(
        "UPDATE payments_donation SET state = 'paid', pledge_id = %s, balance_transaction_id = 'txn_1'",
        road.gift.pk,
    )
