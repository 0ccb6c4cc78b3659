"""Verbs of places: take in a corporation's list of dwellings."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from people.models import Organisation, User
from places.imports import Row, parse
from places.models import Dwelling, DwellingImport, Estate, Neighbourhood

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
