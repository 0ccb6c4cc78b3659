import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from people.models import Organisation
from places.imports import ListRefused
from places.operations import import_dwellings


class Command(BaseCommand):
    help = "Takes in a corporation's list of dwellings (CSV), whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *, file: Path, organisation: str, as_json: bool, **options: Any) -> None:
        try:
            host = Organisation.objects.get(slug=organisation)
            taken_in = import_dwellings(
                organisation=host,
                content=file.read_bytes(),
                file_name=file.name,
                made_by=None,
                now=timezone.now(),
            )
        except Organisation.DoesNotExist as error:
            raise CommandError(f"There is no organisation {organisation}.") from error
        except OSError as error:
            raise CommandError(str(error)) from error
        except ListRefused as refused:
            self._tell_faults(refused, as_json=as_json)
            raise CommandError(f"Nothing was taken in: {refused.total} faults in the list.") from refused
        rows, added = taken_in.rows, taken_in.added
        if as_json:
            self.stdout.write(json.dumps({"ok": True, "rows": rows, "added": added, "updated": rows - added}))
        else:
            self.stdout.write(f"{rows} dwellings: {added} added, {rows - added} brought up to date.")

    def _tell_faults(self, refused: ListRefused, *, as_json: bool) -> None:
        if as_json:
            faults = [
                {"line": fault.line, "column": fault.column, "code": fault.code, "value": fault.value}
                for fault in refused.faults
            ]
            self.stdout.write(json.dumps({"ok": False, "total": refused.total, "faults": faults}))
            return
        for fault in refused.faults:
            # repr: what stands in the list must not steer the terminal.
            self.stderr.write(f"line {fault.line} {fault.column}: {fault.code} {fault.value!r}")
