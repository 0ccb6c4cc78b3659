"""Places, and who lets dwellings there: Wijkrand, and Havenwaarde in the same streets."""

from people.models import Organisation, OrganisationKind
from places.models import District, Dwelling, Municipality, Neighbourhood


def neighbourhood(code: str = "BU05020101", name: str = "Schollevaar-Noord") -> Neighbourhood:
    """A neighbourhood of Capelle aan den IJssel; the same one for the same code."""
    municipality, _ = Municipality.objects.get_or_create(
        code="GM0502", defaults={"name": "Capelle aan den IJssel"}
    )
    district, _ = District.objects.get_or_create(
        code="WK050201",
        defaults={"municipality": municipality, "name": "Schollevaar", "inhabitants": 18_000, "year": 2026},
    )
    found, _ = Neighbourhood.objects.get_or_create(
        code=code, defaults={"district": district, "name": name, "slug": code.lower()}
    )
    return found


def wijkrand() -> Organisation:
    """The housing corporation."""
    return Organisation.objects.create(kind=OrganisationKind.CORPORATION, name="Wijkrand", slug="wijkrand")


def havenwaarde() -> Organisation:
    """The other housing corporation."""
    return Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Havenwaarde", slug="havenwaarde"
    )


def dwelling(
    *, organisation: Organisation, house_number: int, street: str = "Bermweg", own_tenant: bool = True
) -> Dwelling:
    return Dwelling.objects.create(
        organisation=organisation,
        neighbourhood=neighbourhood(),
        street=street,
        house_number=house_number,
        postcode="2907LA",
        town="Capelle aan den IJssel",
        own_tenant=own_tenant,
    )
