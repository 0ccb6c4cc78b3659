"""The campaign at the other corporation, in the Havenkop."""

from campaigns.models import Theme
from campaigns.operations import PlannedLine
from demo.neighbourhood.campaigns.plan import Donation, Fate, News, Plan, Wave
from demo.neighbourhood.places import HAVENKOP

SEA_CHEST = Plan(
    key="sea_chest",
    place=HAVENKOP,
    initiator="sietske",
    theme=Theme.PLAY,
    title="Een zeekist vol buitenspeelgoed",
    summary="Stelten, springtouwen en een groot schip van kratten.",
    story=(
        "De kinderen van de Schippersgang spelen op straat, maar er is weinig om mee te spelen. "
        "Een afsluitbare zeekist aan het eind van de gang lost dat op. Drie ouders hebben een sleutel."
    ),
    lines=(
        PlannedLine("Kist die tegen water kan", 15_500),
        PlannedLine("Speelgoed voor buiten", 14_500),
        PlannedLine("Slot en drie sleutels", 4_000),
    ),
    opened=30,
    lasts=60,
    fate=Fate.COLLECTING,
    waves=(Wave(1, 3_500, first=20, last=2),),
    donations=(Donation(16, 2_500, "Scheepswerf Haan"),),
    news=(News(10, "De kist is gevonden", "Op de werf stond nog een oude kist. Die knappen we zelf op."),),
)

PLANS = (SEA_CHEST,)
