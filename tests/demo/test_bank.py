"""The bank of the demo: whatever is owed, on its way or held can move, and its statement is taken in like any other."""

import pytest

from campaigns.models import State
from demo import bank
from payments import payment_files
from payments.models import BankLine, Payout
from payments.statements import import_statement
from tests import cast
from tests.books.road import travelled
from tests.books.soundness import assert_sound
from tests.cast import NOW, TODAY
from tests.payments.paying import approved
from tests.standin import Stripe

pytestmark = pytest.mark.django_db


def keys() -> list[str]:
    return [movement.key for movement in bank.movements(NOW)]


def take_in(*chosen: str) -> list[tuple[str, int]]:
    """Kind and signed cents of each line of the statement with these movements."""
    content = bank.statement_of(chosen, NOW)
    assert content is not None
    (imported,) = import_statement(content=content, by=None, now=NOW)
    assert imported.created
    return [
        (line.kind, line.amount_cents if line.credit else -line.amount_cents)
        for line in imported.statement.lines.all()
    ]


def test_a_budget_that_was_asked_arrives_and_is_not_asked_again(stripe: Stripe) -> None:
    request = cast.programme(cast.world(), budget_cents=100_000).fund.funding_requests.get()
    cast.receive(40_000, reference=request.reference)
    assert keys() == [f"funding-{request.pk}"]
    assert take_in(f"funding-{request.pk}") == [(BankLine.Kind.FUNDING, 60_000)]
    assert keys() == []
    assert_sound()


def test_what_stripe_holds_is_paid_out_when_it_is_chosen(stripe: Stripe) -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here), target_cents=2_000)
    stripe.given(campaign, 2_000)
    assert keys() == [bank.ALL_AT_STRIPE]
    assert bank.statement_of([], NOW) is None

    forgotten = bank.statement_of([bank.ALL_AT_STRIPE], NOW)

    assert forgotten is not None
    # Stripe has paid, and the file was thrown away: the same payout can stand on a later one.
    (payout_id,) = keys()
    assert payout_id.startswith("po_")
    assert bank.statement_of([bank.ALL_AT_STRIPE], NOW) is None
    assert take_in(payout_id) == [(BankLine.Kind.STRIPE, 1_965)]
    assert keys() == []
    assert_sound()


def test_a_payout_leaves_once_it_is_in_a_payment_file_and_what_no_receipt_shows_comes_back(
    stripe: Stripe,
) -> None:
    here = cast.world()
    campaign = cast.campaign(here, cast.funded(here), target_cents=2_000)
    stripe.given(campaign, 2_000)
    take_in(bank.ALL_AT_STRIPE)
    payout = approved(here, campaign)
    assert keys() == []
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW)
    assert take_in(*keys()) == [(BankLine.Kind.PAYOUT, -payout.amount_cents)]
    assert take_in(*keys()) == [(BankLine.Kind.LEFTOVER, payout.amount_cents)]
    payout.refresh_from_db()
    campaign.refresh_from_db()
    assert (payout.state, campaign.state, keys()) == (Payout.State.CONFIRMED, State.DONE, [])
    assert_sound()


def test_where_all_is_done_nothing_moves(stripe: Stripe) -> None:
    travelled()
    assert keys() == []
