"""The campaigns of who is at the door. Somebody else's is not found."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from campaigns.models import Campaign
from web.access import signed_in


def own_campaigns(request: HttpRequest) -> QuerySet[Campaign]:
    """Newest first."""
    return (
        Campaign.objects.filter(initiator__user=signed_in(request))
        .select_related("initiator", "neighbourhood", "rules__programme__organisation")
        .order_by("-made_at")
    )


def own_campaign(request: HttpRequest, slug: str) -> Campaign:
    """Dresses the page in the colours of its host. Raises Http404."""
    found = own_campaigns(request).filter(slug=slug).first()
    if found is None:
        raise Http404
    request.organisation = found.host  # type: ignore[attr-defined]  # read by web.context
    return found
