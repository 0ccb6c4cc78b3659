"""Messages in a folder: many writers, many readers, and nobody ever reads half a message."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty

from kombu import Connection

from common import spool

WRITERS, MESSAGES = 4, 150


def talk(folder: Path, writers: int = WRITERS) -> list[object]:
    """What the readers got from as many writers, while they write."""
    (folder / "control").mkdir(parents=True)
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }

    def channel() -> object:
        return Connection(f"{spool.SCHEME}://localhost", transport_options=options).channel()

    def write(writer: int) -> list[object]:
        own = channel()
        for number in range(MESSAGES):
            own._put("celery", {"writer": writer, "number": number})  # type: ignore[attr-defined]
        return []

    def read() -> list[object]:
        own, got = channel(), list[object]()
        while len(got) < MESSAGES:
            with suppress(Empty):
                got.append(own._get("celery"))  # type: ignore[attr-defined]
        return got

    with ThreadPoolExecutor(2 * writers) as pool:
        done = [pool.submit(write, writer) for writer in range(writers)] + [
            pool.submit(read) for _ in range(writers)
        ]
        return [message for one in done for message in one.result(60)]


def test_every_message_is_read_once_and_whole(tmp_path: Path) -> None:
    got = talk(tmp_path)
    assert len(got) == WRITERS * MESSAGES
    told = Counter((message["writer"], message["number"]) for message in got)  # type: ignore[index]
    assert set(told.values()) == {1}
    assert list(tmp_path.glob(".*")) == list(tmp_path.glob("*.msg")) == []
