"""The ledger's 1100 beside Stripe's balance, with the difference explained object by object."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from books.bank_differences import MOVED, OWNERS
from books.checks import PAYMENTS, REFUNDS_AT_STRIPE
from books.differences import Explained, Line, Reason
from ledger import queries as books
from ledger.chart import Code
from payments import gateway
from payments.gateway import BalanceTransaction
from payments.models import BankLine, Donation
from payments.queries import lines_naming_stripe_payouts

# An entry belongs to the object at Stripe that it was booked for; a reversal to the object of what it reverses.
STRIPE = """
WITH {moved},
booked AS MATERIALIZED (
    SELECT coalesce('charge:' || d.charge_id, 'refund:' || substring(o.key FROM '^refund(?: failed)?:(.+)$'),
                    'payout:' || p.payout_id, 'entry:' || o.id) AS object,
           sum(m.cents)::bigint AS cents, min(o.id) AS entry_id
    FROM moved m
    JOIN ledger_entry e ON e.id = m.entry_id
    JOIN ledger_entry o ON o.id = coalesce(e.reverses_id, e.id)
    LEFT JOIN payments_donation d ON o.key = 'donation:' || d.reference::text
    LEFT JOIN payments_bankline l ON l.entry_id = o.id
    LEFT JOIN payments_stripepayout p ON p.bank_line_id = l.id
    GROUP BY 1),
stated AS (SELECT * FROM unnest(%(objects)s::text[], %(cents)s::bigint[]) AS found (object, cents))
SELECT 'ledger' AS object, cents AS booked_cents, NULL::bigint AS stated_cents, organisation_id AS entry_id,
       '' AS kind, NULL::date AS "on", NULL::bigint[] AS owners
FROM balance
UNION ALL
SELECT coalesce(b.object, s.object), b.cents, s.cents, b.entry_id, coalesce(e.kind, ''), e.effective_on,
       {owners}
FROM booked b FULL JOIN stated s ON s.object = b.object LEFT JOIN ledger_entry e ON e.id = b.entry_id
WHERE coalesce(b.cents, 0) <> coalesce(s.cents, 0)
UNION ALL
SELECT 'kept', kept, listed, NULL, '', NULL, NULL
FROM (SELECT coalesce((SELECT sum(cents) FROM balance), 0)::bigint AS kept,
             coalesce((SELECT sum(cents) FROM moved), 0)::bigint AS listed) AS sums
WHERE kept <> listed
ORDER BY 6, 4, 1
"""
SECONDS_KEPT = 60
# A payout is in the bank within days. One that is not there after a month is a difference, to be looked at.
ON_ITS_WAY_AT_MOST = timedelta(days=30)


@dataclass(frozen=True)
class StripeExplained(Explained):
    """`at`: when Stripe was asked. Where it did not answer, `stated_cents` is None and there are no lines.

    `being_asked`: it was not asked yet; `in_vain`: that is so for more than a minute, so nobody seems to do the asking.
    """

    at: datetime
    being_asked: bool = False
    in_vain: bool = False

    def is_old(self, now: datetime) -> bool:
        return self.being_asked or now - self.at > timedelta(seconds=SECONDS_KEPT)


@dataclass(frozen=True)
class _AtStripe:
    balance_cents: int
    transactions: Sequence[BalanceTransaction]

    @property
    def unlisted_cents(self) -> int:
        return sum(one.net_cents for one in self.transactions) - self.balance_cents


LISTED = "reconciliation:stripe-listed"
LISTED_FOR = timedelta(days=7).total_seconds()
# A movement of Stripe's never changes once it is there, so only newer ones are asked for; with those of the last hour again,
# since they are not listed in the order in which they are made.
ASKED_AGAIN = timedelta(hours=1)


EXPLAINED = "reconciliation:stripe-explained"
AWAITED_SINCE = "reconciliation:stripe-awaited-since"
# Nobody waits for Stripe at a page: the worker asks, and what it was told a few minutes ago is shown while it asks again.
SHOWN_FOR = timedelta(minutes=10)


def stripe_explained_lately(*, now: datetime) -> StripeExplained:
    """What the worker was told last, at most some minutes ago; else without an answer and `being_asked`.

    `is_old(now)` says that it is time to have Stripe asked again (`books.tasks.ask_stripe`).
    """
    found: StripeExplained | None = cache.get(EXPLAINED)
    if found is not None:
        return found
    since: datetime = cache.get(AWAITED_SINCE, now)
    cache.set(AWAITED_SINCE, since, SHOWN_FOR.total_seconds())
    in_vain = now - since > timedelta(seconds=SECONDS_KEPT)
    return replace(_unanswered(now), being_asked=True, in_vain=in_vain)


def ask(*, now: datetime) -> None:
    """Asks Stripe, for who looks next; an answer that did not come is kept as long. One at a time, and once a minute."""
    if cache.add(f"{EXPLAINED}:asking", True, SECONDS_KEPT):
        cache.set(EXPLAINED, stripe_explained(now=now), SHOWN_FOR.total_seconds())
        cache.delete(AWAITED_SINCE)


def stripe_explained(*, now: datetime) -> StripeExplained:
    """All of it, of all organisations: see `differences.seen_by`. Asks Stripe, so not inside a transaction.

    Raises NotExplained.
    """
    try:
        found = _at_stripe(all_again=False)
        # Something moved while we asked, or what we kept is not what Stripe has.
        if found.unlisted_cents:
            found = _at_stripe(all_again=True)
    except (gateway.GatewayDown, gateway.GatewayRefused):
        return _unanswered(now)
    return _compared(found, now)


def list_again() -> list[BalanceTransaction]:
    """All movements at Stripe, kept for who looks next. The nightly check asks for them all, so a page seldom has to.

    Raises GatewayDown.
    """
    listed = gateway.all_transactions()
    cache.set(LISTED, {one.balance_transaction_id: one for one in listed}, LISTED_FOR)
    return listed


def _at_stripe(*, all_again: bool) -> _AtStripe:
    known: Mapping[str, BalanceTransaction] = {} if all_again else cache.get(LISTED, {})
    if not known:
        return _AtStripe(transactions=list_again(), balance_cents=gateway.balance_cents())
    newest = max(one.at for one in known.values())
    newer = gateway.transactions_since(newest - ASKED_AGAIN)
    listed = {**known, **{one.balance_transaction_id: one for one in newer}}
    cache.set(LISTED, listed, LISTED_FOR)
    return _AtStripe(transactions=list(listed.values()), balance_cents=gateway.balance_cents())


def _object_of(one: BalanceTransaction) -> str:
    """A refund and its failure are one object, as a payout and its failure are."""
    if one.kind in PAYMENTS:
        return f"charge:{one.charge_id}"
    if one.kind in REFUNDS_AT_STRIPE:
        return f"refund:{one.source_id}"
    if one.kind in gateway.PAYOUT_KINDS:
        return f"payout:{one.source_id}"
    return f"movement:{one.balance_transaction_id}"


def _rows(cents: Mapping[str, int]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            STRIPE.format(moved=MOVED, owners=OWNERS.format(entry="b.entry_id")),
            {"code": int(Code.STRIPE_CLEARING), "objects": list(cents), "cents": list(cents.values())},
        )
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _ledger_cents(rows: Sequence[dict[str, Any]]) -> dict[int, int]:
    return {row["entry_id"]: row["booked_cents"] for row in rows if row["object"] == "ledger"}


def _unanswered(now: datetime) -> StripeExplained:
    """From the kept balances alone: beside nothing, every donation that ever was would differ."""
    return StripeExplained(books.totals_by_organisation(code=Code.STRIPE_CLEARING), None, (), (), at=now)


def _compared(found: _AtStripe, now: datetime) -> StripeExplained:
    by_object: dict[str, list[BalanceTransaction]] = defaultdict(list)
    for one in found.transactions:
        by_object[_object_of(one)].append(one)
    rows = _rows({key: sum(one.net_cents for one in some) for key, some in by_object.items()})
    differing = [row for row in rows if row["object"] != "ledger"]
    donations = _donations(
        [one for row in differing for one in by_object.get(row["object"], ()) if one.charge_id]
    )
    named = lines_naming_stripe_payouts() if any(_is_payout(row) for row in differing) else {}
    lines = [_line(row, by_object.get(row["object"], []), donations, named, now) for row in differing]
    if found.unlisted_cents:
        lines.append(
            Line(
                Reason.STRIPES_SUM,
                cents=found.unlisted_cents,
                stated_cents=found.balance_cents,
                on=timezone.localdate(now),
            )
        )
    return StripeExplained(
        ledger_cents=_ledger_cents(rows),
        stated_cents=found.balance_cents,
        on_its_way=tuple(line for line in lines if line.reason is Reason.PAYOUT_UNDER_WAY),
        lines=tuple(line for line in lines if line.reason is not Reason.PAYOUT_UNDER_WAY),
        at=now,
    )


def _is_payout(row: dict[str, Any]) -> bool:
    return str(row["object"]).startswith("payout:")


@dataclass(frozen=True)
class _Given:
    organisation_id: int
    amount_cents: int


def _donations(transactions: Collection[BalanceTransaction]) -> dict[str, _Given]:
    """Charge id, or reference of the donation that a charge says it is for -> the host and the gross amount."""
    charge_ids = {one.charge_id for one in transactions}
    references = {one.reference for one in transactions if _is_uuid(one.reference)}
    found = Donation.objects.filter(Q(charge_id__in=charge_ids) | Q(reference__in=references)).values_list(
        "charge_id", "reference", "campaign__rules__programme__organisation_id", "amount_cents"
    )
    return {
        key: _Given(organisation_id, amount_cents)
        for charge_id, reference, organisation_id, amount_cents in found
        for key in (charge_id, str(reference))
        if key
    }


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _line(
    row: dict[str, Any],
    some: list[BalanceTransaction],
    donations: Mapping[str, _Given],
    named: Mapping[str, BankLine],
    now: datetime,
) -> Line:
    """The line of one object that differs. `some`: its movements at Stripe."""
    prefix, _colon, object_id = row["object"].partition(":")
    seen = named.get(object_id) if prefix == "payout" and row["booked_cents"] is None else None
    given = next(
        (donations[key] for one in some for key in (one.charge_id, one.reference) if key in donations), None
    )
    owners = frozenset(row["owners"] or ()) | (frozenset({given.organisation_id}) if given else frozenset())
    newest = max((one.at for one in some), default=None)
    return Line(
        reason=_reason(prefix, row, some, given, seen, now),
        cents=(row["booked_cents"] or 0) - (row["stated_cents"] or 0),
        organisation_ids=None if prefix == "kept" else owners,
        on=row["on"] or (timezone.localdate(newest) if newest else None),
        booked_cents=row["booked_cents"],
        stated_cents=row["stated_cents"],
        entry_id=seen.entry_id if seen else row["entry_id"],
        kind=some[0].kind if prefix == "movement" else row["kind"],
        bank_line_id=seen.pk if seen else None,
        statement=seen.statement.identification if seen else "",
        number=seen.position if seen else None,
        booked_on=seen.booked_on if seen else None,
        stripe_id="" if prefix in ("entry", "kept") else object_id,
    )


def _reason(
    prefix: str,
    row: dict[str, Any],
    some: list[BalanceTransaction],
    given: _Given | None,
    seen: BankLine | None,
    now: datetime,
) -> Reason:
    if prefix == "kept":
        return Reason.KEPT_BALANCE
    if prefix == "entry":
        return Reason.UNKNOWN_ENTRY
    if prefix == "movement":
        return Reason.OTHER_MOVEMENT
    if row["stated_cents"] is None:
        return Reason.NOT_AT_STRIPE
    # A gift whose entry was reversed came to nothing in the books.
    if row["booked_cents"] is not None and not (prefix == "charge" and row["booked_cents"] == 0):
        same_gross = given is not None and {one.amount_cents for one in some} == {given.amount_cents}
        return Reason.FEE if prefix == "charge" and same_gross else Reason.AMOUNT
    if prefix == "charge":
        return Reason.NOT_BOOKED
    if prefix == "refund":
        return Reason.REFUND_NOT_BOOKED
    if seen is not None:
        return Reason.PAYOUT_SEEN
    late = max(one.at for one in some) < now - ON_ITS_WAY_AT_MOST
    return Reason.PAYOUT_LATE if late else Reason.PAYOUT_UNDER_WAY
