"""The pictures that Deem's links lead to: GIF files that any viewer reads, and codes that any reader reads."""

from __future__ import annotations

import pytest
import zxingcpp

from mocktill.apis.deem.code import QUIET, SCALE, code_of, picture
from mocktill.apis.deem.drawing import HEIGHT, WIDTH, draw
from mocktill.apis.deem.gif import MOST_COLOURS, encode
from tests.images import Image, read_gif, read_png

NOISE = bytes((7919 * place * place + place) % 251 for place in range(256 * 256))
"""Pixels that hardly compress, so that the table of codes fills up more than once."""


@pytest.mark.parametrize("colours", [1, 2, 3, 4, 5, 16, 17, 255, 256])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (256, 256)])
def test_what_is_encoded_is_read_back(colours: int, size: tuple[int, int]) -> None:
    """Any size and any number of colours comes back pixel by pixel, with the palette filled up with black."""
    width, height = size
    palette = [(place, 255 - place, place // 2) for place in range(colours)]
    pixels = bytes(NOISE[place] % colours for place in range(width * height))
    image = read_gif(encode(width, height, palette, pixels))
    assert (image.width, image.height, image.pixels) == (width, height, pixels)
    assert image.palette[:colours] == tuple(palette)
    assert set(image.palette[colours:]) <= {(0, 0, 0)}


def test_one_colour_compresses() -> None:
    """A picture of one colour is small, however large it is."""
    assert len(encode(300, 200, [(1, 2, 3)], bytes(60_000))) < 1_000


def test_a_deal_s_picture_is_its_own() -> None:
    """The same name has the same picture, each other name another one; it is small, and has no more than a palette."""
    names = ["generic", "last-one", "last-two", "", "ö", "💸", "a" * 1_000]
    files = {name: draw(name) for name in names}
    assert len(set(files.values())) == len(names)
    draw.cache_clear()
    assert draw("generic") == files["generic"]
    for file in files.values():
        image = read_gif(file)
        assert (image.width, image.height) == (WIDTH, HEIGHT)
        assert 50 < len(set(image.pixels)) <= MOST_COLOURS
        assert len(file) < 10_000


def test_hills_stand_before_the_sky() -> None:
    """A picture is light above and dark below, so that a page has something to look at."""
    for name in ("generic", "two-each", "paused", "not-begun"):
        image = read_gif(draw(name))
        assert brightness(image, 0) > 1.5 * brightness(image, HEIGHT - 1)


def brightness(image: Image, y: int) -> float:
    """Return how bright a row of pixels is."""
    row = image.pixels[y * image.width : (y + 1) * image.width]
    return sum(sum(image.palette[place]) for place in row) / len(row)


@pytest.mark.parametrize("code", ["74AQAJTN", "a'b-q6<>\"&", "é✓", "éü", "テ日", "x" * 700, "💸" * 700])
def test_a_code_is_read_as_it_was_said(code: str) -> None:
    """A reader decodes what was said, up to the most that a row may have; a quiet zone is around it."""
    image = read_png(picture(code))
    [found] = zxingcpp.read_barcodes(memoryview(image.pixels).cast("B", (image.height, image.width)))
    assert (found.text, found.format) == (code, zxingcpp.BarcodeFormat.QRCode)
    margin = QUIET * SCALE
    assert set(image.pixels[: margin * image.width]) == {255}
    assert image.pixels[margin * image.width + margin] == 0
    assert image.width >= 25 * SCALE


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"redemption_code": "R", "qr_code": "Q"}, "R"),
        ({"redemption_code": None, "qr_code": "Q"}, "Q"),
        ({"redemption_code": "", "qr_code": ""}, "key"),
        ({}, "key"),
    ],
)
def test_what_a_code_says(row: dict[str, str | None], said: str) -> None:
    """It says the redemption code, or else the `qr_code`, or else the coupon's id."""
    assert code_of("key", row) == said
