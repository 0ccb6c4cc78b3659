"""Whose pages these are: of the organisation that a host name belongs to, else of the platform."""

from django.http import HttpRequest

from people.models import Organisation


def of_host_name(request: HttpRequest) -> Organisation | None:
    """The organisation that this host name belongs to."""
    return Organisation.objects.filter(host_name=request.get_host().split(":")[0]).first()


def dress(request: HttpRequest, organisation: Organisation | None) -> None:
    """Gives the page the look of this organisation."""
    request.organisation = organisation  # type: ignore[attr-defined]  # read by web.context
