"""The pay-by-QR code, read back by a decoder that is not ours."""

import io
from xml.etree import ElementTree

import pypdfium2
import pytest
import qrcode
import weasyprint
import zxingcpp

from payments.bank import epc_qr
from payments.bank.iban import BadIban
from tests.payments.bank.samples import FOUNDATION_IBAN, RF


def payload(
    *,
    name: str = "Stichting Buurtpot",
    iban: str = FOUNDATION_IBAN,
    amount_cents: int = 1_000_000,
    reference: str = RF,
) -> str:
    return epc_qr.payload(name=name, iban=iban, amount_cents=amount_cents, reference=reference)


def test_the_lines_stand_in_the_order_of_the_standard() -> None:
    assert payload(iban="NL91 ABNA 0417 1643 00", reference="RF18 5390 0754 7034").split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "",
        "Stichting Buurtpot",
        "NL91ABNA0417164300",
        "EUR10000.00",
        "",
        "RF18539007547034",
    ]


@pytest.mark.parametrize(
    ("amount_cents", "written"),
    [(1, "EUR0.01"), (750, "EUR7.50"), (99_999_999_999, "EUR999999999.99")],
)
def test_the_amount_is_written_in_euros_with_two_decimals(amount_cents: int, written: str) -> None:
    assert payload(amount_cents=amount_cents).split("\n")[7] == written


def test_a_decoder_reads_the_text_back_from_the_picture() -> None:
    text = payload(name="Stichting Café Übermut")
    picture = qrcode.make(text, error_correction=qrcode.ERROR_CORRECT_M).get_image()

    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [text]


def test_a_decoder_reads_the_text_back_from_the_svg_on_a_page() -> None:
    text = payload(name="Stichting Café Übermut")
    page = f'<div style="width: 6cm">{epc_qr.svg(text)}</div>'
    pdf = weasyprint.HTML(string=page).write_pdf()
    picture = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].render(scale=4).to_pil()

    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == text
    assert code.ec_level == "M"


def test_the_svg_is_safe_inside_a_page() -> None:
    root = ElementTree.fromstring(epc_qr.svg(payload()))  # noqa: S314  # our own text

    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "path"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert attributes == {"viewBox", "shape-rendering", "fill", "d"}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 71}),
        ("name", {"name": "𝔹" * 70}),
        ("amount_cents", {"amount_cents": 0}),
        ("amount_cents", {"amount_cents": -750}),
        ("amount_cents", {"amount_cents": 100_000_000_000}),
        ("reference", {"reference": ""}),
        ("reference", {"reference": "RF17539007547034"}),
    ],
)
def test_what_the_standard_cannot_hold_is_refused_by_field(field: str, changes: dict[str, str]) -> None:
    with pytest.raises(epc_qr.NotPayable) as refused:
        payload(**changes)  # type: ignore[arg-type]  # amounts among the texts

    assert refused.value.field == field


def test_the_longest_name_still_fits() -> None:
    assert epc_qr.svg(payload(name="é" * 70)).startswith("<svg")


def test_an_iban_with_a_typing_error_is_refused() -> None:
    with pytest.raises(BadIban) as refused:
        payload(iban="NL91ABNA0417164301")

    assert refused.value.iban == "NL91ABNA0417164301"
