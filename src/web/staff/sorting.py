"""Lists in the order that somebody asks for, by columns that the page names."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

from web.staff.paging import query_of

Found = TypeVar("Found", bound=QuerySet[Any])


@dataclass(frozen=True)
class Column:
    """A way to order a list: `name` in the address, `field` with a minus where the newest or the most comes first."""

    name: str
    word: str
    field: str


@dataclass(frozen=True)
class SortLink:
    """The same list ordered by a column. `way`: how it is now, `up`, `down`, or empty where it is not by this one."""

    query: str
    word: str
    way: str


def in_order(request: HttpRequest, found: Found, *columns: Column) -> tuple[Found, list[SortLink]]:
    """The list as `?sort=` asks, a minus turning the column round; in its own order for anything else."""
    asked = request.GET.get("sort", "")
    chosen = next((one for one in columns if asked in (one.name, f"-{one.name}")), None)
    field = ""
    if chosen is not None:
        field = chosen.field if asked == chosen.name else _turned(chosen.field)
        found = found.order_by(field, "-pk")
    links = [
        SortLink(
            query=query_of(request, sort=f"-{one.name}" if asked == one.name else one.name),
            word=one.word,
            way=("down" if field.startswith("-") else "up") if one is chosen else "",
        )
        for one in columns
    ]
    return found, links


def _turned(field: str) -> str:
    return field.removeprefix("-") if field.startswith("-") else f"-{field}"
