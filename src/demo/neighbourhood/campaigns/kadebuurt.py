"""Campaigns in the Kadebuurt."""

from campaigns.models import BudgetLine, Theme
from campaigns.operations import PlannedLine
from demo.neighbourhood.campaigns.plan import Bill, Donation, Fate, News, Plan, Report, Snapshot, Wave
from demo.neighbourhood.places import KADEBUURT

TABLE_TENNIS = Plan(
    key="table_tennis",
    place=KADEBUURT,
    initiator="aylin",
    theme=Theme.PLAY,
    title="Een tafeltennistafel op het Sluisplein",
    summary="Een tafel die buiten mag blijven staan, voor jong en oud.",
    story=(
        "Op het Sluisplein kun je alleen voetballen. Wie dat niet wil, blijft binnen.\n\n"
        "Een tafeltennistafel kan iedereen gebruiken, ook als je 70 bent. "
        "De batjes liggen bij de sigarenwinkel. Die zijn gratis te leen.\n\n"
        "Er komen tegels onder, zodat de tafel recht staat."
    ),
    lines=(
        PlannedLine("Tafel voor buiten", 42_900, supplier="Sporthuis De Smash"),
        PlannedLine("Batjes en ballen", 6_600, supplier="Sporthuis De Smash"),
        PlannedLine("Tegels en zand", 9_500, supplier="Steenhandel Maas"),
    ),
    opened=163,
    lasts=52,
    fate=Fate.DONE,
    waves=(Wave(1, 21_000, first=150, last=122, at_desk=3),),
    donations=(
        Donation(146, 7_500, "Sporthuis De Smash", "Met korting op de tafel erbij."),
        Donation(138, 5_000, "Sigarenwinkel Van Ee"),
        Donation(133, 2_500, "Mo en zijn vrienden", "Van de lege flessen."),
        Donation(129, 2_500),
        Donation(121, 1_500, "Tante Ria"),
    ),
    news=(
        News(143, "De plek ligt vast", "De tafel komt bij de bomen. Daar waait het minder hard."),
        News(
            104,
            "De eerste wedstrijd",
            "Aylin tegen de sigarenboer. Hij won, en dat vertelt hij nog steeds aan iedereen.",
        ),
    ),
    payout=117,
    bills=(
        Bill(107, "Sporthuis De Smash", "Tafel", (("Tafel outdoor weervast", 39_900), ("Bezorgen", 2_600))),
        Bill(
            106, "Sporthuis De Smash", "Batjes en ballen", (("Batje, 8 st", 5_600), ("Ballen, 36 st", 1_225))
        ),
        Bill(
            103, "Steenhandel Maas", "Tegels en zand", (("Tegel 30x30, 44 st", 7_480), ("Straatzand", 2_020))
        ),
    ),
    snapshots=(
        Snapshot(104, "table_tennis", "De tafel op het Sluisplein"),
        Snapshot(92, "tournament", "Het eerste toernooi: 26 spelers, van 8 tot 74 jaar"),
    ),
    report=Report(
        90,
        60,
        "De tafel staat er en wordt elke dag gebruikt. Bij het eerste toernooi deden 26 mensen mee. "
        "Elke bon staat op deze pagina en al het geld is op. "
        "Het mooiste vinden wij dat ouderen en jongeren nu samen spelen.",
    ),
)

MURAL = Plan(
    key="mural",
    place=KADEBUURT,
    initiator="wilma",
    theme=Theme.MUSIC,
    title="Een muurschildering op de Loodskade",
    summary="Een grijze muur wordt een verhaal over de haven.",
    story=(
        "De muur van de oude loods is lang en grijs. Jongeren uit de buurt maakten met een kunstenaar een tekening. "
        "Daarop zie je de haven van vroeger en de mensen van nu.\n\n"
        "De Klinker vindt het goed dat wij de muur schilderen. Iedereen mag een stukje doen. "
        "Voor het hoge deel huren we een hoogwerker."
    ),
    lines=(
        PlannedLine("Muurverf", 18_600, supplier="Verfwinkel Okido"),
        PlannedLine("Hoogwerker, 1 dag", 14_500, BudgetLine.Category.HIRE, "Verhuur Lift Op"),
        PlannedLine("Ontwerp met jongeren", 15_000, BudgetLine.Category.WORK),
        PlannedLine("Kwasten en afdekzeil", 3_900),
    ),
    opened=125,
    lasts=95,
    fate=Fate.PAID,
    waves=(Wave(1, 12_000, first=118, last=55),),
    donations=(
        Donation(105, 10_000, "Rederij De Reiger", "Ons schip staat erop. Dat is een eer."),
        Donation(88, 5_000, "Jongerencentrum Kade 3"),
        Donation(66, 3_000),
        Donation(52, 2_000, "Wim, oud-havenman", "Vergeet de meeuwen niet."),
    ),
    news=(
        News(
            98,
            "Het ontwerp is klaar",
            "Veertien jongeren werkten eraan mee. Je kunt de tekening bekijken in de etalage van Kade 3.",
        ),
        News(
            29, "De eerste lijnen staan", "De muur is schoon en wit. De lijnen staan erop. Nu komt de kleur."
        ),
    ),
    payout=44,
    bills=(
        Bill(
            33,
            "Verfwinkel Okido",
            "Muurverf",
            (("Gevelverf wit 10 l, 2 st", 9_590), ("Gevelverf kleur, 9 st", 8_555)),
        ),
        Bill(
            24,
            "Verhuur Lift Op",
            "Hoogwerker",
            (("Hoogwerker 12 m, 1 dag", 14_500),),
            refused="Op de foto is het bedrag niet te lezen. Wilt u een nieuwe foto maken, recht van boven?",
        ),
        Bill(
            3, "Verhuur Lift Op", "Hoogwerker, nieuwe foto", (("Hoogwerker 12 m, 1 dag", 14_500),), waits=True
        ),
    ),
    snapshots=(Snapshot(28, "mural", "De eerste kleur op de muur van de loods"),),
)

LIGHT = Plan(
    key="light",
    place=KADEBUURT,
    initiator="aylin",
    theme=Theme.LIGHT,
    title="Licht in de Ankersteeg",
    summary="Lampen op zonlicht, zodat de steeg ook laat op de avond fijn is.",
    story=(
        "De Ankersteeg is de kortste weg naar de bus. In het donker loopt iedereen liever om.\n\n"
        "Wij hangen acht lampen op die overdag opladen. Ze gaan aan als er iemand loopt. "
        "Zo heeft niemand last van licht in de slaapkamer."
    ),
    lines=(
        PlannedLine("8 zonnelampen", 21_200, supplier="Elektro Volt"),
        PlannedLine("Bewegingsmelders", 6_200, supplier="Elektro Volt"),
        PlannedLine("Beugels en schroeven", 4_600),
    ),
    opened=72,
    lasts=80,
    fate=Fate.SENT,
    waves=(Wave(1, 5_250, first=68, last=34), Wave(2, 4_750, first=20, last=9)),
    donations=(
        Donation(63, 6_000, "Elektro Volt"),
        Donation(36, 3_000, "Nachtzuster Els", "Dan durf ik weer door de steeg."),
        Donation(10, 2_000),
    ),
    news=(
        News(47, "Alle bewoners zijn het eens", "We gingen langs alle 18 deuren. Iedereen wil de lampen."),
    ),
    payout=6,
)

CART = Plan(
    key="cart",
    place=KADEBUURT,
    initiator="wilma",
    theme=Theme.CLEAN,
    title="Een opruimkar voor de kade",
    summary="Grijpers, handschoenen en zakken op wielen.",
    story=(
        "Na elk weekend ligt er afval op de kade, en de wind blaast het in het water.\n\n"
        "Met een kar vol spullen kan elke buur meteen beginnen. De kar staat bij de sluis. "
        "Scholen mogen hem ook gebruiken. De gemeente haalt de volle zakken op."
    ),
    lines=(
        PlannedLine("Kar met deksel", 14_900),
        PlannedLine("20 grijpers, groot en klein", 13_800),
        PlannedLine("Handschoenen en hesjes", 7_600),
    ),
    opened=24,
    lasts=58,
    fate=Fate.COLLECTING,
    waves=(Wave(2, 6_000, first=18, last=1),),
    donations=(Donation(11, 2_000, "Roeivereniging De Dol"),),
    news=(
        News(
            15,
            "Eén uur, negen zakken",
            "We begonnen alvast met eigen spullen. In een uur haalden we negen zakken op.",
        ),
    ),
)

CLIMBING_WALL = Plan(
    key="climbing_wall",
    place=KADEBUURT,
    initiator="aylin",
    theme=Theme.PLAY,
    title="Een klimwand aan de flat",
    summary="Klimmen tegen de blinde muur van de Loodskade.",
    story=(
        "De zijkant van de flat heeft geen ramen. Wij willen er een klimwand van drie meter hoog tegenaan, "
        "met zachte tegels eronder. Een bedrijf bouwt hem en keurt hem elk jaar."
    ),
    lines=(
        PlannedLine("Klimwand met grepen", 128_000, BudgetLine.Category.WORK),
        PlannedLine("Zachte tegels", 57_000),
    ),
    opened=153,
    lasts=78,
    fate=Fate.FAILED,
    waves=(Wave(1, 5_250, first=140, last=85),),
    donations=(Donation(139, 4_000, "Familie De Rooij"), Donation(123, 2_000)),
    news=(
        News(
            100,
            "Het gaat langzaam",
            "We zijn nog lang niet bij het streefbedrag. Ken jij een bedrijf dat wil helpen?",
        ),
    ),
)

NEWSPAPER = Plan(
    key="newspaper",
    place=KADEBUURT,
    initiator="aylin",
    theme=Theme.MUSIC,
    title="Buurtkrant De Kade",
    summary="Vier keer per jaar nieuws van de buurt in elke bus.",
    story="Veel buren lezen geen berichten op hun telefoon. Een krantje op papier bereikt iedereen.",
    lines=(
        PlannedLine("Drukwerk, vier nummers", 16_000, supplier="Drukkerij Letterkast"),
        PlannedLine("Papier en inkt voor proeven", 3_500),
    ),
    opened=1,
    lasts=60,
    fate=Fate.DRAFT,
)

PLANS = (TABLE_TENNIS, MURAL, LIGHT, CART, CLIMBING_WALL, NEWSPAPER)
