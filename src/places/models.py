"""Places, from municipality to front door. Codes are those of Statistics Netherlands (CBS) of the year named."""

from django.db import models
from django.db.models import Q

from people.models import Organisation, User


class Municipality(models.Model):
    """There is one row for every municipality where a programme runs."""

    code = models.CharField(max_length=6, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        verbose_name_plural = "municipalities"

    def __str__(self) -> str:
        return self.name


class District(models.Model):
    """There is one row for every district (*wijk*) of a municipality."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="districts")
    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=100)
    inhabitants = models.PositiveIntegerField(null=True)
    year = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Neighbourhood(models.Model):
    """There is one row for every neighbourhood (*buurt*) of a district."""

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="neighbourhoods")
    code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Estate(models.Model):
    """There is one row for every estate (*complex*) of a corporation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="estates")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="estate_once_per_organisation"),
        ]


class Dwelling(models.Model):
    """There is one row for every address on the list of a host. No names: who lives there is not ours to know."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="dwellings")
    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="dwellings")
    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, null=True, related_name="dwellings")
    number_of_unit = models.CharField(max_length=30, blank=True)
    street = models.CharField(max_length=100)
    house_number = models.PositiveIntegerField()
    addition = models.CharField(max_length=10, blank=True)
    postcode = models.CharField(max_length=6)
    town = models.CharField(max_length=60)
    own_tenant = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "postcode", "house_number", "addition"],
                name="dwelling_once_per_address",
            ),
            models.CheckConstraint(
                condition=Q(postcode__regex=r"^[1-9][0-9]{3}[A-Z]{2}$"), name="dwelling_postcode"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.street} {self.house_number}{self.addition and '-' + self.addition}"

    @property
    def postcode_text(self) -> str:
        """As people write it: `3071 AB`."""
        return f"{self.postcode[:4]} {self.postcode[4:]}"

    @property
    def address_lines(self) -> tuple[str, str]:
        """Street and number; postcode and town as the post wants them (two spaces, capitals)."""
        return str(self), f"{self.postcode_text}  {self.town.upper()}"


class DwellingImport(models.Model):
    """There is one row for every list that was taken in whole. A list with a fault leaves nothing behind."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="dwelling_imports")
    file_name = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
