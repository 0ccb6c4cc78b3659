"""Read bank statements: camt.053.001.02 and camt.053.001.08 (ISO 20022)."""

import re
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lxml import etree

from payments.bank import iban as ibans
from payments.bank.statement import DoesNotAddUp, Line, Statement, StatementRefused

__all__ = [
    "BadAmount",
    "BadField",
    "BalanceMissing",
    "DoesNotAddUp",
    "EntryDoesNotAddUp",
    "FieldMissing",
    "Line",
    "NotAStatement",
    "OtherCurrency",
    "Statement",
    "StatementRefused",
    "parse",
]

MAX_BYTES = 25 * 1024 * 1024  # some ten thousand lines; a day of this platform is a few hundred

_NAMESPACES = tuple(f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}" for version in ("02", "08"))
_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2}))?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_LONGEST_ID = 35  # Max35Text in the schema
_LONGEST_IBAN = 34  # IBAN2007Identifier in the schema


class NotAStatement(StatementRefused):
    """Not a camt.053 at all.

    `reason_code`: `too_large`, `empty`, `zip`, `not_xml`, `cut_off`, `doctype`, `other_root` (then `found` is
    the root element), `no_statement`.
    """

    def __init__(self, reason_code: str, *, found: str = "") -> None:
        super().__init__(reason_code, found)
        self.reason_code = reason_code
        self.found = found


class FieldMissing(StatementRefused):
    """`field` (a path in the element on `line` of the file) is not there or empty."""

    def __init__(self, *, line: int, field: str) -> None:
        super().__init__(line, field)
        self.line = line
        self.field = field


class BadField(StatementRefused):
    """`text` is not what may stand in `field`, on `line` of the file."""

    def __init__(self, *, line: int, field: str, text: str) -> None:
        super().__init__(line, field, text)
        self.line = line
        self.field = field
        self.text = text


class BadAmount(StatementRefused):
    """`text`, on `line` of the file, is not an amount with at most two decimals."""

    def __init__(self, *, line: int, text: str) -> None:
        super().__init__(line, text)
        self.line = line
        self.text = text


class OtherCurrency(StatementRefused):
    """An amount or account, on `line` of the file, that is not in euros."""

    def __init__(self, *, line: int, currency: str) -> None:
        super().__init__(line, currency)
        self.line = line
        self.currency = currency


class BalanceMissing(StatementRefused):
    """No `opening` (OPBD or PRCD) or no `closing` (CLBD) balance: the lines cannot be checked."""

    def __init__(self, *, identification: str, balance: str) -> None:
        super().__init__(identification, balance)
        self.identification = identification
        self.balance = balance


class EntryDoesNotAddUp(StatementRefused):
    """The transactions in the entry on `line` of the file do not sum to it; cents, signed."""

    def __init__(self, *, line: int, entry_cents: int, details_cents: int) -> None:
        super().__init__(line, entry_cents, details_cents)
        self.line = line
        self.entry_cents = entry_cents
        self.details_cents = details_cents


class _Share(NamedTuple):
    """One transaction's part of an entry; without details where the file does not tell the parts apart."""

    details: etree._Element | None
    cents: int  # signed


def parse(content: bytes) -> list[Statement]:
    """The statements in a file, each with its booked lines; what is only announced (PDNG) is left out.

    Euros only. An entry with several transactions becomes a line for each, if they all have an amount; else
    one line. Dates are those of Amsterdam, `created_at` is in UTC. Raises a kind of `StatementRefused`.
    """
    document = _document(content)
    statements = document.findall("BkToCstmrStmt/Stmt")
    if not statements:
        raise NotAStatement("no_statement")
    written_at = _text(document, "BkToCstmrStmt/GrpHdr/CreDtTm")
    return [_statement(statement, written_at) for statement in statements]


def _document(content: bytes) -> etree._Element:
    """The root, with the namespace taken off its elements. No entities, DTD, network or endless trees."""
    if len(content) > MAX_BYTES:
        raise NotAStatement("too_large")
    if not content.strip():
        raise NotAStatement("empty")
    if content.startswith(b"PK\x03\x04"):
        raise NotAStatement("zip")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        begun_not_ended = b"BkToCstmrStmt" in content and b"Document>" not in content[-64:]
        raise NotAStatement("cut_off" if begun_not_ended else "not_xml") from error
    docinfo: Any = root.getroottree().docinfo  # the stubs do not know its fields
    if docinfo.doctype:
        raise NotAStatement("doctype")
    name = etree.QName(root)
    if name.localname != "Document" or name.namespace not in _NAMESPACES:
        raise NotAStatement("other_root", found=name.text)
    for element in root.iter(f"{{{name.namespace}}}*"):
        element.tag = etree.QName(element).localname
    return root


def _statement(statement: etree._Element, written_at: str) -> Statement:
    identification = _required(statement, "Id")
    if len(identification) > _LONGEST_ID:
        raise BadField(line=_source_line(statement), field="Id", text=identification)
    iban = _account(statement)
    opening = _balance(statement, "OPBD") or _balance(statement, "PRCD")
    closing = _balance(statement, "CLBD")
    if not opening or not closing:
        raise BalanceMissing(identification=identification, balance="closing" if opening else "opening")
    opening_cents, opening_on = opening
    closing_cents, closing_on = closing
    numbered = statement.find("ElctrncSeqNb") is not None
    return Statement(
        identification=identification,
        sequence_number=_whole(statement, "ElctrncSeqNb") if numbered else None,
        iban=iban,
        opening_cents=opening_cents,
        opening_on=opening_on,
        closing_cents=closing_cents,
        closing_on=closing_on,
        created_at=_moment(statement, "CreDtTm", _text(statement, "CreDtTm") or written_at),
        lines=tuple(line for entry in statement.iterfind("Ntry") for line in _lines(entry, iban)),
    )


def _account(statement: etree._Element) -> str:
    """The IBAN, also where a bank puts it under other identifications."""
    currency = _text(statement, "Acct/Ccy")
    if currency not in ("", "EUR"):
        raise OtherCurrency(line=_source_line(statement), currency=currency)
    field = "Acct/Id/IBAN" if _text(statement, "Acct/Id/IBAN") else "Acct/Id/Othr/Id"
    text = _required(statement, field)
    try:
        return ibans.compact(text)
    except ibans.BadIban as error:
        raise BadField(line=_source_line(statement), field=field, text=text) from error


def _balance(statement: etree._Element, code: str) -> tuple[int, date] | None:
    for balance in statement.iterfind("Bal"):
        if _text(balance, "Tp/CdOrPrtry/Cd") == code:
            return _signed(balance), _day(balance, "Dt")
    return None


def _lines(entry: etree._Element, own_iban: str) -> list[Line]:
    """The lines of an entry: none if it is not booked, or moves nothing."""
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts/Prtry") or _required(entry, "Sts")
    if status != "BOOK":
        return []
    return [_line(entry, share, own_iban) for share in _shares(entry) if share.cents]


def _shares(entry: etree._Element) -> list[_Share]:
    """How the entry divides over its transactions.

    The entry is what was booked. A single transaction is therefore all of it, whatever amount stands there
    (one in another currency, or before charges); unless the batch counts more of them than it shows.
    """
    entry_cents = _signed(entry)
    details = entry.findall("NtryDtls/TxDtls")
    batches = [batch for batch in entry.iterfind("NtryDtls/Btch") if _text(batch, "NbOfTxs")]
    complete = not batches or sum(_whole(batch, "NbOfTxs") for batch in batches) == len(details)
    if complete and len(details) == 1:
        return [_Share(details[0], entry_cents)]
    amounts = [_own_amount(one) for one in details]
    if not complete or not details or any(amount is None for amount in amounts):
        return [_Share(None, entry_cents)]
    shares = [
        _Share(one, _signed(one if _text(one, "CdtDbtInd") else entry, amount))
        for one, amount in zip(details, amounts, strict=True)
    ]
    details_cents = sum(share.cents for share in shares)
    if details_cents != entry_cents:
        raise EntryDoesNotAddUp(
            line=_source_line(entry), entry_cents=entry_cents, details_cents=details_cents
        )
    return shares


def _own_amount(details: etree._Element) -> etree._Element | None:
    """The amount of one transaction: version 02 has it only one level down."""
    amount = details.find("Amt")
    return details.find("AmtDtls/TxAmt/Amt") if amount is None else amount


def _line(entry: etree._Element, share: _Share, own_iban: str) -> Line:
    details = etree.Element("TxDtls") if share.details is None else share.details
    credit = share.cents > 0
    reversal = _text(entry, "RvslInd") in ("true", "1")
    return_reason = _text(details, "RtrInf/Rsn/Cd")
    sent_back = reversal or bool(return_reason)
    name, iban = _counterparty(details, credit=credit, sent_back=sent_back, own_iban=own_iban)
    booked_on = _day(entry, "BookgDt")
    end_to_end_id = _text(details, "Refs/EndToEndId")
    return Line(
        amount_cents=abs(share.cents),
        credit=credit,
        reversal=reversal,
        return_reason=return_reason,
        booked_on=booked_on,
        value_on=booked_on if entry.find("ValDt") is None else _day(entry, "ValDt"),
        account_servicer_reference=_text(details, "Refs/AcctSvcrRef") or _text(entry, "AcctSvcrRef"),
        end_to_end_id="" if end_to_end_id == "NOTPROVIDED" else end_to_end_id,
        structured_reference=_text(details, "RmtInf/Strd/CdtrRefInf/Ref"),
        remittance=_remittance(details) or _text(entry, "AddtlNtryInf"),
        counterparty_name=name,
        counterparty_iban=iban,
        transaction_code=_transaction_code(details) or _transaction_code(entry),
    )


def _remittance(details: etree._Element) -> str:
    """What the payer wrote, a line of text for each piece; else what the bank says about the transaction."""
    pieces = details.findall("RmtInf/Ustrd") or details.findall("RmtInf/Strd/AddtlRmtInf")
    return "\n".join(filter(None, (_text(piece, ".") for piece in pieces))) or _text(details, "AddtlTxInf")


def _counterparty(
    details: etree._Element, *, credit: bool, sent_back: bool, own_iban: str
) -> tuple[str, str]:
    """Name and IBAN of the other side.

    Money that comes back keeps the parties of the original payment, so there the other side of what came in
    is the creditor. Not all banks do so; our own IBAN tells.
    """
    near, far = ("Dbtr", "Cdtr") if credit else ("Cdtr", "Dbtr")
    if not sent_back:
        return _party(details, near)
    for side in (far, near):
        name, iban = _party(details, side)
        if (name or iban) and iban != own_iban:
            return name, iban
    return "", ""


def _party(details: etree._Element, side: str) -> tuple[str, str]:
    paths = (
        f"{side}/Nm",
        f"{side}/Pty/Nm",
        f"{side}/Agt/FinInstnId/Nm",
        f"Ultmt{side}/Nm",
        f"Ultmt{side}/Pty/Nm",
    )
    names = (_text(details, f"RltdPties/{path}") for path in paths)
    iban = _text(details, f"RltdPties/{side}Acct/Id/IBAN").replace(" ", "").upper()
    return next(filter(None, names), ""), iban if len(iban) <= _LONGEST_IBAN else ""


def _transaction_code(parent: etree._Element) -> str:
    domain = ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd")
    codes = [_text(parent, f"BkTxCd/{path}") for path in domain]
    return "-".join(filter(None, codes)) or _text(parent, "BkTxCd/Prtry/Cd")


def _signed(parent: etree._Element, amount: etree._Element | None = None) -> int:
    """`amount` (else the parent's own) in cents, below zero for a debit."""
    direction = _required(parent, "CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        raise BadField(line=_source_line(parent), field="CdtDbtInd", text=direction)
    amount = parent.find("Amt") if amount is None else amount
    if amount is None:
        raise FieldMissing(line=_source_line(parent), field="Amt")
    return _cents(amount) if direction == "CRDT" else -_cents(amount)


def _cents(amount: etree._Element) -> int:
    text = (amount.text or "").strip()
    currency = str(amount.get("Ccy", ""))
    if currency != "EUR":
        raise OtherCurrency(line=_source_line(amount), currency=currency)
    match = _AMOUNT.fullmatch(text)
    if not match or len(amount):
        raise BadAmount(line=_source_line(amount), text=text)
    euros, cents = match.groups(default="")
    return int(euros) * 100 + int(cents.ljust(2, "0"))


def _day(parent: etree._Element, field: str) -> date:
    """A date as the bank writes it; of a moment, the date it is in Amsterdam."""
    moment = _text(parent, f"{field}/DtTm")
    if moment:
        return _moment(parent, f"{field}/DtTm", moment).astimezone(_AMSTERDAM).date()
    text = _required(parent, f"{field}/Dt")
    match = _DAY.fullmatch(text)
    try:
        if match:
            return date.fromisoformat(match[1])
    except ValueError:
        pass  # a day that does not exist
    raise BadField(line=_source_line(parent), field=f"{field}/Dt", text=text)


def _moment(parent: etree._Element, field: str, text: str) -> datetime:
    """A moment in UTC; without an offset it is meant in Amsterdam."""
    if not text:
        raise FieldMissing(line=_source_line(parent), field=field)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=_AMSTERDAM)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadField(line=_source_line(parent), field=field, text=text) from error


def _whole(parent: etree._Element, field: str) -> int:
    text = _text(parent, field)
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadField(line=_source_line(parent), field=field, text=text)
    return int(text)


def _required(parent: etree._Element, field: str) -> str:
    text = _text(parent, field)
    if not text:
        raise FieldMissing(line=_source_line(parent), field=field)
    return text


def _text(parent: etree._Element, field: str) -> str:
    """The text at a path, with runs of white space as one space; empty where there is none."""
    return " ".join((parent.findtext(field) or "").split())


def _source_line(element: etree._Element) -> int:
    line: Any = element.sourceline  # the stubs do not know its type
    return int(line or 0)
