"""Files that take a while: asked for here, made by the worker, seen to grow, and taken by who asked for them."""

from typing import Unpack

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from books import exports
from books.models import Export
from books.tasks import make_export
from people.models import AccessLog, Role
from web import kept_files
from web.access import looked, member, role_required
from web.auditors.forms import ExportForm, Wanted
from web.auditors.scope import page_number, scope

ROWS_AT_ONCE = 20
TOO_MANY = gettext_lazy("Three files are being made for you. Wait until one is ready, or cancel one.")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.AUDITOR)
def page(request: HttpRequest) -> HttpResponseBase:
    """What can be asked for, and what was."""
    form = ExportForm(
        request.POST if request.method == "POST" else None,
        scope=scope(request),
        initial=request.GET.dict(),
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid() and _asked(request, form):
        return redirect("auditor_exports")
    return render(
        request,
        "web/auditors/exports.html",
        {"at": "exports", "form": form, "kept_days": exports.KEPT.days, **_asked_before(request)},
        status=422 if form.errors else 200,
    )


def _asked(request: HttpRequest, form: ExportForm) -> bool:
    """Whether it was written down; else the form says why not."""
    try:
        ask(request, **form.choice())
    except exports.NothingBooked:
        form.add_error(
            "until",
            _("Nothing was booked in this fund and this period. Choose a longer period or another fund."),
        )
        return False
    except exports.TooManyAtOnce:
        form.add_error(None, TOO_MANY)
        return False
    return True


def ask(request: HttpRequest, **wanted: Unpack[Wanted]) -> None:
    """Writes down that the member at the door wants a file, and says so. Raises as `exports.ask`."""
    here = member(request)
    with transaction.atomic():
        export = exports.ask(
            user=here.user,
            organisation=here.organisation,
            language="nl" if (get_language() or "nl").startswith("nl") else "en",
            now=timezone.now(),
            **wanted,
        )
        looked(request, AccessLog.What.EXPORT_ASKED, export.pk, **_about(export))
    # Only now, so that the worker finds the row. A broker that is down stops nobody: the sweeper finds it too.
    transaction.on_commit(lambda: make_export.delay(export.pk), robust=True)
    messages.success(request, _("The file is being made.\nYou see here how far it is."))


def _about(export: Export) -> dict[str, str | int]:
    """As the access log keeps it. No days: the whole history."""
    about: dict[str, str | int] = {"kind": export.kind, "fund": export.fund.name if export.fund else ""}
    if export.since and export.until:
        about |= {"since": export.since.isoformat(), "until": export.until.isoformat()}
    if export.sample:
        about |= {"size": export.sample["size"], "seed": export.sample["seed"]}
    return about


def _asked_before(request: HttpRequest) -> dict[str, object]:
    here = member(request)
    found = Export.objects.filter(user=here.user, organisation=here.organisation)
    page = Paginator(
        found.select_related("fund", "file", "organisation").order_by("-asked_at", "-pk"), ROWS_AT_ONCE
    ).get_page(page_number(request))
    busy = any(export.state in (Export.State.WAITING, Export.State.WORKING) for export in page)
    return {"page": page, "exports": list(page), "busy": busy, "list_url": reverse("auditor_exports")}


@role_required(Role.AUDITOR)
@require_safe
def list_again(request: HttpRequest) -> HttpResponse:
    """The part of the page that grows, fetched again while a file is being made."""
    return render(request, "web/auditors/exports_list.html", _asked_before(request))


def _own(request: HttpRequest, export_id: int) -> Export:
    """Raises Http404 for what somebody else asked for, or oneself for another organisation."""
    here = member(request)
    own = Export.objects.filter(user=here.user, organisation=here.organisation)
    found = own.select_related("file", "fund", "organisation").filter(pk=export_id).first()
    if found is None:
        raise Http404
    return found


@role_required(Role.AUDITOR)
@require_POST
def cancel(request: HttpRequest, export_id: int) -> HttpResponseBase:
    export = _own(request, export_id)
    if exports.cancel(export_id=export.pk, now=timezone.now()):
        messages.success(request, _("The file is not made any more. Nothing of it is kept."))
    else:
        messages.warning(request, _("This file had ended already."))
    return redirect("auditor_exports")


@role_required(Role.AUDITOR)
@require_safe
def download(request: HttpRequest, export_id: int) -> HttpResponseBase:
    export = _own(request, export_id)
    if export.file is None:
        messages.warning(request, _("This file is not there. Ask for it again."))
        return redirect("auditor_exports")
    looked(request, AccessLog.What.EXPORT_TAKEN, export.pk, **_about(export))
    return kept_files.download_large(request, export.file, name=exports.file_name(export))
