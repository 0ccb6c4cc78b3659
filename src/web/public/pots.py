"""The pots of campaigns as they are drawn, their words and their drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Campaign, State, Theme
from campaigns.queries import Part, parts_of
from cheques.runs import last_day
from web.look import pot
from web.look.formats import long_date, whole
from web.look.origins import Origin
from web.public.whereabouts import ORIGINS

FEW = 5
"""Below this many gifts, public figures do not show who gave what part."""

BADGES = {
    State.DRAFT: "draft",
    State.SUBMITTED: "in_review",
    State.REFUSED: "rejected",
    State.COLLECTING: "collecting",
    State.REACHED: "target_reached",
    State.PAID: "receipts_due",
    State.DONE: "done",
    State.FAILED: "failed",
}

SCENES = {
    Theme.GREEN: ("garden", gettext_lazy("Drawing: neighbours in a garden")),
    Theme.SEAT: ("bench", gettext_lazy("Drawing: neighbours on a bench in the square")),
    Theme.PLAY: ("playground", gettext_lazy("Drawing: children in a playground")),
    Theme.TABLE: ("party", gettext_lazy("Drawing: neighbours at a long table in the street")),
    Theme.REPAIR: ("repair", gettext_lazy("Drawing: neighbours who repair things together")),
    Theme.LIGHT: ("lights", gettext_lazy("Drawing: a street with winter lights")),
    Theme.MUSIC: ("music", gettext_lazy("Drawing: neighbours who make music")),
    Theme.CLEAN: ("cleaning", gettext_lazy("Drawing: neighbours who clean the street")),
}


def bar(campaign: Campaign, parts: Sequence[Part]) -> pot.PotBar:
    """With who gave which part."""
    drawn = [pot.Part(ORIGINS.get(part.kind, Origin.FUND), part.cents, label(part)) for part in parts]
    return pot.PotBar(
        target_cents=campaign.target_cents,
        parts=tuple(sorted(drawn, key=lambda part: list(Origin).index(part.origin))),
        times_given=sum(part.times for part in parts),
    )


def small_bar(campaign: Campaign, parts: Sequence[Part]) -> pot.PotBar:
    """For a list: as one part while there are few gifts."""
    drawn = bar(campaign, parts)
    if drawn.times_given >= FEW or drawn.is_empty:
        return drawn
    largest = max(drawn.parts, key=lambda part: part.cents)
    together = pot.Part(largest.origin, drawn.raised_cents, _("Together"))
    return pot.PotBar(drawn.target_cents, (together,), drawn.times_given)


def label(part: Part) -> str:
    """Who gave, in a few words."""
    if part.kind == "programme":
        text = ngettext(
            "%(count)s gift with a neighbourhood cheque",
            "%(count)s gifts with a neighbourhood cheque",
            part.times,
        )
        return text % {"count": whole(part.times)}
    if part.kind == "donations":
        text = ngettext(
            "%(count)s donation of neighbours and shops",
            "%(count)s donations of neighbours and shops",
            part.times,
        )
        return text % {"count": whole(part.times)}
    text = ngettext("%(sponsor)s added %(count)s time", "%(sponsor)s added %(count)s times", part.times)
    return text % {"sponsor": part.name, "count": whole(part.times)}


@dataclass(frozen=True)
class Card:
    """A campaign in a list."""

    campaign: Campaign
    pot: pot.PotBar
    badge: str

    @property
    def has_failed(self) -> bool:
        return self.campaign.state == State.FAILED


def cards(campaigns: Sequence[Campaign]) -> list[Card]:
    """One query for all of them."""
    parts = parts_of(list(campaigns))
    return [
        Card(campaign, small_bar(campaign, parts[campaign.pk]), BADGES[State(campaign.state)])
        for campaign in campaigns
    ]


def last_day_of(campaign: Campaign) -> date:
    """The last day on which one can give."""
    return last_day(campaign.deadline)


def badge_text(campaign: Campaign) -> str:
    """What the badge says instead of its usual word; empty for that word."""
    if campaign.state == State.COLLECTING:
        return _("Collecting until %(day)s") % {"day": long_date(last_day_of(campaign))}
    return ""
