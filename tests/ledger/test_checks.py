"""The checks find what was done to the books behind their back. Planted by the owner with the guards off; nothing of it stays."""

from collections.abc import Callable

import pytest
from django.db import transaction

from ledger import days
from ledger import operations as ledger
from ledger.chart import Code
from ledger.checks import MOST_SHOWN, all_checks
from tests.cast import NOW
from tests.ledger.roles import as_owner, run, take_away, take_away_triggers
from tests.ledger.sealing import seal
from tests.ledger.small_books import SmallBooks, book, small_books, undo

BALANCED = "debits equal credits in every fund and currency"
IN_ONE_FUND = "every transfer stays inside one fund"
NOT_BELOW_ZERO = "no guarded account is below zero"
KEPT = "every kept balance is the sum of its lines"
POOLED = "every pooled balance is the sum of its lines"
AS_THE_CHART = "every account is as the chart has it"
HAS_TRANSFERS = "every entry has transfers"
HAS_ENTRY = "every transfer belongs to an entry"
SETTLED = "what one fund settles with another nets to zero over the bank"
MIRRORS = "every reversal mirrors what it reverses"
ROOTED = "the root of every entry is that of its transfers"
CHAINED = "every seal continues the one before, and its root is that of its leaves"
SEALED = "the leaves of every seal are those of its entries"
SIGNED = "every seal is signed by the operator"
CODE_DAYS = "every day's total of a code is the sum of its lines"
ACCOUNT_DAYS = "every day's total of an account is the sum of its lines"


def lived_in() -> SmallBooks:
    small = small_books()
    book("arrived", (small.bank, small.budget, 10_000))
    seal()
    book("issued", (small.budget, small.cheque, 750), by=small.two)
    book("gift", (small.clearing, small.pot, 500))
    book("spent", (small.pot, small.to_return, 100))
    undo("right", book("wrong", (small.bank, small.budget, 300)).entry_id)
    seal()
    return small


def faults() -> dict[str, list[object]]:
    return {check.name: check.found for check in all_checks() if not check.ok}


def test_books_in_order_pass_every_check(db: None) -> None:
    lived_in()
    assert faults() == {}
    assert {check.name for check in all_checks()} == {
        BALANCED,
        IN_ONE_FUND,
        NOT_BELOW_ZERO,
        KEPT,
        POOLED,
        AS_THE_CHART,
        HAS_TRANSFERS,
        HAS_ENTRY,
        SETTLED,
        MIRRORS,
        ROOTED,
        CHAINED,
        SEALED,
        SIGNED,
        CODE_DAYS,
        ACCOUNT_DAYS,
    }


def more_in_the_purse(small: SmallBooks) -> None:
    run("UPDATE ledger_account SET balance_cents = balance_cents + 1 WHERE id = %s", small.purse)


def another_amount(small: SmallBooks) -> None:
    run(
        "UPDATE ledger_transfer SET amount_cents = 760 WHERE debit_id = %s AND credit_id = %s",
        small.budget,
        small.cheque,
    )


def another_account(small: SmallBooks) -> None:
    run("UPDATE ledger_transfer SET credit_id = %s WHERE credit_id = %s", small.purse, small.cheque)


def a_transfer_gone(small: SmallBooks) -> None:
    run("DELETE FROM ledger_transfer WHERE credit_id = %s", small.cheque)


def another_checkpoint(small: SmallBooks) -> None:
    run("UPDATE ledger_checkpoint SET balance_cents = balance_cents + 1")


def a_checkpoint_too_far(small: SmallBooks) -> None:
    book("one more gift", (small.clearing, small.pot, 500))
    run("UPDATE ledger_checkpoint SET up_to_transfer_id = (SELECT max(id) FROM ledger_transfer)")


def an_account_that_is_not_there(small: SmallBooks) -> None:
    run("UPDATE ledger_transfer SET credit_id = 987654321 WHERE credit_id = %s", small.cheque)


def an_account_of_another_fund(small: SmallBooks) -> None:
    run("UPDATE ledger_transfer SET credit_id = %s WHERE credit_id = %s", small.other_budget, small.cheque)


def another_fund_on_the_line(small: SmallBooks) -> None:
    run("UPDATE ledger_transfer SET fund_id = %s WHERE credit_id = %s", small.other_fund, small.cheque)


def an_entry_without_transfers(small: SmallBooks) -> None:
    run(
        "INSERT INTO ledger_entry (key, kind, source, effective_on, booked_at, root)"
        " VALUES ('by hand', 'test', '', '2026-11-23', %s, '')",
        NOW,
    )


def a_transfer_of_no_entry(small: SmallBooks) -> None:
    run(
        "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
        " SELECT 987654321, fund_id, debit_id, credit_id, 500 FROM ledger_transfer WHERE credit_id = %s",
        small.pot,
    )


def an_account_let_loose(small: SmallBooks) -> None:
    run("UPDATE ledger_account SET guarded = false WHERE id = %s", small.purse)


def a_cold_account_below_zero(small: SmallBooks) -> None:
    run("ALTER TABLE ledger_account DROP CONSTRAINT account_guarded_never_below_zero")
    take_away("a.balance_cents >= v_amount", instead="true")
    book("from thin air", (small.purse, small.pot, 5))


def a_pot_below_zero(small: SmallBooks) -> None:
    take_away("IF v_row.balance < 0 THEN", instead="IF false THEN")
    book("from thin air", (small.pot, small.to_return, 401))


def a_reversal_of_less(small: SmallBooks) -> None:
    run(
        "UPDATE ledger_transfer t SET amount_cents = 299 FROM ledger_entry e"
        " WHERE e.id = t.entry_id AND e.reverses_id IS NOT NULL"
    )


def a_reversal_of_a_reversal(small: SmallBooks) -> None:
    take_away("e.id = p_reverses AND e.reverses_id IS NOT NULL", instead="false")
    arrived = book("arrived once more", (small.bank, small.budget, 5)).entry_id
    undo("arrived again", undo("not arrived", arrived).entry_id)


def a_reversal_of_more(small: SmallBooks) -> None:
    run(
        "INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)"
        " SELECT id, %s, %s, %s, 5 FROM ledger_entry WHERE reverses_id IS NOT NULL",
        small.fund,
        small.bank,
        small.clearing,
    )


def another_word_in_an_entry(small: SmallBooks) -> None:
    run("UPDATE ledger_entry SET source = 'run:9' WHERE key = 'issued'")


def an_entry_gone(small: SmallBooks) -> None:
    run(
        "WITH gone AS (DELETE FROM ledger_transfer t USING ledger_entry e WHERE e.id = t.entry_id AND e.key = 'arrived'"
        " RETURNING t.entry_id) DELETE FROM ledger_entry WHERE id IN (SELECT entry_id FROM gone)"
    )


def a_seal_gone(small: SmallBooks) -> None:
    run("DELETE FROM ledger_signature WHERE seal_id = 1")
    run("DELETE FROM ledger_seal WHERE number = 1")


def another_root_in_a_seal(small: SmallBooks) -> None:
    run("UPDATE ledger_seal SET root = decode(repeat('00', 32), 'hex') WHERE number = 1")
    run("UPDATE ledger_seal s SET head = ledger_leaf(ledger_seal_line(s)) WHERE number = 1")


def another_leaf_in_a_seal(small: SmallBooks) -> None:
    run("UPDATE ledger_seal SET leaves = set_byte(leaves, 3, 255 - get_byte(leaves, 3)) WHERE number = 1")


def another_number_in_the_list_of_a_seal(small: SmallBooks) -> None:
    run("UPDATE ledger_seal SET entry_ids[1] = 0 WHERE number = 2")


def another_signature(small: SmallBooks) -> None:
    run(
        "UPDATE ledger_signature SET signature = set_byte(signature, 3, 255 - get_byte(signature, 3)) WHERE seal_id = 1"
    )


def no_signature(small: SmallBooks) -> None:
    run("DELETE FROM ledger_signature WHERE seal_id = 2")


def signed_by_a_witness_alone(small: SmallBooks) -> None:
    run("UPDATE ledger_key SET witness = true")


def a_key_that_vouched_for_itself(small: SmallBooks) -> None:
    run(
        "INSERT INTO ledger_key (public, holder, witness, since, endorsed_by_id, endorsement)"
        " SELECT decode(repeat('07', 32), 'hex'), 'x', false, since, id, decode(repeat('00', 64), 'hex') FROM ledger_key"
    )


def another_total_of_a_code(small: SmallBooks) -> None:
    days.add_up()
    run("UPDATE ledger_codeday SET debit_cents = debit_cents + 1 WHERE code = 2000")


def a_total_of_nothing(small: SmallBooks) -> None:
    days.add_up()
    run("UPDATE ledger_accountday SET account_id = %s WHERE account_id = %s", small.other_bank, small.bank)


def totals_that_miss_a_line(small: SmallBooks) -> None:
    """As when an entry is committed that nobody waited for."""
    days.add_up()
    book("one more gift", (small.clearing, small.pot, 500))
    run("UPDATE ledger_summed SET up_to_transfer_id = (SELECT max(id) FROM ledger_transfer)")


def an_amount_that_was_added_up(small: SmallBooks) -> None:
    days.add_up()
    another_amount(small)


PLANTED: list[tuple[Callable[[SmallBooks], None], set[str]]] = [
    (more_in_the_purse, {KEPT}),
    (another_amount, {KEPT, ROOTED}),
    (another_account, {KEPT, ROOTED}),
    (a_transfer_gone, {KEPT, HAS_TRANSFERS, ROOTED}),
    (another_checkpoint, {POOLED}),
    (a_checkpoint_too_far, {POOLED}),
    (an_account_that_is_not_there, {BALANCED, IN_ONE_FUND, KEPT, ROOTED}),
    (an_account_of_another_fund, {BALANCED, IN_ONE_FUND, KEPT, ROOTED}),
    (another_fund_on_the_line, {IN_ONE_FUND, ROOTED}),
    (an_entry_without_transfers, {HAS_TRANSFERS, ROOTED}),
    (a_transfer_of_no_entry, {HAS_ENTRY}),
    (an_account_let_loose, {AS_THE_CHART}),
    (a_cold_account_below_zero, {NOT_BELOW_ZERO}),
    (a_pot_below_zero, {NOT_BELOW_ZERO}),
    (a_reversal_of_less, {MIRRORS, KEPT, ROOTED}),
    (a_reversal_of_more, {MIRRORS, ROOTED}),
    (a_reversal_of_a_reversal, {MIRRORS}),
    (another_word_in_an_entry, {SEALED}),
    (an_entry_gone, {SEALED, KEPT, NOT_BELOW_ZERO}),
    (a_seal_gone, {CHAINED, SEALED}),
    (another_root_in_a_seal, {CHAINED, SIGNED}),
    (another_leaf_in_a_seal, {CHAINED, SEALED}),
    (another_number_in_the_list_of_a_seal, {SEALED}),
    (another_signature, {SIGNED}),
    (no_signature, {SIGNED}),
    (signed_by_a_witness_alone, {SIGNED}),
    (a_key_that_vouched_for_itself, {SIGNED}),
    (another_total_of_a_code, {CODE_DAYS}),
    (a_total_of_nothing, {ACCOUNT_DAYS}),
    (totals_that_miss_a_line, {CODE_DAYS, ACCOUNT_DAYS}),
    (an_amount_that_was_added_up, {KEPT, ROOTED, CODE_DAYS, ACCOUNT_DAYS}),
]


@pytest.mark.django_db(databases=["owner"])
@pytest.mark.parametrize(("fault", "named"), PLANTED, ids=[fault.__name__ for fault, _ in PLANTED])
def test_a_planted_fault_is_named(fault: Callable[[SmallBooks], None], named: set[str]) -> None:
    with as_owner():
        small = lived_in()
        take_away_triggers("ledger_entry", "ledger_transfer", "ledger_seal", "ledger_signature", "ledger_key")
        assert faults() == {}
        fault(small)
        assert set(faults()) == named


@pytest.mark.django_db(databases=["owner"])
def test_a_fault_is_shown_with_its_account_and_both_amounts() -> None:
    with as_owner():
        small = lived_in()
        run("UPDATE ledger_account SET balance_cents = 12 WHERE id = %s", small.purse)
        assert faults() == {
            KEPT: [{"account": small.purse, "code": 2200, "summed_cents": 0, "kept_cents": 12}]
        }


@pytest.mark.django_db(databases=["owner"])
def test_of_many_faults_twenty_are_shown() -> None:
    with as_owner():
        small_books()
        for number in range(MOST_SHOWN + 5):
            run(
                "INSERT INTO ledger_entry (key, kind, source, effective_on, booked_at, root)"
                " VALUES (%s, 'test', '', '2026-11-23', %s, '')",
                f"by hand {number}",
                NOW,
            )
        assert len(faults()[HAS_TRANSFERS]) == MOST_SHOWN


@transaction.atomic
def test_books_that_the_planner_knows_nothing_of_yet_are_checked_within_a_minute(own_database: str) -> None:
    """As just after a large run: what this test books nobody has analysed. A plan for the first rows takes many minutes here."""
    small = small_books()
    names = {f"cheque:{number}": "" for number in range(20_000)}
    cheques = ledger.open_accounts(fund_id=small.fund, code=Code.CHEQUES, names=names).values()
    book("arrived", (small.bank, small.budget, 20_000))
    book("issued", *((small.budget, cheque, 1) for cheque in cheques), by=small.two)
    run("SET LOCAL statement_timeout = '60s'")
    assert faults() == {}
