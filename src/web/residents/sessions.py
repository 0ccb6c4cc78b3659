"""Which cheque is open in a browser: the latest one that was opened, until it was left alone for half an hour."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from cheques.models import Cheque
from ledger import queries as books
from web.public.organisations import dress

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
ChequeView = Callable[Concatenate[HttpRequest, Cheque, P], HttpResponseBase]

IDLE = timedelta(minutes=30)
KEY = "cheque"
WANTED = "wanted_campaign"
JUST_ACTIVATED = "just_activated"


def open_cheque(request: HttpRequest, cheque: Cheque, *, wanted: str, now: datetime) -> None:
    """Opens it in this browser, instead of the one before. `wanted`: slug of the campaign it was brought to, or empty."""
    request.session.cycle_key()
    request.session[KEY] = {"id": cheque.pk, "seen": now.timestamp()}
    request.session[WANTED] = wanted


def close_cheque(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
    request.session.pop(WANTED, None)
    request.session.pop(JUST_ACTIVATED, None)
    request.session.cycle_key()


def opened(request: HttpRequest, now: datetime) -> Cheque | None:
    """The open cheque, with everything its pages show. Looking at it keeps it open."""
    kept = request.session.get(KEY)
    if kept is None or now.timestamp() - kept["seen"] > IDLE.total_seconds():
        return None
    found = Cheque.objects.select_related(
        "run__rules__programme__organisation", "dwelling__neighbourhood__district", "purse"
    )
    cheque = found.filter(pk=kept["id"]).first()
    if cheque is not None:
        request.session[KEY] = {"id": cheque.pk, "seen": now.timestamp()}
    return cheque


def with_cheque(view: ChequeView[P]) -> View[P]:
    """For who has a cheque open in this browser. Its pages are kept nowhere: others may use the same device."""

    @wraps(view)
    def gate(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        cheque = opened(request, timezone.now())
        if cheque is None:
            if KEY in request.session:
                close_cheque(request)
                messages.info(
                    request,
                    _(
                        "Your cheque was closed: nothing happened for half an hour.\nOpen it again with your letter."
                    ),
                )
            return redirect("cheque_landing")
        dress(request, cheque.run.rules.programme.organisation)
        return view(request, cheque, *args, **kwargs)

    gate.audience = "cheque"  # type: ignore[attr-defined]  # read by the test that walks every address
    return cast(View[P], never_cache(gate))  # wraps() remembers the inner signature


@dataclass(frozen=True)
class PurseInHand:
    """The open cheque's purse where it has something left: `left_cents` > 0."""

    left_cents: int


def purse_in_hand(request: HttpRequest, now: datetime) -> PurseInHand | None:
    """For the page of a campaign: whoever has a purse open need not type the code again."""
    cheque = opened(request, now)
    if cheque is None or cheque.purse is None or cheque.frozen or now >= cheque.purse.valid_until:
        return None
    left_cents = books.balance(cheque.purse.account_id)
    return PurseInHand(left_cents) if left_cents else None
