"""GIF files: a picture of palette colours as the bytes of GIF89a (CompuServe, Graphics Interchange Format)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Colour = tuple[int, int, int]
MOST_COLOURS = 256
MOST_CODES = 4096
"""How many codes the table of a compressed picture has at the most."""
BLOCK = 255
"""How many bytes follow the length of a block at the most."""


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
    """Return pixels by Lempel, Ziv and Welch: codes of growing width, the lowest bit first."""
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

    codes: dict[int, int] = {}
    write(clear)
    run = pixels[0]
    for pixel in memoryview(pixels)[1:]:
        longer = run << 8 | pixel
        known = codes.get(longer)
        if known is not None:
            run = known
            continue
        write(run)
        run = pixel
        new = clear + 2 + len(codes)
        if new < MOST_CODES:
            codes[longer] = new
            width += new == 1 << width
        else:
            write(clear)
            codes, width = {}, bits + 1
    write(run)
    write(clear + 1)
    if filled:
        out.append(written)
    return bytes(out)
