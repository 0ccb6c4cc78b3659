"""The embedded server is the real one, and nothing here pretends: processes are killed with kill -9."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dj_database_url
import psutil
import psycopg
import pytest

from common import embedded
from common.embedded import Server, ensure_running, run_while, status, stop

SOURCE = Path(embedded.__file__).resolve().parents[1]
OWNER, APPLICATION, READER = "buurtpot_owner", "buurtpot_app", "buurtpot_reader"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Where a test may have its server; nothing of it is left running."""
    home = tmp_path / "home"
    yield home
    stop(data_dir=home)
    assert processes_of(home) == []


@pytest.fixture
def run_dir() -> Iterator[Path]:
    """A folder of one's own with a short name, as a system has it for sockets."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with us."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def command(*words: str | Path, prefix: tuple[str, ...] = ()) -> list[str]:
    return [*prefix, sys.executable, "-m", "common.embedded", *map(str, words)]


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=SOURCE, capture_output=True, text=True, timeout=60, check=False)


def processes_of(home: Path) -> list[psutil.Process]:
    """Whatever process works in the home, by whatever name."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.cwd().startswith(f"{home.resolve()}/"):
                found.append(process)
    return found


def parent_of(process: psutil.Process) -> int | None:
    """None of one that is gone by now: the server's workers come and go."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return int(process.ppid())
    return None


def watchers_of(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if {"watch", f"--data-dir={home}"} <= set(process.cmdline()):
                found.append(process)
    return found


def sockets_of(processes: list[psutil.Process], kind: str) -> list[object]:
    found: list[object] = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # its workers come and go
            found += process.net_connections(kind=kind)
    return found


def kill(*processes: psutil.Process) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within half a minute: other processes take their time."""
    until = time.monotonic() + 30
    while not condition() and time.monotonic() < until:
        pass
    return condition()


def ask(server: Server, query: str, *, role: str = APPLICATION) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url(role)) as connection:
        return connection.execute(query.encode()).fetchall()


def write_down(server: Server, words: str) -> None:
    with psycopg.connect(server.url(OWNER)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (words text)")
        connection.execute("INSERT INTO note VALUES (%s)", [words])


def notes(server: Server) -> list[str]:
    return [str(words) for (words,) in ask(server, "SELECT words FROM note", role=OWNER)]


# --- what one gets ------------------------------------------------------------------------------------


def test_who_starts_it_may_set_what_is_unusual(home: Path) -> None:
    server = ensure_running(data_dir=home, settings={"shared_buffers": "17MB"})
    assert ask(server, "SHOW shared_buffers") == [("17MB",)]
    stop(data_dir=home)
    assert ask(ensure_running(data_dir=home), "SHOW shared_buffers") == [("256MB",)]


def test_three_roles_sign_in_and_none_is_a_superuser(home: Path) -> None:
    server = ensure_running(data_dir=home)
    rights = "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert ask(server, rights, role=OWNER) == [(OWNER, False, True, True)]
    assert ask(server, rights, role=APPLICATION) == [(APPLICATION, False, False, False)]
    assert ask(server, rights, role=READER) == [(READER, False, False, False)]
    owner_of_database = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
    assert ask(server, owner_of_database) == [(OWNER,)]


def test_the_cluster_is_set_up_to_give_the_same_answers_everywhere_and_to_lose_nothing(home: Path) -> None:
    server = ensure_running(data_dir=home)
    wanted = {"server_encoding": "UTF8", "TimeZone": "UTC", "data_checksums": "on", "fsync": "on"}
    for name, value in wanted.items():
        assert ask(server, f"SELECT current_setting('{name}')") == [(value,)]
    locale = "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = current_database()"
    assert ask(server, locale) == [("b", "C.UTF-8")]


def test_the_second_start_finds_the_first_server(home: Path) -> None:
    assert ensure_running(data_dir=home) == ensure_running(data_dir=home)


def test_what_was_written_is_there_after_a_stop_and_a_start(home: Path) -> None:
    write_down(ensure_running(data_dir=home), "milk")
    stop(data_dir=home)
    assert notes(ensure_running(data_dir=home)) == ["milk"]


@pytest.mark.parametrize(
    "folder", ["a space", "100%25", "straße ëü 街", "comma, here", "$HOME `'\"\\", "l" * 120]
)
def test_any_path_will_do(tmp_path: Path, folder: str) -> None:
    home = tmp_path / folder / "home"
    server = ensure_running(data_dir=home)
    try:
        assert ask(server, "SELECT current_database()::text") == [("buurtpot",)]
        django = dj_database_url.parse(server.url(APPLICATION))
        assert (django["HOST"], django["USER"]) == (str(server.socket_dir), APPLICATION)
        assert len(os.fsencode(server.socket_dir / ".s.PGSQL.5432")) <= 107
    finally:
        stop(data_dir=home)
    assert not server.socket_dir.exists()


def test_a_server_is_found_by_who_has_another_folder_for_sockets(
    tmp_path: Path, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / ("l" * 120)
    server = ensure_running(data_dir=home)
    try:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(run_dir))
        assert ensure_running(data_dir=home) == server
        stop(data_dir=home)
        assert ensure_running(data_dir=home).socket_dir.parent == run_dir
    finally:
        stop(data_dir=home)


def test_a_folder_for_sockets_with_a_long_name_itself_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, too_long = tmp_path / ("l" * 120), tmp_path / ("r" * 80)
    too_long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(too_long))
    try:
        assert ensure_running(data_dir=home).socket_dir.parent == Path(tempfile.gettempdir())
    finally:
        stop(data_dir=home)


# --- many at once, and from a shell -------------------------------------------------------------------


def test_ten_processes_that_start_at_once_share_one_server(home: Path) -> None:
    starting = [
        subprocess.Popen(command("url", "--data-dir", home), cwd=SOURCE, stdout=subprocess.PIPE, text=True)
        for _ in range(10)
    ]
    answers = {process.communicate(timeout=120)[0] for process in starting}
    server = status(data_dir=home)
    assert server is not None
    assert answers == {server.url(APPLICATION) + "\n"}
    launched = {process.pid for process in processes_of(home) if parent_of(process) not in (server.pid, None)}
    assert launched == {server.pid}


def test_a_server_does_not_hold_the_pipes_of_who_started_it_and_stays_when_that_ends(home: Path) -> None:
    assert run(command("start", "--data-dir", home)).returncode == 0  # would time out: it reads to the end
    assert status(data_dir=home) is not None


def test_a_server_holds_no_file_of_who_started_it(home: Path) -> None:
    with (home.parent / "mine").open("wb") as mine:
        os.set_inheritable(mine.fileno(), True)
        server = ensure_running(data_dir=home)
        held = {opened.path for opened in psutil.Process(server.pid).open_files()}
    assert str(home / "server.log") in held  # the control: we do see what it holds
    assert not held & {mine.name, str(home / "lock"), str(home / "watchers")}


def test_the_command_line_tells_starts_and_stops(home: Path) -> None:
    at_home = ("--data-dir", home)
    assert run(command("status", *at_home)).returncode == 1
    url = run(command("url", "--role", OWNER, *at_home)).stdout.strip()
    with psycopg.connect(url) as connection:
        assert connection.info.user == OWNER
    assert run(command("status", *at_home)).returncode == 0
    assert run(command("stop", *at_home)).returncode == 0
    assert run(command("status", *at_home)).stdout == "not running\n"


def test_stopping_ends_open_sessions_and_leaves_no_process(home: Path) -> None:
    server = ensure_running(data_dir=home)
    with contextlib.closing(psycopg.connect(server.url(APPLICATION))) as connection:
        assert connection.info.backend_pid in {process.pid for process in processes_of(home)}
        stop(data_dir=home)
        assert processes_of(home) == []
        with pytest.raises(psycopg.errors.AdminShutdown):
            connection.execute("SELECT 1")
    assert status(data_dir=home) is None


def test_stopping_where_nothing_runs_is_fine_and_makes_nothing(home: Path) -> None:
    stop(data_dir=home)
    assert not home.exists()


def test_a_log_that_has_grown_large_is_put_aside(home: Path) -> None:
    home.mkdir()
    (home / "server.log").write_bytes(b"x" * 6_000_000)
    ensure_running(data_dir=home)
    assert (home / "server.log.1").stat().st_size >= 6_000_000
    assert stat.S_IMODE((home / "server.log").stat().st_mode) == 0o600
    assert (home / "server.log").stat().st_size < 100_000


# --- kill -9 ------------------------------------------------------------------------------------------


def test_after_the_postmaster_was_killed_a_start_recovers_and_keeps_the_data(home: Path) -> None:
    server = ensure_running(data_dir=home)
    write_down(server, "milk")
    kill(psutil.Process(server.pid))
    recovered = ensure_running(data_dir=home)
    assert recovered.pid != server.pid
    assert notes(recovered) == ["milk"]


def test_a_session_that_outlives_the_killed_postmaster_is_ended_first(home: Path) -> None:
    server = ensure_running(data_dir=home)
    write_down(server, "milk")
    with psycopg.connect(server.url(APPLICATION)) as connection:
        orphan = psutil.Process(connection.info.backend_pid)
        orphan.suspend()  # so that it does not notice
        kill(psutil.Process(server.pid))
        assert orphan.is_running()
        assert notes(ensure_running(data_dir=home)) == ["milk"]
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_after_one_of_its_helpers_was_killed_a_start_gives_a_server_that_answers(home: Path) -> None:
    server = ensure_running(data_dir=home)
    write_down(server, "milk")
    helper = psutil.Process(server.pid).children()[0]
    kill(helper)
    assert eventually(lambda: not helper.is_running())  # the postmaster has seen it
    assert notes(ensure_running(data_dir=home)) == ["milk"]


def test_after_all_of_it_was_killed_the_leftover_socket_and_pid_file_do_not_matter(home: Path) -> None:
    server = ensure_running(data_dir=home)
    write_down(server, "milk")
    kill(psutil.Process(server.pid), *processes_of(home))
    assert (server.socket_dir / ".s.PGSQL.5432").exists()
    assert (home / "data" / "postmaster.pid").exists()
    assert notes(ensure_running(data_dir=home)) == ["milk"]


def test_a_bystander_who_got_the_dead_servers_number_is_left_alone(
    home: Path, bystander: subprocess.Popen[bytes]
) -> None:
    server = ensure_running(data_dir=home)
    pid_file = home / "data" / "postmaster.pid"
    kill(psutil.Process(server.pid), *processes_of(home))
    pid_file.write_text(pid_file.read_text().replace(str(server.pid), str(bystander.pid), 1))
    socket_lock = server.socket_dir / ".s.PGSQL.5432.lock"
    socket_lock.write_text(pid_file.read_text())
    left_over = pid_file.read_text()
    assert status(data_dir=home) is None
    stop(data_dir=home)
    pid_file.write_text(left_over)
    server.socket_dir.mkdir(mode=0o700)
    socket_lock.write_text(left_over)
    ask(ensure_running(data_dir=home), "SELECT 1")
    stop(data_dir=home)
    assert bystander.poll() is None


@pytest.mark.parametrize("whom", ["the caller only", "the caller and initdb"])
def test_a_cluster_that_was_killed_while_being_made_is_made_anew(home: Path, whom: str) -> None:
    caller = psutil.Popen(command("start", "--data-dir", home), cwd=SOURCE, stderr=subprocess.DEVNULL)
    assert eventually((home / "data.making" / "PG_VERSION").exists)
    caller.suspend()
    making = caller.children(recursive=True)
    assert making
    kill(caller, *(making if whom == "the caller and initdb" else []))
    caller.wait()
    assert not (home / "data").exists()
    assert ask(ensure_running(data_dir=home), "SELECT current_database()::text") == [("buurtpot",)]
    assert not (home / "data.making").exists()


def test_a_server_whose_socket_was_swept_away_is_started_again(home: Path) -> None:
    server = ensure_running(data_dir=home)
    (server.socket_dir / ".s.PGSQL.5432").unlink()
    ask(ensure_running(data_dir=home), "SELECT 1")


def test_a_home_that_was_removed_under_a_running_server_is_made_anew(home: Path) -> None:
    old = ensure_running(data_dir=home)
    shutil.rmtree(home)
    assert ensure_running(data_dir=home).pid != old.pid
    assert old.pid not in {process.pid for process in processes_of(home)}


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    ensure_running(data_dir=home)
    stop(data_dir=home)
    (home / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(embedded.CannotStart) as refusal:
        ensure_running(data_dir=home)
    assert "no_such_setting" in refusal.value.log


# --- with a parent ------------------------------------------------------------------------------------


def test_a_server_with_a_parent_stops_when_the_parent_is_killed(
    home: Path, bystander: subprocess.Popen[bytes]
) -> None:
    started = run(command("start", "--data-dir", home, "--with-parent", str(bystander.pid)))
    assert started.returncode == 0
    assert status(data_dir=home) is not None
    bystander.send_signal(signal.SIGKILL)  # not waited for: a zombie is gone as well
    assert eventually(lambda: processes_of(home) == [] and watchers_of(home) == [])


def test_of_two_parents_the_last_one_counts(home: Path, bystander: subprocess.Popen[bytes]) -> None:
    first = subprocess.Popen(["sleep", "600"])
    server = run_while(first.pid, data_dir=home)
    assert run_while(bystander.pid, data_dir=home) == server
    assert eventually(lambda: len(watchers_of(home)) == 2)
    first.kill()
    first.wait()
    assert eventually(lambda: len(watchers_of(home)) == 1)
    assert status(data_dir=home) == server
    bystander.kill()
    assert eventually(lambda: status(data_dir=home) is None)


def test_a_parent_must_be_alive(home: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    with pytest.raises(embedded.NoSuchProcess):
        run_while(gone.pid, data_dir=home)
    assert not home.exists()


# --- who may enter ------------------------------------------------------------------------------------


def test_everything_is_for_its_owner_only_and_no_folder_above_is_touched(tmp_path: Path) -> None:
    street = tmp_path / "street"
    street.mkdir()
    street.chmod(0o755)
    above = {folder: folder.stat().st_mode for folder in (street, *street.parents)}
    home = street / "home"
    ensure_running(data_dir=home)
    modes = {path: path.lstat().st_mode for path in (home, *home.rglob("*"))}
    stop(data_dir=home)
    assert {path: oct(mode) for path, mode in modes.items() if stat.S_IMODE(mode) & 0o077} == {}
    assert {folder: folder.stat().st_mode for folder in above} == above


def test_it_does_not_listen_on_the_network(home: Path) -> None:
    ensure_running(data_dir=home)
    servers = processes_of(home)
    assert sockets_of(servers, "unix")  # the control: we do see sockets
    assert sockets_of(servers, "inet") == []


def test_a_stranger_cannot_reach_it(open_folder: Path, stranger: tuple[str, ...]) -> None:
    server = ensure_running(data_dir=open_folder / "home")
    connect = f"import psycopg; psycopg.connect({server.url(APPLICATION)!r})"
    knock = [*stranger, sys.executable, "-c", connect]
    try:
        refused = run(knock)
        assert refused.returncode != 0
        assert "Permission denied" in refused.stderr
        for door in (server.home, server.socket_dir, server.socket_dir / ".s.PGSQL.5432"):
            door.chmod(0o777)
        assert run(knock).returncode == 0  # the control: the modes are what keeps the stranger out
    finally:
        stop(data_dir=server.home)


def test_a_folder_that_others_may_enter_is_refused_and_left_as_it_is(
    tmp_path: Path, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / ("l" * 120)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run_dir))
    socket_dir = ensure_running(data_dir=home).socket_dir
    stop(data_dir=home)
    socket_dir.mkdir()
    socket_dir.chmod(0o755)
    with pytest.raises(embedded.UnsafeFolder) as refusal:
        ensure_running(data_dir=home)
    assert refusal.value.path == socket_dir
    assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o755


# --- root and ordinary users --------------------------------------------------------------------------


@pytest.fixture
def stranger() -> tuple[str, ...]:
    """What to put before a command to run it as another, ordinary user."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root, with setpriv, can act as another user")
    nobody = pwd.getpwnam("nobody")
    prefix = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    if run([*prefix, sys.executable, "-c", "import common.embedded"]).returncode != 0:
        pytest.skip("nobody may not read the project here")
    return prefix


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="buurtpot-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_an_ordinary_user_has_a_server_without_any_namespace(
    open_folder: Path, stranger: tuple[str, ...]
) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(open_folder, nobody.pw_uid, nobody.pw_gid)
    at_home = ("--data-dir", open_folder / "home")
    try:
        url = run(command("url", *at_home, prefix=stranger))
        assert url.returncode == 0, url.stderr
        ask_who = f"import psycopg; print(psycopg.connect({url.stdout.strip()!r}).info.user)"
        assert run([*stranger, sys.executable, "-c", ask_who]).stdout.strip() == APPLICATION
        servers = processes_of(open_folder)
        assert {process.uids().effective for process in servers} == {nobody.pw_uid}
        ours = Path("/proc/self/ns/user").readlink()
        assert {Path(f"/proc/{process.pid}/ns/user").readlink() for process in servers} == {ours}
    finally:
        run(command("stop", *at_home, prefix=stranger))
    assert processes_of(open_folder) == []


def test_root_without_namespaces_is_told_so(home: Path) -> None:
    root_without = ("unshare", "--user", "--map-root-user", "sh", "-c")
    close = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    if run([*root_without, close, "sh", "true"]).returncode != 0:
        pytest.skip("this machine does not let us take namespaces away")
    refused = run([*root_without, close, "sh", *command("start", "--data-dir", home)])
    assert refused.returncode == 2
    assert "user namespace" in refused.stderr
    assert "DATABASE_URL" in refused.stderr
