"""Sanne of the municipality sees what became of its money."""

import pytest
from django.urls import reverse

from cheques import operations as cheques
from people.models import Role
from tests import cast
from tests.books.road import travelled
from tests.web.staff.street import Street, as_

LIST = reverse("staff_grants")


def test_a_sponsor_sees_how_to_pay_and_where_the_money_went(here: Street) -> None:
    request = here.grant.fund.funding_requests.get()
    cast.receive(20_000, reference=request.reference)
    campaign = cast.campaign(here.world, here.programme, target_cents=5_000, title="Speeltoestel")
    for cheque in here.issued.cheques.order_by("pk")[4:6]:
        purse = cheques.activate(cheque_id=cheque.pk, now=cast.NOW)
        cheques.give(purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=750, key="first", now=cast.NOW)
    answer = as_(here.sanne).get(reverse("staff_grant", args=[here.grant.pk]))
    (row,) = answer.context["page"]
    assert (row.title, row.added_cents, row.times) == ("Speeltoestel", 750, 2)
    sums = answer.context["sums"]
    assert (sums.received_cents, sums.free_cents) == (20_000, 19_250)
    assert answer.context["funding"].payment.amount_cents == 30_000
    page = answer.content.decode()
    assert "Betaal €\u00a0300,00" in page
    assert "50% van elke gift" in page
    assert "Kwam terug" not in page
    assert reverse("campaign", args=[campaign.slug]) in page
    (listed,) = as_(here.sanne).get(LIST).context["rows"]
    assert (listed["grant"].matched_cents, listed["grant"].campaigns) == (750, 1)


@pytest.mark.django_db
def test_what_campaigns_did_not_need_is_shown_to_the_sponsor() -> None:
    road = travelled()
    sanne = cast.person("Sanne", road.municipality, Role.SPONSOR)
    page = as_(sanne).get(reverse("staff_grant", args=[road.grant.pk]))
    # A third of the pot, so a third of the 2,00 that was left.
    assert page.context["came_back_cents"] == 67
    assert "Kwam terug van initiatieven" in page.content.decode()


def test_a_sponsor_sees_its_own_grants_only(here: Street) -> None:
    assert "Groene buurt" in as_(here.sanne).get(LIST).content.decode()
    strange = as_(here.zoe).get(LIST).content.decode()
    assert "Groene buurt" not in strange
    assert "U hebt nog geen bijdrage" in strange


def test_nothing_matched_yet_is_said(here: Street) -> None:
    page = as_(here.sanne).get(reverse("staff_grant", args=[here.grant.pk])).content.decode()
    assert "Er is nog niets bijgelegd" in page
