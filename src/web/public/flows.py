"""The flow of money as anyone may see it: what few people gave is put together with something else."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from django.http import HttpResponse
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from web.look.flow import Flow, FlowOrigin, Stream
from web.look.origins import NAMES, Origin
from web.public.pots import FEW
from web.public.whereabouts import Position

K = TypeVar("K", bound=Hashable)
Giver = tuple[Origin, str]
Amounts = dict[tuple[Giver, int, int], int]
Cells = dict[tuple[Giver | None, int], dict[int, int]]


def flow_of(*, title: str, campaigns: Sequence[Campaign], positions: Sequence[Position]) -> Flow | None:
    """None while fewer than five gifts were made in all.

    No amount of it is of fewer than five gifts: not of an origin, a pot or an end, and not of what one origin has at one end.
    """
    by_origin: Counter[Giver] = Counter()
    by_pot: Counter[int] = Counter()
    for position in positions:
        by_origin[_origin(position)] += position.times
        by_pot[position.campaign_id] += position.times
    if by_pot.total() < FEW:
        return None
    few_pots = too_few(by_pot)
    few_origins, columns = _put_together(positions, by_origin)
    titles = {campaign.pk: campaign.title for campaign in campaigns}
    origins = [origin for origin in sorted(by_origin, key=_order) if origin not in few_origins]
    pots = [pk for pk in titles if pk in by_pot and pk not in few_pots]
    amounts = _amounts(positions)
    streams: dict[tuple[int, int, int], int] = defaultdict(int)
    for (origin, pot, end), cents in amounts.items():
        # What is put together comes last.
        at = origins.index(origin) if origin in origins else len(origins)
        to = pots.index(pot) if pot in pots else len(pots)
        streams[at, to, next(place for place, column in enumerate(columns) if end in column)] += cents
    flow = Flow(
        title=title,
        origins=tuple([FlowOrigin(*origin) for origin in origins] + _together(few_origins, positions)),
        pots=tuple([titles[pk] for pk in pots] + _small_pots(few_pots, titles)),
        ends=tuple(_as_one([ends()[end] for end in column]) for column in columns),
        streams=tuple(Stream(*key, cents) for key, cents in sorted(streams.items())),
    )
    return flow.folded()


def _as_one(names: Sequence[str]) -> str:
    """What is shown as one thing: "Over, teruggegeven; kosten van betalingen"."""
    first, *others = names
    return "; ".join([first, *(name[0].lower() + name[1:] for name in others)])


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


def few_together(cells: Mapping[tuple[K, int], Mapping[int, int]]) -> set[int]:
    """Of a table by row and column, the columns to show as one, so that no cell is of fewer than five gifts unless its row is.

    In each cell stands which gifts are in it: a group of gifts -> how many. One group may be in several cells of a row.
    """
    found = {column for (_row, column), gifts in cells.items() if sum(gifts.values()) < FEW}
    by_column: Counter[int] = Counter()
    for (_row, column), gifts in cells.items():
        by_column[column] += sum(gifts.values())
    # Of two with as many gifts the later one: the first columns say most.
    for column in sorted(set(by_column) - found, key=lambda column: (by_column[column], -column)):
        together: dict[K, dict[int, int]] = defaultdict(dict)
        for (row, at), gifts in cells.items():
            if at in found:
                together[row].update(gifts)
        if all(sum(gifts.values()) >= FEW for gifts in together.values()):
            break
        found.add(column)
    return found


def _put_together(
    positions: Sequence[Position], by_origin: Mapping[Giver, int]
) -> tuple[set[Giver], list[tuple[int, ...]]]:
    """The origins to show as one, and the ends, each by itself or several as one: so that the most ends stay apart."""
    few = too_few(by_origin)
    columns = _columns(_cells(positions, few))
    more = few | {
        origin
        for (origin, _end), gifts in _cells(positions, few).items()
        if origin is not None and sum(gifts.values()) < FEW
    }
    if len(more) == 1:
        others = set(by_origin) - more
        more |= set(sorted(others, key=lambda origin: (by_origin[origin], _order(origin)))[:1])
    fewer_origins = _columns(_cells(positions, more))
    return (more, fewer_origins) if len(fewer_origins) > len(columns) else (few, columns)


def _cells(positions: Sequence[Position], few: set[Giver]) -> Cells:
    """Which gifts of each origin have money at each end; None stands for the origins that are put together."""
    cells: Cells = defaultdict(dict)
    for at, position in enumerate(positions):
        origin = _origin(position)
        for end, cents in enumerate(_parts(position)):
            if cents > 0:
                cells[None if origin in few else origin, end][at] = position.times
    return cells


def _columns(cells: Cells) -> list[tuple[int, ...]]:
    together = few_together(cells)
    columns: list[tuple[int, ...]] = [(end,) for end in {end for _row, end in cells} - together]
    return sorted([*columns, tuple(sorted(together))] if together else columns)


def _parts(position: Position) -> tuple[int, ...]:
    """Where its money is, in the order of `ends`."""
    return (
        position.pot_cents,
        position.spent_cents,
        position.waiting_cents,
        position.returned_cents,
        position.costs_cents,
    )


def _amounts(positions: Sequence[Position]) -> Amounts:
    amounts: Amounts = defaultdict(int)
    for position in positions:
        for end, cents in enumerate(_parts(position)):
            if cents > 0:
                amounts[_origin(position), position.campaign_id, end] += cents
    return amounts


def _origin(position: Position) -> Giver:
    """Sponsors have a name of their own; cheques and donations are one stream, whoever's programme it is."""
    return position.origin, position.owner if position.origin is Origin.GRANT else ""


def _order(origin: Giver) -> tuple[int, str]:
    return list(Origin).index(origin[0]), origin[1]


def _together(few: set[Giver], positions: Sequence[Position]) -> list[FlowOrigin]:
    if not few:
        return []
    cents: Counter[Giver] = Counter()
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


def as_csv(flow: Flow | None) -> str:
    """The table of the page, a row per origin, in euros with a decimal comma, for a Dutch spreadsheet."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    if flow is None:
        rows.writerow([_("Fewer than five gifts were made here.")])
        return out.getvalue()
    rows.writerow([_("From whom (in euro)"), *flow.ends, _("Together")])
    for at, origin in enumerate(flow.origins):
        cells = [flow.cell_cents(at, end) for end in range(len(flow.ends))]
        rows.writerow([_safe(origin.name), *map(_decimal, cells), _decimal(flow.origin_cents(at))])
    totals = [flow.end_cents(end) for end in range(len(flow.ends))]
    rows.writerow([_("All together"), *map(_decimal, totals), _decimal(flow.total_cents)])
    return out.getvalue()


def csv_answer(flow: Flow | None, *, name: str) -> HttpResponse:
    """The table as a file to be saved under this name."""
    # The mark at the start tells spreadsheets that this is UTF-8.
    answer = HttpResponse("\ufeff" + as_csv(flow), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _decimal(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


def _safe(text: str) -> str:
    """Never a formula for the spreadsheet that opens it (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
