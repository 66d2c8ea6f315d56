"""Kajabi's behaviour: a purchase of an offer, as a whole document or with the fields that were asked for.

Attributes are always in the order of the page's table, whatever the order in which they were asked for: the
documented sample fits both. Amounts are in cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from mocktill.core import errors as e
from mocktill.core.api import JSON, Backend, Call, Result
from mocktill.core.clock import instant
from mocktill.core.store import Row, Table

FIELDS = "fields[purchases]"
ATTRIBUTES = (
    "amount_in_cents",
    "payment_type",
    "trial",
    "trial_end_at",
    "multipay_payments_made",
    "payment_plan_total_payments",
    "status",
    "opt_in",
    "raw_extra_contact_information",
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
"""The attributes of a purchase, in the order of their table (Purchases, Purchase details)."""
PROSE_ONLY = frozenset({"trial", "trial_end_at", "payment_plan_total_payments", "status"})
"""What the page lists and the published schema lacks."""
INSTANTS = frozenset({"trial_end_at", "effective_start_at", "deactivated_at", "created_at", "updated_at"})
SHOWN = 100
"""How much of a client's own words an error repeats."""


def purchase_details(call: Call, backend: Backend) -> Result:
    """Return a purchase: the whole document, or id, type and the attributes that were asked for."""
    _check_parameters(call, backend)
    key = call.args["id"]
    row = backend.table("purchases").get(key)
    if row is None:
        raise e.NotFound(f"there is no purchase {key}")
    fields = _fields(call, backend)
    names = _names(fields, backend)
    data = {"id": key, "type": "purchases", "attributes": _attributes(key, row, names, backend)}
    if fields is not None or backend.choice("full_document") == "attributes_only":
        return Result({"data": data})
    # Both links are built from the request, so that they lead back here under any host and prefix.
    address = f"{call.base_url}/v1/purchases/{quote(key, safe='')}"
    document = {
        "data": {**data, "relationships": _relationships(key, row, backend)},
        "links": {"self": address, "current": address},
    }
    return Result(document)


def asked_for(value: JSON, call: Call, backend: Backend) -> JSON:
    """Return of a made document what the request asked for: all of it, or the attributes that it named."""
    _check_parameters(call, backend)
    fields = _fields(call, backend)
    if fields is None:
        return value
    data, names = value["data"], _names(fields, backend)
    return {"data": {**{key: data[key] for key in ("id", "type")}, "attributes": _only(data["attributes"], names)}}


def _only(attributes: Mapping[str, JSON], names: list[str]) -> JSON:
    return {name: attributes[name] for name in names}


def status(key: str, row: Row, transactions: Table) -> str:
    """Return the status of a purchase: for a one-time purchase its transaction's, else the plan's own."""
    if row["payment_type"] == "single":
        newest = transactions.page("by_purchase", key, offset=0, limit=1, newest=True)
        if newest:
            return str(newest[0][1]["state"])
    return str(row["status"])


def kajabi_date(at: str) -> str:
    """Return an instant of a row as Kajabi writes it: `2025-07-31T16:59:27.580Z`."""
    return instant(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_parameters(call: Call, backend: Backend) -> None:
    unknown = [name for name in call.query if name != FIELDS]
    if unknown and backend.choice("unknown_parameters") == "400":
        raise e.Malformed(f"{_said(unknown)}: no such parameter", field=unknown[0])


def _fields(call: Call, backend: Backend) -> list[str] | None:
    """Return the names in `fields[purchases]`, or None where everything is to be answered."""
    value = call.query.get(FIELDS)
    if value is None:
        return None
    fields = [name for part in value.split(",") if (name := part.strip())]
    if not fields and backend.choice("empty_fields") == "all":
        return None
    return fields


def _names(fields: list[str] | None, backend: Backend) -> list[str]:
    """Return the attributes to answer, in the table's order."""
    known = _known(fields, backend)
    if fields is None:
        return known
    unknown = [name for name in fields if name not in known]
    if unknown:
        _refuse_or_note(unknown, backend)
    wanted = set(fields)
    return [name for name in known if name in wanted]


def _known(fields: list[str] | None, backend: Backend) -> list[str]:
    """Return the attributes that there are; the choice decides only where one of its four is in question."""
    asked = fields is None or not PROSE_ONLY.isdisjoint(fields)
    if asked and backend.choice("prose_only_attributes") == "absent":
        return [name for name in ATTRIBUTES if name not in PROSE_ONLY]
    return list(ATTRIBUTES)


def _refuse_or_note(unknown: list[str], backend: Backend) -> None:
    sentence = f"{_said(unknown)}: no such field of purchases"
    match backend.choice("unknown_fields"):
        case "400":
            raise e.Malformed(sentence, field=FIELDS)
        case "422":
            raise e.Invalid(sentence, field=FIELDS)
        case _:
            backend.note(f"left out: {sentence}")


def _said(names: Iterable[str]) -> str:
    text = ", ".join(names)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _attributes(key: str, row: Row, names: Iterable[str], backend: Backend) -> dict[str, JSON]:
    return {name: _attribute(name, key, row, backend) for name in names}


def _attribute(name: str, key: str, row: Row, backend: Backend) -> JSON:
    if name == "status":
        return status(key, row, backend.table("transactions"))
    value: Any = row[name]
    return kajabi_date(value) if name in INSTANTS and value is not None else value


def _relationships(key: str, row: Row, backend: Backend) -> dict[str, JSON]:
    offer = backend.table("offers").get(row["offer_id"]) or {}
    transactions = [number for number, _ in backend.table("transactions").find("by_purchase", key)]
    return {
        "offer": {"data": _identifier("offers", row["offer_id"])},
        "customer": {"data": _identifier("customers", row["customer_id"])},
        "transactions": {"data": [_identifier("transactions", number) for number in transactions]},
        "products": {"data": [_identifier("products", number) for number in offer.get("products", ())]},
    }


def _identifier(kind: str, key: str) -> dict[str, str]:
    return {"id": key, "type": kind}
