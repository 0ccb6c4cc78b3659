"""Thea makes the payment file of approved payouts and downloads it."""

import pytest
from django.urls import reverse
from lxml import etree

from payments import payouts
from payments.models import Payout, PayoutRun
from people.models import AccessLog
from tests.cast import NOW
from tests.web.staff.street import Street, as_

LIST = reverse("staff_payment_files")
MAKE = reverse("staff_make_payment_file")


@pytest.fixture
def approved(here: Street) -> Payout:
    return payouts.approve(payout_id=here.payout.pk, by=here.world.youssef, now=NOW)


def test_approved_payouts_go_in_one_file_once(here: Street, approved: Payout) -> None:
    client = as_(here.world.thea)
    assert "Maak een bestand met 1 betaling" in client.get(LIST).content.decode()
    page = client.post(MAKE, {"execute_on": "2026-11-24"}, follow=True).content.decode()
    assert "is klaar." in page
    page = client.post(MAKE, {"execute_on": "2026-11-24"}, follow=True).content.decode()
    assert "Er is niets om te versturen." in page
    assert PayoutRun.objects.exclude(pk=here.payment_file.pk).count() == 1
    approved.refresh_from_db()
    assert approved.state == Payout.State.SENT


def test_the_file_is_downloaded_and_that_is_written_down(here: Street, approved: Payout) -> None:
    client = as_(here.world.thea)
    client.post(MAKE, {"execute_on": "2026-11-24"})
    run = PayoutRun.objects.order_by("-pk")[0]
    answer = client.get(reverse("staff_payment_file", args=[run.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="{run.message_id}.xml"'
    document = etree.fromstring(answer.content)
    assert document.findtext(".//{*}InstdAmt") == "15.00"
    assert document.findtext(".//{*}EndToEndId") == approved.end_to_end_id
    assert AccessLog.objects.get(what=f"payment file {run.pk}").user == here.world.thea


@pytest.mark.parametrize("day", ["", "2026-11-22", "2027-11-24", "31-31-2026"])
def test_a_day_that_cannot_be_is_told_and_nothing_is_sent(day: str, here: Street, approved: Payout) -> None:
    answer = as_(here.world.thea).post(MAKE, {"execute_on": day})
    assert answer.status_code == 422
    assert answer.context["form"].errors["execute_on"]
    approved.refresh_from_db()
    assert approved.state == Payout.State.APPROVED


def test_what_nobody_approved_is_not_sent(here: Street) -> None:
    page = as_(here.world.thea).post(MAKE, {"execute_on": "2026-11-24"}, follow=True).content.decode()
    assert "Er is niets om te versturen." in page
    here.payout.refresh_from_db()
    assert here.payout.state == Payout.State.PROPOSED
