"""What belongs to the site as a whole: its texts, its stylesheets, its photos, what robots may read."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from campaigns.models import Campaign, Photo
from people.models import Organisation
from web.kept_files import SHOWN, show
from web.look.house import BrandTooLight, HouseColours, NotAColour

CORNERS_PX = {"round": 20, "square": 4}
# Besides what is behind a door: pages about one cheque or one donation are nobody else's business.
ROBOTS = """User-agent: *
Disallow: /c
Disallow: /cheque/
Disallow: /donatie/
Disallow: /mijn/
Disallow: /beheer/
Disallow: /controle/
Disallow: /account/
"""


@require_safe
def text(request: HttpRequest, page: str) -> HttpResponse:
    """One of the pages with only words: help, privacy, accessibility, trail."""
    shown: dict[str, Any] = {"operator": Organisation.objects.filter(is_operator=True).first()}
    return render(request, f"web/public/{page}.html", shown)


@require_safe
@cache_control(public=True, max_age=300)
def house_stylesheet(request: HttpRequest, slug: str) -> HttpResponse:
    """The house colours of an organisation. Colours that cannot be read well are left out."""
    house = get_object_or_404(Organisation, slug=slug)
    try:
        sheet = HouseColours(
            brand=house.brand,
            brand_strong=house.brand_strong,
            brand_tint=house.brand_tint,
            page=house.page,
            corner=CORNERS_PX.get(house.corners, CORNERS_PX["round"]),
        ).stylesheet()
    except (BrandTooLight, NotAColour):
        sheet = ""
    if house.paving == "water":
        sheet += f':root {{\n  --paving: url("{static("web/drawings/paving-water.svg")}");\n}}\n'
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


@require_safe
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """A photo of a campaign that everybody may see: the picture as we drew it anew when it came in."""
    found = get_object_or_404(
        Photo.objects.select_related("file").filter(campaign__in=Campaign.objects.public()), pk=photo_id
    )
    if found.file.mime_type != SHOWN:
        raise Http404
    return show(request, found.file, name=f"foto-{found.pk}.jpg", cache="public, max-age=86400")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask without looking at the page."""
    return redirect(static("web/drawings/mark.svg"), permanent=True)
