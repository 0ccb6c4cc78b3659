"""`manage.py make_demo`: the demo neighbourhood, in an empty database."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo.neighbourhood import story
from demo.neighbourhood.payer import NoStandIn
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
