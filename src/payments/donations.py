"""Donations: an intent first, then the payment page, then what Stripe says about it, then the books."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q

from campaigns import pledges
from campaigns.models import Campaign, Pledge
from ledger import operations as ledger
from ledger.chart import Code, FundKind
from payments import costs, gateway
from payments.models import Donation

MIN_CENTS = 100
MAX_CENTS = 1_000_000
PAGE_STAYS_OPEN = timedelta(minutes=60)
# At least, says Stripe: https://docs.stripe.com/api/checkout/sessions/create
PAGE_OPENS_FOR = timedelta(minutes=30)
ASKED_AT_MOST_EVERY = timedelta(seconds=2)
LEFT_ALONE_AT_FIRST = timedelta(minutes=1)


class AmountOutOfRange(Exception):
    """Below `MIN_CENTS` or above `MAX_CENTS`."""

    def __init__(self, amount_cents: int) -> None:
        super().__init__(amount_cents)
        self.amount_cents = amount_cents


class Mismatch(Exception):
    """Stripe's object is not about this donation, or about another amount or currency. Nothing was booked."""

    def __init__(self, donation: Donation, found: str) -> None:
        super().__init__(f"donation {donation.pk}: {found}")
        self.donation_id = donation.pk
        self.found = found


def intend(
    *,
    campaign: Campaign,
    amount_cents: int,
    name: str,
    message: str,
    email: str,
    language: str,
    now: datetime,
    reference: uuid.UUID | None = None,
) -> Donation:
    """Writes down that somebody wants to give, before Stripe hears of it. The same `reference` gives the first donation.

    Raises AmountOutOfRange, TakesNoGifts.
    """
    reference = reference or uuid.uuid4()
    known = Donation.objects.filter(reference=reference).select_related("campaign").first()
    if known is not None:
        return known
    if not MIN_CENTS <= amount_cents <= MAX_CENTS:
        raise AmountOutOfRange(amount_cents)
    if not campaign.takes_gifts(now):
        raise pledges.TakesNoGifts(campaign)
    donation, _ = Donation.objects.get_or_create(
        reference=reference,
        defaults={
            "campaign": campaign,
            "amount_cents": amount_cents,
            "name": name,
            "message": message,
            "email": email,
            "language": language,
            "made_at": now,
        },
    )
    return donation


def payment_page(*, donation: Donation, return_url: str, cancel_url: str) -> str:
    """The address of the hosted page to pay at. Asked again, the same page. Raises GatewayDown, GatewayRefused.

    Where no answer came, the next attempt asks anew: Stripe repeats an error too under the same key. A page that it made all the
    same was shown to nobody, and closes by itself.
    """
    try:
        session = gateway.create_session(
            reference=str(donation.reference),
            attempt=donation.session_tries,
            amount_cents=donation.amount_cents,
            description=donation.campaign.title,
            email=donation.email,
            language=donation.language,
            success_url=return_url,
            cancel_url=cancel_url,
            expires_at=donation.made_at + PAGE_STAYS_OPEN,
        )
    except gateway.GatewayDown:
        unanswered = Donation.objects.filter(pk=donation.pk, session_id__isnull=True)
        unanswered.update(session_tries=donation.session_tries + 1)
        raise
    Donation.objects.filter(pk=donation.pk, session_id__isnull=True).update(session_id=session.session_id)
    if session.url is None:
        raise gateway.GatewayRefused("closed")
    return session.url


def page_is_there(*, donation: Donation, now: datetime) -> bool:
    """Whether the payment page still opens, or can still be made; after that one begins anew."""
    last = donation.made_at + PAGE_STAYS_OPEN - (timedelta() if donation.session_id else PAGE_OPENS_FOR)
    return now < last


def may_ask(*, donation: Donation, now: datetime) -> bool:
    """Whether somebody who looks may make us ask Stripe; it counts as asked from now on. Of many at once one may."""
    lately = now - ASKED_AT_MOST_EVERY
    free = Donation.objects.filter(pk=donation.pk).exclude(asked_at__gt=lately)
    return free.update(asked_at=now) == 1


def claim_open(*, now: datetime) -> list[int]:
    """Donations to ask Stripe about because no event came: after a minute, then each time twice as long after it was made.

    They count as asked from now on.
    """
    twice_as_long = ExpressionWrapper(
        F("asked_at") + (F("asked_at") - F("made_at")), output_field=DateTimeField()
    )
    waiting = Donation.objects.alias(ask_at=twice_as_long).filter(
        Q(asked_at__isnull=True) | Q(ask_at__lte=now),
        state__in=[Donation.State.INTENDED, Donation.State.WAITING],
        session_id__isnull=False,
        made_at__lte=now - LEFT_ALONE_AT_FIRST,
    )
    ids = list(waiting.order_by("made_at").values_list("pk", flat=True))
    Donation.objects.filter(pk__in=ids).update(asked_at=now)
    return ids


def follow_up(*, donation: Donation, now: datetime) -> Donation:
    """Looks at Stripe and does what follows: book it, wait, or note that it failed. Can be repeated at any time.

    Raises GatewayDown, GatewayRefused, Mismatch.
    """
    if donation.session_id is None or not donation.is_open:
        return donation
    session = gateway.retrieve_session(donation.session_id)
    if session.reference != str(donation.reference):
        raise Mismatch(donation, f"reference {session.reference}")
    if session.paid is not None:
        return settle(donation_id=donation.pk, session=session, paid=session.paid, now=now)
    if session.failed or session.status == "expired":
        return _move(donation, Donation.State.FAILED)
    if session.status == "complete":
        return _move(donation, Donation.State.WAITING)
    return donation


def of_charge(charge_id: str) -> Donation | None:
    """The donation that a charge at Stripe is for; its number is not ours before the donation is settled.

    Raises GatewayDown, GatewayRefused.
    """
    try:
        reference = uuid.UUID(gateway.donation_of_charge(charge_id))
    except ValueError:
        return None
    return Donation.objects.select_related("campaign").filter(reference=reference).first()


def _move(donation: Donation, state: Donation.State) -> Donation:
    # Only forward: what was settled meanwhile stays settled.
    open_states = [Donation.State.INTENDED, Donation.State.WAITING]
    Donation.objects.filter(pk=donation.pk, state__in=open_states).update(state=state)
    donation.refresh_from_db()
    return donation


@transaction.atomic
def settle(*, donation_id: int, session: gateway.Session, paid: gateway.Paid, now: datetime) -> Donation:
    """Books a donation that Stripe says is paid, once: gross into the pot, the provider's fee as costs to be borne.

    A campaign that no longer takes gifts gets nothing: the money goes back. Raises Mismatch.
    """
    donation = (
        Donation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign")
        .get(pk=donation_id)
    )
    if donation.state not in (Donation.State.INTENDED, Donation.State.WAITING, Donation.State.FAILED):
        return donation
    if (paid.amount_cents, paid.currency) != (donation.amount_cents, "eur"):
        raise Mismatch(donation, f"{paid.amount_cents} {paid.currency}")
    donation.payment_intent_id = session.payment_intent_id
    donation.charge_id = paid.charge_id
    donation.balance_transaction_id = paid.balance_transaction_id
    donation.fee_cents = paid.fee_cents
    donation.settled_at = now
    try:
        donation.pledge = _pledge(donation, now)
        donation.state = Donation.State.PAID
    except pledges.TakesNoGifts:
        _book_too_late(donation, now)
        donation.state = Donation.State.REFUNDING
    donation.save()
    return donation


def fund_id_of(donation: Donation, now: datetime) -> int:
    """The fund of private donations of the campaign's host."""
    host = donation.campaign.host
    return ledger.fund_of(
        organisation=host, kind=FundKind.DONATIONS, name=f"Donaties {host.name}", now=now
    ).pk


def _costs(donation: Donation, fund_id: int, clearing: int) -> tuple[ledger.Move, ...]:
    if donation.fee_cents == 0:
        return ()
    campaign = donation.campaign
    pot_costs = ledger.account(
        fund_id=fund_id, code=Code.PAYMENT_COSTS, key=campaign.key, name=campaign.title
    )
    return (ledger.Move(debit=pot_costs, credit=clearing, amount_cents=donation.fee_cents),)


def _pledge(donation: Donation, now: datetime) -> Pledge:
    fund_id = fund_id_of(donation, now)
    clearing = ledger.account(fund_id=fund_id, code=Code.STRIPE_CLEARING)
    gift = pledges.Gift(
        campaign_id=donation.campaign_id,
        key=f"donation:{donation.reference}",
        kind="donation",
        source_account_id=clearing,
        fund_id=fund_id,
        amount_cents=donation.amount_cents,
        name=donation.name,
        message=donation.message,
        ledger_source=f"donation:{donation.pk}",
        moves=_costs(donation, fund_id, clearing),
        cut_to_room=False,
    )
    return pledges.pledge(gift=gift, now=now)


def refund_account(donation: Donation, fund_id: int) -> int:
    return ledger.account(
        fund_id=fund_id, code=Code.REFUNDS, key=f"donation:{donation.pk}", name=donation.campaign.title
    )


def _book_too_late(donation: Donation, now: datetime) -> None:
    fund_id = fund_id_of(donation, now)
    clearing = ledger.account(fund_id=fund_id, code=Code.STRIPE_CLEARING)
    ledger.post(
        key=f"donation:{donation.reference}",
        kind="donation too late",
        source=f"donation:{donation.pk}",
        moves=[
            ledger.Move(clearing, refund_account(donation, fund_id), donation.amount_cents),
            *_costs(donation, fund_id, clearing),
        ],
        now=now,
    )
    costs.bear(
        key=f"costs:donation:{donation.pk}",
        campaign=donation.campaign,
        cents_by_fund={fund_id: donation.fee_cents},
        now=now,
    )


@transaction.atomic
def take_back_released(*, campaign_id: int, now: datetime) -> int:
    """Donations to a campaign that failed wait for their refund. Gives their number."""
    donations = {
        donation.pledge_id or 0: donation
        for donation in Donation.objects.select_for_update(of=("self",))
        .select_related("campaign")
        .filter(campaign_id=campaign_id, state=Donation.State.PAID, pledge__state=Pledge.State.RELEASED)
        .order_by("pk")
    }
    released = list(Pledge.objects.filter(pk__in=donations).order_by("pk"))
    pledges.return_released(
        campaign_id=campaign_id,
        pledges=released,
        kind="donations returned",
        now=now,
        targets={pledge.pk: refund_account(donations[pledge.pk], pledge.fund_id) for pledge in released},
    )
    Donation.objects.filter(pk__in=[donation.pk for donation in donations.values()]).update(
        state=Donation.State.REFUNDING
    )
    return len(released)
