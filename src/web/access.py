"""Who may come in. Every view that is not for anyone stands behind one of these gates.

A stranger gets "not found", never "forbidden": what exists is not for strangers to learn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import AccessLog, Membership, Organisation, Role, User

# Who did no work for so long takes the second step once more. Own pages stay open for as long as the session lasts.
IDLE = timedelta(hours=12)
NOTED_AFTER = timedelta(minutes=10)  # not at every page: who writes one thing in a session writes all of it
AT_WORK = "at_work"
SAFE = ("GET", "HEAD")

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@dataclass(frozen=True)
class Member:
    """Who is at the door, for which organisation, in which roles."""

    user: User
    organisation: Organisation
    roles: frozenset[str]


def signed_in(request: HttpRequest) -> User:
    """The user behind a gate. Raises Http404 where there is none."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def member(request: HttpRequest) -> Member:
    """The membership that a gate has let in."""
    found: Member = request.member  # type: ignore[attr-defined]  # set by the gate
    return found


WORKS_AT = {
    Role.STAFF: "staff_home",
    Role.BROKER: "staff_home",
    Role.TREASURER: "staff_home",
    Role.SPONSOR: "staff_home",
    Role.AUDITOR: "auditor_home",
}


def memberships(user: User) -> dict[Organisation, frozenset[str]]:
    """The roles that a person holds today, per organisation."""
    found: dict[Organisation, set[str]] = {}
    for row in Membership.objects.current(timezone.now()).filter(user=user).select_related("organisation"):
        found.setdefault(row.organisation, set()).add(row.role)
    return {organisation: frozenset(roles) for organisation, roles in found.items()}


def only_door(user: User) -> str | None:
    """The name of the address where somebody works who works in one place; None for who has none or a choice."""
    held = memberships(user)
    doors = {WORKS_AT[Role(role)] for roles in held.values() for role in roles}
    return doors.pop() if len(held) == len(doors) == 1 else None


def _back_to(request: HttpRequest) -> str:
    """Where to go on after signing in. What was sent is not kept, so whoever was sending begins at the own page."""
    return request.get_full_path() if request.method in SAFE else reverse("mine")


def login_required(view: View[P]) -> View[P]:
    """For anyone with an account."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(_back_to(request))
        return view(request, *args, **kwargs)

    gate.audience = "account"  # type: ignore[attr-defined]  # read by the test that walks every address
    return gate


def role_required(*roles: Role) -> Callable[[View[P]], View[P]]:
    """For who holds one of these roles in an organisation and took the second step in this browser, not long ago.

    Puts the `Member` on the request.
    Who holds it in several organisations works for the one chosen in the session, else for the first.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return redirect_to_login(_back_to(request))
            held = {
                organisation: found
                for organisation, found in memberships(request.user).items()
                if found & {role.value for role in roles}
            }
            if not held:
                raise Http404
            if not is_mfa_enabled(request.user):
                request.session["going_to"] = request.get_full_path()
                messages.warning(
                    request, _("Add a second step to sign in.\nThen you can go on with what you were doing.")
                )
                return redirect("mfa_activate_totp")
            if not _is_at_work(request, request.user):
                return redirect_to_login(_back_to(request), login_url=reverse("mfa_reauthenticate"))
            chosen = request.session.get("organisation")
            organisation = next(
                (found for found in held if found.pk == chosen), min(held, key=lambda one: one.pk)
            )
            request.member = Member(request.user, organisation, held[organisation])  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        gate.audience = roles  # type: ignore[attr-defined]
        return gate

    return decorate


def _is_at_work(request: HttpRequest, user: User) -> bool:
    """Whether the second step was taken in this very session, and work went on since then without a pause of `IDLE`.

    That the account has one is not enough: this session may be older, and was opened with the code from a mail alone.
    """
    now = timezone.now().timestamp()
    steps = [one["at"] for one in get_authentication_records(request, user) if one["method"] == "mfa"]
    last = max([*steps, request.session.get(AT_WORK, 0)]) if steps else 0
    if now - last > IDLE.total_seconds():
        return False
    if now - last > NOTED_AFTER.total_seconds():
        request.session[AT_WORK] = now
    return True


def looked(
    request: HttpRequest, what: AccessLog.What, number: int | None = None, /, **about: str | int
) -> None:
    """Writes down that the member at the door looked at something."""
    here = member(request)
    AccessLog.objects.create(
        user=here.user,
        organisation=here.organisation,
        at=timezone.now(),
        what=what,
        number=number,
        about=about,
    )


def loopback_only(view: View[P]) -> View[P]:
    """For one's own machine: not found for anyone else."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1"):
            raise Http404
        return view(request, *args, **kwargs)

    gate.audience = "loopback"  # type: ignore[attr-defined]
    return gate


def address_block(request: HttpRequest) -> str:
    """The block of addresses that a request comes from: /24 for IPv4, /56 for IPv6. Whole addresses are not kept.

    Who comes by a socket without an address shares the block "unknown".
    """
    try:
        address = ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address), 56), strict=False))
        address = address.ipv4_mapped
    return str(IPv4Network((int(address), 24), strict=False))
