"""Bank accounts to pay to: given by an initiator, approved by a second person. Of several the newest counts."""

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from campaigns.models import Initiator
from payments.bank import iban as ibans
from payments.bank import pain001
from payments.models import PayeeAccount
from people.models import User


class AccountReplaced(Exception):
    """The initiator gave another bank account since, so this one no longer counts. `newest_id` is the one that does."""

    def __init__(self, account_id: int, newest_id: int) -> None:
        super().__init__(f"account {account_id} was replaced by {newest_id}")
        self.account_id = account_id
        self.newest_id = newest_id


class BadHolder(ValueError):
    """A name of which no payment file can hold a single character."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class OwnProposal(Exception):
    """Somebody would approve what they made themselves."""


@transaction.atomic
def give_account(*, initiator: Initiator, holder: str, iban: str, by: User, now: datetime) -> PayeeAccount:
    """A new or changed bank account; it counts once a second person has approved it. Raises BadHolder, ibans.BadIban.

    The one that counts now, given again, needs no second look: it stays as it is.
    """
    given = (holder.strip(), ibans.compact(iban))
    if not pain001.sepa_text(holder):
        raise BadHolder(holder)
    lock(initiator.pk)
    newest = newest_account(initiator.pk)
    if newest is not None and (newest.holder, newest.iban) == given:
        return newest
    return PayeeAccount.objects.create(
        initiator=initiator, holder=given[0], iban=given[1], made_by=by, made_at=now
    )


def lock(initiator_id: int) -> None:
    """One at a time for one initiator, until the transaction ends: which account is the newest does not change."""
    Initiator.objects.select_for_update(no_key=True).get(pk=initiator_id)


@transaction.atomic
def approve_account(*, account_id: int, by: User, now: datetime) -> PayeeAccount:
    """Raises OwnProposal, AccountReplaced."""
    lock(PayeeAccount.objects.values_list("initiator_id", flat=True).get(pk=account_id))
    account = PayeeAccount.objects.select_for_update().get(pk=account_id)
    if account.made_by_id == by.pk:
        raise OwnProposal
    newest = newest_account(account.initiator_id)
    if newest is not None and newest.pk != account.pk:
        raise AccountReplaced(account.pk, newest.pk)
    if account.approved_by_id is None:
        account.approved_by = by
        account.approved_at = now
        account.save(update_fields=["approved_by", "approved_at"])
    return account


def newest_account(initiator_id: int) -> PayeeAccount | None:
    """Approved or not."""
    return PayeeAccount.objects.filter(initiator_id=initiator_id).order_by("-made_at", "-pk").first()


def account_of(initiator_id: int) -> PayeeAccount | None:
    """The newest account of an initiator, if it was approved: an older one no longer counts."""
    newest = newest_account(initiator_id)
    return newest if newest is not None and newest.approved_by_id is not None else None


def that_counts() -> QuerySet[PayeeAccount]:
    """For a query of payouts: the initiator's newest account, if it was approved and is the one that the payout goes to."""
    theirs = PayeeAccount.objects.filter(initiator=OuterRef(OuterRef("campaign__initiator")))
    newest = theirs.order_by("-made_at", "-pk").values("pk")[:1]
    return PayeeAccount.objects.filter(
        pk=Subquery(newest), holder=OuterRef("holder"), iban=OuterRef("iban"), approved_by__isnull=False
    )
