"""An address that only takes a form that was sent, when somebody looks at it, and the way to the other language from there."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import cast


@pytest.mark.django_db
def test_who_looks_at_the_address_of_a_form_gets_a_page_with_a_way_on() -> None:
    answer = Client().get(reverse("cheque_open"))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Hier is niets te zien" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://testserver/c?taal=1", "/c?taal=1"),
        ("http://elsewhere.example/c", "/"),
        ("//elsewhere.example/c", "/"),
        ("", "/"),
    ],
)
def test_the_other_language_leads_back_to_the_page_that_the_form_was_on(
    came_from: str, leads_to: str
) -> None:
    cast.world()
    client = Client(headers={"referer": came_from} if came_from else {})
    page = client.post(reverse("cheque_open"), {"code": "AAAA"})
    assert page.status_code == 422
    assert f'name="next" value="{leads_to}"' in page.content.decode()


@pytest.mark.django_db
def test_the_other_language_leads_back_to_where_one_looked() -> None:
    assert 'name="next" value="/c?x=1"' in Client().get("/c?x=1").content.decode()


@pytest.mark.django_db
def test_no_page_has_something_else_under_that_name() -> None:
    """What a view itself calls so would be where the language button leads."""
    here = cast.world()
    for url in ("/", reverse("neighbourhood", args=[here.bloemenbuurt.slug]), reverse("trail")):
        page = Client().get(url).content.decode()
        assert f'name="next" value="{url}"' in page
