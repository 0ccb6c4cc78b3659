"""`manage.py make_demo`: the demo neighbourhood, in an empty database."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo.neighbourhood import story
from demo.neighbourhood.payer import NoStandIn
from demo.neighbourhood.people import SIGN_INS, second_step_secret
from payments.gateway import GatewayDown


class Command(BaseCommand):
    help = "Fills an empty database with a neighbourhood in its second round. Needs `manage.py stripe_sandbox` beside it."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.STRIPE_SANDBOX:
            raise CommandError("This site uses the real Stripe. The demo is made with the stand-in only.")
        started = time.monotonic()
        try:
            story.tell(now=timezone.now())
        except story.AlreadyThere:
            self.stdout.write("The demo is here already. Nothing was changed.")
        except story.NotEmpty as error:
            raise CommandError(
                "This database holds something else, or a demo that was broken off. Begin with an empty one."
            ) from error
        except story.StripeNotEmpty as error:
            raise CommandError(
                "The stand-in Stripe remembers other payments. Begin with a new --state for it."
            ) from error
        except (GatewayDown, NoStandIn) as error:
            raise CommandError(f"The stand-in Stripe does not answer as it should: {error}") from error
        else:
            self.stdout.write(f"The demo is made, in {time.monotonic() - started:.0f} seconds.")
        self._say_who_signs_in()

    def _say_who_signs_in(self) -> None:
        widths = [max(len(getattr(row, name)) for row in SIGN_INS) for name in ("role", "name", "email")]
        self.stdout.write("")
        for row in SIGN_INS:
            columns = zip((row.role, row.name, row.email), widths, strict=True)
            mark = "*" if row.second_step else " "
            self.stdout.write(f"{mark} {'  '.join(text.ljust(width) for text, width in columns)}  {row.sees}")
        self.stdout.write("")
        self.stdout.write("Sign in with the address; the code comes in the demo's mailbox.")
        self.stdout.write(
            f"* has a second step: add this key to an app that shows codes: {second_step_secret()}"
        )
