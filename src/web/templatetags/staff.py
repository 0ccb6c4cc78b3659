"""Tags of the pages of staff: the menu by role, and numbers in groups as people read them."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import Role
from web.access import Member
from web.look import formats

register = template.Library()


def _items(roles: frozenset[str]) -> list[tuple[str, str]]:
    """Name of the address and text, of what the roles may do."""
    items: list[tuple[str, str]] = []
    if Role.STAFF in roles:
        items += [("staff_home", _("Overview")), ("staff_runs", _("Cheque runs"))]
    if Role.STAFF in roles or Role.BROKER in roles:
        items.append(("staff_campaigns", _("Campaigns")))
    if Role.STAFF in roles:
        items += [
            ("staff_payouts", _("Payouts")),
            ("staff_receipts", _("Receipts")),
            ("staff_programmes", _("Programmes")),
            ("staff_dwellings", _("Addresses")),
        ]
    if Role.TREASURER in roles:
        items += [("staff_bank", _("Bank")), ("staff_payment_files", _("Payment files"))]
    if Role.SPONSOR in roles:
        items.append(("staff_grants", _("Contributions")))
    return items


@register.inclusion_tag("web/staff/nav.html", takes_context=True)
def staff_nav(context: Context) -> dict[str, Any]:
    """The menu: only what the member at the door may do."""
    request: HttpRequest = context["request"]
    here: Member | None = getattr(request, "member", None)
    if here is None:
        return {"items": [], "person": ""}
    items = [(reverse(name), text) for name, text in _items(here.roles)]
    home = reverse("staff_home")
    here_now = [
        url for url, _text in items if request.path.startswith(url) and (url != home or request.path == home)
    ]
    current = max(here_now, key=len, default="")
    return {
        "items": [{"url": url, "text": text, "current": url == current} for url, text in items],
        "person": str(here.user),
    }


@register.inclusion_tag("web/staff/search.html", takes_context=True)
def search(context: Context, label: str) -> dict[str, Any]:
    """The search field of a list; what else the address asks stays, but for the page."""
    asked = context["request"].GET
    return {
        "label": label,
        "q": context["q"],
        "kept": [(name, asked[name]) for name in asked if name != "q" and not name.endswith("page")],
        "list_url": context.get("list_url", ""),
    }


@register.filter
def off(cents: int) -> int:
    """What left an account, as it changes the balance."""
    return -cents


@register.filter
def moment(at: datetime) -> str:
    """`today 09.12`, `yesterday`, or the day."""
    local = timezone.localtime(at)
    today = timezone.localdate()
    if local.date() == today:
        return _("today %(time)s") % {"time": formats.clock_time(at)}
    if local.date() == today - timedelta(days=1):
        return _("yesterday")
    return formats.long_date(at)
