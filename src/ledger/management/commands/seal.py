from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ledger import seals


class Command(BaseCommand):
    help = "Seals what is committed, now. The worker does it by itself."

    def handle(self, **options: Any) -> None:
        try:
            made = seals.seal(key=seals.the_key(), holder=settings.OPERATOR_NAME, now=timezone.now())
        except (seals.KeyMissing, seals.NotAKey) as error:
            raise CommandError(f"There is no key to seal with in {error.path}.") from error
        except seals.UnknownKey as error:
            raise CommandError(
                f"Key {error} does not seal these books. Bring it in with rotate_seal_key."
            ) from error
        self.stdout.write(f"{len(made)} seals made." if made else "Nothing to seal.")
