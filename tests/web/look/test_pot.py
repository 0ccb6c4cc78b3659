"""The pot of Fatma and Henk's bench, drawn and told."""

from django.template.loader import render_to_string
from django.utils import translation
from lxml import etree

from web.look.origins import Origin
from web.look.pot import Part, PotBar
from web.look.samples import BENCH, EMPTY, FULL, OVER


def nbsp(text: str) -> str:
    return text.replace("€ ", "€\u00a0")


def test_the_text_twin_says_what_the_drawing_says() -> None:
    with translation.override("nl"):
        assert BENCH.text_twin == nbsp(
            "Pot: € 1.182,50 van € 1.480,00. 87 buurtcheques van bewoners € 652,50,"
            " 14 donaties van buren en winkels € 265,00,"
            " Gemeente Oeverdam legt bij € 265,00. Nog € 297,50 nodig."
        )


def test_an_empty_pot_says_so() -> None:
    with translation.override("nl"):
        assert EMPTY.text_twin == nbsp("Pot: nog leeg. Het doel is € 620,00.")
        assert EMPTY.standing_text == "wees de eerste"
    assert EMPTY.slices == ()


def test_a_full_pot_is_filled_to_the_wall_and_needs_no_mark() -> None:
    assert FULL.slices[-1].end == "100.00%"
    assert FULL.target_mark == ""


def test_a_pot_over_its_target_shows_where_the_target_was() -> None:
    assert OVER.over_cents == 4000
    assert OVER.target_mark == "92.59%"
    assert OVER.slices[-1].end == "100.00%"


def test_an_origin_that_gave_nothing_is_not_listed() -> None:
    pot = PotBar(10000, (Part(Origin.CHEQUE, 750), Part(Origin.GIFT, 0)), times_given=1)
    assert [part.origin for part in pot.keys] == [Origin.CHEQUE]


def test_the_drawing_is_well_formed_and_has_no_style_of_its_own() -> None:
    for size in ("small", "large"):
        for bar in (BENCH, FULL, OVER, EMPTY):
            html = render_to_string(
                "web/look/pot.html", {"bar": bar, "size": size, "keys": True, "caption": True}
            )
            etree.fromstring(html)
            assert "style=" not in html
