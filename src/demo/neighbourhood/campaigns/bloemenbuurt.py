"""Campaigns in the Bloemenbuurt."""

from campaigns.models import Theme
from campaigns.operations import PlannedLine
from demo.neighbourhood.campaigns.plan import Bill, Donation, Fate, News, Plan, Report, Snapshot, Wave
from demo.neighbourhood.places import BLOEMENBUURT

TOOLS = Plan(
    key="tools",
    place=BLOEMENBUURT,
    initiator="soraya",
    theme=Theme.REPAIR,
    title="Een gereedschapskast voor de Lavendelstraat",
    summary="Goed gereedschap dat iedereen uit de straat mag lenen.",
    story=(
        "Bijna niemand heeft een ladder of een goede boormachine. En wie er een heeft, gebruikt die twee keer per jaar.\n\n"
        "Wij zetten een stevige kast in de poort naast nummer 14. Daar ligt het gereedschap van ons samen. "
        "De sleutel zit in een kastje met een code. Die krijg je als je meedoet.\n\n"
        "Eens per maand klussen we een ochtend bij wie het zelf niet kan."
    ),
    lines=(
        PlannedLine("Afsluitbare buitenkast", 18_900, supplier="Bouwmarkt De Waal"),
        PlannedLine("Accuboormachine met boren", 12_950, supplier="Bouwmarkt De Waal"),
        PlannedLine("Ladder van 3 meter", 8_400, supplier="Bouwmarkt De Waal"),
        PlannedLine("Handgereedschap", 6_200, supplier="IJzerhandel Kok"),
        PlannedLine("Hangslot en sleutelkastje", 2_200, supplier="IJzerhandel Kok"),
    ),
    opened=164,
    lasts=50,
    fate=Fate.DONE,
    waves=(Wave(1, 26_650, first=150, last=129, at_desk=6),),
    donations=(
        Donation(145, 3_500, "IJzerhandel Kok", "Wij slijpen de zagen elk jaar gratis."),
        Donation(140, 4_000, "Familie Ramdin"),
        Donation(136, 2_000),
        Donation(130, 1_500, "Corrie", "Eindelijk weer een lamp die hangt."),
    ),
    news=(
        News(
            147,
            "De kast past in de poort",
            "We hebben alles nagemeten. De kast past precies, en de fietsen kunnen er nog langs.",
        ),
        News(
            126,
            "Het is gelukt",
            "Het hele bedrag is binnen. Dank je wel, buren. Nu wachten we op het geld, dan gaan we kopen.",
        ),
        News(
            105,
            "De kast staat",
            "Met vier buren hebben we de kast neergezet en vastgezet. Wil je lenen? Bel aan bij nummer 14.",
        ),
    ),
    payout=124,
    bills=(
        Bill(113, "Bouwmarkt De Waal", "Buitenkast", (("Buitenkast staal 180", 18_900),)),
        Bill(
            111,
            "Bouwmarkt De Waal",
            "Boormachine en ladder",
            (("Accuboor 18V + koffer", 9_995), ("Borenset 30-dlg", 2_195), ("Ladder alu 3 m", 8_400)),
        ),
        Bill(
            108,
            "IJzerhandel Kok",
            "Handgereedschap en sloten",
            (
                ("Hamers, 3 st", 1_785),
                ("Schroevendraaierset", 1_650),
                ("Waterpas 60 cm", 895),
                ("Zaag en tangen", 1_515),
                ("Hangslot", 845),
                ("Sleutelkastje", 1_150),
            ),
        ),
    ),
    leftover=100,
    snapshots=(
        Snapshot(105, "tool_cupboard", "De kast in de poort, met het eerste gereedschap erin"),
        Snapshot(98, "mending_morning", "De eerste klusochtend: een bank, een hek en drie fietsen"),
    ),
    report=Report(
        97,
        38,
        "De kast wordt elke week gebruikt. In de eerste maand is er 31 keer iets geleend, en alles kwam terug. "
        "De boormachine was in de aanbieding, daarom hielden we geld over. Dat is teruggegeven. "
        "Op de klusochtend hielpen we zes buren. De volgende is al gepland.",
    ),
)

BARRELS = Plan(
    key="barrels",
    place=BLOEMENBUURT,
    initiator="soraya",
    theme=Theme.GREEN,
    title="Regentonnen voor twaalf tuinen",
    summary="Water opvangen als het regent, en sproeien als het droog is.",
    story=(
        "Als het hard regent, staat de Korenbloemlaan blank. En als het lang droog is, verdorren de tuinen. "
        "Dat kan slimmer.\n\n"
        "Twaalf huizen krijgen een regenton aan de regenpijp. Het water gebruiken we voor de tuinen en voor de "
        "bakken op het Kamilleplein. We sluiten de tonnen samen aan, dat scheelt geld.\n\n"
        "Heb je een stoep in plaats van een tuin? Doe dan toch mee. Wij leggen je graag een slang aan."
    ),
    lines=(
        PlannedLine("12 regentonnen van 200 liter", 54_000, supplier="Tuincentrum Het Gieterke"),
        PlannedLine("12 vulautomaten", 15_000, supplier="Tuincentrum Het Gieterke"),
        PlannedLine("Slangen en kranen", 4_800, supplier="IJzerhandel Kok"),
    ),
    opened=40,
    lasts=66,
    fate=Fate.COLLECTING,
    waves=(Wave(2, 13_500, first=20, last=1, minutes=(38, 205), at_desk=4),),
    donations=(
        Donation(34, 6_000, "Tuincentrum Het Gieterke", "Fijn plan. Wij geven advies bij het aansluiten."),
        Donation(26, 2_500, "Nico en Bep"),
        Donation(14, 2_500),
        Donation(10, 1_500, "Faisal"),
        Donation(2, 1_000, "Nummer 27", "Mijn kelder is er blij mee."),
    ),
    news=(
        News(
            33,
            "De eerste twaalf adressen zijn bekend",
            "Er waren twintig huizen die mee wilden doen. We hebben geloot. De andere acht staan op een lijst.",
        ),
        News(
            12,
            "Oefenen met één ton",
            "Bij Faisal hebben we alvast een oude ton aangesloten. Na één bui was die vol. Kom gerust kijken.",
        ),
    ),
)

TABLES = Plan(
    key="tables",
    place=BLOEMENBUURT,
    initiator="kruidenrand",
    theme=Theme.TABLE,
    title="Drie picknicktafels op het Kamilleplein",
    summary="Samen buiten eten, spelen en huiswerk maken.",
    story=(
        "Het Kamilleplein is groot en leeg. Kinderen voetballen er, ouders staan langs de kant.\n\n"
        "Met drie tafels wordt het een plek om te blijven. Aan één tafel kan een rolstoel aanschuiven. "
        "De vereniging zet de tafels elk jaar in de olie.\n\n"
        "De gemeente heeft gekeken waar de tafels mogen staan. Dat is aan de kant van de lindes."
    ),
    lines=(
        PlannedLine("3 picknicktafels", 44_700, supplier="Houthandel Vonk"),
        PlannedLine("Ankers in de grond", 6_300, supplier="Houthandel Vonk"),
        PlannedLine("Olie en kwasten", 2_000, supplier="IJzerhandel Kok"),
    ),
    opened=45,
    lasts=60,
    fate=Fate.REACHED,
    waves=(Wave(2, 9_000, first=20, last=4, at_desk=3),),
    donations=(
        Donation(
            38, 12_000, "Houthandel Vonk", "De tafels leveren we in delen. Zelf in elkaar zetten is leuker."
        ),
        Donation(27, 5_000, "Wijkrestaurant De Lepel"),
        Donation(14, 3_000, "Oma Lies"),
        Donation(6, 2_000),
    ),
    news=(
        News(
            30,
            "Proef zitten",
            "Twintig buren zaten proef op drie soorten tafels. De tafel met de lage rand won.",
        ),
        News(
            3, "Genoeg voor drie tafels", "Het streefbedrag is gehaald. Zodra het geld er is, bestellen we."
        ),
    ),
)

POOL = Plan(
    key="pool",
    place=BLOEMENBUURT,
    initiator="soraya",
    theme=Theme.PLAY,
    title="Een zwembad op het Kamilleplein",
    summary="Een opzetbad voor warme dagen.",
    story="Op warme dagen kunnen de kinderen nergens heen. Wij willen een groot opzetbad van 90 centimeter diep op het plein.",
    lines=(
        PlannedLine("Opzetbad met pomp", 52_000),
        PlannedLine("Zeil, slangen en zonnetent", 12_000),
    ),
    opened=30,
    lasts=60,
    fate=Fate.REFUSED,
    refused=(
        "Wat een leuk idee voor warme dagen. Maar water van 90 centimeter diep is gevaarlijk zonder toezicht. "
        "Kunt u er een plan met ondiep water van maken, zoals een waterspeelplek? Jolanda denkt graag met u mee."
    ),
)

PLANS = (TOOLS, BARRELS, TABLES, POOL)
