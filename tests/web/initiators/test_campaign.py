"""The own page of a campaign in every state, its news, photos and report."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from campaigns import operations, receipts
from campaigns.models import Campaign, FinalReport, State
from cheques.runs import end_of_day
from common import files
from common.references import format_rf
from ledger import operations as ledger
from ledger.chart import Code
from payments import payouts
from payments.statements import import_statement
from tests import cast
from tests.cast import NOW
from tests.web.initiators.street import (
    Street,
    client,
    draft,
    paid,
    picture,
    reached,
    receipt,
    street,
    upload,
)
from web.initiators.duties import duties
from web.initiators.facts import account_by, facts_about
from web.initiators.standing import standing


def in_state(at: Street, state: State) -> Campaign:
    """One of Fatma's in this state."""
    if state in (State.PAID, State.DONE):
        campaign, _payout = paid(at)
        if state == State.DONE:
            handed_in = receipt(at, campaign, 3_750)
            receipts.approve(receipt_id=handed_in.pk, by=at.here.karin, now=NOW)
    elif state == State.REACHED:
        campaign = reached(at)
    elif state in (State.COLLECTING, State.FAILED):
        campaign = cast.campaign(at.here, at.programme)
        if state == State.FAILED:
            operations.fail(campaign_id=campaign.pk, now=NOW)
    else:
        campaign = draft(at)
        if state != State.DRAFT:
            operations.submit(campaign_id=campaign.pk, now=NOW)
        if state == State.REFUSED:
            operations.refuse(campaign_id=campaign.pk, by=at.here.bea, reason="Less brooms, please.", now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == state
    return campaign


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(State))
def test_its_page_says_in_every_state_what_happens_now(state: State) -> None:
    at = street()
    campaign = in_state(at, state)
    answer = client(at.here.fatma).get(reverse("mine_campaign", args=[campaign.slug]))
    assert answer.status_code == 200
    assert escape(answer.context["standing"].title) in answer.content.decode()
    assert client(at.here.karin).get(reverse("mine_campaign", args=[campaign.slug])).status_code == 404


@pytest.mark.django_db
def test_who_was_not_approved_reads_why_and_can_change_it() -> None:
    at = street()
    campaign = in_state(at, State.REFUSED)
    page = client(at.here.fatma).get(reverse("mine_campaign", args=[campaign.slug])).content.decode()
    assert "Less brooms, please." in page
    assert reverse("change_campaign", args=[campaign.slug]) in page


@pytest.mark.django_db
def test_a_campaign_that_failed_shows_no_pot_to_be_the_first_in() -> None:
    at = street()
    browser = client(at.here.fatma)
    collecting = cast.campaign(at.here, at.programme)
    assert "The pot" in browser.get(reverse("mine_campaign", args=[collecting.slug])).content.decode()
    operations.fail(campaign_id=collecting.pk, now=NOW)
    page = browser.get(reverse("mine_campaign", args=[collecting.slug])).content.decode()
    assert "The pot" not in page
    assert f'href="{reverse("new_campaign")}"' in page  # to try again
    assert "be the first" not in browser.get(reverse("mine")).content.decode()


@pytest.mark.django_db
def test_receipts_that_are_late_are_asked_for_now() -> None:
    campaign, payout = paid(street())
    facts = facts_about(campaign)
    last = account_by(campaign, payout)
    assert last is not None
    with translation.override("en"):
        in_time = standing(campaign, facts, end_of_day(last) - timedelta(seconds=1))
        late = standing(campaign, facts, end_of_day(last))
        duty = duties([campaign], {campaign.pk: facts}, end_of_day(last))[0]
    assert (in_time.tone, late.tone) == ("info", "wait")
    assert late.text == "Your receipts are late. Hand them in now, or send the money back."
    assert duty.text.startswith("You are late: this was due on")


@pytest.mark.django_db
def test_what_is_left_is_sent_back_under_its_own_reference() -> None:
    at = street()
    campaign, payout = paid(at)
    receipt(at, campaign, 3_000)
    answer = client(at.here.fatma).get(reverse("mine_campaign", args=[campaign.slug]))
    leftover = answer.context["leftover"]
    assert (leftover.amount_cents, leftover.reference) == (750, payout.leftover_reference)
    assert format_rf(payout.leftover_reference) in answer.content.decode()
    assert "went back" not in answer.content.decode()
    assert "payment costs" not in answer.content.decode()
    receipt(at, campaign, 750, colour="green")
    answer = client(at.here.fatma).get(reverse("mine_campaign", args=[campaign.slug]))
    assert answer.context["leftover"] is None


@pytest.mark.django_db
def test_what_was_given_is_what_was_paid_out_and_taken_off_and_went_back() -> None:
    at = street()
    campaign, payout = paid(at)
    line = cast.line(750, structured_reference=payout.leftover_reference)
    import_statement(content=cast.statement(line), by=None, now=NOW)
    page = client(at.here.fatma).get(reverse("mine_campaign", args=[campaign.slug])).content.decode()
    assert "€7.50 was left over and went back." in page
    lights = cast.campaign(at.here, at.programme, title="Lights", target_cents=2_000)
    fund = cast.donations_fund(at.here)
    clearing = ledger.account(fund_id=fund, code=Code.STRIPE_CLEARING)
    pot, costs = (
        ledger.account(fund_id=fund, code=code, key=lights.key) for code in (Code.POTS, Code.PAYMENT_COSTS)
    )
    moves = [ledger.Move(clearing, pot, 2_000), ledger.Move(costs, clearing, 29)]
    ledger.post(key="gift", kind="donation", moves=moves, now=NOW)
    Campaign.objects.filter(pk=lights.pk).update(state=State.REACHED)
    payouts.propose(campaign_id=lights.pk, by=at.here.karin, now=NOW)
    page = client(at.here.fatma).get(reverse("mine_campaign", args=[lights.slug])).content.decode()
    assert "€0.29 of payment costs was taken off the pot." in page
    assert "€19.71" in page


@pytest.mark.django_db
def test_news_is_told_once_however_often_it_is_sent() -> None:
    at = street()
    campaign = in_state(at, State.COLLECTING)
    browser = client(at.here.fatma)
    address = reverse("tell_news", args=[campaign.slug])
    for _ in range(2):
        answer = browser.post(address, {"title": "The lamps are here", "text": "Come and see."})
        assert answer["Location"] == reverse("mine_campaign", args=[campaign.slug])
    assert campaign.updates.get().published_at == NOW
    wrong = browser.post(address, {"title": "", "text": "Come and see it all."})
    assert "Come and see it all." in wrong.content.decode()
    assert campaign.updates.count() == 1


@pytest.mark.django_db
def test_a_photo_is_drawn_anew_and_shown_once() -> None:
    at = street()
    campaign = in_state(at, State.COLLECTING)
    browser = client(at.here.fatma)
    address = reverse("add_photo", args=[campaign.slug])
    for _ in range(2):
        answer = browser.post(address, {"photo": upload(), "caption": "The square"})
        assert answer.status_code == 302
    photo = campaign.photos.get()
    assert (photo.caption, photo.file.mime_type) == ("The square", "image/jpeg")
    assert files.read(photo.file) == files.redrawn_picture(picture())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 not a photo", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:100]]
)
def test_what_is_no_photo_is_refused_with_what_was_typed(content: bytes) -> None:
    at = street()
    campaign = in_state(at, State.COLLECTING)
    sent = {"photo": SimpleUploadedFile("foto.jpg", content, "image/jpeg"), "caption": "The square"}
    answer = client(at.here.fatma).post(reverse("add_photo", args=[campaign.slug]), sent)
    assert set(answer.context["form"].errors) == {"photo"}
    assert 'value="The square"' in answer.content.decode()
    assert not campaign.photos.exists()


@pytest.mark.django_db
def test_a_photo_that_is_too_large_is_refused_unread() -> None:
    at = street()
    campaign = in_state(at, State.COLLECTING)
    large = SimpleUploadedFile("foto.jpg", picture() + b"0" * files.MAX_BYTES, "image/jpeg")
    answer = client(at.here.fatma).post(
        reverse("add_photo", args=[campaign.slug]), {"photo": large, "caption": "The square"}
    )
    assert "10 MB" in str(answer.context["form"].errors["photo"])


@pytest.mark.django_db
def test_the_story_at_the_end_is_one_and_can_be_mended() -> None:
    at = street()
    campaign, _payout = paid(at)
    browser = client(at.here.fatma)
    address = reverse("write_report", args=[campaign.slug])
    browser.post(address, {"text": "It was fine.", "people_reached": "40"})
    assert browser.get(address).context["form"].initial["text"] == "It was fine."
    browser.post(address, {"text": "It was great.", "people_reached": "45"})
    assert FinalReport.objects.values_list("text", "people_reached").get() == ("It was great.", 45)
    wrong = browser.post(address, {"text": "It was great.", "people_reached": "lots"})
    assert set(wrong.context["form"].errors) == {"people_reached"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ["tell_news", "add_photo", "write_report", "give_account", "hand_in_receipt"]
)
def test_a_step_that_does_not_fit_leads_back_and_a_strangers_is_not_found(page: str) -> None:
    at = street()
    campaign = draft(at)
    address = reverse(page, args=[campaign.slug])
    assert client(at.here.fatma).get(address)["Location"] == reverse("mine_campaign", args=[campaign.slug])
    assert client(at.here.karin).get(address).status_code == 404
    assert client(at.here.karin).post(address).status_code == 404
    assert client(None).post(address).status_code == 302
