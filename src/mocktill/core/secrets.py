"""Masking: what is secret is replaced before anything is kept.

Secret are the values under telling names (keys, tokens, passwords, cookies) and payment card numbers, known by their
range and check digit. The common text has none, and is found to have none at the price of a few searches.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

import orjson

MASK = "***"
SHOWN = 200
"""At how many characters a value is cut that is shown to a person."""
LONGEST = 8 * 1024
"""At how many characters the value of a header is cut."""
_NAMES = ("apikey", "token", "secret", "passw", "authorization", "cookie", "cardnumber", "cvv", "cvc")
_SQUEEZED = bytes(b + 32 if 65 <= b <= 90 else b for b in range(256))
_DIGITS = bytes(48 if 48 <= b <= 57 else 46 for b in range(256))
_RUN = b"0" * 13
_GROUPS = re.compile(r"[0-9]+(?:[ -][0-9]+)*")
_RANGES = re.compile(
    r"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[47]|35|30[0-5]|36|3[89]|6011|64[4-9]|65|62|50|5[6-9]|6[37]"
)
_LENGTHS = range(13, 20)
_FORM = re.compile(rb"[^\s{}\"'<>=&]+=")
_PAIR = re.compile(  # begins with the telling word and bounds what may follow it, so that no text takes it long
    r"""((?:api[_ -]{0,2}key|token|secret|passw|authorization|cookie|card[_ -]{0,2}number|cvv|cvc)[\w\] -]{0,64}"""
    r"""["']?\s{0,16}[:=]\s{0,16})("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[\[{].*|[^&\r\n]*)""",
    re.IGNORECASE | re.DOTALL,
)


@lru_cache(maxsize=512)
def secret(name: str) -> bool:
    """Whether what stands under this name is secret."""
    squeezed = name.lower().replace("_", "").replace("-", "").replace(" ", "")
    return any(known in squeezed for known in _NAMES)


def suspicious(body: bytes) -> bool:
    """Whether there may be a secret in these bytes; False is certain."""
    if not body:
        return False
    text = body.translate(_SQUEEZED, b"_- +")
    return (  # spelt out, at half the price of a loop: every body comes by here
        b"apikey" in text
        or b"token" in text
        or b"secret" in text
        or b"passw" in text
        or b"authorization" in text
        or b"cookie" in text
        or b"cardnumber" in text
        or b"cvv" in text
        or b"cvc" in text
        or b"\\u" in text
        or b"%" in text
        or _RUN in text.translate(_DIGITS)
    )


def masked_headers(headers: Mapping[str, str], own: Collection[str] = ()) -> dict[str, str]:
    """Return the headers with secret ones masked, those in `own` too, and what is secret inside the others."""
    return {name: _by_pattern(value) for name, value in named_headers(headers, own).items()}


def named_headers(headers: Mapping[str, str], own: Collection[str] = ()) -> dict[str, str]:
    """Return the headers with secret ones masked by name: enough where the others are not suspicious."""
    return {name: MASK if name in own or secret(name) else value[:LONGEST] for name, value in headers.items()}


def masked_query(query: str) -> str:
    """Return a raw query string, or a form, with its secrets masked; the rest stays as it came."""
    if not query:
        return query
    return "&".join([_masked_parameter(parameter) for parameter in query.split("&")])


def masked_body(body: bytes) -> bytes:
    """Return a body with its secrets masked: JSON and forms by field, anything else by pattern."""
    if not suspicious(body):
        return body
    try:
        value = orjson.loads(body)
        hidden = masked(value)
        return body if hidden == value else orjson.dumps(hidden)
    except (ValueError, TypeError, RecursionError):
        text = body.decode(errors="replace")
        return (masked_query(text) if _FORM.match(body) else _by_pattern(text)).encode()


def masked(value: Any) -> Any:
    """Return a JSON value with its secrets masked, wherever they stand."""
    if isinstance(value, Mapping):
        return {
            masked_text(key): MASK if secret(key) and item is not None else masked(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, (int, float)) and 10**12 <= abs(value) < 10**19:
        number = str(abs(int(value)))
        return value if masked_text(number) == number else masked_text(number)
    return value


def masked_text(text: str) -> str:
    """Return a text with payment card numbers masked but for their last four digits."""
    if len(text) < _LENGTHS[0] or _RUN not in text.encode(errors="replace").translate(_DIGITS, b" -"):
        return text
    return _GROUPS.sub(_masked_groups, text)


def shown(value: Any) -> str:
    """Return a value as JSON text, with its secrets masked, cut to a length that a person reads."""
    try:
        text = orjson.dumps(masked(value)).decode()
    except (TypeError, ValueError, RecursionError):
        text = masked_text(repr(value))
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _masked_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if secret(unquote_plus(name)) and equals:
        return f"{masked_text(name)}={MASK}"
    plain = unquote_plus(value)
    return f"{masked_text(name)}{equals}{value if masked_text(plain) == plain else masked_text(plain)}"


def _by_pattern(text: str) -> str:
    def hide(pair: re.Match[str]) -> str:
        return pair[1] + (f'"{MASK}"' if pair[2].startswith('"') else MASK)

    return masked_text(_PAIR.sub(hide, text))


def _masked_groups(found: re.Match[str]) -> str:
    """Mask the cards in a row of groups of digits, of which a card is one, or several of four digits."""
    text, around = found[0], found.string
    open_ended = not around[: found.start()][-1:].isalpha() and not around[found.end() : found.end() + 1].isalpha()
    pieces, done = [], 0
    for start, end in _cards(text, grouped=open_ended):
        digits = re.sub(r"[ -]", "", text[start:end])
        pieces += [text[done:start], "*" * (len(digits) - 4), digits[-4:]]
        done = end
    return "".join([*pieces, text[done:]])


def _cards(text: str, grouped: bool) -> Iterator[tuple[int, int]]:
    """Yield where a card number begins and ends in a row of groups; a group is part of one at the most."""
    groups = [(group.start(), group.end()) for group in re.finditer("[0-9]+", text)]
    done = 0
    for first, (start, _) in enumerate(groups):
        for last in range(min(first + 5, len(groups)) - 1, first - 1, -1):
            part = groups[first : last + 1]
            digits = "".join(text[begin:end] for begin, end in part)
            shaped = last == first or (grouped and _card_shaped([end - begin for begin, end in part]))
            if start >= done and shaped and len(digits) in _LENGTHS and _RANGES.match(digits) and _checks(digits):
                done = groups[last][1]
                yield start, done
                break


def _card_shaped(sizes: list[int]) -> bool:
    return sizes[:2] == [4, 6] or (set(sizes[:-1]) == {4} and sizes[-1] <= 4)


def _checks(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0
