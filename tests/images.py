"""Reads the images that the sandbox makes, so that a test sees what a viewer sees; knows no others."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Image:
    """A picture as values: of a GIF the places in its palette, of a PNG shades of grey, row by row."""

    width: int
    height: int
    palette: tuple[tuple[int, int, int], ...]
    pixels: bytes


@lru_cache
def read_png(file: bytes) -> Image:
    """Return the picture of a PNG file of one bit a pixel, 0 for black and 255 for white."""
    assert file.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, place = {b"IDAT": b""}, 8
    while place < len(file):
        length, kind = struct.unpack(">I4s", file[place : place + 8])
        data = file[place + 8 : place + 8 + length]
        assert zlib.crc32(kind + data) == int.from_bytes(file[place + 8 + length : place + 12 + length])
        chunks[kind] = chunks.get(kind, b"") + data
        place += 12 + length
    width, height, depth, colours = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colours) == (1, 0)
    bytes_a_row = -(-width // 8)
    raw, above, pixels = zlib.decompress(chunks[b"IDAT"]), bytes(bytes_a_row), bytearray()
    for y in range(height):
        how, *row = raw[y * (bytes_a_row + 1) : (y + 1) * (bytes_a_row + 1)]
        assert how in {0, 2}, "segno has a row as it is, or as what differs from the one above"
        above = bytes([(one + other) % 256 for one, other in zip(row, above, strict=True)]) if how else bytes(row)
        pixels += bytes([255 * (above[x // 8] >> (7 - x % 8) & 1) for x in range(width)])
    return Image(width, height, (), bytes(pixels))


@lru_cache
def read_gif(file: bytes) -> Image:
    """Return the picture of a GIF file with one image and one palette (GIF89a specification, appendix F)."""
    assert file.startswith(b"GIF89a")
    assert file.endswith(b"\0;")
    width, height, flags = struct.unpack("<HHB", file[6:11])
    size = 2 << (flags & 7)
    palette = tuple((file[at], file[at + 1], file[at + 2]) for at in range(13, 13 + 3 * size, 3))
    image = file[13 + 3 * size :]
    assert image[:10] == b",\0\0\0\0" + file[6:10] + b"\0"
    data, place = b"", 11
    while image[place]:
        data += image[place + 1 : place + 1 + image[place]]
        place += 1 + image[place]
    assert place == len(image) - 2
    pixels = _expanded(data, image[10])
    assert len(pixels) == width * height
    return Image(width, height, palette, pixels)


def _expanded(data: bytes, bits: int) -> bytes:
    clear, end = 1 << bits, (1 << bits) + 1
    start: list[bytes] = [bytes((number,)) for number in range(clear)] + [b"", b""]
    table, width, at, last, out = list(start), bits + 1, 0, b"", bytearray()
    stream = int.from_bytes(data, "little")
    while (code := stream >> at & (1 << width) - 1) != end:
        at += width
        if code == clear:
            table, width, last = list(start), bits + 1, b""
            continue
        entry = table[code] if code < len(table) else last + last[:1]
        if last and len(table) < 4096:
            table.append(last + entry[:1])
        width = min(max(len(table).bit_length(), bits + 1), 12)
        out += entry
        last = entry
    return bytes(out)
