"""Messages in a folder: many writers, many readers, and nobody ever reads half a message."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty

from kombu import Connection

from common import spool

WRITERS, MESSAGES = 4, 150


def talk(folder: Path) -> list[dict[str, int]]:
    """What the readers got from as many writers, while they write."""
    (folder / "control").mkdir(parents=True)
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }

    def channel() -> spool.Channel:
        made = Connection(f"{spool.SCHEME}://localhost", transport_options=options).channel()
        assert isinstance(made, spool.Channel)
        return made

    def write(writer: int) -> list[dict[str, int]]:
        own = channel()
        for number in range(MESSAGES):
            own._put("celery", {"writer": writer, "number": number})
        return []

    def read() -> list[dict[str, int]]:
        own, got = channel(), list[dict[str, int]]()
        while len(got) < MESSAGES:
            with suppress(Empty):
                got.append(own._get("celery"))
        return got

    with ThreadPoolExecutor(2 * WRITERS) as pool:
        done = [pool.submit(write, writer) for writer in range(WRITERS)] + [
            pool.submit(read) for _ in range(WRITERS)
        ]
        return [message for one in done for message in one.result(60)]


def test_every_message_is_read_once_and_whole(tmp_path: Path) -> None:
    got = talk(tmp_path)
    assert len(got) == WRITERS * MESSAGES
    told = Counter((message["writer"], message["number"]) for message in got)
    assert set(told.values()) == {1}
    assert list(tmp_path.glob(".*")) == list(tmp_path.glob("*.msg")) == []
