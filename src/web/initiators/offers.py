"""Where one can start a campaign now: the programmes that run, with their rules and neighbourhoods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from places.models import Dwelling, Neighbourhood
from programmes.models import Programme, Rules
from web.look.formats import euro


@dataclass(frozen=True)
class Offer:
    """One programme under its rules in force."""

    rules: Rules
    neighbourhoods: tuple[Neighbourhood, ...]

    @property
    def programme(self) -> Programme:
        return self.rules.programme

    @property
    def host_name(self) -> str:
        return self.programme.organisation.name

    @property
    def rule_texts(self) -> list[str]:
        """What holds here, in sentences."""
        texts = []
        if self.rules.max_target_cents is not None:
            texts.append(
                _("Your plan may cost at most %(most)s.") % {"most": euro(self.rules.max_target_cents)}
            )
        texts.append(
            ngettext(
                "You hand in your receipts within %(count)s day after the payout.",
                "You hand in your receipts within %(count)s days after the payout.",
                self.rules.days_to_account,
            )
            % {"count": self.rules.days_to_account}
        )
        return texts

    def choices(self) -> list[tuple[str, str]]:
        return [
            (f"{self.programme.pk}:{one.pk}", f"{one.name} ({one.district.municipality.name})")
            for one in self.neighbourhoods
        ]


def offers(today: date) -> list[Offer]:
    """All that run today. Three queries, and one more a programme."""
    running = (
        Rules.objects.filter(
            programme__starts_on__lte=today, programme__ends_on__gte=today, programme__closed_at__isnull=True
        )
        .select_related("programme__organisation")
        .order_by("programme", "-version")
        .distinct("programme")
    )
    return [Offer(rules, neighbourhoods_of(rules)) for rules in running]


def offer_of(campaign: Campaign) -> Offer:
    """The rules that a campaign was opened under."""
    return Offer(campaign.rules, neighbourhoods_of(campaign.rules))


def neighbourhoods_of(rules: Rules) -> tuple[Neighbourhood, ...]:
    """Those where the host has dwellings."""
    there = Dwelling.objects.filter(
        organisation=rules.programme.organisation_id, neighbourhood=OuterRef("pk")
    )
    return tuple(
        Neighbourhood.objects.filter(Exists(there)).select_related("district__municipality").order_by("name")
    )


def picked(found: Sequence[Offer], value: str) -> tuple[Offer, Neighbourhood]:
    """What a choice of `Offer.choices` stands for. Raises StopIteration for one that is not there."""
    programme_id, neighbourhood_id = (int(part) for part in value.split(":"))
    offer = next(one for one in found if one.programme.pk == programme_id)
    return offer, next(one for one in offer.neighbourhoods if one.pk == neighbourhood_id)
