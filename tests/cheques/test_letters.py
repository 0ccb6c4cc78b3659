"""Letters: what the printer gets, read back the way a phone, an envelope and a screen reader would."""

import base64
import io
import re
import resource
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.test import override_settings
from pypdf import PdfReader
from weasyprint import HTML

from cheques import codes, letters
from common.pdf import ForbiddenResource
from people.models import Organisation

DUTCH = Path(settings.LOCALE_PATHS[0]) / "nl" / "LC_MESSAGES" / "django.po"
POINTS_IN_MM = 72 / 25.4

KLINKER = letters.Theme(
    organisation="Woonstichting De Klinker",
    return_line="De Klinker · Postbus 12 · 1234 AB Molenveen",
    brand="#5A1E4A",
    greeting="Beste bewoners,",
    paragraphs=(
        "Woonstichting De Klinker geeft elk huis in het Molenkwartier een buurtcheque. U beslist wat er met "
        "het geld gebeurt. Misschien spaart uw straat voor een bank, een feest of een geveltuin.",
        "U hoeft niets te betalen. Deze brief is alles wat u nodig hebt.",
    ),
    signer="Marjan de Wit",
    signer_role="buurtregisseur",
    helpline="0800 000 00 00 (gratis)",
    desk="buurthuis De Spil, Tulpstraat 2",
)
SVG = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 60 18'>{}</svg>"
LOGO = SVG.format("<path d='M0 0h60v18H0z' fill='#5A1E4A'/>")


@pytest.fixture(scope="module", autouse=True)
def dutch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The Dutch words as they are in the sources now, whether or not somebody compiled them before."""
    folder = tmp_path_factory.mktemp("locale")
    with DUTCH.open("rb") as source:
        compile_words(source, folder)
    with override_settings(LOCALE_PATHS=[folder]):
        yield


def compile_words(source: Any, folder: Path) -> None:
    compiled = folder / "nl" / "LC_MESSAGES" / "django.mo"
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as target:
        write_mo(target, read_po(source, locale="nl"))


def letter_to(*lines: str) -> letters.Letter:
    drawn = codes.draw(pepper=b"pepper of the test, 32 bytes long")
    return letters.Letter(
        dwelling_lines=lines or ("Irisplein 12", "2906 AB  CAPELLE AAN DEN IJSSEL"),
        printed_code=drawn.printed_code,
        qr_url=codes.qr_url(host_url="https://buurtpot.example", selector=drawn.selector, token=drawn.token),
        value_cents=750,
        activate_by=date(2026, 11, 17),
        valid_until=date(2027, 6, 30),
    )


class Page:
    """One page of a document; places in mm from the left and from the top."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.page = page
        self.width_mm, self.height_mm = (side / POINTS_IN_MM for side in page.get_size())
        self.textpage = page.get_textpage()
        self.text = self.textpage.get_text_range()
        self.words = " ".join(self.text.split())

    def marks(self) -> Iterator[tuple[str, float, float, float, float]]:
        """Every visible symbol with its left, top, right and bottom."""
        for index in range(self.textpage.count_chars()):
            symbol = self.textpage.get_text_range(index, 1)
            if symbol.strip():
                yield symbol, *self._box(self.textpage.get_charbox(index))

    def pictures(self) -> list[tuple[float, float, float, float]]:
        images = self.page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=5)
        return [self._box(image.get_bounds()) for image in images]

    def codes(self) -> list[zxingcpp.Barcode]:
        return zxingcpp.read_barcodes(self.page.render(scale=150 / 72).to_pil())

    def _box(self, points: Sequence[float]) -> tuple[float, float, float, float]:
        left, bottom, right, top = (value / POINTS_IN_MM for value in points)
        return left, self.height_mm - top, right, self.height_mm - bottom


def pages_of(pdf: bytes) -> list[Page]:
    return [Page(page) for page in pypdfium2.PdfDocument(pdf)]


def page_of(*, theme: letters.Theme = KLINKER, letter: letters.Letter | None = None) -> Page:
    (page,) = pages_of(letters.render(letters=[letter or letter_to()], theme=theme))
    return page


# A full document


def test_each_of_a_hundred_letters_has_its_own_address_code_and_readable_qr() -> None:
    run = [letter_to(f"Irisplein {number}", "2906 AB  CAPELLE AAN DEN IJSSEL") for number in range(1, 101)]
    before = time.process_time()
    pdf = letters.render(letters=run, theme=KLINKER)
    spent, peak = time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(
        f"100 letters: {spent:.1f} s of CPU, {len(pdf) // 1024} kB, process peaked at {peak} MB\n"
    )

    pages = pages_of(pdf)
    assert len(pages) == 100
    for page, letter in zip(pages, run, strict=True):
        (code,) = page.codes()
        assert code.text == letter.qr_url
        assert letter.printed_code.replace("-", " ") in page.words
        assert letter.dwelling_lines[0] in page.text.splitlines()


@pytest.mark.parametrize("count", [0, 101])
def test_a_document_of_no_letters_or_too_many_is_refused(count: int) -> None:
    with pytest.raises(letters.WrongNumberOfLetters) as caught:
        letters.render(letters=[letter_to()] * count, theme=KLINKER)
    assert caught.value.count == count


def test_the_plain_code_does_not_show_when_a_letter_is_logged() -> None:
    letter = letter_to()
    assert "Irisplein 12" in repr(letter)
    assert letter.printed_code not in repr(letter)
    assert letter.qr_url not in repr(letter)


# Paper and envelope

LONGEST = (
    "Burgemeester Baron van Voerst van Lyndenstraat 123-A bis",
    "Complex De Oude Ambachtsschool",
    "Achterhuis, tweede etage",
    "Postvak 3",
    "1234 AB  'S-GRAVENHAGE (LOOSDUINEN)",
)


@pytest.mark.parametrize("window", [letters.Window(), letters.Window(left_mm=100, top_mm=47)])
@pytest.mark.parametrize("lines", [("Irisplein 12", "2906 AB  CAPELLE AAN DEN IJSSEL"), LONGEST])
def test_the_window_shows_the_return_line_and_the_whole_address_and_nothing_else(
    lines: tuple[str, ...], window: letters.Window
) -> None:
    page = page_of(theme=replace(KLINKER, window=window), letter=letter_to(*lines))
    left, top, right, bottom = window.left_mm, window.top_mm, window.left_mm + 85, window.top_mm + 45

    touching = [
        (symbol, x0, y0, x1, y1)
        for symbol, x0, y0, x1, y1 in page.marks()
        if x1 > left and x0 < right and y1 > top and y0 < bottom
    ]
    shown = "".join(symbol for symbol, *_ in touching)
    expected = KLINKER.return_line + "Aan de bewoners van" + "".join(lines)
    assert shown == re.sub(r"\s", "", expected)
    for symbol, x0, y0, x1, y1 in touching:
        assert x0 >= left + 3, symbol
        assert x1 <= right - 2, symbol
        assert y0 >= top, symbol
        assert y1 <= bottom - 1, symbol
    address = touching[len(re.sub(r"\s", "", KLINKER.return_line)) :]
    assert min(y0 for _, _, y0, _, _ in address) >= top + 5


def test_postcode_and_town_keep_two_spaces_between_them() -> None:
    """Measured, since readers of text take two spaces for one: the gaps before AB and before CAPELLE."""
    marks = list(page_of().marks())
    start = "".join(symbol for symbol, *_ in marks).index("2906ABCAPELLE")
    gaps = [marks[right][1] - marks[right - 1][3] for right in (start + 4, start + 6)]
    assert gaps[1] > 1.6 * gaps[0]


@pytest.mark.parametrize(
    "lines",
    [
        ("1234 AB  MOLENVEEN",),
        (*LONGEST, "Nederland"),
        ("Burgemeester Baron van Voerst van Lyndenstraat 123-A bis",) * 4,
    ],
)
def test_an_address_that_the_window_cannot_show_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(letters.BadAddress) as caught:
        letter_to(*lines)
    assert caught.value.lines == len(lines)


@pytest.mark.parametrize(("left", "top"), [(14, 45), (111, 45), (20, 39), (20, 51)])
def test_a_window_off_the_paper_or_over_other_words_is_refused(left: int, top: int) -> None:
    with pytest.raises(letters.BadWindow):
        letters.Window(left_mm=left, top_mm=top)


def test_a_letter_is_one_a4_page_and_its_qr_is_large_and_lies_between_the_folds() -> None:
    page = page_of()
    assert (round(page.width_mm), round(page.height_mm)) == (210, 297)
    (code,) = page.codes()
    assert code.ec_level == "M"
    corners = [code.position.top_left, code.position.bottom_right]
    (x0, y0), (x1, y1) = ((corner.x * 25.4 / 150, corner.y * 25.4 / 150) for corner in corners)
    assert min(x1 - x0, y1 - y0) >= 30
    assert y0 > 105
    assert y1 < 210
    ((left, top, right, bottom),) = page.pictures()
    module = (x1 - x0) / 33  # at this length of address the code is 33 modules wide
    assert min(x0 - left, y0 - top, right - x1, bottom - y1) >= 4 * module - 0.3


def test_words_that_run_over_the_page_are_refused_rather_than_printed_on_a_second() -> None:
    wordy = replace(KLINKER, paragraphs=KLINKER.paragraphs * 4)
    with pytest.raises(letters.DoesNotFit) as caught:
        letters.render(letters=[letter_to(), letter_to()], theme=wordy)
    assert caught.value.letters == 2
    assert caught.value.pages > 2


def test_a_proof_shows_the_window_and_opens_no_cheque() -> None:
    (page,) = pages_of(letters.proof(theme=KLINKER))
    assert "1234 AB VOORBEELD" in page.text
    (code,) = page.codes()
    with pytest.raises(codes.NotAFragment):
        codes.read_fragment(code.text.partition("#")[2])


# Words


def test_the_letter_says_in_dutch_how_much_until_when_and_what_to_do() -> None:
    text = page_of().words.replace("\u00a0", " ")
    for words in (
        "U hebt € 7,50 voor uw buurt",
        "Buurtcheque van Woonstichting De Klinker",
        "Activeren tot en met 17 november 2026",
        "Kiezen tot en met 30 juni 2027",
        "1. Scan de QR-code met uw telefoon. Of ga naar buurtpot.example/c en typ uw code.",
        "2. Kies wat er met uw € 7,50 gebeurt.",
        "3. U ziet waar het geld naartoe gaat.",
        "Bel 0800 000 00 00 (gratis). Of kom met deze brief langs bij buurthuis De Spil, Tulpstraat 2.",
        "Wij vragen nooit om geld of bankgegevens.",
        "In English: give this €7.50 to a campaign in your neighbourhood.",
        "by 17 November 2026.",
        "Marjan de Wit",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("helpline", "desk", "said"),
    [
        ("0800 000 00 20", "", "Geen telefoon of computer? Bel 0800 000 00 20. Met vriendelijke groet,"),
        (
            "",
            "buurthuis De Spil",
            "Geen telefoon of computer? Kom met deze brief langs bij buurthuis De Spil. Met vriendelijke groet,",
        ),
    ],
)
def test_of_helpline_and_desk_the_letter_names_what_there_is(helpline: str, desk: str, said: str) -> None:
    assert said in page_of(theme=replace(KLINKER, helpline=helpline, desk=desk)).words


def test_without_helpline_and_desk_the_letter_promises_no_help() -> None:
    assert "Geen telefoon" not in page_of(theme=replace(KLINKER, helpline="", desk="")).words


def test_the_longest_desk_fits_on_the_page_beside_a_helpline() -> None:
    longest = ("buurtcentrum " * 9)[: Organisation._meta.get_field("desk").max_length].strip()
    theme = replace(KLINKER, helpline="0800 000 00 20", desk=longest)
    assert f"langs bij {longest}." in page_of(theme=theme).words


def test_an_english_letter_is_english_with_a_summary_in_dutch() -> None:
    text = page_of(theme=replace(KLINKER, language="en", greeting="Dear residents,")).words.replace(
        "\u00a0", " "
    )
    assert "You have €7.50 for your neighbourhood" in text
    assert "Activate by 17 November 2026" in text
    assert "In het Nederlands: geef deze € 7,50 aan een initiatief in uw buurt." in text
    assert "Met vriendelijke groet" not in text


def test_without_dutch_words_no_letter_is_made_in_the_wrong_language(tmp_path: Path) -> None:
    with DUTCH.open("rb") as source:
        catalogue = read_po(source, locale="nl")
    for message in catalogue:
        message.string = message.id
    untranslated = io.BytesIO()
    write_po(untranslated, catalogue)
    untranslated.seek(0)
    compile_words(untranslated, tmp_path)
    with override_settings(LOCALE_PATHS=[tmp_path]), pytest.raises(letters.Untranslated):
        page_of()
    assert "Uw code" in page_of().text


def test_names_with_letters_from_all_over_europe_are_printed_as_they_are_written() -> None:
    name = "Şule Yılmaz-Křížová"
    assert name in page_of(theme=replace(KLINKER, signer=name)).text


def test_a_house_colour_is_a_colour_and_cannot_carry_a_style_sheet() -> None:
    with pytest.raises(letters.NotAColour):
        replace(KLINKER, brand="red;background:url(file:///etc/passwd)")


# What a screen reader and a print house need


def test_the_document_is_tagged_with_a_title_a_language_and_words_for_every_picture() -> None:
    reader = PdfReader(
        io.BytesIO(letters.render(letters=[letter_to()], theme=replace(KLINKER, logo_svg=LOGO)))
    )
    root: Any = reader.root_object
    assert root["/Lang"] == "nl"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Buurtcheques van Woonstichting De Klinker"
    assert re.search(rb"pdfuaid:part[>=\"']+1", root["/Metadata"].get_data())
    pictures = [
        str(element["/Alt"]) for element in elements(root["/StructTreeRoot"]) if element["/S"] == "/Figure"
    ]
    assert pictures == [
        "Logo van Woonstichting De Klinker",
        "QR-code die uw cheque opent op buurtpot.example/c",
    ]
    kinds = {str(element["/S"]) for element in elements(root["/StructTreeRoot"])}
    assert {"/H1", "/H2", "/P", "/L", "/LI"} <= kinds


def elements(node: Any) -> Iterator[Any]:
    """The tagged elements below `node`, in reading order."""
    below = node.get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        element = child.get_object()
        if hasattr(element, "get") and "/S" in element:
            yield element
            yield from elements(element)


def test_every_font_is_carried_in_the_file() -> None:
    reader = PdfReader(io.BytesIO(letters.render(letters=[letter_to()], theme=KLINKER)))
    resources: Any = reader.pages[0]["/Resources"]
    fonts = [font.get_object() for font in resources["/Font"].values()]
    assert fonts
    for font in fonts:
        assert "Reddit-Sans" in font["/BaseFont"]
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


# Nothing is fetched


@pytest.fixture
def eavesdropper() -> Iterator[tuple[str, list[str]]]:
    """A web server on loopback: its address, and the paths it was asked for."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


NOSY = [
    "<image width='9' height='9' href='{}'/>",
    "<style>@font-face {{ font-family: Nosy; src: url({}) }}</style><path d='M0 0h9v9z'/>",
]


@pytest.mark.parametrize("inside", NOSY, ids=["image", "font"])
def test_a_logo_that_asks_for_an_address_is_refused_and_nobody_is_called(
    inside: str, eavesdropper: tuple[str, list[str]]
) -> None:
    address, asked = eavesdropper
    logo = SVG.format(inside.format(f"{address}/spy"))
    with pytest.raises(ForbiddenResource) as caught:
        page_of(theme=replace(KLINKER, logo_svg=logo))
    assert caught.value.url == f"{address}/spy"
    assert asked == []

    # The control: the same logo, left to WeasyPrint's own ways.
    encoded = base64.b64encode(logo.encode()).decode()
    HTML(string=f'<img alt="logo" src="data:image/svg+xml;base64,{encoded}">').write_pdf()
    assert asked == ["/spy"]


@pytest.mark.parametrize("inside", NOSY, ids=["image", "font"])
def test_a_logo_that_asks_for_a_file_is_refused(inside: str, tmp_path: Path) -> None:
    secret = tmp_path / "pepper.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with pytest.raises(ForbiddenResource):
        page_of(theme=replace(KLINKER, logo_svg=SVG.format(inside.format(secret.as_uri()))))


def test_words_that_look_like_a_page_are_printed_as_words(eavesdropper: tuple[str, list[str]]) -> None:
    address, asked = eavesdropper
    sly = f"<img src=file:///etc/passwd><img src={address}/spy>"
    theme = replace(KLINKER, greeting=sly, signer=sly, return_line="<b>De Klinker</b>")
    page = page_of(theme=theme, letter=letter_to("<i>Irisplein</i> 12", "2906 AB  CAPELLE AAN DEN IJSSEL"))
    assert sly in page.words
    assert "<b>De Klinker</b>" in page.text
    assert "<i>Irisplein</i> 12" in page.text
    assert len(page.pictures()) == 1
    assert asked == []
