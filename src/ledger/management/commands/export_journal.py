from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger.exports import beancount, journal, sealed
from ledger.exports.output import written_whole

FORMATS: dict[str, Callable[[BinaryIO], int]] = {
    "jsonl": lambda file: sealed.write(file, made_at=timezone.now()),
    "csv": journal.write_csv,
    "xlsx": journal.write_xlsx,
    "beancount": beancount.write,
}


class Command(BaseCommand):
    help = "Writes the whole journal to a file. Reads as the reader's role."
    # They would load every page of the site, which is more than the file itself takes.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", required=True, choices=FORMATS)
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")

    def handle(self, *, output: Path, **options: Any) -> None:
        try:
            with written_whole(output) as file:
                count = FORMATS[options["format"]](file)
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} transfers in {output}.")
