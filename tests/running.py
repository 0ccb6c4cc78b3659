"""The site as it runs for real, for tests with a browser: web server, worker, the stand-in Stripe, a database of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from django.conf import settings

from demo.serve import die_with_parent, free_port, wait_for
from payments.sandbox.server import serve
from tests import databases

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 20


@dataclass
class RunningSite:
    """Addresses of what runs, and the environment in which its commands run."""

    url: str
    stripe_url: str
    run_dir: Path
    env: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, *command: str) -> None:
        with (self.run_dir / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.processes.append(process)

    def manage(self, *arguments: str) -> str:
        """What a management command prints. Raises CalledProcessError."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "src" / "manage.py"), *arguments],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
        )
        return done.stdout.decode()

    def stripe(self, path: str, **fields: str) -> requests.Response:
        """Presses a button of the stand-in Stripe."""
        headers = {"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"}
        return requests.post(f"{self.stripe_url}{path}", fields, headers=headers, timeout=10)

    def mails(self) -> list[str]:
        """What was mailed, oldest first."""
        return [file.read_text() for file in sorted((self.run_dir / "mail").glob("*.log"))]

    def stop(self) -> None:
        """At once: the test is over and its database goes away. How the site ends by itself is for the test of `demo.serve`."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()


@contextmanager
def running_site(database: str, run_dir: Path) -> Iterator[RunningSite]:
    """Runs the site on this database until the block ends. A browser comes first: it has connections of its own."""
    databases.point_at(database)
    web_port = free_port(0)
    hook = f"http://127.0.0.1:{web_port}/webhooks/stripe/"
    (run_dir / "queue" / "messages").mkdir(parents=True)
    (run_dir / "queue" / "control").mkdir()
    with ExitStack() as stack:
        stripe_url = stack.enter_context(
            serve(
                state=run_dir / "stripe.jsonl",
                secret_key=settings.STRIPE_SECRET_KEY,
                webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
                webhook_url=hook,
            )
        )
        env = (
            os.environ
            | databases.environment(database)
            | {
                "PYTHONPATH": str(ROOT / "src"),
                "RUN_DIR": str(run_dir),
                "MEDIA_ROOT": str(settings.MEDIA_ROOT),
                "SITE_URL": f"http://127.0.0.1:{web_port}",
                "STRIPE_API_BASE": stripe_url,
            }
        )
        site = RunningSite(f"http://127.0.0.1:{web_port}", stripe_url, run_dir, env)
        stack.callback(site.stop)
        site.start(
            "web",
            "-m",
            "gunicorn",
            "config.wsgi",
            "--no-control-socket",
            "--threads",
            "4",
            "--bind",
            f"127.0.0.1:{web_port}",
        )
        celery = ["-m", "celery", "--app", "config.celery"]
        site.start(
            "worker", *celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "INFO"
        )
        wait_for(web_port)
        yield site


def wait_until(holds: object, what: str) -> None:
    """Waits until `holds()` is true: for what a worker does in its own time. Raises TimeoutError that says what."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if callable(holds) and holds():
            return
        time.sleep(0.05)
    raise TimeoutError(what)
