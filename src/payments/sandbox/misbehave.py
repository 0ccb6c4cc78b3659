"""How the stand-in misbehaves on request, by seeded chance or for the next so many times; until a restart."""

import random
import threading
from dataclasses import dataclass

from payments.sandbox.forms import Params
from payments.sandbox.store import Record

KINDS = (
    "drop",  # a webhook is never sent
    "duplicate",  # a webhook is sent twice
    "delay",  # a webhook is sent `delay_ms` later
    "reorder",  # a webhook is sent after the one that follows it
    "fail_post",  # a POST is done, and answered with 500
    "lose_answer",  # a POST is done, and the connection closed without an answer
    "slow_refund",  # a refund stays pending until it is settled
    "slow_balance",  # a payment has no balance transaction until it is balanced
)
DELAY_MS = 5000


@dataclass(frozen=True)
class Plan:
    """What happens to one webhook."""

    dropped: bool
    copies: int
    wait_seconds: float
    held: bool


class Misbehaviour:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chance = random.Random()  # noqa: S311  (for repeatable faults; hides nothing)
        self._percent = dict.fromkeys(KINDS, 0)
        self._next = dict.fromkeys(KINDS, 0)
        self._delay_ms = DELAY_MS

    def set(self, params: Params) -> Record:
        """Replaces all of it; without parameters, good behaviour. Gives what now holds. Raises `Refusal`."""
        seed = params.whole("seed", least=0, most=2**31)
        percent = {kind: params.whole(f"{kind}_percent", least=0, most=100) or 0 for kind in KINDS}
        following = {kind: params.whole(f"{kind}_next", least=0, most=100_000) or 0 for kind in KINDS}
        delay_ms = params.whole("delay_ms", least=0, most=3_600_000)
        params.finish()
        with self._lock:
            self._chance.seed(seed)
            self._percent = percent
            self._next = following
            self._delay_ms = DELAY_MS if delay_ms is None else delay_ms
        return {"object": "_misbehaviour", "seed": seed, "percent": percent, "next": following}

    def happens(self, kind: str) -> bool:
        with self._lock:
            if self._next[kind]:
                self._next[kind] -= 1
                return True
            return self._percent[kind] > 0 and self._chance.randrange(100) < self._percent[kind]

    def plan_webhook(self) -> Plan:
        return Plan(
            dropped=self.happens("drop"),
            copies=2 if self.happens("duplicate") else 1,
            wait_seconds=self._delay_ms / 1000 if self.happens("delay") else 0,
            held=self.happens("reorder"),
        )
