"""Pictures add up: no part is lost to rounding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.look.widths import HUNDREDTHS, NegativePart, percent, shares, slices

weights = st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=12)


@given(st.integers(min_value=0, max_value=10**6), weights)
def test_shares_always_sum_to_the_whole(length: int, parts: list[int]) -> None:
    assert sum(shares(length, parts)) == (length if sum(parts) else 0)


@given(st.integers(min_value=0, max_value=10**6), weights)
def test_no_share_is_a_whole_unit_off(length: int, parts: list[int]) -> None:
    total = sum(parts)
    for share, part in zip(shares(length, parts), parts, strict=True):
        assert abs(share * total - length * part) < max(total, 1)


def test_the_largest_remainder_gets_the_unit_that_is_left() -> None:
    assert shares(10, [1, 1, 1]) == (4, 3, 3)
    assert shares(100, [652_50, 265_00, 265_00, 297_50]) == (44, 18, 18, 20)


def test_a_negative_part_is_refused() -> None:
    with pytest.raises(NegativePart):
        shares(100, [5, -1])


def test_a_length_is_written_with_a_point_whatever_the_language() -> None:
    assert percent(4409) == "44.09%"
    assert percent(HUNDREDTHS) == "100.00%"


def test_pieces_lie_side_by_side_and_nothing_is_left_out_but_nothing() -> None:
    pieces = slices(["cheque", "gift", "grant"], [50, 0, 25], whole=100)
    assert [(piece.fill, piece.x, piece.end) for piece in pieces] == [
        ("cheque", "0.00%", "50.00%"),
        ("grant", "50.00%", "75.00%"),
    ]
