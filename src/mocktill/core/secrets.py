"""Masking: what is secret is replaced before anything is kept.

Secret are the values under telling names (keys, tokens, passwords, cookies) and payment card numbers, known by their
range and check digit. The common text has none, and is found to have none at the price of a few searches.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus

import orjson

from mocktill.core.store import Row, Table

MASK = "***"
CACHED = 64
"""How long a name may be that is remembered: clients choose them."""
WHOLE = 64 * 1024
"""How many bytes of a body are kept; one that is longer and suspicious is cut there before it is searched."""
SHOWN = 200
"""At how many characters a value is cut that is shown to a person."""
NOTE = 2 * 1024
DIGEST = "sha256:"
"""What a digest begins with: nobody gets in by showing one."""
LONGEST = 8 * 1024
"""At how many characters the value of a header is cut."""
_NAMES = (
    "apikey",
    "token",
    "secret",
    "passw",
    "pwd",
    "authorization",
    "cookie",
    "cardnumber",
    "cvv",
    "cvc",
    "verificationvalue",
)
_SQUEEZED = bytes(b + 32 if 65 <= b <= 90 else b for b in range(256))
_DIGITS = bytes(48 if 48 <= b <= 57 else 46 for b in range(256))
_RUN = b"0" * 13
_UNBROKEN = re.compile(r"(?<![0-9])[0-9]{13,19}(?![0-9])")
_GROUPED = re.compile(  # 4-4-4-1 to 4-4-4-4-3, and 4-6-5; a letter that touches it with a hyphen makes it another code
    r"(?<![0-9])(?<![0-9A-Za-z]-)([0-9]{4})([ .-])(?:([0-9]{4})\2([0-9]{4})\2([0-9]{1,4})(?:\2([0-9]{1,3}))?"
    r"|([0-9]{6})\2([0-9]{4,5}))(?![0-9])"
)
_WITHIN_CODE = re.compile(r"[A-Za-z]|-[0-9A-Za-z]")
_RANGES = re.compile(
    r"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[47]|35|30[0-5]|36|3[89]|6011|64[4-9]|65|62|50|5[6-9]|6[37]"
)
_LENGTHS = range(13, 20)
_FORM = re.compile(rb"[^\s{}\"'<>=&]+=")
_USER = re.compile(r"(://|^)[^/@\s:]{0,200}:[^/@\s]{0,200}@")
_TELLING = (
    r"(?:api[_ -]{0,2}key|token|secret|passw|pwd|authorization|cookie|card[_ -]{0,2}number|cvv|cvc"
    r"|verification[_ -]{0,2}value)"
)
_ELEMENT = re.compile(rf"(<[\w:.-]{{0,64}}{_TELLING}[\w:.-]{{0,64}}(?:\s[^<>]{{0,500}})?>)([^<]+)", re.IGNORECASE)
_PART = re.compile(  # of a multipart form: the name in its head, and the line after it
    rf'(\bname="?[^"\r\n]{{0,64}}{_TELLING}[^\r\n]{{0,200}}\r?\n(?:[^\r\n]{{1,500}}\r?\n){{0,8}}\r?\n)([^\r\n]+)',
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer)\s{1,16}[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_PAIR = re.compile(  # begins with the telling word and bounds what may follow it, so that no text takes it long
    rf"({_TELLING}[\w\] -]{{0,64}}"
    r"""["']?\s{0,16}[:=]\s{0,16})("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[\[{].*|[^&\r\n]*)""",
    re.IGNORECASE | re.DOTALL,
)


def secret(name: str) -> bool:
    """Whether what stands under this name is secret."""
    return _known(name) if len(name) <= CACHED else _telling(name)


@lru_cache(maxsize=512)
def _known(name: str) -> bool:
    return _telling(name)


def _telling(name: str) -> bool:
    squeezed = name.lower().replace("_", "").replace("-", "").replace(" ", "")
    return any(known in squeezed for known in _NAMES)


def digest(text: str) -> str:
    """Return what a secret that the sandbox issued is kept as: it is found again by it, and not read from it."""
    return DIGEST + sha256(text.encode()).hexdigest()


def known_credential(rows: Table, credential: str) -> Row | None:
    """Return the row of a credential: of a seeded one, or of one that the sandbox issued and knows by its digest."""
    row = None if credential.startswith(DIGEST) else rows.get(credential)
    return rows.get(digest(credential)) if row is None else row


def suspicious(body: bytes) -> bool:
    """Whether there may be a secret in these bytes; False is certain."""
    if not body:
        return False
    text = body.translate(_SQUEEZED, b"_- +.")
    return (  # spelt out, at half the price of a loop: every body comes by here
        b"apikey" in text
        or b"token" in text
        or b"secret" in text
        or b"passw" in text
        or b"pwd" in text
        or b"authorization" in text
        or b"cookie" in text
        or b"cardnumber" in text
        or b"cvv" in text
        or b"cvc" in text
        or b"verificationvalue" in text
        or b"\\u" in text
        or b"%" in text
        or b"bearer" in text
        or _RUN in text.translate(_DIGITS)
    )


def masked_headers(headers: Mapping[str, str], own: Collection[str] = ()) -> dict[str, str]:
    """Return the headers with secret ones masked, those in `own` too, and what is secret inside the others."""
    return {
        masked_text(name[:CACHED]): MASK if name in own or _secret_header(name) else _by_pattern(value)[:LONGEST]
        for name, value in headers.items()
    }


def named_headers(headers: Mapping[str, str], own: Collection[str] = ()) -> dict[str, str]:
    """Return the headers with secret ones masked by name: enough where the others are not suspicious."""
    return {name[:CACHED]: MASK if name in own or _secret_header(name) else value for name, value in headers.items()}


def _secret_header(name: str) -> bool:
    return secret(name) or "auth" in name


def masked_query(query: str) -> str:
    """Return a raw query string, or a form, with its secrets masked; the rest stays as it came, cut if it is long."""
    if not query:
        return query
    return "&".join([_masked_parameter(parameter) for parameter in query[: 4 * LONGEST].split("&")])[:LONGEST]


def masked_body(body: bytes) -> bytes:
    """Return a body with its secrets masked: JSON and forms by field, anything else, and a long one, by pattern."""
    if not suspicious(body):
        return body
    if len(body) > WHOLE:
        return _by_pattern(body[:WHOLE].decode(errors="replace")).encode()
    try:
        return orjson.dumps(masked(orjson.loads(body)))
    except (ValueError, TypeError, RecursionError):
        text = body.decode(errors="replace")
        return (masked_query(text) if _FORM.match(body) else _by_pattern(text)).encode()


def masked(value: Any) -> Any:
    """Return a JSON value with its secrets masked, wherever they stand."""
    if isinstance(value, Mapping):
        named = value.get("name")  # `{"name": "password", "value": …}` is a way to send pairs as well
        telling = isinstance(named, str) and secret(named)
        return {
            masked_text(key): MASK if _hides(key, telling) and not _plain(item) else masked(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str):
        return _by_pattern(value) if suspicious(value.encode(errors="replace")) else value
    if isinstance(value, (int, float)) and 10**12 <= abs(value) < 10**19:
        number = str(abs(int(value)))
        return value if masked_text(number) == number else masked_text(number)
    return value


def _hides(key: str, telling: bool) -> bool:
    return secret(key) or (telling and key in {"value", "values"})


def _plain(value: Any) -> bool:
    """Whether a value is no secret whatever its name: a flag such as `allows_cookies`, or none."""
    return value is None or isinstance(value, bool)


def masked_note(text: str) -> str:
    """Return a sentence or a path with its secrets masked, cut to a length that a person reads."""
    return (_by_pattern(text[:LONGEST]) if suspicious(text.encode(errors="replace")) else text)[:NOTE]


def masked_text(text: str) -> str:
    """Return a text with payment card numbers masked but for their last four digits."""
    if len(text) < _LENGTHS[0] or _RUN not in text.encode(errors="replace").translate(_DIGITS, b" -."):
        return text
    return _GROUPED.sub(_masked_grouped, _UNBROKEN.sub(_masked_unbroken, text))


def shown(value: Any) -> str:
    """Return a value as JSON text, with its secrets masked, cut to a length that a person reads."""
    try:
        text = orjson.dumps(value).decode()
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    text = _by_pattern(text[: 8 * SHOWN])  # far enough behind the cut that no card is cut before it is masked
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _masked_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if secret(unquote_plus(name)) and equals:
        return f"{masked_text(name)}={MASK}"
    plain = unquote_plus(value)
    return f"{masked_text(name)}{equals}{value if masked_text(plain) == plain else masked_text(plain)}"


def _by_pattern(text: str) -> str:
    """Mask pairs of a telling name and a value, the user and password of a URL, and card numbers."""

    def hide(pair: re.Match[str]) -> str:
        return pair[1] + (f'"{MASK}"' if pair[2].startswith('"') else MASK)

    if "<" in text:
        text = _ELEMENT.sub(rf"\1{MASK}", text)
    if "\n" in text:
        text = _PART.sub(rf"\1{MASK}", text)
    return masked_text(_BEARER.sub(rf"\1 {MASK}", _USER.sub(rf"\1{MASK}@", _PAIR.sub(hide, text))))


def _masked_unbroken(found: re.Match[str]) -> str:
    return _hidden(found[0]) if _is_card(found[0]) else found[0]


def _masked_grouped(found: re.Match[str]) -> str:
    """Mask a card that is written in groups; the last group may be none of its own (an expiry date, say)."""
    text, around = found[0], found.string
    after, before = around[found.end() : found.end() + 2], around[: found.start()][-1:]
    if found[2] == "-" and (before.isalpha() or _WITHIN_CODE.match(after)):
        return text
    digits = re.sub("[^0-9]", "", text)
    if _is_card(digits):
        return _hidden(digits)
    rest = found[6] or ""
    shorter = digits[: len(digits) - len(rest)]
    if rest and _is_card(shorter):
        return f"{_hidden(shorter)}{found[2]}{rest}"
    return text


def _hidden(digits: str) -> str:
    return "*" * (len(digits) - 4) + digits[-4:]


def _is_card(digits: str) -> bool:
    return len(digits) in _LENGTHS and _RANGES.match(digits) is not None and _checks(digits)


def _checks(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0
