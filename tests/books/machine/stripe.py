"""A Stripe in memory: what it was asked and what it says, for thousands of stories that are each rolled back.

The stand-in over HTTP is what all other tests use; it keeps its own journal, which no rollback of ours takes back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from unittest.mock import patch

from payments import gateway
from payments.gateway import BalanceTransaction, Paid, Refund, Session
from tests.cast import NOW


@dataclass
class StripeInMemory:
    """`refund_outcome`: what the next refund that is asked for becomes: succeeded, pending or refused."""

    sessions: dict[str, Session] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    asked: dict[tuple[str, int], str] = field(default_factory=dict)
    transactions: list[BalanceTransaction] = field(default_factory=list)
    payouts: dict[str, list[BalanceTransaction]] = field(default_factory=dict)
    refund_outcome: str = "succeeded"

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Our side asks this one."""
        with patch.multiple(
            gateway,
            create_session=self._create_session,
            retrieve_session=self.sessions.__getitem__,
            donation_of_charge=self.references.__getitem__,
            create_refund=self._create_refund,
            retrieve_refund=self.refunds.__getitem__,
            transactions_of_payout=self.payouts.__getitem__,
        ):
            yield

    def _create_session(self, *, reference: str, **_: object) -> Session:
        session_id = f"cs_{len(self.sessions):06}"
        made = Session(session_id, "https://pay.test", "open", False, reference, None, None)
        self.sessions[session_id] = made
        return made

    def pay(self, session_id: str, cents: int, fee_cents: int) -> None:
        session = self.sessions[session_id]
        number = len(self.references)
        charge_id = f"ch_{number:06}"
        self.references[charge_id] = session.reference
        paid = Paid(
            charge_id, self._moved("charge", charge_id, charge_id, cents, fee_cents), cents, fee_cents, "eur"
        )
        self.sessions[session_id] = replace(
            session, status="complete", payment_intent_id=f"pi_{number:06}", paid=paid
        )

    def close_page(self, session_id: str) -> None:
        self.sessions[session_id] = replace(self.sessions[session_id], status="expired")

    def _moved(self, kind: str, source_id: str, charge_id: str, cents: int, fee_cents: int = 0) -> str:
        number = f"txn_{len(self.transactions):06}"
        self.transactions.append(
            BalanceTransaction(
                number, kind, source_id, charge_id, cents, fee_cents, cents - fee_cents, at=NOW, reference=""
            )
        )
        return number

    def _create_refund(self, *, charge_id: str, amount_cents: int, reference: str, attempt: int) -> Refund:
        if (reference, attempt) not in self.asked:
            self.asked[reference, attempt] = ""
            if self.refund_outcome != "refused":
                refund_id = f"re_{len(self.refunds):06}"
                self.asked[reference, attempt] = refund_id
                self.refunds[refund_id] = Refund(refund_id, charge_id, self.refund_outcome, amount_cents)
                self._moved("refund", refund_id, charge_id, -amount_cents)
        if not self.asked[reference, attempt]:
            raise gateway.GatewayRefused("charge_disputed")
        return self.refunds[self.asked[reference, attempt]]

    def said_of_refund(self, reference: str, attempt: int) -> str:
        """What our side will hear when it asks for this refund, or after it."""
        if (reference, attempt) not in self.asked:
            return self.refund_outcome
        refund_id = self.asked[reference, attempt]
        return self.refunds[refund_id].status if refund_id else "refused"

    def move_refund(self, refund_id: str, status: str) -> None:
        """Pending becomes succeeded or failed; the payer's bank may send one that succeeded back: failed."""
        refund = self.refunds[refund_id]
        self.refunds[refund_id] = replace(refund, status=status)
        if status == "failed":
            self._moved("refund_failure", refund_id, refund.charge_id, refund.amount_cents)

    def pay_out(self) -> tuple[str, int]:
        """All that was not paid out yet goes to our bank, or is taken from it. Gives its id and its signed cents."""
        gone = {one.balance_transaction_id for made in self.payouts.values() for one in made}
        of_it = [
            one
            for one in self.transactions
            if one.balance_transaction_id not in gone and one.kind != "payout"
        ]
        cents = sum(one.net_cents for one in of_it)
        payout_id = f"po_{len(self.payouts):06}"
        if cents:
            self.payouts[payout_id] = of_it
            self._moved("payout", payout_id, "", -cents)
        return payout_id, cents
