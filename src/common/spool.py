"""Messages to the worker as files in a folder, for one machine without Redis.

That is kombu's filesystem transport, but a message is there whole or not at all. Kombu opens a file under the name by which a
reader finds it, and writes into it then: a worker that reads in between finds it empty, and ends.
"""

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

SCHEME = "spool"
TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu's two bases differ on its name
        """Under kombu's name: it is read in the order of the clock."""
        folder = Path(self.data_folder_out)
        half = folder / f".{uuid4()}"
        half.write_text(dumps(payload))
        half.rename(folder / f"{round(time.monotonic() * 1000)}_{uuid4()}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel
