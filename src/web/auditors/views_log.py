"""Who looked at what, oneself included."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.models import AccessLog, Role
from web.access import looked, member, role_required
from web.auditors.looks import worded
from web.auditors.scope import page_number

ROWS_AT_ONCE = 50


@role_required(Role.AUDITOR)
@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    looked(request, AccessLog.What.LOG)
    found = AccessLog.objects.filter(organisation=member(request).organisation).select_related("user")
    page = Paginator(found.order_by("-at", "-pk"), ROWS_AT_ONCE).get_page(page_number(request))
    return render(
        request,
        "web/auditors/access_log.html",
        {"at": "log", "page": page, "looks": worded(list(page))},
    )
