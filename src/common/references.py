"""Payment references by ISO 11649 (RF, two check digits, up to 21 letters and digits)."""

import re

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

_BODY = re.compile(r"[A-Z0-9]{1,21}")
_LONGEST = 25
_START = re.compile(r"(?<![A-Z0-9])RF[0-9]{2}")
# Groups as people and banks write them: RF18 5390 0754 7034, or broken over two lines.
_GROUP = re.compile(r"[A-Z0-9]+")


class BadReferenceNumber(ValueError):
    """The number cannot be made into a reference: empty, over 21 long, or not letters and digits."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


def new_rf(number: int | str) -> str:
    """The RF reference for a number of ours, compact (`RF18539007547034`). Raises `BadReferenceNumber`."""
    body = str(number).upper()
    if not _BODY.fullmatch(body):
        raise BadReferenceNumber(str(number))
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def format_rf(reference: str) -> str:
    """In groups of four, as ISO 11649 has it on paper."""
    return iso11649.format(reference)


def find_rf(text: str) -> list[str]:
    """Every RF reference in a text, compact, in order, each once.

    Where the digits run on in groups one cannot see where a reference ends, so every end that checks out is
    returned. One group in 97 does so by chance: match the results with references that were given out.
    """
    found: list[str] = []
    text = text.upper()
    for start in _START.finditer(text):
        candidate = ""
        for group in _GROUP.finditer(text, start.start()):
            candidate += group[0]
            if len(candidate) > _LONGEST:
                break
            if iso11649.is_valid(candidate) and candidate not in found:
                found.append(candidate)
    return found
