"""A site begins: its operator, its hosts, and who works for them."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from people.models import Membership, Organisation, Role, User

pytestmark = pytest.mark.django_db

OPERATOR = {"name": "Stichting Buurtpot", "kind": "foundation", "is_operator": True}
KLINKER = {
    "name": "Woonstichting De Klinker",
    "kind": "corporation",
    "helpline": "0800 000 00 20",
    "desk": "buurthuis De Spil, Tulpstraat 2",
}


def add(slug: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("add_organisation", slug, stdout=out, **options)
    return out.getvalue().strip()


def join(email: str, organisation: str, role: Role, **options: Any) -> str:
    out = io.StringIO()
    call_command("add_member", email, organisation=organisation, role=role.value, stdout=out, **options)
    return out.getvalue().strip()


def test_an_empty_site_gets_an_operator_and_a_host_with_all_that_its_letters_and_pages_need(
    settings: Settings,
) -> None:
    settings.ALLOWED_HOSTS = ["buurtpot.example", "klinker.example"]
    assert add("buurtpot", **OPERATOR) == "buurtpot was added."
    look = {"brand": "#0B4A5E", "brand_strong": "#07323F", "corners": "square", "paving": "water"}
    told = json.loads(add("de-klinker", host_name="klinker.example", as_json=True, **KLINKER, **look))
    assert told == {"slug": "de-klinker", "created": True, "changed": []}
    klinker = Organisation.objects.get(slug="de-klinker")
    assert (klinker.name, klinker.kind, klinker.is_operator) == (
        KLINKER["name"],
        KLINKER["kind"],
        False,
    )
    assert (klinker.helpline, klinker.desk) == (KLINKER["helpline"], KLINKER["desk"])
    assert (klinker.host_name, klinker.brand, klinker.corners) == ("klinker.example", "#0B4A5E", "square")
    assert klinker.brand_tint == "#F6EBF2", "what is not given has the colours of the platform"
    assert Organisation.objects.get(is_operator=True).slug == "buurtpot"


def test_an_organisation_that_is_there_stays_as_it_is_and_the_command_says_so() -> None:
    add("de-klinker", **KLINKER)
    before = Organisation.objects.values().get()
    again = KLINKER | {"name": "De Klinker", "helpline": "0800 999 99 99"}
    assert add("de-klinker", **again) == "de-klinker exists already. Nothing was changed."
    assert Organisation.objects.values().get() == before


def test_asked_to_change_it_changes_what_was_given_and_names_it() -> None:
    add("de-klinker", **KLINKER)
    assert add("de-klinker", change=True, helpline="", name="De Klinker") == (
        "de-klinker: name, helpline changed."
    )
    klinker = Organisation.objects.get()
    assert (klinker.name, klinker.helpline, klinker.desk) == ("De Klinker", "", KLINKER["desk"])
    assert add("de-klinker", change=True, name="De Klinker", host_name="") == (
        "de-klinker exists already. Nothing was changed."
    )
    with pytest.raises(CommandError, match="There is no organisation noorderwal"):
        add("noorderwal", change=True, name="Noorderwal")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": None}, "kind: "),
        ({"name": " "}, "name: "),
        ({"brand": "#E4572E"}, "brand: "),
        ({"page": "blue"}, "page: "),
        ({"host_name": "https://klinker.example"}, "host_name: "),
        ({"host_name": "elsewhere.example"}, "does not answer to elsewhere.example"),
        ({"is_operator": True}, "has an operator already: buurtpot"),
        ({"slug": "De Klinker"}, "slug: "),
    ],
)
def test_what_would_not_work_later_is_refused_now(
    wrong: dict[str, Any], told: str, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["buurtpot.example"]
    add("buurtpot", **OPERATOR)
    given = KLINKER | {"slug": "de-klinker"} | wrong
    with pytest.raises(CommandError, match=told):
        add(str(given.pop("slug")), **given)
    assert Organisation.objects.count() == 1


def test_two_organisations_do_not_share_a_host_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["klinker.example"]
    add("de-klinker", host_name="klinker.example", **KLINKER)
    with pytest.raises(CommandError, match="host_name: "):
        add("noorderwal", name="Noorderwal", kind="corporation", host_name="klinker.example")
    assert add("noorderwal", name="Noorderwal", kind="corporation") == "noorderwal was added."


def test_a_person_gets_a_role_once_and_then_holds_it() -> None:
    add("de-klinker", **KLINKER)
    assert join("Karin@Klinker.example", "de-klinker", Role.STAFF, name="Karin") == (
        "karin@klinker.example is staff of de-klinker from now on."
    )
    karin = User.objects.get()
    assert (karin.name, karin.memberships.get().role) == ("Karin", Role.STAFF)
    again = join("karin@klinker.example", "de-klinker", Role.STAFF, name="Somebody else")
    assert again == "karin@klinker.example has the role staff of de-klinker already. Nothing was changed."
    join("KARIN@klinker.example", "de-klinker", Role.AUDITOR)
    karin.refresh_from_db()
    assert (karin.name, karin.memberships.count(), User.objects.count()) == ("Karin", 2, 1)


def test_a_role_that_has_ended_is_told_as_such() -> None:
    add("de-klinker", **KLINKER)
    join("karin@klinker.example", "de-klinker", Role.STAFF)
    Membership.objects.update(until=timezone.now() - timedelta(days=1))
    assert "It counts until " in join("karin@klinker.example", "de-klinker", Role.STAFF)
    told = json.loads(join("karin@klinker.example", "de-klinker", Role.STAFF, as_json=True))
    assert (told["created"], told["until"]) == (False, Membership.objects.get().until.isoformat())  # type: ignore[union-attr]


def test_a_treasurer_is_one_of_the_operator() -> None:
    add("buurtpot", **OPERATOR)
    add("de-klinker", **KLINKER)
    with pytest.raises(CommandError, match="A treasurer is one of the operator, and de-klinker is not"):
        join("thea@klinker.example", "de-klinker", Role.TREASURER)
    join("thea@buurtpot.example", "buurtpot", Role.TREASURER)
    assert User.objects.get().memberships.get().role == Role.TREASURER


def test_a_wrong_address_or_organisation_makes_nobody() -> None:
    add("de-klinker", **KLINKER)
    with pytest.raises(CommandError, match="'karin' is not an e-mail address"):
        join("karin", "de-klinker", Role.STAFF)
    with pytest.raises(CommandError, match="There is no organisation noorderwal"):
        join("karin@klinker.example", "noorderwal", Role.STAFF)
    assert not User.objects.exists()
