"""Made-up data for the page of components (`/onderdelen/`, only with DEBUG): every part in every state."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator

from web.look.badges import BADGES
from web.look.cards import ChainStep, ChequeCard, ReceiptCard, ReceiptGroup, ReceiptLine
from web.look.flow import Flow, FlowOrigin, Stream
from web.look.house import Look
from web.look.icons import LINES, PICTURES
from web.look.origins import NAMES, PATTERNS, Origin
from web.look.pot import Part, PotBar
from web.look.scene import THEMES
from web.look.stages import RowBar, RowPart, Stage, StageBar
from web.look.widgets import AmountInput, ChequeCodeInput, DateInput, PickOne


class SampleForm(forms.Form):
    """A field of every kind."""

    code = forms.CharField(
        label="Activeringscode",
        help_text="De code staat op uw brief. Het zijn 4 groepjes van 4 tekens.",
        widget=ChequeCodeInput,
    )
    amount = forms.CharField(label="Hoeveel geeft u?", widget=AmountInput)
    pick = forms.ChoiceField(
        label="Met eigen geld", choices=[("500", "€ 5"), ("1000", "€ 10"), ("2500", "€ 25")], widget=PickOne
    )
    kind = forms.ChoiceField(
        label="Wie begint het initiatief?",
        choices=[("person", "Ikzelf"), ("group", "Een groep buren"), ("body", "Een vereniging of stichting")],
        widget=forms.RadioSelect,
    )
    place = forms.ChoiceField(
        label="Buurt", choices=[("", "Kies een buurt"), ("b", "Bloemenbuurt"), ("h", "Havenkwartier")]
    )
    starts_on = forms.DateField(label="Wanneer begint u?", widget=DateInput)
    story = forms.CharField(label="Wat gaat u doen?", widget=forms.Textarea({"rows": 4}), required=False)
    receipt = forms.FileField(label="Foto van de bon", help_text="JPG, PNG of PDF, tot 10 MB.")
    agreed = forms.BooleanField(label="De buren weten ervan")

    def clean_code(self) -> str:
        raise forms.ValidationError("Er zit een typfout in de code. Kijk vooral naar het derde groepje.")


BENCH = PotBar(
    target_cents=148000,
    parts=(
        Part(Origin.CHEQUE, 65250, "87 buurtcheques van bewoners"),
        Part(Origin.GIFT, 26500, "14 donaties van buren en winkels"),
        Part(Origin.GRANT, 26500, "Gemeente Oeverdam legt bij"),
    ),
    times_given=101,
)
FULL = PotBar(166500, (Part(Origin.CHEQUE, 82500), Part(Origin.GIFT, 47500), Part(Origin.GRANT, 36500)), 129)
OVER = PotBar(50000, (Part(Origin.CHEQUE, 42000), Part(Origin.FUND, 12000)), 57)
EMPTY = PotBar(62000, (), 0)

CHAIN = (
    ChainStep(
        "house", "Woonstichting De Klinker betaalt", "In 2026 gaf De Klinker € 84.000,00 voor alle buurten."
    ),
    ChainStep("cheque", "U hebt een cheque van € 7,50", "De brief is van u. U hoeft geen account te maken."),
    ChainStep("pot", "Straks in de pot van een initiatief", "U kiest welk initiatief.", done=False),
    ChainStep(
        "receipt-empty",
        "Daarna ziet u wat er is gekocht",
        "Van elke bon ziet u de winkel, de datum en het bedrag.",
        done=False,
    ),
)

CHEQUE = ChequeCard(750, "oktober 2026", date(2027, 6, 30), "Woonstichting De Klinker", "de Bloemenbuurt")

RECEIPT = ReceiptCard(
    title="Waar het geld is gebleven",
    groups=(
        ReceiptGroup(
            "Betaald aan",
            (
                ReceiptLine("Tegelhandel Van Rijn", 51240, "Bon van 14 juli"),
                ReceiptLine("Schaakstukken, 32 stuks", 31890, "Bon van 16 juli"),
                ReceiptLine("Kist om ze op te bergen", 11000, "Bon van 21 juli"),
            ),
            "Uitgegeven met bon",
        ),
        ReceiptGroup(
            "Over, teruggegeven aan",
            (
                ReceiptLine("De Klinker", 1344, origin=Origin.CHEQUE),
                ReceiptLine("Buurtpot Bloemenbuurt", 292, origin=Origin.GIFT),
                ReceiptLine("Gemeente Oeverdam", 234, origin=Origin.GRANT),
            ),
            "Samen teruggegeven",
        ),
    ),
    closing="Precies wat er in de pot zat.",
)

BUDGET = StageBar(
    (
        Stage(1, "Nog niet uitgegeven", 3369000),
        Stage(2, "Bij bewoners, niet actief", 1887000),
        Stage(3, "Bewaard door bewoners", 421500),
        Stage(4, "In potten van initiatieven", 791250),
        Stage(5, "Uitbetaling onderweg", 129750),
        Stage(6, "Uitbetaald", 1801500),
    )
)

DISTRICTS = (("Molenkwartier", 402, 119, 719), ("Havenkwartier", 214, 87, 559), ("Zuidrand", 131, 67, 597))

FLOW = Flow(
    title="Geldstroom van de Bloemenbuurt",
    origins=(
        FlowOrigin(Origin.CHEQUE), FlowOrigin(Origin.GIFT), FlowOrigin(Origin.GRANT, "Gemeente Oeverdam"),
    ),
    pots=("Bank en bloembakken", "Winterlichtjes", "Moestuin", "Voetbaldoeltjes", "Buitenschaak"),
    ends=("Nog in de pot", "Uitgegeven, met bon", "Uitbetaald, bon volgt", "Over, teruggegeven"),
    streams=(
        Stream(0, 0, 0, 65250), Stream(1, 0, 0, 26500), Stream(2, 0, 0, 26500),
        Stream(0, 1, 0, 30750), Stream(1, 1, 0, 8400),
        Stream(0, 2, 1, 129724), Stream(1, 2, 1, 59905), Stream(2, 2, 1, 42186),
        Stream(0, 2, 2, 24026), Stream(1, 2, 2, 11095), Stream(2, 2, 2, 7814),
        Stream(0, 3, 1, 82500), Stream(1, 3, 1, 47500), Stream(2, 3, 1, 36500),
        Stream(0, 4, 1, 67656), Stream(1, 4, 1, 14708), Stream(2, 4, 1, 11766),
        Stream(0, 4, 3, 1344), Stream(1, 4, 3, 292), Stream(2, 4, 3, 234),
    ),
)  # fmt: skip


def components() -> dict[str, Any]:
    """The context of `web/components.html`."""
    wrong = {"code": "7KQ4 M2XP 8TRW 3HNA", "amount": "7,50", "pick": "1000", "kind": "group", "place": "b"}
    return {
        "look": Look(organisation_name="Woonstichting De Klinker", helpline="0800 000 00 00"),
        "pots": (("Spaart", BENCH), ("Vol", FULL), ("Meer dan het doel", OVER), ("Leeg", EMPTY)),
        "bench": BENCH,
        "empty_pot": EMPTY,
        "origins": [(origin.value, NAMES[origin], PATTERNS[origin]) for origin in Origin],
        "states": list(BADGES),
        "form": SampleForm(wrong),
        "fresh_form": SampleForm(prefix="fresh"),
        "chain_steps": CHAIN,
        "cheque": CHEQUE,
        "receipt": RECEIPT,
        "budget": BUDGET,
        "rows": [_district(*row) for row in DISTRICTS],
        "flow_data": FLOW,
        "page_of_many": Paginator(range(95), 20).page(2),
        "stepper_words": ("Uw idee", "Begroting", "Wie doet mee", "Versturen"),
        "lines": sorted(LINES),
        "pictures": sorted(PICTURES),
        "themes": list(THEMES),
    }


def _district(name: str, given: int, saved: int, inactive: int) -> dict[str, Any]:
    parts = (
        RowPart(4, "gegeven", given),
        RowPart(3, "bewaard", saved),
        RowPart(2, "niet geactiveerd", inactive),
    )
    longest = max(sum(row[1:]) for row in DISTRICTS)
    return {
        "name": name,
        "bar": RowBar(parts, longest),
        "sent": given + saved + inactive,
        "given": given,
        "saved": saved,
    }
