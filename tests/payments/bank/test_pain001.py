"""The payout run as the bank gets it."""

from datetime import UTC, date, datetime

import pytest
from lxml import etree

from payments.bank import pain001
from payments.bank.iban import BadIban
from payments.bank.pain001 import Payment
from tests.payments.bank import real_input
from tests.payments.bank.samples import DE_LINDEN_IBAN, FATIMA_IBAN, FOUNDATION_IBAN

IBAN_OF_NO_KNOWN_BANK = "NL26VAYB8060476890"
EVENING = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)


def payment(
    end_to_end_id: str = "PAYOUT-1",
    *,
    amount_cents: int = 25_000,
    name: str = "Fatima El Idrissi",
    iban: str = FATIMA_IBAN,
    remittance: str = "Straatfeest Lindelaan",
) -> Payment:
    return Payment(
        end_to_end_id=end_to_end_id, amount_cents=amount_cents, name=name, iban=iban, remittance=remittance
    )


def write(
    *payments: Payment,
    message_id: str = "RUN-2026-03-02",
    debtor_iban: str = FOUNDATION_IBAN,
    debtor_name: str = "Stichting Buurtpot",
) -> bytes:
    return pain001.write(
        message_id=message_id,
        created_at=EVENING,
        execute_on=date(2026, 3, 3),
        debtor_name=debtor_name,
        debtor_iban=debtor_iban,
        payments=payments,
    )


def texts(content: bytes, path: str) -> list[str | None]:
    """The texts at a path, local names only."""
    steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
    found = etree.fromstring(content).xpath(f"//{steps}")
    assert isinstance(found, list)
    return [element.text for element in found if isinstance(element, etree._Element)]


def test_fatima_and_the_bakery_are_paid_in_one_order() -> None:
    bakery = payment("PAYOUT-2", amount_cents=1, name="Bakkerij Müller & Zn.", iban=DE_LINDEN_IBAN)

    content = write(payment(), bakery)

    assert texts(content, "GrpHdr/NbOfTxs") == ["2"]
    assert texts(content, "GrpHdr/CtrlSum") == ["250.01"]
    assert texts(content, "InstdAmt") == ["250.00", "0.01"]
    assert texts(content, "Cdtr/Nm") == ["Fatima El Idrissi", "Bakkerij Muller + Zn."]
    assert texts(content, "CdtrAcct/Id/IBAN") == [FATIMA_IBAN, DE_LINDEN_IBAN]
    assert texts(content, "CdtrAgt/FinInstnId/BICFI") == ["INGBNL2A", "RABONL2U"]
    assert texts(content, "PmtId/EndToEndId") == ["PAYOUT-1", "PAYOUT-2"]
    assert texts(content, "Dbtr/Nm") == ["Stichting Buurtpot"]
    assert texts(content, "DbtrAgt/FinInstnId/BICFI") == ["ABNANL2A"]
    assert texts(content, "ReqdExctnDt/Dt") == ["2026-03-03"]
    assert texts(content, "GrpHdr/CreDtTm") == ["2026-03-02T17:30:00+00:00"]


def test_each_payment_is_asked_to_be_a_line_of_its_own_on_the_statement() -> None:
    assert texts(write(payment(), payment("PAYOUT-2")), "PmtInf/BtchBookg") == ["false"]


def test_no_addresses_are_sent() -> None:
    assert texts(write(payment()), "PstlAdr") == []


@pytest.mark.parametrize("iban", [FOUNDATION_IBAN, IBAN_OF_NO_KNOWN_BANK])
def test_the_file_is_valid_by_the_schema(iban: str) -> None:
    schema = real_input.schema(pain001.SCHEMA)
    content = write(payment(name="Ł" * 80), payment("PAYOUT-2", iban=iban), debtor_iban=iban)

    schema.assertValid(etree.fromstring(content))


def test_a_bank_without_a_known_bic_is_said_to_be_unknown_and_not_left_empty() -> None:
    content = write(payment(iban=IBAN_OF_NO_KNOWN_BANK), debtor_iban=IBAN_OF_NO_KNOWN_BANK)

    assert texts(content, "DbtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]
    assert texts(content, "CdtrAgt") == []


def test_the_same_run_gives_the_same_bytes() -> None:
    assert write(payment()) == write(payment())


def test_an_iban_with_a_typing_error_is_refused() -> None:
    with pytest.raises(BadIban) as refused:
        write(payment(iban="NL20INGB0001234568"))
    assert refused.value.iban == "NL20INGB0001234568"

    with pytest.raises(BadIban):
        write(payment(), debtor_iban="buurtpot")


def test_spaces_in_an_iban_are_no_error() -> None:
    assert texts(write(payment(iban="nl20 ingb 0001 2345 67")), "CdtrAcct/Id/IBAN") == [FATIMA_IBAN]


@pytest.mark.parametrize("amount_cents", [0, -1, 100_000_000_000])
def test_an_amount_that_no_transfer_can_carry_is_refused(amount_cents: int) -> None:
    with pytest.raises(pain001.BadAmount) as refused:
        write(payment(amount_cents=amount_cents))

    assert (refused.value.end_to_end_id, refused.value.amount_cents) == ("PAYOUT-1", amount_cents)


def test_the_same_payout_twice_in_one_order_is_refused() -> None:
    with pytest.raises(pain001.PaidTwice) as refused:
        write(payment("PAYOUT-1"), payment("PAYOUT-2"), payment("PAYOUT-1"))

    assert refused.value.end_to_end_id == "PAYOUT-1"


def test_an_order_without_payments_is_refused() -> None:
    with pytest.raises(pain001.NothingToPay):
        write()


@pytest.mark.parametrize(
    "text", ["", "x" * 36, "PAYOUT_1", "uitbetaling é", "/PAYOUT", "PAYOUT/", "PAY//OUT", " P"]
)
def test_an_identification_is_refused_rather_than_changed(text: str) -> None:
    with pytest.raises(pain001.BadText) as refused:
        write(payment(text))
    assert (refused.value.field, refused.value.text) == ("end_to_end_id", text)

    with pytest.raises(pain001.BadText) as refused:
        write(payment(), message_id=text)
    assert refused.value.field == "message_id"


@pytest.mark.parametrize("remittance", ["", "   ", "x" * 141])
def test_a_remittance_that_does_not_fit_is_refused(remittance: str) -> None:
    with pytest.raises(pain001.BadText) as refused:
        write(payment(remittance=remittance))

    assert (refused.value.field, refused.value.longest) == ("remittance", 140)


def test_a_remittance_that_just_fits_is_sent_whole() -> None:
    assert texts(write(payment(remittance="x" * 140)), "Ustrd") == ["x" * 140]


def test_a_long_name_is_cut_at_seventy() -> None:
    name = "Stichting tot Behoud en Verfraaiing van de Lindelaan en de Aangrenzende Straten"

    assert texts(write(payment(name=name)), "Cdtr/Nm") == [name[:70].rstrip()]


def test_a_name_without_a_letter_that_can_be_sent_is_refused() -> None:
    with pytest.raises(pain001.BadText) as refused:
        write(payment(name=" \u200b"))

    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Café Übermut & Co", "Cafe Ubermut + Co"),
        ("Şükrü Yılmaz", "Sukru Yilmaz"),
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Ελένη", "Elene"),
        ('"De Eik" [oost]', "'De Eik' (oost)"),
        ("buur_man@plein; 100%", "buur-man.plein, 100."),
        ("€ 7,50", "EUR 7,50"),
        ("a\n\tb   c", "a b c"),
    ],
)
def test_text_is_put_into_the_set_that_every_bank_takes(typed: str, sent: str) -> None:
    assert pain001.sepa_text(typed) == sent
