"""Which worker does what: nothing that takes long stands before what must be prompt, and every queue has its worker."""

import re
from unittest.mock import Mock

import pytest
from django.conf import settings

from config.celery import app
from demo import serve
from tests.running import ROOT

LONG = {"books.tasks.make_export", "cheques.tasks.make_letters", "books.tasks.check"}
SEAL = "ledger.tasks.seal"


def queue_of(task: str) -> str:
    return str(app.amqp.router.route({}, task)["queue"].name)


def tasks_of(queue: str) -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.") and queue_of(name) == queue}


def workers_of_the_site() -> str:
    return (ROOT / "deploy" / "compose.yaml").read_text()


def workers_of_the_demo(monkeypatch: pytest.MonkeyPatch) -> str:
    """The commands that the demo starts."""
    started = Mock(spec=serve.Demo)
    monkeypatch.setattr(serve, "wait_for", Mock())
    serve.start(started, web_port=1, stripe_port=2)
    return "\n".join(" ".join(call.args[1]) for call in started.start.call_args_list)


def queues_in(commands: str) -> list[str]:
    return re.findall(r"celery\S* --app config\.celery worker --queues (\S+)", commands)


def test_a_seal_waits_behind_nothing_else() -> None:
    assert tasks_of(queue_of(SEAL)) == {SEAL}


def test_what_takes_long_has_a_queue_of_its_own() -> None:
    (queue,) = {queue_of(task) for task in LONG}
    assert tasks_of(queue) == LONG


def test_the_alarm_about_seals_does_not_wait_for_the_worker_that_it_watches() -> None:
    assert queue_of("books.tasks.watch_seals") not in {queue_of(SEAL), *map(queue_of, LONG)}


def test_every_queue_has_one_kind_of_worker_on_the_site_and_in_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queues = sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)
    assert {queue_of(task) for task in app.tasks} <= set(queues)
    assert sorted(queues_in(workers_of_the_site())) == queues
    assert sorted(queues_in(workers_of_the_demo(monkeypatch))) == queues


def test_the_key_that_seals_lies_with_the_worker_that_seals_alone() -> None:
    services = re.split(
        r"^  (?=\w+:$)", workers_of_the_site().partition("\nservices:\n")[2], flags=re.MULTILINE
    )
    with_key = [service for service in services if "secrets: [seal.pem]" in service]
    assert [queues_in(service) for service in with_key] == [[queue_of(SEAL)]]
