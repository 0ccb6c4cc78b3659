"""Sends events to the site, signed as Stripe signs, again and again until the site says 2xx."""

import hashlib
import heapq
import hmac
import http.client
import json
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from payments.sandbox import objects
from payments.sandbox.misbehave import Misbehaviour
from payments.sandbox.store import Record, Store

logger = logging.getLogger(__name__)

# Seconds before the 2nd, 3rd, … try; the last one repeats. Stripe takes up to days, a developer has less.
RETRY_WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
ANSWER_WITHIN_SECONDS = 10
# A webhook held back to be overtaken goes anyway if nothing overtakes it.
HELD_AT_MOST_SECONDS = 5.0


def sign(payload: bytes, *, secret: str, at: int) -> str:
    """The `Stripe-Signature` header. https://docs.stripe.com/webhooks#verify-manually."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


@dataclass(order=True)
class Parcel:
    """One sending of one event. The heap gives the earliest due; `number` keeps a moment's in order."""

    due: float
    number: int
    event_id: str = field(compare=False)
    tries: int = field(compare=False, default=0)
    gone: bool = field(compare=False, default=False)


class Courier:
    """One background thread. What it owes is in the store (`pending_webhooks`): a restart sends it."""

    def __init__(
        self,
        *,
        store: Store,
        misbehaviour: Misbehaviour,
        url: str,
        secret: str,
        retry_waits: tuple[float, ...] = RETRY_WAITS,
    ) -> None:
        self._store = store
        self._misbehaviour = misbehaviour
        self._url = urlsplit(url)
        self._secret = secret
        self._retry_waits = retry_waits
        self._wake = threading.Condition()
        self._heap: list[Parcel] = []
        self._held: list[Parcel] = []
        self._number = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="stripe-sandbox-webhooks", daemon=True)

    def start(self) -> None:
        with self._store.change(now=0) as change:
            owed = [event["id"] for event in change.committed("event") if event["pending_webhooks"]]
        self.send(owed)
        self._thread.start()

    def close(self) -> None:
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def send(self, event_ids: Iterable[str]) -> None:
        """Without misbehaviour."""
        with self._wake:
            for event_id in event_ids:
                self._queue(event_id, wait_seconds=0)
            self._wake.notify()

    def announce(self, events: list[Record]) -> None:
        """New events, each with whatever misbehaviour is due."""
        for event in events:
            plan = self._misbehaviour.plan_webhook()
            if plan.dropped:
                self._record(event["id"], outcome="dropped", finished=True)
                continue
            with self._wake:
                for _ in range(plan.copies):
                    wait_seconds = max(plan.wait_seconds, HELD_AT_MOST_SECONDS if plan.held else 0)
                    parcel = self._queue(event["id"], wait_seconds=wait_seconds)
                    if plan.held:
                        self._held.append(parcel)
                if not plan.held:
                    self._release()
                self._wake.notify()

    def _queue(self, event_id: str, *, wait_seconds: float, tries: int = 0) -> Parcel:
        self._number += 1
        parcel = Parcel(
            due=time.monotonic() + wait_seconds, number=self._number, event_id=event_id, tries=tries
        )
        heapq.heappush(self._heap, parcel)
        return parcel

    def _release(self) -> None:
        for parcel in self._held:
            if not parcel.gone:
                parcel.gone = True  # its place in the heap is empty from now on
                self._queue(parcel.event_id, wait_seconds=0)
        self._held.clear()

    def _run(self) -> None:
        while True:
            parcel = self._next_due()
            if parcel is None:
                return
            outcome = self._deliver(parcel.event_id)
            arrived = isinstance(outcome, int) and 200 <= outcome < 300
            self._record(parcel.event_id, outcome=outcome, finished=arrived)
            if not arrived:
                logger.info("webhook %s: %s, will be sent again", parcel.event_id, outcome)
                wait_seconds = self._retry_waits[min(parcel.tries, len(self._retry_waits) - 1)]
                with self._wake:
                    self._queue(parcel.event_id, wait_seconds=wait_seconds, tries=parcel.tries + 1)

    def _next_due(self) -> Parcel | None:
        with self._wake:
            while not self._closing:
                while self._heap and self._heap[0].gone:
                    heapq.heappop(self._heap)
                wait_seconds = self._heap[0].due - time.monotonic() if self._heap else None
                if wait_seconds is not None and wait_seconds <= 0:
                    parcel = heapq.heappop(self._heap)
                    parcel.gone = True
                    return parcel
                self._wake.wait(wait_seconds)
            return None

    def _deliver(self, event_id: str) -> int | str:
        """The site's status code, or why there is none."""
        with self._store.change(now=0) as change:
            event = change.get("event", event_id)
        payload = json.dumps(event, indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (stand-in)",
            "Stripe-Signature": sign(payload, secret=self._secret, at=int(time.time())),
        }
        kind: Any = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname, self._url.port, timeout=ANSWER_WITHIN_SECONDS)
        path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        try:
            connection.request("POST", path, body=payload, headers=headers)
            status: int = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()
        return status

    def _record(self, event_id: str, *, outcome: int | str, finished: bool) -> None:
        now = int(time.time())
        with self._store.change(now=now) as change:
            event = change.get("event", event_id)
            change.put(
                {
                    "object": "_delivery",
                    "id": objects.new_id("dlv"),
                    "event": event_id,
                    "event_type": event["type"],
                    "at": now,
                    "outcome": outcome,
                }
            )
            if finished and event["pending_webhooks"]:
                change.put({**event, "pending_webhooks": 0})
