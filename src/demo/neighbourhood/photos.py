"""Photos of what campaigns did. Nobody took them: they are drawn, the same every time."""

from collections.abc import Callable
from random import Random

from demo.neighbourhood.sheet import Sheet, curve, jpeg
from demo.neighbourhood.street import (
    BARK,
    BLUE,
    BRICK,
    CORAL,
    DEEP_BLUE,
    DEEP_GREEN,
    GLASS,
    GREEN,
    HEIGHT,
    MAUVE,
    PLUM,
    SAND,
    STEEL,
    WHITE,
    WIDTH,
    WOOD,
    YELLOW,
    bunting,
    neighbour,
    sapling,
    street,
    table,
)


def draw(scene: str) -> bytes:
    """A JPEG of 1440 by 960 pixels. `scene`: one of SCENES."""
    return jpeg(SCENES[scene](Random(scene)).picture())  # noqa: S311  a drawing, not a secret


def _tool_cupboard(dice: Random) -> Sheet:
    sheet = street(dice)
    sheet.box(226, 150, 256, 250, "#4B5B73")
    sheet.box(238, 162, 232, 226, "#E8EDF2")
    for x in (150, 482):
        sheet.box(x, 146, 76, 258, DEEP_BLUE)
    sheet.disc(212, 280, 4, YELLOW)
    sheet.disc(496, 280, 4, YELLOW)
    for y in (240, 316):
        sheet.limb([(240, y), (468, y)], WOOD, thick=6)
    _hammer(sheet, 262, 176)
    _hammer(sheet, 292, 180)
    _saw(sheet, 330, 186)
    for x, colour in ((420, CORAL), (436, YELLOW), (452, GREEN)):
        sheet.limb([(x, 176), (x, 198)], colour, thick=6)
        sheet.stroke([(x, 202), (x, 228)], line=3)
    _drill(sheet, 254, 272)
    for x, colour in ((372, BLUE), (412, CORAL)):
        sheet.box(x, 284, 36, 28, colour, rx=3)
    sheet.box(256, 344, 92, 40, YELLOW, rx=4)
    sheet.box(288, 334, 28, 12, YELLOW, rx=3)
    sheet.box(372, 350, 76, 34, STEEL, rx=3)
    _ladder(sheet, 590, 424)
    neighbour(sheet, dice, 92, 430, arms="wave")
    neighbour(sheet, dice, 660, 446, arms="reach", left=True)
    return sheet


def _hammer(sheet: Sheet, x: float, y: float) -> None:
    sheet.limb([(x, y + 4), (x, y + 50)], WOOD, thick=5)
    sheet.box(x - 14, y - 4, 28, 13, STEEL, rx=2)


def _saw(sheet: Sheet, x: float, y: float) -> None:
    sheet.area([(x, y), (x + 64, y + 8), (x + 64, y + 16), (x, y + 30)], STEEL, line=2.5)
    sheet.box(x - 12, y - 2, 22, 34, WOOD, rx=6)


def _drill(sheet: Sheet, x: float, y: float) -> None:
    sheet.stroke([(x + 58, y + 12), (x + 82, y + 12)], line=4)
    sheet.box(x + 14, y + 14, 18, 28, DEEP_GREEN, rx=4)
    sheet.box(x, y, 58, 22, GREEN, rx=6)


def _ladder(sheet: Sheet, x: float, foot: float) -> None:
    for step in range(7):
        up = 28 + step * 32
        sheet.limb([(x + 4 + up * 0.1, foot - up), (x + 40 + up * 0.1, foot - up)], STEEL, thick=4)
    for across in (0, 44):
        sheet.limb([(x + across, foot), (x + across + 26, foot - 262)], STEEL, thick=6)


def _mending_morning(dice: Random) -> Sheet:
    sheet = street(dice)
    bunting(sheet, 40)
    neighbour(sheet, dice, 110, 386, arms="reach")
    neighbour(sheet, dice, 392, 384, arms="reach", left=True)
    table(sheet, 140, 420, 236)
    sheet.box(176, 300, 130, 14, WOOD, rx=2)
    for x in (190, 286):
        sheet.limb([(x, 348), (x, 314)], BARK, thick=6)
    _hammer(sheet, 330, 296)
    _bicycle(sheet, 446, 432)
    neighbour(sheet, dice, 672, 432, arms="reach", left=True)
    neighbour(sheet, dice, 62, 458, scale=0.66, arms="up")
    return sheet


def _bicycle(sheet: Sheet, x: float, foot: float) -> None:
    for wheel in (x + 36, x + 160):
        sheet.disc(wheel, foot - 36, 36, "#241A2B")
        sheet.disc(wheel, foot - 36, 30, "#DCCFD8", line=0)
        for across, up in ((0, 30), (26, 15), (26, -15)):
            sheet.stroke(
                [(wheel - across, foot - 36 - up), (wheel + across, foot - 36 + up)], line=1, colour=STEEL
            )
    saddle, pedals, bars = (x + 72, foot - 100), (x + 90, foot - 38), (x + 138, foot - 104)
    frame = [(x + 36, foot - 36), saddle, bars, pedals, (x + 36, foot - 36)]
    sheet.limb(frame, CORAL, thick=4)
    sheet.limb([saddle, pedals], CORAL, thick=4)
    sheet.limb([(bars[0] - 4, bars[1] - 16), (x + 160, foot - 36)], CORAL, thick=4)
    sheet.stroke([(bars[0] - 18, bars[1] - 22), (bars[0] + 4, bars[1] - 16)], line=6)
    sheet.stroke([(saddle[0] - 18, saddle[1] - 4), (saddle[0] + 16, saddle[1] - 4)], line=8)


def _planting(dice: Random) -> Sheet:
    sheet = street(dice, grass=True)
    sapling(sheet, 96, 372, BRICK)
    sheet.oval(330, 432, 92, 17, BARK)
    sapling(sheet, 330, 430, YELLOW)
    for x, left in ((224, False), (440, True)):
        hand = neighbour(sheet, dice, x, 438, arms="reach", left=left)
        side = -1 if left else 1
        sheet.limb([(hand[0], hand[1] - 22), (hand[0] + 8 * side, 428)], WOOD, thick=4)
        sheet.box(hand[0] + 8 * side - 10, 412, 20, 26, STEEL, rx=4)
    _wheelbarrow(sheet, 520, 440)
    neighbour(sheet, dice, 674, 440, arms="reach", left=True)
    neighbour(sheet, dice, 150, 456, arms="up", scale=0.62)
    return sheet


def _wheelbarrow(sheet: Sheet, x: float, foot: float) -> None:
    sheet.oval(x + 56, foot - 68, 42, 18, BARK)
    sheet.limb([(x + 18, foot - 26), (x + 126, foot - 58)], WOOD, thick=5)
    sheet.limb([(x + 90, foot - 40), (x + 94, foot - 2)], STEEL, thick=4)
    sheet.area([(x, foot - 70), (x + 112, foot - 70), (x + 88, foot - 28), (x + 28, foot - 28)], DEEP_GREEN)
    sheet.disc(x + 16, foot - 18, 18, "#241A2B")
    sheet.disc(x + 16, foot - 18, 8, STEEL)


def _orchard(dice: Random) -> Sheet:
    sheet = street(dice, grass=True)
    path = curve((-10, 452), (360, 404), (730, 440))
    sheet.area([*path, (730, 476), *curve((730, 476), (360, 440), (-10, 490))], SAND)
    for at, fruit in enumerate((CORAL, BRICK, YELLOW, GREEN, PLUM, BRICK)):
        x = 72 + at * 116
        sapling(sheet, x, 388 - at % 2 * 10, fruit)
        sheet.limb([(x - 34, 398), (x - 34, 376)], WOOD, thick=2)
        sheet.box(x - 48, 358, 28, 19, WHITE, line=2.5, rx=2)
        sheet.stroke([(x - 42, 366), (x - 27, 366)], line=1.5)
    neighbour(sheet, dice, 254, 452, arms="wave")
    neighbour(sheet, dice, 536, 458, scale=0.64, arms="up")
    neighbour(sheet, dice, 588, 454, arms="down", left=True)
    return sheet


def _tennis_table(sheet: Sheet, x: float, foot: float) -> None:
    for at in (x + 52, x + 236):
        sheet.limb([(at, foot), (at, foot - 52)], STEEL, thick=9)
        sheet.limb([(at - 20, foot), (at + 20, foot)], STEEL, thick=5)
    sheet.area([(x, foot - 52), (x + 36, foot - 92), (x + 252, foot - 92), (x + 288, foot - 52)], DEEP_GREEN)
    sheet.stroke([(x + 18, foot - 72), (x + 270, foot - 72)], line=2, colour=WHITE)
    sheet.box(x, foot - 54, 288, 10, GREEN)
    sheet.area(
        [(x + 140, foot - 114), (x + 148, foot - 114), (x + 148, foot - 56), (x + 140, foot - 56)], WHITE
    )


def _player(sheet: Sheet, dice: Random, x: float, foot: float, bat: str, *, left: bool = False) -> None:
    hand = neighbour(sheet, dice, x, foot, arms="reach", left=left)
    side = -1 if left else 1
    sheet.limb([hand, (hand[0] + 9 * side, hand[1] - 12)], WOOD, thick=4)
    sheet.disc(hand[0] + 15 * side, hand[1] - 26, 14, bat)


def _table_tennis(dice: Random) -> Sheet:
    sheet = street(dice)
    neighbour(sheet, dice, 346, 350, scale=0.9, arms="up")
    _tennis_table(sheet, 216, 432)
    _player(sheet, dice, 136, 444, CORAL)
    _player(sheet, dice, 584, 444, DEEP_BLUE, left=True)
    sheet.disc(418, 282, 7, WHITE)
    sheet.stroke(curve((250, 330), (330, 250), (404, 278), 8), line=1.5, colour=STEEL)
    return sheet


def _tournament(dice: Random) -> Sheet:
    sheet = street(dice)
    bunting(sheet, 30)
    for at, x in enumerate((64, 136, 214, 292, 424, 500, 576, 652)):
        arms = ("up", "wave", "down")[at % 3]
        neighbour(sheet, dice, x, 362 + at % 2 * 6, arms=arms, scale=0.8 if at % 3 else 0.92, left=x > 360)
    _tennis_table(sheet, 216, 448)
    _player(sheet, dice, 140, 462, YELLOW)
    _player(sheet, dice, 582, 462, CORAL, left=True)
    sheet.disc(330, 300, 7, WHITE)
    sheet.limb([(674, 470), (674, 380)], WOOD, thick=5)
    sheet.box(632, 330, 84, 58, YELLOW, rx=4)
    sheet.text(674, 359, "11 - 9", size=24, weight=750, anchor="mm")
    return sheet


def _sandpit(dice: Random) -> Sheet:
    sheet = street(dice, grass=True)
    corners = [(210, 372), (506, 372), (548, 448), (168, 448)]
    sheet.area(corners, SAND)
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        sheet.limb([start, end], WOOD, thick=9)
    sheet.area(curve((280, 420), (350, 320), (430, 420)), "#E9CB86")
    sheet.limb([(350, 372), (360, 336)], WOOD, thick=3)
    sheet.area([(360, 336), (386, 342), (362, 354)], CORAL, line=2.5)
    sheet.area([(446, 400), (476, 400), (471, 430), (451, 430)], BLUE)
    sheet.stroke(curve((446, 400), (461, 380), (476, 400), 8), line=2.5)
    sheet.area([(240, 404), (262, 404), (258, 426), (244, 426)], CORAL)
    neighbour(sheet, dice, 300, 424, scale=0.6, arms="reach")
    neighbour(sheet, dice, 502, 430, scale=0.62, arms="up", left=True)
    neighbour(sheet, dice, 116, 444, arms="wave")
    neighbour(sheet, dice, 628, 440, arms="down", left=True)
    return sheet


def _mural(dice: Random) -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT, "#DDEEFC")
    sheet.box(-6, 70, WIDTH + 12, 296, "#E4E0DA")
    sheet.box(-6, 58, WIDTH + 12, 16, STEEL)
    waves = [*curve((0, 280), (120, 250), (240, 284)), *curve((240, 284), (330, 306), (430, 284))]
    sheet.area([(0, 366), *waves, (430, 366)], BLUE)
    sheet.disc(84, 138, 34, YELLOW)
    _ship(sheet, 150, 286)
    for x, y in ((230, 118), (290, 140), (356, 112)):
        for wing in (-18, 18):
            sheet.stroke(curve((x + wing, y - 8), (x + wing / 2, y - 14), (x, y), 6))
    for at, colour in enumerate((CORAL, MAUVE, YELLOW, GREEN)):
        x = 446 + at * 66
        sheet.stroke([(x, 362), (x, 196), (x + 28, 166), (x + 56, 196), (x + 56, 362)], line=3)
        if at < 1:
            sheet.area([(x, 362), (x, 196), (x + 28, 166), (x + 56, 196), (x + 56, 362)], colour)
            sheet.box(x + 16, 226, 24, 32, GLASS)
    sheet.box(-4, 366, WIDTH + 8, 130, "#E8D9E2")
    sheet.box(548, 428, 120, 12, "#4B5B73")
    sheet.limb([(562, 428), (636, 330), (562, 250)], YELLOW, thick=9)
    for wheel in (568, 646):
        sheet.disc(wheel, 446, 14, "#241A2B")
    hand = neighbour(sheet, dice, 566, 250, scale=0.9, arms="lift", left=True)
    sheet.limb([hand, (hand[0] - 14, hand[1] - 8)], WOOD, thick=3)
    sheet.box(524, 196, 86, 58, YELLOW)
    sheet.box(534, 206, 66, 38, "#FFE9A8", line=2)
    hand = neighbour(sheet, dice, 330, 446, arms="lift")
    sheet.limb([hand, (hand[0] + 14, hand[1] - 20)], WOOD, thick=3)
    neighbour(sheet, dice, 96, 452, arms="wave")
    for x, colour in ((386, CORAL), (420, GREEN), (454, BLUE)):
        sheet.box(x, 430, 28, 30, WHITE, rx=2)
        sheet.oval(x + 14, 431, 14, 5, colour)
    return sheet


def _ship(sheet: Sheet, x: float, y: float) -> None:
    sheet.box(x + 54, y - 74, 76, 44, WHITE)
    sheet.box(x + 92, y - 112, 26, 40, CORAL)
    for pane in (64, 88, 112):
        sheet.disc(x + pane, y - 54, 6, GLASS)
    sheet.area([(x, y - 32), (x + 190, y - 32), (x + 166, y + 14), (x + 28, y + 14)], DEEP_BLUE)
    sheet.stroke([(x + 10, y - 16), (x + 182, y - 16)], line=3, colour=WHITE)


SCENES: dict[str, Callable[[Random], Sheet]] = {
    "tool_cupboard": _tool_cupboard,
    "mending_morning": _mending_morning,
    "planting": _planting,
    "orchard": _orchard,
    "table_tennis": _table_tennis,
    "tournament": _tournament,
    "sandpit": _sandpit,
    "mural": _mural,
}
