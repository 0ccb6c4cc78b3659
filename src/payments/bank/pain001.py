"""Payment orders to the bank: pain.001.001.09, SEPA credit transfers in euros."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree
from sepaxml import SepaTransfer
from sepaxml.validation import try_valid_xml
from text_unidecode import unidecode

from payments.bank import iban as ibans

SCHEMA = "pain.001.001.09"
_NS = {"p": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}
_NAME_LENGTH = 70
REMITTANCE_LENGTH = 140
_ID_LENGTH = 35
_LARGEST_CENTS = 99_999_999_999  # SEPA credit transfer rulebook: at most 999,999,999.99

# The Latin set that every SEPA bank takes; for the rest EPC217-08 gives a stand-in, else a full stop.
_OUTSIDE = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")
_STAND_INS = str.maketrans({"&": "+", "_": "-", ";": ",", '"': "'", "[": "(", "]": ")", "{": "(", "}": ")"})


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One transfer: `end_to_end_id` (at most 35, comes back on the statement), `amount_cents` > 0.

    `name` is the holder of the account as the bank knows it, `remittance` what the payee reads (at most 140).
    """

    end_to_end_id: str
    amount_cents: int
    name: str
    iban: str
    remittance: str


class NothingToPay(ValueError):
    """An order without payments: the schema wants at least one."""


class BadAmount(ValueError):
    """Not above zero, or more than one SEPA transfer may carry."""

    def __init__(self, *, end_to_end_id: str, amount_cents: int) -> None:
        super().__init__(end_to_end_id, amount_cents)
        self.end_to_end_id = end_to_end_id
        self.amount_cents = amount_cents


class BadText(ValueError):
    """A text that is empty, over `longest`, or (for an identification) outside the SEPA set."""

    def __init__(self, *, field: str, text: str, longest: int) -> None:
        super().__init__(field, text, longest)
        self.field = field
        self.text = text
        self.longest = longest


class PaidTwice(ValueError):
    """Two payments in one order with the same end-to-end id: one of them would pay again."""

    def __init__(self, end_to_end_id: str) -> None:
        super().__init__(end_to_end_id)
        self.end_to_end_id = end_to_end_id


def write(
    *,
    message_id: str,
    created_at: datetime,
    execute_on: date,
    debtor_name: str,
    debtor_iban: str,
    payments: Sequence[Payment],
) -> bytes:
    """The order as a file, valid by the schema; the same input gives the same bytes.

    Names and remittances are put into the SEPA set of characters; a name is cut at 70, as the scheme and the
    payee's bank do, since nobody can shorten the name of a foundation. No addresses: those without structure
    are barred since 15 November 2026 and none is needed inside the EEA.
    Raises `NothingToPay`, `BadAmount`, `BadText`, `PaidTwice`, `iban.BadIban`.
    """
    if not payments:
        raise NothingToPay
    _check_id("message_id", message_id)
    _check_each_once(payments)
    debtor_iban = ibans.compact(debtor_iban)
    config = {"name": _name(debtor_name), "IBAN": debtor_iban, "batch": True, "currency": "EUR"}
    order = SepaTransfer(config | _bic(debtor_iban), schema=SCHEMA, clean=False)
    for payment in payments:
        order.add_payment(_transfer(payment, execute_on))
    document = etree.fromstring(order.export(validate=False))
    _settle(document, message_id, created_at)
    content: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    try_valid_xml(content, SCHEMA)
    return content


def sepa_text(text: str) -> str:
    """The text in the SEPA set of characters (EPC217-08): `Café Übermut & Co` becomes `Cafe Ubermut + Co`."""
    latin = unidecode(text).translate(_STAND_INS)
    return " ".join(_OUTSIDE.sub(".", " ".join(latin.split())).split())


def _check_id(field: str, text: str) -> None:
    # A reference may not start or end with a slash nor hold two (SEPA implementation guidelines, 1.4).
    slashes = text.startswith("/") or text.endswith("/") or "//" in text
    if not text or len(text) > _ID_LENGTH or _OUTSIDE.search(text) or slashes or text != text.strip():
        raise BadText(field=field, text=text, longest=_ID_LENGTH)


def _check_each_once(payments: Sequence[Payment]) -> None:
    seen: set[str] = set()
    for payment in payments:
        if payment.end_to_end_id in seen:
            raise PaidTwice(payment.end_to_end_id)
        seen.add(payment.end_to_end_id)


def _name(text: str) -> str:
    name = sepa_text(text)[:_NAME_LENGTH].rstrip()
    if not name:
        raise BadText(field="name", text=text, longest=_NAME_LENGTH)
    return name


def _bic(iban: str) -> dict[str, str]:
    bic = ibans.bic_of(iban)
    return {"BIC": bic} if bic else {}


def _transfer(payment: Payment, execute_on: date) -> dict[str, object]:
    """The payment as sepaxml takes it: the amount in cents, the BIC only where it is known."""
    _check_id("end_to_end_id", payment.end_to_end_id)
    if not 0 < payment.amount_cents <= _LARGEST_CENTS:
        raise BadAmount(end_to_end_id=payment.end_to_end_id, amount_cents=payment.amount_cents)
    remittance = sepa_text(payment.remittance)
    if not 0 < len(remittance) <= REMITTANCE_LENGTH:
        raise BadText(field="remittance", text=payment.remittance, longest=REMITTANCE_LENGTH)
    iban = ibans.compact(payment.iban)
    return {
        "name": _name(payment.name),
        "IBAN": iban,
        "amount": payment.amount_cents,
        "execution_date": execute_on,
        "description": remittance,
        "endtoend_id": payment.end_to_end_id,
    } | _bic(iban)


def _settle(document: etree._Element, message_id: str, created_at: datetime) -> None:
    """Put our own values where sepaxml draws a random id, reads the clock or leaves a hole."""

    def put(path: str, text: str) -> None:
        for element in document.iterfind(path, namespaces=_NS):
            element.text = text

    put(".//p:GrpHdr/p:MsgId", message_id)
    put(".//p:GrpHdr/p:CreDtTm", created_at.isoformat(timespec="seconds"))
    put(".//p:PmtInf/p:PmtInfId", message_id)
    # Each payment its own line on the statement: a payout is booked when the bank shows *it* leaving.
    put(".//p:PmtInf/p:BtchBookg", "false")
    for agent in document.iterfind(".//p:DbtrAgt/p:FinInstnId", namespaces=_NS):
        if not len(agent):  # no BIC known for our own bank: the schema's way to say so
            other = etree.SubElement(agent, f"{{{_NS['p']}}}Othr")
            etree.SubElement(other, f"{{{_NS['p']}}}Id").text = "NOTPROVIDED"
