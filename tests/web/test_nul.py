"""A NUL in the address: PostgreSQL holds none in a text, so nothing that was asked may reach it unread."""

import inspect
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from people.models import Membership, Role
from tests.books.road import travelled
from tests.cast import NOW
from tests.web.signing_in import signed_in
from tests.web.test_every_address import Address, addresses, objects_of
from web.auditors.forms import FilterForm
from web.public.forms import SearchForm
from web.staff.forms import NewRunForm

WEB = Path(settings.ROOT) / "src" / "web"
# What pages read from the address by hand, and the forms that are sent in the address.
BY_HAND = {
    "after",
    "before",
    "buurt",
    "change",
    "initiatief",
    "name",
    "last",
    "open",
    "page",
    "programme",
    "q",
    "sort",
    "state",
}
FORMS = (FilterForm, SearchForm, NewRunForm)
# Not ours, or without a question.
ELSEWHERE = (
    *("account/", "demo/", "webhooks/", "i18n/"),
    *("cheque/gegeven/", "donatie/", "foto/", "huisstijl/"),
)
QUERY = BY_HAND | {name for form in FORMS for name in form.base_fields}
READ = re.compile(
    r"""GET(?:\.get\(|\.getlist\(|\[)"(\w+)"|"(\w+)" (?:not )?in request\.GET|typed\(request, "(\w+)"|name="(\w*page)\""""
)


def questions(address: Address) -> list[str]:
    """What the page at this address may read from it."""
    source = Path(inspect.getfile(inspect.unwrap(address.pattern.callback))).read_text()
    by_form = {name for form in FORMS if form.__name__ in source for name in form.base_fields}
    return sorted({"page", "q", "sort"} | by_form | {name for name in BY_HAND if f'"{name}"' in source})


def test_every_question_that_a_page_reads_from_its_address_is_known_here() -> None:
    found = {
        next(filter(None, match)) for path in WEB.rglob("*.py") for match in READ.findall(path.read_text())
    }
    assert found - QUERY == set()


@pytest.mark.django_db
def test_no_page_stumbles_over_a_nul_in_what_is_asked(client: Client) -> None:
    road = travelled()
    objects = objects_of(road) | {("neighbourhood", "slug"): road.here.bloemenbuurt.slug}
    klinker, operator = road.here.klinker, road.here.operator
    for role in Role:
        for organisation in (klinker, operator):
            Membership.objects.get_or_create(
                user=road.here.fatma, organisation=organisation, role=role, defaults={"since": NOW}
            )
    signed_in(client, road.here.fatma)
    asked = 0
    for address in addresses():
        if address.route.startswith(ELSEWHERE):
            continue
        path = address.filled(objects)
        if client.get(path).status_code != 200:
            continue
        asked += 1
        for name in questions(address):  # one at a time: a bad answer to one must not hide another
            assert client.get(f"{path}?{name}=a%00b").status_code < 500, (path, name)
    assert asked > 40
