"""Who may come in. Every view that is not for anyone stands behind one of these gates.

A stranger gets "not found", never "forbidden": what exists is not for strangers to learn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import AccessLog, Membership, Organisation, Role, User

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


def memberships(user: User) -> dict[Organisation, frozenset[str]]:
    """The roles that a person holds today, per organisation."""
    found: dict[Organisation, set[str]] = {}
    for row in Membership.objects.current(timezone.now()).filter(user=user).select_related("organisation"):
        found.setdefault(row.organisation, set()).add(row.role)
    return {organisation: frozenset(roles) for organisation, roles in found.items()}


def login_required(view: View[P]) -> View[P]:
    """For anyone with an account."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    gate.audience = "account"  # type: ignore[attr-defined]  # read by the test that walks every address
    return gate


def role_required(*roles: Role) -> Callable[[View[P]], View[P]]:
    """For who holds one of these roles in an organisation, with a second factor. Puts the `Member` on the request.

    Who holds it in several organisations works for the one chosen in the session, else for the first.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return redirect_to_login(request.get_full_path())
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
            chosen = request.session.get("organisation")
            organisation = next(
                (found for found in held if found.pk == chosen), min(held, key=lambda one: one.pk)
            )
            request.member = Member(request.user, organisation, held[organisation])  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        gate.audience = roles  # type: ignore[attr-defined]
        return gate

    return decorate


def looked(request: HttpRequest, what: str) -> None:
    """Writes down that the member at the door looked at something."""
    here = member(request)
    AccessLog.objects.create(
        user=here.user, organisation=here.organisation, at=timezone.now(), what=what[:300]
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
    """The block of addresses that a request comes from: /24 for IPv4, /56 for IPv6. Whole addresses are not kept."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if ":" in address:
        return ":".join(address.split(":")[:4])[:-2]
    return ".".join(address.split(".")[:3])
