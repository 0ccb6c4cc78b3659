from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.files import written_whole
from ledger.exports import journal

FORMATS = {"jsonl": journal.write_jsonl, "csv": journal.write_csv}


class Command(BaseCommand):
    help = "Writes the whole journal to a file. Reads as the reader's role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", required=True, choices=FORMATS)
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")

    def handle(self, *, output: Path, **options: Any) -> None:
        with written_whole(output) as file:
            count = FORMATS[options["format"]](file)
        self.stdout.write(f"{count} transfers in {output}.")
