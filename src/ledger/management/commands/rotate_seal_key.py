from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger import seals


class Command(BaseCommand):
    help = "Makes a new key to seal with, and lets the old one sign for it. Then point SEAL_KEY_FILE at the new file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("new", type=Path, metavar="NEW_FILE", help="where the new key is written")
        parser.add_argument(
            "--lost", action="store_true", help="the old key is gone: nothing will vouch for the new one"
        )

    def handle(self, *, new: Path, lost: bool, **options: Any) -> None:
        try:
            old = None if lost else seals.the_key()
            key = seals.rotate(
                old=old, new=seals.make_key(new), holder=settings.OPERATOR_NAME, now=timezone.now()
            )
        except (seals.KeyMissing, seals.NotAKey) as error:
            raise CommandError(f"There is no key to seal with in {error.path}.") from error
        except seals.UnknownKey as error:
            raise CommandError(f"Key {error} does not seal these books.") from error
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{bytes(key.public).hex()} seals from now on: set SEAL_KEY_FILE={new}")
