from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger.exports import xaf
from ledger.exports.output import written_whole
from people.models import Organisation


class Command(BaseCommand):
    help = (
        "Writes the audit file (XAF 4.0) of a year: the operator's books, or an extract for one organisation."
    )
    # They would load every page of the site, which is more than the file itself takes.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", required=True, type=int, metavar="Y")
        parser.add_argument(
            "--organisation", metavar="SLUG", help="an extract with the funds of this one only"
        )
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")

    def handle(self, *, year: int, organisation: str | None, output: Path, **options: Any) -> None:
        try:
            of = Organisation.objects.get(slug=organisation) if organisation else None
            with written_whole(output) as file:
                lines = xaf.write(file, year=year, made_on=timezone.localdate(), extract_for=of)
        except Organisation.DoesNotExist as error:
            raise CommandError(f"There is no organisation {organisation}.") from error
        except xaf.NoEntries as error:
            raise CommandError(f"Nothing was booked in {error.year}.") from error
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{lines} lines in {output}.")
