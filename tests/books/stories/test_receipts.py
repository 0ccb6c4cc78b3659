"""What paid money was spent on, and what is left of it."""

from campaigns import receipts
from campaigns.models import Campaign, State
from ledger.chart import Code
from payments.models import Payout
from tests import cast
from tests.books.stories.table import tells
from tests.books.stories.telling import balances, booked, give, newest, street
from tests.cast import NOW
from tests.payments.paying import handed_in, paid_out, take_in
from tests.standin import Stripe


def paid(stripe: Stripe, here: cast.World) -> tuple[Campaign, Payout, int, int]:
    """A bench of € 30,00: € 10,00 of cheques and Henk's € 20,00, of which Stripe kept € 0,35. Fatma has her € 29,65."""
    programme, stack = street(here, 2)
    bench = cast.campaign(here, programme, target_cents=3_000)
    for purse in stack:
        give(purse, bench, 500)
    stripe.given(bench, 2_000)
    out = stripe.control("payouts")
    take_in(cast.line(out["amount"], remittance=f"STRIPE {out['id']}"))
    return bench, paid_out(here, bench), programme.fund_id, cast.donations_fund(here)


@tells("receipt approved")
def test_a_receipt_counts_as_spent_in_each_fund_that_paid(stripe: Stripe, here: cast.World) -> None:
    """Fatma hands in the receipt of the timber, € 20,00; Karin approves it. The two funds share it as they paid."""
    bench, _, klinkers, donated = paid(stripe, here)
    receipt = handed_in(here, bench, 2_000)
    receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)
    assert newest("receipt approved") == [
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED, 675),
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED, 1_325),
    ]
    assert (balances(klinkers)[Code.UNACCOUNTED], balances(donated)[Code.UNACCOUNTED]) == (325, 640)
    # The money itself left before: what a receipt says is told beside the books of the bank.
    assert balances(donated) == {Code.UNACCOUNTED: 640, Code.UNACCOUNTED_CONTRA: 640}


@tells("leftover comes back, split over its funds")
def test_what_is_left_goes_back_to_who_paid(stripe: Stripe, here: cast.World) -> None:
    """Fatma spent € 20,00 and sends back € 9,65 under the reference she was given. De Klinker's part can be returned to it;
    the donor's part stays with the neighbourhood. Nothing is left to account for: the campaign is done.
    """
    bench, payout, klinkers, donated = paid(stripe, here)
    receipt = handed_in(here, bench, 2_000)
    receipts.approve(receipt_id=receipt.pk, by=here.karin, now=NOW)
    (line,) = take_in(cast.line(965, structured_reference=payout.leftover_reference))
    assert booked(line.entry_id) == [
        (Code.BANK, Code.TO_RETURN, 325),
        (Code.BANK, Code.RESERVES, 640),
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED, 325),
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED, 640),
    ]
    assert balances(donated) == {Code.BANK: 640, Code.RESERVES: 640}
    assert balances(klinkers) == {
        Code.BANK: 99_325,
        Code.BUDGET: 98_500,
        Code.PURSES: 500,
        Code.TO_RETURN: 325,
    }
    bench.refresh_from_db()
    assert bench.state == State.DONE
