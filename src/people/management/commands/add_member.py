import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from people.models import Organisation, Role
from people.operations import NotTheOperator, add_member


class Command(BaseCommand):
    help = "Gives a person a role in an organisation. They sign in with a code sent to this address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--name", default="", help="of a person who is not known yet")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(
        self, *, email: str, organisation: str, role: str, name: str, as_json: bool, **options: Any
    ) -> None:
        try:
            membership, created = add_member(
                email=email,
                name=name,
                organisation=Organisation.objects.get(slug=organisation),
                role=Role(role),
                now=timezone.now(),
            )
        except Organisation.DoesNotExist as error:
            raise CommandError(f"There is no organisation {organisation}.") from error
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an e-mail address.") from error
        except NotTheOperator as error:
            raise CommandError(f"A treasurer is one of the operator, and {error.slug} is not.") from error
        until = membership.until
        if as_json:
            told = {"email": membership.user.email, "organisation": organisation, "role": role}
            self.stdout.write(json.dumps(told | {"created": created, "until": until and until.isoformat()}))
        elif created:
            self.stdout.write(f"{membership.user.email} is {role} of {organisation} from now on.")
        else:
            ended = f" It counts until {until:%Y-%m-%d %H:%M}." if until else ""
            self.stdout.write(
                f"{membership.user.email} has the role {role} of {organisation} already."
                f" Nothing was changed.{ended}"
            )
