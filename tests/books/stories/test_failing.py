"""A campaign that does not reach its target gives everything back, each euro to where it came from."""

from datetime import date

from books import closing
from campaigns.models import Campaign, Pledge, State
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments import refunds
from payments.models import Donation
from people.models import Organisation, OrganisationKind
from programmes import operations as programmes
from programmes.models import Grant
from tests import cast
from tests.books.stories.table import tells
from tests.books.stories.telling import balances, give, newest, street
from tests.campaigns.giving import grant
from tests.cast import NOW
from tests.standin import Stripe


@tells("campaign fails: purse")
def test_henk_gets_his_gift_back_in_his_purse(here: cast.World) -> None:
    """Henk gave € 5,00 to a bench that never comes. His purse is whole again, and he can give it to something else."""
    programme, (purse,) = street(here)
    bench = cast.campaign(here, programme)
    give(purse, bench, 500)
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    assert newest("gifts returned") == [(Code.POTS, Code.PURSES, 500)]
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 99_250, Code.PURSES: 750}


@tells("campaign fails: match")
def test_the_municipality_gets_its_match_back_in_its_budget(here: cast.World) -> None:
    """What was added to Henk's gift goes back to be added to another one."""
    programme, (purse,) = street(here)
    sponsor = grant(here, amount_cents=50_000, percent=50)
    bench = cast.campaign(here, programme)
    give(purse, bench, 500)
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    assert newest("match returned") == [(Code.POTS, Code.BUDGET, 250)]
    assert balances(sponsor.fund_id) == {Code.BANK: 50_000, Code.BUDGET: 50_000}


@tells("campaign fails: donor", "… operator bears it: a settlement")
def test_sofie_gets_all_of_her_donation_back_and_the_operator_bears_the_fee(
    stripe: Stripe, here: cast.World
) -> None:
    """Sofie paid € 20,00 and gets € 20,00. Stripe keeps its € 0,35 all the same: the foundation pays that, over the bank."""
    bench = cast.campaign(here, cast.programme(here))
    donation = stripe.given(bench, 2_000, name="Sofie")
    closing.close_failed(campaign_id=bench.pk, now=NOW)
    assert newest("donations returned") == [(Code.POTS, Code.REFUNDS, 2_000)]
    assert newest("costs borne") == [
        (Code.OPERATOR_COSTS, Code.BANK, 35),
        (Code.BANK, Code.PAYMENT_COSTS, 35),
    ]
    donation.refresh_from_db()
    refunds.refund(donation=donation, now=NOW)
    assert newest("donation refunded") == [(Code.REFUNDS, Code.STRIPE_CLEARING, 2_000)]
    # Stripe will take the € 0,35 from the bank, where it lies ready.
    assert balances(cast.donations_fund(here)) == {Code.BANK: 35, Code.STRIPE_CLEARING: -35}
    own = books.fund_id_of_kind(organisation_id=here.operator.pk, kind=FundKind.OPERATOR)
    assert balances(own) == {Code.BANK: -35, Code.OPERATOR_COSTS: 35}


def of_the_foundation(here: cast.World) -> Grant:
    """Stichting Samen adds a quarter to every gift."""
    fund = Organisation.objects.create(kind=OrganisationKind.FOUNDATION, name="Stichting Samen", slug="samen")
    made = programmes.make_grant(
        organisation=fund,
        host=here.klinker,
        name="Een kwart erbij",
        amount_cents=30_000,
        match_percent=25,
        per_campaign_cents=100_000,
        matches_cheques=True,
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 12, 31),
        made_by=None,
        now=NOW,
    )
    cast.receive(30_000, reference=made.fund.funding_requests.get().reference)
    return made


@tells("campaign fails: purse", "campaign fails: match", "campaign fails: donor")
def test_a_campaign_paid_by_three_funds_and_two_donors_fails(stripe: Stripe, here: cast.World) -> None:
    """Two neighbours give € 5,00 and € 7,50, Henk pays € 20,00 and Sofie € 10,00; the municipality adds half to each gift and
    Stichting Samen a quarter. Together € 74,37 of € 100,00: not enough. Each of the four funds is as it was before.
    """
    programme, (first, second) = street(here, 2)
    half, quarter = grant(here, amount_cents=50_000, percent=50), of_the_foundation(here)
    bench = cast.campaign(here, programme)
    give(first, bench, 500)
    give(second, bench, 750)
    paid = [stripe.given(bench, 2_000, name="Henk"), stripe.given(bench, 1_000, name="Sofie")]
    bench.refresh_from_db()
    donated = cast.donations_fund(here)
    assert books.balances_by_key(keys=[bench.key], code=Code.POTS)[bench.key] == {
        programme.fund_id: 1_250,
        half.fund_id: 250 + 375 + 1_000 + 500,
        quarter.fund_id: 125 + 187 + 500 + 250,  # a quarter of € 7,50 is rounded down
        donated: 3_000,
    }
    assert (bench.given_cents, bench.times_given, bench.state) == (7_437, 12, State.COLLECTING)

    closing.close_failed(campaign_id=bench.pk, now=NOW)

    assert newest("gifts returned") == [(Code.POTS, Code.PURSES, 500), (Code.POTS, Code.PURSES, 750)]
    assert sorted(cents for _, _, cents in newest("match returned")) == [
        125,
        187,
        250,
        250,
        375,
        500,
        500,
        1_000,
    ]
    assert newest("donations returned") == [
        (Code.POTS, Code.REFUNDS, 2_000),
        (Code.POTS, Code.REFUNDS, 1_000),
    ]
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 98_500, Code.PURSES: 1_500}
    assert balances(half.fund_id) == {Code.BANK: 50_000, Code.BUDGET: 50_000}
    assert balances(quarter.fund_id) == {Code.BANK: 30_000, Code.BUDGET: 30_000}
    for donation in paid:
        donation.refresh_from_db()
        assert refunds.refund(donation=donation, now=NOW).state == Donation.State.REFUNDED
    assert balances(donated) == {Code.BANK: 70, Code.STRIPE_CLEARING: -70}
    failed = Campaign.objects.get(pk=bench.pk)
    assert (failed.state, failed.given_cents, failed.times_given) == (State.FAILED, 0, 0)
    assert set(failed.pledges.values_list("state", flat=True)) == {Pledge.State.RETURNED}
