"""The QR code that fills in a bank transfer (EPC069-12, version 002)."""

import qrcode
from stdnum import iso11649

from payments.bank import iban as ibans

_NAME_LENGTH = 70
_PAYLOAD_BYTES = 331  # the standard stops at QR version 13, which holds this many at correction level M
_LARGEST_CENTS = 99_999_999_999
_QUIET_ZONE = 4  # modules, ISO/IEC 18004


class NotPayable(ValueError):
    """The standard cannot hold this: `field` is `name`, `amount_cents` or `reference`."""

    def __init__(self, *, field: str, value: str | int) -> None:
        super().__init__(field, value)
        self.field = field
        self.value = value


def payload(*, name: str, iban: str, amount_cents: int, reference: str) -> str:
    """The text in the code: pay `amount_cents` (> 0, up to € 999,999,999.99) to `name`, with an RF reference.

    The name stays as it is, with its accents: the payer's bank compares it with the holder of the account.
    BIC and purpose are left empty, which version 002 allows inside the EEA.
    Raises `NotPayable`, `iban.BadIban`.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= _NAME_LENGTH:
        raise NotPayable(field="name", value=name)
    if not 0 < amount_cents <= _LARGEST_CENTS:
        raise NotPayable(field="amount_cents", value=amount_cents)
    if not iso11649.is_valid(reference):
        raise NotPayable(field="reference", value=reference)
    amount = f"EUR{amount_cents // 100}.{amount_cents % 100:02d}"
    lines = ["BCD", "002", "1", "SCT", "", name, ibans.compact(iban), amount, "", iso11649.compact(reference)]
    text = "\n".join(lines)
    if len(text.encode()) > _PAYLOAD_BYTES:
        raise NotPayable(field="name", value=name)
    return text


def svg(payload: str) -> str:
    """The code as one SVG element to put in a page: black on white, no ids, no styles, no scripts, no size.

    It says nothing to a screen reader: the page says beside it whom to pay, what and with which reference.
    """
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=_QUIET_ZONE)
    code.add_data(payload, optimize=0)
    code.make(fit=True)
    matrix = code.get_matrix()
    side = len(matrix)
    modules = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path fill="#000" d="{modules}"/></svg>'
    )
