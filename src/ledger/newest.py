"""The entries of some funds, newest first, found by the days on which those funds had any.

Among the last of all entries there are enough of a fund that has many. Where there are not, the totals of days say between which
numbers of transfers a day's own lines lie; what is not added up yet comes after the last. So a fund that had nothing for years
is not looked for in all that others booked since.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import router
from django.db.models import Exists, OuterRef, Q

from ledger.asof import NEXT, rows
from ledger.audit import Sought
from ledger.models import Entry, Transfer

LAST = 9223372036854775807  # of all numbers there can be
LATELY = 1_000  # entries, of all funds

AMONG_THE_LAST = f"""
SELECT e.id FROM (SELECT * FROM ledger_entry e WHERE e.id < %(before)s ORDER BY e.id DESC LIMIT {LATELY}) AS e
WHERE e.effective_on BETWEEN %(since)s AND %(until)s AND EXISTS (
    SELECT FROM ledger_transfer t WHERE t.entry_id = e.id AND t.fund_id = ANY(%(funds)s)
        AND (%(all)s OR t.amount_cents = %(cents)s::bigint OR e.kind = ANY(%(kinds)s)) OFFSET 0)
ORDER BY e.id DESC LIMIT %(most)s
"""
DAYS = f"""
SELECT min(d.first_transfer_id), max(d.last_transfer_id) FROM ledger_codeday d
WHERE d.fund_id = ANY(%(funds)s) AND d.effective_on BETWEEN %(since)s AND %(until)s GROUP BY d.booked_on
UNION ALL SELECT {NEXT}, {LAST} ORDER BY 2 DESC
"""
# One of the transfers of the newest entry below `before`, whoever's it is.
PLACE = """
SELECT t.id FROM ledger_transfer t
WHERE t.entry_id = (SELECT max(e.id) FROM ledger_entry e WHERE e.id < %(before)s) LIMIT 1
"""
# OFFSET 0: as in `asof`.
OF_DAYS = """
SELECT e.id
FROM (SELECT t.entry_id, bool_or(t.amount_cents = %(cents)s::bigint) AS of_cents
      FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS day(first, last)
      CROSS JOIN LATERAL (SELECT * FROM ledger_transfer t WHERE t.id BETWEEN day.first AND day.last OFFSET 0) AS t
      WHERE t.fund_id = ANY(%(funds)s) AND t.entry_id < %(before)s GROUP BY t.entry_id) AS own
CROSS JOIN LATERAL (SELECT * FROM ledger_entry e WHERE e.id = own.entry_id OFFSET 0) AS e
WHERE e.effective_on BETWEEN %(since)s AND %(until)s AND (%(all)s OR own.of_cents OR e.kind = ANY(%(kinds)s))
ORDER BY e.id DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class Within:
    """Where entries are looked for: in these funds, on these days (both included), below an entry. At most so many."""

    fund_ids: Collection[int]
    since: date
    until: date
    most: int
    before: int = LAST


def entries(within: Within, sought: Sought | None = None) -> list[Entry]:
    """Entries with a transfer in these funds, newest first."""
    found = set() if sought is None else _named(within, sought)
    if sought is None or sought.cents is not None or sought.kinds:
        found |= _walked(within, sought)
    newest = sorted(found, reverse=True)[: within.most]
    return list(Entry.objects.filter(pk__in=newest).select_related("made_by", "approved_by").order_by("-pk"))


def _named(within: Within, sought: Sought) -> set[int]:
    """What is called so, each by an index."""
    called = Q(pk__in=sought.entry_ids) | Q(source__in=[*sought.sources, sought.text])
    called |= Q(key__in=[*sought.keys, sought.text])
    if sought.number is not None:
        called |= Q(pk=sought.number)
    own = Transfer.objects.filter(entry=OuterRef("pk"), fund_id__in=within.fund_ids)
    days = (within.since, within.until)
    found = Entry.objects.filter(called, Exists(own), effective_on__range=days, pk__lt=within.before)
    return set(found.order_by("-pk").values_list("pk", flat=True)[: within.most])


def _walked(within: Within, sought: Sought | None) -> set[int]:
    """Back through the days, ever more of them at once, until there are enough.

    Numbers of entries and of transfers are drawn in one posting, though not in one moment: around midnight a higher entry
    may have lower transfers. So one more day is looked at, on either side: nothing takes a whole day to post.
    """
    parameters: dict[str, Any] = {
        "funds": list(within.fund_ids),
        "since": within.since,
        "until": within.until,
        "before": within.before,
        "most": within.most,
        "all": sought is None,
        "cents": None if sought is None else sought.cents,
        "kinds": [] if sought is None else list(sought.kinds),
    }
    found = {pk for (pk,) in _rows(AMONG_THE_LAST, parameters)}
    if len(found) == within.most:
        return found
    days = _days(parameters)
    at_once, is_enough = 1, False
    while days:
        some, days = days[:at_once], days[at_once:]
        lying = {"firsts": [first for first, _ in some], "lasts": [last for _, last in some]}
        found |= {pk for (pk,) in _rows(OF_DAYS, parameters | lying)}
        if is_enough:
            break
        is_enough = len(found) >= within.most
        at_once = 1 if is_enough else 2 * at_once
    return found


def _days(parameters: dict[str, Any]) -> list[tuple[int, int]]:
    """First and last transfer of each day, newest first: from the day after that of the first entry that may be shown."""
    days = list(_apart(_rows(DAYS, parameters)))
    if parameters["before"] == LAST:
        return days
    place = _rows(PLACE, parameters)
    later = sum(first > place[0][0] for first, _ in days) if place else len(days)
    return days[max(later - 1, 0) :] if place else []


def _apart(days: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Days whose numbers lie between each other's, as one. By their last, from the highest."""
    here: tuple[int, int] | None = None
    for first, last in days:
        if here is None:
            here = first, last
        elif last >= here[0]:
            here = min(first, here[0]), here[1]
        else:
            yield here
            here = first, last
    if here is not None:
        yield here


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    return rows(sql, parameters, router.db_for_read(Transfer))
