"""What Stripe said a moment ago, for pages at which nobody waits for it."""

from contextlib import suppress
from datetime import datetime

from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from books.stripe_differences import StripeExplained, stripe_explained_lately
from books.tasks import ask_stripe


def at_stripe(now: datetime) -> StripeExplained:
    """Has the worker ask Stripe where that was too long ago."""
    found = stripe_explained_lately(now=now)
    if found.is_old(now):
        with suppress(OperationalError):  # a broker that is down: it is asked at the next look
            ask_stripe.delay()
        found = stripe_explained_lately(now=now)
    return found


def not_known(found: StripeExplained) -> str:
    """Why there is no balance at Stripe."""
    if found.in_vain:
        return _("not asked")
    return _("being asked") if found.being_asked else _("not reachable")
