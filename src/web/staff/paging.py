"""Lists that grow, a page at a time."""

from typing import TYPE_CHECKING, TypeVar

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.core.paginator import _SupportsPagination

ROWS = 25

T = TypeVar("T")


def page_of(
    request: HttpRequest, found: "_SupportsPagination[T]", rows: int = ROWS, name: str = "page"
) -> Page[T]:
    """The page that the address asks for (`?page=`); the nearest one there is for a number that cannot be.

    Of several lists on a page each has a `name` of its own, which ends in `page`.
    """
    return Paginator(found, rows).get_page(request.GET.get(name))


def query_of(request: HttpRequest, **other: str) -> str:
    """The question of this address with something else asked, from the first pages on."""
    query = request.GET.copy()
    for name in [*query]:
        if name.endswith("page"):
            del query[name]
    for name, value in other.items():
        query[name] = value
    return f"?{query.urlencode()}"


def typed(request: HttpRequest, name: str = "q") -> str:
    """What was typed in the search field of a list (`?q=`), or chosen in another one (`name`)."""
    # PostgreSQL holds no NUL in a text, so nothing can match it.
    return request.GET.get(name, "").replace("\0", "").strip()[:120]
