"""Fatma's forms, each sent six times at the same moment: one effect."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.models import Campaign, Photo, Update
from common import files
from payments.models import PayeeAccount
from tests import cast
from tests.cast import NOW
from tests.crowd import at_once, gave
from tests.web.initiators.street import client, paid, picture, street, upload
from tests.web.initiators.test_money import bill
from tests.web.initiators.test_plan import filled_in
from tests.web.pressing import TIMES, sent_at_once

SENT_ON = [302] * TIMES
ACCOUNT = {"holder": "F. Yildiz", "iban": "NL91ABNA0417164300"}


def collecting(here: cast.World) -> Campaign:
    return cast.campaign(here, cast.programme(here))


def test_news_is_told_once(own_database: str) -> None:
    here = cast.world()
    address = reverse("tell_news", args=[collecting(here).slug])
    assert (
        sent_at_once(here.fatma, address, lambda: {"title": "The lamps are here", "text": "Come!"}) == SENT_ON
    )
    assert Update.objects.count() == 1


def test_other_news_at_the_same_moment_is_told_too(own_database: str) -> None:
    """The control of the test above."""
    here = cast.world()
    address = reverse("tell_news", args=[collecting(here).slug])
    one, other = client(here.fatma), client(here.fatma)
    gave(
        at_once(
            lambda: one.post(address, {"title": "The lamps are here", "text": "Come!"}),
            lambda: other.post(address, {"title": "The lamps are here", "text": "Come and see!"}),
        )
    )
    assert Update.objects.count() == 2


def test_a_photo_is_shown_once(own_database: str) -> None:
    here = cast.world()
    address = reverse("add_photo", args=[collecting(here).slug])
    assert sent_at_once(here.fatma, address, lambda: {"photo": upload(), "caption": "The square"}) == SENT_ON
    assert Photo.objects.count() == 1


@pytest.mark.django_db
def test_the_database_itself_refuses_the_same_photo_twice_in_one_campaign() -> None:
    here = cast.world()
    bench = collecting(here)
    other = cast.campaign(here, bench.rules.programme, title="Winterlichtjes")
    file = files.store(content=picture(), name="foto.jpg", mime_type="image/jpeg", now=NOW)
    for campaign in (bench, other):
        Photo.objects.create(campaign=campaign, file=file, caption="The square", added_at=NOW)
    with pytest.raises(IntegrityError, match="photo_file_once_per_campaign"), transaction.atomic():
        Photo.objects.create(campaign=bench, file=file, caption="The square again", added_at=NOW)


def test_a_bank_account_is_given_once(own_database: str) -> None:
    here = cast.world()
    address = reverse("give_account", args=[collecting(here).slug])
    assert sent_at_once(here.fatma, address, lambda: ACCOUNT) == SENT_ON
    assert PayeeAccount.objects.count() == 1


def test_a_receipt_is_handed_in_once(own_database: str) -> None:
    at = street()
    campaign, _payout = paid(at)
    sent = bill()
    address = reverse("hand_in_receipt", args=[campaign.slug])
    assert sent_at_once(at.here.fatma, address, lambda: {**sent, "photo": upload()}) == SENT_ON
    assert campaign.receipts.count() == 1
    # The control: from another form it is the same photo a second time.
    again = client(at.here.fatma).post(address, bill())
    assert set(again.context["form"].errors) == {"photo"}


def test_a_plan_becomes_one_draft(own_database: str) -> None:
    at = street()
    assert sent_at_once(at.here.fatma, reverse("new_campaign"), lambda: filled_in(at)) == SENT_ON
    assert Campaign.objects.count() == 1
