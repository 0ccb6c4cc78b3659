"""An address that only takes a form that was sent, and is looked at: a page with a way on, not the browser's own error."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


class OnlySent:
    """Middleware: in place of an empty 405 to a look, one of our pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.method != "GET" or not isinstance(answer, HttpResponseNotAllowed):
            return answer
        page = render(request, "405.html", status=405)
        page["Allow"] = answer["Allow"]
        return page


def way_back(request: HttpRequest) -> str:
    """Where one can come back to by looking: this address, or the page that the form was on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    return "/"
