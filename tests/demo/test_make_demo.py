"""`manage.py make_demo` where no demo can be made: it says why, and leaves everything as it was."""

from datetime import timedelta

import pytest
import requests
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from payments import gateway
from people.models import Organisation, OrganisationKind
from tests.cast import NOW
from tests.standin import Stripe


@pytest.mark.django_db
def test_a_database_in_use_is_left_alone() -> None:
    Organisation.objects.create(kind=OrganisationKind.FOUNDATION, name="Stichting Anders", slug="anders")
    with pytest.raises(CommandError, match="something else"):
        call_command("make_demo")
    assert Organisation.objects.count() == 1


@pytest.mark.django_db
def test_without_the_stand_in_it_says_what_is_missing(settings: Settings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    with pytest.raises(CommandError, match="stand-in Stripe does not answer"):
        call_command("make_demo")
    assert not Organisation.objects.exists()


@pytest.mark.django_db
def test_a_stand_in_that_remembers_other_payments_is_refused(stripe: Stripe) -> None:
    session = gateway.create_session(
        reference="something else",
        amount_cents=500,
        description="Iets anders",
        email="",
        language="nl",
        success_url="http://x.test/",
        cancel_url="http://x.test/",
        expires_at=NOW + timedelta(hours=1),
    )
    requests.post(
        f"{stripe.url}/pay/{session.session_id}", {"outcome": "pay"}, allow_redirects=False, timeout=10
    )
    with pytest.raises(CommandError, match="remembers other payments"):
        call_command("make_demo")
    assert not Organisation.objects.exists()
