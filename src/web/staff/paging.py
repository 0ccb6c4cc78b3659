"""Lists that grow, a page at a time."""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

ROWS = 25

M = TypeVar("M", bound=Model)


def page_of(request: HttpRequest, found: QuerySet[M], rows: int = ROWS) -> Page[M]:
    """The page that the address asks for (`?page=`); the nearest one there is for a number that cannot be."""
    return Paginator(found, rows).get_page(request.GET.get("page"))


def typed(request: HttpRequest) -> str:
    """What was typed in the search field of a list (`?q=`)."""
    # PostgreSQL holds no NUL in a text, so nothing can match it.
    return request.GET.get("q", "").replace("\0", "").strip()[:100]
