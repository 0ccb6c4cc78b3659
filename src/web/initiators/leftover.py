"""Sending back what is left: to which account, under which reference, with a picture to scan."""

import base64
from dataclasses import dataclass

from django.conf import settings

from campaigns.models import Campaign, State
from payments.bank import epc_qr
from web.initiators.facts import Facts


@dataclass(frozen=True)
class Leftover:
    """What the initiator's own bank needs. `picture` is a data URL of the same as a QR code."""

    name: str
    iban: str
    amount_cents: int
    reference: str
    picture: str


def leftover(campaign: Campaign, facts: Facts) -> Leftover | None:
    """What is paid out and has no receipt yet; None when there is no such money."""
    if campaign.state != State.PAID or facts.payout is None or not facts.to_show_cents:
        return None
    text = epc_qr.payload(
        name=settings.OPERATOR_NAME,
        iban=settings.OPERATOR_IBAN,
        amount_cents=facts.to_show_cents,
        reference=facts.payout.leftover_reference,
    )
    picture = base64.b64encode(epc_qr.svg(text).encode()).decode()
    return Leftover(
        name=settings.OPERATOR_NAME,
        iban=settings.OPERATOR_IBAN,
        amount_cents=facts.to_show_cents,
        reference=facts.payout.leftover_reference,
        picture=f"data:image/svg+xml;base64,{picture}",
    )
