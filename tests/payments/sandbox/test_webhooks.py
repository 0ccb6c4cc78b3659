from pathlib import Path

import pytest
import stripe

from payments.sandbox.webhooks import sign
from tests.payments.sandbox.street import WEBHOOK_SECRET, Site, Stand, standing

PAID = ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def test_a_webhook_is_sent_again_until_the_site_takes_it(stand: Stand, site: Site) -> None:
    site.answers = [500, 302, 404]
    session = stand.open_session()
    stand.client.v1.checkout.sessions.expire(session.id)
    heard = [site.hear() for _ in range(4)]
    assert len({event.id for event in heard}) == 1
    assert [one["outcome"] for one in stand.deliveries()][:3] == [500, 302, 404]


def test_a_webhook_with_another_secret_does_not_pass_for_stripes(stand: Stand) -> None:
    payload = b'{"object": "event"}'
    header = sign(payload, secret="whsec_other", at=2_000_000_000)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(payload, header, WEBHOOK_SECRET)
    genuine = sign(payload, secret=WEBHOOK_SECRET, at=2_000_000_000)
    assert stripe.Webhook.construct_event(payload, genuine, WEBHOOK_SECRET).object == "event"


def test_what_the_site_missed_is_sent_after_a_restart(journal: Path, site: Site) -> None:
    nobody_there = "http://127.0.0.1:9/webhooks/stripe"
    with standing(journal, webhook_url=nobody_there, retry_waits=(60,)) as stand:
        session = stand.paid_session()
    with standing(journal, webhook_url=site.url):
        heard = [site.hear() for _ in range(3)]
    assert [event.type for event in heard] == PAID
    assert heard[2].data.object["id"] == session.id


def test_a_dropped_webhook_never_comes_but_its_event_is_there_to_find(stand: Stand, site: Site) -> None:
    stand.control("misbehave", drop_next=2)
    stand.paid_session()
    assert site.hear().type == PAID[2]
    events = stand.client.v1.events.list().data
    assert [event.type for event in reversed(events)] == PAID
    assert [one["outcome"] for one in stand.deliveries()][:2] == ["dropped", "dropped"]

    stand.control(f"events/{events[-1].id}/redeliver")
    assert site.hear().id == events[-1].id


def test_a_duplicated_webhook_comes_twice_with_the_same_id(stand: Stand, site: Site) -> None:
    stand.control("misbehave", duplicate_next=1)
    stand.paid_session()
    heard = [site.hear() for _ in range(4)]
    assert [event.type for event in heard] == [PAID[0], *PAID]
    assert heard[0].id == heard[1].id


def test_a_webhook_out_of_order_comes_after_the_one_that_followed_it(stand: Stand, site: Site) -> None:
    stand.control("misbehave", reorder_next=1)
    stand.paid_session()
    assert site.hear_types(3) == [PAID[1], PAID[0], PAID[2]]


def test_a_delayed_webhook_is_overtaken_by_later_payments(stand: Stand, site: Site) -> None:
    stand.control("misbehave", delay_next=1, delay_ms=700)
    stand.paid_session()
    assert site.hear_types(3) == [PAID[1], PAID[2], PAID[0]]


def test_the_same_seed_drops_the_same_webhooks(journal: Path, site: Site, tmp_path: Path) -> None:
    heard = []
    for state in (journal, tmp_path / "other.jsonl"):
        with standing(state, webhook_url=site.url) as stand:
            stand.control("misbehave", seed=7, drop_percent=50)
            for _ in range(10):
                stand.client.v1.checkout.sessions.expire(stand.open_session().id)
            stand.control("misbehave")
            stand.paid_session()
            heard.append([one["outcome"] == "dropped" for one in _outcomes_by_event(stand)][:10])
    assert heard[0] == heard[1]
    assert set(heard[0]) == {True, False}


def _outcomes_by_event(stand: Stand) -> list[dict[str, object]]:
    """The first delivery of each event, oldest event first; an event not sent yet counts as not dropped."""
    first = {one["event"]: one for one in reversed(stand.deliveries())}
    events = stand.client.v1.events.list({"limit": 100}).data
    return [first.get(event.id, {"outcome": None}) for event in reversed(events)]


def test_misbehaviour_that_nobody_knows_is_refused(stand: Stand) -> None:
    assert stand.control("misbehave", explode_next=1).status == 400
    assert stand.control("misbehave", drop_percent=101).status == 400
