"""Drip's behaviour with purchases: they are kept, listed by the hundred and fetched, and raise the lifetime value.

A subscriber is addressed by id or e-mail address. Amounts are in cents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mocktill.apis.drip.accounts import account_of, add_subscriber, find, subscriber_of
from mocktill.apis.drip.events import tell_lifetime_value
from mocktill.apis.drip.leeway import Doubt, check_doubts, check_length, is_absent, unknown_beside
from mocktill.apis.drip.listing import Page, page_number
from mocktill.apis.drip.show import (
    ITEM_FIELDS,
    PURCHASE_FIELDS,
    account_links,
    drip_time,
    moment,
    purchase_links,
    show_account,
    show_purchases,
)
from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import text

MOST = 2**53 - 1
"""How far a lifetime value goes: what any client's JSON reads exactly."""
ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f,;<>]+@[^@\s\x00-\x1f\x7f.,;<>]+(\.[^@\s\x00-\x1f\x7f.,;<>]+)+")
"""What an e-mail address looks like in a path, as in a body."""


def create_purchase(call: Call, backend: Backend) -> Result:
    """Keep the purchases of a subscriber and raise its lifetime value; the answer is empty."""
    account, sent = account_of(call, backend), call.body["purchases"]
    buyer = _buyer(call, account, backend)
    check_length(sent, "purchases", backend)
    _check_times(sent)
    check_doubts(_doubts(call.body), backend)
    _check_orders(buyer, sent, backend)
    before = (backend.table("subscribers").get(buyer) or {}).get("lifetime_value", 0)
    add_purchases(buyer, sent, backend)
    tell_lifetime_value(buyer, before, call, backend)
    return Result({})


def list_purchases(call: Call, backend: Backend) -> Result:
    """Return a page of the purchases of a subscriber."""
    subscriber, _ = subscriber_of(call, backend)
    purchases = backend.table("purchases")
    total = purchases.count("by_subscriber", subscriber)
    page = Page(page_number(call.query.get("page"), backend))
    page.check(total, backend)
    order = backend.choice("list_order") if total > 1 else "newest"
    index = "by_occurrence" if order == "occurred" else "by_subscriber"
    rows = purchases.page(index, subscriber, offset=page.offset, limit=page.size, newest=order != "oldest")
    meta, links = page.meta(len(rows), total, backend), purchase_links(call, backend)
    return Result({"links": links, "meta": meta, "purchases": show_purchases(rows, call, backend)})


def fetch_purchase(call: Call, backend: Backend) -> Result:
    """Return one purchase of a subscriber."""
    subscriber, _ = subscriber_of(call, backend)
    key = call.args["purchase_id"]
    row = backend.table("purchases").get(key)
    if row is None or row["subscriber"] != subscriber:
        raise e.NotFound(f"the subscriber {subscriber} has no purchase {key}")
    return Result({"links": purchase_links(call, backend), "purchases": show_purchases([(key, row)], call, backend)})


def fetch_account(call: Call, backend: Backend) -> Result:
    """Return an account; one that nobody listed is, by choice, as that of the samples."""
    row = backend.table("accounts").get(account_of(call, backend)) or {}
    shown = show_account(call.args["account_id"], row, call, backend)
    return Result({"links": account_links(backend), "accounts": [shown]})


def add_purchases(
    subscriber: str, sent: Sequence[Mapping[str, Any]], backend: Backend, *, own_page: bool = False
) -> list[str]:
    """Keep purchases of a subscriber, raise its lifetime value by their amounts, and return their ids.

    With `own_page` their permalinks are pages of the sandbox.
    """
    subscribers, purchases = backend.table("subscribers"), backend.table("purchases")
    row = subscribers.get(subscriber)
    if row is None:
        raise KeyError(subscriber)
    last = purchases.page("by_subscriber", subscriber, offset=0, limit=1, newest=True)
    number = last[0][1]["number"] if last else 0
    named = any(item.get("id") for one in sent for item in one.get("items") or ())
    redraw = named and backend.choice("item_id") == "draw"
    made = []
    for one in sent:
        number += 1
        key = backend.fake.number("purchase", 7, unused=purchases)
        place = {"subscriber": subscriber, "number": number, **({"own_page": True} if own_page else {})}
        purchases.insert(key, {**place, **_new_purchase(one, redraw, backend)})
        made.append(key)
    value = row["lifetime_value"] + sum(int(one["amount"]) for one in sent)
    if abs(value) > MOST:
        raise e.Invalid(f"the lifetime value would be {value}", kind="range_error", field="amount")
    subscribers.put(subscriber, {**row, "lifetime_value": value})
    return made


def _buyer(call: Call, account: str, backend: Backend) -> str:
    found = find(call, account, backend)
    if found is not None:
        return found[0]
    wanted = call.args["id_or_email"]
    if backend.choice("unknown_subscriber") == "create" and ADDRESS.fullmatch(wanted):
        return add_subscriber(account, wanted, backend)
    raise e.NotFound(f"there is no subscriber {wanted}")


def _check_times(sent: Sequence[Mapping[str, Any]]) -> None:
    """Raise `Invalid` for a time that looks like one and is none: no pattern tells."""
    for one in sent:
        if one.get("occurred_at") is not None:
            _check_time(one["occurred_at"])


def _check_time(sent: str) -> None:
    try:
        moment(sent)
    except ValueError:
        raise e.Invalid(f"{sent} is no time", kind="time_error", field="occurred_at") from None


def _doubts(body: Mapping[str, Any]) -> Iterator[Doubt]:
    """Yield what no document decides about a body."""
    yield from unknown_beside(body, "purchases")
    for one in body["purchases"]:
        yield from _doubts_in(one)


def _doubts_in(one: Mapping[str, Any]) -> Iterator[Doubt]:
    parts = [("", PURCHASE_FIELDS, one), *[("items.", ITEM_FIELDS, item) for item in one.get("items") or ()]]
    for prefix, known, part in parts:
        for name, value in part.items():
            if name not in known:
                yield Doubt("unknown_properties", "format_error", prefix + name)
            elif is_absent(name, value):
                yield Doubt("null_values", "format_error", prefix + name)
            elif name in {"amount", "quantity"} and value < 1:
                yield Doubt("amounts_below_one", "range_error", prefix + name)


def _check_orders(buyer: str, sent: Sequence[Mapping[str, Any]], backend: Backend) -> None:
    orders = [(one.get("provider"), one["order_id"]) for one in sent if one.get("order_id") is not None]
    purchases = backend.table("purchases")
    taken = len(set(orders)) < len(orders) or any(purchases.count("by_order", buyer, *order) for order in orders)
    if taken and backend.choice("same_order_id") == "refuse":
        raise e.Invalid("an order came twice", kind="uniqueness_error", field="order_id")


def _new_purchase(one: Mapping[str, Any], redraw: bool, backend: Backend) -> dict[str, JSON]:
    """Return what a client sent of a purchase as a row: known fields only, with the defaults of the rest."""
    occurred_at = one.get("occurred_at") or drip_time(backend.now)
    sent_items = one.get("items")
    items = None if sent_items is None else [_new_item(item, redraw, backend) for item in sent_items]
    known = {name: one.get(name) for name in PURCHASE_FIELDS}
    when = {"occurred_at": occurred_at, "occurred": text(moment(occurred_at))}
    return {**known, "amount": int(one["amount"]), "items": items, **when}


def _new_item(item: Mapping[str, Any], redraw: bool, backend: Backend) -> dict[str, JSON]:
    key = item.get("id")
    if not key or redraw:  # an empty text names nothing
        key = backend.fake.number("item", 7)
    quantity = item.get("quantity")
    known = {name: item.get(name) for name in ITEM_FIELDS}
    numbers = {"amount": int(item["amount"]), "quantity": 1 if quantity is None else int(quantity)}
    return {**known, "id": key, **numbers}
