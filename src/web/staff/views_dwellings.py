"""The host's list of dwellings: taken in from CSV, looked through, counted."""

import re

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from people.models import Role
from places.imports import MAX_BYTES, OPTIONAL, REQUIRED, Fault, FaultCode, ListRefused
from places.models import Dwelling, Neighbourhood
from places.operations import import_dwellings
from web.access import member, role_required
from web.look.formats import whole
from web.staff import faults
from web.staff.forms import UploadForm
from web.staff.paging import page_of, typed
from web.staff.sorting import Column, in_order

EXAMPLE = (
    ";".join((*REQUIRED, *OPTIONAL)),
    "Irisplein;1;3071 AB;Oeverdam;BU05020101;;C-104;V-20011;ja",
    "Irisplein;3;3071 AB;Oeverdam;BU05020101;A;C-104;V-20012;nee",
)
_POSTCODE = re.compile(r"([1-9][0-9]{3})\s?([A-Za-z]{2})")


@require_safe
@role_required(Role.STAFF)
def dwellings(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    place = typed(request, "buurt")
    q = typed(request)
    listed = here.organisation.dwellings.select_related("neighbourhood", "estate").order_by(
        "postcode", "house_number", "addition", "pk"
    )
    found = matching(listed, q)
    if place:
        found = found.filter(neighbourhood__slug=place)
    found, sort = in_order(
        request,
        found,
        Column("postcode", _("Postcode"), "postcode"),
        Column("street", _("Street"), "street"),
        Column("neighbourhood", _("Neighbourhood"), "neighbourhood__name"),
    )
    counted = (
        Neighbourhood.objects.annotate(
            on_list=Count("dwellings", filter=Q(dwellings__organisation=here.organisation))
        )
        .filter(on_list__gt=0)
        .order_by("name")
    )
    context = {
        "page": page_of(request, found),
        "q": q,
        "sort": sort,
        "place": place,
        "neighbourhoods": counted,
        "count": here.organisation.dwellings.count(),
        "last_import": here.organisation.dwelling_imports.select_related("made_by").order_by("-pk").first(),
    }
    return render(request, "web/staff/dwellings.html", context)


def matching(listed: QuerySet[Dwelling], text: str) -> QuerySet[Dwelling]:
    """Dwellings with every word somewhere in their address: `irisplein 12`, `3071 AB 12`."""
    for word in _POSTCODE.sub(r"\1\2", text).split():
        wanted = Q(street__icontains=word) | Q(postcode__istartswith=word) | Q(town__istartswith=word)
        wanted |= Q(number_of_unit__iexact=word) | Q(estate__code__iexact=word)
        if word.isascii() and word.isdigit() and len(word) <= 5:
            wanted |= Q(house_number=int(word))
        listed = listed.filter(wanted)
    return listed


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STAFF)
def take_in_dwellings(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    q = typed(request)
    places = Neighbourhood.objects.filter(Q(name__icontains=q) | Q(code__icontains=q))
    context = {
        "form": form,
        "required": REQUIRED,
        "optional": OPTIONAL,
        "q": q,
        "page": page_of(request, places.order_by("name", "pk")),
    }
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "web/staff/import_dwellings.html", context, status=status)
    upload = form.cleaned_data["file"]
    try:
        if upload.size > MAX_BYTES:
            raise ListRefused([Fault(0, "", FaultCode.TOO_LARGE, str(upload.size))], 1)
        taken_in = import_dwellings(
            organisation=here.organisation,
            content=upload.read(),
            file_name=upload.name,
            made_by=here.user,
            now=timezone.now(),
        )
    except ListRefused as refused:
        shown = [{"fault": fault, "words": faults.words(fault)} for fault in refused.faults]
        context |= {"faults": shown, "total": refused.total, "file_name": upload.name, "form": UploadForm()}
        return render(request, "web/staff/import_dwellings.html", context, status=422)
    messages.success(
        request,
        _("The list is in: %(rows)s addresses.\n%(added)s are new, %(updated)s were brought up to date.")
        % {
            "rows": whole(taken_in.rows),
            "added": whole(taken_in.added),
            "updated": whole(taken_in.rows - taken_in.added),
        },
    )
    return redirect("staff_dwellings")


@require_safe
@role_required(Role.STAFF)
def example_list(request: HttpRequest) -> HttpResponse:
    """A list to begin from; the byte order mark lets a spreadsheet read the accents."""
    response = HttpResponse("\ufeff" + "\r\n".join(EXAMPLE) + "\r\n", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="adressen-voorbeeld.csv"'
    return response
