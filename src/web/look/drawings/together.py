"""Scenes of doing something together: a meal, repairs, lights, music, reading, painting."""

from __future__ import annotations

from web.look.drawings.people import at_table, neighbours, sitting, standing
from web.look.drawings.vocabulary import (
    BLUE,
    CORAL,
    DEEP_GREEN,
    GREEN,
    GREY,
    INK,
    MAUVE,
    PLUM,
    WHITE,
    WOOD,
    YELLOW,
    Dice,
    bench_back,
    bench_seat,
    bird,
    box,
    bunting,
    by_day,
    day_sky,
    disc,
    evening_sky,
    lights,
    limb,
    pavement,
    placed,
    shape,
    street,
    stroke,
    table,
    tree,
)


def party(dice: Dice) -> str:
    guests = neighbours(dice, 6)
    behind = "".join(
        at_table(guest, 130 + at * 92, 322, mirrored=at % 2 == 1) for at, guest in enumerate(guests[:5])
    )
    pans = box(150, 298, 54, 22, CORAL, rx=4) + stroke("M144 302h-8M210 302h8M158 298q19-14 38 0")
    cake = (
        box(348, 296, 52, 26, MAUVE, rx=3)
        + stroke("M348 306q9 8 17 0t18 0t17 0", line=2.5)
        + stroke("M374 296v-14", line=3, colour=YELLOW)
    )
    jug = shape("M484 320v-36h24v36zM508 290q18 2 0 22", BLUE) + box(526, 302, 16, 18, WHITE, line=2.5)
    plates = "".join(shape(f"M{x} 322q14 6 28 0z", WHITE, line=2.5) for x in (100, 224, 300, 424, 556))
    return (
        by_day(dice)
        + bunting(84, dice)
        + behind
        + table(70, 386, 540, YELLOW)
        + placed(0, 2, pans + cake + jug + plates)
        + standing(guests[5], 660, 400, arms="reach", mirrored=True)
    )


def repair(dice: Dice) -> str:
    mender, owner, reader = neighbours(dice, 3)
    wheel = "".join(disc(x, 352, 34, "none") + disc(x, 352, 4, INK) for x in (470, 584))
    frame = limb("M470 352l28-62h58l28 62M498 290l34 62h-62M556 290l-24 62", CORAL, thick=4)
    bicycle = wheel + frame + stroke("M556 290l-4-18h18M498 290l-4-14M482 274h26", line=5)
    radio = (
        box(146, 292, 58, 34, BLUE, rx=4)
        + disc(164, 309, 9, WHITE, line=2.5)
        + stroke("M182 302h14M182 312h14M196 292l14-22", line=2.5)
    )
    lamp = shape("M252 326h26M265 326v-16l-20-18l14-22l22 14", "none") + shape(
        "M250 276l20-22l18 16l-10 20z", YELLOW
    )
    tools = (
        limb("M300 322l24 0", GREY, thick=4)
        + limb("M342 322h22", CORAL, thick=5)
        + stroke("M364 322h14", line=4)
    )
    sign = (
        box(308, 118, 104, 62, WHITE, rx=6)
        + limb("M342 166l34-34", GREY, thick=7)
        + shape("M370 146a17 17 0 0 1 6-28l-3 14 11 7 11-9a17 17 0 0 1-17 22z", GREY)
    )
    return (
        by_day(dice)
        + stroke("M322 118v-16M398 118v-16")
        + sign
        + at_table(mender, 176, 326)
        + at_table(reader, 318, 326)
        + table(92, 390, 316, "#B9CFE0")
        + radio
        + lamp
        + tools
        + bicycle
        + standing(owner, 650, 396, arms="hips", mirrored=True)
    )


def winter_lights(dice: Dice) -> str:
    first, second, child = neighbours(dice, 3)
    lantern = (
        stroke("M0 0v-40M0-40l18-6", line=4)
        + shape("M10-46h18l4 28h-26z", "#FFF0C6")
        + disc(19, -31, 5, YELLOW, line=2)
    )
    snow = "".join(
        disc(20 + at * 41 + dice.roll(20), 110 + dice.roll(170), 2.5, WHITE, line=0) for at in range(17)
    )
    fir = shape("M0-150l32 46h-16l32 46h-18l34 50h-128l34-50h-18l32-46h-16z", DEEP_GREEN) + box(
        -8, -8, 16, 14, "#A0673C"
    )
    balls = "".join(
        disc(x, y, 5.5, colour, line=2)
        for x, y, colour in (
            (-14, -96, YELLOW),
            (16, -70, CORAL),
            (-22, -40, CORAL),
            (10, -26, YELLOW),
            (36, -30, YELLOW),
            (0, -152, YELLOW),
        )
    )
    return (
        evening_sky(dice)
        + street(dice, lit=True)
        + pavement("#5A4A66", "#4B3D57")
        + lights(76)
        + lights(120, sag=26)
        + snow
        + placed(590, 392, fir + balls, scale=1.12)
        + standing(first, 170, 396, arms="wave")
        + standing(child, 250, 398, arms="down", scale=0.74)
        + placed(272, 366, lantern)
        + standing(second, 356, 396, arms="up", mirrored=True)
    )


def music(dice: Dice) -> str:
    singer, drummer, guitarist, listener = neighbours(dice, 4)
    guitar = (
        shape("M-14 12c-16-4-16-28 0-28c6-10 22-8 22 4c10 14-6 32-22 24z", WOOD)
        + disc(-4, -1, 5, INK, line=0)
        + limb("M8-8l38-26", "#A0673C", thick=4)
    )
    drum = (
        shape("M-30-40h60v34q-30 10-60 0z", CORAL)
        + shape("M-30-40q30-10 60 0q-30 10-60 0z", WHITE)
        + stroke("M-30-36l12 30l12-26l12 26l12-26l12 22", line=2)
        + stroke("M-34-68l22 22M36-66l-24 20", line=4)
    )
    microphone = stroke("M0 0v-88M-12 0h24", line=4) + disc(0, -92, 7, GREY)
    note = "M0 0v-26l18-5v24"
    notes = "".join(
        placed(x, y, stroke(note, line=3.5) + disc(-4, 1, 5.5, INK, line=0) + disc(14, -5, 5.5, INK, line=0))
        for x, y in ((292, 196), (424, 178), (560, 206))
    )
    stage = shape("M110 372h430l18 24H92z", "#A0673C") + stroke("M110 384h430", line=2)
    return (
        by_day(dice)
        + bunting(70, dice, sag=34)
        + stage
        + standing(drummer, 196, 374)
        + placed(196, 374, drum)
        + standing(singer, 330, 374, arms="wave", mirrored=True)
        + placed(354, 374, microphone)
        + standing(guitarist, 460, 374)
        + placed(462, 320, guitar)
        + notes
        + standing(listener, 640, 400, arms="up", mirrored=True)
    )


def library(dice: Dice) -> str:
    reader, child = neighbours(dice, 2)
    spines = "".join(
        box(x, 262 - tall, 13, tall, colour, line=2.5)
        for x, tall, colour in (
            (300, 44, CORAL), (313, 38, BLUE), (326, 48, YELLOW), (339, 42, GREEN), (352, 46, MAUVE),
            (372, 40, BLUE), (385, 48, WHITE), (398, 36, CORAL),
        )
    )  # fmt: skip
    lower = "".join(
        box(x, 280, 14, 34, colour, line=2.5)
        for x, colour in ((302, YELLOW), (316, PLUM), (330, GREEN), (344, CORAL), (372, BLUE), (386, YELLOW))
    )
    case = (
        limb("M358 396V320", "#A0673C", thick=13)
        + shape("M280 204l78-40 78 40z", "#A3201A")
        + box(288, 204, 140, 114, WOOD)
        + box(296, 210, 124, 102, "#FFF3D1", line=2)
        + spines
        + stroke("M296 264h124", line=4)
        + lower
    )
    book = shape("M0 0q-14-10-28-4v-26q14-6 28 4q14-10 28-4v26q-14-6-28 4z", WHITE) + stroke(
        "M0 0v-26", line=2
    )
    return (
        by_day(dice)
        + tree(92, 380, scale=1.15)
        + bench_back(492, 392, 190)
        + bench_seat(492, 392, 190)
        + sitting(reader, 590, 348)
        + placed(590, 338, book)
        + case
        + standing(child, 240, 398, arms="reach", scale=0.8)
        + bird(160, 410)
    )


def mural(dice: Dice) -> str:
    painter, second, child = neighbours(dice, 3)
    wall = box(96, 96, 520, 262, "#FFF3D1") + shape("M84 96h544v-18H84z", "#8A4A4A")
    sun = disc(480, 166, 42, YELLOW) + "".join(
        stroke(path, line=6, colour=YELLOW)
        for path in (
            "M480 108v-6M480 230v-6",
            "M424 166h-8M544 166h-8",
            "M440 126l-5-5M524 206l-5-5",
            "M520 126l5-5M436 206l5-5",
        )
    )
    hills = shape("M98 356v-70q90-80 190-16q80-70 180-6q80-40 146 16v76z", GREEN) + shape(
        "M98 356v-34q120-50 240-8q140-46 276-2v44z", BLUE
    )
    fish = shape("M0 0q24-24 52 0q-28 24-52 0zl-20-14v28z", CORAL)
    tulips = "".join(
        stroke(f"M{x} 300v-{tall}", line=5, colour=DEEP_GREEN)
        + shape(f"M{x - 14} {282 - tall}l8 10l6-14l6 14l8-10q6 28-14 28t-14-28z", colour)
        for x, tall, colour in ((166, 60, CORAL), (216, 86, MAUVE), (268, 66, YELLOW))
    )
    ladder = limb("M356 398l20-214M410 398l-8-214", WOOD, thick=5) + stroke(
        "M362 352h48M366 312h42M370 272h36M374 232h30", line=5
    )
    pots = "".join(
        box(x, 384, 26, 22, colour, rx=2) + stroke(f"M{x} 384q13-16 26 0", line=2)
        for x, colour in ((470, CORAL), (504, BLUE), (538, YELLOW))
    )
    brush = limb("M0 0l12-22", "#A0673C", thick=3) + shape("M10-20l8 4l2-16z", CORAL, line=2)
    return (
        day_sky(dice)
        + street(dice)
        + pavement()
        + wall
        + sun
        + hills
        + placed(500, 326, fish)
        + tulips
        + ladder
        + standing(painter, 386, 306, arms="wave")
        + placed(430, 190, brush)
        + standing(second, 196, 400, arms="wave", mirrored=True)
        + pots
        + standing(child, 640, 400, arms="up", scale=0.8)
    )
