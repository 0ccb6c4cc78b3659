"""The first page, and which organisation one works for."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.models import Role
from web.access import Member, member, memberships, role_required, signed_in
from web.staff import overview
from web.staff.paging import page_of

STAFF_ROLES = (Role.STAFF, Role.BROKER, Role.TREASURER, Role.SPONSOR)
FIRST_TASKS = 5
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
    tasks = overview.tasks_for(here.user, here.organisation)
    context: dict[str, Any] = {
        "programmes": programmes,
        "programme": programme,
        "tasks": tasks[:FIRST_TASKS],
        "task_count": len(tasks),
        "counts": overview.counts_for(here.organisation),
    }
    if programme is not None:
        newest = overview.issued_runs(programme).first()
        context |= {
            "budget": overview.budget_of(programme),
            "funnel": overview.funnel_of(newest, now=timezone.now()) if newest else None,
            "earlier": overview.earlier_runs(programme, newest) if newest else [],
            "has_ended": programme.ends_on < timezone.localdate(),
        }
    return render(request, "web/staff/home.html", context)


@require_safe
@role_required(Role.STAFF)
def task_list(request: HttpRequest) -> HttpResponseBase:
    """All that waits for a second person."""
    here = member(request)
    page = page_of(request, overview.tasks_for(here.user, here.organisation), rows=10)
    return render(request, "web/staff/tasks.html", {"page": page})


@require_safe
@role_required(*STAFF_ROLES)
def organisations(request: HttpRequest) -> HttpResponseBase:
    """For who works for several: which one, and a button for each of the others."""
    wanted = {role.value for role in STAFF_ROLES}
    held = sorted(
        (organisation for organisation, roles in memberships(signed_in(request)).items() if roles & wanted),
        key=lambda organisation: organisation.name,
    )
    return render(request, "web/staff/organisations.html", {"organisations": held})
