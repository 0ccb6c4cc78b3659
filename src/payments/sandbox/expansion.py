"""`expand[]`: puts the object itself where only its id stood. https://docs.stripe.com/api/expanding_objects."""

from collections.abc import Iterable

from payments.sandbox.refusals import Refusal
from payments.sandbox.store import Change, Record

KIND_OF_ID = {
    "pi": "payment_intent",
    "py": "charge",
    "pyr": "refund",
    "po": "payout",
    "txn": "balance_transaction",
}
EXPANDABLE = {
    "payment_intent",
    "latest_charge",
    "charge",
    "balance_transaction",
    "failure_balance_transaction",
    "source",
}
MAX_DEPTH = 4


def expand(change: Change, record: Record, paths: Iterable[str]) -> Record:
    """A copy of the record with what the paths name. Raises `Refusal` for a path that leads nowhere."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH + (steps[0] == "data"):
            raise Refusal(f"You cannot expand more than {MAX_DEPTH} levels of a property.", param="expand")
        record = _expand(change, record, steps, path=path)
    return record


def _expand(change: Change, record: Record, steps: list[str], *, path: str) -> Record:
    if not steps:
        return record
    name, rest = steps[0], steps[1:]
    if name == "data" and record["object"] == "list":
        return {**record, "data": [_expand(change, member, rest, path=path) for member in record["data"]]}
    if name not in EXPANDABLE or name not in record:
        raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
    value = record[name]
    if isinstance(value, str):
        value = change.get(KIND_OF_ID[value.split("_")[0]], value)
    if value is None:
        return record
    return {**record, name: _expand(change, value, rest, path=path)}
