"""What comes in is what the pots hold is where it is now, in the numbers and in the picture."""

from dataclasses import replace

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from web.look.flow import MOST_POTS, Flow, FlowOrigin, Stream
from web.look.flow_picture import BAR, END_X, ORIGIN_X, RIBBONS_HEIGHT, flow_picture
from web.look.origins import Origin
from web.look.samples import FLOW

ORIGINS = (FlowOrigin(Origin.CHEQUE), FlowOrigin(Origin.GIFT), FlowOrigin(Origin.GRANT, "Gemeente Oeverdam"))

streams = st.lists(
    st.builds(
        Stream,
        origin=st.integers(0, 2),
        pot=st.integers(0, 8),
        end=st.integers(0, 3),
        cents=st.integers(1, 10_000_000),
    ),
    min_size=1,
    max_size=40,
)


def flow_of(several: list[Stream]) -> Flow:
    return Flow("Proef", ORIGINS, tuple(f"Pot {at}" for at in range(9)), ("a", "b", "c", "d"), tuple(several))


@given(streams)
def test_every_column_adds_up_to_the_whole(several: list[Stream]) -> None:
    flow = flow_of(several)
    whole = flow.total_cents
    assert sum(flow.origin_cents(at) for at in range(3)) == whole
    assert sum(flow.pot_cents(at) for at in range(9)) == whole
    assert sum(flow.end_cents(at) for at in range(4)) == whole
    assert sum(flow.cell_cents(origin, end) for origin in range(3) for end in range(4)) == whole


@given(streams)
def test_folding_keeps_every_euro_and_at_most_six_pots(several: list[Stream]) -> None:
    flow = flow_of(several)
    folded = flow.folded()
    assert len(folded.pots) == MOST_POTS
    assert folded.total_cents == flow.total_cents
    by_size = sorted((flow.pot_cents(at) for at in range(9)), reverse=True)
    assert sorted((folded.pot_cents(at) for at in range(5)), reverse=True) == by_size[:5]
    assert folded.pot_cents(5) == sum(by_size[5:])


@given(streams)
def test_the_bars_left_and_right_are_drawn_equally_long(several: list[Stream]) -> None:
    picture = flow_picture(flow_of(several))
    for x in (ORIGIN_X, END_X):
        filled = [box for box in picture.wide.bars if box.x == f"{x // 10}.0" and box.fill]
        assert sum(tenths(box.height) for box in filled) == RIBBONS_HEIGHT
        assert all(box.width == f"{BAR // 10}.0" for box in filled)


def test_the_amounts_of_the_bloemenbuurt_are_those_of_the_table() -> None:
    assert [FLOW.origin_cents(at) for at in range(3)] == [401250, 168400, 125000]
    assert [FLOW.pot_cents(at) for at in range(5)] == [118250, 39150, 274750, 166500, 96000]
    assert [FLOW.end_cents(at) for at in range(4)] == [157400, 492445, 42935, 1870]
    assert FLOW.folded() is FLOW


def test_the_rest_of_the_pots_is_named_after_how_many_they_are() -> None:
    many = replace(
        FLOW,
        pots=tuple(f"Pot {at}" for at in range(8)),
        streams=tuple(Stream(0, at, 0, 100 * (at + 1)) for at in range(8)),
    )
    with translation.override("nl"):
        folded = many.folded()
    assert folded.pots == ("Pot 3", "Pot 4", "Pot 5", "Pot 6", "Pot 7", "3 andere")
    assert folded.pot_cents(5) == 100 + 200 + 300


def test_a_long_name_stands_on_two_lines_where_its_pot_is_high_enough() -> None:
    name = "Een nieuwe bank op het Irisplein"
    two = Flow(
        "Proef",
        ORIGINS,
        (name, name),
        ("a",),
        (Stream(0, 0, 0, 1_000_000), Stream(0, 1, 0, 1)),
    )
    high, low = flow_picture(two).wide.pots
    assert [line.words for line in high.label.lines] == ["Een nieuwe bank op het", "Irisplein"]
    assert [line.words for line in low.label.lines] == ["Een nieuwe bank op het…"]


def tenths(length: str) -> int:
    return int(length.replace(".", ""))
