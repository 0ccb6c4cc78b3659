"""What every template may lean on."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from people.models import Organisation
from web import looked_at
from web.look.house import Look


def look_of(organisation: Organisation | None) -> Look:
    """The look of an organisation's pages; of the platform's own where there is none."""
    if organisation is None:
        return Look()
    return Look(
        organisation_name=organisation.name,
        stylesheet_url=reverse("house_stylesheet", args=[organisation.slug]),
        helpline=organisation.helpline,
    )


def site(request: HttpRequest) -> dict[str, Any]:
    """`look`: of the organisation the view named (`request.organisation`), else of the one this host name belongs to."""
    organisation = getattr(request, "organisation", None)
    here = getattr(request, "member", None)
    if organisation is None and here is not None:
        organisation = here.organisation
    if organisation is None:
        organisation = Organisation.objects.filter(host_name=request.get_host().split(":")[0]).first()
    return {
        "look": look_of(organisation),
        "operator_name": settings.OPERATOR_NAME,
        "is_demo": settings.DEBUG,
        "member": here,
        "way_back": looked_at.way_back(request),
    }
