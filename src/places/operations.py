"""Verbs of places: take in the areas of a municipality, and a corporation's list of dwellings."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.text import slugify

from people.models import Organisation, User
from places import areas
from places.areas import Area
from places.imports import Row, parse
from places.models import District, Dwelling, DwellingImport, Estate, Municipality, Neighbourhood

_BATCH = 10_000  # rows a statement: keeps one statement's memory small, whatever the length of the list


def import_dwellings(
    *, organisation: Organisation, content: bytes, file_name: str, made_by: User | None, now: datetime
) -> DwellingImport:
    """Takes in the list whole or not at all. `made_by`: None from a shell.

    An address that is known is brought up to date, a new one is added; one that the list no longer has stays,
    since cheques and money may hang on it. A column that the list lacks leaves what is known as it is. Raises
    ListRefused.
    """
    rows = parse(content, neighbourhoods=dict(Neighbourhood.objects.values_list("code", "pk")))
    with transaction.atomic():
        # Two lists of one organisation wait for each other. NO KEY: rows that refer to it need not wait.
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        known = organisation.dwellings.count()
        _save(rows, organisation=organisation, estates=_estates(rows, organisation=organisation))
        return DwellingImport.objects.create(
            organisation=organisation,
            file_name=file_name[-200:],
            content_hash=hashlib.sha256(content).hexdigest(),
            rows=len(rows),
            added=organisation.dwellings.count() - known,
            made_by=made_by,
            made_at=now,
        )


def _estates(rows: Sequence[Row], *, organisation: Organisation) -> dict[str, int]:
    """Estate code -> id, of all of the organisation; those that the rows name are made where missing."""
    codes = {row.estate_code for row in rows if row.estate_code}
    Estate.objects.bulk_create(
        [Estate(organisation=organisation, code=code) for code in sorted(codes)], ignore_conflicts=True
    )
    return dict(organisation.estates.values_list("code", "pk"))


def _save(rows: Sequence[Row], *, organisation: Organisation, estates: dict[str, int]) -> None:
    told = {
        "estate": rows[0].estate_code is not None,
        "number_of_unit": rows[0].number_of_unit is not None,
        "own_tenant": rows[0].own_tenant is not None,
    }
    updated = ["neighbourhood", "street", "town", *(name for name, is_told in told.items() if is_told)]
    for start in range(0, len(rows), _BATCH):
        Dwelling.objects.bulk_create(
            [
                Dwelling(
                    organisation=organisation,
                    neighbourhood_id=row.neighbourhood_id,
                    estate_id=estates[row.estate_code] if row.estate_code else None,
                    number_of_unit=row.number_of_unit or "",
                    street=row.street,
                    house_number=row.house_number,
                    addition=row.addition,
                    postcode=row.postcode,
                    town=row.town,
                    own_tenant=row.own_tenant is not False,
                )
                for row in rows[start : start + _BATCH]
            ],
            update_conflicts=True,
            unique_fields=["organisation", "postcode", "house_number", "addition"],
            update_fields=updated,
        )


@transaction.atomic
def import_neighbourhoods(
    *, content: bytes, year: int, municipalities: Collection[str] = ()
) -> dict[str, int]:
    """Takes in municipalities, districts and neighbourhoods whole or not at all; counts "added", "updated", "unchanged".

    `year`: of the codes. `municipalities`: codes, where the file holds more than is wanted. Of an area that is known, name
    and inhabitants are brought up to date; its slug stays, since addresses were made of it. Raises AreasRefused.
    """
    towns = dict(Municipality.objects.values_list("code", "pk"))
    districts = dict(District.objects.values_list("code", "pk"))
    found = areas.parse(content, known=[*towns, *districts], municipalities=municipalities)
    counts: Counter[str] = Counter({"added": 0, "updated": 0, "unchanged": 0})
    for area in found:
        if area.code.startswith("GM"):
            counts[_keep(Municipality, area, {"name": area.name}, {})] += 1
    towns = dict(Municipality.objects.values_list("code", "pk"))
    for area in found:
        if area.code.startswith("WK"):
            told = {"name": area.name, "year": year}
            if area.inhabitants is not None:
                told["inhabitants"] = area.inhabitants
            counts[_keep(District, area, told, {"municipality_id": towns[area.parent]})] += 1
    districts = dict(District.objects.values_list("code", "pk"))
    for area in found:
        if area.code.startswith("BU"):
            made_of = {"district_id": districts[area.parent], "slug": _slug(area)}
            counts[_keep(Neighbourhood, area, {"name": area.name}, made_of)] += 1
    return dict(counts)


def _keep(model: type[models.Model], area: Area, told: Mapping[str, Any], at_first: Mapping[str, Any]) -> str:
    """What became of it. `told`: what the file says; `at_first`: what a new row needs besides."""
    known = model._default_manager.filter(code=area.code).first()
    if known is None:
        model._default_manager.create(code=area.code, **told, **at_first)
        return "added"
    changed = [name for name, value in told.items() if getattr(known, name) != value]
    for name in changed:
        setattr(known, name, told[name])
    if not changed:
        return "unchanged"
    known.save(update_fields=changed)
    return "updated"


def _slug(area: Area) -> str:
    """The name, and where another neighbourhood has that one, its town or else its code behind it."""
    name = slugify(area.name) or "buurt"
    town = Municipality.objects.get(code=f"GM{area.code[2:6]}").name
    options = (name, f"{name}-{slugify(town)}"[:120], f"{name}-{area.code.lower()}")
    taken = Neighbourhood.objects.filter(slug__in=options).values_list("slug", flat=True)
    return next(option for option in options if option not in taken)
