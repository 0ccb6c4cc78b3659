"""Bank statements: what is read, and what is refused."""

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree

from payments.bank import camt053
from payments.bank.camt053 import parse
from tests.payments.bank import real_input
from tests.payments.bank.samples import (
    DE_LINDEN_IBAN,
    FATIMA_IBAN,
    FOUNDATION_IBAN,
    RF,
    balance,
    entry,
    gift,
    line,
    statement,
    xml,
)

GOOD = xml(entry(details=gift("7.50")))


def one(content: bytes) -> camt053.Statement:
    (only,) = parse(content)
    return only


def reason(content: bytes) -> str:
    with pytest.raises(camt053.NotAStatement) as refused:
        parse(content)
    return refused.value.reason_code


# What real statements say


def test_the_grant_of_a_corporation_is_read_with_its_reference() -> None:
    content = real_input.read("camt/funding-with-rf-reference.camt053.v8.xml")

    assert one(content) == statement(line(), created_at=datetime(2026, 3, 2, 19, 0, tzinfo=UTC))
    assert one(content).lines[0].rf_references == [RF]


@pytest.mark.parametrize("sample", ["v2.minimal", "v2.minimal.ultimate", "v8"])
def test_the_samples_of_others_are_read_once_their_balances_are_in_euros(sample: str) -> None:
    content = real_input.read(f"camt/genkgo-camt053.{sample}.xml")
    with pytest.raises(camt053.OtherCurrency) as refused:
        parse(content)
    assert refused.value.currency == "SEK"
    closing = etree.fromstring(content)
    for amount in closing.iter("{*}Amt"):
        if amount.get("Ccy") == "SEK" and amount.text == "27.00":
            amount.set("Ccy", "EUR")
            (direction,) = amount.itersiblings("{*}CdtDbtInd")
            direction.text = "CRDT"

    (read,) = one(etree.tostring(closing)).lines

    assert (read.amount_cents, read.credit, read.value_on) == (885, True, date(2015, 1, 2))
    assert read.booked_on == date(2014, 12, 31)
    assert read.structured_reference == "4654654654654654"
    assert read.counterparty_name == ("DEBTOR NAME NM" if "ultimate" in sample else "NAME NAME")
    assert read.transaction_code == ("PMNT-RCDT-BOOK" if sample == "v8" else "544")


def test_both_versions_of_one_statement_give_the_same_fingerprints() -> None:
    details = (
        "<TxDtls><Refs><EndToEndId>GIFT-1</EndToEndId></Refs><RltdPties><Dbtr>{}</Dbtr></RltdPties></TxDtls>"
    )
    old = xml(
        entry(details=details.format("<Nm>FATIMA</Nm>"), status="BOOK"),
        version="02",
        extra="<ElctrncSeqNb>61</ElctrncSeqNb>",
    )
    new = xml(entry(details=details.format("<Pty><Nm>Fatima</Nm></Pty>")), version="08")

    assert one(old).lines[0].counterparty_name == "FATIMA"
    assert one(new).lines[0].counterparty_name == "Fatima"
    assert one(old).lines[0].fingerprint == one(new).lines[0].fingerprint


# Entries and their transactions


def test_an_entry_of_three_gifts_becomes_three_lines() -> None:
    batch = gift("7.50") + gift("5.00", name="Henk") + gift("0.01", name="Samira")

    lines = one(xml(entry("12.51", details=batch), closing="12.51")).lines

    assert [(each.counterparty_name, each.amount_cents) for each in lines] == [
        ("Fatima", 750),
        ("Henk", 500),
        ("Samira", 1),
    ]
    assert [each.position for each in lines] == [1, 2, 3]


def test_in_the_old_version_the_amounts_are_found_one_level_down() -> None:
    part = '<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">{}</Amt></TxAmt></AmtDtls></TxDtls>'
    batch = part.format("7.00") + part.format("0.50")

    lines = one(xml(entry(details=batch, status="BOOK"), version="02")).lines

    assert [each.amount_cents for each in lines] == [700, 50]


def test_a_batch_with_a_part_in_the_other_direction_is_netted() -> None:
    batch = gift("10.00") + gift("2.50", direction="DBIT")

    assert [each.signed_cents for each in one(xml(entry(details=batch))).lines] == [1000, -250]


def test_parts_that_do_not_sum_to_their_entry_are_refused_with_the_figures() -> None:
    with pytest.raises(camt053.EntryDoesNotAddUp) as refused:
        parse(xml(entry(details=gift("7.00") + gift("0.40"))))

    assert (refused.value.entry_cents, refused.value.details_cents) == (750, 740)
    assert refused.value.line == 7


@pytest.mark.parametrize(
    "details",
    [
        "",
        "<TxDtls/><TxDtls/>",
        gift("7.00") + "<TxDtls/>",
        "<Btch><NbOfTxs>2</NbOfTxs></Btch>" + gift("7.50"),
        "<Btch><NbOfTxs>3</NbOfTxs></Btch>" + gift("7.00") + gift("0.50"),
    ],
)
def test_an_entry_that_does_not_tell_its_parts_is_one_line_without_a_name(details: str) -> None:
    (only,) = one(xml(entry(details=details))).lines

    assert (only.amount_cents, only.counterparty_name) == (750, "")


def test_a_single_transaction_is_the_whole_entry_whatever_its_own_amount() -> None:
    foreign = gift("8.10").replace("EUR", "USD")

    (only,) = one(xml(entry(details=foreign))).lines

    assert (only.amount_cents, only.counterparty_name) == (750, "Fatima")


def test_only_what_is_booked_counts() -> None:
    pending = entry("100.00", status="<Cd>PDNG</Cd>")
    own_code = entry("100.00", status="<Prtry>later</Prtry>")

    assert len(one(xml(pending, entry(), own_code)).lines) == 1


def test_an_entry_of_nothing_gives_no_line() -> None:
    assert [each.amount_cents for each in one(xml(entry("0.00"), entry())).lines] == [750]


def test_several_statements_in_a_file_are_read_in_order() -> None:
    again = GOOD.replace(b"2026-061", b"2026-062")
    start, end = again.index(b"<Stmt>"), again.index(b"</BkToCstmrStmt>")
    both = GOOD.replace(b"</BkToCstmrStmt>", again[start:end] + b"</BkToCstmrStmt>")

    assert [each.identification for each in parse(both)] == ["2026-061", "2026-062"]


# Balances, dates, parties, texts


def test_an_overdrawn_account_has_a_balance_below_zero() -> None:
    overdrawn = balance("OPBD", "10.00").replace("CRDT", "DBIT")
    content = xml(entry("17.50")).replace(balance("OPBD", "0.00").encode(), overdrawn.encode())

    assert (one(content).opening_cents, one(content).closing_cents) == (-1000, 750)


def test_the_previous_closing_balance_serves_as_opening_balance() -> None:
    assert one(GOOD.replace(b"OPBD", b"PRCD")).opening_cents == 0


def test_lines_without_a_sequence_number_or_own_moment_are_fine() -> None:
    read = one(GOOD)

    assert read.sequence_number is None
    assert read.created_at == datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
    assert one(xml(entry(), extra="<CreDtTm>2026-07-01T20:00:00</CreDtTm>")).created_at == datetime(
        2026, 7, 1, 18, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("booked", "day"),
    [
        ("<Dt>2026-03-02</Dt>", date(2026, 3, 2)),
        ("<Dt>2026-03-02+01:00</Dt>", date(2026, 3, 2)),
        ("<DtTm>2026-03-02T23:59:59</DtTm>", date(2026, 3, 2)),
        ("<DtTm>2026-03-02T23:30:00Z</DtTm>", date(2026, 3, 3)),
    ],
)
def test_the_day_is_the_day_in_amsterdam(booked: str, day: date) -> None:
    (only,) = one(xml(entry(booked=booked))).lines

    assert (only.booked_on, only.value_on) == (day, day)


def parties(debtor: str, creditor: str) -> str:
    def side(name: str, account: str) -> str:
        tag = "Dbtr" if account == debtor else "Cdtr"
        return (
            f"<{tag}><Pty><Nm>{name}</Nm></Pty></{tag}><{tag}Acct><Id><IBAN>{account}</IBAN></Id></{tag}Acct>"
        )

    names = {FOUNDATION_IBAN: "Stichting Buurtpot", FATIMA_IBAN: "Fatima"}
    return f"<RltdPties>{side(names[debtor], debtor)}{side(names[creditor], creditor)}</RltdPties>"


TO_US = parties(FATIMA_IBAN, FOUNDATION_IBAN)
FROM_US = parties(FOUNDATION_IBAN, FATIMA_IBAN)
RETURNED = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"


@pytest.mark.parametrize(
    ("details", "direction", "opening"),
    [
        (TO_US, "CRDT", "0.00"),
        (FROM_US, "DBIT", "15.00"),
        (FROM_US + RETURNED, "CRDT", "0.00"),
        (TO_US + RETURNED, "CRDT", "0.00"),
        (TO_US + RETURNED, "DBIT", "15.00"),
    ],
)
def test_the_counterparty_is_never_ourselves(details: str, direction: str, opening: str) -> None:
    content = xml(entry(details=f"<TxDtls>{details}</TxDtls>", direction=direction), opening=opening)

    (only,) = one(content).lines

    assert (only.counterparty_name, only.counterparty_iban) == ("Fatima", FATIMA_IBAN)
    assert (only.return_reason, only.sent_back) == (("AC04", True) if RETURNED in details else ("", False))


def test_an_account_that_no_iban_can_be_is_left_out() -> None:
    details = "<TxDtls><RltdPties><DbtrAcct><Id><IBAN>{}</IBAN></Id></DbtrAcct></RltdPties></TxDtls>"
    lengths = {
        len(digits): one(xml(entry(details=details.format(digits)))).lines[0].counterparty_iban
        for digits in ("N" * 34, "N" * 35)
    }
    assert lengths == {34: "N" * 34, 35: ""}


def test_a_reversal_is_marked_and_its_direction_taken_as_booked() -> None:
    taken_back = entry(direction="DBIT", reversal="<RvslInd>true</RvslInd>")

    (only,) = one(xml(taken_back, opening="15.00")).lines

    assert (only.signed_cents, only.reversal) == (-750, True)


@pytest.mark.parametrize(
    ("details", "remittance"),
    [
        ("<RmtInf><Ustrd>Voor het  plein</Ustrd></RmtInf>", "Voor het plein"),
        ("<RmtInf><Ustrd>Voor het</Ustrd><Ustrd>plein</Ustrd></RmtInf>", "Voor het\nplein"),
        ("<RmtInf><Strd><AddtlRmtInf>plein</AddtlRmtInf></Strd></RmtInf>", "plein"),
        ("<AddtlTxInf>Rente</AddtlTxInf>", "Rente"),
        ("", "Kosten maart"),
    ],
)
def test_the_text_is_the_payers_or_else_the_banks(details: str, remittance: str) -> None:
    told = entry(details=f"<TxDtls>{details}</TxDtls>").replace(
        "</Ntry>", "<AddtlNtryInf>Kosten maart</AddtlNtryInf></Ntry>"
    )

    assert one(xml(told)).lines[0].remittance == remittance


def test_a_reference_typed_in_the_text_is_found_as_well_as_one_in_its_field() -> None:
    typed = "<TxDtls><RmtInf><Ustrd>Budget 2026 RF18 5390 0754 7034</Ustrd></RmtInf></TxDtls>"
    own_field = (
        "<TxDtls><RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"
    )

    assert one(xml(entry(details=typed))).lines[0].rf_references == [RF]
    assert one(xml(entry(details=own_field))).lines[0].rf_references == [RF]
    assert one(GOOD).lines[0].rf_references == []


def test_no_end_to_end_id_is_no_end_to_end_id() -> None:
    details = "<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs></TxDtls>"

    assert one(xml(entry(details=details))).lines[0].end_to_end_id == ""


# Fingerprints


def test_the_same_statement_again_gives_the_same_fingerprints() -> None:
    twice = [[each.fingerprint for each in one(GOOD).lines] for _ in range(2)]

    assert twice[0] == twice[1]
    assert all(len(each) == 64 for each in twice[0])


def test_two_equal_lines_in_one_statement_have_different_fingerprints() -> None:
    batch = gift("7.50") + gift("7.50")
    lines = one(xml(entry("15.00", details=batch), entry(details=gift("7.50")), closing="22.50")).lines

    assert len({each.fingerprint for each in lines}) == 3


def test_equal_lines_in_two_statements_of_one_day_have_different_fingerprints() -> None:
    morning = statement(line())
    evening = statement(line(), identification="2026-061B", opening_cents=1_000_000)
    unnumbered = statement(line(), opening_cents=1_000_000)

    names = {each.lines[0].fingerprint for each in (morning, evening, unnumbered)}
    assert len(names) == 3


def test_another_order_of_the_lines_keeps_the_fingerprints() -> None:
    grant, other = line(), line(amount_cents=750, end_to_end_id="GIFT-1")

    there, back = statement(grant, other), statement(other, grant)

    assert {each.fingerprint for each in there.lines} == {each.fingerprint for each in back.lines}


# What is refused


def test_an_empty_file_is_refused() -> None:
    assert reason(b"") == "empty"
    assert reason(b" \n ") == "empty"


@pytest.mark.parametrize(
    "content", [b"Datum;Bedrag\n2026-03-02;7,50", b"%PDF-1.7", b"<html><br></html>", b"\x00\xff"]
)
def test_what_is_not_xml_is_refused(content: bytes) -> None:
    assert reason(content) == "not_xml"


def test_a_zip_of_statements_is_refused_as_a_zip() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("statement.xml", GOOD)

    assert reason(packed.getvalue()) == "zip"


@pytest.mark.parametrize("kept", [0.5, 0.8, 0.99])
def test_a_file_cut_off_in_the_middle_is_refused_as_cut_off(kept: float) -> None:
    assert one(GOOD).lines
    assert reason(GOOD[: int(len(GOOD) * kept)]) == "cut_off"


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    comment = b"<!--" + b" " * (1024 * 1024) + b"-->"
    padded = GOOD + comment * (camt053.MAX_BYTES // len(comment))
    padded += b" " * (camt053.MAX_BYTES - len(padded))
    assert one(padded).lines

    assert reason(padded + b" ") == "too_large"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<Document/>", "Document"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', "pain.001.001.09}Document"),
        (GOOD.replace(b"camt.053.001.08", b"camt.053.001.13"), "camt.053.001.13}Document"),
        (GOOD.replace(b"Document", b"Paper"), "camt.053.001.08}Paper"),
    ],
)
def test_another_root_or_version_is_refused_by_name(content: bytes, found: str) -> None:
    with pytest.raises(camt053.NotAStatement) as refused:
        parse(content)

    assert refused.value.reason_code == "other_root"
    assert refused.value.found.endswith(found)


def test_a_message_without_a_statement_is_refused() -> None:
    start, end = GOOD.index(b"<Stmt>"), GOOD.index(b"</BkToCstmrStmt>")

    assert reason(GOOD[:start] + GOOD[end:]) == "no_statement"


def with_doctype(doctype: str, text: str = "Fatima") -> bytes:
    prolog, _, rest = GOOD.decode().partition("\n")
    return f"{prolog}{doctype}{rest.replace('Fatima', text)}".encode()


@pytest.mark.parametrize(
    "doctype", ["<!DOCTYPE Document>", '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/statement.dtd">']
)
def test_any_doctype_is_refused(doctype: str) -> None:
    assert one(with_doctype("")).lines
    assert reason(with_doctype(doctype)) == "doctype"


def test_a_file_on_the_server_cannot_be_read_through_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the key of the safe")
    content = with_doctype(f'<!DOCTYPE Document [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>', text="&leak;")
    careless = etree.fromstring(content, etree.XMLParser(resolve_entities=True))
    assert b"the key of the safe" in etree.tostring(careless)

    assert reason(content) == "doctype"


@pytest.mark.parametrize("place", ["<Nm>&bomb9;</Nm>", '<Nm x="&bomb9;">Fatima</Nm>'])
def test_entities_that_multiply_are_refused(place: str) -> None:
    bomb = "".join(f'<!ENTITY bomb{n} "{f"&bomb{n - 1};" * 10}">' for n in range(1, 10))
    content = with_doctype(f'<!DOCTYPE Document [<!ENTITY bomb0 "boom">{bomb}]>')

    assert reason(content.replace(b"<Nm>Fatima</Nm>", place.encode())) in ("doctype", "not_xml")


def test_an_entity_that_nobody_declared_is_not_xml() -> None:
    assert reason(with_doctype("", text="&fatima;")) == "not_xml"


@pytest.mark.parametrize(
    "text",
    [
        "7.50000",
        "7.501",
        "7,50",
        "-7.50",
        "+7.50",
        "7.",
        ".50",
        "7.5e1",
        "NaN",
        "",
        "1 000.00",
        "٧.50",
        "9" * 16,
    ],
)
def test_an_amount_that_is_not_euros_and_cents_is_refused(text: str) -> None:
    with pytest.raises(camt053.BadAmount) as refused:
        parse(xml(entry(text)))

    assert (refused.value.text, refused.value.line) == (text, 7)


def test_an_amount_with_an_element_inside_is_refused() -> None:
    with pytest.raises(camt053.BadAmount):
        parse(xml(entry("7<x/>.50")))


@pytest.mark.parametrize(("text", "cents"), [("7", 700), ("7.5", 750), ("0.07", 7), (" 7.50 ", 750)])
def test_fewer_decimals_are_fine(text: str, cents: int) -> None:
    assert one(xml(entry(text), closing=text)).lines[0].amount_cents == cents


def test_another_currency_is_refused_by_name_wherever_it_counts() -> None:
    for place, where in [(b'Ccy="EUR">7.50', b'Ccy="USD">7.50'), (b"<Ccy>EUR", b"<Ccy>USD")]:
        with pytest.raises(camt053.OtherCurrency) as refused:
            parse(GOOD.replace(place, where))
        assert refused.value.currency == "USD"


@pytest.mark.parametrize(("code", "missing"), [("OPBD", "opening"), ("CLBD", "closing")])
def test_a_statement_without_a_balance_is_refused_by_which(code: str, missing: str) -> None:
    with pytest.raises(camt053.BalanceMissing) as refused:
        parse(GOOD.replace(code.encode(), b"INFO"))

    assert (refused.value.identification, refused.value.balance) == ("2026-061", missing)


def test_a_statement_that_does_not_add_up_is_refused_with_the_figures() -> None:
    with pytest.raises(camt053.DoesNotAddUp) as refused:
        parse(xml(entry("7.50"), opening="10.00", closing="17.51"))

    assert refused.value.identification == "2026-061"
    assert refused.value.opening_cents == 1000
    assert refused.value.lines_cents == 750
    assert refused.value.closing_cents == 1751


def test_one_bad_statement_refuses_the_whole_file() -> None:
    bad = xml(entry(), closing="1.00")
    start, end = bad.index(b"<Stmt>"), bad.index(b"</BkToCstmrStmt>")

    with pytest.raises(camt053.DoesNotAddUp):
        parse(GOOD.replace(b"</BkToCstmrStmt>", bad[start:end] + b"</BkToCstmrStmt>"))


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (b"<Id>2026-061</Id>", "Id"),
        (f"<IBAN>{FOUNDATION_IBAN}</IBAN>".encode(), "Acct/Id/Othr/Id"),
        (b"<BookgDt><Dt>2026-03-02</Dt></BookgDt>", "BookgDt/Dt"),
        (b"<Sts><Cd>BOOK</Cd></Sts>", "Sts"),
        (b'<Ntry><Amt Ccy="EUR">7.50</Amt>', "Amt"),
        (b"<CreDtTm>2026-03-02T20:00:00+01:00</CreDtTm>", "CreDtTm"),
    ],
)
def test_a_missing_field_is_refused_by_name(part: bytes, field: str) -> None:
    opened = b"<Ntry>" if part.startswith(b"<Ntry>") else b""
    with pytest.raises(camt053.FieldMissing) as refused:
        parse(GOOD.replace(part, opened, 1))

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("good", "bad", "field"),
    [
        ("<Id>2026-061", f"<Id>{'6' * 36}", "Id"),
        (FOUNDATION_IBAN, DE_LINDEN_IBAN[:-1] + "5", "Acct/Id/IBAN"),
        ("<BookgDt><Dt>2026-03-02", "<BookgDt><Dt>2026-02-30", "BookgDt/Dt"),
        ("<BookgDt><Dt>2026-03-02", "<BookgDt><Dt>02-03-2026", "BookgDt/Dt"),
        ("<BookgDt><Dt>2026-03-02</Dt>", "<BookgDt><DtTm>yesterday</DtTm>", "BookgDt/DtTm"),
        ("<BookgDt><Dt>2026-03-02</Dt>", "<BookgDt><DtTm>0001-01-01T00:00:00+14:00</DtTm>", "BookgDt/DtTm"),
        ("<CreDtTm>2026-03-02T20:00:00+01:00", "<CreDtTm>now", "CreDtTm"),
        ("</Amt><CdtDbtInd>CRDT", "</Amt><CdtDbtInd>BOTH", "CdtDbtInd"),
        ("</Id><Acct>", "</Id><ElctrncSeqNb>6.1</ElctrncSeqNb><Acct>", "ElctrncSeqNb"),
        ("<NtryDtls>", "<NtryDtls><Btch><NbOfTxs>many</NbOfTxs></Btch>", "NbOfTxs"),
    ],
)
def test_a_field_that_cannot_be_true_is_refused_by_name(good: str, bad: str, field: str) -> None:
    assert good.encode() in GOOD
    with pytest.raises(camt053.BadField) as refused:
        parse(GOOD.replace(good.encode(), bad.encode()))

    assert refused.value.field == field
