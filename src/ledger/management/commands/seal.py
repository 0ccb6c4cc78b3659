from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ledger import kept, seals


class Command(BaseCommand):
    help = "Seals what is committed, now. The worker does it by itself."

    def handle(self, **options: Any) -> None:
        try:
            made = seals.seal(
                key=seals.the_key(),
                head_file=seals.head_file(),
                holder=settings.OPERATOR_NAME,
                now=timezone.now(),
            )
        except (seals.KeyMissing, seals.NotAKey) as error:
            raise CommandError(f"There is no key to seal with in {error.path}.") from error
        except seals.UnknownKey as error:
            raise CommandError(
                f"Key {error} does not seal these books. Bring it in with rotate_seal_key."
            ) from error
        except kept.HeadMissing as error:
            raise CommandError(
                f"{error.path} is gone: it says what was signed last. Begin it anew with adopt_seal_head."
            ) from error
        except kept.Astray as error:
            raise CommandError(
                f"These are not the books that were sealed, and nothing is signed: {error}"
            ) from error
        self.stdout.write(f"{len(made)} seals made." if made else "Nothing to seal.")
