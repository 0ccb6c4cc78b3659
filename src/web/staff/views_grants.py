"""A sponsor's contributions: how to pay, and to which campaigns its money went."""

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from campaigns.models import Campaign, Pledge
from ledger import queries as books
from ledger.chart import Code
from people.models import Role
from programmes.models import Grant
from web.access import Member, member, role_required
from web.staff.paging import page_of
from web.staff.requests import funding_of, sums_of


def _grants(here: Member) -> QuerySet[Grant]:
    given = Q(pledges__state=Pledge.State.STANDING)
    return (
        Grant.objects.filter(organisation=here.organisation)
        .select_related("host")
        .annotate(
            matched_cents=Sum("pledges__amount_cents", filter=given, default=0),
            campaigns=Count("pledges__campaign", filter=given, distinct=True),
        )
    )


@require_safe
@role_required(Role.SPONSOR)
def grants(request: HttpRequest) -> HttpResponseBase:
    page = page_of(request, _grants(member(request)).order_by("-starts_on", "-pk"))
    sums = sums_of([grant.fund_id for grant in page])
    rows = [{"grant": grant, "sums": sums.get(grant.fund_id)} for grant in page]
    return render(request, "web/staff/grants.html", {"page": page, "rows": rows})


@require_safe
@role_required(Role.SPONSOR)
def grant_detail(request: HttpRequest, grant_id: int) -> HttpResponseBase:
    grant = get_object_or_404(_grants(member(request)), pk=grant_id)
    matched = (
        Campaign.objects.filter(pledges__grant=grant, pledges__state=Pledge.State.STANDING)
        .annotate(added_cents=Sum("pledges__amount_cents"), times=Count("pledges"))
        .select_related("neighbourhood")
        .order_by("-added_cents", "pk")
    )
    context = {
        "grant": grant,
        "funding": funding_of(grant.fund_id),
        "sums": sums_of([grant.fund_id]).get(grant.fund_id),
        "came_back_cents": books.total(code=Code.TO_RETURN, fund_ids=[grant.fund_id]),
        "page": page_of(request, matched),
    }
    return render(request, "web/staff/grant.html", context)
