"""The flow of a neighbourhood's money as it may be shown: what few people gave is put together with something else."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from django.utils.translation import gettext as _

from campaigns.models import Campaign
from web.look.flow import Flow, FlowOrigin, Stream
from web.look.origins import NAMES, Origin
from web.public.pots import FEW
from web.public.whereabouts import Position

K = TypeVar("K", bound=Hashable)
Amounts = dict[tuple[tuple[Origin, str], int, int], int]


def flow_of(*, place: str, campaigns: Sequence[Campaign], positions: Sequence[Position]) -> Flow | None:
    """None while fewer than five gifts were made in all."""
    by_origin: Counter[tuple[Origin, str]] = Counter()
    by_pot: Counter[int] = Counter()
    for position in positions:
        by_origin[_origin(position)] += position.times
        by_pot[position.campaign_id] += position.times
    if by_pot.total() < FEW:
        return None
    few_origins, few_pots = too_few(by_origin), too_few(by_pot)
    titles = {campaign.pk: campaign.title for campaign in campaigns}
    origins = [origin for origin in sorted(by_origin, key=_order) if origin not in few_origins]
    pots = [pk for pk in titles if pk in by_pot and pk not in few_pots]
    amounts = _amounts(positions)
    used = sorted({key[2] for key in amounts})
    streams: dict[tuple[int, int, int], int] = defaultdict(int)
    for (origin, pot, end), cents in amounts.items():
        # What is put together comes last.
        at = origins.index(origin) if origin in origins else len(origins)
        to = pots.index(pot) if pot in pots else len(pots)
        streams[at, to, used.index(end)] += cents
    flow = Flow(
        title=_("How the money flows in %(place)s") % {"place": place},
        origins=tuple([FlowOrigin(*origin) for origin in origins] + _together(few_origins, positions)),
        pots=tuple([titles[pk] for pk in pots] + _small_pots(few_pots, titles)),
        ends=tuple(ends()[end] for end in used),
        streams=tuple(Stream(*key, cents) for key, cents in sorted(streams.items())),
    )
    return flow.folded()


def ends() -> tuple[str, ...]:
    return (
        _("Still in the pot"),
        _("Spent, with a receipt"),
        _("Paid out, receipt to follow"),
        _("Left over, given back"),
        _("Costs of payments"),
    )


def too_few(times: Mapping[K, int]) -> set[K]:
    """What has fewer than five gifts, and as much more, smallest first, as makes it five together."""
    found = {key for key, count in times.items() if count < FEW}
    for key in sorted(set(times) - found, key=lambda key: (times[key], str(key))):
        if not found or sum(times[one] for one in found) >= FEW:
            break
        found.add(key)
    return found


def _amounts(positions: Sequence[Position]) -> Amounts:
    amounts: Amounts = defaultdict(int)
    for position in positions:
        parts = (
            position.pot_cents,
            position.spent_cents,
            position.waiting_cents,
            position.returned_cents,
            position.costs_cents,
        )
        for end, cents in enumerate(parts):
            if cents > 0:
                amounts[_origin(position), position.campaign_id, end] += cents
    return amounts


def _origin(position: Position) -> tuple[Origin, str]:
    """Sponsors have a name of their own; cheques and donations are one stream, whoever's programme it is."""
    return position.origin, position.owner if position.origin is Origin.GRANT else ""


def _order(origin: tuple[Origin, str]) -> tuple[int, str]:
    return list(Origin).index(origin[0]), origin[1]


def _together(few: set[tuple[Origin, str]], positions: Sequence[Position]) -> list[FlowOrigin]:
    if not few:
        return []
    cents: Counter[tuple[Origin, str]] = Counter()
    for position in positions:
        if _origin(position) in few:
            cents[_origin(position)] += position.given_cents
    largest = max(sorted(few, key=_order), key=lambda origin: cents[origin])
    names = [name or str(NAMES[kind]) for kind, name in sorted(few, key=_order)]
    return [FlowOrigin(largest[0], ", ".join(names))]


def _small_pots(few: set[int], titles: Mapping[int, str]) -> list[str]:
    if not few:
        return []
    if len(few) == 1:
        return [titles[next(iter(few))]]
    return [_("%(count)d others") % {"count": len(few)}]
