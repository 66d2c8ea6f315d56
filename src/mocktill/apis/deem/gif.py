"""GIF files: a picture of palette colours as the bytes of GIF89a (CompuServe, Graphics Interchange Format)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Colour = tuple[int, int, int]
MOST_COLOURS = 256
MOST_CODES = 4096
"""How many codes the table of a compressed picture has at the most."""
BLOCK = 255
"""How many bytes follow the length of a block at the most."""
_RUN = re.compile(rb"(.)\1*", re.DOTALL)


def encode(width: int, height: int, palette: Sequence[Colour], pixels: bytes) -> bytes:
    """Return a picture as a GIF file; a pixel is the place of its colour in the palette, row by row from the top."""
    bits = max(2, (len(palette) - 1).bit_length())
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    screen = b"GIF89a" + size + bytes((0xF0 | bits - 1, 0, 0))
    colours = b"".join(map(bytes, palette)).ljust(3 << bits, b"\0")
    picture = b"," + bytes(4) + size + b"\0"
    return b"".join((screen, colours, picture, bytes((bits,)), *_blocks(_compressed(pixels, bits)), b"\0;"))


def _blocks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), BLOCK):
        block = data[start : start + BLOCK]
        yield bytes((len(block),)) + block


def _compressed(pixels: bytes, bits: int) -> bytes:
    """Return pixels by Lempel, Ziv and Welch: codes of growing width, the lowest bit first.

    Of the strings that have a code only those of one colour are used: a picture of plain areas is made of them, and
    they are found without a look at each pixel, which would take five times as long.
    """
    clear = 1 << bits
    written, filled, width = 0, 0, bits + 1
    out = bytearray()

    def write(code: int) -> None:
        nonlocal written, filled
        written |= code << filled
        filled += width
        while filled >= 8:
            out.append(written & 255)
            written >>= 8
            filled -= 8

    def begin() -> list[list[int]]:
        return [[colour] for colour in range(clear)]  # the codes of each colour: of one pixel, of two …

    write(clear)
    known, new = begin(), clear + 2
    for run in _RUN.finditer(pixels):
        colour, left = run[1][0], run.end() - run.start()
        while left:
            codes = known[colour]
            length = min(left, len(codes))
            write(codes[length - 1])
            left -= length
            if new == MOST_CODES:
                write(clear)
                known, new, width = begin(), clear + 2, bits + 1
                continue
            if left and length == len(codes):
                codes.append(new)  # else it is of two colours, or is there already
            width += new == 1 << width
            new += 1
    write(clear + 1)
    if filled:
        out.append(written)
    return bytes(out)
