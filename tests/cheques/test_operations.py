"""Cheques and purses: activate, give, freeze, expire, take back."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from campaigns import operations as campaigns
from campaigns import pledges
from campaigns.models import Pledge, State
from cheques import operations as cheques
from cheques.models import Cheque, ChequeRun, Freeze, Purse
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from programmes import operations as programmes
from programmes.models import Programme
from tests import cast
from tests.books.soundness import assert_sound
from tests.cast import NOW
from tests.crowd import at_once, kinds


def street(count: int, *, budget_cents: int = 100_000) -> tuple[cast.World, Programme, ChequeRun]:
    """De Klinker has sent a cheque of € 7,50 to so many houses on the Irisplein."""
    here = cast.world()
    cast.dwellings(here, count)
    programme = cast.funded(here, budget_cents=budget_cents)
    return here, programme, cast.issued(here, programme)


def first(run: ChequeRun) -> Cheque:
    return run.cheques.order_by("pk")[0]


def activated(run: ChequeRun) -> Purse:
    return cheques.activate(cheque_id=first(run).pk, now=NOW)


# Activating


@pytest.mark.django_db
def test_a_cheque_becomes_a_purse() -> None:
    _here, programme, run = street(2)
    cheque = first(run)

    purse = cheques.activate(cheque_id=cheque.pk, now=NOW)

    cheque.refresh_from_db()
    assert (cheque.state, cheque.activated_at, cheque.purse) == (Cheque.State.ACTIVATED, NOW, purse)
    assert (purse.fund_id, purse.valid_until) == (programme.fund_id, run.valid_until)
    (entry,) = books.entries_by_source(source=f"cheque:{cheque.pk}")
    (transfer,) = books.transfers_of(entry_ids=[entry.pk])
    assert (transfer.debit_id, transfer.credit_id, transfer.amount_cents) == (
        cheque.account_id,
        purse.account_id,
        750,
    )
    assert books.balances([cheque.account_id, purse.account_id]) == {
        cheque.account_id: 0,
        purse.account_id: 750,
    }
    assert books.total(code=Code.CHEQUES) == 750
    assert_sound()


@pytest.mark.django_db
def test_what_stands_in_the_way_is_named() -> None:
    here, _programme, run = street(5)
    used, late, stopped, revoked, good = run.cheques.order_by("pk")
    cheques.activate(cheque_id=used.pk, now=NOW)
    with pytest.raises(cheques.AlreadyActivated) as refusal:
        cheques.activate(cheque_id=used.pk, now=NOW)
    assert refusal.value.cheque_id == used.pk
    with pytest.raises(cheques.Expired) as expired:
        cheques.activate(cheque_id=late.pk, now=run.activate_before)
    assert expired.value.on == run.activate_before
    cheques.set_frozen(cheque_id=stopped.pk, frozen=True, reason="Brief gestolen", by=here.karin, now=NOW)
    with pytest.raises(cheques.Frozen):
        cheques.activate(cheque_id=stopped.pk, now=NOW)
    Cheque.objects.filter(pk=revoked.pk).update(state=Cheque.State.VOIDED)
    with pytest.raises(cheques.Voided):
        cheques.activate(cheque_id=revoked.pk, now=NOW)
    # One that cannot stops the whole stack.
    with pytest.raises(cheques.AlreadyActivated):
        cheques.activate_all(cheque_ids=[good.pk, used.pk], now=NOW)
    good.refresh_from_db()
    assert (good.state, Purse.objects.count()) == (Cheque.State.MADE, 1)
    just_in_time = run.activate_before - timedelta(seconds=1)
    assert cheques.activate(cheque_id=good.pk, now=just_in_time).opened_at == just_in_time


@pytest.mark.django_db
def test_a_stack_is_one_entry_and_its_purses_come_in_its_order() -> None:
    _here, _programme, run = street(4)
    ids = list(run.cheques.order_by("-pk").values_list("pk", flat=True))
    purses = cheques.activate_all(cheque_ids=ids, now=NOW)
    assert [purse.cheque.pk for purse in Purse.objects.order_by("pk")] == ids
    assert [purse.pk for purse in purses] == list(Purse.objects.order_by("pk").values_list("pk", flat=True))
    (entry,) = books.entries_by_source(source=f"cheque:{ids[0]}")
    assert books.transfers_of(entry_ids=[entry.pk]).count() == 4
    assert_sound()


@pytest.mark.django_db
def test_activating_takes_as_many_queries_for_a_hundred_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _here, _programme, run = street(102)
    ids = list(run.cheques.order_by("pk").values_list("pk", flat=True))
    for stack in (ids[:1], ids[1:102]):
        # Four savepoints, the cheques, their accounts looked up and opened, the posting, the purses, the cheques.
        with django_assert_num_queries(10):
            cheques.activate_all(cheque_ids=stack, now=NOW)


@pytest.mark.django_db
def test_the_database_refuses_an_activated_cheque_without_a_purse() -> None:
    _here, _programme, run = street(1)
    with pytest.raises(IntegrityError, match="cheque_activated_has_a_purse"), transaction.atomic():
        run.cheques.update(state=Cheque.State.ACTIVATED)


def test_of_fifty_with_the_same_letter_one_wins(own_database: str) -> None:
    _here, _programme, run = street(1)
    cheque = first(run)
    outcomes = at_once(*[lambda: cheques.activate(cheque_id=cheque.pk, now=NOW)] * 50)
    assert kinds(outcomes) == ["AlreadyActivated"] * 49 + ["Purse"]
    assert (books.total(code=Code.PURSES), books.total(code=Code.CHEQUES)) == (750, 0)
    assert_sound()


def test_stacks_that_share_a_letter_in_other_orders_end_with_one_that_won(own_database: str) -> None:
    _here, _programme, run = street(6)
    ids = list(run.cheques.order_by("pk").values_list("pk", flat=True))
    stacks = [ids, ids[::-1], ids[2:4], ids[3:1:-1]]
    outcomes = at_once(
        *(lambda stack=stack: cheques.activate_all(cheque_ids=stack, now=NOW) for stack in stacks)
    )
    assert kinds(outcomes) == ["AlreadyActivated"] * 3 + ["list"]
    assert_sound()


# Giving


@pytest.mark.django_db
def test_a_purse_gives_a_part_and_keeps_the_rest() -> None:
    here, programme, run = street(1)
    purse = activated(run)
    campaign = cast.campaign(here, programme)

    given = cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=500, key="first", now=NOW)

    assert (given.pledge.amount_cents, given.left_cents) == (500, 250)
    assert (books.balance(purse.account_id), books.total(code=Code.POTS)) == (250, 500)
    again = cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=500, key="first", now=NOW)
    assert (again.pledge, again.left_cents) == (given.pledge, 250)
    rest = cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=250, key="second", now=NOW)
    assert rest.left_cents == 0
    assert_sound()


@pytest.mark.django_db
def test_a_gift_is_cut_to_the_room_and_the_rest_stays_in_the_purse() -> None:
    here, programme, run = street(1)
    purse = activated(run)
    campaign = cast.campaign(here, programme, target_cents=400)
    given = cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=750, key="first", now=NOW)
    assert (given.pledge.amount_cents, given.left_cents) == (400, 350)
    with pytest.raises(pledges.TakesNoGifts) as refusal:
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=350, key="second", now=NOW)
    assert refusal.value.state == State.REACHED
    assert books.balance(purse.account_id) == 350


@pytest.mark.django_db
@pytest.mark.parametrize("amount_cents", [751, 0, -100])
def test_more_than_there_is_and_less_than_a_cent_are_refused(amount_cents: int) -> None:
    here, programme, run = street(1)
    purse = activated(run)
    campaign = cast.campaign(here, programme)
    with pytest.raises(cheques.PurseTooSmall) as refusal:
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=amount_cents, key="x", now=NOW)
    assert (refusal.value.purse_id, refusal.value.amount_cents) == (purse.pk, amount_cents)
    assert not Pledge.objects.exists()


@pytest.mark.django_db
def test_two_gifts_of_one_moment_together_may_not_exceed_the_purse() -> None:
    here, programme, run = street(1)
    purse = activated(run)
    benches = [cast.campaign(here, programme, title=f"Bank {number}") for number in range(2)]
    givings = [cheques.Giving(purse.pk, bench.pk, 400) for bench in benches]
    with pytest.raises(cheques.PurseTooSmall) as refusal:
        cheques.give_all(givings=givings, key="x", now=NOW)
    assert (refusal.value.amount_cents, refusal.value.balance_cents) == (800, 750)
    made = cheques.give_all(
        givings=[cheques.Giving(purse.pk, bench.pk, 300) for bench in benches], key="x", now=NOW
    )
    assert [pledge.campaign for pledge in made] == benches
    assert_sound()


@pytest.mark.django_db
def test_a_purse_whose_programme_ended_or_that_was_stopped_gives_nothing() -> None:
    here, programme, run = street(1)
    purse = activated(run)
    campaign = cast.campaign(here, programme)
    with pytest.raises(cheques.PurseExpired) as expired:
        cheques.give(
            purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=100, key="x", now=purse.valid_until
        )
    assert (expired.value.purse_id, expired.value.on) == (purse.pk, run.valid_until)
    cheques.set_frozen(
        cheque_id=first(run).pk, frozen=True, reason="Twee keer gemeld", by=here.karin, now=NOW
    )
    with pytest.raises(cheques.Frozen):
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=100, key="x", now=NOW)
    cheques.set_frozen(cheque_id=first(run).pk, frozen=False, reason="Opgelost", by=here.youssef, now=NOW)
    assert (
        cheques.give(
            purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=100, key="x", now=NOW
        ).left_cents
        == 650
    )
    assert [(row.frozen, row.reason, row.made_by) for row in Freeze.objects.order_by("pk")] == [
        (True, "Twee keer gemeld", here.karin),
        (False, "Opgelost", here.youssef),
    ]


@pytest.mark.django_db
def test_what_is_stopped_already_is_not_stopped_again() -> None:
    here, _programme, run = street(1)
    for by, frozen in ((here.karin, True), (here.youssef, True), (here.karin, False), (here.youssef, False)):
        cheque = cheques.set_frozen(cheque_id=first(run).pk, frozen=frozen, reason="Weg", by=by, now=NOW)
        assert cheque.frozen == frozen
    assert list(Freeze.objects.order_by("pk").values_list("frozen", "made_by")) == [
        (True, here.karin.pk),
        (False, here.karin.pk),
    ]


@pytest.mark.django_db
def test_giving_from_a_purse_takes_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    here, programme, run = street(3)
    purses = cheques.activate_all(cheque_ids=[cheque.pk for cheque in run.cheques.order_by("pk")], now=NOW)
    campaign = cast.campaign(here, programme)
    cheques.give(purse_id=purses[0].pk, campaign_id=campaign.pk, amount_cents=100, key="x", now=NOW)
    for purse in purses[1:]:
        # The eleven of a pledge, four more savepoints, the purse, the host, the key, its balance before and after.
        with django_assert_num_queries(20):
            cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=100, key="x", now=NOW)


@pytest.mark.django_db
def test_the_money_of_one_host_does_not_go_to_a_campaign_of_another() -> None:
    here, programme, run = street(1)
    purse = activated(run)
    mine = cast.campaign(here, programme)
    there = cast.elsewhere(here)
    stranger = cast.campaign(there, cast.programme(there), title="Fontein")
    for wanted in ([stranger], [mine, stranger]):
        givings = [cheques.Giving(purse.pk, campaign.pk, 100) for campaign in wanted]
        with pytest.raises(cheques.OtherHost) as refusal:
            cheques.give_all(givings=givings, key="x", now=NOW)
        assert (refusal.value.purse_id, refusal.value.campaign_id) == (purse.pk, stranger.pk)
    assert books.balance(purse.account_id) == 750
    # Another programme of the same host is no stranger.
    Programme.objects.filter(pk=programme.pk).update(name="Buurtcheques 2025")
    ours = cast.campaign(here, cast.programme(here), title="Plantenbakken")
    given = cheques.give(purse_id=purse.pk, campaign_id=ours.pk, amount_cents=100, key="y", now=NOW)
    assert given.left_cents == 650
    assert_sound()


def test_who_presses_give_ten_times_has_given_once(own_database: str) -> None:
    here, programme, run = street(1)
    purse = activated(run)
    campaign = cast.campaign(here, programme)
    outcomes = at_once(
        *[
            lambda: cheques.give(
                purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=300, key="form 1", now=NOW
            )
        ]
        * 10
    )
    assert kinds(outcomes) == ["Given"] * 10
    assert len({given.pledge.pk for given in outcomes if isinstance(given, cheques.Given)}) == 1
    assert books.balance(purse.account_id) == 450
    assert_sound()


def test_who_gives_in_many_windows_never_gives_more_than_there_is(own_database: str) -> None:
    here, programme, run = street(1)
    purse = activated(run)
    benches = [cast.campaign(here, programme, title=f"Bank {number}") for number in range(3)]
    outcomes = at_once(
        *(
            lambda number=number: cheques.give(
                purse_id=purse.pk,
                campaign_id=benches[number % 3].pk,
                amount_cents=200,
                key=str(number),
                now=NOW,
            )
            for number in range(9)
        )
    )
    assert kinds(outcomes) == ["Given"] * 3 + ["PurseTooSmall"] * 6
    assert books.balance(purse.account_id) == 150
    assert_sound()


# Taking back and expiring


@pytest.mark.django_db
def test_what_was_given_to_a_failed_campaign_is_in_the_purses_again() -> None:
    here, programme, run = street(2)
    one, two = cheques.activate_all(cheque_ids=[cheque.pk for cheque in run.cheques.order_by("pk")], now=NOW)
    campaign = cast.campaign(here, programme)
    cheques.give(purse_id=one.pk, campaign_id=campaign.pk, amount_cents=700, key="x", now=NOW)
    cheques.give(purse_id=two.pk, campaign_id=campaign.pk, amount_cents=300, key="x", now=NOW)
    campaigns.fail(campaign_id=campaign.pk, now=NOW)
    assert cheques.take_back_released(campaign_id=campaign.pk, now=NOW) == 2
    assert cheques.take_back_released(campaign_id=campaign.pk, now=NOW) == 0
    assert [books.balance(purse.account_id) for purse in (one, two)] == [750, 750]
    campaign.refresh_from_db()
    assert (campaign.state, campaign.given_cents, campaign.times_given) == (State.FAILED, 0, 0)
    assert_sound()


@pytest.mark.django_db
def test_late_cheques_go_back_to_the_budget_and_activated_ones_stay() -> None:
    _here, _programme, run = street(4)
    purse = activated(run)
    assert cheques.expire(now=run.activate_before - timedelta(seconds=1)) == 0
    assert cheques.expire(now=run.activate_before) == 3
    assert cheques.expire(now=run.activate_before) == 0
    assert (books.total(code=Code.CHEQUES), books.balance(purse.account_id)) == (0, 750)
    assert books.total(code=Code.BUDGET) == 100_000 - 750
    assert sorted(run.cheques.values_list("state", flat=True)) == [
        "activated",
        "expired",
        "expired",
        "expired",
    ]
    with pytest.raises(cheques.Expired):
        cheques.activate(cheque_id=run.cheques.filter(state="expired")[0].pk, now=run.activate_before)
    assert_sound()


@pytest.mark.django_db
def test_after_a_programme_closed_late_cheques_go_back_to_the_funder() -> None:
    _here, programme, run = street(2)
    Programme.objects.filter(pk=programme.pk).update(closed_at=NOW)
    assert cheques.expire(now=run.activate_before) == 2
    assert (books.total(code=Code.TO_RETURN), books.total(code=Code.BUDGET)) == (1_500, 98_500)
    assert_sound()


@pytest.mark.django_db
def test_expiring_goes_in_lots_and_each_programme_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    here, _programme, run = street(5)
    other = programmes.make_programme(
        organisation=here.klinker,
        name="Buurtcheques 2027",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 6, 30),
        budget_cents=10_000,
        rules=programmes.RuleSet(cheque_value_cents=200),
        made_by=here.karin,
        now=NOW,
    )
    cast.receive(10_000, reference=other.fund.funding_requests.get().reference)
    cast.issued(here, other)
    monkeypatch.setattr(cheques, "EXPIRE_AT_ONCE", 3)
    assert cheques.expire(now=run.activate_before) == 10
    assert books.total(code=Code.BUDGET, fund_ids=[other.fund_id]) == 10_000
    assert books.total(code=Code.BUDGET) == 110_000
    assert_sound()


def test_a_cheque_that_is_activated_while_it_expires_does_one_of_both(own_database: str) -> None:
    _here, _programme, run = street(6)
    just_in_time = run.activate_before - timedelta(seconds=1)
    ids = list(run.cheques.order_by("pk").values_list("pk", flat=True))
    outcomes = at_once(
        lambda: cheques.expire(now=run.activate_before),
        lambda: cheques.expire(now=run.activate_before),
        *(lambda pk=pk: cheques.activate(cheque_id=pk, now=just_in_time) for pk in ids),
    )
    expired = sum(outcome for outcome in outcomes[:2] if isinstance(outcome, int))
    won = [outcome for outcome in outcomes[2:] if isinstance(outcome, Purse)]
    assert expired + len(won) + run.cheques.filter(state="made").count() == 6
    assert not {type(outcome) for outcome in outcomes[2:]} - {Purse, cheques.Expired}
    assert books.total(code=Code.PURSES) == 750 * len(won)
    assert_sound()


@pytest.mark.django_db
def test_the_books_are_the_last_guard_of_a_purse() -> None:
    """Without the operation's own look at the balance the ledger still refuses."""
    here, programme, run = street(1)
    purse = activated(run)
    campaign = cast.campaign(here, programme)
    pot = ledger.account(fund_id=programme.fund_id, code=Code.POTS, key=campaign.key)
    with pytest.raises(ledger.Overdrawn):
        ledger.post(key="x", kind="gift", moves=[ledger.Move(purse.account_id, pot, 751)], now=NOW)
