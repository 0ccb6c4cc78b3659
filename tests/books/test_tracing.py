"""The euro followed from every end, against numbers that were worked out by hand (the story is in `two_roads`)."""

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from books import closing
from books.evidence import Fact, Name, evidence
from books.tracing import Unfollowable, follow, subject_of
from books.ways import Kind, Node, Ways, spread
from campaigns.models import Campaign
from cheques import operations as cheques
from cheques.models import Cheque, Purse
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from payments import payouts
from payments.models import BankLine
from payments.statements import import_statement, recognise
from tests import cast
from tests.books.two_roads import Roads, hand_in, show, travelled
from tests.cast import NOW
from tests.standin import Stripe

pytestmark = pytest.mark.django_db

SUBJECTS = [
    "fund a",
    "fund b",
    "grant",
    "run a",
    "bench",
    "boxes",
    "payout",
    "receipt",
    "donation",
    "deposit",
]


@pytest.fixture
def roads(db: None, stripe: Stripe) -> Roads:
    return travelled(stripe)


def ways(kind: Kind, id: int, fund_ids: list[int] | None = None) -> Ways:
    found = follow(subject=subject_of(kind=kind, id=id), fund_ids=fund_ids)
    assert_balanced(found)
    return found


def assert_balanced(found: Ways) -> None:
    """What enters a stop is what leaves it, and what began is what is at the ends."""
    into: dict[Node, int] = {}
    out: dict[Node, int] = {}
    for edge in found.edges:
        assert edge.cents > 0
        out[edge.start] = out.get(edge.start, 0) + edge.cents
        into[edge.end] = into.get(edge.end, 0) + edge.cents
    for node, cents in found.passing.items():
        assert into.get(node, cents) == cents == out.get(node, cents), node
    begun = sum(cents for node, cents in out.items() if node not in into)
    assert begun == sum(cents for node, cents in into.items() if node not in out) == found.cents


def of(found: Ways, kind: Kind) -> dict[int, int]:
    return {node.id: cents for node, cents in found.of(kind)}


def subject(roads: Roads, name: str) -> tuple[Kind, int]:
    deposit = BankLine.objects.filter(funding_request__fund=roads.a.fund_id).order_by("pk")[0]
    return {
        "fund a": (Kind.FUND, roads.a.fund_id),
        "fund b": (Kind.FUND, roads.b.fund_id),
        "grant": (Kind.FUND, roads.grant.fund_id),
        "run a": (Kind.RUN, roads.run_a.pk),
        "bench": (Kind.CAMPAIGN, roads.bench.pk),
        "boxes": (Kind.CAMPAIGN, roads.boxes.pk),
        "payout": (Kind.PAYOUT, roads.bench_payout.pk),
        "receipt": (Kind.RECEIPT, roads.first.pk),
        "donation": (Kind.DONATION, roads.henk.pk),
        "deposit": (Kind.DEPOSIT, deposit.pk),
    }[name]


def test_a_receipt_is_followed_back_to_the_programmes_and_donations_that_paid_it(roads: Roads) -> None:
    found = ways(Kind.RECEIPT, roads.first.pk)
    # € 25,00 over 20,00 + 15,00 + 5,00 + 9,30: the odd cents to B (.649) and to the donations (.602).
    assert of(found, Kind.FUND) == {roads.a.fund_id: 1_014, roads.b.fund_id: 761, roads.grant.fund_id: 253}
    # € 4,72 of the donations over 7,00 and 3,00.
    assert of(found, Kind.DONATION) == {roads.henk.pk: 330, roads.ria.pk: 142}
    assert of(found, Kind.RUN) == {roads.run_a.pk: 1_014, roads.run_b.pk: 761}
    assert of(found, Kind.PAYOUT) == {roads.bench_payout.pk: 2_500}
    assert found.cents == 2_500


def test_what_a_fund_put_in_is_of_all_its_deposits(roads: Roads) -> None:
    found = ways(Kind.RECEIPT, roads.first.pk)
    first, second = BankLine.objects.filter(funding_request__fund=roads.a.fund_id).order_by("pk")
    deposits = of(found, Kind.DEPOSIT)
    # € 10,14 over € 60,00 and € 40,00.
    assert (deposits[first.pk], deposits[second.pk]) == (608, 406)
    assert found.known(Node(Kind.DEPOSIT, first.pk)).entry_id == first.entry_id


def test_a_later_receipt_takes_from_what_the_first_left(roads: Roads) -> None:
    found = ways(Kind.RECEIPT, roads.second.pk)
    assert of(found, Kind.FUND) == {roads.a.fund_id: 501, roads.b.fund_id: 375, roads.grant.fund_id: 125}
    assert of(found, Kind.DONATION) == {roads.henk.pk: 163, roads.ria.pk: 70}


def test_a_receipt_counts_for_what_was_paid_out(roads: Roads) -> None:
    assert ways(Kind.RECEIPT, roads.third.pk).cents == 1_000


def test_a_receipt_that_nobody_approved_was_paid_by_nobody_yet(roads: Roads) -> None:
    waiting = hand_in(roads.here, roads.bench, 500, "Verfwinkel")
    assert ways(Kind.RECEIPT, waiting.pk).strands == ()


def test_a_campaign_is_followed_both_ways(roads: Roads) -> None:
    found = ways(Kind.CAMPAIGN, roads.bench.pk)
    assert found.cents == 5_000
    assert of(found, Kind.RUN) == {roads.run_a.pk: 2_000, roads.run_b.pk: 1_500}
    assert of(found, Kind.MATCH) == {roads.grant.fund_id: 500}
    assert of(found, Kind.DONATION) == {roads.henk.pk: 700, roads.ria.pk: 300}
    assert of(found, Kind.COSTS) == {0: 70}
    assert of(found, Kind.PAYOUT) == {roads.bench_payout.pk: 4_930}
    assert of(found, Kind.RECEIPT) == {roads.first.pk: 2_500, roads.second.pk: 1_234}
    # What is left of donations stays in the neighbourhood.
    assert of(found, Kind.LEFTOVER) == {
        roads.a.fund_id: 81,
        roads.b.fund_id: 61,
        roads.grant.fund_id: 20,
    }
    assert of(found, Kind.LEFTOVER_KEPT) == {0: 38}
    assert of(found, Kind.WAITING) == {0: 996}


def test_a_payout_is_followed_to_its_receipts_and_back_to_who_paid_it(roads: Roads) -> None:
    found = ways(Kind.PAYOUT, roads.bench_payout.pk)
    assert found.cents == roads.bench_payout.amount_cents == 4_930
    assert of(found, Kind.DONATION) == {roads.henk.pk: 651, roads.ria.pk: 279}
    assert of(found, Kind.RECEIPT) == {roads.first.pk: 2_500, roads.second.pk: 1_234}


def test_a_donation_is_followed_to_the_receipts_that_it_paid_for(roads: Roads) -> None:
    found = ways(Kind.DONATION, roads.henk.pk)
    assert of(found, Kind.RECEIPT) == {roads.first.pk: 330, roads.second.pk: 163}
    assert of(found, Kind.COSTS) == {0: 49}
    assert of(found, Kind.LEFTOVER_KEPT) == {0: 27}
    assert of(found, Kind.WAITING) == {0: 131}
    assert found.cents == 700
    assert found.known(Node(Kind.DONATION, roads.henk.pk)).entry_id is not None


def test_a_budget_is_followed_through_cheques_and_campaigns_to_receipts(roads: Roads) -> None:
    found = ways(Kind.FUND, roads.a.fund_id)
    assert found.cents == 10_000
    assert [cents for _id, cents in sorted(of(found, Kind.DEPOSIT).items())] == [6_000, 4_000]
    assert of(found, Kind.RUN) == {roads.run_a.pk: 4_000}
    assert of(found, Kind.UNISSUED) == {0: 6_000}
    assert of(found, Kind.OUTSTANDING) == {0: 500}
    assert of(found, Kind.IN_PURSES) == {0: 500}
    assert of(found, Kind.CAMPAIGN) == {roads.bench.pk: 2_000, roads.boxes.pk: 1_000}
    # Of the three receipts 10,14 and 5,01 and 10,00 are of this fund.
    assert of(found, Kind.RECEIPTS) == {0: 2_515}
    assert of(found, Kind.LEFTOVER) == {roads.a.fund_id: 81}
    assert of(found, Kind.WAITING) == {0: 404}


def test_the_ends_of_a_budget_are_the_balances_in_the_books(roads: Roads) -> None:
    found = ways(Kind.FUND, roads.a.fund_id)
    totals = books.totals_by_code(fund_id=roads.a.fund_id)
    assert of(found, Kind.UNISSUED)[0] == totals[Code.BUDGET]
    assert of(found, Kind.OUTSTANDING)[0] == totals[Code.CHEQUES]
    assert of(found, Kind.IN_PURSES)[0] == totals[Code.PURSES]
    assert of(found, Kind.LEFTOVER)[roads.a.fund_id] == totals[Code.TO_RETURN]
    assert of(found, Kind.WAITING)[0] == totals[Code.UNACCOUNTED]


def test_what_expired_and_was_issued_again_is_told_apart(roads: Roads) -> None:
    cast.issued(roads.here, roads.a, name="Tweede uitgifte")
    # Of the first run one cheque, of the second all eight, and the six of programme B.
    assert cheques.expire(now=roads.run_a.activate_before) == 1 + 8 + 6
    run = ways(Kind.RUN, roads.run_a.pk)
    assert (run.cents, of(run, Kind.EXPIRED)) == (4_000, {int(Code.BUDGET): 500})
    cast.issued(roads.here, roads.a, name="Derde uitgifte")
    found = ways(Kind.FUND, roads.a.fund_id)
    # Three times € 40,00 was issued of € 100,00: € 20,00 of it for the second time.
    assert (found.cents, of(found, Kind.AGAIN)) == (12_000, {0: 2_000})
    assert (of(found, Kind.EXPIRED), of(found, Kind.UNISSUED)) == ({int(Code.BUDGET): 4_500}, {})
    assert books.totals_by_code(fund_id=roads.a.fund_id)[Code.BUDGET] == 4_500 - 2_000


def test_a_run_is_followed_to_what_residents_did_with_it(roads: Roads) -> None:
    found = ways(Kind.RUN, roads.run_a.pk)
    assert found.cents == 4_000
    assert of(found, Kind.PURSES) == {roads.run_a.pk: 3_500}
    assert of(found, Kind.CAMPAIGN) == {roads.bench.pk: 2_000, roads.boxes.pk: 1_000}


def test_a_line_of_the_bank_is_followed_as_what_it_is(roads: Roads) -> None:
    second = BankLine.objects.filter(funding_request__fund=roads.a.fund_id).order_by("-pk")[0]
    found = ways(Kind.DEPOSIT, second.pk)
    assert (found.subject, found.cents) == (Node(Kind.DEPOSIT, second.pk), 4_000)
    for kind in (BankLine.Kind.PAYOUT, BankLine.Kind.LEFTOVER):
        line = BankLine.objects.filter(kind=kind).order_by("pk")[0]
        assert subject_of(kind=Kind.DEPOSIT, id=line.pk).node == Node(Kind.PAYOUT, roads.bench_payout.pk)
    with pytest.raises(Unfollowable):
        subject_of(kind=Kind.DEPOSIT, id=BankLine.objects.get(kind=BankLine.Kind.STRIPE).pk)


def test_money_that_was_recognised_later_is_a_deposit(roads: Roads) -> None:
    content = cast.statement(cast.line(1_500, remittance="rest"))
    (imported,) = import_statement(content=content, by=None, now=NOW)
    request = roads.a.fund.funding_requests.get()
    line = recognise(line_id=imported.statement.lines.get().pk, request=request, by=roads.here.thea, now=NOW)
    assert ways(Kind.DEPOSIT, line.pk).cents == 1_500


def test_of_others_only_how_much_each_put_in_is_told(roads: Roads) -> None:
    own = [fund.pk for fund in books.funds_of(organisation_id=roads.municipality.pk)]
    found = ways(Kind.RECEIPT, roads.first.pk, own)
    assert of(found, Kind.FUND) == {roads.grant.fund_id: 253}
    others = of(found, Kind.OTHER_FUND)
    assert others[roads.a.fund_id] == 1_014
    assert others[cast.donations_fund(roads.here)] == 472
    assert found.of(Kind.RUN) == found.of(Kind.DONATION) == []
    assert found.known(Node(Kind.OTHER_FUND, roads.a.fund_id)).label == "Woonstichting De Klinker"


def test_what_is_not_there_cannot_be_followed(roads: Roads) -> None:
    for kind in (Kind.RUN, Kind.CAMPAIGN, Kind.PAYOUT, Kind.RECEIPT, Kind.DONATION, Kind.DEPOSIT):
        with pytest.raises(ObjectDoesNotExist):
            subject_of(kind=kind, id=987_654)


def test_what_a_reversal_undid_did_not_happen(roads: Roads) -> None:
    (entry,) = books.entries_by_source(source=f"receipt:{roads.first.pk}")
    ledger.reverse(key="undo", entry_id=entry.pk, now=NOW)
    assert ways(Kind.RECEIPT, roads.first.pk).strands == ()
    bench = ways(Kind.CAMPAIGN, roads.bench.pk)
    assert of(bench, Kind.RECEIPT) == {roads.second.pk: 1_234}
    assert of(bench, Kind.WAITING) == {0: 996 + 2_500}


def kept(roads: Roads) -> Purse:
    """Of the neighbour who keeps her cheque."""
    return Purse.objects.filter(cheque__run=roads.run_a).order_by("-pk")[0]


def test_a_payout_that_was_taken_back_is_in_the_pot_again(roads: Roads) -> None:
    other = cast.campaign(roads.here, roads.a, target_cents=500, title="Winterlichtjes")
    cheques.give(purse_id=kept(roads).pk, campaign_id=other.pk, amount_cents=500, key="g", now=NOW)
    payout = payouts.propose(campaign_id=other.pk, by=roads.here.karin, now=NOW)
    payouts.approve(payout_id=payout.pk, by=roads.here.youssef, now=NOW)
    assert of(ways(Kind.CAMPAIGN, other.pk), Kind.PAYOUT) == {payout.pk: 500}
    payouts.withdraw(payout_id=payout.pk, by=roads.here.karin, reason="rekening", now=NOW)
    for entry in books.entries_by_source(source=f"payout:{payout.pk}"):
        (told,) = evidence(entry)
        assert Fact(Name.REASON, "rekening") in told.facts
    again = ways(Kind.CAMPAIGN, other.pk)
    assert (of(again, Kind.PAYOUT), of(again, Kind.IN_POT)) == ({}, {0: 500})


def test_what_a_failed_campaign_gave_back_is_told_there_and_was_never_given_elsewhere(
    roads: Roads, stripe: Stripe
) -> None:
    before = ways(Kind.FUND, roads.a.fund_id)
    failing = cast.campaign(roads.here, roads.a, target_cents=9_000, title="Te groot plan")
    cheques.give(purse_id=kept(roads).pk, campaign_id=failing.pk, amount_cents=500, key="g", now=NOW)
    stripe.given(failing, 1_000)
    closing.close_failed(campaign_id=failing.pk, now=failing.deadline)
    assert Campaign.objects.get(pk=failing.pk).state == "failed"
    found = ways(Kind.CAMPAIGN, failing.pk)
    # The cheque, the donation and what the municipality added to it.
    assert of(found, Kind.GIVEN_BACK) == {0: 500 + 1_000 + 500}
    assert ways(Kind.FUND, roads.a.fund_id).passing == before.passing


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_number_of_queries_does_not_grow(roads: Roads, stripe: Stripe, name: str) -> None:
    kind, id = subject(roads, name)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            follow(subject=subject_of(kind=kind, id=id))
        return len(asked)

    before = count()
    lights = cast.campaign(roads.here, roads.a, target_cents=5_000, title="Winterlichtjes")
    for cheque in roads.run_b.cheques.filter(purse=None):
        purse = cheques.activate(cheque_id=cheque.pk, now=NOW)
        cheques.give(purse_id=purse.pk, campaign_id=lights.pk, amount_cents=100, key="g", now=NOW)
    stripe.given(lights, 500)
    show(roads.here, roads.bench, 100, "Kassa")
    cast.receive(1_000, reference=roads.a.fund.funding_requests.get().reference)
    assert count() == before <= 16


def test_cheques_are_added_up_where_they_lie(roads: Roads) -> None:
    """However many a fund has, none is brought here to be asked about: the questions stay as long as they were."""

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            follow(subject=subject_of(kind=Kind.FUND, id=roads.a.fund_id))
        return sum(len(query["sql"]) for query in queries)

    before = asked()
    cast.receive(40_000, reference=roads.a.fund.funding_requests.get().reference)
    for number in range(10):
        run = cast.issued(roads.here, roads.a, name=f"Ronde {number}")
        cheques.activate(cheque_id=run.cheques.order_by("pk")[0].pk, now=NOW)
    assert Cheque.objects.filter(run__rules__programme__fund=roads.a.fund_id).count() > 80
    assert asked() < before + 500  # the ten runs have names


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_picture_with_little_room_loses_no_cent(roads: Roads, name: str) -> None:
    kind, id = subject(roads, name)
    whole = ways(kind, id)
    small = whole.folded(1)
    assert_balanced(small)
    assert small.cents == whole.cents
    assert (whole.subject in whole.passing) == (whole.subject in small.passing)


@given(st.data())
def test_a_spread_keeps_the_sums_of_its_rows_and_columns(data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
    columns: list[int] = []
    for _ in range(data.draw(st.integers(0, 5))):
        columns.append(data.draw(st.integers(0, sum(rows) - sum(columns))))
    parts = spread(rows, columns)
    assert [sum(part) for part in parts] == columns
    used = [sum(part[row] for part in parts) for row in range(len(rows))]
    assert all(0 <= taken <= cents for taken, cents in zip(used, rows, strict=True))
    # Nothing that comes later changes an earlier split.
    assert spread(rows, columns[:-1]) == parts[:-1]
