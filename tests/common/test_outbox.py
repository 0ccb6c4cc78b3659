"""A mail is told once, lies in the outbox until it is sent, and is erased after a while."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core import mail as mailbox
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from common import mail, outbox, tasks
from common.models import Mail
from tests import databases
from tests.cast import NOW
from tests.crowd import at_once, gave
from tests.post import delivered

SOURCE = Path(outbox.__file__).resolve().parents[1]
DELIVER = """
import sys
import django
from django.conf import settings
django.setup()
settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "django.core.mail.backends.smtp.EmailBackend", None
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[2])
from common.tasks import deliver
deliver(int(sys.argv[1]))
"""
WRITE = """
import django
django.setup()
from django.utils import timezone
from common import mail
mail.send(key="a", to="a@example.nl", subject="Hello", template="mail/letter", context={}, language="en", now=timezone.now())
"""


def write(key: str = "campaign-reached:1", *, subject: str = "Hello", now: datetime = NOW) -> None:
    mail.send(
        key=key,
        to="fatma@example.nl",
        subject=subject,
        template="mail/letter",
        context={"paragraphs": ["Your target is reached."]},
        language="en",
        now=now,
    )


@pytest.fixture
def closed(settings: Settings) -> Settings:
    """Nobody is at the post office."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    return settings


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A post office that takes up the phone and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)
        yield listening


def process(database: str, code: str, *words: object, **env: str) -> "subprocess.Popen[bytes]":
    """Another process of the site, on this database."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=SOURCE,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": databases.url("default", database)}
        | env,
        stderr=subprocess.PIPE,
    )


# Written with what it tells about


def test_a_mail_is_sent_as_soon_as_what_it_tells_about_is_committed(own_database: str, worker: None) -> None:
    with transaction.atomic():
        write(now=timezone.now())
        assert mailbox.outbox == []
    (sent,) = mailbox.outbox
    assert (sent.to, sent.subject) == (["fatma@example.nl"], "Hello")
    assert Mail.objects.get().sent_at is not None


def test_what_did_not_happen_is_not_told(own_database: str, worker: None) -> None:
    with transaction.atomic():
        write(now=timezone.now())
        transaction.set_rollback(True)
    assert (list(Mail.objects.all()), mailbox.outbox) == ([], [])


def test_the_same_news_told_by_many_at_once_is_sent_once(own_database: str, worker: None) -> None:
    gave(at_once(*[partial(write, now=timezone.now())] * 6))
    assert (Mail.objects.count(), len(mailbox.outbox)) == (1, 1)


@pytest.mark.django_db
def test_other_news_is_another_mail() -> None:
    for key in ("campaign-reached:1", "campaign-reached:2", "campaign-reached:1"):
        write(key)
    assert len(delivered(now=NOW)) == 2


def test_a_broker_that_is_down_stops_nobody_and_the_sweep_sends_the_mail(
    own_database: str, worker: None
) -> None:
    writer = process(own_database, WRITE, REDIS_URL="redis://127.0.0.1:1/0")
    _, said = writer.communicate(timeout=60)
    assert writer.returncode == 0, said.decode()
    assert b"OperationalError" in said
    assert (Mail.objects.get().sent_at, mailbox.outbox) == (None, [])
    tasks.sweep()
    assert len(mailbox.outbox) == 1


# One at a time


def test_of_many_workers_with_the_same_mail_one_sends_it(own_database: str) -> None:
    write()
    once = partial(outbox.deliver, mail_id=Mail.objects.get().pk, now=NOW)
    gave(at_once(*[once] * 8))
    assert len(mailbox.outbox) == 1
    assert Mail.objects.get().tries == 1


def test_a_mail_in_the_hands_of_a_worker_is_its_own_until_the_worker_is_dead_for_a_while(
    own_database: str, silent: socket.socket
) -> None:
    write(now=timezone.now())
    made = Mail.objects.get()
    dying = process(own_database, DELIVER, made.pk, silent.getsockname()[1])
    connection, _ = silent.accept()  # from now on it is sending
    held = Mail.objects.get()
    assert (held.tries, held.sent_at) == (1, None)
    assert held.due_at - made.due_at >= timedelta(minutes=5)
    just_before, later = held.due_at - timedelta(seconds=1), held.due_at
    assert outbox.due(now=just_before) == []
    outbox.deliver(mail_id=made.pk, now=just_before)
    assert mailbox.outbox == []

    dying.send_signal(signal.SIGKILL)
    dying.communicate(timeout=60)
    connection.close()

    assert delivered(now=just_before) == []
    (sent,) = delivered(now=later)
    assert sent.to == ["fatma@example.nl"]
    assert sent.message()["Message-ID"].startswith(f"<mail-{made.pk}@")
    assert len(delivered(now=later + timedelta(days=1))) == 1
    assert Mail.objects.get().tries == 2


# What cannot be sent


@pytest.mark.django_db
def test_a_closed_post_office_is_tried_again_after_waits_that_grow_to_six_hours(closed: Settings) -> None:
    write()
    (mail_id,) = outbox.due(now=NOW)
    waits, now = [], NOW
    for _ in range(9):
        outbox.deliver(mail_id=mail_id, now=now)
        row = Mail.objects.get()
        assert (row.sent_at, "ConnectionRefusedError" in row.error) == (None, True)
        assert outbox.due(now=row.due_at - timedelta(seconds=1)) == []
        waits.append((row.due_at - now) // timedelta(minutes=1))
        now = row.due_at
    assert waits == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    closed.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(delivered(now=now)) == 1
    assert Mail.objects.get().error == ""


@pytest.mark.django_db
def test_after_five_days_it_is_given_up_with_an_alarm(
    closed: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    write()
    now = NOW
    while Mail.objects.get().given_up_at is None:
        assert "given up" not in caplog.text
        now = Mail.objects.get().due_at
        delivered(now=now)
    assert timedelta(days=5) <= now - NOW < timedelta(days=5, hours=6)
    assert "ERROR" in caplog.text
    assert "mail campaign-reached:1 is given up after" in caplog.text
    assert "fatma@example.nl" not in caplog.text
    assert outbox.due(now=now + timedelta(days=20)) == []
    assert outbox.stuck(now=now).count() == 1


@pytest.mark.django_db
def test_a_mail_that_lay_there_while_nobody_worked_is_sent_however_old_it_is() -> None:
    write()
    assert len(delivered(now=NOW + timedelta(days=20))) == 1


@pytest.mark.django_db
def test_an_address_that_cannot_be_written_down_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    write("a")
    Mail.objects.update(address="fat\nma@example.nl")
    write("b")
    assert len(delivered(now=NOW)) == 1
    assert "BadHeaderError" in Mail.objects.get(key="a").error


@pytest.mark.django_db
def test_a_subject_is_one_line() -> None:
    write(subject="One\nBcc: b@example.nl")
    (sent,) = delivered(now=NOW)
    assert sent.subject == "One Bcc: b@example.nl"
    assert sent.recipients() == ["fatma@example.nl"]


# Personal data


@pytest.mark.django_db
def test_what_a_mail_said_and_to_whom_is_erased_after_thirty_days_but_not_that_it_was_sent() -> None:
    write()
    delivered(now=NOW)
    assert outbox.erase(now=NOW + timedelta(days=29)) == 0
    assert outbox.erase(now=NOW + timedelta(days=30)) == 1
    row = Mail.objects.get()
    assert (row.address, row.subject, row.text, row.html) == ("", "", "", "")
    assert (row.key, row.sent_at) == ("campaign-reached:1", NOW)
    write()
    assert len(delivered(now=NOW + timedelta(days=31))) == 1


@pytest.mark.django_db
def test_what_was_given_up_is_erased_too_and_what_waits_is_not(closed: Settings) -> None:
    write("given up")
    delivered(now=NOW + timedelta(days=6))
    write("waits")
    assert outbox.erase(now=NOW + timedelta(days=30)) == 1
    assert [row.key for row in outbox.stuck(now=NOW + timedelta(days=30))] == ["waits"]
    erased = Mail.objects.get(key="given up")
    assert (erased.address, erased.error) == ("", "")
