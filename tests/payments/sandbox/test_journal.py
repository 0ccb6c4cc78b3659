import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import stripe

from payments.sandbox.server import NotATestKey, UnusableWebhookUrl, serve
from payments.sandbox.store import JournalDamaged, JournalInUse
from tests.payments.sandbox.street import (
    SECRET_KEY,
    WEBHOOK_SECRET,
    Stand,
    charge_of,
    client_to,
    send,
    standing,
)

ROOT = Path(__file__).parents[3]


def everything(stand: Stand) -> dict[str, object]:
    v1 = stand.client.v1
    return {
        "sessions": [one.to_dict() for one in v1.checkout.sessions.list({"limit": 100}).data],
        "intents": [one.to_dict() for one in v1.payment_intents.list({"limit": 100}).data],
        "charges": [one.to_dict() for one in v1.charges.list({"limit": 100}).data],
        "lines": [one.to_dict() for one in v1.balance_transactions.list({"limit": 100}).data],
        "refunds": [one.to_dict() for one in v1.refunds.list({"limit": 100}).data],
        "payouts": [one.to_dict() for one in v1.payouts.list({"limit": 100}).data],
        "events": [one.to_dict() for one in v1.events.list({"limit": 100}).data],
        "balance": v1.balance.retrieve().to_dict(),
    }


def a_day_of_money(stand: Stand) -> None:
    first = stand.paid_session(amount_cents=1000)
    stand.client.v1.refunds.create({"charge": charge_of(first).id, "amount": 300})
    stand.control("payouts")
    stand.press(stand.open_session(), "later")
    stand.press(stand.open_session(), "fail")


def test_a_restart_comes_back_with_the_same_state_and_the_same_keys(journal: Path) -> None:
    with standing(journal) as stand:
        a_day_of_money(stand)
        keyed = stand.open_session(key="donation-42")
        stand.control("clock", ahead_seconds=500)
        before = everything(stand)
    with standing(journal) as again:
        assert everything(again) == before
        assert again.open_session(key="donation-42").id == keyed.id
        assert again.open_session().created >= keyed.created + 500


def test_a_server_that_was_killed_has_lost_nothing_it_answered(journal: Path) -> None:
    program = (
        "import sys, pathlib, threading\n"
        "from payments.sandbox.server import serve\n"
        "state, key = pathlib.Path(sys.argv[1]), sys.argv[2]\n"
        "with serve(state=state, secret_key=key, webhook_secret='whsec_x') as url:\n"
        "    print(url, flush=True)\n"
        "    threading.Event().wait()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(journal), SECRET_KEY],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert process.stdout is not None
    with process, process.stdout:
        url = process.stdout.readline().strip()
        stand = Stand(url, client_to(url))
        a_day_of_money(stand)
        before = everything(stand)
        process.send_signal(signal.SIGKILL)
    with standing(journal) as again:
        assert everything(again) == before


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_last_line_that_was_not_finished_never_happened(journal: Path, cut: int) -> None:
    with standing(journal) as stand:
        a_day_of_money(stand)
        before = everything(stand)
        stand.paid_session(amount_cents=9900)
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-cut])

    with standing(journal) as again:
        # The session of 9900 was opened in a line of its own; only its payment was cut off.
        sessions = again.client.v1.checkout.sessions.list().data
        assert (sessions[0].amount_total, sessions[0].status) == (9900, "open")
        assert everything(again)["lines"] == before["lines"]
        again.press(sessions[0], "pay")
        after = everything(again)
    with standing(journal) as third:
        assert everything(third) == after


def test_a_damaged_line_in_the_middle_is_not_passed_over(journal: Path) -> None:
    with standing(journal) as stand:
        a_day_of_money(stand)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([lines[0], b"[{oops\n", *lines[2:]]))
    with pytest.raises(JournalDamaged) as damaged, standing(journal):
        pass
    assert damaged.value.line_number == 2


def test_two_servers_do_not_write_one_journal(journal: Path) -> None:
    with standing(journal), pytest.raises(JournalInUse), standing(journal):
        pass
    with standing(journal):
        pass  # the first has let go


def test_a_server_that_has_closed_answers_nobody(journal: Path) -> None:
    with standing(journal) as stand:
        stand.open_session()
        size = journal.stat().st_size
    with pytest.raises(stripe.APIConnectionError):
        stand.open_session()
    assert journal.stat().st_size == size


def test_a_key_that_moves_real_money_is_refused(journal: Path) -> None:
    with (
        pytest.raises(NotATestKey),
        serve(state=journal, secret_key="sk_live_1", webhook_secret=WEBHOOK_SECRET),
    ):
        pass
    assert not journal.exists()


def test_a_webhook_address_must_be_one(journal: Path) -> None:
    with pytest.raises(UnusableWebhookUrl), standing(journal, webhook_url="webhooks/stripe"):
        pass


def test_control_asks_for_the_key(journal: Path) -> None:
    with standing(journal) as stand:
        stand.paid_session()
        assert send(f"{stand.url}/_control/payouts", {}).status == 401
        assert stand.client.v1.payouts.list().data == []
        assert stand.control("payouts").status == 200
