"""Karin proposes a payout, Youssef approves it. And the account it goes to."""

from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import operations as campaigns
from campaigns.models import Campaign, Initiator, State
from ledger import operations as ledger
from ledger.chart import Code, FundKind
from payments import payees, payouts
from payments.models import Payout
from people.models import Membership, Role, User
from tests import cast
from tests.cast import NOW
from tests.web.staff import street
from tests.web.staff.street import Street, as_
from web.staff.candidates import campaigns_to_pay, candidates

LIST = reverse("staff_payouts")


def post(user: User, name: str, *args: Any, **fields: str) -> str:
    page: str = as_(user).post(reverse(name, args=args), fields, follow=True).content.decode()
    return page


def look(user: User, name: str, *args: Any) -> str:
    page: str = as_(user).get(reverse(name, args=args)).content.decode()
    return page


def state_of(payout: Payout) -> str:
    return Payout.objects.get(pk=payout.pk).state


@pytest.fixture
def lights(here: Street) -> Campaign:
    """A third campaign that reached its target; no payout yet."""
    return street.filled(here.world, here.programme, here.issued, "Speeltoestel", places=(4, 6))


def test_a_campaign_that_reached_its_target_is_proposed_once(here: Street, lights: Campaign) -> None:
    assert "Stel €\u00a015,00 voor" in look(here.world.karin, "staff_payouts")
    for _ in range(2):
        page = post(here.world.karin, "staff_propose_payout", lights.slug)
        assert "Voorgesteld: €\u00a015,00 aan F. Yildiz." in page
    payout = lights.payouts.get()
    assert (payout.amount_cents, payout.iban, payout.state) == (
        1_500,
        "NL91ABNA0417164300",
        Payout.State.PROPOSED,
    )


def test_a_colleague_approves_after_a_question_with_amount_and_name(here: Street) -> None:
    question = look(here.world.youssef, "staff_approve_payout", here.payout.pk)
    assert "€\u00a015,00 uitbetalen aan F. Yildiz voor “Winterlichtjes”?" in question
    assert "NL91 ABNA 0417 1643 00" in question
    assert "Gemaakt door Karin" in question
    page = post(here.world.youssef, "staff_approve_payout", here.payout.pk)
    assert "Goedgekeurd: €\u00a015,00 aan F. Yildiz." in page
    assert state_of(here.payout) == Payout.State.APPROVED


def test_who_proposed_it_sees_a_lock_and_can_neither_approve_nor_refuse(here: Street) -> None:
    lock = "U hebt dit zelf gemaakt. Daarom moet een collega beslissen."
    for page in ("staff_approve_payout", "staff_payout"):
        shown = look(here.world.karin, page, here.payout.pk)
        assert lock in shown
        assert "Ja, betaal" not in shown
    assert "U hebt dit zelf gemaakt." in post(here.world.karin, "staff_approve_payout", here.payout.pk)
    page = post(here.world.karin, "staff_refuse_payout", here.payout.pk, reason="Toch maar niet.")
    assert "U hebt dit zelf gemaakt." in page
    assert state_of(here.payout) == Payout.State.PROPOSED


def test_who_gets_the_money_can_neither_approve_nor_refuse_and_is_told_why(here: Street) -> None:
    fatma = here.world.fatma
    Membership.objects.create(user=fatma, organisation=here.world.klinker, role=Role.STAFF, since=NOW)
    why = "Dit is uw eigen initiatief. Daarom moet een collega beslissen."
    for page in ("staff_approve_payout", "staff_payout", "staff_payouts", "staff_home"):
        shown = look(fatma, page, *([here.payout.pk] if page.endswith("payout") else []))
        assert why in shown, page
        assert "Ja, betaal" not in shown
    told = "Dit is uw eigen initiatief."
    assert told in post(fatma, "staff_approve_payout", here.payout.pk)
    assert told in post(fatma, "staff_refuse_payout", here.payout.pk, reason="Toch maar niet.")
    assert state_of(here.payout) == Payout.State.PROPOSED


def test_the_treasurer_does_not_approve_a_hosts_payout(here: Street) -> None:
    answer = as_(here.world.thea).post(reverse("staff_approve_payout", args=[here.payout.pk]))
    assert (answer.status_code, state_of(here.payout)) == (404, Payout.State.PROPOSED)


def test_a_payout_to_an_account_that_changed_can_only_be_refused(here: Street) -> None:
    payees.give_account(
        initiator=here.reached.initiator,
        holder="F. Yildiz",
        iban="NL39RABO0300065264",
        by=here.world.fatma,
        now=NOW,
    )
    told = "De rekening is veranderd. Keur deze uitbetaling niet goed en stel een nieuwe voor."
    for page in ("staff_approve_payout", "staff_payout"):
        shown = look(here.world.youssef, page, here.payout.pk)
        assert told in shown
        assert "Ja, betaal" not in shown
    assert told in post(here.world.youssef, "staff_approve_payout", here.payout.pk)
    assert state_of(here.payout) == Payout.State.PROPOSED
    page = post(here.world.youssef, "staff_refuse_payout", here.payout.pk, reason="Andere rekening.")
    assert "Deze uitbetaling is niet goedgekeurd." in page


def test_approved_twice_is_approved_once(here: Street) -> None:
    post(here.world.youssef, "staff_approve_payout", here.payout.pk)
    page = post(here.world.youssef, "staff_approve_payout", here.payout.pk)
    assert "Over deze uitbetaling is al beslist." in page
    page = post(here.world.youssef, "staff_refuse_payout", here.payout.pk, reason="Toch maar niet.")
    assert "Over deze uitbetaling is al beslist." in page
    assert state_of(here.payout) == Payout.State.APPROVED


def test_refused_with_a_reason_the_money_stays_and_can_be_proposed_again(here: Street) -> None:
    assert "Vul dit in." in post(here.world.youssef, "staff_refuse_payout", here.payout.pk, reason="")
    page = post(here.world.youssef, "staff_refuse_payout", here.payout.pk, reason="De rekening klopt niet.")
    assert "Deze uitbetaling is niet goedgekeurd." in page
    assert "De rekening klopt niet." in page
    assert "Voorgesteld:" in post(here.world.youssef, "staff_propose_payout", here.reached.slug)


def donated(here: Street, campaign: Campaign, amount_cents: int) -> None:
    """Money of donors in the pot that Stripe still holds."""
    fund_id = cast.donations_fund(here.world)
    pot = ledger.account(fund_id=fund_id, code=Code.POTS, key=campaign.key)
    clearing = ledger.account(fund_id=fund_id, code=Code.STRIPE_CLEARING)
    ledger.post(key="gift", kind="donation", moves=[ledger.Move(clearing, pot, amount_cents)], now=NOW)


def test_money_that_stripe_still_holds_is_waited_for(here: Street, lights: Campaign) -> None:
    donated(here, lights, 2_000)
    assert "Uit te betalen" in look(here.world.karin, "staff_payouts")
    assert "€\u00a020,00 hiervan wacht op uitbetaling door Stripe." in look(here.world.karin, "staff_payouts")
    payout = payouts.propose(campaign_id=lights.pk, by=here.world.karin, now=NOW)
    page = post(here.world.youssef, "staff_approve_payout", payout.pk)
    assert "Dit kan nog niet: het wacht op uitbetaling door Stripe." in page
    assert "Op de bank staat hiervoor €\u00a00,00 en er is €\u00a020,00 nodig." in page
    assert state_of(payout) == Payout.State.PROPOSED


def test_a_payout_tells_what_comes_from_cheques_and_what_from_donations(
    here: Street, lights: Campaign
) -> None:
    donated(here, lights, 2_000)
    payout = payouts.propose(campaign_id=lights.pk, by=here.world.karin, now=NOW)
    facts = as_(here.world.youssef).get(reverse("staff_payout", args=[payout.pk])).context["origins"]
    assert facts == [("Uit cheques", "€\u00a015,00"), ("Uit donaties", "€\u00a020,00")]
    assert payout.parts.filter(fund__kind=FundKind.DONATIONS).get().amount_cents == 2_000


def test_without_an_approved_account_the_page_says_what_to_do(here: Street, lights: Campaign) -> None:
    account = payees.give_account(
        initiator=lights.initiator,
        holder="F. Yildiz",
        iban="NL20INGB0001234567",
        by=here.world.fatma,
        now=NOW,
    )
    page = post(here.world.karin, "staff_propose_payout", lights.slug)
    assert "heeft nog geen goedgekeurde rekening." in page
    assert reverse("staff_approve_account", args=[account.pk]) in page


def test_where_no_account_was_given_the_list_says_who_gives_it(here: Street, lights: Campaign) -> None:
    bea = campaigns.introduce(user=here.world.bea, kind=Initiator.Kind.PERSON, name="Bea")
    Campaign.objects.filter(pk=lights.pk).update(initiator=bea)
    assert "Er is nog geen rekeningnummer. De initiatiefnemer geeft het op." in look(
        here.world.karin, "staff_payouts"
    )


def test_a_collecting_campaign_cannot_be_proposed(here: Street) -> None:
    campaign = cast.campaign(here.world, here.programme, title="Nog bezig")
    assert "Dit initiatief kan nu niet worden uitbetaald." in post(
        here.world.karin, "staff_propose_payout", campaign.slug
    )
    assert not campaign.payouts.exists()


def test_a_new_account_is_approved_by_a_second_person_who_sees_it_whole(here: Street) -> None:
    account = payees.give_account(
        initiator=here.paid.initiator,
        holder="F. Yildiz",
        iban="NL20INGB0001234567",
        by=here.world.fatma,
        now=NOW,
    )
    page = look(here.world.karin, "staff_approve_account", account.pk)
    assert "NL20 INGB 0001 2345 67" in page
    assert "NL91 ABNA 0417 1643 00" in page  # what it was until now
    for _ in range(2):
        assert "De rekening van Fatma Yıldız is goedgekeurd." in post(
            here.world.karin, "staff_approve_account", account.pk
        )
    account.refresh_from_db()
    assert account.approved_by == here.world.karin


def test_nobody_approves_an_account_that_they_gave(here: Street) -> None:
    account = payees.give_account(
        initiator=here.paid.initiator,
        holder="F. Yildiz",
        iban="NL20INGB0001234567",
        by=here.world.karin,
        now=NOW,
    )
    assert "Ja, keur deze rekening goed" not in look(here.world.karin, "staff_approve_account", account.pk)
    assert "U hebt dit zelf gemaakt." in post(here.world.karin, "staff_approve_account", account.pk)
    account.refresh_from_db()
    assert account.approved_by is None


def test_a_replaced_account_is_not_approved_any_more(here: Street) -> None:
    first, second = (
        payees.give_account(
            initiator=here.paid.initiator,
            holder="F. Yildiz",
            iban=iban,
            by=here.world.fatma,
            now=NOW.replace(hour=hour),
        )
        for hour, iban in ((14, "NL20INGB0001234567"), (15, "NL69INGB0123456789"))
    )
    page = look(here.world.karin, "staff_approve_account", first.pk)
    assert "Er is een nieuwere rekening" in page
    assert "Ja, keur deze rekening goed" not in page
    page = post(here.world.karin, "staff_approve_account", first.pk)
    assert "Er is een nieuwere rekening." in page
    assert "Er is niets goedgekeurd." in page
    first.refresh_from_db()
    assert first.approved_by is None
    post(here.world.karin, "staff_approve_account", second.pk)
    assert payees.account_of(here.paid.initiator_id) == second


def test_a_host_sees_the_account_only_of_who_it_will_perhaps_pay(here: Street) -> None:
    account = payees.give_account(
        initiator=here.paid.initiator,
        holder="F. Yildiz",
        iban="NL20INGB0001234567",
        by=here.world.fatma,
        now=NOW,
    )
    address = reverse("staff_approve_account", args=[account.pk])
    shown = {}
    for state in State:
        Campaign.objects.filter(initiator=account.initiator).update(state=state)
        answer = as_(here.world.youssef).get(address)
        listed = "NL20 INGB 0001 2345 67" in look(here.world.youssef, "staff_payouts")
        assert listed == (answer.status_code == 200)
        shown[state] = answer.status_code
    assert {state for state, status in shown.items() if status == 200} == {
        State.SUBMITTED,
        State.COLLECTING,
        State.REACHED,
        State.PAID,
    }
    assert set(shown.values()) == {200, 404}


def test_more_candidates_cost_no_more_queries(
    here: Street, lights: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = list(campaigns_to_pay(here.world.klinker))
    with django_assert_num_queries(6):
        (one,) = candidates(found)
    assert (one.payable_cents, one.short_cents, one.ready) == (1_500, 0, True)
    street.filled(here.world, here.programme, here.issued, "Hinkelbaan", places=(6, 8))
    found = list(campaigns_to_pay(here.world.klinker))
    with django_assert_num_queries(6):
        assert len(candidates(found)) == 2


def test_what_candidates_show_is_what_is_proposed(here: Street, lights: Campaign) -> None:
    donated(here, lights, 2_000)
    (one,) = candidates([lights])
    parts = payouts.payable([lights])[lights.key]
    assert one.payable_cents == sum(part.amount_cents for part in parts) == 3_500


def test_an_approved_payout_is_taken_back_with_a_reason(here: Street) -> None:
    payouts.approve(payout_id=here.payout.pk, by=here.world.youssef, now=NOW)
    page = look(here.world.karin, "staff_payout", here.payout.pk)
    assert "Haal het terug naar de pot, met deze reden" in page
    assert "Vul dit in." in post(here.world.karin, "staff_withdraw_payout", here.payout.pk, reason="")
    for _ in range(2):
        page = post(here.world.karin, "staff_withdraw_payout", here.payout.pk, reason="Andere rekening.")
        assert state_of(here.payout) == Payout.State.WITHDRAWN
    assert "kan niet meer terug" in page
    assert "Ingetrokken" in page
    assert "Andere rekening." in page


def test_a_payout_whose_account_changed_after_the_approval_is_pointed_out(here: Street) -> None:
    payouts.approve(payout_id=here.payout.pk, by=here.world.youssef, now=NOW)
    assert "Gaat niet mee met het betaalbestand" not in look(here.world.karin, "staff_payouts")
    payees.give_account(
        initiator=here.paid.initiator,
        holder="F. Yildiz",
        iban="NL20INGB0001234567",
        by=here.world.fatma,
        now=NOW,
    )
    assert "Gaat niet mee met het betaalbestand" in look(here.world.karin, "staff_payouts")
    assert "Het rekeningnummer is daarna veranderd." in look(here.world.karin, "staff_payout", here.payout.pk)
    assert "1 goedgekeurde uitbetaling gaat niet mee" in look(here.world.thea, "staff_payment_files")


def test_why_not_is_asked_before_the_approval_and_why_back_after_it(here: Street) -> None:
    why_not = "Waarom keurt u het niet goed?"
    assert why_not in look(here.world.youssef, "staff_payout", here.payout.pk)
    payouts.approve(payout_id=here.payout.pk, by=here.world.youssef, now=NOW)
    page = look(here.world.youssef, "staff_payout", here.payout.pk)
    assert why_not not in page
    assert "Waarom?" in page
