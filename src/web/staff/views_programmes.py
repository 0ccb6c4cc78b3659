"""Programmes: their budget, how to pay it, and the versions of their rules."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.models import Role
from programmes import operations
from programmes.models import Programme
from web.access import Member, member, role_required
from web.look.formats import euro
from web.staff.forms import MoreFundingForm, NewProgrammeForm, NewRulesForm
from web.staff.overview import budget_of
from web.staff.paging import page_of
from web.staff.requests import funding_of, sums_of


def _programme(here: Member, programme_id: int) -> Programme:
    return get_object_or_404(Programme, organisation=here.organisation, pk=programme_id)


@require_safe
@role_required(Role.STAFF)
def programmes(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    page = page_of(request, here.organisation.programmes.order_by("closed_at", "-starts_on", "-pk"))
    sums = sums_of([one.fund_id for one in page])
    rows = [{"programme": one, "sums": sums.get(one.fund_id)} for one in page]
    return render(request, "web/staff/programmes.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STAFF)
def new_programme(request: HttpRequest) -> HttpResponseBase:
    here = member(request)
    form = NewProgrammeForm(
        request.POST if request.method == "POST" else None, organisation=here.organisation
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = operations.make_programme(
                organisation=here.organisation,
                name=told["name"],
                starts_on=told["starts_on"],
                ends_on=told["ends_on"],
                budget_cents=told["budget"],
                rules=form.rules(),
                made_by=here.user,
                now=timezone.now(),
                agreement=told["agreement"],
            )
        except IntegrityError:
            # Sent twice at the same moment: the first one made it.
            made = Programme.objects.get(organisation=here.organisation, name=told["name"])
        messages.success(
            request,
            _("The programme %(name)s is there.\nTransfer the budget now. Below you see how.")
            % {"name": made.name},
        )
        return redirect("staff_programme", made.pk)
    return render(request, "web/staff/new_programme.html", {"form": form})


@require_safe
@role_required(Role.STAFF)
def programme(request: HttpRequest, programme_id: int) -> HttpResponseBase:
    found = _programme(member(request), programme_id)
    funding = funding_of(found.fund_id)
    context = {
        "programme": found,
        "funding": funding,
        "budget": budget_of(found),
        "versions": found.versions.select_related("published_by").order_by("-version"),
        "form": MoreFundingForm(initial={"seen": len(funding.asked)}),
    }
    return render(request, "web/staff/programme.html", context)


@require_POST
@role_required(Role.STAFF)
def more_funding(request: HttpRequest, programme_id: int) -> HttpResponseBase:
    here = member(request)
    found = _programme(here, programme_id)
    form = MoreFundingForm(request.POST)
    if not form.is_valid():
        context = {
            "programme": found,
            "funding": funding_of(found.fund_id),
            "budget": budget_of(found),
            "versions": found.versions.select_related("published_by").order_by("-version"),
            "form": form,
        }
        return render(request, "web/staff/programme.html", context, status=422)
    try:
        operations.request_funding(
            fund_id=found.fund_id,
            amount_cents=form.cleaned_data["amount"],
            made_by=here.user,
            now=timezone.now(),
            after=form.cleaned_data["seen"],
        )
    except operations.AskedMeanwhile:
        messages.info(request, _("This request was made already.\nYou find it below."))
    else:
        messages.success(
            request,
            _("You asked for %(amount)s extra.\nTransfer it with the new payment reference below.")
            % {"amount": euro(form.cleaned_data["amount"])},
        )
    return redirect("staff_programme", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STAFF)
def new_rules(request: HttpRequest, programme_id: int) -> HttpResponseBase:
    here = member(request)
    found = _programme(here, programme_id)
    if request.method != "POST":
        return render(
            request, "web/staff/new_rules.html", {"programme": found, "form": NewRulesForm.of(found)}
        )
    form = NewRulesForm(request.POST)
    if not form.is_valid():
        return render(request, "web/staff/new_rules.html", {"programme": found, "form": form}, status=422)
    try:
        operations.publish_rules(
            programme=found,
            rules=form.rules(),
            published_by=here.user,
            now=timezone.now(),
            after=form.cleaned_data["version"],
        )
    except operations.RulesChanged:
        messages.warning(
            request,
            _(
                "These rules were changed in the meantime.\nLook at the newest version below before you change it again."
            ),
        )
    else:
        messages.success(
            request,
            _("The new rules are in force.\nWhat was made before keeps the rules it was made under."),
        )
    return redirect("staff_programme", found.pk)
