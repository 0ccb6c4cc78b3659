"""Thea makes the payment file of approved payouts and downloads it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import etree
from pytest_django import DjangoAssertNumQueries

from payments import payment_files, payouts
from payments.models import Payout, PayoutRun
from people.models import AccessLog
from tests.cast import NOW, TODAY
from tests.web.staff import street
from tests.web.staff.street import Street, as_
from web.staff import paging

LIST = reverse("staff_payment_files")
MAKE = reverse("staff_make_payment_file")


@pytest.fixture
def approved(here: Street) -> Payout:
    return payouts.approve(payout_id=here.payout.pk, by=here.world.youssef, now=NOW)


def sent(batch: payment_files.Batch, day: str = "2026-11-24") -> dict[str, str]:
    return {"execute_on": day, "count": str(batch.count), "cents": str(batch.cents)}


def test_approved_payouts_go_in_one_file_once_after_a_question(here: Street, approved: Payout) -> None:
    client = as_(here.world.thea)
    assert "Maak een bestand met 1 betaling" in client.get(LIST).content.decode()
    question = client.get(MAKE).content.decode()
    assert "€\u00a015,00 in 1 betaling naar de bank sturen?" in question
    assert 'name="count" value="1"' in question
    assert 'name="cents" value="1500"' in question
    batch = payment_files.Batch(1, 1_500)
    page = client.post(MAKE, sent(batch), follow=True).content.decode()
    assert "is klaar." in page
    page = client.post(MAKE, sent(batch), follow=True).content.decode()
    assert "Er is niets om te versturen." in page
    assert PayoutRun.objects.exclude(pk=here.payment_file.pk).count() == 1
    approved.refresh_from_db()
    assert approved.state == Payout.State.SENT


def another_approved(here: Street, title: str, places: tuple[int, int]) -> Payout:
    campaign = street.filled(here.world, here.programme, here.issued, title, places=places)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.world.karin, now=NOW)
    return payouts.approve(payout_id=payout.pk, by=here.world.youssef, now=NOW)


def test_what_was_approved_after_the_question_is_not_sent_unseen(here: Street, approved: Payout) -> None:
    client = as_(here.world.thea)
    seen = client.get(MAKE).context["batch"]
    another_approved(here, "Speeltoestel", (4, 6))
    answer = client.post(MAKE, sent(seen, "2026-11-25"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Er is niets verstuurd." in page
    assert "€\u00a030,00 in 2 betalingen naar de bank sturen?" in page
    assert 'value="2026-11-25"' in page
    assert Payout.objects.filter(state=Payout.State.APPROVED).count() == 2
    assert "is klaar." in client.post(MAKE, sent(payment_files.Batch(2, 3_000)), follow=True).content.decode()


def test_the_button_tells_all_that_goes_out_also_what_stands_on_a_next_page(
    here: Street, approved: Payout, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = paging.page_of
    monkeypatch.setattr(
        "web.staff.views_payment_files.page_of",
        lambda request, found, rows=1, name="page": whole(request, found, 1, name),
    )
    another_approved(here, "Speeltoestel", (4, 6))
    answer = as_(here.world.thea).get(LIST)
    assert len(answer.context["approved_page"]) == 1
    page = answer.content.decode()
    assert "Maak een bestand met 2 betalingen" in page
    assert "?approved-page=2" in page
    assert "€\u00a030,00" in page


def test_more_payments_and_files_cost_no_more_queries(
    here: Street, approved: Payout, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_(here.world.thea)
    with CaptureQueriesContext(connection) as before:
        client.get(LIST)
    another_approved(here, "Speeltoestel", (4, 6))
    payment_files.make_run(execute_on=TODAY, by=here.world.thea, now=NOW, only=[approved.pk])
    another_approved(here, "Hinkelbaan", (6, 8))
    with django_assert_num_queries(len(before)):
        client.get(LIST)


def test_a_file_is_found_by_a_payment_that_is_in_it(here: Street) -> None:
    client = as_(here.world.thea)
    for q in ("irisplein", "yildiz", here.payment_file.message_id):
        assert list(client.get(LIST, {"q": q}).context["page"]) == [here.payment_file]
    assert "Geen bestand gevonden" in client.get(LIST, {"q": "niets"}).content.decode()


def test_the_file_is_downloaded_and_that_is_written_down(here: Street, approved: Payout) -> None:
    client = as_(here.world.thea)
    client.post(MAKE, sent(payment_files.Batch(1, 1_500)))
    run = PayoutRun.objects.order_by("-pk")[0]
    answer = client.get(reverse("staff_payment_file", args=[run.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="{run.message_id}.xml"'
    document = etree.fromstring(answer.content)
    assert document.findtext(".//{*}InstdAmt") == "15.00"
    assert document.findtext(".//{*}EndToEndId") == approved.end_to_end_id
    assert AccessLog.objects.get(what=AccessLog.What.PAYMENT_FILE, number=run.pk).user == here.world.thea


@pytest.mark.parametrize("day", ["", "2026-11-22", "2027-11-24", "31-31-2026"])
def test_a_day_that_cannot_be_is_told_and_nothing_is_sent(day: str, here: Street, approved: Payout) -> None:
    answer = as_(here.world.thea).post(MAKE, sent(payment_files.Batch(1, 1_500), day))
    assert answer.status_code == 422
    assert answer.context["form"].errors["execute_on"]
    approved.refresh_from_db()
    assert approved.state == Payout.State.APPROVED


def test_what_nobody_approved_is_not_sent(here: Street) -> None:
    page = as_(here.world.thea).post(MAKE, sent(payment_files.Batch(0, 0)), follow=True).content.decode()
    assert "Er is niets om te versturen." in page
    here.payout.refresh_from_db()
    assert here.payout.state == Payout.State.PROPOSED
