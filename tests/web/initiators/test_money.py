"""The bank account and the receipts of an initiator."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from campaigns import operations
from campaigns.models import Campaign, Receipt
from common import files
from payments import payees
from payments.models import PayeeAccount
from tests import cast
from tests.cast import NOW, TODAY
from tests.web.initiators.street import client, draft, paid, picture, receipt, street, upload

ACCOUNT = {"holder": "F. Yildiz", "iban": "nl91 abna 0417 1643 00"}


def of(campaign: Campaign, page: str) -> str:
    return reverse(page, args=[campaign.slug])


def bill(**changes: Any) -> dict[str, Any]:
    filled_in = {
        "key": str(uuid.uuid4()),
        "photo": upload(),
        "amount": "24,95",
        "supplier": "Bouwmarkt",
        "description": "Lamps",
        "bought_on": TODAY.isoformat(),
    }
    return filled_in | changes


@pytest.mark.django_db
def test_a_bank_account_waits_for_a_second_person_and_is_shown_by_its_last_digits() -> None:
    at = street()
    campaign = cast.campaign(at.here, at.programme)
    browser = client(at.here.fatma)
    answer = browser.post(of(campaign, "give_account"), ACCOUNT)
    assert answer["Location"] == of(campaign, "mine_campaign")
    account = PayeeAccount.objects.get()
    assert (account.iban, account.holder, account.made_by) == (
        "NL91ABNA0417164300",
        "F. Yildiz",
        at.here.fatma,
    )
    assert account.approved_by is None
    assert payees.account_of(campaign.initiator_id) is None
    page = browser.get(of(campaign, "mine_campaign")).content.decode()
    assert "4300" in page
    assert "NL91ABNA0417164300" not in page


@pytest.mark.django_db
def test_the_same_account_again_keeps_its_approval_and_another_one_waits_anew() -> None:
    at = street()
    campaign = cast.campaign(at.here, at.programme)
    browser = client(at.here.fatma)
    browser.post(of(campaign, "give_account"), ACCOUNT)
    payees.approve_account(account_id=PayeeAccount.objects.get().pk, by=at.here.karin, now=NOW)
    browser.post(of(campaign, "give_account"), ACCOUNT)
    assert payees.account_of(campaign.initiator_id) is not None
    browser.post(of(campaign, "give_account"), ACCOUNT | {"holder": "H. de Boer"})
    assert PayeeAccount.objects.count() == 2
    assert payees.account_of(campaign.initiator_id) is None


@pytest.mark.django_db
@pytest.mark.parametrize("iban", ["", "NL91ABNA0417164301", "my account", "12345678"])
def test_a_wrong_account_number_is_named_and_the_name_stays(iban: str) -> None:
    at = street()
    campaign = cast.campaign(at.here, at.programme)
    answer = client(at.here.fatma).post(of(campaign, "give_account"), ACCOUNT | {"iban": iban})
    assert set(answer.context["form"].errors) == {"iban"}
    assert 'value="F. Yildiz"' in answer.content.decode()
    assert not PayeeAccount.objects.exists()


@pytest.mark.django_db
def test_a_name_that_no_bank_can_read_is_told_at_the_name() -> None:
    at = street()
    campaign = cast.campaign(at.here, at.programme)
    answer = client(at.here.fatma).post(of(campaign, "give_account"), ACCOUNT | {"holder": "🌳"})
    assert set(answer.context["form"].errors) == {"holder"}
    assert "A bank cannot read this name." in answer.content.decode()
    assert not PayeeAccount.objects.exists()


@pytest.mark.django_db
def test_a_receipt_is_handed_in_with_its_photo_drawn_anew() -> None:
    at = street()
    campaign, _payout = paid(at)
    answer = client(at.here.fatma).post(of(campaign, "hand_in_receipt"), bill())
    assert answer["Location"] == of(campaign, "mine_campaign")
    receipt = campaign.receipts.get()
    assert (receipt.amount_cents, receipt.state, receipt.submitted_by) == (
        2_495,
        Receipt.State.SUBMITTED,
        at.here.fatma,
    )
    assert (receipt.bought_on, receipt.supplier) == (TODAY, "Bouwmarkt")
    assert files.read(receipt.file) == files.redrawn_picture(picture())
    assert receipt.file.keep_until is not None
    assert receipt.file.keep_until.year == TODAY.year + 7


@pytest.mark.django_db
def test_the_same_photo_twice_counts_once_and_says_so() -> None:
    at = street()
    campaign, _payout = paid(at)
    browser = client(at.here.fatma)
    browser.post(of(campaign, "hand_in_receipt"), bill())
    again = browser.post(of(campaign, "hand_in_receipt"), bill(amount="30"))
    assert set(again.context["form"].errors) == {"photo"}
    assert campaign.receipts.get().amount_cents == 2_495
    browser.post(of(campaign, "hand_in_receipt"), bill(photo=upload("green")))
    assert campaign.receipts.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "lots"),
        ("amount", "0"),
        ("amount", "9310"),  # nobody gave that much
        ("supplier", ""),
        ("bought_on", (TODAY + timedelta(days=1)).isoformat()),
        ("bought_on", "yesterday"),
        ("photo", ""),
    ],
)
def test_a_wrong_receipt_is_named_at_its_field_and_the_rest_stays(name: str, value: str) -> None:
    at = street()
    campaign, _payout = paid(at)
    answer = client(at.here.fatma).post(of(campaign, "hand_in_receipt"), bill(**{name: value}))
    assert set(answer.context["form"].errors) == {name}
    assert 'value="Lamps"' in answer.content.decode()
    assert not campaign.receipts.exists()


@pytest.mark.django_db
def test_the_photo_of_a_receipt_is_for_who_handed_it_in() -> None:
    at = street()
    campaign, _payout = paid(at)
    client(at.here.fatma).post(of(campaign, "hand_in_receipt"), bill())
    address = reverse("own_receipt", args=[campaign.slug, campaign.receipts.get().pk])
    answer = client(at.here.fatma).get(address)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "no-store")
    assert client(at.here.karin).get(address).status_code == 404
    assert client(None).get(address).status_code == 302


@pytest.mark.django_db
def test_a_photo_that_got_lost_is_told_in_words() -> None:
    at = street()
    campaign, _payout = paid(at)
    kept = receipt(at, campaign, 1_000).file
    default_storage.delete(kept.path)
    answer = client(at.here.fatma).get(
        reverse("own_receipt", args=[campaign.slug, campaign.receipts.get().pk])
    )
    assert answer.status_code == 404
    assert "This file is gone" in answer.content.decode()


@pytest.mark.django_db
def test_a_receipt_is_found_under_its_own_campaign_only() -> None:
    at = street()
    campaign, _payout = paid(at)
    client(at.here.fatma).post(of(campaign, "hand_in_receipt"), bill())
    other = draft(at)
    operations.submit(campaign_id=other.pk, now=NOW)
    address = reverse("own_receipt", args=[other.slug, campaign.receipts.get().pk])
    assert client(at.here.fatma).get(address).status_code == 404
