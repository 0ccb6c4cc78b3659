import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from places.areas import AreasRefused
from places.operations import import_neighbourhoods


class Command(BaseCommand):
    help = (
        "Takes in municipalities, districts and neighbourhoods with the codes of Statistics Netherlands (CBS), "
        "whole or not at all. The file: one area a line, with at least the columns gwb_code_10 and regio, or code and naam."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--year", type=int, required=True, help="of the codes")
        parser.add_argument(
            "--municipality",
            action="append",
            default=[],
            dest="municipalities",
            metavar="GM0502",
            help="of a file with the whole country only this one; can be given again",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(
        self, *, file: Path, year: int, municipalities: list[str], as_json: bool, **options: Any
    ) -> None:
        try:
            counts = import_neighbourhoods(
                content=file.read_bytes(), year=year, municipalities=municipalities
            )
        except OSError as error:
            raise CommandError(str(error)) from error
        except AreasRefused as refused:
            self._tell_faults(refused, as_json=as_json)
            raise CommandError(
                f"Nothing was taken in: {len(refused.faults)} faults in the file."
            ) from refused
        if as_json:
            self.stdout.write(json.dumps({"ok": True, **counts}))
        else:
            self.stdout.write(
                f"{counts['added']} areas added, {counts['updated']} brought up to date, "
                f"{counts['unchanged']} as they were."
            )

    def _tell_faults(self, refused: AreasRefused, *, as_json: bool) -> None:
        if as_json:
            faults = [
                {"line": fault.line, "code": fault.code, "value": fault.value} for fault in refused.faults
            ]
            self.stdout.write(json.dumps({"ok": False, "faults": faults}))
            return
        for fault in refused.faults:
            # repr: what stands in the file must not steer the terminal.
            self.stderr.write(f"line {fault.line}: {fault.code} {fault.value!r}")
