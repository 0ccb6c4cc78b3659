"""Campaigns in the Lindehof."""

from campaigns.models import BudgetLine, Theme
from campaigns.operations import PlannedLine
from demo.neighbourhood.campaigns.plan import Donation, Fate, News, Plan, Snapshot, Wave
from demo.neighbourhood.places import LINDEHOF

SANDPIT = Plan(
    key="sandpit",
    place=LINDEHOF,
    initiator="tom",
    theme=Theme.PLAY,
    title="Een zandbak en een wipveer in de Lindehof",
    summary="Een speelplek voor de kleinsten, in het zicht van de keukens.",
    story=(
        "In de Lindehof wonen elf kinderen onder de zes. De speeltuin ligt aan de andere kant van een drukke weg.\n\n"
        "Midden in de hof is plaats voor een zandbak met een deksel en voor een wipveer. "
        "Vanuit bijna elke keuken kun je de kinderen zien spelen.\n\n"
        "Twee opa's doen elke avond het deksel dicht. Zo blijft het zand schoon."
    ),
    lines=(
        PlannedLine("Wipveer in de vorm van een zeehond", 31_000, supplier="Speelplezier Bos"),
        PlannedLine("Zandbak met deksel", 11_800, supplier="Speelplezier Bos"),
        PlannedLine("Speelzand, 1 kuub", 4_200, supplier="Zandhandel Maas"),
    ),
    opened=104,
    lasts=110,
    fate=Fate.PAID,
    waves=(Wave(1, 7_500, first=98, last=62), Wave(2, 3_500, first=20, last=15)),
    donations=(
        Donation(95, 8_000, "Kinderdagverblijf De Pluim", "Onze kinderen komen graag spelen."),
        Donation(60, 6_000, "Opa Harm en opa Driss"),
        Donation(33, 2_500),
        Donation(16, 1_500, "Buurvrouw van 9"),
    ),
    news=(
        News(
            58,
            "De plek is uitgezet",
            "Met krijt hebben we getekend waar alles komt. De kinderen zaten er meteen in.",
        ),
        News(13, "Bedrag gehaald", "Dank je wel allemaal. De zeehond is al uitgezocht."),
    ),
    payout=9,
    snapshots=(Snapshot(3, "sandpit", "De zandbak staat er. De zeehond komt later."),),
)

WILLOW = Plan(
    key="willow",
    place=LINDEHOF,
    initiator="tom",
    theme=Theme.PLAY,
    title="Een speelhuis van wilgentenen",
    summary="Een levend huis van takken, dat elk jaar groener wordt.",
    story=(
        "Achter de Lindehof ligt een stuk gras waar niets gebeurt. Daar vlechten wij een speelhuis van wilgentenen.\n\n"
        "Een vlechter helpt ons een dag. Daarna kunnen we het zelf bijhouden. "
        "De takken schieten uit, dus het huis groeit mee met de kinderen.\n\n"
        "Iedereen mag meedoen op de vlechtdag. Je hoeft het niet te kunnen."
    ),
    lines=(
        PlannedLine("Wilgentenen en touw", 13_500),
        PlannedLine("Grondboor en snoeischaren huren", 4_500, BudgetLine.Category.HIRE),
        PlannedLine("Begeleiding door een vlechter", 18_000, BudgetLine.Category.WORK, "Vlechterij Teen"),
    ),
    opened=26,
    lasts=60,
    fate=Fate.COLLECTING,
    waves=(Wave(2, 9_750, first=19, last=1, minutes=(95,)),),
    donations=(
        Donation(19, 2_000, "Meester Joris"),
        Donation(6, 2_500, "Vlechterij Teen", "Wij kijken uit naar de dag."),
    ),
    news=(
        News(
            8,
            "Er is een vlechter",
            "Vlechterij Teen komt ons helpen. Zij maakten ook het huis bij de kinderboerderij.",
        ),
    ),
)

COFFEE = Plan(
    key="coffee",
    place=LINDEHOF,
    initiator="tom",
    theme=Theme.TABLE,
    title="Een koffiekar op donderdagochtend",
    summary="Elke week koffie op een andere hoek van de buurt.",
    story=(
        "Veel buren kennen elkaar alleen van gezicht. Met een koffiekar komen we naar hen toe. "
        "Elke donderdag staan we op een andere hoek, met koffie, thee en een paar krukjes.\n\n"
        "De kar is tweedehands en in goede staat. Vier buren rijden om de beurt."
    ),
    lines=(
        PlannedLine("Tweedehands koffiekar", 18_000),
        PlannedLine("Thermoskannen en bekers", 6_500),
        PlannedLine("Koffie en thee, eerste maand", 4_000, BudgetLine.Category.FOOD),
    ),
    opened=2,
    lasts=60,
    fate=Fate.SUBMITTED,
)

PLANS = (SANDPIT, WILLOW, COFFEE)
