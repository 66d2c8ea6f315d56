"""Masking: what is secret is replaced before anything is kept.

Secret are the values under telling names (keys, tokens, passwords, cookies) and payment card numbers, known by
their range and check digit. The common body has none, and is found to have none at the price of a few searches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_plus

import orjson

from mocktill.core.api import JSON

MASK = "***"
_NAMES = (
    "apikey",
    "token",
    "secret",
    "password",
    "passwd",
    "authorization",
    "cookie",
    "cardnumber",
    "cvv",
    "cvc",
)
_SQUEEZED = bytes(b + 32 if 65 <= b <= 90 else b for b in range(256))
_DIGITS = bytes(48 if 48 <= b <= 57 else 46 for b in range(256))
_RUN = b"0" * 13
_CARD = re.compile(  # standing alone: the groups of a UUID are none
    r"(?<![0-9A-Za-z])(?<![0-9A-Za-z][-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])(?!-[0-9A-Za-z])"
)
_RANGES = re.compile(
    r"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[47]|35|30[0-5]|36|3[89]|6011|64[4-9]|65|62|50|5[6-9]|6[37]"
)
_PAIR = re.compile(
    r"""(["']?[\w-]*(?:api[_-]?key|token|secret|passw(?:or)?d|authorization|cookie|card[_-]?number|cvv|cvc)"""
    r"""[\w-]*["']?\s*[:=]\s*)("[^"]*"?|[^\s,&}\]]+)""",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def secret(name: str) -> bool:
    """Whether what stands under this name is secret."""
    squeezed = name.lower().replace("_", "").replace("-", "").replace(" ", "")
    return any(known in squeezed for known in _NAMES)


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with the values of secret ones masked."""
    return {name: MASK if secret(name) else masked_text(value) for name, value in headers.items()}


def masked_query(query: str) -> str:
    """Return a raw query string with secret values masked; one without secrets is not touched."""
    if not query:
        return query
    return "&".join([_masked_parameter(parameter) for parameter in query.split("&")])


def _masked_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if secret(unquote_plus(name)) and equals:
        return f"{name}={MASK}"
    plain = unquote_plus(value)
    return f"{name}{equals}{value}" if masked_text(plain) == plain else f"{name}={masked_text(plain)}"


def suspicious(body: bytes) -> bool:
    """Whether there may be a secret in these bytes; False is certain."""
    if not body:
        return False
    text = body.translate(_SQUEEZED, b"_- ")
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


def masked_body(body: bytes) -> bytes:
    """Return a body with its secrets masked: JSON and forms by field, anything else by pattern."""
    if not body or not suspicious(body):
        return body
    try:
        return orjson.dumps(masked(orjson.loads(body)))
    except (ValueError, RecursionError):
        return masked_text(_PAIR.sub(rf'\1"{MASK}"', body.decode(errors="replace"))).encode()


def masked(value: JSON) -> JSON:
    """Return a JSON value with its secrets masked."""
    if isinstance(value, Mapping):
        return {key: MASK if secret(key) and item is not None else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, int) and value >= 10**12:
        number = str(value)
        return masked_text(number) if masked_text(number) != number else value
    return value


def masked_text(text: str) -> str:
    """Return a text with payment card numbers masked but for their last four digits."""
    return _CARD.sub(_masked_card, text) if len(text) > 12 else text


def _masked_card(found: re.Match[str]) -> str:
    digits = re.sub(r"[ -]", "", found[0])
    if not _RANGES.match(digits) or not _checks(digits):
        return found[0]
    return "*" * (len(digits) - 4) + digits[-4:]


def _checks(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0
