"""From an entry to what is behind it, and the way of its euros in both directions."""

from collections.abc import Collection
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from books import closing
from books.evidence import Evidence, Name, Thing
from books.follow import Followed, Step, Stop, follow
from cheques import operations as cheques
from ledger import operations as ledger
from ledger import queries as books
from ledger import tracing
from ledger.chart import Code
from payments import payment_files
from payments.statements import import_statement, recognise
from tests import cast
from tests.books.road import Road, travelled
from tests.cast import NOW, TODAY
from tests.ledger.small_books import lines_of
from tests.standin import Stripe

pytestmark = pytest.mark.django_db


@pytest.fixture
def road(db: None) -> Road:
    return travelled()


def klinker(road: Road) -> list[int]:
    return [fund.pk for fund in books.funds_of(organisation_id=road.here.klinker.pk)]


def entry(road: Road, kind: str, fund_ids: Collection[int] | None = None) -> Any:
    """The first entry of a kind in De Klinker's funds."""
    return books.entries_of(fund_ids=fund_ids or klinker(road)).filter(kind=kind).order_by("pk")[0]


def followed(road: Road, kind: str) -> Followed:
    return follow(entry=entry(road, kind), fund_ids=klinker(road))


def seen(way: Collection[Step]) -> list[tuple[Stop, int, int]]:
    return [(step.stop, step.cents, step.times) for step in way]


def facts(evidence: Evidence) -> dict[Name, object]:
    return {fact.name: fact.value for fact in evidence.facts}


def test_a_gift_is_followed_from_the_deposit_to_the_receipt(road: Road) -> None:
    way = followed(road, "gift").way
    assert seen(way) == [
        (Stop.DEPOSIT, 10_000, 1),
        (Stop.ISSUED, 500, 1),
        (Stop.ACTIVATED, 500, 1),
        (Stop.GIFT, 500, 1),
        # De Klinker's part of the € 30,00: the municipality paid the rest.
        (Stop.PAID_OUT, 2_000, 1),
        (Stop.LEFT, 2_000, 1),
        (Stop.ACCOUNTED, 1_867, 1),
        (Stop.LEFTOVER, 133, 1),
    ]
    assert all(step.done and step.entry_id for step in way)
    labels = [step.label for step in way]
    assert labels[1] == "Uitgifte november"
    assert labels[3] == "Bank op het Irisplein"
    assert road.programme.fund.funding_requests.get().reference in labels[0]


def test_each_step_names_the_entry_where_it_happened(road: Road) -> None:
    by_stop = {step.stop: step.entry_id for step in followed(road, "gift").way}
    assert by_stop[Stop.ISSUED] == entry(road, "cheques issued").pk
    assert by_stop[Stop.GIFT] == entry(road, "gift").pk
    assert by_stop[Stop.ACCOUNTED] == entry(road, "receipt approved").pk


def test_a_payout_is_followed_back_over_all_cheques_of_the_pot(road: Road) -> None:
    for kind in ("payout approved", "bank payout", "receipt approved", "bank leftover"):
        assert seen(followed(road, kind).way)[:5] == [
            (Stop.DEPOSIT, 10_000, 1),
            (Stop.ISSUED, 2_000, 4),
            (Stop.ACTIVATED, 2_000, 4),
            (Stop.GIFT, 2_000, 4),
            (Stop.PAID_OUT, 2_000, 1),
        ]


def test_the_sponsor_sees_its_own_part_of_the_same_payout(road: Road) -> None:
    funds = [road.grant.fund_id]
    way = follow(entry=entry(road, "payout approved", funds), fund_ids=funds).way
    assert seen(way)[:3] == [(Stop.DEPOSIT, 5_000, 1), (Stop.MATCH, 1_000, 4), (Stop.PAID_OUT, 1_000, 1)]


def test_a_match_is_followed_by_itself_and_not_with_all_others(road: Road) -> None:
    funds = [road.grant.fund_id]
    way = follow(entry=entry(road, "match", funds), fund_ids=funds).way
    assert seen(way)[:3] == [(Stop.DEPOSIT, 5_000, 1), (Stop.MATCH, 250, 1), (Stop.PAID_OUT, 1_000, 1)]


def test_a_donation_comes_from_no_cheque(road: Road, stripe: Stripe) -> None:
    other = cast.campaign(road.here, road.programme, title="Bloembakken")
    stripe.given(other, 2_000)
    way = followed(road, "donation").way
    assert seen(way) == [(Stop.DONATION, 2_000, 1), (Stop.PAID_OUT, 0, 1), (Stop.ACCOUNTED, 0, 1)]
    (donation,) = followed(road, "donation").evidence
    assert (facts(donation)[Name.AMOUNT], facts(donation)[Name.FEE]) == (2_000, 35)
    assert "Henk" not in str(donation)


def test_a_stack_of_cheques_given_at_once_is_one_way(road: Road) -> None:
    other = cast.campaign(road.here, road.programme, title="Bloembakken")
    stack = list(road.run.cheques.filter(purse=None).values_list("pk", flat=True))
    purses = cheques.activate_all(cheque_ids=stack, now=NOW)
    givings = [cheques.Giving(purse.pk, other.pk, 300) for purse in purses]
    cheques.give_all(givings=givings, key="stack", now=NOW)
    newest = books.entries_of(fund_ids=klinker(road)).order_by("-pk")
    gift, activation = newest.filter(kind="gift")[0], newest.filter(kind="cheque activated")[0]
    assert seen(follow(entry=gift, fund_ids=klinker(road)).way)[:4] == [
        (Stop.DEPOSIT, 10_000, 1),
        (Stop.ISSUED, 1_000, 2),
        (Stop.ACTIVATED, 1_000, 2),
        (Stop.GIFT, 600, 2),
    ]
    assert seen(follow(entry=activation, fund_ids=klinker(road)).way)[0] == (Stop.DEPOSIT, 10_000, 1)


def test_a_run_is_followed_to_what_residents_did_with_it(road: Road) -> None:
    assert seen(followed(road, "cheques issued").way) == [
        (Stop.DEPOSIT, 10_000, 1),
        (Stop.ISSUED, 3_000, 6),
        (Stop.ACTIVATED, 2_000, 4),
        (Stop.GIFT, 2_000, 4),
    ]


def test_a_deposit_is_followed_to_what_it_was_used_for(road: Road) -> None:
    assert seen(followed(road, "bank funding").way) == [(Stop.DEPOSIT, 10_000, 1), (Stop.ISSUED, 3_000, 6)]


def test_what_is_still_to_come_is_said_so(road: Road) -> None:
    other = cast.campaign(road.here, road.programme, title="Bloembakken")
    purse = cheques.activate(cheque_id=road.run.cheques.filter(purse=None)[0].pk, now=NOW)
    given = cheques.give(purse_id=purse.pk, campaign_id=other.pk, amount_cents=200, key="x", now=NOW)
    of_gift, _of_match = tracing.places(keys=[other.key], codes=[Code.POTS])
    (line,) = lines_of(of_gift.account_id)
    found = books.entries_of(fund_ids=klinker(road)).get(pk=line.entry_id)
    way = follow(entry=found, fund_ids=klinker(road)).way
    assert given.left_cents == 300
    assert seen(way)[-3:] == [(Stop.GIFT, 200, 1), (Stop.PAID_OUT, 0, 1), (Stop.ACCOUNTED, 0, 1)]
    assert [step.done for step in way[-3:]] == [True, False, False]


def test_a_line_of_the_statement_stands_behind_a_deposit(road: Road) -> None:
    (line,) = followed(road, "bank funding").evidence
    assert line.thing is Thing.BANK_LINE
    assert facts(line)[Name.AMOUNT] == 10_000
    assert facts(line)[Name.COUNTERPARTY] == "De Klinker"


def test_behind_money_that_left_stand_the_statement_and_the_payout_with_both_people(road: Road) -> None:
    line, payout = followed(road, "bank payout").evidence
    assert facts(line)[Name.AMOUNT] == -3_000
    assert (payout.thing, facts(payout)[Name.IBAN]) == (Thing.PAYOUT, "NL91ABNA0417164300")
    assert payout.decision is not None
    assert (payout.decision.made_by, payout.decision.approved_by) == ("Karin", "Youssef")
    assert followed(road, "bank leftover").evidence[1] == payout


def test_a_receipt_has_its_picture_and_who_decided(road: Road) -> None:
    (receipt,) = followed(road, "receipt approved").evidence
    assert receipt.file_id == road.receipt.file_id
    assert receipt.decision is not None
    assert (receipt.decision.made_by, receipt.decision.approved_by) == ("Fatma", "Karin")


def test_a_match_explains_itself(road: Road) -> None:
    match, campaign = follow(
        entry=entry(road, "match", [road.grant.fund_id]), fund_ids=[road.grant.fund_id]
    ).evidence
    assert facts(match)[Name.PERCENT] == 50
    assert (facts(match)[Name.MATCHES], facts(match)[Name.AMOUNT]) == (500, 250)
    assert campaign.label == "Bank op het Irisplein"


def test_no_address_and_no_name_of_a_giver_stands_behind_an_entry(road: Road) -> None:
    for kind in ("gift", "cheque activated", "cheques issued"):
        assert "Irisplein 1" not in str(followed(road, kind))


def test_money_that_nobody_knows_has_its_line_and_goes_no_further(road: Road) -> None:
    import_statement(content=cast.statement(cast.line(1_500, remittance="??")), by=None, now=NOW)
    suspense = [fund.pk for fund in books.funds_of(organisation_id=road.here.operator.pk)]
    found = follow(entry=entry(road, "bank unknown", suspense), fund_ids=suspense)
    assert [facts(one)[Name.REMITTANCE] for one in found.evidence] == ["??"]
    assert found.way == ()


def test_money_that_was_recognised_says_by_whom_and_for_which_request(road: Road) -> None:
    content = cast.statement(cast.line(1_500, remittance="rest"))
    (imported,) = import_statement(content=content, by=None, now=NOW)
    request = road.programme.fund.funding_requests.get()
    recognise(line_id=imported.statement.lines.get().pk, request=request, by=road.here.thea, now=NOW)
    (line,) = followed(road, "bank line recognised").evidence
    assert (facts(line)[Name.RECOGNISED_BY], facts(line)[Name.ANSWERS]) == ("Thea", request.reference)


def test_a_reversal_has_the_evidence_of_what_it_reverses(road: Road) -> None:
    ledger.reverse(key="undo", entry_id=entry(road, "receipt approved").pk, now=NOW)
    assert followed(road, "reversal").evidence == followed(road, "receipt approved").evidence


@pytest.mark.parametrize(
    "kind", ["gift", "cheques issued", "payout approved", "receipt approved", "bank payout"]
)
def test_the_number_of_queries_does_not_grow_with_what_was_issued_and_given(road: Road, kind: str) -> None:
    """How many rows they read is not counted here: with so few, the plan hangs on the statistics of the moment."""

    def count() -> int:
        found, fund_ids = entry(road, kind), klinker(road)
        with CaptureQueriesContext(connection) as asked:
            follow(entry=found, fund_ids=fund_ids)
        return len(asked)

    before = count()
    cast.issued(road.here, road.programme, name="Uitgifte december")
    other = cast.campaign(road.here, road.programme, title="Bloembakken")
    for cheque in road.run.cheques.filter(purse=None):
        purse = cheques.activate(cheque_id=cheque.pk, now=NOW)
        for key in ("a", "b"):
            cheques.give(purse_id=purse.pk, campaign_id=other.pk, amount_cents=100, key=key, now=NOW)
    assert count() == before <= 15


def test_what_a_failed_campaign_gave_back_is_no_gift_of_the_run(road: Road) -> None:
    purse = cheques.activate(cheque_id=road.run.cheques.filter(purse=None)[0].pk, now=NOW)
    failing = cast.campaign(road.here, road.programme, target_cents=9_000, title="Te groot plan")
    other = cast.campaign(road.here, road.programme, title="Bloembakken")
    cheques.give(purse_id=purse.pk, campaign_id=failing.pk, amount_cents=500, key="a", now=NOW)
    closing.close_failed(campaign_id=failing.pk, now=failing.deadline)
    again = cheques.give(purse_id=purse.pk, campaign_id=other.pk, amount_cents=500, key="b", now=NOW)
    assert again.left_cents == 0
    activated, gift = followed(road, "cheques issued").way[-2:]
    assert seen([activated, gift]) == [(Stop.ACTIVATED, 2_500, 5), (Stop.GIFT, 2_500, 5)]


def test_a_payout_that_came_back_has_not_left_the_bank_and_sent_anew_has_left_it_once(road: Road) -> None:
    whole = followed(road, "gift").way
    end_to_end_id = road.payout.end_to_end_id
    back = cast.line(3_000, end_to_end_id=end_to_end_id, return_reason="AC04")
    import_statement(content=cast.statement(back), by=None, now=NOW)
    for kind in ("gift", "payout approved", "bank returned"):
        assert [step.stop for step in followed(road, kind).way] == [
            step.stop for step in whole if step.stop is not Stop.LEFT
        ]
    payment_files.make_run(execute_on=TODAY, by=road.here.thea, now=NOW)
    anew = cast.line(3_000, credit=False, end_to_end_id=end_to_end_id)
    import_statement(content=cast.statement(anew), by=None, now=NOW)
    again = followed(road, "gift").way
    assert seen(again) == seen(whole)
    assert next(step.code for step in again if step.stop is Stop.LEFT) == Code.BANK


def test_what_was_undone_is_no_stop_on_the_way(road: Road) -> None:
    before = [step.stop for step in followed(road, "gift").way]
    ledger.reverse(key="undo", entry_id=entry(road, "bank payout").pk, now=NOW)
    after = [step.stop for step in followed(road, "gift").way]
    assert after == [stop for stop in before if stop is not Stop.LEFT]
    assert len(after) == len(before) - 1
