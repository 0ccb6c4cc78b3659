import pytest
import stripe

from tests.payments.sandbox.street import Stand


def test_lists_come_newest_first_and_pages_join_without_gap_or_overlap(stand: Stand) -> None:
    made = [stand.open_session().id for _ in range(7)]
    sessions = stand.client.v1.checkout.sessions

    first = sessions.list({"limit": 3})
    assert ([one.id for one in first.data], first.has_more) == (made[:3:-1], True)
    middle = sessions.list({"limit": 3, "starting_after": first.data[-1].id})
    last = sessions.list({"limit": 3, "starting_after": middle.data[-1].id})
    assert (len(last.data), last.has_more) == (1, False)
    assert [one.id for page in (first, middle, last) for one in page.data] == made[::-1]

    back = sessions.list({"limit": 3, "ending_before": last.data[0].id})
    assert [one.id for one in back.data] == [one.id for one in middle.data]
    assert back.has_more
    assert [one.id for one in sessions.list({"limit": 2}).auto_paging_iter()] == made[::-1]


def test_events_are_listed_by_type_and_moment_with_what_was_true_then(stand: Stand) -> None:
    early = stand.paid_session()
    stand.control("clock", ahead_seconds=1000)
    late = stand.paid_session()
    events = stand.client.v1.events

    wanted = ["checkout.session.completed", "refund.created"]
    assert [one.data.object["id"] for one in events.list({"types": wanted}).data] == [late.id, early.id]
    recent = events.list({"created": {"gte": early.created + 500}})
    assert [one.type for one in recent.data] == [
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.succeeded",
    ]
    assert events.retrieve(recent.data[0].id).data.object["id"] == late.id


def test_a_list_can_be_expanded_too(stand: Stand) -> None:
    stand.paid_session(amount_cents=1000)
    listed = stand.client.v1.charges.list({"expand": ["data.balance_transaction"]})
    assert isinstance(listed.data[0].balance_transaction, stripe.BalanceTransaction)


@pytest.mark.parametrize("fields", [{"limit": 0}, {"limit": 101}, {"starting_after": "cs_test_nobody"}])
def test_a_page_that_cannot_be_is_refused(stand: Stand, fields: dict[str, object]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        stand.client.v1.checkout.sessions.list(fields)  # type: ignore[arg-type]  # wrong on purpose
