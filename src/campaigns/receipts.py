"""Receipts: what paid money was spent on. Approved, it counts as spent."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from campaigns import operations
from campaigns.models import Campaign, Receipt, State
from common.models import StoredFile
from common.money import split
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from people.models import User


class ReceiptTwice(Exception):
    """The same file was handed in before for this campaign."""

    def __init__(self, receipt_id: int) -> None:
        super().__init__(f"receipt {receipt_id}")
        self.receipt_id = receipt_id


class FarMoreThanThePot(Exception):
    """A receipt for more than twice all that was given: a slip of the keyboard. Who paid a part themselves stays below it.

    Both in cents.
    """

    def __init__(self, amount_cents: int, given_cents: int) -> None:
        super().__init__(f"{amount_cents} of {given_cents}")
        self.amount_cents = amount_cents
        self.given_cents = given_cents


@transaction.atomic
def hand_in(
    *,
    campaign_id: int,
    file: StoredFile,
    supplier: str,
    description: str,
    bought_on: date,
    amount_cents: int,
    by: User,
    now: datetime,
    key: uuid.UUID | None = None,
) -> Receipt:
    """The same file with the same `key` gives the first receipt: a form that was sent twice.

    Raises NotInThatState unless the campaign was paid, ReceiptTwice for a file that was handed in before,
    FarMoreThanThePot.
    """
    campaign = operations.locked(campaign_id)
    known = Receipt.objects.filter(campaign=campaign, file=file).first()
    if known is not None and key is not None and known.key == key:
        return known
    operations.expect(campaign, State.PAID)
    if known is not None:
        raise ReceiptTwice(known.pk)
    if amount_cents > 2 * campaign.given_cents:
        raise FarMoreThanThePot(amount_cents, campaign.given_cents)
    return Receipt.objects.create(
        campaign=campaign,
        file=file,
        key=key,
        supplier=supplier,
        description=description,
        bought_on=bought_on,
        amount_cents=amount_cents,
        submitted_at=now,
        submitted_by=by,
    )


class OwnReceipt(Exception):
    """Somebody would decide about a receipt that they handed in themselves."""

    def __init__(self, receipt_id: int) -> None:
        super().__init__(f"receipt {receipt_id}")
        self.receipt_id = receipt_id


class DecidedAlready(Exception):
    """Somebody decided about this receipt before. `state` is what it became."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(f"receipt {receipt.pk} is {receipt.state}")
        self.receipt_id = receipt.pk
        self.state = receipt.state


def unaccounted(campaign: Campaign) -> dict[int, int]:
    """Fund id -> cents paid out and not yet accounted for, in the order of the funds: so the odd cent falls the same."""
    found = books.balances_by_key(keys=[campaign.key], code=Code.UNACCOUNTED)[campaign.key]
    return dict(sorted(found.items()))


def account_for(*, campaign: Campaign, cents_by_fund: Mapping[int, int]) -> list[ledger.Move]:
    """The transfers that take amounts off what is paid out and not yet accounted for."""
    return [
        ledger.Move(
            debit=ledger.account(
                fund_id=fund_id, code=Code.UNACCOUNTED_CONTRA, key=campaign.key, name=campaign.title
            ),
            credit=ledger.account(
                fund_id=fund_id, code=Code.UNACCOUNTED, key=campaign.key, name=campaign.title
            ),
            amount_cents=cents,
        )
        for fund_id, cents in cents_by_fund.items()
        if cents > 0
    ]


@transaction.atomic
def approve(*, receipt_id: int, by: User, now: datetime) -> Receipt:
    """From now on the money counts as spent, split over the funds that paid it. What exceeds the payout is not counted.

    The campaign is done when nothing is left to account for. Raises OwnReceipt, DecidedAlready, NotInThatState: the payout was
    taken back, so there is nothing to account for before the next one.
    """
    receipt = _to_decide(receipt_id, by)
    campaign = receipt.campaign
    operations.expect(campaign, State.PAID, State.DONE)
    left = unaccounted(campaign)
    counted = min(receipt.amount_cents, sum(left.values()))
    if counted:
        parts = split(counted, list(left.values()))
        ledger.post(
            key=f"receipt:{receipt.pk}",
            kind="receipt approved",
            source=f"receipt:{receipt.pk}",
            moves=account_for(campaign=campaign, cents_by_fund=dict(zip(left, parts, strict=True))),
            made_by=receipt.submitted_by,
            approved_by=by,
            now=now,
        )
    _decide(receipt, Receipt.State.APPROVED, "", by, now)
    finish_when_accounted(campaign=campaign, now=now)
    return receipt


@transaction.atomic
def refuse(*, receipt_id: int, by: User, reason: str, now: datetime) -> Receipt:
    """Raises OwnReceipt, DecidedAlready."""
    receipt = _to_decide(receipt_id, by)
    _decide(receipt, Receipt.State.REFUSED, reason, by, now)
    return receipt


def finish_when_accounted(*, campaign: Campaign, now: datetime) -> None:
    """Marks a paid campaign as done once every euro is accounted for. Runs inside the caller's transaction."""
    if campaign.state == State.PAID and sum(unaccounted(campaign).values()) == 0:
        operations.mark_done(campaign_id=campaign.pk, now=now)


def _to_decide(receipt_id: int, by: User) -> Receipt:
    # The campaign first: two receipts of one campaign must not count the same euro.
    campaign_id = Receipt.objects.values_list("campaign_id", flat=True).get(pk=receipt_id)
    campaign = operations.locked(campaign_id)
    receipt = (
        Receipt.objects.select_for_update(of=("self",)).select_related("submitted_by").get(pk=receipt_id)
    )
    receipt.campaign = campaign
    if receipt.submitted_by_id == by.pk:
        raise OwnReceipt(receipt.pk)
    if receipt.state != Receipt.State.SUBMITTED:
        raise DecidedAlready(receipt)
    return receipt


def _decide(receipt: Receipt, state: Receipt.State, reason: str, by: User, now: datetime) -> None:
    receipt.state = state
    receipt.decided_by = by
    receipt.decided_at = now
    receipt.reason = reason
    receipt.save(update_fields=["state", "decided_by", "decided_at", "reason"])
