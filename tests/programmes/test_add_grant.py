"""A sponsor's grant, added from a shell."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from common.references import find_rf
from people.models import Organisation, OrganisationKind
from programmes.models import FundingRequest, Grant
from tests import cast

pytestmark = pytest.mark.django_db

GIVEN = {
    "--sponsor": "oeverdam",
    "--host": "de-klinker",
    "--amount": "5.000,00",
    "--per-campaign": "250",
    "--percent": "50",
    "--from": "2026-03-01",
    "--until": "2026-10-31",
}


@pytest.fixture(autouse=True)
def here() -> cast.World:
    world = cast.world()
    Organisation.objects.create(kind=OrganisationKind.MUNICIPALITY, name="Gemeente Oeverdam", slug="oeverdam")
    return world


def add(*flags: str, **change: str) -> str:
    given = GIVEN | {f"--{name.replace('_', '-')}": value for name, value in change.items()}
    out = io.StringIO()
    options = [part for pair in given.items() for part in pair]
    call_command("add_grant", "Samen voor groen", *options, *flags, stdout=out)
    return out.getvalue().strip()


def test_a_grant_is_made_with_the_reference_to_pay_it_under() -> None:
    told = add("--cheques")
    grant = Grant.objects.get()
    asked = FundingRequest.objects.get()
    assert told.startswith("Samen voor groen was added. To transfer: ")
    assert find_rf(told) == [asked.reference]
    assert (asked.fund_id, asked.amount_cents) == (grant.fund_id, 500_000)
    assert (grant.organisation.slug, grant.host.slug) == ("oeverdam", "de-klinker")
    assert (grant.match_percent, grant.per_campaign_cents, grant.matches_cheques) == (50, 25_000, True)
    assert (str(grant.starts_on), str(grant.ends_on)) == ("2026-03-01", "2026-10-31")


def test_asked_for_again_it_is_there_already_with_the_same_reference() -> None:
    first = json.loads(add("--json"))
    again = json.loads(add("--json", amount="9.000"))
    assert (first.pop("created"), again.pop("created")) == (True, False)
    assert first == again
    assert "exists already. Nothing was changed." in add()
    assert (Grant.objects.count(), FundingRequest.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"sponsor": "nobody"}, "There is no organisation nobody"),
        ({"host": "nobody"}, "There is no organisation nobody"),
        ({"amount": "a lot"}, "not an amount"),
        ({"per_campaign": "0"}, "above zero"),
        ({"percent": "501"}, "from 1 to 500"),
        ({"until": "2026-02-28"}, "The last day lies before the first"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        add(**wrong)
    assert not Grant.objects.exists()
