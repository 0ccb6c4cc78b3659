"""The whole story, from an empty database to today."""

from datetime import datetime

from django.db import connection

from demo.neighbourhood import payer
from demo.neighbourhood.bank import Bank
from demo.neighbourhood.following import plan_campaigns
from demo.neighbourhood.funding import plan_funding
from demo.neighbourhood.paying import plan_payouts
from demo.neighbourhood.people import (
    KLINKER,
    has_second_steps,
    make_organisations,
    make_people,
    make_second_steps,
)
from demo.neighbourhood.places import make_places
from demo.neighbourhood.posting import plan_posting
from demo.neighbourhood.stage import Stage
from demo.neighbourhood.timeline import Days
from payments import gateway
from people.models import Organisation

BEGINS = 200  # days ago


class AlreadyThere(Exception):
    """The demo was made in this database before."""


class NotEmpty(Exception):
    """The database holds something else, or a demo that was broken off."""


class StripeNotEmpty(Exception):
    """The stand-in Stripe remembers payments that this database does not know."""


def tell(*, now: datetime) -> None:
    """Makes the demo, with `now` as today.

    Raises AlreadyThere, NotEmpty, StripeNotEmpty, gateway.GatewayDown, payer.NoStandIn.
    """
    _check_empty()
    with connection.cursor() as cursor:
        # A demo that a power cut takes away is made anew: its thousand small steps need not each wait for the disk.
        cursor.execute("SET synchronous_commit TO off")
    days = Days(now)
    since = days.at(BEGINS, 9)
    organisations = make_organisations()
    people = make_people(organisations=organisations, since=since)
    stage = Stage(
        days=days,
        people=people,
        organisations=organisations,
        places=make_places(year=days.day(BEGINS).year),
        bank=Bank(people["willem"]),
    )
    plan_funding(stage)
    plan_campaigns(stage)
    plan_payouts(stage)
    plan_posting(stage)
    try:
        stage.agenda.play()
    finally:
        payer.be_on_time()
    # Last: it is the sign that the story was told to its end.
    make_second_steps(people)


def _check_empty() -> None:
    if Organisation.objects.filter(slug=KLINKER).exists() and has_second_steps():
        raise AlreadyThere
    if Organisation.objects.exists():
        raise NotEmpty
    if gateway.all_transactions():
        raise StripeNotEmpty
