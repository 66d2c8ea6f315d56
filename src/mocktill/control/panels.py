"""What a person sees of each API: its objects as cells, each with what of it can be changed."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from mocktill.control.ask import Ask
from mocktill.core.api import JSON, Api, Backend, Panel
from mocktill.core.fake import Fake
from mocktill.core.names import find_named
from mocktill.core.panels import Field
from mocktill.core.sandbox import Sandbox
from mocktill.core.secrets import masked, masked_text, suspicious
from mocktill.core.store import Row, Table

LIMIT = 50
"""How many objects are told where nobody says how many."""


def panels(ask: Ask) -> JSON:
    """The lists of objects that each API has to show, with how many are in each. An API can have none."""
    with ask.box.reading():
        return {"panels": [_listed(api, one, ask.box) for api in ask.served.apis for one in api.panels]}


def panel(ask: Ask) -> JSON:
    """One page of objects, or the one with the `key`: its cells by column, and its values by field; secrets masked.

    A field is changed as a field of the row with the object's key in the field's table. An `optional` one can be null;
    another one that is null is not in its row.
    """
    api = find_named("API", ask.args["api"], ask.served.apis)
    one = find_named("panel", ask.args["panel"], api.panels, f"of {api.name}")
    with ask.box.reading():
        listed = _listed(api, one, ask.box)
        rows = _rows(ask, one, ask.box.table(listed["table"]))
        backend = _onlooker(api, ask)
        objects = [_object(key, row, one, backend) for key, row in rows]
    return {
        **listed,
        "total": 1 if "key" in ask.query else listed["total"],
        "base_url": ask.served.url(api.name, ask.root),
        "columns": [{"name": column.name, "title": column.title, "kind": column.kind} for column in one.columns],
        "fields": [_field(field, api, one) for field in one.fields],
        "acts": [
            {"name": f"{api.name}.{act.name}", "summary": act.summary} for act in api.acts if act.name in one.acts
        ],
        "nothing": one.nothing,
        "offset": _offset(ask),
        "objects": [_masked(told) for told in objects],
    }


def _listed(api: Api, one: Panel, box: Sandbox) -> dict[str, JSON]:
    table = f"{api.name}.{one.table}"
    rows = box.table(table)
    total = rows.count(one.index) if one.index else len(rows)
    return {"api": api.name, "name": one.name, "title": one.title, "table": table, "total": total}


def _rows(ask: Ask, one: Panel, table: Table) -> Iterable[tuple[str, Row]]:
    """Return the rows that are asked for; raise KeyError in words for a key that there is not."""
    if "key" in ask.query:
        key = ask.query["key"]
        row = table.get(key)
        if row is None:
            raise KeyError(f"{table.name} has no row {key}")
        return [(key, row)]
    offset, limit = _offset(ask), ask.query.get("limit", LIMIT)
    if one.index:
        return table.page(one.index, offset=offset, limit=limit, newest=not one.earliest)
    return table.page_by_key(offset, limit)


def _offset(ask: Ask) -> int:
    return 0 if "key" in ask.query else int(ask.query.get("offset", 0))


def _onlooker(api: Api, ask: Ask) -> Backend:
    """Return a backend of our own: what it is asked has decided the answer of no request."""
    box, options = ask.box, ask.served.catalogue.shelves[api.name].choices
    fake = Fake(box.table("mocktill.settings"), api.name, box.table("mocktill.counters"))
    backend = Backend(api.name, box.store, fake, options, box.table("mocktill.choices"), stock=api.stock)
    backend.begin(box.now())
    return backend


def _object(key: str, row: Row, one: Panel, backend: Backend) -> JSON:
    values = {field.name: _value(key, row, field, one, backend) for field in one.fields}
    return {"key": key, "cells": dict(one.show(key, row, backend)), "values": values}


def _masked(told: JSON) -> JSON:
    """Return an object to give away: what a state masks is masked; most have nothing of it, and are soon known."""
    if not suspicious(orjson.dumps(told)):
        return told
    return {"key": masked_text(told["key"]), "cells": masked(told["cells"]), "values": masked(told["values"])}


def _value(key: str, row: Row, field: Field, one: Panel, backend: Backend) -> JSON:
    held = row if field.table in {"", one.table} else backend.table(field.table).get(key) or {}
    return held.get(field.name, field.default)


def _field(field: Field, api: Api, one: Panel) -> JSON:
    return {
        "name": field.name,
        "title": field.title,
        "kind": field.kind,
        "table": f"{api.name}.{field.table or one.table}",
        "options": list(field.options),
        "optional": field.optional,
    }
