"""Handmade statements of the foundation's account, and the people who pay into it."""

from datetime import UTC, date, datetime

from payments.bank.camt053 import Line, Statement

FOUNDATION_IBAN = "NL91ABNA0417164300"
DE_LINDEN_IBAN = "NL39RABO0300065264"
FATIMA_IBAN = "NL20INGB0001234567"
RF = "RF18539007547034"

MONDAY = date(2026, 3, 2)


def line(**changes: object) -> Line:
    """De Linden's grant of € 10,000, unless said otherwise."""
    grant: dict[str, object] = {
        "amount_cents": 1_000_000,
        "credit": True,
        "booked_on": MONDAY,
        "value_on": MONDAY,
        "account_servicer_reference": "ABNA0001",
        "end_to_end_id": "COR001-2026",
        "structured_reference": RF,
        "counterparty_name": "Woonstichting De Linden",
        "counterparty_iban": DE_LINDEN_IBAN,
        "transaction_code": "PMNT-RCDT-ESCT",
    }
    return Line(**(grant | changes))  # type: ignore[arg-type]  # the changes are fields of Line


def statement(*lines: Line, opening_cents: int = 0, **changes: object) -> Statement:
    """Monday's statement with these lines; the closing balance follows from them."""
    monday: dict[str, object] = {
        "identification": "2026-061",
        "sequence_number": 61,
        "iban": FOUNDATION_IBAN,
        "opening_cents": opening_cents,
        "opening_on": date(2026, 3, 1),
        "closing_cents": opening_cents + sum(one.signed_cents for one in lines),
        "closing_on": MONDAY,
        "created_at": datetime(2026, 3, 2, 19, 0, tzinfo=UTC),
        "lines": lines,
    }
    return Statement(**(monday | changes))  # type: ignore[arg-type]  # the changes are fields of Statement


def xml(
    *entries: str, opening: str = "0.00", closing: str = "7.50", version: str = "08", extra: str = ""
) -> bytes:
    """A statement as a bank would send it, with these entries."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<GrpHdr><MsgId>CAMT0001</MsgId><CreDtTm>2026-03-02T20:00:00+01:00</CreDtTm></GrpHdr>
<Stmt><Id>2026-061</Id>{extra}<Acct><Id><IBAN>{FOUNDATION_IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>
{balance("OPBD", opening)}
{balance("CLBD", closing)}
{"".join(entries)}
</Stmt></BkToCstmrStmt></Document>""".encode()


def balance(code: str, amount: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>'
    )


def entry(
    amount: str = "7.50",
    *,
    details: str = "",
    direction: str = "CRDT",
    status: str = "<Cd>BOOK</Cd>",
    booked: str = "<Dt>2026-03-02</Dt>",
    reversal: str = "",
) -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{reversal}<Sts>{status}</Sts>'
        f"<BookgDt>{booked}</BookgDt><BkTxCd/><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def gift(amount: str, *, name: str = "Fatima", direction: str = "CRDT") -> str:
    """One transaction within an entry."""
    return (
        f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties></TxDtls>"
    )
