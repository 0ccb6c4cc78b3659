"""Says what happened: an event in the same commit as the thing itself. Sending it comes after."""

from payments.sandbox import objects
from payments.sandbox.store import Change, Record


def emit(change: Change, kind: str, about: Record) -> None:
    change.put(
        objects.event(
            now=change.now,
            kind=kind,
            about=about,
            listeners=change.listeners,
            request_id=change.request_id,
            idempotency_key=change.idempotency_key,
        )
    )
