"""Tags and filters of the look. `web.look` says what there is; the drawing and counting is done there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.templatetags.static import static

from common.references import format_rf
from web.look import (
    badges,
    cards,
    fields,
    flow_picture,
    formats,
    icons,
    origins,
    pot,
    scene,
    stages,
    way_picture,
)
from web.look.flow import Flow, FlowOrigin
from web.look.origins import Origin

register = template.Library()

NOTICE_ICONS = {"info": "info", "ok": "check", "wait": "clock", "bad": "warning"}
MESSAGE_TONES = {"success": "ok", "warning": "wait", "error": "bad"}


@register.filter
def euro(cents: int) -> str:
    return formats.euro(cents)


@register.filter
def amount(cents: int) -> str:
    return formats.amount(cents)


@register.filter
def whole(count: int) -> str:
    return formats.whole(count)


@register.filter
def long_date(day: date) -> str:
    return formats.long_date(day)


@register.filter
def short_date(day: date) -> str:
    return formats.short_date(day)


@register.filter
def clock_time(moment: datetime) -> str:
    return formats.clock_time(moment)


@register.filter
def groups_of_four(text: str) -> str:
    """An IBAN or payment reference as it stands on paper."""
    return format_rf(text)


@register.filter
def hexadecimal(digits: bytes) -> str:
    """A head, a key or a signature as it is written."""
    return bytes(digits).hex()


@register.inclusion_tag("web/look/icon.html")
def icon(name: str, size: str = "line") -> dict[str, Any]:
    sprite = static("web/drawings/icons.svg")
    return {"href": f"{sprite}#{icons.check_icon(name)}", "size": size}


@register.inclusion_tag("web/look/origin_swatch.html")
def origin_swatch(kind: str) -> dict[str, Any]:
    return {"fill": origins.Origin(kind).value}


@register.inclusion_tag("web/look/stage_swatch.html")
def stage_swatch(number: int) -> dict[str, Any]:
    return {"number": number}


@register.inclusion_tag("web/look/pot.html", name="pot")
def pot_tag(bar: pot.PotBar, size: str = "large", keys: bool = False, caption: bool = True) -> dict[str, Any]:
    return {"bar": bar, "size": size, "keys": keys, "caption": caption}


@register.inclusion_tag("web/look/badge.html")
def badge(state: str, text: str = "") -> dict[str, Any]:
    shown = badges.badge_for(state)
    return {"tone": shown.tone, "icon_name": shown.icon, "text": text or shown.word}


@register.inclusion_tag("web/look/notice.html")
def notice(tone: str, title: str, text: str = "", icon_name: str = "") -> dict[str, Any]:
    return {"tone": tone, "icon_name": icon_name or NOTICE_ICONS[tone], "title": title, "text": text}


@register.inclusion_tag("web/look/notice.html")
def message_notice(message: Any) -> dict[str, Any]:
    """A message of `django.contrib.messages`: the first line is what happened, the rest what to do now."""
    tone = MESSAGE_TONES.get(message.level_tag, "info")
    title, _, text = str(message).partition("\n")
    return {"tone": tone, "icon_name": NOTICE_ICONS[tone], "title": title, "text": text}


@register.inclusion_tag("web/look/empty_state.html")
def empty_state(
    title: str, text: str, url: str = "", action: str = "", picture: str = "pot-empty"
) -> dict[str, Any]:
    return {"title": title, "text": text, "url": url, "action": action, "picture": picture}


@register.inclusion_tag("web/look/error_summary.html")
def error_summary(form: forms.BaseForm) -> dict[str, Any]:
    return {"errors": fields.form_errors(form) if form.is_bound else ()}


@register.inclusion_tag("web/look/field.html")
def field(
    bound: BoundField, label: str = "", hint: str = "", sometimes_needed: bool = False
) -> dict[str, Any]:
    return {"field": fields.field_view(bound, label=label, hint=hint, sometimes_needed=sometimes_needed)}


@register.inclusion_tag("web/look/chain.html")
def chain(steps: tuple[cards.ChainStep, ...], compact: bool = False) -> dict[str, Any]:
    last_done = max((at for at, step in enumerate(steps) if step.done), default=-1)
    return {
        "rows": [{"step": step, "solid": at < last_done} for at, step in enumerate(steps)],
        "compact": compact,
    }


@register.inclusion_tag("web/look/cheque_card.html")
def cheque_card(card: cards.ChequeCard) -> dict[str, Any]:
    return {"card": card}


@register.inclusion_tag("web/look/receipt_card.html")
def receipt_card(card: cards.ReceiptCard) -> dict[str, Any]:
    return {"card": card}


@register.inclusion_tag("web/look/plate.html")
def plate(name: str, where: str = "") -> dict[str, Any]:
    return {"name": name, "where": where}


@register.inclusion_tag("web/look/stat.html")
def stat(picture: str, cents: int, text: str) -> dict[str, Any]:
    return {"picture": picture, "cents": cents, "text": text}


@register.inclusion_tag("web/look/stepper.html")
def stepper(steps: tuple[str, ...], now: int) -> dict[str, Any]:
    return {
        "steps": [
            {"word": word, "done": at < now, "now": at == now} for at, word in enumerate(steps, start=1)
        ]
    }


@register.inclusion_tag("web/look/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], name: str = "page", label: str = "") -> dict[str, Any]:
    """`name`: of the page in the address, `label`: of the list, where there are several. `list_url`: where the list stands,
    on a page that answers to a form sent elsewhere."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    where = context.get("list_url", "")

    def link(number: int) -> str:
        if query is None:
            return f"?{name}={number}"
        query[name] = str(number)
        return f"{where}?{query.urlencode()}"

    return {
        "page": page,
        "label": label,
        "previous": link(page.number - 1) if page.has_previous() else "",
        "next": link(page.number + 1) if page.has_next() else "",
    }


@register.inclusion_tag("web/look/stage_bar.html")
def stage_bar(bar: stages.StageBar) -> dict[str, Any]:
    return {"bar": bar}


@register.inclusion_tag("web/look/row_bar.html")
def row_bar(bar: stages.RowBar) -> dict[str, Any]:
    return {"bar": bar}


@register.inclusion_tag("web/look/flow.html")
def flow(flow: Flow) -> dict[str, Any]:
    return {"flow": flow, "picture": flow_picture.flow_picture(flow)}


@register.inclusion_tag("web/look/way.html")
def way(title: str, picture: way_picture.WayPicture) -> dict[str, Any]:
    """Money on its way by any number of stops. The tables with the same numbers are the page's."""
    drawn = {ribbon.fill for ribbon in picture.wide.ribbons}
    used = [FlowOrigin(origin) for origin in Origin if origin in drawn]
    return {"title": title, "picture": picture, "origins": used}


@register.inclusion_tag("web/look/flow_table.html")
def flow_table(flow: Flow) -> dict[str, Any]:
    rows = [
        {
            "origin": origin,
            "cells": [
                {"end": end, "cents": flow.cell_cents(at, place)} for place, end in enumerate(flow.ends)
            ],
            "total": flow.origin_cents(at),
        }
        for at, origin in enumerate(flow.origins)
    ]
    totals = [{"end": end, "cents": flow.end_cents(place)} for place, end in enumerate(flow.ends)]
    return {"flow": flow, "rows": rows, "totals": totals}


@register.inclusion_tag("web/look/scene.html", name="scene")
def scene_tag(theme: str, seed: int = 0, alt: str = "") -> dict[str, Any]:
    return {"shapes": scene.shapes(theme, seed), "alt": alt}


@register.inclusion_tag("web/look/initials.html")
def initials(name: str) -> dict[str, Any]:
    words = [word for word in name.split() if word[:1].isupper()] or name.split()
    letters = (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else ""
    return {"letters": letters}


@register.inclusion_tag("web/look/crumb.html")
def crumb(url: str, text: str) -> dict[str, Any]:
    return {"url": url, "text": text}


@register.inclusion_tag("web/look/nav_link.html")
def nav_link(url: str, text: str, current: bool = False) -> dict[str, Any]:
    return {"url": url, "text": text, "current": current}
