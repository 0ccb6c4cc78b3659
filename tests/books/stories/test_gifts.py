"""Gifts: from purses, of donors, of sponsors, from a neighbourhood's reserve; and who bears what Stripe keeps."""

from campaigns import pledges
from campaigns.models import Campaign, Pledge
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from payments import payouts
from tests import cast
from tests.books.stories.table import tells
from tests.books.stories.telling import balances, booked, give, newest, post, street
from tests.campaigns.giving import grant
from tests.cast import NOW
from tests.payments.paying import account, take_in
from tests.standin import Stripe


@tells("gift from a purse")
def test_henk_gives_a_part_of_his_cheque_to_the_bench(here: cast.World) -> None:
    """Henk has € 7,50 and gives € 5,00 to the bench on the Irisplein. The rest stays his to give."""
    programme, (purse,) = street(here)
    bench = cast.campaign(here, programme)
    given = give(purse, bench, 500)
    assert newest("gift") == [(Code.PURSES, Code.POTS, 500)]
    assert (given.source_id, books.balance(purse.account_id)) == (purse.account_id, 250)
    assert balances(programme.fund_id) == {
        Code.BANK: 100_000,
        Code.BUDGET: 99_250,
        Code.PURSES: 250,
        Code.POTS: 500,
    }


@tells("donation settled, to a campaign", "Stripe's fee")
def test_a_donation_goes_into_the_pot_whole_and_the_fee_beside_it(stripe: Stripe, here: cast.World) -> None:
    """Sofie pays € 20,00. Stripe keeps € 0,35 of it: the pot shows what she gave, and the € 0,35 waits for who bears it."""
    bench = cast.campaign(here, cast.programme(here))
    stripe.given(bench, 2_000, name="Sofie")
    assert newest("donation") == [
        (Code.STRIPE_CLEARING, Code.POTS, 2_000),
        (Code.PAYMENT_COSTS, Code.STRIPE_CLEARING, 35),
    ]
    assert balances(cast.donations_fund(here)) == {
        Code.STRIPE_CLEARING: 1_965,
        Code.POTS: 2_000,
        Code.PAYMENT_COSTS: 35,
    }


@tells("donation settled, to a neighbourhood")
def test_a_donation_to_the_neighbourhood_waits_for_its_campaigns(here: cast.World) -> None:
    """Bakker Bos gives € 100,00 to the Bloemenbuurt, for whatever it will need. Over the ledger: no page takes these yet."""
    fund = cast.donations_fund(here)
    clearing, reserve = ours(here)
    entry = post("donation to a neighbourhood", (clearing, reserve, 10_000))
    assert booked(entry) == [(Code.STRIPE_CLEARING, Code.RESERVES, 10_000)]
    assert balances(fund) == {Code.STRIPE_CLEARING: 10_000, Code.RESERVES: 10_000}


def ours(here: cast.World) -> tuple[int, int]:
    """Clearing and the Bloemenbuurt's reserve, in De Klinker's fund of donations."""
    fund = cast.donations_fund(here)
    place = here.bloemenbuurt
    return (
        ledger.account(fund_id=fund, code=Code.STRIPE_CLEARING),
        ledger.account(fund_id=fund, code=Code.RESERVES, key=f"neighbourhood:{place.pk}", name=place.name),
    )


@tells("gift from the neighbourhood's reserve")
def test_the_reserve_of_the_neighbourhood_completes_the_bench(here: cast.World) -> None:
    """The bench lacks its last € 25,00. The Bloemenbuurt has € 100,00 in reserve and gives what is missing, no more.

    A pledge knows the account that it came from, not what stands behind it: so the gift goes the way of all gifts.
    """
    bench = cast.campaign(here, cast.programme(here), target_cents=2_500)
    clearing, reserve = ours(here)
    post("donation to a neighbourhood", (clearing, reserve, 10_000))
    gift = pledges.Gift(
        campaign_id=bench.pk,
        key="from the reserve",
        kind="gift from the reserve",
        source_account_id=reserve,
        fund_id=cast.donations_fund(here),
        amount_cents=4_000,
    )
    assert pledges.pledge(gift=gift, now=NOW).amount_cents == 2_500
    assert newest("gift from the reserve") == [(Code.RESERVES, Code.POTS, 2_500)]
    assert balances(cast.donations_fund(here)) == {
        Code.STRIPE_CLEARING: 10_000,
        Code.RESERVES: 7_500,
        Code.POTS: 2_500,
    }


@tells("match")
def test_the_municipality_adds_half_of_what_henk_gives(here: cast.World) -> None:
    """Henk gives € 5,00, the municipality adds € 2,50 from its own grant: the pot has a part in each of two funds."""
    programme, (purse,) = street(here)
    sponsor = grant(here, amount_cents=50_000, percent=50)
    bench = cast.campaign(here, programme)
    give(purse, bench, 500)
    assert newest("match") == [(Code.BUDGET, Code.POTS, 250)]
    assert balances(sponsor.fund_id) == {Code.BANK: 50_000, Code.BUDGET: 49_750, Code.POTS: 250}
    assert books.balances_by_key(keys=[bench.key], code=Code.POTS) == {
        bench.key: {programme.fund_id: 500, sponsor.fund_id: 250}
    }


@tells("gift moved to another campaign")
def test_henk_moves_his_gift_to_the_planters(here: cast.World) -> None:
    """Henk gave € 5,00 to the bench and would rather have planters. From pot to pot, within his fund.

    Over the ledger and the two campaigns' rows: the site has no page to move a gift yet.
    """
    programme, (purse,) = street(here)
    bench, planters = (cast.campaign(here, programme, title=title) for title in ("Bank", "Plantenbakken"))
    given = give(purse, bench, 500)
    pots = [
        ledger.account(fund_id=programme.fund_id, code=Code.POTS, key=campaign.key)
        for campaign in (bench, planters)
    ]
    entry = post("gift moved", (pots[0], pots[1], 500))
    Pledge.objects.filter(pk=given.pk).update(campaign=planters)
    Campaign.objects.filter(pk=bench.pk).update(given_cents=0, times_given=0)
    Campaign.objects.filter(pk=planters.pk).update(given_cents=500, times_given=1)
    assert booked(entry) == [(Code.POTS, Code.POTS, 500)]
    assert books.balances(pots) == {pots[0]: 0, pots[1]: 500}
    assert books.balance(purse.account_id) == 250


@tells("… campaign bears it: taken at payout", "payout approved", "Stripe pays out to the bank")
def test_the_campaign_bears_the_fee_when_it_is_paid_out(stripe: Stripe, here: cast.World) -> None:
    """The bench was paid with one donation of € 20,00. Fatma gets € 19,65: the € 0,35 that Stripe kept leaves the pot too."""
    bench = cast.campaign(here, cast.programme(here), target_cents=2_000)
    stripe.given(bench, 2_000)
    paid = stripe.control("payouts")
    take_in(cast.line(paid["amount"], remittance=f"STRIPE {paid['id']}"))
    account(here, bench)
    payout = payouts.propose(campaign_id=bench.pk, by=here.karin, now=NOW)
    payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)
    assert newest("payout approved") == [
        (Code.POTS, Code.PAYOUTS, 1_965),
        (Code.UNACCOUNTED, Code.UNACCOUNTED_CONTRA, 1_965),
        (Code.POTS, Code.PAYMENT_COSTS, 35),
    ]
    assert balances(cast.donations_fund(here)) == {
        Code.BANK: 1_965,
        Code.PAYOUTS: 1_965,
        Code.UNACCOUNTED: 1_965,
        Code.UNACCOUNTED_CONTRA: 1_965,
    }
