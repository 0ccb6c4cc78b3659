"""What happened once does not happen again: the database refuses, whatever the pages say. By plain SQL, as the application."""

# ruff: noqa: S608 - the names of tables and columns come from the list below

import re
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from cheques import operations as cheques
from cheques.models import Cheque, Purse
from ledger import queries as books
from ledger.chart import Code
from tests import databases
from tests.books.copies import ANOTHER_PAYOUT, copied
from tests.books.road import Road, travelled
from tests.cast import NOW
from tests.ledger.roles import as_owner, refusal, run

# Made beside the road. Nothing refers to these yet.
SPARE_ENTRY = "(SELECT id FROM ledger_entry WHERE key = 'spare')"
SPARE_ACCOUNT = "(SELECT id FROM ledger_account WHERE key = 'spare')"
SPARE_FUND = "(SELECT id FROM ledger_fund WHERE name = 'spare')"
SPARE_DWELLING = "(SELECT id FROM places_dwelling WHERE house_number = 998)"
OTHER_FILE = "(SELECT file_id FROM payments_payoutrun)"
OTHER_GIFT = "(SELECT max(id) FROM campaigns_pledge)"
OTHER_LINE = "(SELECT max(id) FROM payments_bankline)"

LINE = {"fingerprint": "'f'", "position": "99::int", "entry_id": SPARE_ENTRY}
CHEQUE = {
    "account_id": SPARE_ACCOUNT,
    "purse_id": "NULL",
    "selector": "NULL",
    "state": "'voided'",
    "dwelling_id": SPARE_DWELLING,
}
DONATION = {
    "reference": "gen_random_uuid()",
    "pledge_id": OTHER_GIFT,
    "session_id": "'cs_2'",
    "payment_intent_id": "'pi_2'",
    "charge_id": "'ch_2'",
    "balance_transaction_id": "'txn_2'",
    "refund_id": "'re_2'",
}
STRIPE_PAYOUT = {"payout_id": "'po_2'", "bank_line_id": OTHER_LINE}
# What: table, the fields that make a copy of its first row a new one, and the one of them that may not be as it was.
ONCE = {
    "a statement": ("payments_bankstatement", {"identification": "'x'"}, "identification"),
    "a bank line": ("payments_bankline", LINE, "fingerprint"),
    "the entry of a bank line": ("payments_bankline", LINE, "entry_id"),
    "the place of a bank line": ("payments_bankline", LINE, "position"),
    "the key of a gift": ("campaigns_pledge", {"key": "'x'"}, "key"),
    "an address": ("places_dwelling", {"house_number": "999"}, "house_number"),
    "the account of a purse": ("cheques_purse", {"account_id": SPARE_ACCOUNT}, "account_id"),
    "the account of a cheque": ("cheques_cheque", CHEQUE, "account_id"),
    "a dwelling's cheque in a run": ("cheques_cheque", CHEQUE, "dwelling_id"),
    "the file of a receipt": ("campaigns_receipt", {"file_id": OTHER_FILE}, "file_id"),
    "a payment file": ("payments_payoutrun", {"message_id": "'x'"}, "message_id"),
    "the reference of a payout": ("payments_payout", ANOTHER_PAYOUT, "end_to_end_id"),
    "the reference of a leftover": ("payments_payout", ANOTHER_PAYOUT, "leftover_reference"),
    "a fund's part of a payout": ("payments_payoutpart", {"fund_id": SPARE_FUND}, "fund_id"),
    "a reference to pay under": ("programmes_fundingrequest", {"reference": "'x'"}, "reference"),
    "a version of the rules": ("programmes_rules", {"version": "2"}, "version"),
    "an event of Stripe": ("payments_webhookevent", {"event_id": "'evt_2'"}, "event_id"),
    "a payout by Stripe": ("payments_stripepayout", STRIPE_PAYOUT, "payout_id"),
    "its line on the statement": ("payments_stripepayout", STRIPE_PAYOUT, "bank_line_id"),
    **{f"the {name} of a donation": ("payments_donation", DONATION, name) for name in DONATION},
}


@pytest.fixture(scope="module")
def travelled_once(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Road]:
    """The road in a database of its own, with what else is taken in once, and something spare to point at."""
    folder = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), databases.cloned(f"{databases.TEMPLATE}_once"), folder:
        road = travelled()
        taken_in_from_stripe(road)
        put_by(road)
        yield road


def taken_in_from_stripe(road: Road) -> None:
    run(
        "INSERT INTO payments_webhookevent (event_id, kind, object_id, received_at, tries, error)"
        " VALUES ('evt_1', 'charge.updated', 'ch_1', now(), 0, '')"
    )
    run(
        "INSERT INTO payments_stripepayout (payout_id, amount_cents, bank_line_id)"
        " SELECT 'po_1', 500, min(id) FROM payments_bankline"
    )
    run(
        "INSERT INTO payments_donation (reference, campaign_id, amount_cents, name, message, email, language, state,"
        " made_at, fee_cents, pledge_id, session_id, payment_intent_id, charge_id, balance_transaction_id, refund_id,"
        " refund_status, refund_tries, session_tries)"
        " VALUES (gen_random_uuid(), %s, 500, '', '', '', 'nl', 'refunded',"
        " now(), 0, %s, 'cs_1', 'pi_1', 'ch_1', 'txn_1', 're_1', 'succeeded', 0, 0)",
        road.campaign.pk,
        road.gift.pk,
    )


def put_by(road: Road) -> None:
    run(
        "INSERT INTO places_dwelling (organisation_id, neighbourhood_id, street, house_number, addition, postcode,"
        " town, number_of_unit, own_tenant)"
        " SELECT organisation_id, neighbourhood_id, street, 998, '', postcode, town, '', true"
        " FROM places_dwelling ORDER BY id LIMIT 1"
    )
    run(
        "INSERT INTO ledger_fund (kind, name, organisation_id, currency, opened_at, first_day)"
        " VALUES ('grant', 'spare', %s, 'EUR', now(), '2026-01-01')",
        road.here.klinker.pk,
    )
    run(f"SELECT ledger_open({SPARE_FUND}, 2200::smallint, '{{spare}}', '{{spare}}')")
    run(f"SELECT ledger_open({SPARE_FUND}, 1000::smallint, '{{bank}}', '{{bank}}')")
    run(
        "SELECT ledger_post('spare', 'test', '', '2026-11-23', now(), NULL, NULL, '', NULL,"
        f" (SELECT array_agg(id) FROM ledger_account WHERE key = 'bank' AND fund_id = {SPARE_FUND}),"
        f" ARRAY[{SPARE_ACCOUNT}], ARRAY[1::bigint])"
    )


@pytest.fixture
def road(travelled_once: Road) -> Iterator[Road]:
    """What the test changes is rolled back."""
    with transaction.atomic():
        assert run("SELECT current_user") == [("buurtpot_app",)]
        yield travelled_once
        transaction.set_rollback(True)


@pytest.mark.parametrize(("table", "new", "same"), ONCE.values(), ids=ONCE.keys())
def test_what_happened_does_not_happen_again(road: Road, table: str, new: dict[str, str], same: str) -> None:
    error = refusal(copied(table, {name: value for name, value in new.items() if name != same}))
    assert error.sqlstate == "23505"  # unique_violation
    # "Key (statement_id, "position")=(1, 1) already exists."
    said = (error.diag.message_detail or "").partition(")=")[0]
    assert same in re.findall(r"\w+", said)
    run(copied(table, new))  # the control: it is that one field


def test_one_payout_of_a_campaign_waits_for_a_second_person_at_a_time(road: Road) -> None:
    proposed = copied("payments_payout", ANOTHER_PAYOUT)
    run(proposed)
    assert refusal(proposed).diag.constraint_name == "payout_proposed_once_per_campaign"
    run(
        "UPDATE payments_payout SET state = 'refused', approved_by_id = %s, approved_at = now() WHERE state = 'proposed'",
        road.here.youssef.pk,
    )
    run(proposed)  # the control: the first was decided


# A cheque that was used, made new by hand.

MADE_NEW = (
    "UPDATE cheques_cheque SET state = 'made', purse_id = NULL, activated_at = NULL WHERE state = 'activated'"
    " RETURNING id"
)
ONE_PURSE_AN_ACCOUNT = "cheques_purse_account_id_key"


def test_a_used_cheque_that_was_made_new_by_hand_is_not_activated_again(road: Road) -> None:
    before = books.totals_by_code(fund_id=road.programme.fund_id)
    for (cheque_id,) in run(MADE_NEW):
        with pytest.raises(IntegrityError, match=ONE_PURSE_AN_ACCOUNT), transaction.atomic():
            cheques.activate(cheque_id=cheque_id, now=NOW)
    assert books.totals_by_code(fund_id=road.programme.fund_id) == before
    unused = Cheque.objects.exclude(account__debits__isnull=False).order_by("pk")[0]
    cheques.activate(cheque_id=unused.pk, now=NOW)  # the control: one that was never used
    assert books.total(code=Code.CHEQUES) == before[Code.CHEQUES] - unused.value_cents


def test_without_one_purse_an_account_it_would_be(travelled_once: Road) -> None:
    with as_owner():
        run(f"ALTER TABLE cheques_purse DROP CONSTRAINT {ONE_PURSE_AN_ACCOUNT}")
        [(cheque_id,), *_] = run(MADE_NEW)
        again = cheques.activate(cheque_id=cheque_id, now=NOW)
        assert Purse.objects.filter(account_id=again.account_id).count() == 2
