"""Disputes: a donor asks the own bank for the money back. Over the ledger: the site does not follow disputes yet.

Henk's € 20,00 is real (the stand-in Stripe took it); the stand-in plays no disputes, so where one is open or was lost, the
clearing account differs from Stripe's balance by just that.
"""

from campaigns.models import Campaign, Pledge
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments.models import Donation
from tests import cast
from tests.books.stories.table import tells
from tests.books.stories.telling import balances, bank_shows, booked, post
from tests.cast import NOW
from tests.payments.paying import paid_out, take_in
from tests.standin import Stripe

CLEARING_DIFFERS = "the clearing account in the books is Stripe's balance"
FEE_CENTS = 2_000  # what Stripe takes for a dispute


def given(stripe: Stripe, here: cast.World) -> tuple[Campaign, Donation]:
    """Henk pays € 20,00 for a bench of € 20,00; Stripe keeps € 0,35."""
    bench = cast.campaign(here, cast.programme(here), target_cents=2_000)
    return bench, stripe.given(bench, 2_000)


def account(here: cast.World, code: Code, key: str = "") -> int:
    return ledger.account(fund_id=cast.donations_fund(here), code=code, key=key)


def operators(here: cast.World, code: Code) -> int:
    fund = ledger.fund_of(organisation=here.operator, kind=FundKind.OPERATOR, name="Eigen", now=NOW)
    return ledger.account(fund_id=fund.pk, code=code)


def dispute(here: cast.World, bench: Campaign) -> tuple[int, int]:
    """Opened: Stripe takes the donation and its fee from our balance at once. Gives the entry and the account of the dispute."""
    clearing = account(here, Code.STRIPE_CLEARING)
    disputed = account(here, Code.DISPUTED, "dispute:1")
    costs = account(here, Code.PAYMENT_COSTS, bench.key)
    return post("dispute opened", (disputed, clearing, 2_000), (costs, clearing, FEE_CENTS)), disputed


def operator_bears_fees(here: cast.World, bench: Campaign, cents: int) -> None:
    post(
        "costs borne",
        (operators(here, Code.OPERATOR_COSTS), operators(here, Code.BANK), cents),
        (account(here, Code.BANK), account(here, Code.PAYMENT_COSTS, bench.key), cents),
    )


@tells("dispute opened, its fee", red=(CLEARING_DIFFERS,))
def test_henks_bank_asks_his_donation_back(stripe: Stripe, here: cast.World) -> None:
    """Henk does not know the name on his statement. Stripe takes € 20,00 and a fee of € 20,00, and asks us for proof.

    The pot stays as it is: whose money it was is not decided yet.
    """
    bench, _ = given(stripe, here)
    entry, _ = dispute(here, bench)
    assert booked(entry) == [
        (Code.DISPUTED, Code.STRIPE_CLEARING, 2_000),
        (Code.PAYMENT_COSTS, Code.STRIPE_CLEARING, 2_000),
    ]
    assert balances(cast.donations_fund(here)) == {
        Code.STRIPE_CLEARING: -2_035,
        Code.DISPUTED: 2_000,
        Code.PAYMENT_COSTS: 2_035,
        Code.POTS: 2_000,
    }


@tells("dispute opened, its fee", "… won", red=(CLEARING_DIFFERS,))
def test_the_dispute_is_won(stripe: Stripe, here: cast.World) -> None:
    """Henk remembers. The € 20,00 is at Stripe again; the fee of the dispute is gone, and the campaign bears it at its payout."""
    bench, _ = given(stripe, here)
    _, disputed = dispute(here, bench)
    entry = post("dispute won", (account(here, Code.STRIPE_CLEARING), disputed, 2_000))
    assert booked(entry) == [(Code.STRIPE_CLEARING, Code.DISPUTED, 2_000)]
    assert balances(cast.donations_fund(here)) == {
        Code.STRIPE_CLEARING: -35,
        Code.PAYMENT_COSTS: 2_035,
        Code.POTS: 2_000,
    }


@tells("… lost with money in the pot", "… operator bears it: a settlement", red=(CLEARING_DIFFERS,))
def test_the_dispute_is_lost_while_the_money_is_in_the_pot(stripe: Stripe, here: cast.World) -> None:
    """It was not Henk's card. What he gave leaves the pot as if it never came; the foundation bears what Stripe kept."""
    bench, donation = given(stripe, here)
    _, disputed = dispute(here, bench)
    entry = post("dispute lost", (account(here, Code.POTS, bench.key), disputed, 2_000))
    Pledge.objects.filter(donation=donation).update(state=Pledge.State.RETURNED)
    Campaign.objects.filter(pk=bench.pk).update(given_cents=0, times_given=0)
    assert booked(entry) == [(Code.POTS, Code.DISPUTED, 2_000)]
    operator_bears_fees(here, bench, 2_035)
    # Stripe will take what our balance lacks from the bank, where it lies ready.
    assert balances(cast.donations_fund(here)) == {Code.STRIPE_CLEARING: -2_035, Code.BANK: 2_035}


@tells(
    "dispute opened, its fee",
    "… lost after payout: a settlement",
    "… operator bears it: a settlement",
    "Stripe takes back from the bank",
)
def test_a_dispute_after_payout_is_the_operators_loss(stripe: Stripe, here: cast.World) -> None:
    """Fatma has her € 19,65 and the bench stands when Henk's bank asks the money back, and gets it.

    No neighbour pays for that: the foundation puts € 20,00 in its place, and bears the fee. Stripe's balance is below zero, so
    it takes € 40,00 from the bank. After that the fund of donations is empty and whole; the foundation's account is below zero,
    which is a fact and an alarm, never refused.
    """
    bench, _ = given(stripe, here)
    paid = stripe.control("payouts")
    take_in(cast.line(paid["amount"], remittance=f"STRIPE {paid['id']}"))
    paid_out(here, bench)
    _, disputed = dispute(here, bench)
    settled = post(
        "dispute lost",
        (operators(here, Code.OPERATOR_COSTS), operators(here, Code.BANK), 2_000),
        (account(here, Code.BANK), disputed, 2_000),
    )
    assert booked(settled) == [(Code.OPERATOR_COSTS, Code.BANK, 2_000), (Code.BANK, Code.DISPUTED, 2_000)]
    operator_bears_fees(here, bench, FEE_CENTS)
    taken = post("Stripe takes back", (account(here, Code.STRIPE_CLEARING), account(here, Code.BANK), 4_000))
    bank_shows(taken, -4_000)
    to_be_shown = {Code.UNACCOUNTED: 1_965, Code.UNACCOUNTED_CONTRA: 1_965}
    assert balances(cast.donations_fund(here)) == to_be_shown
    own = books.fund_id_of_kind(organisation_id=here.operator.pk, kind=FundKind.OPERATOR)
    assert balances(own) == {Code.OPERATOR_COSTS: 4_000, Code.BANK: -4_000}
    assert [(short.fund_id, short.bank_cents) for short in books.short_of_cash()] == [(own, -4_000)]
