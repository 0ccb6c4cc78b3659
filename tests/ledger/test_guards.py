"""What the database refuses to the application, to the reader, and even to the owner of the tables.

Each guard has a control: the same statement by who may, or with the guard taken away.
"""

# ruff: noqa: S608 - the names of tables come from here and from the database

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connections, transaction

from ledger import queries as books
from ledger.chart import CHART, Code, Side
from ledger.checks import all_checks
from ledger.operations import Overdrawn
from tests.ledger.roles import (
    APPEND_ONLY,
    NO_RIGHT,
    POST,
    as_owner,
    refusal,
    run,
    take_away,
    take_away_triggers,
)
from tests.ledger.small_books import SmallBooks, book, small_books

ENTRY = (
    "INSERT INTO ledger_entry (key, kind, source, effective_on, booked_at, root)"
    " VALUES ('by hand', 'test', '', '2026-11-23', now(), '')"
)
TRANSFER = (
    "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
    " SELECT entry_id, fund_id, credit_id, debit_id, amount_cents FROM ledger_transfer"
)
ACCOUNT = (
    "INSERT INTO ledger_account (fund_id, code, key, name, balance_cents, guarded, pooled, debit_side)"
    " SELECT fund_id, code, 'by hand', '', 1000000, guarded, pooled, debit_side FROM ledger_account WHERE NOT pooled LIMIT 1"
)
NOTE = (
    "INSERT INTO ledger_note (entry_id, salt, text)"
    " SELECT id, '', 'other words' FROM ledger_entry WHERE note_commitment IS NULL"
)
PERIOD = (
    "INSERT INTO ledger_period (starts_on, ends_on, closed_at, made_by_id, approved_by_id)"
    " SELECT '2026-01-01', '2026-01-31', now(), min(id), max(id) FROM people_user"
)

# Nobody may, the owner least of all: the triggers refuse.
APPEND_ONLY_STATEMENTS = [
    "UPDATE ledger_entry SET kind = 'other'",
    "UPDATE ledger_entry SET kind = 'other' WHERE false",
    "DELETE FROM ledger_entry WHERE reverses_id IS NOT NULL",
    "TRUNCATE ledger_entry CASCADE",
    "UPDATE ledger_transfer SET amount_cents = amount_cents + 1",
    "DELETE FROM ledger_transfer",
    "TRUNCATE ledger_transfer",
    "UPDATE ledger_period SET ends_on = starts_on",
    "DELETE FROM ledger_period",
    "TRUNCATE ledger_period CASCADE",
    "DELETE FROM ledger_kind WHERE code = 4900",
    "TRUNCATE ledger_kind CASCADE",
    "DELETE FROM ledger_fund WHERE false",
    "TRUNCATE ledger_fund CASCADE",
]
GUARDED = ("ledger_entry", "ledger_transfer", "ledger_period", "ledger_fund", "ledger_kind")
# The owner may, since the functions do; the application may not.
OWNERS_STATEMENTS = [
    ENTRY,
    TRANSFER,
    ACCOUNT,
    "UPDATE ledger_account SET balance_cents = balance_cents + 1 WHERE NOT pooled",
    "UPDATE ledger_account SET guarded = false",
    "UPDATE ledger_account SET closed_at = now() WHERE balance_cents = 0",
    "DELETE FROM ledger_account WHERE key = 'payout:2'",
    "TRUNCATE ledger_account CASCADE",
    "INSERT INTO ledger_checkpoint SELECT id, 0, 1000000 FROM ledger_account WHERE key = 'campaign:1'"
    " ON CONFLICT (account_id) DO UPDATE SET balance_cents = excluded.balance_cents",
    "UPDATE ledger_checkpoint SET balance_cents = balance_cents + 1",
    "DELETE FROM ledger_checkpoint",
    "TRUNCATE ledger_checkpoint",
    "INSERT INTO ledger_kind (code, debit_side, guarded, pooled) VALUES (2301, false, false, false)",
    "UPDATE ledger_kind SET guarded = false",
    NOTE,
    "UPDATE ledger_note SET text = 'other words'",
    "TRUNCATE ledger_note",
    "UPDATE ledger_fund SET organisation_id = organisation_id",
    "SELECT setval('ledger_transfer_id_seq', 1)",
    "SELECT id FROM ledger_entry FOR UPDATE",
    "LOCK TABLE ledger_transfer IN EXCLUSIVE MODE",
    "ALTER TABLE ledger_entry DISABLE TRIGGER entry_is_append_only",
    "ALTER TABLE ledger_transfer DISABLE TRIGGER transfer_is_append_only",
    "DROP TRIGGER transfer_is_append_only ON ledger_transfer",
    "ALTER TABLE ledger_account DROP CONSTRAINT account_guarded_never_below_zero",
    f"ALTER FUNCTION {POST} SECURITY INVOKER",
    "CREATE FUNCTION public.ledger_free_money() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE public.ledger_beside (id int)",
    "SET ROLE buurtpot_owner",
]


def lived_in() -> SmallBooks:
    """Books with an entry of every sort, a note, a checkpoint and a closed month."""
    small = small_books()
    book("arrived", (small.bank, small.budget, 10_000), note="woorden van mensen")
    book("gift", (small.clearing, small.pot, 500))
    book("spent", (small.pot, small.to_return, 100))
    run(PERIOD)
    return small


@pytest.fixture
def by_the_application(db: None) -> SmallBooks:
    [(role,)] = run("SELECT current_user")
    assert role == urlsplit(settings.DATABASE_URL).username == "buurtpot_app"
    return lived_in()


@contextmanager
def books_of_the_owner() -> Iterator[SmallBooks]:
    with as_owner():
        [(role,)] = run("SELECT current_user")
        assert role == "buurtpot_owner"
        yield lived_in()


def named(statements: list[str]) -> list[object]:
    return [pytest.param(statement, id=" ".join(statement.split()[:5])) for statement in statements]


# By plain SQL.


@pytest.mark.parametrize("statement", named([*APPEND_ONLY_STATEMENTS, *OWNERS_STATEMENTS]))
def test_the_application_may_not(by_the_application: SmallBooks, statement: str) -> None:
    assert refusal(statement).sqlstate == NO_RIGHT


@pytest.mark.django_db(databases=["owner"])
def test_the_owner_may_what_the_application_may_not() -> None:
    """The control: it is the missing right that stopped the application, not a slip in the statement."""
    with books_of_the_owner():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        take_away_triggers(*GUARDED)
        for statement in OWNERS_STATEMENTS:
            if statement.startswith("ALTER TABLE"):
                continue  # done just now, by take_away_triggers
            with transaction.atomic():
                run(statement)
                transaction.set_rollback(True)


@pytest.mark.django_db(databases=["owner"])
@pytest.mark.parametrize("statement", named(APPEND_ONLY_STATEMENTS))
def test_not_even_the_owner_may(statement: str) -> None:
    with books_of_the_owner():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        assert refusal(statement).sqlstate == APPEND_ONLY
        take_away_triggers(*GUARDED)
        run(statement)  # the control: it was the trigger


def test_the_application_does_not_switch_triggers_off_for_its_session(by_the_application: SmallBooks) -> None:
    assert refusal("SET session_replication_role = replica").sqlstate == NO_RIGHT


def test_what_the_application_may_do_with_the_books(by_the_application: SmallBooks) -> None:
    for table in ("entry", "transfer", "account", "checkpoint", "kind", "note", "period", "fund"):
        assert run(f"SELECT count(*) > 0 FROM ledger_{table}") == [(True,)]
    run("DELETE FROM ledger_note")
    run("UPDATE ledger_fund SET name = 'Buurtcheques Oeverdam'")
    run(PERIOD.replace("2026-01-", "2026-03-"))


# The reader.


@pytest.mark.django_db(databases=["default", "reader"])
@pytest.mark.parametrize("statement", named([*APPEND_ONLY_STATEMENTS, *OWNERS_STATEMENTS]))
def test_the_reader_may_not(statement: str) -> None:
    with as_reader():
        assert refusal(statement).sqlstate == NO_RIGHT


@pytest.mark.django_db(databases=["default", "reader"])
def test_the_reader_reads_all_and_writes_nothing() -> None:
    with as_reader():
        tables = [name for (name,) in run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        assert "ledger_transfer" in tables
        for table in tables:
            run(f"SELECT count(*) FROM {table}")
            assert refusal(f"DELETE FROM {table}").sqlstate == NO_RIGHT
            assert refusal(f"INSERT INTO {table} DEFAULT VALUES").sqlstate == NO_RIGHT
        assert all(check.ok for check in all_checks())


@pytest.mark.django_db(databases=["default", "reader"])
def test_the_reader_may_not_post(small: SmallBooks) -> None:
    posting = (
        "SELECT ledger_post('k', 'test', '', '2026-11-23', now(), NULL, NULL, '', NULL,"
        " %s::bigint[], %s::bigint[], '{100}'::bigint[])"
    )
    reversing = "SELECT ledger_reverse('r', 1, '2026-11-23', now(), NULL, '')"
    opening = "SELECT ledger_open(%s, 2300::smallint, '{x}', '{x}')"
    with as_reader():
        assert refusal(posting, [small.bank], [small.budget]).sqlstate == NO_RIGHT
        assert refusal(reversing).sqlstate == NO_RIGHT
        assert refusal(opening, small.fund).sqlstate == NO_RIGHT
    run(posting, [small.bank], [small.budget])
    run(opening, small.fund)


@contextmanager
def as_reader() -> Iterator[None]:
    application = connections["default"]
    connections["default"] = connections["reader"]
    try:
        assert run("SELECT current_user") == [("buurtpot_reader",)]
        yield
    finally:
        connections["default"] = application


# One currency.


def test_a_fund_is_kept_in_euro(small: SmallBooks) -> None:
    fund = (
        "INSERT INTO ledger_fund (kind, name, organisation_id, currency, opened_at, first_day)"
        " VALUES ('programme', 'another', %s, %s, now(), '2026-01-01')"
    )
    for currency in ("USD", "eur", ""):
        assert refusal(fund, small.klinker.pk, currency).diag.constraint_name == "fund_currency_is_euro"
    run(fund, small.klinker.pk, "EUR")


# The functions that run with the owner's rights.


def test_functions_with_the_owners_rights_look_in_one_place_and_are_not_for_everybody(db: None) -> None:
    functions = run(
        "SELECT p.proname, p.proconfig, array(SELECT r.rolname FROM pg_roles r WHERE NOT r.rolsuper"
        " AND has_function_privilege(r.oid, p.oid, 'execute') AND r.rolname LIKE 'buurtpot%%'"
        " AND r.oid <> p.proowner ORDER BY 1)"
        " FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
    )
    rights = {name: roles for name, _, roles in functions}
    assert all(config[0] == "search_path=public, pg_temp" for _, config, _ in functions)
    assert rights.pop("ledger_pooled_balance") == ["buurtpot_app", "buurtpot_reader"]
    assert rights.pop("ledger_wait_to_close") == rights.pop("ledger_seal_is_signed") == []
    assert set(rights) >= {
        "ledger_open",
        "ledger_post",
        "ledger_reverse",
        "ledger_mark",
        "ledger_seal",
        "ledger_sum",
    }
    assert all(roles == ["buurtpot_app"] for roles in rights.values())


def rich_table_of_ones_own(small: SmallBooks) -> None:
    run("CREATE TEMPORARY TABLE ledger_account (LIKE public.ledger_account)")
    run("INSERT INTO pg_temp.ledger_account SELECT * FROM public.ledger_account")
    run(
        "UPDATE pg_temp.ledger_account SET balance_cents = 1000000, guarded = false WHERE id = %s",
        small.purse,
    )


def test_a_table_of_ones_own_with_a_known_name_does_not_fool_the_books(small: SmallBooks) -> None:
    rich_table_of_ones_own(small)
    with pytest.raises(Overdrawn):
        book("from thin air", (small.purse, small.pot, 500))


@pytest.mark.django_db(databases=["owner"])
def test_with_another_search_path_they_would_look_there() -> None:
    with as_owner():
        small = small_books()
        rich_table_of_ones_own(small)
        run(f"ALTER FUNCTION {POST} SET search_path = pg_temp, public")
        with pytest.raises(
            ProgrammingError, match="ledger_sound"
        ):  # it is called with rows of the other table
            book("from thin air", (small.purse, small.pot, 500))
        run("DROP TABLE pg_temp.ledger_account")


# The short way through the function asks nothing about two people, about spending from a pooled account, or about sides.
SHORT_WAY = [
    (Code.STRIPE_CLEARING, Code.POTS),
    (Code.STRIPE_CLEARING, Code.RESERVES),
    (Code.CHEQUES, Code.PURSES),
    (Code.PURSES, Code.POTS),
]


@pytest.mark.django_db
def test_what_goes_the_short_way_has_nothing_to_ask() -> None:
    [(definition,)] = run("SELECT pg_get_functiondef(%s::regprocedure)", POST)
    listed = ", ".join(f"{int(debit)}{int(credit)}" for debit, credit in SHORT_WAY)
    assert f"d.code * 10000 + c.code IN ({listed})" in definition
    for debit, credit in SHORT_WAY:
        two = "SELECT ledger_takes_two(%s::smallint, %s::smallint, NULL)"
        assert run(two, int(debit), int(credit)) == [(False,)]
        kind, other = CHART[debit], CHART[credit]
        assert not (kind.pooled and kind.guarded)
        assert other.side is Side.CREDIT
        assert kind.pooled or (kind.guarded and kind.side is Side.CREDIT)
        assert other.pooled or other.guarded


# Below zero.


@pytest.mark.django_db(databases=["owner"])
@pytest.mark.parametrize(("moves", "into"), [(1, "clearing"), (1, "pot"), (1, "bank"), (2, "pot")])
def test_behind_the_function_a_constraint_keeps_a_cold_account_from_below_zero(moves: int, into: str) -> None:
    """Plain entries and others go their own way through the function, and the two accounts of a plain one too: all are held."""
    with as_owner():
        small = small_books()

        def out_of(account: int) -> None:
            book(f"out of {account}", *[(account, getattr(small, into), 1)] * moves, by=small.two)

        for account in (small.budget, small.cheque, small.purse, small.way, small.to_return):
            with pytest.raises(Overdrawn):
                out_of(account)
        for guard in (
            "a.balance_cents >= v_amount",
            "change.after >= 0",
        ):
            take_away(guard, instead="true")
        take_away("change.after < 0 AND change.guarded", instead="false")
        with pytest.raises(IntegrityError):
            out_of(small.purse)
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE ledger_account DROP CONSTRAINT account_guarded_never_below_zero")
        out_of(small.purse)
        assert books.balance(small.purse) == -moves


INSERTED = "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents) VALUES (%s, %s, %s, %s, %s)"


@pytest.mark.django_db(databases=["owner"])
def test_the_tables_refuse_what_the_functions_never_write() -> None:
    with as_owner():
        small = small_books()
        entry = book("arrived", (small.bank, small.budget, 100)).entry_id
        nothing = refusal(INSERTED, entry, small.fund, small.bank, small.budget, 0)
        round_trip = refusal(INSERTED, entry, small.fund, small.bank, small.bank, 100)
        too_much = refusal(INSERTED, entry, small.fund, small.bank, small.budget, 10_000_000_000_001)
        assert nothing.diag.constraint_name == "transfer_amount_above_zero"
        assert too_much.diag.constraint_name == "transfer_amount_within_reason"
        assert round_trip.diag.constraint_name == "transfer_between_two_accounts"
        run(INSERTED, entry, small.fund, small.bank, small.budget, 1)
