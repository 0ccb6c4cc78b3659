"""An address on the list of a host is one that the post can find, however it came there. By plain SQL, as the application."""

import pytest

from tests import cast
from tests.ledger.roles import refusal, run

CHANGE = "UPDATE places_dwelling SET postcode = %s"


@pytest.mark.django_db
@pytest.mark.parametrize("postcode", ["30 AB", "3071ab", "0071AB", "3071A", "307AB", "3071A1", ""])
def test_a_postcode_is_four_digits_and_two_capitals(postcode: str) -> None:
    cast.dwellings(cast.world(), 1)
    assert refusal(CHANGE, postcode).diag.constraint_name == "dwelling_postcode"
    run(CHANGE, "3072CD")  # the control: another that is one
