"""Till receipts, as somebody would photograph them: a strip of paper on a table."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from PIL import Image, ImageDraw, ImageFilter

from demo.neighbourhood.sheet import Sheet, jpeg

WIDTH, MARGIN, ROW = 300, 24, 26
TABLE, WOOD_GRAIN = "#C9A27A", "#BD946B"
TILT_DEGREES = 2.5
TORN = 16  # pixels from tooth to tooth


def till_receipt(
    *, shop: str, lines: Sequence[tuple[str, int]], bought_on: date, blurred: bool = False
) -> bytes:
    """A JPEG. `lines`: what was bought, and for how many cents. `blurred`: nobody could read it."""
    paper = _paper(shop, lines, bought_on)
    table = _table(paper.width + 220, paper.height + 200)
    tilted = paper.rotate(TILT_DEGREES, Image.Resampling.BICUBIC, expand=True)
    table.paste(tilted, (110, 90), _shape(paper).rotate(TILT_DEGREES, Image.Resampling.BICUBIC, expand=True))
    return jpeg(table.filter(ImageFilter.GaussianBlur(9)) if blurred else table)


def _paper(shop: str, lines: Sequence[tuple[str, int]], bought_on: date) -> Image.Image:
    sheet = Sheet(WIDTH, 262 + ROW * len(lines), "#FBFAF6")
    middle = WIDTH / 2
    sheet.text(middle, 26, shop, size=21, weight=750, anchor="ma")
    sheet.text(middle, 56, "Oeverdam", size=14, anchor="ma")
    sheet.text(MARGIN, 92, format_date(bought_on, "dd-MM-y", locale="nl_NL"), size=14)
    sheet.text(WIDTH - MARGIN, 92, f"bon {bought_on.toordinal() % 9000 + 1000}", size=14, anchor="ra")
    _rule(sheet, 118)
    y = 130
    for text, cents in lines:
        _row(sheet, y, text, cents, size=15)
        y += ROW
    _rule(sheet, y + 4)
    _row(sheet, y + 14, "TOTAAL EUR", sum(cents for _text, cents in lines), size=19, weight=750)
    sheet.text(MARGIN, y + 48, "Betaald met pin", size=14)
    sheet.text(middle, y + 84, "Bedankt en tot ziens", size=14, anchor="ma")
    return sheet.picture()


def _row(sheet: Sheet, y: float, text: str, cents: int, *, size: float, weight: int = 450) -> None:
    sheet.text(MARGIN, y, text, size=size, weight=weight)
    amount = format_decimal(Decimal(cents) / 100, "#,##0.00", locale="nl_NL")
    sheet.text(WIDTH - MARGIN, y, amount, size=size, weight=weight, anchor="ra")


def _rule(sheet: Sheet, y: float) -> None:
    for x in range(MARGIN, WIDTH - MARGIN, 9):
        sheet.stroke([(x, y), (x + 4, y)], line=1.2)


def _shape(paper: Image.Image) -> Image.Image:
    """Where there is paper: straight sides, torn above and below."""
    mask = Image.new("L", paper.size, 255)
    draw = ImageDraw.Draw(mask)
    for x in range(0, paper.width + TORN, TORN):
        draw.polygon([(x, 0), (x + TORN, 0), (x + TORN / 2, TORN)], 0)
        bottom = paper.height
        draw.polygon([(x, bottom), (x + TORN, bottom), (x + TORN / 2, bottom - TORN)], 0)
    return mask


def _table(width: int, height: int) -> Image.Image:
    sheet = Sheet(width // 2, height // 2, TABLE)
    for at, y in enumerate(range(0, height // 2, 34)):
        sheet.stroke([(0, y), (width, y + at % 3)], line=1.5, colour=WOOD_GRAIN)
        sheet.stroke([(at * 67 % 240, y + 15), (at * 67 % 240 + 120, y + 17)], line=1, colour=WOOD_GRAIN)
    return sheet.picture().resize((width, height))
