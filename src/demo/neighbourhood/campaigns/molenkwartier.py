"""Campaigns in the Molenkwartier."""

from campaigns.models import BudgetLine, Theme
from campaigns.operations import PlannedLine
from demo.neighbourhood.campaigns.plan import Bill, Donation, Fate, News, Plan, Report, Snapshot, Wave
from demo.neighbourhood.places import MOLENKWARTIER

ORCHARD = Plan(
    key="orchard",
    place=MOLENKWARTIER,
    initiator="gerrit",
    theme=Theme.GREEN,
    title="Fruitbomen langs het Molenpad",
    summary="Zes bomen waar iedereen van mag plukken.",
    story=(
        "Langs het Molenpad stonden vroeger kersenbomen. Nu ligt er gras.\n\n"
        "Wij planten zes fruitbomen: twee appels, twee peren, een pruim en een kers. "
        "Elke boom krijgt een buur die water geeft. Het fruit is voor wie langskomt.\n\n"
        "De hovenier van De Klinker heeft de grond bekeken. Die is goed."
    ),
    lines=(
        PlannedLine("6 fruitbomen", 23_400, supplier="Kwekerij De Eenhoorn"),
        PlannedLine("Boompalen en boomband", 4_800, supplier="Kwekerij De Eenhoorn"),
        PlannedLine("Compost", 3_300),
        PlannedLine("Naambordjes", 2_500),
    ),
    opened=160,
    lasts=55,
    fate=Fate.DONE,
    waves=(Wave(1, 15_000, first=149, last=116, at_desk=4),),
    donations=(
        Donation(144, 5_000, "Bakker Tromp", "Van de eerste appels bak ik een taart voor de straat."),
        Donation(132, 2_000, "Yara en Bilal"),
        Donation(125, 1_500),
        Donation(117, 1_000, "Anneke"),
    ),
    news=(
        News(
            141,
            "Zes buren voor zes bomen",
            "Elke boom heeft een buur die water geeft. Fijn dat dat zo snel ging.",
        ),
        News(
            96,
            "De bomen staan",
            "Met spades en twee kruiwagens waren we in een middag klaar. De kinderen maakten de naambordjes.",
        ),
    ),
    payout=110,
    bills=(
        Bill(
            99,
            "Kwekerij De Eenhoorn",
            "Zes bomen",
            (("Appel, 2 st", 7_600), ("Peer, 2 st", 7_600), ("Pruim", 3_700), ("Kers", 3_900)),
        ),
        Bill(
            98,
            "Kwekerij De Eenhoorn",
            "Palen, band en compost",
            (("Boompaal, 12 st", 3_960), ("Boomband", 825), ("Compost, 20 zak", 2_700)),
        ),
        Bill(95, "Drukkerij Letterkast", "Naambordjes", (("Bordje emaille, 6 st", 1_250),)),
    ),
    leftover=86,
    snapshots=(
        Snapshot(96, "planting", "Samen planten op het Molenpad"),
        Snapshot(88, "orchard", "Zes bomen op een rij, elk met een naam"),
    ),
    report=Report(
        84,
        46,
        "Alle zes bomen zijn aangeslagen. We plantten met 22 mensen, van 4 tot 81 jaar. "
        "De compost was goedkoper dan gedacht. Wat over was, is teruggegeven. "
        "Er is nu een groepje dat ook de rest van het pad wil vergroenen.",
    ),
)

CARGO_BIKE = Plan(
    key="cargo_bike",
    place=MOLENKWARTIER,
    initiator="gerrit",
    theme=Theme.REPAIR,
    title="Een bakfiets voor het hele Molenkwartier",
    summary="Zware boodschappen, een kast of drie kinderen: leen de bakfiets.",
    story=(
        "Niet iedereen heeft een auto. Een bakfiets is handig voor zware dingen, maar te duur voor één gezin.\n\n"
        "We kopen een goede tweedehands bakfiets. Hij staat in de berging van de Wiekstraat. "
        "Je reserveert hem op een lijst aan de deur. Lenen kost niets.\n\n"
        "Twee buren kunnen fietsen maken. Zij doen het onderhoud."
    ),
    lines=(
        PlannedLine("Tweedehands bakfiets", 52_500, supplier="Fietsenmaker Spaak"),
        PlannedLine("Slot en ketting", 5_900, supplier="Fietsenmaker Spaak"),
        PlannedLine("Sleutelkastje", 3_600),
    ),
    opened=70,
    lasts=75,
    fate=Fate.PROPOSED,
    waves=(Wave(1, 6_000, first=66, last=30), Wave(2, 5_000, first=20, last=5)),
    donations=(
        Donation(58, 10_000, "Fietsenmaker Spaak", "De eerste beurt is van ons."),
        Donation(41, 7_500, "Huurdersgroep Wiekstraat"),
        Donation(23, 5_000, "Familie Blom"),
        Donation(10, 3_000),
    ),
    news=(
        News(
            52,
            "Proefrit",
            "Gerrit reed met drie kinderen en een wasmachine door de wijk. Alles kwam heel aan.",
        ),
        News(4, "We kunnen kopen", "Het bedrag is binnen. De fietsenmaker houdt de bakfiets voor ons vast."),
    ),
    payout=2,
)

BOOKCASE = Plan(
    key="bookcase",
    place=MOLENKWARTIER,
    initiator="hatice",
    theme=Theme.REPAIR,
    title="Een ruilkast voor boeken en spelletjes",
    summary="Neem iets mee, zet iets neer.",
    story=(
        "Bij veel mensen liggen boeken en spelletjes waar niets meer mee gebeurt. "
        "In een kast op de hoek van de Wiekstraat krijgen ze een tweede leven.\n\n"
        "De kast heeft een dakje en deurtjes van glas. De onderste plank is voor kinderen. "
        "Hatice en haar dochter houden de kast netjes."
    ),
    lines=(
        PlannedLine("Kast van hout", 16_500, supplier="Houthandel Vonk"),
        PlannedLine("Dakje, glas en verf", 4_800),
        PlannedLine("Plaatsen", 4_000, BudgetLine.Category.WORK),
    ),
    opened=35,
    lasts=50,
    fate=Fate.COLLECTING,
    waves=(Wave(2, 11_250, first=20, last=1, minutes=(12, 160)),),
    donations=(
        Donation(28, 2_500, "Boekhandel Het Leesteken", "Wij leggen er elke maand een boek in."),
        Donation(15, 1_500),
        Donation(6, 1_000, "Stan, 9 jaar", "Van mijn zakgeld."),
    ),
    news=(
        News(
            18,
            "De kast is getekend",
            "Een buurman die timmerman was, maakte de tekening. Hij helpt ook met zagen.",
        ),
    ),
)

MUSIC = Plan(
    key="music",
    place=MOLENKWARTIER,
    initiator="gerrit",
    theme=Theme.MUSIC,
    title="Zaterdagmuziek in de binnentuin",
    summary="Drie kleine optredens van mensen uit de wijk.",
    story=(
        "In onze wijk wonen een accordeonist, een koor en twee jongens die rappen. Bijna niemand weet dat.\n\n"
        "Wij maken drie zaterdagmiddagen muziek in de tuin achter de Korenzolder. "
        "Neem een stoel mee. Om zes uur is het stil."
    ),
    lines=(
        PlannedLine("Geluid huren, drie keer", 14_000, BudgetLine.Category.HIRE),
        PlannedLine("Muzikanten", 22_500, BudgetLine.Category.WORK),
        PlannedLine("Limonade en koffie", 4_500, BudgetLine.Category.FOOD),
    ),
    opened=5,
    lasts=60,
    fate=Fate.COLLECTING,
)

PLANS = (ORCHARD, CARGO_BIKE, BOOKCASE, MUSIC)
