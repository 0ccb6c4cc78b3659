"""The tags: every part renders, names what it shows, and obeys the content security policy."""

import re
from pathlib import Path

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from lxml import etree

from people.colours import contrast_with_white
from web.look import samples
from web.look.badges import BADGES, UnknownState
from web.look.house import BrandTooLight, HouseColours, NotAColour
from web.look.icons import LINES, PICTURES, UnknownIcon

WEB = Path(__file__).parents[3] / "src" / "web"


def rendered(source: str, **context: object) -> str:
    with translation.override("nl"):
        return Template("{% load look %}" + source).render(Context(context))


def test_the_page_of_components_carries_no_inline_style_or_script() -> None:
    with translation.override("nl"):
        html = render_to_string("web/components.html", samples.components())
    assert not re.search(r"<style|<script|\sstyle=|\son[a-z]+=", html)
    assert html.count("<h1") == 1


def test_the_sprite_holds_exactly_the_icons_that_have_a_name() -> None:
    sprite = etree.parse(WEB / "static/web/drawings/icons.svg")
    drawn = {symbol.get("id") for symbol in sprite.iter("{http://www.w3.org/2000/svg}symbol")}
    assert drawn == LINES | PICTURES


def test_an_icon_with_a_typing_error_is_refused() -> None:
    with pytest.raises(UnknownIcon):
        rendered('{% icon "pott" %}')


def test_every_state_has_an_icon_that_exists_and_a_word_of_its_own_tone() -> None:
    for state, badge in BADGES.items():
        assert badge.icon in LINES, state
        assert badge.tone in {"info", "ok", "wait", "bad", "plain"}, state


def test_a_state_that_is_not_on_the_list_is_refused() -> None:
    with pytest.raises(UnknownState):
        rendered('{% badge "almost_done" %}')


def test_a_field_with_an_error_is_tied_to_its_hint_and_its_error_and_keeps_what_was_typed() -> None:
    html = rendered("{% field form.code %}", form=samples.SampleForm({"code": "7KQ4 M2XP"}))
    assert 'aria-describedby="id_code_hint id_code_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="7KQ4 M2XP"' in html
    assert (
        html.index("<label")
        < html.index("id_code_hint")
        < html.index('id="id_code_error"')
        < html.index("<input")
    )


def test_a_field_without_an_error_is_not_marked() -> None:
    html = rendered("{% field form.code %}", form=samples.SampleForm())
    assert "aria-invalid" not in html
    assert "field-wrong" not in html


def test_the_error_summary_links_to_each_wrong_control() -> None:
    form = samples.SampleForm({"code": "x"})
    html = rendered("{% error_summary form %}", form=form)
    targets = re.findall(r'href="#([^"]+)"', html)
    page = rendered("{% for bound in form %}{% field bound %}{% endfor %}", form=form)
    assert targets
    assert all(f'id="{target}"' in page for target in targets)


def test_the_error_summary_puts_a_colon_after_a_label_and_none_after_a_question() -> None:
    html = rendered("{% error_summary form %}", form=samples.SampleForm({}))
    assert "Hoeveel geeft u? " in html
    assert "Buurt: " in html
    assert "?:" not in html


def test_a_field_that_may_stay_empty_says_so_unless_it_is_needed_sometimes() -> None:
    may_stay_empty = "(mag leeg blijven)"
    form = samples.SampleForm()
    assert may_stay_empty in rendered("{% field form.story %}", form=form)
    assert may_stay_empty not in rendered("{% field form.story sometimes_needed=True %}", form=form)
    assert may_stay_empty not in rendered("{% field form.code %}", form=form)


def test_an_account_number_stands_in_groups_as_on_paper() -> None:
    assert rendered("{{ iban|groups_of_four }}", iban="NL91ABNA0417164300") == "NL91 ABNA 0417 1643 00"


def test_a_form_that_was_not_sent_has_no_summary() -> None:
    assert rendered("{% error_summary form %}", form=samples.SampleForm()).strip() == ""


def test_a_message_says_first_what_happened_and_then_what_to_do() -> None:
    message = Message(constants.ERROR, "Deze cheque is verlopen\nUw volgende cheque komt in december.")
    html = rendered("{% message_notice message %}", message=message)
    assert "notice-bad" in html
    told = re.findall(r"<p[^>]*>([^<]*)</p>", html)
    assert told == ["Deze cheque is verlopen", "Uw volgende cheque komt in december."]


def test_what_a_person_typed_is_escaped() -> None:
    html = rendered('{% notice "info" title %}', title="<script>alert(1)</script>")
    assert "<script>" not in html


def test_the_receipt_adds_up_to_what_was_in_the_pot() -> None:
    html = rendered("{% receipt_card card %}", card=samples.RECEIPT).replace("\u00a0", " ")
    assert "€ 941,30 + € 18,70 = € 960,00" in html


def test_the_line_of_the_chain_is_solid_only_between_steps_that_happened() -> None:
    html = rendered("{% chain steps %}", steps=samples.CHAIN)
    assert html.count("chain-done") == 2
    assert html.count("chain-to-come") == 2
    assert html.count("chain-solid") == 1


def test_turning_the_page_keeps_the_search() -> None:
    request = RequestFactory().get("/?q=bank&page=2")
    html = rendered("{% pagination page %}", page=samples.components()["page_of_many"], request=request)
    assert "?q=bank&amp;page=1" in html
    assert "?q=bank&amp;page=3" in html


def test_a_brand_that_cannot_be_read_on_white_is_refused() -> None:
    with pytest.raises(BrandTooLight) as refused:
        HouseColours(brand="#E4572E", brand_strong="#431437", brand_tint="#F6EBF2", page="#F7F5F8")
    assert refused.value.contrast < 7
    assert round(contrast_with_white("#5A1E4A"), 1) == 12.2


def test_a_house_colour_cannot_carry_other_css() -> None:
    with pytest.raises(NotAColour):
        HouseColours(brand="#5A1E4A;}", brand_strong="#431437", brand_tint="#F6EBF2", page="#F7F5F8")


def test_the_stylesheet_of_an_organisation_holds_only_house_tokens() -> None:
    css = HouseColours(
        brand="#0B4A5E", brand_strong="#07323F", brand_tint="#E4F1F4", page="#F4F7F7", corner=4
    ).stylesheet()
    assert set(re.findall(r"--([a-z-]+):", css)) == {
        "brand", "brand-strong", "brand-tint", "on-brand", "page", "radius-s", "radius-m", "radius-l",
    }  # fmt: skip
