"""A sheet to draw on: flat colours with edges of ink, as the site draws its streets. Gives a JPEG."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

INK = "#241A2B"
FONT = Path(__file__).parents[2] / "web" / "static" / "web" / "fonts" / "reddit-sans-latin.woff2"
DRAWN, KEPT = 3, 2  # pixels a point while drawing and in the picture: smooth edges

Point = tuple[float, float]


class Sheet:
    """`width` by `height` points, with 0, 0 at the top left."""

    def __init__(self, width: int, height: int, ground: str) -> None:
        self.width, self.height = width, height
        self._image = Image.new("RGB", (width * DRAWN, height * DRAWN), ground)
        self._draw = ImageDraw.Draw(self._image)

    def area(self, points: Sequence[Point], fill: str, *, line: float = 3) -> None:
        at = [(x * DRAWN, y * DRAWN) for x, y in points]
        self._draw.polygon(at, fill)
        if line:
            self._draw.line([*at, *at[:2]], INK, round(line * DRAWN), joint="curve")

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, *, line: float = 3, rx: float = 0
    ) -> None:
        at = (x * DRAWN, y * DRAWN, (x + width) * DRAWN, (y + height) * DRAWN)
        edge = INK if line else None
        self._draw.rounded_rectangle(at, rx * DRAWN, fill, edge, max(round(line * DRAWN), 1))

    def disc(self, x: float, y: float, radius: float, fill: str, *, line: float = 3) -> None:
        self.oval(x, y, radius, radius, fill, line=line)

    def oval(self, x: float, y: float, across: float, up: float, fill: str, *, line: float = 3) -> None:
        at = ((x - across) * DRAWN, (y - up) * DRAWN, (x + across) * DRAWN, (y + up) * DRAWN)
        self._draw.ellipse(at, fill, INK if line else None, max(round(line * DRAWN), 1))

    def stroke(self, points: Sequence[Point], *, line: float = 3, colour: str = INK) -> None:
        """A line with round ends and corners."""
        at = [(x * DRAWN, y * DRAWN) for x, y in points]
        self._draw.line(at, colour, round(line * DRAWN), joint="curve")
        half = line * DRAWN / 2
        for x, y in (at[0], at[-1]):
            self._draw.ellipse((x - half, y - half, x + half, y + half), colour)

    def limb(self, points: Sequence[Point], colour: str, *, thick: float) -> None:
        """A line with an edge of ink: an arm, a leg, a plank."""
        self.stroke(points, line=thick + 5)
        self.stroke(points, line=thick, colour=colour)

    def text(
        self, x: float, y: float, words: str, *, size: float, weight: int = 450, anchor: str = "la"
    ) -> None:
        font = ImageFont.truetype(FONT, round(size * DRAWN))
        font.set_variation_by_axes([weight])
        self._draw.text((x * DRAWN, y * DRAWN), words, INK, font, anchor)

    def picture(self) -> Image.Image:
        return self._image.resize((self.width * KEPT, self.height * KEPT), Image.Resampling.LANCZOS)


def curve(start: Point, pull: Point, end: Point, steps: int = 14) -> list[Point]:
    """Points on the way from start to end, drawn towards `pull`."""
    points = []
    for step in range(steps + 1):
        t = step / steps
        points.append(
            (
                (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * pull[0] + t**2 * end[0],
                (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * pull[1] + t**2 * end[1],
            )
        )
    return points


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()
