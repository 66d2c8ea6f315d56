"""Drip's behaviour: purchases of a subscriber, in pages of 100, and the lifetime value that grows with them.

A subscriber is addressed by id or e-mail address. Amounts are in cents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import instant, text
from mocktill.core.store import Row, Table

PAGE_SIZE = 100
"""How many purchases a page holds at most (Pagination)."""
HOST = "https://api.getdrip.com"
SAMPLE_ACCOUNT = "9999999"
"""The account of the samples, whose subscribers an account has that nobody seeded."""
MOST = 2**53 - 1
"""How far a lifetime value goes: what any client's JSON reads exactly."""
PURCHASE_FIELDS = ("provider", "order_id", "amount", "permalink", "properties", "occurred_at", "items")
ITEM_FIELDS = ("id", "product_id", "sku", "amount", "name", "quantity", "properties")
_NUMBER = re.compile(r"[0-9]{1,15}")
_SAMPLE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def create_purchase(call: Call, backend: Backend) -> Result:
    """Keep the purchases of a subscriber and raise its lifetime value; the answer is empty."""
    account, sent = _account(call, backend), call.body["purchases"]
    buyer = _buyer(call, account, backend)
    _check_length(sent, backend)
    _check_open(call.body, backend)
    _check_orders(buyer, sent, backend)
    add_purchases(buyer, sent, backend)
    return Result({})


def list_purchases(call: Call, backend: Backend) -> Result:
    """Return a page of the purchases of a subscriber."""
    subscriber, _ = _subscriber(call, backend)
    purchases = backend.table("purchases")
    total = purchases.count("by_subscriber", subscriber)
    page = _page(call.query.get("page"), backend)
    offset = (page - 1) * PAGE_SIZE
    if page > 1 and offset >= total and backend.choice("page_beyond_end") == "not_found":
        raise e.NotFound(f"page {page} is beyond the end")
    order = backend.choice("list_order") if total > 1 else "newest"
    index = "by_occurrence" if order == "occurred" else "by_subscriber"
    rows = purchases.page(index, subscriber, offset=offset, limit=PAGE_SIZE, newest=order != "oldest")
    pages = -(-total // PAGE_SIZE) or int(backend.choice("empty_total_pages"))
    meta = {"page": page, "count": len(rows), "total_pages": pages, "total_count": total}
    return Result({"links": _links(call, backend), "meta": meta, "purchases": _show_all(rows, call, backend)})


def fetch_purchase(call: Call, backend: Backend) -> Result:
    """Return one purchase of a subscriber."""
    subscriber, _ = _subscriber(call, backend)
    key = call.args["purchase_id"]
    row = backend.table("purchases").get(key)
    if row is None or row["subscriber"] != subscriber:
        raise e.NotFound(f"the subscriber {subscriber} has no purchase {key}")
    return Result({"links": _links(call, backend), "purchases": _show_all([(key, row)], call, backend)})


def read_subscriber(call: Call, backend: Backend) -> Result:
    """Return a subscriber, with the lifetime value of the purchases so far."""
    key, row = _subscriber(call, backend)
    root = _root(call, backend)
    links = {"subscribers.account": f"{root}/v2/accounts/{{subscribers.account}}"}
    return Result({"links": links, "subscribers": [_show_subscriber(key, row, root, call.args["account_id"])]})


def find_subscriber(subscribers: Table, account: str, wanted: str) -> tuple[str, Row] | None:
    """Return the subscriber of an account with this id or e-mail address, in whatever case."""
    row = subscribers.get(wanted)
    if row is not None and row["account"] == account:
        return wanted, row
    return subscribers.first("by_email", account, wanted.lower())


def add_subscriber(account: str, email: str, backend: Backend, **more: JSON) -> str:
    """Keep a new subscriber and return its id. Addresses are kept in lower case."""
    subscribers = backend.table("subscribers")
    key = backend.fake.text("subscriber", 20, unused=subscribers)
    row = {"account": account, "email": email.lower(), "created_at": text(backend.now), "lifetime_value": 0}
    subscribers.insert(key, {**row, **more})
    return key


def add_purchases(subscriber: str, sent: Sequence[Mapping[str, Any]], backend: Backend) -> list[str]:
    """Keep purchases of a subscriber, raise its lifetime value by their amounts, and return their ids."""
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
        place = {"subscriber": subscriber, "number": number}
        purchases.insert(key, {**place, **_new_purchase(one, redraw, backend)})
        made.append(key)
    value = row["lifetime_value"] + sum(int(one["amount"]) for one in sent)
    if abs(value) > MOST:
        raise e.Invalid(f"the lifetime value would be {value}", kind="range_error", field="amount")
    subscribers.put(subscriber, {**row, "lifetime_value": value})
    return made


def moment(sent: str) -> datetime:
    """Return the instant that an ISO 8601 text names, in UTC if it has no zone; raise ValueError for none."""
    try:
        at = datetime.fromisoformat(sent)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{sent} is out of range") from None


def drip_time(at: datetime) -> str:
    """Return an instant as the samples write it: `2013-06-21T10:31:58Z`."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _account(call: Call, backend: Backend) -> str:
    """Return the account whose subscribers answer."""
    wanted = call.args["account_id"]
    if wanted in backend.table("accounts"):
        return wanted
    if backend.choice("unknown_account") == "refuse":
        raise e.NotFound(f"there is no account {wanted}")
    return SAMPLE_ACCOUNT


def _subscriber(call: Call, backend: Backend) -> tuple[str, Row]:
    found = _find(call, _account(call, backend), backend)
    if found is None:
        raise e.NotFound(f"there is no subscriber {call.args['id_or_email']}")
    return found


def _find(call: Call, account: str, backend: Backend) -> tuple[str, Row] | None:
    wanted = call.args["id_or_email"]
    found = find_subscriber(backend.table("subscribers"), account, wanted)
    if found is not None and wanted not in (found[0], found[1]["email"]):
        return None if backend.choice("email_case") == "exact" else found
    return found


def _buyer(call: Call, account: str, backend: Backend) -> str:
    found = _find(call, account, backend)
    if found is not None:
        return found[0]
    wanted = call.args["id_or_email"]
    if backend.choice("unknown_subscriber") == "create" and "@" in wanted:
        return add_subscriber(account, wanted, backend)
    raise e.NotFound(f"there is no subscriber {wanted}")


def _check_length(sent: Sequence[JSON], backend: Backend) -> None:
    if not sent and backend.choice("empty_purchases") == "refuse":
        raise e.Invalid("no purchase came", kind="presence_error", field="purchases")
    if len(sent) > 1 and backend.choice("several_purchases") == "refuse":
        raise e.Invalid(f"{len(sent)} purchases came", kind="length_error", field="purchases")


def _check_open(body: Mapping[str, Any], backend: Backend) -> None:
    """Raise `Invalid` for a time that is none, and for the first value that a choice refuses."""
    asked: dict[str, str] = {}
    for one in body["purchases"]:
        if one.get("occurred_at") is not None:
            _check_time(one["occurred_at"])
    for name, code, field in _open(body):
        asked[name] = asked.get(name) or backend.choice(name)  # once for the answer, however often it is met
        if asked[name] == "refuse":
            raise e.Invalid(f"the choice drip.{name} refuses it", kind=code, field=field)


def _check_time(sent: str) -> None:
    try:
        moment(sent)
    except ValueError:
        raise e.Invalid(f"{sent} is no time", kind="time_error", field="occurred_at") from None


def _open(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what no document decides about a body: the choice, the code of refusing it, the attribute."""
    for name in body:
        if name != "purchases":
            yield "unknown_properties", "format_error", name
    for one in body["purchases"]:
        yield from _open_in(one)


def _open_in(one: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    parts = [("", PURCHASE_FIELDS, one), *[("items.", ITEM_FIELDS, item) for item in one.get("items") or ()]]
    for prefix, known, part in parts:
        for name, value in part.items():
            if name not in known:
                yield "unknown_properties", "format_error", prefix + name
            elif value is None:
                yield "null_values", "format_error", prefix + name
            elif name in {"amount", "quantity"} and value < 1:
                yield "amounts_below_one", "range_error", prefix + name


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


def _page(sent: str | None, backend: Backend) -> int:
    if sent is None:
        return 1
    if _NUMBER.fullmatch(sent) and int(sent) > 0:
        return int(sent)
    if backend.choice("invalid_page") == "refuse":
        raise e.Invalid(f"{sent[:50]!r} is no page", kind="range_error", field="page")
    return 1


def _root(call: Call, backend: Backend) -> str:
    return HOST if backend.choice("link_host") == "documented" else call.base_url


def _links(call: Call, backend: Backend) -> JSON:
    root = _root(call, backend)
    return {
        "purchases.account": f"{root}/v2/accounts/{{purchases.account}}",
        "purchases.subscriber": f"{root}/v2/subscribers/{{purchases.subscriber}}",
    }


def _show_all(rows: Sequence[tuple[str, Row]], call: Call, backend: Backend) -> list[JSON]:
    """Return purchases as the wire has them; each open choice is asked once, and only if it matters here."""
    gaps = any(_has_gaps(row) for _, row in rows)
    blank = "" if gaps and backend.choice("absent_values") == "empty" else None
    unlike = any(not _SAMPLE_TIME.fullmatch(row["occurred_at"]) for _, row in rows)
    utc = unlike and backend.choice("occurred_at_form") == "utc"
    return [_show(key, row, call.args["account_id"], blank, utc) for key, row in rows]


def _has_gaps(row: Row) -> bool:
    return any(part.get(name) is None for part, names in _parts(row) for name in names)


def _parts(row: Row) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    yield row, PURCHASE_FIELDS
    for item in row.get("items") or ():
        yield item, ITEM_FIELDS


def _show(key: str, row: Row, account: str, blank: str | None, utc: bool) -> JSON:
    def shown(part: Mapping[str, Any], name: str) -> JSON:
        value = part.get(name)
        if value is None:
            return {} if name == "properties" else blank
        return value

    texts = {name: shown(row, name) for name in PURCHASE_FIELDS}
    items = [{name: shown(item, name) for name in ITEM_FIELDS} for item in row.get("items") or ()]
    occurred_at = drip_time(instant(row["occurred"])) if utc else row["occurred_at"]
    links = {"account": account, "subscriber": row["subscriber"]}
    return {"id": key, **texts, "occurred_at": occurred_at, "items": items, "links": links}


def _show_subscriber(key: str, row: Row, root: str, account: str) -> JSON:
    return {
        "id": key,
        "status": row.get("status", "active"),
        "email": row["email"],
        "time_zone": row.get("time_zone"),
        "utc_offset": row.get("utc_offset"),
        "visitor_uuid": row.get("visitor_uuid"),
        "custom_fields": row.get("custom_fields", {}),
        "tags": row.get("tags", []),
        "ip_address": row.get("ip_address"),
        "user_agent": row.get("user_agent"),
        "original_referrer": row.get("original_referrer"),
        "landing_url": row.get("landing_url"),
        "prospect": row.get("prospect", False),
        "lead_score": row.get("lead_score"),
        "lifetime_value": row["lifetime_value"],
        "created_at": drip_time(instant(row["created_at"])),
        "href": f"{root}/v2/{account}/subscribers/{key}",
        "user_id": row.get("user_id"),
        "base_lead_score": row.get("base_lead_score"),
        "links": {"account": account},
    }
