import json
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from common.money import NotAnAmount, cents_of, money
from people.models import Organisation
from programmes.operations import add_grant


def amount(text: str) -> int:
    try:
        cents = cents_of(text)
    except NotAnAmount as error:
        raise ArgumentTypeError(f"{text!r} is not an amount such as 1500,00") from error
    if cents == 0:
        raise ArgumentTypeError("an amount must be above zero")
    return cents


def percent(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 500:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 500")
    return int(text)


class Command(BaseCommand):
    help = (
        "Adds a sponsor's grant, which puts money beside what residents give to the campaigns of a host. "
        "Prints the reference under which the sponsor must transfer it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="as residents read it")
        parser.add_argument("--sponsor", required=True, metavar="SLUG")
        parser.add_argument("--host", required=True, metavar="SLUG")
        parser.add_argument("--amount", required=True, type=amount, metavar="1500,00", help="in euros")
        parser.add_argument(
            "--per-campaign", required=True, type=amount, metavar="250,00", help="at most, in euros"
        )
        parser.add_argument("--percent", type=percent, default=100, help="of a gift that it adds: 1 to 500")
        parser.add_argument(
            "--cheques", action="store_true", help="it adds to cheques too, not to donations only"
        )
        parser.add_argument(
            "--from", required=True, type=date.fromisoformat, dest="starts_on", metavar="YYYY-MM-DD"
        )
        parser.add_argument(
            "--until", required=True, type=date.fromisoformat, dest="ends_on", metavar="YYYY-MM-DD"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *, name: str, starts_on: date, ends_on: date, as_json: bool, **options: Any) -> None:
        if ends_on < starts_on:
            raise CommandError("The last day lies before the first.")
        grant, created = add_grant(
            organisation=_organisation(options["sponsor"]),
            host=_organisation(options["host"]),
            name=name,
            amount_cents=options["amount"],
            match_percent=options["percent"],
            per_campaign_cents=options["per_campaign"],
            matches_cheques=options["cheques"],
            starts_on=starts_on,
            ends_on=ends_on,
            now=timezone.now(),
        )
        asked = grant.fund.funding_requests.order_by("pk")[0]
        if as_json:
            told = {"name": name, "reference": asked.reference, "amount_cents": asked.amount_cents}
            self.stdout.write(json.dumps({"created": created, **told}))
            return
        result = "was added" if created else "exists already. Nothing was changed"
        self.stdout.write(
            f"{name} {result}. To transfer: {money(asked.amount_cents)} under the reference {asked.reference}."
        )


def _organisation(slug: str) -> Organisation:
    try:
        return Organisation.objects.get(slug=slug)
    except Organisation.DoesNotExist as error:
        raise CommandError(f"There is no organisation {slug}.") from error
