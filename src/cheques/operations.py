"""Verbs of cheques: activate, give, freeze, expire, take back. Runs of cheques are in `runs.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from campaigns import pledges
from campaigns.models import Campaign, Pledge
from cheques.models import Cheque, Freeze, Purse
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from people.models import User


class ChequeError(Exception):
    """A cheque that cannot do this now. `cheque_id` says which."""

    def __init__(self, cheque: Cheque) -> None:
        super().__init__(f"cheque {cheque.pk} is {cheque.state}")
        self.cheque_id = cheque.pk


class AlreadyActivated(ChequeError):
    """Somebody with this letter was first."""


class Expired(ChequeError):
    """The last day to activate has passed. `on` is the first moment after that day."""

    def __init__(self, cheque: Cheque, on: datetime) -> None:
        super().__init__(cheque)
        self.on = on


class Frozen(ChequeError):
    """Staff have stopped it for now."""


class Voided(ChequeError):
    """It was revoked."""


class PurseTooSmall(Exception):
    """More would be given than there is. Both in cents."""

    def __init__(self, purse: Purse, amount_cents: int, balance_cents: int) -> None:
        super().__init__(f"purse {purse.pk}: {amount_cents} > {balance_cents}")
        self.purse_id = purse.pk
        self.amount_cents = amount_cents
        self.balance_cents = balance_cents


class PurseExpired(Exception):
    """The programme of this purse has ended. `on` is when."""

    def __init__(self, purse: Purse) -> None:
        super().__init__(f"purse {purse.pk}")
        self.purse_id = purse.pk
        self.on = purse.valid_until


class OtherHost(Exception):
    """The campaign falls under a programme of another host than the purse: its money is not for there."""

    def __init__(self, purse: Purse, campaign_id: int) -> None:
        super().__init__(f"purse {purse.pk}: campaign {campaign_id}")
        self.purse_id = purse.pk
        self.campaign_id = campaign_id


def activate(*, cheque_id: int, now: datetime) -> Purse:
    """Turns a cheque into a purse. Of many at once one wins. Raises AlreadyActivated, Expired, Frozen, Voided."""
    return activate_all(cheque_ids=[cheque_id], now=now)[0]


@transaction.atomic
def activate_all(*, cheque_ids: Sequence[int], now: datetime) -> list[Purse]:
    """Turns a stack of cheques into purses, as one entry, all or none; the purses in the order of the cheques.

    Raises AlreadyActivated, Expired, Frozen, Voided about the first cheque that cannot.
    """
    found = Cheque.objects.select_for_update(of=("self",), no_key=True).select_related(
        "run__rules__programme"
    )
    by_id = {cheque.pk: cheque for cheque in found.filter(pk__in=cheque_ids).order_by("pk")}
    stack = [by_id[cheque_id] for cheque_id in cheque_ids]
    for cheque in stack:
        check_usable(cheque=cheque, now=now)
    accounts = _purse_accounts(stack)
    ledger.post(
        key=f"activate:{stack[0].pk}",
        kind="cheque activated",
        source=f"cheque:{stack[0].pk}",
        moves=[
            ledger.Move(cheque.account_id, accounts[cheque.pk], cheque.run.value_cents) for cheque in stack
        ],
        now=now,
    )
    purses = Purse.objects.bulk_create(
        Purse(
            account_id=accounts[cheque.pk],
            fund_id=cheque.run.rules.programme.fund_id,
            opened_at=now,
            valid_until=cheque.run.valid_until,
        )
        for cheque in stack
    )
    for cheque, purse in zip(stack, purses, strict=True):
        cheque.state = Cheque.State.ACTIVATED
        cheque.activated_at = now
        cheque.purse = purse
    Cheque.objects.bulk_update(stack, ["state", "activated_at", "purse"])
    return purses


def _purse_accounts(stack: Sequence[Cheque]) -> dict[int, int]:
    """Cheque id -> the account of its purse, opened in the fund of its programme."""
    names: dict[int, dict[str, str]] = {}
    for cheque in stack:
        names.setdefault(cheque.run.rules.programme.fund_id, {})[f"purse:{cheque.pk}"] = cheque.run.name
    opened: dict[str, int] = {}
    for fund_id, wanted in names.items():
        opened |= ledger.accounts(fund_id=fund_id, code=Code.PURSES, names=wanted)
    return {cheque.pk: opened[f"purse:{cheque.pk}"] for cheque in stack}


def check_usable(*, cheque: Cheque, now: datetime) -> None:
    """Raises what stands in the way of activating this cheque."""
    if cheque.frozen:
        raise Frozen(cheque)
    if cheque.state == Cheque.State.ACTIVATED:
        raise AlreadyActivated(cheque)
    if cheque.state == Cheque.State.VOIDED:
        raise Voided(cheque)
    if cheque.state == Cheque.State.EXPIRED or cheque.is_late(now):
        raise Expired(cheque, cheque.run.activate_before)


@dataclass(frozen=True)
class Given:
    """`pledge` may be smaller than what was asked: a gift is cut to the room under the target."""

    pledge: Pledge
    left_cents: int


@dataclass(frozen=True)
class Giving:
    """What a purse would give to a campaign. `amount_cents`: int, > 0."""

    purse_id: int
    campaign_id: int
    amount_cents: int


@transaction.atomic
def give(*, purse_id: int, campaign_id: int, amount_cents: int, key: str, now: datetime) -> Given:
    """Gives from a purse to a campaign, once for each `key`.

    Raises PurseTooSmall, PurseExpired, Frozen, OtherHost, and campaigns' TakesNoGifts.
    """
    made = give_all(givings=[Giving(purse_id, campaign_id, amount_cents)], key=key, now=now)
    if not made:
        raise pledges.TakesNoGifts(Campaign.objects.get(pk=campaign_id))
    return Given(made[0], books.balance(made[0].source_id))


@transaction.atomic
def give_all(*, givings: Sequence[Giving], key: str, now: datetime) -> list[Pledge]:
    """Gives from one or more purses to one or more campaigns, in this order, as one entry, once for each `key`.

    Gives the pledges made; what finds no room in a campaign stays in its purse.
    Raises PurseTooSmall, PurseExpired, Frozen, OtherHost.
    """
    ids = sorted({giving.purse_id for giving in givings})
    found = Purse.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "cheque__run__rules__programme"
    )
    purses = {purse.pk: purse for purse in found.filter(pk__in=ids).order_by("pk")}
    for purse in purses.values():
        if purse.cheque.frozen:
            raise Frozen(purse.cheque)
        if now >= purse.valid_until:
            raise PurseExpired(purse)
    _check_hosts(purses, givings)
    gifts = [_gift(purses[giving.purse_id], giving, key) for giving in givings]
    if not Pledge.objects.filter(key__in=[gift.key for gift in gifts]).exists():
        _check_balances(purses, givings)
    return pledges.pledge_all(key=f"gift:{ids[0]}:{key}", gifts=gifts, now=now)


def _gift(purse: Purse, giving: Giving, key: str) -> pledges.Gift:
    return pledges.Gift(
        campaign_id=giving.campaign_id,
        key=f"gift:{purse.pk}:{key}:{giving.campaign_id}",
        kind="gift",
        source_account_id=purse.account_id,
        fund_id=purse.fund_id,
        amount_cents=giving.amount_cents,
    )


def _check_hosts(purses: Mapping[int, Purse], givings: Sequence[Giving]) -> None:
    wanted = Campaign.objects.filter(pk__in={giving.campaign_id for giving in givings})
    hosts = dict(wanted.values_list("pk", "rules__programme__organisation"))
    for giving in givings:
        purse = purses[giving.purse_id]
        if hosts[giving.campaign_id] != purse.cheque.run.rules.programme.organisation_id:
            raise OtherHost(purse, giving.campaign_id)


def _check_balances(purses: Mapping[int, Purse], givings: Sequence[Giving]) -> None:
    wanted: dict[int, int] = {}
    for giving in givings:
        purse = purses[giving.purse_id]
        if giving.amount_cents <= 0:
            raise PurseTooSmall(purse, giving.amount_cents, 0)
        wanted[purse.pk] = wanted.get(purse.pk, 0) + giving.amount_cents
    balances = books.balances([purse.account_id for purse in purses.values()])
    for purse_id, cents in wanted.items():
        purse = purses[purse_id]
        if cents > balances[purse.account_id]:
            raise PurseTooSmall(purse, cents, balances[purse.account_id])


@transaction.atomic
def set_frozen(*, cheque_id: int, frozen: bool, reason: str, by: User, now: datetime) -> Cheque:
    """Stops a cheque and its purse, or lets them go again. What it is already stays, with the first reason."""
    cheque = Cheque.objects.select_for_update().get(pk=cheque_id)
    if cheque.frozen == frozen:
        return cheque
    cheque.frozen = frozen
    cheque.save(update_fields=["frozen"])
    Freeze.objects.create(cheque=cheque, frozen=frozen, reason=reason, made_by=by, made_at=now)
    return cheque


@transaction.atomic
def take_back_released(*, campaign_id: int, now: datetime) -> int:
    """What purses gave to a campaign that failed returns to them. Gives the number of gifts."""
    released = list(
        Pledge.objects.select_for_update()
        .filter(campaign_id=campaign_id, state=Pledge.State.RELEASED, grant__isnull=True)
        .filter(source_id__in=Purse.objects.values("account_id"))
        .order_by("pk")
    )
    pledges.return_released(campaign_id=campaign_id, pledges=released, kind="gifts returned", now=now)
    return len(released)


EXPIRE_AT_ONCE = 1000


def expire(*, now: datetime) -> int:
    """Cheques past their last day go back to their programme's budget, or to its funder once it has closed.

    Gives how many. In lots of a thousand, each a transaction of its own; can be broken off and run again.
    """
    done = 0
    while lot := _expire_lot(now):
        done += lot
    return done


@transaction.atomic
def _expire_lot(now: datetime) -> int:
    late = list(
        Cheque.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state=Cheque.State.MADE, run__activate_before__lte=now)
        .select_related("run__rules__programme")
        .order_by("run_id", "pk")[:EXPIRE_AT_ONCE]
    )
    if not late:
        return 0
    programme = late[0].run.rules.programme
    same = [cheque for cheque in late if cheque.run.rules.programme_id == programme.pk]
    code = Code.TO_RETURN if programme.closed_at else Code.BUDGET
    target = ledger.account(fund_id=programme.fund_id, code=code)
    ledger.post(
        key=f"expire:{same[0].pk}",
        kind="cheques expired",
        source=f"programme:{programme.pk}",
        moves=[ledger.Move(cheque.account_id, target, cheque.run.value_cents) for cheque in same],
        now=now,
    )
    Cheque.objects.filter(pk__in=[cheque.pk for cheque in same]).update(state=Cheque.State.EXPIRED)
    return len(same)
