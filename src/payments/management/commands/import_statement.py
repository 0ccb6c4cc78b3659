import json
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Q
from django.utils import timezone

from payments.bank.camt053 import StatementRefused
from payments.gateway import GatewayDown
from payments.models import BankLine, BankStatement
from payments.statements import Imported, import_statement
from people.models import Organisation


class Command(BaseCommand):
    help = "Takes in a statement of the operator's bank account (camt.053), whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.xml")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *, file: Path, as_json: bool, **options: Any) -> None:
        try:
            taken_in = import_statement(content=file.read_bytes(), by=None, now=timezone.now())
        except OSError as error:
            raise CommandError(str(error)) from error
        except Organisation.DoesNotExist as error:
            raise CommandError("There is no operator, whose bank account this could be.") from error
        except GatewayDown as error:
            raise CommandError(
                "Nothing was booked: a line is a payout by Stripe, and Stripe does not answer. Try again in a moment."
            ) from error
        except StatementRefused as refused:
            if as_json:
                told = {"ok": False, "refused": type(refused).__name__, **vars(refused)}
                self.stdout.write(json.dumps(told))
            raise CommandError(f"Nothing was booked: {_words(refused)}.") from refused
        statements = [_counted(one) for one in taken_in]
        if as_json:
            self.stdout.write(json.dumps({"ok": True, "statements": statements}))
            return
        for told in statements:
            if told["created"]:
                result = f"{told['lines']} lines booked, {told['unknown']} of them not recognised"
            else:
                result = "taken in before, nothing booked"
            self.stdout.write(f"{told['identification']}: {result}.")


def _words(refused: StatementRefused) -> str:
    """The kind of refusal and what it holds: `does not connect (expected_cents=0, found_cents=5)`."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", " ", type(refused).__name__).lower()
    # repr: what stands in the file must not steer the terminal.
    return f"{kind} ({', '.join(f'{name}={value!r}' for name, value in vars(refused).items())})"


def _counted(one: Imported) -> dict[str, Any]:
    unknown = Q(lines__kind=BankLine.Kind.UNKNOWN)
    counted = BankStatement.objects.annotate(count=Count("lines"), unknown=Count("lines", filter=unknown))
    row = counted.get(pk=one.statement.pk)
    return {
        "identification": row.identification,
        "created": one.created,
        "lines": row.count,
        "unknown": row.unknown,
    }
