import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.payments.sandbox.street import client_to

ROOT = Path(__file__).parents[3]


def test_it_refuses_to_run_beside_the_real_stripe(settings: Settings, journal: Path) -> None:
    settings.STRIPE_SANDBOX = False
    with pytest.raises(CommandError, match="STRIPE_SANDBOX"):
        call_command("stripe_sandbox", port=0, state=journal)
    assert not journal.exists()


def test_it_refuses_a_key_that_moves_real_money(settings: Settings, journal: Path) -> None:
    settings.STRIPE_SANDBOX = True
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    with pytest.raises(CommandError, match="sk_test_"):
        call_command("stripe_sandbox", port=0, state=journal)


def test_it_runs_without_the_database_until_it_is_told_to_stop(journal: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "src/manage.py", "stripe_sandbox", "--port", "0", "--state", str(journal)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout:
        url = process.stdout.readline().split()[3].rstrip(",")
        client = client_to(url, key=settings.STRIPE_SECRET_KEY)
        assert client.v1.balance.retrieve().available[0].amount == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
