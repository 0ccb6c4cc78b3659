"""Where the demo plays: two made-up towns, their neighbourhoods and streets, and the lists of dwellings made of them."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from people.models import Organisation, User
from places.models import District, Municipality, Neighbourhood
from places.operations import import_dwellings


@dataclass(frozen=True)
class Street:
    """`doors` in a row, from number 1 on; `floors`: letters behind a number where several doors share it."""

    name: str
    postcode: str
    doors: int
    floors: str = ""


@dataclass(frozen=True)
class Place:
    """A neighbourhood. `active`: how many cheques residents activate in the first and the second round."""

    slug: str
    name: str
    code: str
    district: str
    host: str
    estate: str
    streets: tuple[Street, ...]
    active: tuple[int, int]


# The codes follow the shape of Statistics Netherlands' and belong to no real place; nor do the postcodes.
TOWNS = {"GM9901": "Oeverdam", "GM9902": "Waddermond"}
DISTRICTS = {
    "WK990101": ("Oeverdam-Oost", 1460),
    "WK990102": ("Oeverdam-West", 1620),
    "WK990201": ("Haven", 390),
}

BLOEMENBUURT, LINDEHOF, MOLENKWARTIER, KADEBUURT = "bloemenbuurt", "lindehof", "molenkwartier", "kadebuurt"
HAVENKOP = "havenkop"

PLACES = (
    Place(
        BLOEMENBUURT, "Bloemenbuurt", "BU99010101", "WK990101", "de-klinker", "OEV-011",
        (
            Street("Lavendelstraat", "8991BA", 32),
            Street("Kamilleplein", "8991BC", 22),
            Street("Korenbloemlaan", "8991BD", 34),
            Street("Saliehof", "8991BE", 10, "ABC"),
        ),
        (61, 47),
    ),
    Place(LINDEHOF, "Lindehof", "BU99010102", "WK990101", "de-klinker", "OEV-014",
          (Street("Lindehof", "8991LA", 34),), (17, 13)),
    Place(
        MOLENKWARTIER, "Molenkwartier", "BU99010201", "WK990102", "de-klinker", "OEV-021",
        (
            Street("Molenpad", "8992MA", 28),
            Street("Wiekstraat", "8992MB", 36),
            Street("Korenzolder", "8992MC", 16, "AB"),
        ),
        (42, 33),
    ),
    Place(
        KADEBUURT, "Kadebuurt", "BU99010202", "WK990102", "de-klinker", "OEV-025",
        (
            Street("Ankersteeg", "8992KA", 18),
            Street("Sluisplein", "8992KB", 14),
            Street("Loodskade", "8992KC", 10, "ABCD"),
        ),
        (27, 19),
    ),
    Place(HAVENKOP, "Havenkop", "BU99020101", "WK990201", "noorderwal-wonen", "WAD-003",
          (Street("Schippersgang", "8996HA", 24),), (11, 0)),
)  # fmt: skip


def make_places(*, year: int) -> dict[str, Neighbourhood]:
    """By slug, with their towns and districts."""
    towns = {code: Municipality.objects.create(code=code, name=name) for code, name in TOWNS.items()}
    districts = {
        code: District.objects.create(
            municipality=towns[f"GM{code[2:6]}"], code=code, name=name, inhabitants=inhabitants, year=year
        )
        for code, (name, inhabitants) in DISTRICTS.items()
    }
    return {
        place.slug: Neighbourhood.objects.create(
            district=districts[place.district], code=place.code, name=place.name, slug=place.slug
        )
        for place in PLACES
    }


def list_of(host: str) -> bytes:
    """A host's list of dwellings, as its own administration would export it. One in eleven was sold to who lives there."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";", lineterminator="\r\n")
    rows.writerow(
        [
            "complex",
            "vhe",
            "straat",
            "huisnummer",
            "toevoeging",
            "postcode",
            "plaats",
            "buurtcode",
            "eigen_huurder",
        ]
    )
    number = 0
    for place in (place for place in PLACES if place.host == host):
        town = TOWNS[f"GM{place.code[2:6]}"]
        for street in place.streets:
            for door in range(1, street.doors + 1):
                for floor in street.floors or ("",):
                    number += 1
                    unit, own = f"{place.estate}-{number:04d}", "nee" if number % 11 == 0 else "ja"
                    rows.writerow(
                        [place.estate, unit, street.name, door, floor, street.postcode, town, place.code, own]
                    )
    return out.getvalue().encode()


def move_in(*, host: Organisation, made_by: User, now: datetime) -> None:
    import_dwellings(
        organisation=host, content=list_of(host.slug), file_name="woningen.csv", made_by=made_by, now=now
    )
