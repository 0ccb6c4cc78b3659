"""Reading everything from one database for a while: inside a transaction there, all of it is of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_alias: ContextVar[str | None] = ContextVar("reads_from", default=None)


@contextmanager
def reads_from(alias: str) -> Iterator[None]:
    """What is read inside comes from there; what is written goes where it always goes."""
    token = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(token)


class Router:
    """For `DATABASE_ROUTERS`."""

    def db_for_read(self, model: type, **hints: object) -> str | None:
        return _alias.get()
