"""The pictures of deals: a landscape in the colours of its name, always the same for the same name."""

from __future__ import annotations

from colorsys import hls_to_rgb
from functools import lru_cache
from hashlib import blake2b
from math import ceil, cos, floor, hypot, pi, sin, sqrt

from mocktill.apis.deem.gif import MOST_COLOURS, Colour, encode

WIDTH, HEIGHT = 300, 200
BANDS = 50
"""In how many tones the sky goes from the top to the horizon."""
RIDGES = 5
STEPS = 4
"""In how many steps an edge goes over into what is behind it."""
KEPT = 1024
"""How many pictures are kept, of some 4 KiB each: a page may show hundreds, and drawing one takes milliseconds."""


@lru_cache(maxsize=KEPT)
def draw(name: str) -> bytes:
    """Return the picture of a name as a GIF file, 300 by 200 pixels."""
    drawing = _Drawing(blake2b(name.encode("utf-8", "replace"), digest_size=48).digest())
    pixels = drawing.paint()
    return encode(WIDTH, HEIGHT, drawing.palette, pixels)


class _Drawing:
    """A sky, a sun and ridges of hills, each nearer one darker; every measure is a byte of the name's digest."""

    def __init__(self, digest: bytes) -> None:
        self._measures = iter(digest)
        self._places: dict[Colour, int] = {}
        self._mixes: dict[tuple[int, Colour, int], int] = {}
        self._hue = self._measure(0, 1)
        self._turn = self._measure(0.04, 0.12) * (1 if self._measure(0, 1) < 0.5 else -1)

    @property
    def palette(self) -> list[Colour]:
        """The colours so far, by their places."""
        return list(self._places)

    def paint(self) -> bytes:
        """Return the pixels."""
        rows = [self._sky(y) for y in range(HEIGHT)]
        self._shine(rows)
        columns = [bytearray(column) for column in zip(*rows, strict=True)]
        for nearness in range(RIDGES):
            self._raise(columns, nearness)
        return b"".join(bytes(row) for row in zip(*columns, strict=True))

    def _measure(self, least: float, most: float) -> float:
        return least + (most - least) * next(self._measures) / 255

    def _tone(self, far: float, lightness: float, saturation: float) -> Colour:
        red, green, blue = hls_to_rgb((self._hue + self._turn * far) % 1, lightness, saturation)
        return round(red * 255), round(green * 255), round(blue * 255)

    def _place(self, colour: Colour) -> int:
        return self._places.setdefault(colour, len(self._places))

    def _mixed(self, under: int, colour: Colour, share: float) -> int:
        """Return what is seen where a colour covers a share of a pixel; of a full palette one of the two."""
        steps = round(share * STEPS)
        if not steps:
            return under
        mix = (under, colour, steps)
        if mix not in self._mixes:
            self._mixes[mix] = self._mix(under, colour, steps / STEPS)
        return self._mixes[mix]

    def _mix(self, under: int, colour: Colour, share: float) -> int:
        if share == 1:
            return self._place(colour)
        below = self.palette[under]
        red, green, blue = (round(one * share + other * (1 - share)) for one, other in zip(colour, below, strict=True))
        if len(self._places) >= MOST_COLOURS - RIDGES and (red, green, blue) not in self._places:
            return under
        return self._place((red, green, blue))

    def _sky(self, y: int) -> bytearray:
        band = y * BANDS // HEIGHT / (BANDS - 1)
        return bytearray((self._place(self._tone(2 - 3 * band, 0.72 + 0.22 * band, 0.5 + 0.25 * band)),)) * WIDTH

    def _shine(self, rows: list[bytearray]) -> None:
        """Put a sun into the sky, pale and a little warmer than it."""
        radius, x0, y0 = self._measure(16, 30), self._measure(50, WIDTH - 50), self._measure(42, 84)
        sun = self._tone(-3, 0.97, 0.9)
        for y in range(int(y0 - radius) - 1, ceil(y0 + radius) + 2):
            row, whole, touched = rows[y], _chord(x0, radius - 0.5, y - y0), _chord(x0, radius + 0.5, y - y0)
            row[whole.start : whole.stop] = bytes((self._place(sun),)) * len(whole)
            for x in (*range(touched.start, whole.start), *range(whole.stop, touched.stop)):
                row[x] = self._mixed(row[x], sun, radius + 0.5 - hypot(x - x0, y - y0))

    def _raise(self, columns: list[bytearray], nearness: int) -> None:
        """Put a ridge of hills before what is there: the nearer, the lower and the darker."""
        depth = nearness / (RIDGES - 1)
        colour = self._tone(-1.2 * depth, 0.7 - 0.44 * depth, 0.42 + 0.1 * depth)
        place = self._place(colour)
        swell, swing = self._measure(0.6, 1.5), self._measure(0, 2 * pi)
        ripple, shift = self._measure(2, 3.6), self._measure(0, 2 * pi)
        high = self._measure(10, 20)
        base = 92 + 72 * depth
        for x, column in enumerate(columns):
            along = 2 * pi * x / WIDTH
            top = base - high * sin(swell * along + swing) - 0.34 * high * cos(ripple * along + shift)
            first = ceil(top)
            column[first - 1] = self._mixed(column[first - 1], colour, first - top)
            column[first:] = bytes((place,)) * (HEIGHT - first)


def _chord(middle: float, radius: float, away: float) -> range:
    """Return the pixels of a line within a circle whose middle is so far from the line; none beyond it."""
    if abs(away) > radius:
        return range(ceil(middle), ceil(middle))
    half = sqrt(radius * radius - away * away)
    return range(ceil(middle - half), floor(middle + half) + 1)
