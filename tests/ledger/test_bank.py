"""Eight processes move money between guarded accounts, and whoever reads sees all of it, at every moment."""

import pytest

from ledger.models import Entry
from tests.ledger.bank import accounts, play
from tests.ledger.test_concurrency import HOLD, LOCK_ALONE, broken, without

SECONDS = 4


@pytest.mark.parametrize(("purses", "pots"), [(4, 4), (0, 2)], ids=["purses and pots", "two hot pots"])
def test_whoever_reads_while_eight_move_money_sees_all_of_it(
    own_database: str, purses: int, pots: int
) -> None:
    ids, total_cents = accounts(purses=purses, pots=pots)
    seen = play(ids=ids, total_cents=total_cents, seconds=SECONDS)
    assert seen.bad == ()
    assert min(seen.moved, seen.refused, seen.reads) > 0
    assert Entry.objects.count() == seen.moved + 1  # all that was said to be done is there, and nothing else
    assert broken() == []


def test_without_the_lock_of_who_spends_money_is_seen_below_zero(own_database: str) -> None:
    ids, total_cents = accounts(purses=0, pots=2)
    without(LOCK_ALONE, function=HOLD)
    seen = play(ids=ids, total_cents=total_cents, seconds=SECONDS)
    assert any("-" in found for found in seen.bad)
    # Below zero at some moment; whether still at the end, or a checkpoint that is wrong by it, is chance.
    assert broken() != []
