"""Pages of the demonstration: the mail that nobody sent, the codes of the apps that nobody has, the parts of the look, faults.

On loopback and with DEBUG only: whoever sees these pages can sign in as anyone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import partial, wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

from allauth.core.ratelimit import respond_429
from allauth.mfa import app_settings as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views import defaults
from django.views.csrf import csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from people.models import User
from web.access import loopback_only
from web.look import samples

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# By status, what answers for real when something goes wrong.
FAULTS: dict[int, Callable[[HttpRequest], HttpResponseBase]] = {
    400: partial(defaults.bad_request, exception=SuspiciousOperation()),
    403: csrf_failure,
    404: partial(defaults.page_not_found, exception=Http404()),
    405: partial(render, template_name="405.html", status=405),
    429: respond_429,
    500: defaults.server_error,
}
BETWEEN = b"-" * 79 + b"\n"  # what Django's file backend writes after every mail
SHOWN = 100


def demo_only(view: View[P]) -> View[P]:
    """Not found for anyone but who sits at this machine, and not even there without DEBUG."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not settings.DEBUG:
            raise Http404
        return loopback_only(view)(request, *args, **kwargs)

    gate.audience = "loopback"  # type: ignore[attr-defined]  # read by the test that walks every address
    return gate


@dataclass(frozen=True)
class Mail:
    """One mail of the folder. `name`: of its file and its place in it."""

    name: str
    to: str
    subject: str
    sent_at: datetime
    text: str


@dataclass(frozen=True)
class AppCode:
    """What somebody's app with codes would show now."""

    user: User
    code: str


def mails(folder: Path) -> list[Mail]:
    """All mail in the folder, newest first."""
    found = [
        _read(f"{file.stem}-{at}", content)
        for file in folder.glob("*.log")
        for at, content in enumerate(file.read_bytes().split(BETWEEN))
        if content.strip()
    ]
    return sorted(found, key=lambda mail: (mail.sent_at, mail.name), reverse=True)


def _read(name: str, content: bytes) -> Mail:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101  # what this policy makes
    body = message.get_body(preferencelist=("plain",))
    return Mail(
        name=name,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=parsedate_to_datetime(str(message["Date"])).replace(tzinfo=UTC),  # Django writes it so
        text=body.get_content() if body is not None else "",
    )


def app_codes() -> list[AppCode]:
    counter = int(time.time()) // mfa.TOTP_PERIOD
    apps = (
        Authenticator.objects.filter(type=Authenticator.Type.TOTP)
        .select_related("user")
        .order_by("user__name")
    )
    return [
        AppCode(app.user, format_hotp_value(hotp_value(decrypt(app.data["secret"]), counter))) for app in apps
    ]


@require_safe
@never_cache
@demo_only
def mailbox(request: HttpRequest) -> HttpResponseBase:
    context = {"mails": mails(Path(settings.MAILBOX))[:SHOWN], "codes": app_codes()}
    return render(request, "web/demo/mailbox.html", context)


@require_safe
@never_cache
@demo_only
def letter(request: HttpRequest, name: str) -> HttpResponseBase:
    found = next((mail for mail in mails(Path(settings.MAILBOX)) if mail.name == name), None)
    if found is None:
        raise Http404
    return render(request, "web/demo/letter.html", {"mail": found})


@require_safe
@demo_only
def fault(request: HttpRequest, status: int) -> HttpResponseBase:
    """A page that nobody comes to on purpose, to look at."""
    if status not in FAULTS:
        raise Http404
    return FAULTS[status](request)


class OwnNotFound:
    """With DEBUG Django shows a page for developers where nothing is found. Who tries the demo sees what everybody sees."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            resolve(request.path_info)
        except Resolver404 as error:
            return defaults.page_not_found(request, error)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return defaults.page_not_found(request, exception) if isinstance(exception, Http404) else None


@require_safe
@demo_only
def components(request: HttpRequest) -> HttpResponseBase:
    return render(request, "web/components.html", samples.components())
