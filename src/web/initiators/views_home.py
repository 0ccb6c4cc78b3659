"""Where everyone comes in who signed in: own campaigns, what to do, own details, and the doors to work."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import State
from people.models import Organisation, Role
from web.access import WORKS_AT, login_required, memberships, signed_in
from web.accounts import remember_language
from web.initiators.duties import duties
from web.initiators.facts import facts_of
from web.initiators.forms import DetailsForm
from web.initiators.own import own_campaigns
from web.public.pots import BADGES, cards

OPENED = (State.COLLECTING, State.REACHED, State.PAID, State.DONE)


@dataclass(frozen=True)
class Work:
    """The doors of one organisation: names of addresses, each once. `roles`: in words."""

    organisation: Organisation
    roles: tuple[str, ...]
    doors: tuple[str, ...]


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    campaigns = list(own_campaigns(request))
    facts = facts_of(campaigns)
    work = [
        Work(
            organisation,
            tuple(str(Role(role).label) for role in sorted(roles)),
            tuple(dict.fromkeys(WORKS_AT[Role(role)] for role in sorted(roles, reverse=True))),
        )
        for organisation, roles in memberships(signed_in(request)).items()
    ]
    context = {
        "cards": cards(campaigns),
        "with_pot": [BADGES[state] for state in OPENED],
        "duties": duties(campaigns, facts, now),
        "work": work,
        "at_mine": True,
    }
    return render(request, "web/initiators/mine.html", context)


@require_POST
@login_required
def choose_organisation(request: HttpRequest) -> HttpResponseBase:
    """Goes to work for one of one's organisations, until another is chosen."""
    held = memberships(signed_in(request))
    for organisation, roles in held.items():
        if str(organisation.pk) == request.POST.get("organisation"):
            request.session["organisation"] = organisation.pk
            if len(held) > 1:
                messages.success(request, _("You now work for %(name)s.") % {"name": organisation.name})
            doors = {WORKS_AT[Role(role)] for role in roles}
            door = request.POST.get("door", "")
            return redirect(door if door in doors else min(doors))
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def details(request: HttpRequest) -> HttpResponseBase:
    user = signed_in(request)
    form = DetailsForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your details are saved."))
        response = redirect("mine")
        remember_language(response, user)
        return response
    return render(request, "web/initiators/details.html", {"form": form, "at_mine": True})
