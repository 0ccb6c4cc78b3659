"""`manage.py check_books --json`: every invariant; exit status 1 if one fails."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from books import checks


class Command(BaseCommand):
    help = "Recomputes everything that is kept ready, and compares the books with the domain, the bank and Stripe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        found = checks.run()
        ok = all(check.ok for check in found)
        if options["json"]:
            rows = [{"name": check.name, "ok": check.ok, "found": check.found} for check in found]
            self.stdout.write(json.dumps({"ok": ok, "checks": rows}, default=str))
        else:
            for check in found:
                self.stdout.write(f"{'ok ' if check.ok else 'BAD'}  {check.name}")
                for example in check.found:
                    self.stdout.write(f"       {example}")
        if not ok:
            sys.exit(1)
