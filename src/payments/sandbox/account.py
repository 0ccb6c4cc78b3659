"""The one Stripe account that the stand-in plays: its state, its clock, its key, and whom it tells."""

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from payments.sandbox import checkout
from payments.sandbox.misbehave import Misbehaviour
from payments.sandbox.refusals import Refusal
from payments.sandbox.store import Change, Record, Store
from payments.sandbox.webhooks import Courier

CLOCK = "_clock"


class Account:
    def __init__(
        self,
        *,
        store: Store,
        secret_key: str,
        misbehaviour: Misbehaviour,
        courier: Courier | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.misbehaviour = misbehaviour
        self.courier = courier
        self._store = store
        self._secret_key = secret_key
        self._clock = clock
        with store.change(now=0) as change:
            saved = change.find(CLOCK, CLOCK)
        self._ahead_seconds: int = saved["ahead_seconds"] if saved else 0

    @contextmanager
    def change(
        self, *, request_id: str | None = None, idempotency_key: str | None = None
    ) -> Iterator[Change]:
        """One commit at this account's time; its events are sent once it stands."""
        with self._store.change(
            now=int(self._clock().timestamp()) + self._ahead_seconds,
            listeners=0 if self.courier is None else 1,
            request_id=request_id,
            idempotency_key=idempotency_key,
        ) as change:
            yield change
        if self.courier is not None:
            self.courier.announce([record for record in change.staged if record["object"] == "event"])

    def check_key(self, authorization: str) -> None:
        """Raises `Refusal` (401)."""
        if not authorization.startswith("Bearer "):
            raise Refusal("You did not provide an API key.", status=401)
        if not hmac.compare_digest(authorization.removeprefix("Bearer ").encode(), self._secret_key.encode()):
            raise Refusal("Invalid API Key provided.", status=401)

    def move_clock(self, ahead_seconds: int) -> Record:
        """From now on this account's time is so many seconds ahead of the real time."""
        with self.change() as change:
            saved = change.put({"object": CLOCK, "id": CLOCK, "ahead_seconds": ahead_seconds})
        self._ahead_seconds = ahead_seconds
        self.expire_due()
        return saved

    def expire_due(self) -> None:
        with self.change() as change:
            checkout.expire_due(change)
