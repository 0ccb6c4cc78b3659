"""The letters that bring cheques home: one A4 page each, for a window envelope, as tagged PDF (PDF/UA-1).

Pure: it is given the plain codes, makes a document of them, keeps nothing and fetches nothing.
"""

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

import qrcode
from babel.dates import format_date
from babel.numbers import format_currency
from django.template import Engine
from django.utils import translation
from django.utils.translation import gettext as _
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from common.pdf import OnlyWhatIsGiven, data_url, font_faces

Language = Literal["nl", "en"]

MOST_LETTERS = 100  # a longer document costs memory and gains no time
MOST_ROWS, SYMBOLS_IN_A_ROW = 7, 32  # of an address in the window, under the line "to the residents of"
TEMPLATES = Path(__file__).parent / "templates"
STYLE = TEMPLATES / "cheques" / "letter.css"
LOCALES: Mapping[Language, str] = {"nl": "nl_NL", "en": "en_IE"}  # Irish English writes euros and days first
OTHER: Mapping[Language, Language] = {"nl": "en", "en": "nl"}


class WrongNumberOfLetters(ValueError):
    """A document holds 1 to 100 letters, not `count`."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class BadAddress(ValueError):
    """An address that the window cannot show: `lines` lines, `rows` rows when the long ones are broken."""

    def __init__(self, *, lines: int, rows: int) -> None:
        super().__init__(lines, rows)
        self.lines = lines
        self.rows = rows


class NotAColour(ValueError):
    """`brand` is not written as #RRGGBB."""

    def __init__(self, brand: str) -> None:
        super().__init__(brand)
        self.brand = brand


class BadWindow(ValueError):
    """A window at `left_mm`, `top_mm` lies off the paper, over the letterhead or on the fold."""

    def __init__(self, *, left_mm: int, top_mm: int) -> None:
        super().__init__(left_mm, top_mm)
        self.left_mm = left_mm
        self.top_mm = top_mm


class DoesNotFit(ValueError):
    """The organisation's own words are too long: `letters` letters would take `pages` pages."""

    def __init__(self, *, letters: int, pages: int) -> None:
        super().__init__(letters, pages)
        self.letters = letters
        self.pages = pages


class Untranslated(RuntimeError):
    """The translations for `language` were not compiled; nobody would want these letters."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.language = language


@dataclass(frozen=True, slots=True)
class Letter:
    """One cheque on its way to one dwelling. Holds the plain codes: make it, print it, forget it.

    `dwelling_lines`: two to five lines, street and number first, `1234 AB  PLAATS` last. `value_cents` > 0.
    The cheque must be activated on `activate_by` at the latest, and spent on `valid_until` at the latest.
    """

    dwelling_lines: tuple[str, ...]
    printed_code: str = field(repr=False)
    qr_url: str = field(repr=False)
    value_cents: int
    activate_by: date
    valid_until: date

    def __post_init__(self) -> None:
        lines = len(self.dwelling_lines)
        rows = sum(math.ceil(len(line) / SYMBOLS_IN_A_ROW) for line in self.dwelling_lines)
        if not (2 <= lines <= 5 and rows <= MOST_ROWS):
            raise BadAddress(lines=lines, rows=rows)


@dataclass(frozen=True, slots=True)
class Window:
    """Where the window of the envelope shows the paper; 85 by 45 mm, the upper 5 mm for the return address.

    The default is DIN 5008 form B. Dutch envelopes differ: print a `proof` and try it.
    """

    left_mm: int = 20
    top_mm: int = 45

    def __post_init__(self) -> None:
        if not (15 <= self.left_mm <= 110 and 40 <= self.top_mm <= 50):
            raise BadWindow(left_mm=self.left_mm, top_mm=self.top_mm)


@dataclass(frozen=True, slots=True)
class Theme:
    """What one organisation makes of the letter: its look and its own words, in `language`.

    `logo_svg`: a whole SVG that refers to nothing outside itself. `brand`: #RRGGBB, dark on white.
    `helpline`: a telephone number; `desk`: where one can walk in ("buurthuis De Spil, Tulpstraat 2"). Either may be empty.
    """

    organisation: str
    return_line: str
    brand: str
    greeting: str
    paragraphs: tuple[str, ...]
    signer: str
    signer_role: str
    helpline: str
    desk: str
    logo_svg: str | None = None
    language: Language = "nl"
    window: Window = Window()

    def __post_init__(self) -> None:
        if not re.fullmatch("#[0-9A-Fa-f]{6}", self.brand):
            raise NotAColour(self.brand)


def render(*, letters: Sequence[Letter], theme: Theme) -> bytes:
    """A PDF with one page per letter, in the order given.

    Raises `WrongNumberOfLetters`, `DoesNotFit`, `ForbiddenResource` and `Untranslated`.
    """
    if not 1 <= len(letters) <= MOST_LETTERS:
        raise WrongNumberOfLetters(len(letters))
    return _document(letters=letters, theme=theme, show_window=False)


def proof(*, theme: Theme) -> bytes:
    """One page with nobody's cheque and the edges of the window, to print and try in the envelope."""
    letter = Letter(
        dwelling_lines=("Voorbeeldstraat 123 A", "Complex De Proef", "1234 AB  VOORBEELD"),
        printed_code="0000-0000-0000-0000",
        qr_url="https://example.org/c",
        value_cents=750,
        activate_by=date(2030, 1, 1),
        valid_until=date(2030, 6, 30),
    )
    return _document(letters=[letter], theme=theme, show_window=True)


def _document(*, letters: Sequence[Letter], theme: Theme, show_window: bool) -> bytes:
    pages = [_page(letter=letter, theme=theme) for letter in letters]
    html = Engine(dirs=[str(TEMPLATES)]).render_to_string(
        "cheques/letter.html",
        {
            "theme": theme,
            "logo": data_url("image/svg+xml", theme.logo_svg.encode()) if theme.logo_svg else None,
            "other_language": OTHER[theme.language],
            "pages": pages,
            "show_window": show_window,
        },
    )
    fetcher = OnlyWhatIsGiven()
    fonts = FontConfiguration()
    style = CSS(string=font_faces() + STYLE.read_text("utf-8"), font_config=fonts, url_fetcher=fetcher)
    document = HTML(string=html, url_fetcher=fetcher).render(
        font_config=fonts, stylesheets=[style], pdf_variant="pdf/ua-1"
    )
    if len(document.pages) != len(letters):
        raise DoesNotFit(letters=len(letters), pages=len(document.pages))
    pdf = cast("bytes", document.write_pdf(pdf_variant="pdf/ua-1"))
    fetcher.check()
    return pdf


def _page(*, letter: Letter, theme: Theme) -> dict[str, object]:
    """What the template shows of one letter: words in the theme's language and a summary in the other."""
    return {
        "address": letter.dwelling_lines,
        "amount": _amount(letter, theme.language),
        "before": _day(letter.activate_by, theme.language),
        "until": _day(letter.valid_until, theme.language),
        "groups": letter.printed_code.split("-"),
        "qr": data_url("image/png", _qr(letter.qr_url)),
        "words": _words(letter=letter, theme=theme, language=theme.language),
        "summary": _words(letter=letter, theme=theme, language=OTHER[theme.language])["summary"],
    }


def _words(*, letter: Letter, theme: Theme, language: Language) -> dict[str, str]:
    """The fixed words of a letter, in `language`. Raises `Untranslated` rather than fall back on English."""
    facts = {
        "amount": _amount(letter, language),
        "before": _day(letter.activate_by, language),
        "until": _day(letter.valid_until, language),
        "site": _address_to_type(letter.qr_url),
        "organisation": theme.organisation,
        "helpline": theme.helpline,
        "desk": theme.desk,
    }
    with translation.override(language):
        texts = {
            "title": _("Neighbourhood cheques from %(organisation)s"),
            "to": _("To the residents of"),
            "headline": _("You have %(amount)s for your neighbourhood"),
            "logo": _("Logo of %(organisation)s"),
            "cheque": _("Neighbourhood cheque"),
            "from": _("from %(organisation)s"),
            "purpose": _("to give to your neighbourhood"),
            "code": _("Your code"),
            "before": _("Activate by"),
            "until": _("Choose by"),
            "scan": _("Scan with the camera of your phone"),
            "qr": _("QR code that opens your cheque at %(site)s"),
            "steps": _("How it works"),
            "step_1": _("Scan the QR code with your phone."),
            "step_1_more": _("Or go to %(site)s and type your code."),
            "step_2": _("Choose what happens with your %(amount)s."),
            "step_2_more": _("Give it to a campaign, save it, or start something yourself."),
            "step_3": _("See what it was spent on."),
            "step_3_more": _("Keep this letter: the code is your key."),
            "no_phone": _("No phone or computer?"),
            "no_phone_more": _no_phone(theme),
            "regards": _("Kind regards,"),
            "privacy": _(
                "You need no account. For this letter we used your address, not your name. "
                "We never ask for money or bank details."
            ),
            "summary": _(
                "In English: give this %(amount)s to a campaign in your neighbourhood. "
                "Scan the QR code or go to %(site)s, by %(before)s."
            ),
        }
    if language != "en" and texts["cheque"] == "Neighbourhood cheque":
        raise Untranslated(language)
    return {name: text % facts for name, text in texts.items()}


def _no_phone(theme: Theme) -> str:
    """Whom to ask, of what there is to ask."""
    if theme.helpline and theme.desk:
        return _("Call %(helpline)s. Or bring this letter to %(desk)s.")
    if theme.helpline:
        return _("Call %(helpline)s.")
    return _("Bring this letter to %(desk)s.") if theme.desk else ""


def _amount(letter: Letter, language: Language) -> str:
    return format_currency(Decimal(letter.value_cents) / 100, "EUR", locale=LOCALES[language])


def _day(day: date, language: Language) -> str:
    """`30 juni 2027`, with spaces that do not break."""
    return format_date(day, "d MMMM y", locale=LOCALES[language]).replace(" ", "\u00a0")


def _address_to_type(qr_url: str) -> str:
    """What a person types who cannot scan: the address without scheme and codes."""
    parts = urlsplit(qr_url)
    return parts.netloc + parts.path


def _qr(text: str) -> bytes:
    """`text` as a PNG with a quiet zone of four modules; correction M reads through a fold or a stain."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4, box_size=8)
    code.add_data(text)
    png = io.BytesIO()
    code.make_image(image_factory=PilImage).save(png)
    return png.getvalue()
