"""What is in a sandbox: its tables, and the rows of one, page by page."""

from __future__ import annotations

from mocktill.control.ask import Ask
from mocktill.core.api import JSON
from mocktill.core.rows import contracts
from mocktill.core.sandbox import Sandbox
from mocktill.core.state import check_table, masked
from mocktill.core.store import Row

PAGE = 50
"""How many rows a page has where nobody says how many."""


def tables(ask: Ask) -> JSON:
    """The tables that a state may have, each with its API and how many rows are in it; `mocktill` is the sandbox."""
    with ask.box.reading():
        listed = [(name, len(ask.box.table(name))) for name in contracts(ask.served.catalogue)]
    return {"tables": [{"name": name, "api": name.partition(".")[0], "rows": rows} for name, rows in listed]}


def rows(ask: Ask) -> JSON:
    """One page of the rows of a table, by key, up to 500, or the one with the `key`. Secrets are masked.

    `total` is how many there are.
    """
    name, box = ask.args["table"], ask.box
    check_table(ask.served.catalogue, name)
    if "key" in ask.query:
        return _told(name, 1, 0, {ask.query["key"]: _row(box, name, ask.query["key"])})
    offset, limit = ask.query.get("offset", 0), ask.query.get("limit", PAGE)
    with box.reading():
        table = box.table(name)
        total, page = len(table), dict(table.page_by_key(offset, limit))
    return _told(name, total, offset, page)


def _row(box: Sandbox, table: str, key: str) -> Row:
    """Return one row; raise KeyError in words where there is none."""
    with box.reading():
        row = box.table(table).get(key)
    if row is None:
        raise KeyError(f"{table} has no row {key}")
    return row


def _told(name: str, total: int, offset: int, page: dict[str, Row]) -> JSON:
    told = masked({"tables": {name: page}})["tables"][name]  # rows do not change: nobody has to wait for this
    listed = [{"key": key, "row": row} for key, row in told.items()]
    return {"table": name, "total": total, "offset": offset, "rows": listed}
