"""What the photos are drawn with: houses, trees and neighbours of a made-up Dutch street, 720 by 480 points."""

from random import Random

from demo.neighbourhood.sheet import Point, Sheet, curve

WIDTH, HEIGHT, GROUND = 720, 480, 318

WHITE, YELLOW, CORAL, BLUE, GREEN = "#FFFFFF", "#FFC42E", "#FF8A78", "#6CB8F5", "#63CFA6"
DEEP_GREEN, DEEP_BLUE, PLUM, MAUVE, BRICK = "#125C32", "#1F4A78", "#5A1E4A", "#C98FB0", "#A3201A"
WOOD, BARK, STEEL, GLASS, SAND = "#D9A066", "#A0673C", "#9AA3AD", "#F3FAFF", "#F3DDA8"
SKY, LAWN, CLINKER, JOINT = "#DDEEFC", "#BFE8D2", "#E8D9E2", "#D2BCCB"
WALLS = ("#E9A48F", "#F6E3C9", MAUVE, "#F3C3AE", "#FFF3D1", "#B9CFE0", "#E3B98A")
ROOFS = ("#8A4A4A", PLUM, "#4B5B73", "#A65A43")
DOORS = (PLUM, DEEP_BLUE, DEEP_GREEN, BRICK, "#B07300")
SKINS = ("#F6D3B8", "#E8B48C", "#C98A5F", "#9A623E", "#6E4429", "#F1C7A5")
HAIR = ("#2B1B17", "#5B3A22", "#B5742F", "#E5B94E", "#BDB7C4")
CLOTHES = (DEEP_BLUE, CORAL, GREEN, YELLOW, MAUVE, BLUE, DEEP_GREEN, BRICK)
TROUSERS = ("#3B4A66", "#5B5063", PLUM, "#4B5B73")


def street(dice: Random, *, grass: bool = False) -> Sheet:
    """A sunny day, a row of houses, and clinkers or a lawn before them."""
    sheet = Sheet(WIDTH, HEIGHT, SKY)
    sun = dice.choice((110, 360, 600))
    sheet.disc(sun, 58, 30, YELLOW, line=0)
    for x in (sun - 190, sun + 150):
        cloud(sheet, x, 52 + dice.randrange(22))
    _houses(sheet, dice)
    if grass:
        _lawn(sheet, dice)
    else:
        _clinkers(sheet)
    return sheet


def cloud(sheet: Sheet, x: float, y: float) -> None:
    for across, up, radius in ((0, 0, 14), (20, -8, 18), (42, -3, 15), (58, 1, 11)):
        sheet.disc(x + across, y + up, radius, WHITE, line=0)
    sheet.box(x - 4, y, 68, 13, WHITE, line=0, rx=6)


def _houses(sheet: Sheet, dice: Random) -> None:
    walls, doors = dice.sample(WALLS, 6), [dice.choice(DOORS) for _ in range(6)]
    x = -20.0
    for at in range(6):
        width, eaves = dice.choice((122, 130, 138)), dice.choice((132, 144, 156))
        roof = dice.choice(ROOFS)
        if dice.randrange(2):
            sheet.box(x + width * 0.68, eaves - 48, 15, 40, walls[at])
            sheet.area([(x - 3, eaves), (x + width / 2, eaves - 54), (x + width + 3, eaves)], roof)
        else:
            sheet.box(x, eaves - 26, width, 30, walls[at])
            sheet.box(x - 4, eaves - 36, width + 8, 13, roof)
        sheet.box(x, eaves, width, GROUND - eaves + 2, walls[at])
        for pane in (18, width - 54):
            _window(sheet, x + pane, eaves + 20, 36, 44)
        _window(sheet, x + 60, 250, width - 76, 40)
        sheet.box(x + 15, 242, 34, GROUND - 242, doors[at])
        sheet.box(x + 22, 250, 20, 17, GLASS, line=2)
        x += width


def _window(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    sheet.box(x, y, width, height, GLASS)
    sheet.stroke([(x + width / 2, y), (x + width / 2, y + height)], line=2)
    sheet.stroke([(x, y + 15), (x + width, y + 15)], line=2)
    sheet.stroke([(x - 4, y + height), (x + width + 4, y + height)])


def _clinkers(sheet: Sheet) -> None:
    sheet.box(-4, GROUND, WIDTH + 8, HEIGHT, CLINKER, line=0)
    for row, y in enumerate(range(GROUND + 26, HEIGHT + 26, 26)):
        sheet.stroke([(0, y), (WIDTH, y)], line=1.5, colour=JOINT)
        for x in range(-20 + row % 2 * 30, WIDTH + 40, 60):
            sheet.stroke([(x, y - 26), (x - 6, y)], line=1.5, colour=JOINT)
    sheet.stroke([(0, GROUND), (WIDTH, GROUND)])


def _lawn(sheet: Sheet, dice: Random) -> None:
    sheet.box(-4, GROUND, WIDTH + 8, HEIGHT, LAWN, line=0)
    sheet.stroke([(0, GROUND), (WIDTH, GROUND)])
    for _ in range(16):
        x, y = dice.randrange(WIDTH), dice.randrange(GROUND + 20, HEIGHT)
        sheet.stroke([(x, y), (x + 4, y - 8), (x + 7, y)], line=2)


def sapling(sheet: Sheet, x: float, foot: float, fruit: str) -> None:
    sheet.limb([(x + 15, foot), (x + 15, foot - 62)], WOOD, thick=3)
    sheet.limb([(x, foot), (x, foot - 84)], BARK, thick=5)
    sheet.stroke([(x, foot - 54), (x + 15, foot - 54)], line=3)
    for across, up, radius in ((-15, 96, 20), (15, 100, 22), (0, 122, 20)):
        sheet.disc(x + across, foot - up, radius, GREEN)
    sheet.disc(x, foot - 104, 20, GREEN, line=0)
    for across, up in ((-16, 92), (10, 118), (18, 96), (-4, 106)):
        sheet.disc(x + across, foot - up, 4.5, fruit, line=2)


def bunting(sheet: Sheet, y: float) -> None:
    """A line of flags from edge to edge."""
    line = curve((0, y), (WIDTH / 2, y + 90), (WIDTH, y), 15)
    for at, (x, drop) in enumerate(line[:-1]):
        colour = (CORAL, YELLOW, BLUE, GREEN, WHITE)[at % 5]
        sheet.area([(x + 9, drop + 2), (x + 39, drop + 2), (x + 24, drop + 32)], colour, line=2.5)
    sheet.stroke(line, line=2.5)


def table(sheet: Sheet, x: float, foot: float, width: float, top: str = WOOD) -> None:
    for at in (x + 22, x + width - 22):
        sheet.limb([(at, foot), (at, foot - 56)], BARK, thick=6)
    sheet.box(x, foot - 70, width, 16, top, rx=3)


ARMS: dict[str, tuple[Point, Point]] = {
    "down": ((-27, -46), (27, -46)),
    "reach": ((8, -52), (48, -68)),
    "up": ((-36, -112), (36, -112)),
    "wave": ((-27, -46), (38, -116)),
    "lift": ((34, -104), (44, -92)),
}


def neighbour(
    sheet: Sheet,
    dice: Random,
    x: float,
    foot: float,
    *,
    arms: str = "down",
    scale: float = 1,
    left: bool = False,
) -> Point:
    """Somebody of 134 points high at scale 1, looking right, or `left`. Gives where the foremost hand is."""
    skin, hair, top, trousers = (dice.choice(colours) for colours in (SKINS, HAIR, CLOTHES, TROUSERS))
    side = -scale if left else scale

    def at(across: float, up: float) -> Point:
        return x + across * side, foot + up * scale

    for leg in (-9, 9):
        sheet.limb([at(leg, -48), at(leg, -3)], trousers, thick=11 * scale)
        sheet.limb([at(leg - 2, -1), at(leg + 7, -1)], "#241A2B", thick=3 * scale)
    hands = [at(*hand) for hand in ARMS[arms]]
    shoulders = (at(-17, -84), at(17, -84))
    _arm(sheet, shoulders[0], hands[0], top, skin, scale)
    sheet.area([at(-21, -90), at(21, -90), at(19, -42), at(-19, -42)], top)
    _arm(sheet, shoulders[1], hands[1], top, skin, scale)
    _head(sheet, at(0, -109), skin, hair, dice.choice(("short", "long", "bun", "cap")), top, side)
    return hands[1]


def _arm(sheet: Sheet, shoulder: Point, hand: Point, top: str, skin: str, scale: float) -> None:
    sheet.limb([shoulder, hand], top, thick=9 * scale)
    sheet.disc(*hand, 6 * scale, skin, line=2.5)


def _head(sheet: Sheet, middle: Point, skin: str, hair: str, style: str, top: str, side: float) -> None:
    x, y = middle
    size = abs(side)
    if style == "long":
        sheet.box(x - 21 * size, y - 16 * size, 42 * size, 44 * size, hair, rx=16 * size)
    if style == "bun":
        sheet.disc(x - 8 * side, y - 24 * size, 9 * size, hair)
    sheet.disc(x, y, 19 * size, skin)
    sheet.area(_fringe(x, y, size), CORAL if style == "cap" and top != CORAL else hair, line=2.5)
    if style == "cap":
        sheet.stroke([(x + 8 * side, y - 8 * size), (x + 27 * side, y - 7 * size)], line=5 * size)
    sheet.disc(x + 5 * side, y + 1 * size, 2 * size, "#241A2B", line=0)
    sheet.disc(x + 13 * side, y + 1 * size, 2 * size, "#241A2B", line=0)
    smile = curve(
        (x + 3 * side, y + 8 * size), (x + 9 * side, y + 13 * size), (x + 14 * side, y + 7 * size), 6
    )
    sheet.stroke(smile, line=2 * size)


def _fringe(x: float, y: float, size: float) -> list[Point]:
    """The upper part of the head."""
    over = curve((x - 19 * size, y - 4 * size), (x, y - 40 * size), (x + 19 * size, y - 4 * size), 10)
    under = curve((x + 19 * size, y - 4 * size), (x, y - 14 * size), (x - 19 * size, y - 4 * size), 6)
    return [*over, *under]
