"""Amounts as people type them, and splits that lose no cent."""

from decimal import Decimal

import pytest
from djmoney.money import Money
from hypothesis import given
from hypothesis import strategies as st

from common.money import NotAnAmount, cents_of, money, split

CENTS = st.integers(0, 99_999_999_999)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("7,50", 750),
        ("7.50", 750),
        ("7,5", 750),
        ("7.5", 750),
        ("7", 700),
        ("0", 0),
        ("0,01", 1),
        ("007,50", 750),
        ("€7,50", 750),
        ("€ 7,50", 750),
        ("€\u00a07,50", 750),
        ("€\u202f7,50", 750),
        ("  7,50\n", 750),
        ("12,-", 1_200),
        ("12,--", 1_200),
        ("1.234", 123_400),
        ("1.234,5", 123_450),
        ("1.234,50", 123_450),
        ("1.234.567,89", 123_456_789),
        ("1234,50", 123_450),
        ("1234.50", 123_450),
        ("999999999,99", 99_999_999_999),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, cents: int) -> None:
    assert cents_of(typed) == cents


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "€",
        "zeven",
        "-7,50",
        "−7,50",
        "+7,50",
        "7,505",
        "7,",
        ",50",
        "7,50 euro",
        "7 50",
        "1,234.50",
        "1.23.456",
        "12.34,50",
        "1e3",
        "7_50",
        "0x10",
        "nan",
        "€€7",
        "$7,50",
        "7,50\x00",
        "1" * 10,
        "1" * 5_000,
    ],
)
def test_what_is_no_amount_is_refused_with_what_was_typed(typed: str) -> None:
    with pytest.raises(NotAnAmount) as refused:
        cents_of(typed)
    assert refused.value.text == typed


@given(CENTS)
def test_every_amount_is_read_back_however_it_is_written(cents: int) -> None:
    euros, rest = divmod(cents, 100)
    grouped = f"{euros:,}".replace(",", ".")
    for written in (
        f"{euros},{rest:02}",
        f"{euros}.{rest:02}",
        f"{grouped},{rest:02}",
        f"€ {grouped},{rest:02}",
    ):
        assert cents_of(written) == cents


@given(st.text(alphabet="0123456789.,-€ \u00a0", max_size=20))
def test_whatever_is_typed_is_an_amount_of_nothing_or_more_or_is_refused(typed: str) -> None:
    try:
        cents = cents_of(typed)
    except NotAnAmount:
        return
    assert 0 <= cents < 10**14


@given(st.integers(-(2**63), 2**63 - 1))
def test_money_at_the_edges_is_exact(cents: int) -> None:
    made = money(cents)
    assert made == Money(Decimal(cents).scaleb(-2), "EUR")
    assert int(made.amount * 100) == cents


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (200, [1, 1, 1], [67, 67, 66]),
        (965, [3_000, 1_965], [583, 382]),
        (10, [1, 2, 7], [1, 2, 7]),
        (1, [1, 1], [1, 0]),
        (1, [1, 2], [0, 1]),
        (5, [0, 1, 0], [0, 5, 0]),
        (0, [3, 4], [0, 0]),
        (7, [9], [7]),
    ],
)
def test_a_sum_is_split_by_largest_remainder_and_the_first_wins_a_tie(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert split(total, weights) == parts


@given(st.integers(0, 2**63 - 1), WEIGHTS)
def test_the_parts_of_a_split_are_fair_and_sum_to_the_whole(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)  # less than a cent from its share
        assert weight > 0 or part == 0


@given(WEIGHTS)
def test_a_sum_split_by_its_own_parts_gives_those_parts(weights: list[int]) -> None:
    assert split(sum(weights), weights) == weights


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_there_is_no_split_over_nobody(weights: list[int]) -> None:
    with pytest.raises((ZeroDivisionError, AssertionError)):
        split(100, weights)
