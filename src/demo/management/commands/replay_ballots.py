"""`manage.py replay_ballots FILE.pb [--organisation NAME] --json`: real ballots through the real operations."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo import ballots, replay


class Command(BaseCommand):
    help = "Plays a Pabulib file of approval votes: one cheque for each voter, one campaign for each project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--organisation", metavar="NAME", help="the host to play under (default: the file's name)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            read = ballots.read(file)
        except (OSError, UnicodeDecodeError, ballots.NotBallots) as error:
            raise CommandError(f"{file}: {error}") from error
        outcome = replay.as_dict(
            replay.play(
                ballots=read, organisation_name=options["organisation"] or file.stem, now=timezone.now()
            )
        )
        if options["json"]:
            self.stdout.write(json.dumps(outcome))
            return
        for name, value in outcome.items():
            self.stdout.write(f"{name:>20}  {value}")
