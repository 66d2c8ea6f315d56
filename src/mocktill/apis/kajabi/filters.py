"""The filters of the list of purchases (Purchases: List purchases, Filters): each becomes a test that a row passes.

`filter[<attribute>_<suffix>]` compares one attribute. Instants are compared as the wire has them, by the millisecond:
else what was created after the last one that a client saw would be that one again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from mocktill.apis.kajabi.documents import INSTANTS, SITE, kajabi_date
from mocktill.apis.kajabi.parameters import wrong
from mocktill.core.api import Backend, Call
from mocktill.core.clock import instant
from mocktill.core.store import Row

SORTABLE = (
    "multipay_payments_made",
    "opt_in",
    "currency",
    "effective_start_at",
    "cardholder_name",
    "billing_address_zip",
    "deactivated_at",
    "deactivation_reason",
    "coupon_code",
    "source",
    "referrer",
    "quantity",
    "created_at",
    "updated_at",
)
"""The attributes to sort and to filter by, as listed (Purchases: List purchases)."""
FILTERED = ("amount_in_cents", *SORTABLE)
"""The attributes to filter by: the page's examples have one more than its list."""
SUFFIXES = ("eq", "cont", "not_eq", "not_cont", "gt", "gte", "lt", "lte", "start", "end")
COMPARISONS = {f"filter[{name}_{suffix}]": (name, suffix) for name in FILTERED for suffix in SUFFIXES}
SITE_ID, CUSTOMER_ID = "filter[site_id]", "filter[customer_id]"
FLAGS = {"filter[active]": True, "filter[deactivated]": False}
"""The filters on whether a purchase is deactivated, and whether the active ones are those that `true` lets pass."""
KNOWN = frozenset({*COMPARISONS, *FLAGS, SITE_ID, CUSTOMER_ID})
WHOLE = frozenset({"amount_in_cents", "multipay_payments_made", "quantity"})
"""The attributes that are whole numbers."""
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_WHOLE = re.compile(r"-?[0-9]{1,18}")

Test = Callable[[Row], bool]


def tests(call: Call, backend: Backend) -> list[Test]:
    """Return the tests that a row has to pass, the customer's aside; raise what `wrong` does for a wrong filter."""
    found = []
    for name, value in call.query.items():
        if name in COMPARISONS:
            found.append(_comparison(name, value, backend))
        elif name in FLAGS:
            found.append(_flag(name, value))
        elif name == SITE_ID:
            found.append(partial(_on_site, backend, value))
        elif name.startswith("filter[") and name not in KNOWN:
            raise wrong(name, "no such filter: it is filter[attribute_suffix], with an attribute and a suffix listed")
    return found


def _flag(name: str, value: str) -> Test:
    wanted = _boolean(name, value)
    active = wanted is FLAGS[name]
    return lambda row: (row["deactivated_at"] is None) is active


def _on_site(backend: Backend, site: str, row: Row) -> bool:
    """Whether a purchase is of an offer of this site; one whose offer has gone is of none."""
    offer = backend.table("offers").get(row["offer_id"])
    return offer is not None and offer.get("site_id", SITE) == site


def _comparison(name: str, value: str, backend: Backend) -> Test:
    attribute, suffix = COMPARISONS[name]
    compare: Callable[[Any], bool]
    if suffix in {"cont", "not_cont", "start", "end"}:
        compare = _textual(suffix, value, backend)
        read = partial(_as_text, attribute)
    else:
        compare = _ordered(suffix, _typed(name, attribute, value))
        read = partial(_as_value, attribute)
    negative = suffix.startswith("not_")

    @cache
    def passes_null() -> bool:
        return negative and backend.choice("filter_nulls") == "match"

    def passes(row: Row) -> bool:
        """Whether a row passes the comparison; null passes none, but by choice a negative one."""
        value = row[attribute]
        return passes_null() if value is None else compare(read(value)) is not negative

    return passes


def _textual(suffix: str, wanted: str, backend: Backend) -> Callable[[str], bool]:
    cased = wanted.lower() != wanted.upper()
    fold = str.casefold if cased and backend.choice("filter_case") == "insensitive" else str
    wanted = fold(wanted)
    match suffix:
        case "start":
            return lambda text: fold(text).startswith(wanted)
        case "end":
            return lambda text: fold(text).endswith(wanted)
        case _:
            return lambda text: wanted in fold(text)


def _ordered(suffix: str, wanted: Any) -> Callable[[Any], bool]:
    match suffix:
        case "gt":
            return lambda value: bool(value > wanted)
        case "gte":
            return lambda value: bool(value >= wanted)
        case "lt":
            return lambda value: bool(value < wanted)
        case "lte":
            return lambda value: bool(value <= wanted)
        case _:
            return lambda value: bool(value == wanted)


def _as_value(attribute: str, value: Any) -> Any:
    """Return the value of an attribute as it is compared."""
    return kajabi_date(value) if attribute in INSTANTS else value


def _as_text(attribute: str, value: Any) -> str:
    """Return the value of an attribute as the wire has it."""
    if attribute in INSTANTS:
        return kajabi_date(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(name: str, attribute: str, value: str) -> Any:
    """Return what a filter compares with, of the attribute's type."""
    if attribute in WHOLE:
        if not _WHOLE.fullmatch(value):
            raise wrong(name, "a whole number is meant")
        return int(value)
    if attribute == "opt_in":
        return _boolean(name, value)
    return _instant(name, value) if attribute in INSTANTS else value


def _boolean(name: str, value: str) -> bool:
    if value.lower() not in BOOLEANS:
        raise wrong(name, "true or false is meant")
    return BOOLEANS[value.lower()]


def _instant(name: str, value: str) -> str:
    """Return an instant as the wire has it; a date without a time is its midnight in UTC."""
    try:
        # a plus that was not percent-encoded came as a space
        at = instant(f"{value}T00:00:00Z" if len(value) == 10 else value.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise wrong(name, "a date or an instant with its time zone is meant: 2025-07-31T16:59:27.580Z") from None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
