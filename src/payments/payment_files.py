"""Payment files: the SEPA file (pain.001) of the approved payouts of a day, for the bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, QuerySet, Sum

from campaigns.models import Campaign
from common import files
from payments import payees
from payments.bank import pain001
from payments.models import Payout, PayoutRun
from people.models import User


@dataclass(frozen=True)
class Batch:
    """How many payments go to the bank together, and their sum."""

    count: int
    cents: int


def to_send() -> QuerySet[Payout]:
    """Approved, and to the account that still counts: what the next file would hold."""
    return Payout.objects.filter(Exists(payees.that_counts()), state=Payout.State.APPROVED)


def held_up() -> QuerySet[Payout]:
    """Approved, but the initiator's account that counts is another by now, or none: to be withdrawn and proposed anew."""
    return Payout.objects.filter(~Exists(payees.that_counts()), state=Payout.State.APPROVED)


def approved_batch() -> Batch:
    """Number and amount of what the next file would hold."""
    found = to_send().aggregate(count=Count("pk"), cents=Sum("amount_cents", default=0))
    return Batch(**found)


class NoneApproved(Exception):
    """There is no approved payout to send, or none that can be sent to the account it was approved for."""


class BatchChanged(Exception):
    """There are other approved payouts than somebody agreed to send. `now`: what it would be."""

    def __init__(self, now: Batch) -> None:
        super().__init__(f"{now.count} payouts of {now.cents} cents")
        self.now = now


@transaction.atomic
def make_run(
    *,
    execute_on: date,
    by: User | None,
    now: datetime,
    only: Sequence[int] | None = None,
    agreed: Batch | None = None,
) -> PayoutRun:
    """The SEPA file of all payouts to send (or of `only` these); they are on their way from now on.

    `agreed`: what somebody saw and said yes to. Raises NoneApproved, BatchChanged.
    """
    waiting = to_send().select_for_update(of=("self",)).select_related("campaign")
    if only is not None:
        waiting = waiting.filter(pk__in=only)
    payouts = list(waiting.order_by("pk"))
    if not payouts:
        raise NoneApproved
    batch = Batch(len(payouts), sum(payout.amount_cents for payout in payouts))
    if agreed is not None and batch != agreed:
        raise BatchChanged(batch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('payments_payoutrun', 'id'))")
        number = cursor.fetchone()[0]
    message_id = f"BUURTPOT-RUN-{number}"
    content = pain001.write(
        message_id=message_id,
        created_at=now,
        execute_on=execute_on,
        debtor_name=settings.OPERATOR_NAME,
        debtor_iban=settings.OPERATOR_IBAN,
        payments=[
            pain001.Payment(
                end_to_end_id=payout.end_to_end_id,
                amount_cents=payout.amount_cents,
                name=payout.holder,
                iban=payout.iban,
                remittance=_remittance(payout.campaign),
            )
            for payout in payouts
        ],
    )
    run = PayoutRun.objects.create(
        pk=number,
        file=files.store(content=content, name=f"{message_id}.xml", mime_type="application/xml", now=now),
        message_id=message_id,
        made_by=by,
        made_at=now,
    )
    run.holds.set(payouts)
    Payout.objects.filter(pk__in=[payout.pk for payout in payouts]).update(state=Payout.State.SENT, run=run)
    return run


def _remittance(campaign: Campaign) -> str:
    """What the payee reads. Transliterated before it is cut: letters of other scripts become several each."""
    title = pain001.sepa_text(campaign.title) or str(campaign.pk)
    return f"Buurtpot: {title}"[: pain001.REMITTANCE_LENGTH].strip()
