"""Pages of places: the front page and a neighbourhood."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.models import Organisation
from places.models import Neighbourhood
from web.public import neighbourhoods, pots
from web.public.flows import csv_answer
from web.public.forms import SearchForm
from web.public.organisations import dress, of_host_name
from web.residents.forms import CodeForm

PLACES_ON_A_PAGE = 24
CAMPAIGNS_ON_A_PAGE = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Type your code, or look at a neighbourhood."""
    host = of_host_name(request)
    dress(request, host)
    form = SearchForm(request.GET)
    search = form.cleaned_data["q"] if form.is_valid() else ""
    found = neighbourhoods.collecting_places(host=host, search=search, now=timezone.now())
    page = Paginator(found, PLACES_ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {"code_form": CodeForm(), "search_form": form, "search": search, "page": page}
    shown["cards"] = neighbourhoods.place_cards(list(page.object_list))
    return render(request, "web/public/home.html", shown)


def _place(request: HttpRequest, slug: str) -> neighbourhoods.NeighbourhoodMoney:
    place = get_object_or_404(Neighbourhood.objects.select_related("district__municipality"), slug=slug)
    host = of_host_name(request)
    found = neighbourhoods.money_of(place, host=host)
    dress(request, host or _only_host(found))
    return found


def _only_host(found: neighbourhoods.NeighbourhoodMoney) -> Organisation | None:
    hosts = {campaign.host.pk: campaign.host for campaign in found.campaigns}
    return next(iter(hosts.values())) if len(hosts) == 1 else None


@require_safe
def neighbourhood(request: HttpRequest, slug: str) -> HttpResponse:
    """All money of a neighbourhood, and all its campaigns."""
    found = _place(request, slug)
    page = Paginator(found.campaigns, CAMPAIGNS_ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "here": found,
        "page": page,
        "cards": pots.cards(list(page.object_list)),
        "today": timezone.localdate(),
    }
    return render(request, "web/public/neighbourhood.html", shown)


@require_safe
def neighbourhood_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The amounts of the page, to take along."""
    found = _place(request, slug)
    return csv_answer(found.flow, name=found.place.slug)
