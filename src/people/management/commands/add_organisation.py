import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.models import Organisation, OrganisationKind
from people.operations import (
    CHANGEABLE,
    NotAnsweredTo,
    SecondOperator,
    add_organisation,
    change_organisation,
)


class Command(BaseCommand):
    help = (
        "Adds an organisation: a host, a sponsor, or the operator of the platform. "
        "One that is there already stays as it is, unless --change is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="its name in addresses, such as de-klinker")
        parser.add_argument("--name")
        parser.add_argument("--kind", choices=OrganisationKind.values)
        parser.add_argument(
            "--operator", action="store_true", dest="is_operator", help="it runs the platform"
        )
        parser.add_argument("--registration-number", metavar="NUMBER", help="at the chamber of commerce")
        parser.add_argument("--host-name", metavar="HOST", help="of its own pages, and in its QR codes")
        parser.add_argument("--helpline", metavar="NUMBER", help="telephone number on its letters")
        parser.add_argument("--desk", metavar="PLACE", help="where residents can walk in, on its letters")
        parser.add_argument("--return-address", metavar="LINE", help="in the window of its letters")
        for name in ("brand", "brand-strong", "brand-tint", "page"):
            parser.add_argument(f"--{name}", metavar="#RRGGBB")
        parser.add_argument("--corners", choices=["round", "square"])
        parser.add_argument("--paving", choices=["bricks", "water"])
        parser.add_argument("--change", action="store_true", help="change what is given of one that is there")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *, slug: str, is_operator: bool, change: bool, as_json: bool, **options: Any) -> None:
        given = {name: options[name].strip() for name in CHANGEABLE if options[name] is not None}
        try:
            if change:
                created, changed = False, change_organisation(slug=slug, to=given)
            else:
                wanted = Organisation(slug=slug, is_operator=is_operator, **given)
                _, created = add_organisation(organisation=wanted)
                changed = []
        except Organisation.DoesNotExist as error:
            raise CommandError(f"There is no organisation {slug}.") from error
        except ValidationError as error:
            told = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
            raise CommandError(f"Nothing was added or changed. {told}") from error
        except SecondOperator as error:
            raise CommandError(f"The platform has an operator already: {error.slug}.") from error
        except NotAnsweredTo as error:
            raise CommandError(
                f"The site does not answer to {error.host_name}. Add it to ALLOWED_HOSTS first."
            ) from error
        self._tell(slug, created=created, changed=changed, as_json=as_json)

    def _tell(self, slug: str, *, created: bool, changed: list[str], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"slug": slug, "created": created, "changed": changed}))
        elif created:
            self.stdout.write(f"{slug} was added.")
        elif changed:
            self.stdout.write(f"{slug}: {', '.join(changed)} changed.")
        else:
            self.stdout.write(f"{slug} exists already. Nothing was changed.")
