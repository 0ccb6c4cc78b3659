"""`python -m demo.serve`: the demo as it would run for real, in small: web server, workers, beat, and the stand-in Stripe.

One supervisor starts them and ends them. It ends when one of them does; they end when it is killed, whatever the way.
"""

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
RUN_DIR = Path(os.environ.get("RUN_DIR", ROOT / ".demo"))
PID_FILE = RUN_DIR / "demo.pid"
PATIENCE_SECONDS = 15
PR_SET_PDEATHSIG = 1


class Stopped(Exception):
    """Somebody asked the demo to end."""


def free_port(wanted: int) -> int:
    """The wanted port on loopback, or another when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on loopback")


def environment(*, web_port: int, stripe_port: int) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "RUN_DIR": str(RUN_DIR),
        "SITE_URL": f"http://127.0.0.1:{web_port}",
        "STRIPE_API_BASE": f"http://127.0.0.1:{stripe_port}",
    }


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel ends this process when the one that started it is gone, whatever the way."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Demo:
    """The processes of one demo."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, *arguments: str) -> None:
        """Waits for a management command. Raises CalledProcessError."""
        command = [sys.executable, str(ROOT / "src" / "manage.py"), *arguments]
        subprocess.run(command, env=self.env, check=True, stdin=subprocess.DEVNULL)  # noqa: S603 - our own commands

    def start(self, name: str, command: Sequence[str]) -> None:
        with (RUN_DIR / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def watch(self) -> str:
        """Waits until one of the processes ends, and gives its name."""
        while True:
            for name, process in self.running.items():
                if process.poll() is not None:
                    return name
            time.sleep(0.2)

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        until = time.monotonic() + PATIENCE_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(port: int) -> None:
    """Until somebody listens. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}; see {RUN_DIR}")


def start(demo: Demo, *, web_port: int, stripe_port: int) -> None:
    """Starts everything, and fills an empty database."""
    manage = [sys.executable, str(ROOT / "src" / "manage.py")]
    celery = [sys.executable, "-m", "celery", "--app", "config.celery"]
    demo.run("migrate", "--database", "owner", "--verbosity", "0")
    hook = f"http://127.0.0.1:{web_port}/webhooks/stripe/"
    state = str(RUN_DIR / "stripe.jsonl")
    stripe = [*manage, "stripe_sandbox", "--port", str(stripe_port), "--state", state, "--webhook-url", hook]
    demo.start("stripe", [*stripe, "--bank-answers-after", "60"])
    wait_for(stripe_port)
    demo.run("make_demo")
    gunicorn = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi",
        "--workers",
        "2",
        "--worker-tmp-dir",
        str(RUN_DIR),
    ]
    demo.start("web", [*gunicorn, "--bind", f"127.0.0.1:{web_port}"])
    for name, queue, threads in (
        ("worker", "celery", "2"),
        ("sealer", "seals", "1"),
        ("filer", "files", "2"),
    ):
        worker = [*celery, "worker", "--queues", queue, "--hostname", f"{name}@%h", "--pool", "threads"]
        demo.start(name, [*worker, "--concurrency", threads, "--loglevel", "WARNING"])
    demo.start("beat", [*celery, "beat", "--loglevel", "WARNING"])
    wait_for(web_port)


def serve() -> int:
    """Runs the demo until it is asked to stop. Gives the exit status."""
    RUN_DIR.mkdir(mode=0o700, exist_ok=True)
    (RUN_DIR / "queue" / "messages").mkdir(parents=True, exist_ok=True)
    (RUN_DIR / "queue" / "control").mkdir(parents=True, exist_ok=True)
    if running() is not None:
        sys.stderr.write("The demo runs already. `make stop` ends it.\n")
        return 1
    PID_FILE.write_text(str(os.getpid()))
    web_port, stripe_port = free_port(8000), free_port(8010)
    env = environment(web_port=web_port, stripe_port=stripe_port)
    embedded = [sys.executable, "-m", "common.embedded"]
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, _stop)
    demo = Demo(env)
    status = 0
    try:
        if "DATABASE_URL" not in env:
            # The database ends with us, also when we are killed.
            subprocess.run([*embedded, "start", "--with-parent", str(os.getpid())], env=env, check=True)  # noqa: S603
        sys.stdout.write("Starting. The first time this makes the neighbourhood, which takes a moment.\n")
        sys.stdout.flush()
        start(demo, web_port=web_port, stripe_port=stripe_port)
        demo.run("show_demo")
        ended = demo.watch()
        sys.stderr.write(f"{ended} ended by itself; see {RUN_DIR / ended}.log\n")
        status = 1
    except Stopped:
        sys.stdout.write("\nStopping.\n")
    except (subprocess.CalledProcessError, TimeoutError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        status = 1
    finally:
        for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(asked, signal.SIG_IGN)
        demo.stop()
        if "DATABASE_URL" not in env:
            subprocess.run([*embedded, "stop"], env=env, check=False)  # noqa: S603
        PID_FILE.unlink(missing_ok=True)
    return status


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def running() -> int | None:
    """The process id of the demo that runs from this folder."""
    try:
        pid = int(PID_FILE.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"demo.serve" in command and pid != os.getpid() else None


def stop() -> int:
    """Ends the demo that runs from this folder, and waits until it is gone."""
    pid = running()
    if pid is None:
        return 0
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 2 * PATIENCE_SECONDS
    while running() is not None and time.monotonic() < until:
        time.sleep(0.1)
    return 0 if running() is None else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stop", action="store_true")
    sys.exit(stop() if parser.parse_args().stop else serve())
