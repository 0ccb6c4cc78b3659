"""Texts, photos, stylesheets, robots and the pages for when something goes wrong."""

import io

import pytest
from django.core.files.storage import default_storage
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error
from PIL import Image

from campaigns import operations as campaigns
from campaigns.models import Campaign, Photo, State
from common import files
from common.files import redrawn_picture
from people.models import Organisation
from tests.cast import NOW
from tests.web.public.conftest import Square


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["help", "trail", "privacy", "accessibility", "cheque_landing", "home"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_words_opens_in_both_languages(page: str, language: str) -> None:
    answer = Client(headers={"accept-language": language}).get(reverse(page))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in html
    assert html.count("<h1") == 1


def test_the_helpline_of_the_host_can_be_called_from_every_page(client: Client, square: Square) -> None:
    html = client.get(reverse("campaign", args=[square.bench.slug])).content.decode()
    assert 'Call <a class="number" href="tel:08000000020">0800 000 00 20</a>.' in html


def photo_of(campaign: Campaign, *, mime_type: str = "image/jpeg") -> Photo:
    raw = io.BytesIO()
    Image.new("RGB", (40, 30), "#5A1E4A").save(raw, "PNG")
    file = files.store(content=redrawn_picture(raw.getvalue()), name="p.jpg", mime_type=mime_type, now=NOW)
    return campaigns.add_photo(campaign=campaign, file=file, caption="De plek", now=NOW)


def test_a_photo_of_a_public_campaign_is_a_picture_and_nothing_else(client: Client, square: Square) -> None:
    photo = photo_of(square.bench)
    answer = client.get(reverse("photo", args=[photo.pk]))
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert Image.open(io.BytesIO(answer.content)).size == (40, 30)
    assert (
        reverse("photo", args=[photo.pk])
        in client.get(reverse("campaign", args=[square.bench.slug])).content.decode()
    )


def test_a_photo_of_a_draft_is_not_found(client: Client, square: Square) -> None:
    photo = photo_of(square.bench)
    Campaign.objects.update(state=State.DRAFT)
    assert client.get(reverse("photo", args=[photo.pk])).status_code == 404


def test_a_file_that_is_no_picture_of_ours_is_not_served(client: Client, square: Square) -> None:
    photo = photo_of(square.bench, mime_type="text/html")
    assert client.get(reverse("photo", args=[photo.pk])).status_code == 404


def test_a_photo_is_kept_by_browsers_for_a_day_and_a_lost_one_is_not(client: Client, square: Square) -> None:
    photo = photo_of(square.bench)
    address = reverse("photo", args=[photo.pk])
    assert client.get(address)["Cache-Control"] == "public, max-age=86400"
    default_storage.delete(photo.file.path)
    lost = client.get(address)
    assert (lost.status_code, lost.has_header("Cache-Control")) == (404, False)
    assert "This file is gone" in lost.content.decode()


def test_the_picture_of_a_receipt_has_no_public_address(client: Client, square: Square) -> None:
    small = square.campaign("Vogelhuisje", 1_500)
    square.cheque_gifts(small, 2)
    square.pay_out(small)
    square.receipt(small, 1_000)
    html = client.get(reverse("campaign", args=[small.slug])).content.decode()
    assert "<img class" not in html
    assert small.receipts.get().file.content_hash not in html


@pytest.mark.django_db
def test_the_house_colours_are_a_stylesheet(client: Client) -> None:
    Organisation.objects.create(
        kind="corporation",
        name="Noorderwal",
        slug="noorderwal",
        brand="#0B4A5E",
        corners="square",
        paving="water",
    )
    answer = client.get(reverse("house_stylesheet", args=["noorderwal"]))
    css = answer.content.decode()
    assert answer["Content-Type"].startswith("text/css")
    assert "--brand: #0B4A5E" in css
    assert "paving-water" in css


@pytest.mark.django_db
def test_colours_that_cannot_be_read_are_left_out(client: Client) -> None:
    Organisation.objects.create(kind="corporation", name="Geel", slug="geel", brand="#FFEE00")
    answer = client.get(reverse("house_stylesheet", args=["geel"]))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.django_db
def test_robots_stay_away_from_cheques_and_donations(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /cheque/" in text
    assert "Disallow: /donatie/" in text


@pytest.mark.django_db
def test_the_page_for_our_own_faults_needs_nothing_of_the_request() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b"<h1>" in answer.content


@pytest.mark.django_db
def test_a_form_from_a_page_that_was_open_too_long_is_explained(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = strict.post(reverse("cheque_open"), {"code": "x"})
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()
