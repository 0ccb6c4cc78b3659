"""Drawings are the same for everyone who looks, and differ from campaign to campaign."""

import pytest
from lxml import etree

from web.look import scene
from web.look.drawings.people import neighbours
from web.look.drawings.vocabulary import Dice


@pytest.mark.parametrize("theme", scene.THEMES)
def test_a_scene_is_well_formed_without_styles_or_ids(theme: str) -> None:
    for seed in range(12):
        drawn = scene.shapes(theme, seed)
        root = etree.fromstring(f"<svg>{drawn}</svg>")
        assert {element.tag for element in root.iter()} <= {"svg", "g", "path", "rect", "circle"}
        assert not any({"style", "id", "href"} & set(element.attrib) for element in root.iter())


@pytest.mark.parametrize("theme", scene.THEMES)
def test_the_same_campaign_always_has_the_same_drawing(theme: str) -> None:
    assert scene.shapes(theme, 7) == scene.shapes(theme, 7)
    assert len({scene.shapes(theme, seed) for seed in range(8)}) == 8


def test_a_drawing_keeps_looking_the_same_after_an_upgrade() -> None:
    assert [Dice("bench 1").roll(100), Dice("bench 2").roll(100)] == [64, 13]


def test_neighbours_on_one_drawing_differ_in_skin_and_clothes() -> None:
    for seed in range(20):
        people = neighbours(Dice(str(seed)), 6)
        assert len({person.skin for person in people}) == 6
        assert len({person.top for person in people}) == 6
        assert len({person.style for person in people}) == 6


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(scene.UnknownTheme):
        scene.shapes("vliegveld", 1)
