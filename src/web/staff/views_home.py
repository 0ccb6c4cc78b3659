"""The first page, and which organisation one works for."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from people.models import Role
from web.access import Member, member, memberships, role_required, signed_in
from web.staff import overview

STAFF_ROLES = (Role.STAFF, Role.BROKER, Role.TREASURER, Role.SPONSOR)
# Where who has no overview of a budget begins.
FIRST_PAGES = {Role.BROKER: "staff_campaigns", Role.TREASURER: "staff_bank", Role.SPONSOR: "staff_grants"}


@require_safe
@role_required(*STAFF_ROLES)
def home(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    if Role.STAFF in here.roles:
        return _overview(request, here)
    return redirect(next(page for role, page in FIRST_PAGES.items() if role in here.roles))


def _overview(request: HttpRequest, here: Member) -> HttpResponseBase:
    programmes = list(here.organisation.programmes.order_by("closed_at", "-starts_on", "-pk"))
    programme = overview.chosen(programmes, request.GET.get("programme", ""))
    context: dict[str, Any] = {
        "programmes": programmes,
        "programme": programme,
        "tasks": overview.tasks_for(here.user, here.organisation),
        "counts": overview.counts_for(here.organisation),
    }
    if programme is not None:
        newest = overview.issued_runs(programme).first()
        context |= {
            "budget": overview.budget_of(programme),
            "funnel": overview.funnel_of(newest) if newest else None,
            "earlier": overview.earlier_runs(programme, newest) if newest else [],
            "has_ended": programme.ends_on < timezone.localdate(),
        }
    return render(request, "web/staff/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*STAFF_ROLES)
def choose_organisation(request: HttpRequest) -> HttpResponseBase:
    """For who works for several: from now on the pages show the chosen one."""
    wanted = {role.value for role in STAFF_ROLES}
    held = sorted(
        (organisation for organisation, roles in memberships(signed_in(request)).items() if roles & wanted),
        key=lambda organisation: organisation.name,
    )
    if request.method != "POST":
        return render(request, "web/staff/choose_organisation.html", {"organisations": held})
    picked = next((one for one in held if str(one.pk) == request.POST.get("organisation")), None)
    if picked is None:
        raise Http404
    request.session["organisation"] = picked.pk
    messages.success(request, _("You now work for %(name)s.") % {"name": picked.name})
    return redirect("staff_home")
