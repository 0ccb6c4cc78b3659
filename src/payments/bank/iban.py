"""Bank accounts: an IBAN that checks out, and the bank behind it."""

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException


class BadIban(ValueError):
    """The text is no IBAN: wrong country, length or check digits."""

    def __init__(self, iban: str) -> None:
        super().__init__(iban)
        self.iban = iban


def compact(text: str) -> str:
    """The IBAN in capitals without spaces. Raises `BadIban`."""
    try:
        return str(IBAN(text))
    except SchwiftyException as error:
        raise BadIban(text) from error


def bic_of(iban: str) -> str | None:
    """The BIC that the national bank code in the IBAN stands for, None where the register does not know it.

    Raises `BadIban`.
    """
    bic = IBAN(compact(iban)).bic
    return str(bic) if bic else None
