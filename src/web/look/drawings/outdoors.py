"""Scenes of things outside: a bench, a playground, a garden, sports, cleaning, trees."""

from __future__ import annotations

from web.look.drawings.people import neighbours, sitting, standing
from web.look.drawings.vocabulary import (
    BLUE,
    CORAL,
    DEEP_GREEN,
    EARTH,
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
    by_day,
    disc,
    flat,
    flower,
    limb,
    on_grass,
    placed,
    planter,
    sapling,
    shape,
    stroke,
    tree,
)


def bench(dice: Dice) -> str:
    left, right = neighbours(dice, 2)
    return (
        by_day(dice)
        + tree(618, 372, scale=1.25)
        + planter(dice, 56, 376)
        + planter(dice, 476, 376)
        + bench_back(186, 396)
        + bench_seat(186, 396)
        + sitting(left, 272, 352)
        + sitting(right, 366, 352, mirrored=True)
        + bird(132, 408)
    )


def playground(dice: Dice) -> str:
    small, smaller, grown = neighbours(dice, 3)
    slide = (
        limb("M96 386V250M150 386V250", "#4B5B73", thick=6)
        + stroke("M96 352h54M96 324h54M96 296h54M96 268h54", line=4)
        + shape(
            "M146 244h34c20 0 24 14 34 40l26 66q6 16 34 16v18h-16q-34 0-44-26l-30-76q-5-14-14-14h-24z", YELLOW
        )
        + limb("M90 246h64", CORAL, thick=7)
    )
    swing = (
        limb("M408 392l36-176M628 392l-36-176", CORAL, thick=8)
        + limb("M430 214h176", CORAL, thick=9)
        + stroke("M490 218l-8 110M542 218l-8 110", line=2.5)
        + limb("M474 330h68", PLUM, thick=6)
    )
    return (
        on_grass(dice)
        + flat("M40 404q10-26 130-26h130q40 4 44 26z", "#FFE3A3")
        + stroke("M40 404q10-26 130-26h130q40 4 44 26z")
        + slide
        + swing
        + sitting(small, 508, 326, arms="up")
        + standing(smaller, 326, 392, arms="up", scale=0.76)
        + standing(grown, 676, 398, arms="hips", mirrored=True)
    )


def garden(dice: Dice) -> str:
    grower, helper = neighbours(dice, 2)
    beds = []
    for at, x in enumerate((30, 236, 442)):
        soil = (
            shape(f"M{x} 372h188v34h-188z", WOOD)
            + shape(f"M{x + 8} 364h172l6 10h-184z", EARTH)
            + stroke(f"M{x} 389h188", line=2)
        )
        beds.append(_crop(at, x) + soil)
    can = shape("M0 0h-38v-34h38zM0-10l22-26M-36-34q2-22 34-14", BLUE) + stroke("M16-42l12 10", line=5)
    barrow = (
        shape("M-46-52h86l-18 34h-50z", GREEN) + disc(-44, -14, 15, GREY) + disc(-44, -14, 3, INK)
        + stroke("M40-52l28-8M22-18l6 18", line=5)
    )  # fmt: skip
    return (
        on_grass(dice)
        + standing(grower, 214, 374, arms="hips")
        + standing(helper, 430, 374, arms="reach")
        + "".join(beds)
        + placed(470, 330, can)
        + placed(660, 404, barrow, mirrored=True, scale=0.8)
    )


def _crop(kind: int, x: int) -> str:
    places = range(x + 22, x + 180, 36)
    if kind == 0:
        return "".join(
            shape(f"M{at} 366q-22-6-16-24q8-12 16-6q10-8 17 6q6 18-17 24z", GREEN, line=2.5) for at in places
        )
    if kind == 1:
        sticks = "".join(stroke(f"M{at} 368v-72", line=4, colour="#A0673C") for at in places)
        leaves = "".join(
            shape(f"M{at} 350q-18-4-16-20q14 2 16 20zM{at} 330q18-4 16-20q-14 2-16 20z", GREEN, line=2)
            for at in places
        )
        return (
            sticks
            + leaves
            + "".join(
                disc(at + 7, 346, 7, CORAL, line=2) + disc(at - 7, 322, 7, CORAL, line=2) for at in places
            )
        )
    return "".join(flower(at, 368, 36 + at % 5 * 6, (YELLOW, MAUVE, CORAL)[at % 3]) for at in places)


def sports(dice: Dice) -> str:
    keeper, striker, fan = neighbours(dice, 3)
    net = "".join(f"M{x} 206l8 130" for x in range(456, 660, 22)) + "".join(
        f"M452 {y}h206" for y in range(222, 336, 22)
    )
    goal = stroke(net, line=1.5, colour="#8B94A0") + limb("M446 350V204h218v146", WHITE, thick=7)
    ball = (
        disc(300, 384, 17, WHITE)
        + shape("M300 376l8 6-3 9h-10l-3-9z", INK, line=1)
        + stroke("M300 376v-8M308 382l8-3M305 391l5 7M295 391l-5 7M292 382l-8-3", line=2)
    )
    lines = stroke("M0 404h180q60-60 150-60h390", line=4, colour=WHITE)
    ribbon = stroke("M258 388h-26M262 376h-16", line=3)
    return (
        on_grass(dice)
        + lines
        + goal
        + standing(keeper, 556, 356, arms="up")
        + standing(striker, 196, 398, arms="wave", mirrored=True)
        + ball
        + ribbon
        + standing(fan, 70, 356, arms="up", scale=0.8)
    )


def cleaning(dice: Dice) -> str:
    sweeper, picker, child = neighbours(dice, 3)
    broom = (
        limb("M0 0l-34-104", "#A0673C", thick=4)
        + shape("M-10-6l18-6l16 26q-18 12-34 4z", YELLOW)
        + stroke("M2 14l-4-12M12 12l-6-12", line=2)
    )
    bag = shape("M-26 0c-12-18-8-46 18-56l-6-12h26l-6 12c26 8 32 38 20 56z", DEEP_GREEN) + stroke(
        "M-8-56h18M-6-40q-10 12-8 26", line=2.5
    )
    grabber = limb("M0 0l-30-66", GREY, thick=3) + stroke("M-4-4l-4 16M4-4l8 14", line=4)
    litter = (
        shape("M0 0l8-14 14 4-2 12z", WHITE, line=2.5)
        + placed(120, 4, shape("M0 0h14l3-20h-20z", CORAL, line=2.5))
        + placed(-70, 6, disc(0, -6, 6, YELLOW, line=2.5))
    )
    shine = "".join(
        stroke(f"M{x} {y}v-16M{x - 8} {y - 8}h16", line=3, colour=WHITE)
        for x, y in ((84, 346), (610, 340), (332, 356))
    )
    return (
        by_day(dice)
        + shine
        + placed(96, 396, bag, scale=1.15)
        + placed(150, 402, bag)
        + standing(sweeper, 250, 392, arms="reach")
        + placed(318, 390, broom)
        + standing(picker, 470, 394, arms="reach", mirrored=True)
        + placed(410, 390, grabber, mirrored=True)
        + placed(372, 402, litter)
        + standing(child, 610, 398, arms="hold", scale=0.78)
        + placed(610, 398, bag, scale=0.62)
    )


def trees(dice: Dice) -> str:
    digger, holder, child = neighbours(dice, 3)
    spade = (
        limb("M0 0l-26-84", "#A0673C", thick=4)
        + shape("M-10-8l20-6l8 26q-12 10-20-2z", GREY)
        + stroke("M-36-82l18-6", line=6)
    )
    heap = shape("M-52 0q14-34 44-30q34-12 56 30z", EARTH)
    can = shape("M0 0h-34v-30h34zM0-8l20-24M-32-30q2-20 30-12", YELLOW)
    return (
        on_grass(dice)
        + tree(84, 366, scale=1.1)
        + sapling(330, 388)
        + placed(330, 394, heap, scale=0.7)
        + standing(holder, 404, 394, arms="reach", mirrored=True)
        + standing(digger, 214, 394, arms="reach")
        + placed(286, 398, spade)
        + placed(536, 398, heap)
        + sapling(536, 380)
        + standing(child, 618, 398, arms="reach", scale=0.78, mirrored=True)
        + placed(588, 356, can, scale=0.8, mirrored=True)
        + bird(466, 408)
    )
