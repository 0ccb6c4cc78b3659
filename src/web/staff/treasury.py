"""The gate to the bank: a treasurer, of the organisation that runs the platform and holds the account."""

from functools import wraps
from typing import ParamSpec

from django.http import Http404, HttpRequest, HttpResponseBase

from people.models import Role
from web.access import View, member, role_required

P = ParamSpec("P")


def treasurer_required(view: View[P]) -> View[P]:
    """Not found for a treasurer of any other organisation: the bank holds everybody's money."""

    @role_required(Role.TREASURER)
    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not member(request).organisation.is_operator:
            raise Http404
        return view(request, *args, **kwargs)

    return gate
