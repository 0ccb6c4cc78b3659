from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger import heads, kept, seals


class Command(BaseCommand):
    help = (
        "Begins SEAL_HEAD_FILE, once: from here on only what goes on from the newest seal is signed. Where books are sealed"
        " already, give its head, and compare it first with the one in the mail to auditors or with a witness."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "head",
            nargs="?",
            default=kept.NOTHING_BEFORE,
            metavar="HEAD",
            help="of the newest seal; none when nothing was ever sealed",
        )

    def handle(self, *, head: str, **options: Any) -> None:
        path, head = seals.head_file(), head.lower()
        try:
            seals.adopt(path, head=head)
        except FileExistsError as error:
            raise CommandError(
                f"{path} says already what was signed last. Only when you know why that no longer holds:"
                " move it away, keep it, and come back."
            ) from error
        except kept.HeadMissing as error:
            raise CommandError(f"There is no folder for {path}.") from error
        except kept.Astray as error:
            raise CommandError(
                f"{error}. Its head is {heads.latest_head()}: if it is in your mail or a witness has it, give it to this command."
            ) from error
        self.stdout.write(f"{path} begins at {head}.")
