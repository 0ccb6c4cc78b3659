"""Write bank statements (camt.053.001.08): for demonstrations, replays and tests that have no bank."""

from datetime import date
from typing import Any

from lxml import etree
from stdnum import iso11649

from payments.bank.statement import Line, Statement

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def write(statement: Statement) -> bytes:
    """The statement as a file that `camt053.parse` reads back to the same value.

    One entry a line. Texts must fit the schema: 35 characters for identifications and references, 140 for
    names and for each line of the remittance.
    """
    default: Any = {None: _NAMESPACE}  # the stubs know no default namespace
    document = etree.Element(f"{{{_NAMESPACE}}}Document", nsmap=default)
    message = _put(document, "BkToCstmrStmt")
    header = _put(message, "GrpHdr")
    _put(header, "MsgId", statement.identification)
    _put(header, "CreDtTm", statement.created_at.isoformat())
    body = _put(message, "Stmt")
    _put(body, "Id", statement.identification)
    if statement.sequence_number is not None:
        _put(body, "ElctrncSeqNb", str(statement.sequence_number))
    _put(body, "CreDtTm", statement.created_at.isoformat())
    account = _put(body, "Acct")
    _put(account, "Id/IBAN", statement.iban)
    _put(account, "Ccy", statement.currency)
    _write_balance(body, code="OPBD", signed_cents=statement.opening_cents, on=statement.opening_on)
    _write_balance(body, code="CLBD", signed_cents=statement.closing_cents, on=statement.closing_on)
    for line in statement.lines:
        _write_entry(body, line)
    content: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _write_balance(body: etree._Element, *, code: str, signed_cents: int, on: date) -> None:
    balance = _put(body, "Bal")
    _put(balance, "Tp/CdOrPrtry/Cd", code)
    _write_amount(balance, signed_cents)
    _put(balance, "Dt/Dt", on.isoformat())


def _write_entry(body: etree._Element, line: Line) -> None:
    entry = _put(body, "Ntry")
    _put(entry, "NtryRef", str(line.position))
    _write_amount(entry, line.signed_cents)
    if line.reversal:
        _put(entry, "RvslInd", "true")
    _put(entry, "Sts/Cd", "BOOK")
    _put(entry, "BookgDt/Dt", line.booked_on.isoformat())
    _put(entry, "ValDt/Dt", line.value_on.isoformat())
    _put_known(entry, "AcctSvcrRef", line.account_servicer_reference)
    _write_code(_put(entry, "BkTxCd"), line.transaction_code)
    details = _put(entry, "NtryDtls/TxDtls")
    _put(details, "Refs/EndToEndId", line.end_to_end_id or "NOTPROVIDED")
    _write_amount(details, line.signed_cents)
    _write_counterparty(details, line)
    _write_remittance(details, line)
    _put_known(details, "RtrInf/Rsn/Cd", line.return_reason)


def _write_amount(parent: etree._Element, signed_cents: int) -> None:
    euros, cents = divmod(abs(signed_cents), 100)
    _put(parent, "Amt", f"{euros}.{cents:02d}").set("Ccy", "EUR")
    _put(parent, "CdtDbtInd", "DBIT" if signed_cents < 0 else "CRDT")


def _write_code(parent: etree._Element, code: str) -> None:
    parts = code.split("-")
    if len(parts) == 3 and all(len(part) == 4 for part in parts):
        domain = _put(parent, "Domn")
        _put(domain, "Cd", parts[0])
        family = _put(domain, "Fmly")
        _put(family, "Cd", parts[1])
        _put(family, "SubFmlyCd", parts[2])
    else:
        _put_known(parent, "Prtry/Cd", code)


def _write_counterparty(details: etree._Element, line: Line) -> None:
    """Payer of what came in, payee of what went out; of money sent back, as in the original payment."""
    if not line.counterparty_name and not line.counterparty_iban:
        return
    side = "Dbtr" if line.credit != line.sent_back else "Cdtr"
    parties = _put(details, "RltdPties")
    _put_known(parties, f"{side}/Pty/Nm", line.counterparty_name)
    _put_known(parties, f"{side}Acct/Id/IBAN", line.counterparty_iban)


def _write_remittance(details: etree._Element, line: Line) -> None:
    if not line.remittance and not line.structured_reference:
        return
    remittance = _put(details, "RmtInf")
    for text in line.remittance.split("\n") if line.remittance else ():
        _put(remittance, "Ustrd", text)
    if line.structured_reference:
        reference = _put(remittance, "Strd/CdtrRefInf")
        if iso11649.is_valid(line.structured_reference):
            kind = _put(reference, "Tp")
            _put(kind, "CdOrPrtry/Cd", "SCOR")
            _put(kind, "Issr", "ISO")
        _put(reference, "Ref", line.structured_reference)


def _put(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """A new element at the end of the parent, with new elements on the way there."""
    for tag in path.split("/"):
        parent = etree.SubElement(parent, f"{{{_NAMESPACE}}}{tag}")
    parent.text = text
    return parent


def _put_known(parent: etree._Element, path: str, text: str) -> None:
    """The same, unless there is nothing to say."""
    if text:
        _put(parent, path, text)
