import logging
import signal
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.sandbox.server import NotATestKey, UnusableWebhookUrl, serve
from payments.sandbox.store import JournalDamaged, JournalInUse


class Command(BaseCommand):
    help = "Runs a stand-in Stripe on 127.0.0.1, until it is told to stop. Never in production."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True, help="0 for a free one")
        parser.add_argument("--state", type=Path, required=True, help="journal; made if missing")
        parser.add_argument("--webhook-url", help="where the site hears of events")
        parser.add_argument("--bank-answers-after", type=float, help="seconds, where a bank answers later")

    def handle(
        self,
        *,
        port: int,
        state: Path,
        webhook_url: str | None,
        bank_answers_after: float | None,
        verbosity: int,
        **options: Any,
    ) -> None:
        if not settings.STRIPE_SANDBOX:
            raise CommandError(
                "This site uses the real Stripe (STRIPE_SANDBOX is off); no stand-in beside it."
            )
        if verbosity > 1:
            logging.getLogger("payments.sandbox").setLevel(logging.INFO)
        stop = threading.Event()
        try:
            with serve(
                state=state,
                secret_key=settings.STRIPE_SECRET_KEY,
                webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
                webhook_url=webhook_url,
                port=port,
                bank_answers_after=bank_answers_after,
            ) as url:
                for signal_number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(signal_number, lambda *_: stop.set())
                self.stdout.write(f"Stand-in Stripe on {url}, state in {state}")
                self.stdout.flush()
                stop.wait()
        except NotATestKey as error:
            raise CommandError("STRIPE_SECRET_KEY must begin with sk_test_ for the stand-in.") from error
        except UnusableWebhookUrl as error:
            raise CommandError(f"--webhook-url {error.url} is not an http address.") from error
        except (JournalInUse, JournalDamaged, OSError) as error:
            raise CommandError(str(error)) from error
