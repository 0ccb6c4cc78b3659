"""RF references: made, printed and found again in what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from common.references import BadReferenceNumber, find_rf, format_rf, new_rf

BODIES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=21)


def test_the_reference_of_the_standards_example_is_made() -> None:
    assert new_rf("539007547034") == "RF18539007547034"
    assert new_rf(539007547034) == "RF18539007547034"


@given(BODIES)
def test_every_reference_made_checks_out_and_is_found_as_printed(body: str) -> None:
    reference = new_rf(body)

    assert iso11649.is_valid(reference)
    assert reference in find_rf(reference)
    assert reference in find_rf(f"Subsidie 2026 kenmerk: {format_rf(reference).lower()}, met dank")


@given(BODIES.filter(str.isdigit), st.integers(4, 24), st.integers(1, 9))
def test_one_wrong_digit_is_no_reference(body: str, place: int, shift: int) -> None:
    right = new_rf(body)
    place = 4 + (place - 4) % (len(right) - 4)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]

    assert find_rf(right) == [right]
    assert find_rf(wrong) == []


@pytest.mark.parametrize("number", ["", "1" * 22, "BUURT-7", "-5", "één", "٣"])
def test_a_number_that_is_not_letters_and_digits_is_refused(number: str) -> None:
    with pytest.raises(BadReferenceNumber) as refused:
        new_rf(number)

    assert refused.value.number == number


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(BadReferenceNumber):
        new_rf(-5)


def test_it_is_printed_in_groups_of_four() -> None:
    assert format_rf("RF18539007547034") == "RF18 5390 0754 7034"


@pytest.mark.parametrize(
    "text",
    [
        "RF18539007547034",
        "rf18 5390 0754 7034",
        "Budget 2026, RF18 5390 0754 7034 Woonstichting De Linden",
        "RF18-5390-0754-7034.",
        "RF18.5390.0754.7034",
        "RF18 5390\n0754 7034",
        "(RF18539007547034)",
        "/TRTP/SEPA OVERBOEKING/REMI/RF18539007547034/EREF/NOTPROVIDED",
        "kenmerk:RF18539007547034,maart",
        "RF18539007547034é",
    ],
)
def test_a_reference_is_found_however_it_is_written(text: str) -> None:
    assert find_rf(text) == ["RF18539007547034"]


@pytest.mark.parametrize(
    "text", ["", "Dank u wel", "RF", "RF18", "RF17539007547034", "XRF18539007547034", "RF18539007547034X"]
)
def test_what_is_no_reference_is_not_found(text: str) -> None:
    assert find_rf(text) == []


def test_two_references_are_both_found_and_each_once() -> None:
    other = new_rf("BUURT7")

    assert find_rf(f"RF18539007547034 en {other} en RF18 5390 0754 7034") == ["RF18539007547034", other]


def test_a_long_text_of_false_starts_is_read_in_one_go() -> None:
    assert find_rf("RF00 " * 10_000) == []
