import json
from pathlib import Path
from typing import Any

import pytest

from tests.payments.sandbox.street import SECRET_KEY, Stand, charge_of, intent_of, send

FIXTURES = Path(__file__).parents[4] / "shared" / "data" / "stripe" / "fixtures3.json"
# Given by the API only when asked for by `expand`, and nothing of ours asks.
ON_REQUEST = {"charge": {"refunds"}}


@pytest.mark.skipif(not FIXTURES.exists(), reason="Stripe's own examples are not beside this project")
def test_every_object_has_exactly_the_fields_that_stripes_examples_have(stand: Stand) -> None:
    examples = json.loads(FIXTURES.read_text())["resources"]
    session = stand.paid_session()
    refund = stand.client.v1.refunds.create({"payment_intent": intent_of(session).id, "amount": 100})
    payout_id = stand.control("payouts").json["id"]
    event_id = stand.client.v1.events.list().data[0].id
    paths = {
        "checkout.session": f"checkout/sessions/{session.id}",
        "payment_intent": f"payment_intents/{intent_of(session).id}",
        "charge": f"charges/{charge_of(session).id}",
        "balance_transaction": f"balance_transactions/{refund.balance_transaction}",
        "refund": f"refunds/{refund.id}",
        "payout": f"payouts/{payout_id}",
        "event": f"events/{event_id}",
        "balance": "balance",
    }
    for kind, path in paths.items():
        made: dict[str, Any] = send(f"{stand.url}/v1/{path}", None, key=SECRET_KEY).json
        assert made["object"] == kind
        assert set(made) == set(examples[kind]) - ON_REQUEST.get(kind, set()), kind
